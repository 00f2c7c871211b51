//! A call into what is sent: method, address, headers, body, and who may see which credential.

use base64::Engine as _;
use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue, ORIGIN,
    PROXY_AUTHORIZATION, USER_AGENT,
};
use url::{Origin, Url};

use super::decode;
use super::jar::Jar;
use super::multipart::{Part, encode_multipart};
use super::redirect::{is_web_address, rewrite_method};
use super::settings::HttpSettings;
use crate::evidence::{Body, Cause, Header, Headers, Request};
use crate::spec::action::{CallBody, MultipartPart, RequestCall};
use crate::verdict::StepError;

/// A target's address and what belongs to its origin alone.
#[derive(Debug)]
pub(super) struct Target {
    base: Url,
    origin: Origin,
    user_agent: HeaderValue,
    headers: Vec<(HeaderName, HeaderValue)>,
    authorization: Option<HeaderValue>,
}

impl Target {
    /// Reads the settings; the error is ours: a header that cannot be sent.
    pub(super) fn new(settings: &HttpSettings) -> Result<Self, StepError> {
        let mut base = settings.base.clone();
        let in_address = take_credentials(&mut base);
        let credentials = settings.basic_auth.clone().or(in_address);
        Ok(Self {
            origin: base.origin(),
            base,
            user_agent: build_value("user-agent", &settings.user_agent)?,
            headers: build_headers(&settings.headers)?,
            authorization: credentials.map(|pair| build_basic(&pair)).transpose()?,
        })
    }

    /// The target's own origin.
    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// A request that is ready to be sent, and to be sent on.
#[derive(Debug)]
pub(super) struct Outgoing {
    /// The method.
    pub(super) method: Method,
    /// Without user and password.
    pub(super) url: Url,
    headers: Vec<(HeaderName, HeaderValue)>,
    content_type: Option<HeaderValue>,
    authorization: Option<HeaderValue>,
    body: Body,
}

impl Outgoing {
    /// Builds what a call means. Errors are ours: an address, method or header that cannot be sent, a file that
    /// cannot be read.
    pub(super) async fn build(call: &RequestCall, target: &Target) -> Result<Self, StepError> {
        let mut url = target.base.join(&call.url).ok().filter(is_web_address).ok_or_else(|| {
            invalid(format!(
                "expected an http or https address, or one relative to the target's, not {:?}",
                call.url
            ))
        })?;
        let in_address = take_credentials(&mut url);
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let authorization = match (&call.bearer, call.basic_auth.clone().or(in_address)) {
            (Some(token), _) => Some(build_value("authorization", &format!("Bearer {token}"))?),
            (None, Some(pair)) => Some(build_basic(&pair)?),
            (None, None) => None,
        };
        let (content_type, body) = build_body(&call.body).await?;
        Ok(Self {
            method: call.method.parse().map_err(|_| invalid(format!("{:?} is not a method", call.method)))?,
            url,
            headers: build_headers(&call.headers)?,
            content_type: content_type.map(|value| build_value("content-type", &value)).transpose()?,
            authorization,
            body,
        })
    }

    /// The headers of this hop: our own, the target's on its own origin, the step's over both, the jar's cookies.
    pub(super) fn build_headers(&self, target: &Target, jar: &Jar) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(USER_AGENT, target.user_agent.clone());
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(decode::ACCEPT_ENCODING));
        if let Some(content_type) = &self.content_type {
            headers.insert(CONTENT_TYPE, content_type.clone());
        }
        if self.url.origin() == target.origin {
            if let Some(authorization) = &target.authorization {
                headers.insert(AUTHORIZATION, authorization.clone());
            }
            put_all(&mut headers, &target.headers);
        }
        if let Some(authorization) = &self.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        put_all(&mut headers, &self.headers);
        add_cookies(&mut headers, &jar.matching(&self.url));
        headers
    }

    /// What is sent as body.
    pub(super) fn body(&self) -> Bytes {
        self.body.bytes.clone()
    }

    /// This request as evidence.
    pub(super) fn to_evidence(&self, headers: &HeaderMap) -> Request {
        Request {
            method: self.method.as_str().to_owned(),
            url: self.url.as_str().to_owned(),
            headers: read_headers(headers),
            body: self.body.clone(),
        }
    }

    /// Turns this into the request that follows a redirect. Credentials do not follow to another origin, and do not
    /// come back from there.
    pub(super) fn redirect(&mut self, mut url: Url, status: u16) {
        take_credentials(&mut url);
        if url.origin() != self.url.origin() {
            self.authorization = None;
            self.headers.retain(|(name, _)| ![AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(name));
        }
        if let Some(method) = rewrite_method(&self.method, status) {
            self.method = method;
            self.body = Body::default();
            self.content_type = None;
            self.headers.retain(|(name, _)| !name.as_str().starts_with("content-") && *name != ORIGIN);
        }
        self.url = url;
    }
}

