//! The request of an entry as a step.

use serde_json::{Map, Value as Json, json};

use super::file::{Body, Content, Entry, Pair, Section, UNQUOTED};
use super::options::read_option;
use super::text::Texts;
use crate::cli::import::curl::ReadFile;
use crate::cli::import::model::{ImportedStep, escape_template};
use crate::cli::import::write::to_toml;

/// What is gathered before it is written in its order.
#[derive(Default)]
pub(super) struct Gathered {
    query: Vec<Pair>,
    form: Vec<Pair>,
    multipart: Vec<Pair>,
    cookies: Vec<Pair>,
    pub(super) basic_auth: Option<(String, String)>,
    pub(super) follows: bool,
    pub(super) max_redirects: Option<u64>,
    pub(super) timeout: Option<String>,
    pub(super) retries: Option<u64>,
    pub(super) retry_interval_ms: u64,
    pub(super) is_skipped: bool,
}

/// Builds the step without its expectations.
pub(super) fn build_step(
    entry: &Entry,
    action: &'static str,
    texts: &mut Texts,
    read_file: ReadFile<'_>,
) -> ImportedStep {
    let mut gathered = Gathered::default();
    for section in &entry.sections {
        gather(section, &mut gathered, texts);
    }
    texts.at(entry.line);
    let mut step = ImportedStep::new(action, address(entry, &mut gathered, texts));
    if let Some(query) = unique(&gathered.query, texts) {
        step.set("query", query);
    }
    let mut headers = build_headers(entry, &gathered, texts);
    if let Some((user, password)) = &gathered.basic_auth {
        let user = texts.text(user);
        step.set("basic_auth", json!({ "user": user, "password": texts.field("password", password) }));
        headers.retain(|name, _| !name.eq_ignore_ascii_case("authorization"));
    }
    let body = build_body(entry, &gathered, &mut headers, texts, read_file);
    if !headers.is_empty() {
        step.set("headers", headers);
    }
    if let Some((key, value)) = body {
        step.set(key, value);
    }
    set_options(&mut step, &gathered, action, texts);
    step
}

fn gather(section: &Section, gathered: &mut Gathered, texts: &mut Texts) {
    texts.at(section.line);
    match section.name.as_str() {
        "Query" | "QueryStringParams" => gathered.query.extend(section.pairs.iter().cloned()),
        "Form" | "FormParams" => gathered.form.extend(section.pairs.iter().cloned()),
        "Multipart" | "MultipartFormData" => gathered.multipart.extend(section.pairs.iter().cloned()),
        "Cookies" => gathered.cookies.extend(section.pairs.iter().cloned()),
        "BasicAuth" => {
            gathered.basic_auth = section.pairs.first().map(|pair| (pair.name.clone(), pair.value.clone()));
        }
        "Options" => {
            for pair in &section.pairs {
                texts.at(pair.line);
                read_option(pair, gathered, texts);
            }
        }
        name => texts.note(format!("[{name}] could not be carried over")),
    }
}

/// The address; parameters of which one stands twice are put into it, as a table has a place for one.
fn address(entry: &Entry, gathered: &mut Gathered, texts: &mut Texts) -> String {
    let mut address = texts.address(&entry.url);
    if !is_unique(&gathered.query) {
        for pair in std::mem::take(&mut gathered.query) {
            let separator = if address.contains('?') { "&" } else { "?" };
            let name = encode(&pair.name);
            let value = texts.field(&pair.name, &encode(&pair.value));
            address.extend([separator, &name, "=", &value]);
        }
    }
    address
}

/// A text as addresses have it; templates stay as they are.
fn encode(text: &str) -> String {
    if text.contains("{{") {
        return text.to_owned();
    }
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn is_unique(pairs: &[Pair]) -> bool {
    pairs.iter().enumerate().all(|(at, pair)| pairs[..at].iter().all(|earlier| earlier.name != pair.name))
}

fn unique(pairs: &[Pair], texts: &mut Texts) -> Option<Json> {
    let mut fields = Map::new();
    for pair in pairs {
        texts.at(pair.line);
        fields.insert(texts.text(&pair.name), Json::String(texts.field(&pair.name, &pair.value)));
    }
    (!fields.is_empty()).then_some(Json::Object(fields))
}

fn build_headers(entry: &Entry, gathered: &Gathered, texts: &mut Texts) -> Map<String, Json> {
    let mut headers: Map<String, Json> = Map::new();
    let mut add = |name: String, value: String| {
        match headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            // RFC 9110, section 5.3: several of one name mean the same as one with commas.
            Some((known, Json::String(first))) => {
                let separator = if known.eq_ignore_ascii_case("cookie") { "; " } else { ", " };
                *first = format!("{first}{separator}{value}");
            }
            _ => {
                headers.insert(name, Json::String(value));
            }
        }
    };
    for pair in &entry.headers {
        texts.at(pair.line);
        add(texts.text(&pair.name), texts.header(&pair.name, &pair.value));
    }
    for pair in &gathered.cookies {
        texts.at(pair.line);
        let value = texts.field(&pair.name, &pair.value);
        add("Cookie".to_owned(), format!("{}={value}", texts.text(&pair.name)));
    }
    headers
}

