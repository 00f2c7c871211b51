//! A request as curl and HAR know it, into a step.

use serde_json::{Map, Value as Json};
use url::Url;

use super::model::{ImportedStep, Note, action_of_method, escape_template};
use super::secrets::{Secrets, is_secret_header, is_secret_name};

/// One request.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RawRequest {
    /// Where it stood, for notes.
    pub(super) line: usize,
    /// As written.
    pub(super) method: String,
    /// Absolute.
    pub(super) url: Url,
    /// In the order written; names may repeat.
    pub(super) headers: Vec<(String, String)>,
    /// User and password.
    pub(super) basic_auth: Option<(String, String)>,
    /// What is sent.
    pub(super) body: RawBody,
}

/// The body of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum RawBody {
    /// None.
    #[default]
    Empty,
    /// A text; its type is in the headers.
    Text(String),
    /// `multipart/form-data`.
    Multipart(Vec<RawPart>),
}

/// One part of a multipart body.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RawPart {
    /// The field's name.
    pub(super) name: String,
    /// Its value, where it is no file.
    pub(super) value: String,
    /// A file's name.
    pub(super) file: Option<String>,
    /// The part's type.
    pub(super) content_type: Option<String>,
}

/// Headers that the client sets by itself.
const OWN_HEADERS: &[&str] =
    &["host", "content-length", "connection", "accept-encoding", "transfer-encoding"];

/// Headers in which every browser tells of itself: they say nothing about what is asked for.
const BROWSER_HEADERS: &[&str] =
    &["dnt", "upgrade-insecure-requests", "priority", "te", "pragma", "cache-control", "accept-language"];

const FORM: &str = "application/x-www-form-urlencoded";

impl RawRequest {
    /// The last header of this name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .rev()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Makes all secrets in it known, so that no text of any step has them.
    pub(super) fn find_secrets(&self, secrets: &mut Secrets) {
        if let Some((_, password)) = self.credentials() {
            secrets.remember("password", &password);
        }
        for (name, value) in &self.headers {
            let lower = name.to_ascii_lowercase();
            match value.split_once(' ') {
                Some((scheme, token))
                    if lower == "authorization" && scheme.eq_ignore_ascii_case("bearer") =>
                {
                    secrets.remember("token", token.trim());
                }
                Some((scheme, _)) if lower == "authorization" && scheme.eq_ignore_ascii_case("basic") => {}
                _ if is_secret_header(name) && !value.is_empty() => {
                    secrets.remember(name, value);
                }
                _ => {}
            }
        }
        for (name, value) in self.url.query_pairs() {
            if is_secret_name(&name) && value.len() > 5 {
                secrets.remember(&name, &value);
            }
        }
    }

    /// User and password from wherever they stand.
    fn credentials(&self) -> Option<(String, String)> {
        let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let in_address = (!self.url.username().is_empty() || self.url.password().is_some())
            .then(|| (decode(self.url.username()), decode(self.url.password().unwrap_or(""))));
        let in_header = || {
            use base64::Engine as _;
            let (scheme, encoded) = self.header("authorization")?.split_once(' ')?;
            let decoded = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok()?;
            let text = String::from_utf8(decoded).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
            text.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
        };
        self.basic_auth.clone().or(in_address).or_else(in_header)
    }