/// Headers as evidence.
pub(super) fn read_headers(headers: &HeaderMap) -> Headers {
    Headers(
        headers
            .iter()
            .map(|(name, value)| Header {
                name: name.as_str().to_owned(),
                value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
            })
            .collect(),
    )
}

async fn build_body(body: &CallBody) -> Result<(Option<String>, Body), StepError> {
    let of = |content_type: &str, text: &str| (Some(content_type.to_owned()), Body::of_text(text));
    Ok(match body {
        CallBody::Empty => (None, Body::default()),
        CallBody::Text(text) => of("text/plain; charset=utf-8", text),
        CallBody::Json(json) => of("application/json", &json.to_string()),
        CallBody::Form(fields) => {
            let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            of("application/x-www-form-urlencoded", &text)
        }
        CallBody::Multipart(parts) => {
            let mut encoded = Vec::with_capacity(parts.len());
            for part in parts {
                encoded.push(read_part(part).await?);
            }
            let (content_type, bytes) = encode_multipart(&encoded);
            let text = String::from_utf8(bytes.to_vec()).ok();
            (Some(content_type), Body::new(bytes, text.as_deref()))
        }
    })
}

async fn read_part(part: &MultipartPart) -> Result<Part, StepError> {
    let Some(path) = &part.file else {
        return Ok(Part { content_type: part.content_type.clone(), ..Part::value(&part.name, &part.value) });
    };
    let content = tokio::fs::read(path).await.map_err(|error| {
        let (path, error) = (path.display().to_string(), format!("{:?}", error.kind()));
        StepError::harness(Cause::File { path, error })
    })?;
    let guessed = || mime_guess::from_path(path).first_or_octet_stream().to_string();
    Ok(Part {
        name: part.name.clone(),
        file_name: path.file_name().map(|name| name.to_string_lossy().into_owned()),
        content_type: Some(part.content_type.clone().unwrap_or_else(guessed)),
        content: content.into(),
    })
}

/// Takes user and password out of an address.
fn take_credentials(url: &mut Url) -> Option<(String, String)> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pair = (decode(url.username()), decode(url.password().unwrap_or("")));
    // Both fail for addresses without a host only, which have no user either.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Some(pair)
}

fn build_basic((user, password): &(String, String)) -> Result<HeaderValue, StepError> {
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    build_value("authorization", &format!("Basic {encoded}"))
}

fn build_headers(headers: &[(String, String)]) -> Result<Vec<(HeaderName, HeaderValue)>, StepError> {
    headers
        .iter()
        .map(|(name, value)| {
            let read = name.parse().map_err(|_| invalid(format!("{name:?} is not a header's name")))?;
            Ok((read, build_value(name, value)?))
        })
        .collect()
}

fn build_value(name: &str, value: &str) -> Result<HeaderValue, StepError> {
    HeaderValue::from_bytes(value.trim().as_bytes())
        .map_err(|_| invalid(format!("the header {name} cannot hold control characters")))
}

fn invalid(detail: String) -> StepError {
    StepError::harness(Cause::Template { detail })
}

/// Puts headers in the place of those of the same name; a name may repeat among them.
fn put_all(headers: &mut HeaderMap, added: &[(HeaderName, HeaderValue)]) {
    for (name, _) in added {
        headers.remove(name);
    }
    for (name, value) in added {
        headers.append(name.clone(), value.clone());
    }
}

/// Adds the jar's cookies to one `Cookie` header; those that the step itself names win.
fn add_cookies(headers: &mut HeaderMap, cookies: &[(String, String)]) {
    if cookies.is_empty() {
        return;
    }
    let own = headers.get(COOKIE).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let own = own.unwrap_or_default();
    let is_own = |name: &str| {
        own.split(';').any(|pair| pair.split_once('=').is_some_and(|(known, _)| known.trim() == name))
    };
    let mut pairs: Vec<String> = Vec::with_capacity(cookies.len() + 1);
    pairs.extend(
        cookies.iter().filter(|(name, _)| !is_own(name)).map(|(name, value)| format!("{name}={value}")),
    );
    pairs.extend((!own.is_empty()).then(|| own.clone()));
    if let Ok(value) = HeaderValue::from_bytes(pairs.join("; ").as_bytes()) {
        headers.insert(COOKIE, value);
    }
}