fn build_body(
    entry: &Entry,
    gathered: &Gathered,
    headers: &mut Map<String, Json>,
    texts: &mut Texts,
    read_file: ReadFile<'_>,
) -> Option<(&'static str, Json)> {
    if !gathered.multipart.is_empty() {
        return Some(("multipart", build_parts(&gathered.multipart, texts)));
    }
    if !gathered.form.is_empty() {
        if is_unique(&gathered.form) {
            return unique(&gathered.form, texts).map(|fields| ("form", fields));
        }
        let pairs = gathered.form.iter();
        let encoded: Vec<String> = pairs
            .map(|pair| format!("{}={}", encode(&pair.name), texts.field(&pair.name, &encode(&pair.value))))
            .collect();
        set_type(headers, "application/x-www-form-urlencoded");
        return Some(("body", Json::String(encoded.join("&"))));
    }
    let body = entry.body.as_ref()?;
    texts.at(body.line);
    write_body(body, headers, texts, read_file)
}

fn write_body(
    body: &Body,
    headers: &mut Map<String, Json>,
    texts: &mut Texts,
    read_file: ReadFile<'_>,
) -> Option<(&'static str, Json)> {
    let document = match &body.content {
        Content::Json(document) => document.clone(),
        Content::GraphQl { query, variables: Some(variables) } => {
            json!({ "query": query, "variables": variables })
        }
        Content::GraphQl { query, variables: None } => json!({ "query": query }),
        Content::Xml(text) => {
            set_type(headers, "application/xml");
            return Some(("body", Json::String(texts.text(text))));
        }
        Content::Text { text, is_literal: true } => {
            return Some(("body", Json::String(escape_template(text))));
        }
        Content::Text { text, is_literal: false } => return Some(("body", Json::String(texts.text(text)))),
        Content::Bytes(bytes) => return write_bytes(bytes.clone(), texts),
        Content::File(name) => match read_file(name) {
            Some(bytes) => return write_bytes(bytes, texts),
            None => {
                texts.note(format!("the file {name} cannot be read: the body is left out"));
                return None;
            }
        },
    };
    let marked = texts.json(&document);
    let translated = without_marks(&marked);
    if to_toml(&translated).is_none() {
        // TOML has no `null`.
        set_type(headers, "application/json");
        return Some(("body", Json::String(write_unquoted(&marked))));
    }
    headers.retain(|name, value| {
        !(name.eq_ignore_ascii_case("content-type") && value.as_str() == Some("application/json"))
    });
    Some(("json", translated))
}

/// A JSON document without the marks of what is unquoted: alone in a text, a template keeps its value's type.
pub(super) fn without_marks(json: &Json) -> Json {
    match json {
        Json::String(text) => Json::from(text.trim_start_matches(UNQUOTED)),
        Json::Array(items) => Json::Array(items.iter().map(without_marks).collect()),
        Json::Object(entries) => {
            Json::Object(entries.iter().map(|(key, value)| (key.clone(), without_marks(value))).collect())
        }
        other => other.clone(),
    }
}

/// A JSON document as a text, with templates in it that stand without quotation marks.
fn write_unquoted(json: &Json) -> String {
    let text = json.to_string();
    let mark = format!("\"\\u{:04x}", u32::from(UNQUOTED));
    let mut pieces = text.split(mark.as_str());
    let mut written = pieces.next().unwrap_or("").to_owned();
    for piece in pieces {
        let (template, behind) = piece.split_once("}}\"").unwrap_or((piece, ""));
        written.extend([template, "}}", behind]);
    }
    written
}

fn write_bytes(bytes: Vec<u8>, texts: &mut Texts) -> Option<(&'static str, Json)> {
    match String::from_utf8(bytes) {
        Ok(text) => Some(("body", Json::String(escape_template(&text)))),
        Err(_) => {
            texts.note("a body that is no UTF-8 text has no counterpart: it is left out");
            None
        }
    }
}

fn set_type(headers: &mut Map<String, Json>, content_type: &str) {
    if !headers.keys().any(|name| name.eq_ignore_ascii_case("content-type")) {
        headers.insert("Content-Type".to_owned(), Json::from(content_type));
    }
}

/// `name: value`, `name: file,a.txt; text/plain`.
fn build_parts(pairs: &[Pair], texts: &mut Texts) -> Json {
    let mut parts = Map::new();
    for pair in pairs {
        texts.at(pair.line);
        let name = texts.text(&pair.name);
        let part = match pair.value.strip_prefix("file,").and_then(|rest| rest.split_once(';')) {
            Some((file, content_type)) => {
                texts.note(format!("the file {} is sent: put it beside the spec", file.trim()));
                let file = texts.text(file.trim());
                match content_type.trim() {
                    "" => json!({ "file": file }),
                    content_type => json!({ "file": file, "content_type": content_type }),
                }
            }
            None => Json::String(texts.field(&pair.name, &pair.value)),
        };
        if parts.insert(name, part).is_some() {
            texts.note(format!("a table has a place for one `{}`: the last one is kept", pair.name));
        }
    }
    Json::Object(parts)
}

fn set_options(step: &mut ImportedStep, gathered: &Gathered, action: &str, texts: &mut Texts) {
    step.set(
        "redirects",
        match (gathered.follows, gathered.max_redirects) {
            (false, _) => Json::Bool(false),
            (true, Some(limit)) => Json::from(limit),
            (true, None) => Json::Bool(true),
        },
    );
    if let Some(timeout) = &gathered.timeout {
        step.set("timeout", timeout.as_str());
    }
    if let Some(retries) = gathered.retries {
        if ["get", "head", "options"].contains(&action) {
            step.set("within", format!("{}ms", (retries * gathered.retry_interval_ms).max(1000)));
        } else {
            texts.note("`retry` beside a request that may write could not be carried over");
        }
    }
    if gathered.is_skipped {
        step.set("when", false);
    }
}