    /// Builds the step; addresses of this origin become relative. None where no action sends such a request, which
    /// is noted.
    pub(super) fn build_step(
        &self,
        origin: &str,
        secrets: &mut Secrets,
        notes: &mut Vec<Note>,
    ) -> Option<ImportedStep> {
        let mut note = |message: String| notes.push(Note { line: self.line, message });
        let Some(action) = action_of_method(&self.method) else {
            note(format!("no action sends a {} request: the request is left out", self.method));
            return None;
        };
        let mut step = ImportedStep::new(action, secrets.address(&self.relative_address(origin)));
        let mut headers = self.build_headers(origin, secrets);
        match self.credentials() {
            Some((user, password)) => {
                let mut pair = Map::new();
                pair.insert("user".to_owned(), Json::String(secrets.text(&user)));
                pair.insert("password".to_owned(), Json::String(secrets.take("password", &password)));
                step.set("basic_auth", pair);
                headers.retain(|name, _| !name.eq_ignore_ascii_case("authorization"));
            }
            None => {
                let bearer = self.header("authorization").and_then(|value| value.split_once(' '));
                if let Some((_, token)) = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) {
                    step.set("bearer", secrets.take("token", token.trim()));
                    headers.retain(|name, _| !name.eq_ignore_ascii_case("authorization"));
                }
            }
        }
        let (key, body) = self.build_body(secrets, &mut headers);
        if self.headers.iter().any(|(name, value)| self.is_of_browser(&name.to_ascii_lowercase(), value)) {
            note("headers in which a browser tells of itself are left out".to_owned());
        }
        if !headers.is_empty() {
            step.set("headers", headers);
        }
        if let Some(key) = key {
            step.set(key, body);
        }
        if let RawBody::Multipart(parts) = &self.body {
            for file in parts.iter().filter_map(|part| part.file.as_ref()) {
                note(format!("the file {file} is sent: put it beside the spec"));
            }
        }
        Some(step)
    }

    /// The address without origin where it is the common one, without user and password in any case.
    fn relative_address(&self, origin: &str) -> String {
        let mut url = self.url.clone();
        // Both can fail only for addresses without a host.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_fragment(None);
        let full = url.to_string();
        if url.origin().ascii_serialization() == origin {
            full.get(origin.len()..).filter(|path| !path.is_empty()).unwrap_or("/").to_owned()
        } else {
            full
        }
    }

    /// Whether a header is there because a browser sent the request.
    fn is_of_browser(&self, lower: &str, value: &str) -> bool {
        let is_copied =
            || self.headers.iter().any(|(name, _)| name.to_ascii_lowercase().starts_with("sec-fetch-"));
        lower.starts_with("sec-fetch-")
            || lower.starts_with("sec-ch-")
            || (lower == "user-agent" && value.starts_with("Mozilla/"))
            || (BROWSER_HEADERS.contains(&lower) && is_copied())
    }

    fn build_headers(&self, origin: &str, secrets: &mut Secrets) -> Map<String, Json> {
        let mut headers: Map<String, Json> = Map::new();
        for (name, value) in &self.headers {
            let lower = name.to_ascii_lowercase();
            let is_own = OWN_HEADERS.contains(&lower.as_str()) || name.starts_with(':');
            if is_own || self.is_of_browser(&lower, value) {
                continue;
            }
            let is_page = ["referer", "origin"].iter().any(|known| known.eq_ignore_ascii_case(name));
            let text = match value
                .strip_prefix(origin)
                .filter(|rest| is_page && (rest.is_empty() || rest.starts_with('/')))
            {
                Some("") => origin_template().to_owned(),
                Some(rest) => format!("{}{}", origin_template(), secrets.text(rest)),
                None if is_secret_header(name) && !value.is_empty() => secrets.take(name, value),
                None => secrets.text(value),
            };
            let known = headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name));
            match known {
                // RFC 9110, section 5.3: several of one name mean the same as one with commas.
                Some((known, Json::String(first))) => {
                    let separator = if known.eq_ignore_ascii_case("cookie") { "; " } else { ", " };
                    first.push_str(separator);
                    first.push_str(&text);
                }
                _ => {
                    headers.insert(escape_template(name), Json::String(text));
                }
            }
        }
        headers
    }

    /// The body's key and value; a content type that the key says already is taken out of the headers.
    fn build_body(
        &self,
        secrets: &mut Secrets,
        headers: &mut Map<String, Json>,
    ) -> (Option<&'static str>, Json) {
        let drop_type = |headers: &mut Map<String, Json>| {
            headers.retain(|name, _| !name.eq_ignore_ascii_case("content-type"));
        };
        match &self.body {
            RawBody::Empty => (None, Json::Null),
            RawBody::Multipart(parts) => {
                drop_type(headers);
                (
                    Some("multipart"),
                    Json::Object(parts.iter().map(|part| build_part(part, secrets)).collect()),
                )
            }
            RawBody::Text(text) => {
                let content_type = self.header("content-type").unwrap_or(FORM);
                let essence = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
                if essence == FORM
                    && let Some(fields) = read_form(text)
                {
                    drop_type(headers);
                    let fields = fields.iter().map(|(name, value)| {
                        (escape_template(name), Json::String(secrets.field(name, value)))
                    });
                    return (Some("form"), Json::Object(fields.collect()));
                }
                if (essence == "application/json" || essence.ends_with("+json"))
                    && let Ok(json) = serde_json::from_str::<Json>(text)
                {
                    let json = secrets.json(&json);
                    if super::write::to_toml(&json).is_some() {
                        if essence == "application/json" {
                            drop_type(headers);
                        }
                        return (Some("json"), json);
                    }
                    return (Some("body"), Json::String(json.to_string()));
                }
                if self.header("content-type").is_none() {
                    headers.insert("Content-Type".to_owned(), Json::String(FORM.to_owned()));
                }
                (Some("body"), Json::String(secrets.text(text)))
            }
        }
    }
}

/// The target's origin as a template.
fn origin_template() -> &'static str {
    "{{ target.url | trim('/') }}"
}

fn build_part(part: &RawPart, secrets: &mut Secrets) -> (String, Json) {
    let name = escape_template(&part.name);
    match &part.file {
        None => (name, Json::String(secrets.field(&part.name, &part.value))),
        Some(file) => {
            let mut table = Map::new();
            table.insert("file".to_owned(), Json::String(escape_template(file)));
            if let Some(content_type) = &part.content_type {
                table.insert("content_type".to_owned(), Json::String(content_type.clone()));
            }
            (name, Json::Object(table))
        }
    }
}

/// The fields of an encoded form; none where it would not be sent again byte for byte, or a name repeats.
fn read_form(text: &str) -> Option<Vec<(String, String)>> {
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    let is_form = !fields.is_empty() && text.split('&').all(|pair| pair.contains('='));
    let is_unique = fields
        .iter()
        .enumerate()
        .all(|(at, (name, _))| !name.is_empty() && fields[..at].iter().all(|(earlier, _)| earlier != name));
    (is_form && is_unique).then_some(fields)
}

/// The origin of an address, as [`RawRequest::build_step`] takes it.
pub(super) fn origin_of(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_leave_headers_address_and_body() {
        let raw = RawRequest {
            line: 3,
            method: "post".to_owned(),
            url: Url::parse("https://ann:pa55word@a.example/login?access_token=abcdefgh#x").unwrap(),
            headers: vec![
                ("Host".to_owned(), "a.example".to_owned()),
                ("Referer".to_owned(), "https://a.example/login".to_owned()),
                ("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned()),
            ],
            basic_auth: None,
            body: RawBody::Text("{\"password\":\"pw\",\"copy\":\"abcdefgh\"}".to_owned()),
        };
        let mut secrets = Secrets::default();
        raw.find_secrets(&mut secrets);
        let mut notes = Vec::new();
        let step = raw.build_step("https://a.example", &mut secrets, &mut notes).unwrap();
        assert_eq!(step.keys[0], ("post", json!("/login?access_token={{ secret.ACCESS_TOKEN }}")));
        assert_eq!(
            step.keys[1],
            ("basic_auth", json!({ "user": "ann", "password": "{{ secret.PASSWORD }}" }))
        );
        assert_eq!(step.keys[2], ("headers", json!({ "Referer": "{{ target.url | trim('/') }}/login" })));
        let body = json!({ "password": "{{ secret.PASSWORD_2 }}", "copy": "{{ secret.ACCESS_TOKEN }}" });
        assert_eq!(step.keys[3], ("json", body));
        assert!(notes.is_empty());
    }

    #[test]
    fn a_form_stays_a_text_where_a_table_would_change_it() {
        assert!(read_form("a=1&b=2").is_some());
        assert!(read_form("a=1&a=2").is_none());
        assert!(read_form("plain text").is_none());
    }
}
