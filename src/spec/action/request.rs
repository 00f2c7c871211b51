//! `get`, `head`, `post`, `put`, `patch`, `delete`, `options`: one request.

use std::path::{Path, PathBuf};

use super::{Action, ActionDefinition, ActionKey, render_fields};
use crate::expect::Family;
use crate::spec::key::{KeyDefinition, KeyKind, key};
use crate::spec::reader::{Keys, Reader};
use crate::spec::template::{Scope, Template, TemplateError, ValueTemplate};

/// How many redirects are followed unless a step says otherwise.
pub const DEFAULT_REDIRECTS: usize = 10;

/// The actions that send one request.
pub(super) const DEFINITION: ActionDefinition = ActionDefinition {
    keys: &[
        ActionKey::harmless("get", KeyKind::Url, "sends a GET request"),
        ActionKey::harmless("head", KeyKind::Url, "sends a HEAD request"),
        ActionKey::writing("post", KeyKind::Url, "sends a POST request"),
        ActionKey::writing("put", KeyKind::Url, "sends a PUT request"),
        ActionKey::writing("patch", KeyKind::Url, "sends a PATCH request"),
        ActionKey::writing("delete", KeyKind::Url, "sends a DELETE request"),
        ActionKey::harmless("options", KeyKind::Url, "sends an OPTIONS request"),
    ],
    neighbours: NEIGHBOURS,
    yields: &[Family::Http, Family::Html],
    build,
};

const NEIGHBOURS: &[KeyDefinition] = &[
    key("query", KeyKind::Fields, "parameters added to the address"),
    key("headers", KeyKind::Fields, "request headers"),
    key("form", KeyKind::Fields, "a body of form fields, `application/x-www-form-urlencoded`"),
    key("json", KeyKind::Any, "a JSON body"),
    key("body", KeyKind::Text, "a body as it stands"),
    key(
        "multipart",
        KeyKind::Parts,
        "a `multipart/form-data` body; { file = \"...\" } sends a file beside the spec",
    ),
    key("bearer", KeyKind::Text, "a token, sent as `Authorization: Bearer`"),
    key("basic_auth", KeyKind::Credentials, "user and password, sent as `Authorization: Basic`"),
    key("redirects", KeyKind::FlagOrNumber, "whether redirects are followed, or how many (10)"),
];

/// A request as written.
#[derive(Clone, Debug)]
pub struct RequestAction {
    method: String,
    url: Template,
    query: Vec<(Template, ValueTemplate)>,
    headers: Vec<(Template, ValueTemplate)>,
    body: BodyTemplate,
    basic_auth: Option<(Template, Template)>,
    bearer: Option<Template>,
    redirects: usize,
}

#[derive(Clone, Debug)]
enum BodyTemplate {
    Empty,
    Text(Template),
    Json(ValueTemplate),
    Form(Vec<(Template, ValueTemplate)>),
    Multipart(Vec<PartTemplate>),
}

#[derive(Clone, Debug)]
struct PartTemplate {
    name: Template,
    value: ValueTemplate,
    file: Option<Template>,
    content_type: Option<String>,
    folder: PathBuf,
}

/// A request that is ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestCall {
    /// Upper case.
    pub method: String,
    /// Absolute, or relative to the target's base address.
    pub url: String,
    /// Added to the address's own query.
    pub query: Vec<(String, String)>,
    /// In the order written.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: CallBody,
    /// User and password (RFC 7617).
    pub basic_auth: Option<(String, String)>,
    /// A bearer token (RFC 6750).
    pub bearer: Option<String>,
    /// How many redirects are followed.
    pub redirects: usize,
}

/// The body of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum CallBody {
    /// None.
    #[default]
    Empty,
    /// Text as it stands; `text/plain` unless a header says otherwise.
    Text(String),
    /// A JSON document.
    Json(serde_json::Value),
    /// `application/x-www-form-urlencoded`.
    Form(Vec<(String, String)>),
    /// `multipart/form-data` (RFC 7578).
    Multipart(Vec<MultipartPart>),
}

/// One part of a multipart body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MultipartPart {
    /// The field's name.
    pub name: String,
    /// The value; ignored where there is a file.
    pub value: String,
    /// A file to send, already resolved against the spec's folder.
    pub file: Option<PathBuf>,
    /// The part's type; guessed from the file's name where none is given.
    pub content_type: Option<String>,
}

impl RequestCall {
    /// A plain GET.
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: "GET".to_owned(),
            url: url.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: CallBody::Empty,
            basic_auth: None,
            bearer: None,
            redirects: DEFAULT_REDIRECTS,
        }
    }
}

fn build(reader: &mut Reader, keys: &Keys) -> Option<Action> {
    let method = DEFINITION.keys.iter().find(|action| keys.entry(action.key.name).is_some())?.key.name;
    let redirects = match keys.flag("redirects") {
        Some(false) => 0,
        Some(true) => DEFAULT_REDIRECTS,
        None => keys.number("redirects").unwrap_or(DEFAULT_REDIRECTS),
    };
    if let (Some(_), Some(second)) = (keys.entry("bearer"), keys.entry("basic_auth")) {
        reader.problem(second.key_span, "`bearer` and `basic_auth` cannot stand together");
    }
    Some(Action::Request(RequestAction {
        method: method.to_uppercase(),
        url: keys.template(method)?,
        query: keys.fields("query"),
        headers: keys.fields("headers"),
        body: build_body(reader, keys),
        basic_auth: keys.credentials("basic_auth"),
        bearer: keys.template("bearer"),
        redirects,
    }))
}

fn build_body(reader: &mut Reader, keys: &Keys) -> BodyTemplate {
    let given: Vec<_> =
        ["form", "json", "body", "multipart"].into_iter().filter_map(|name| keys.entry(name)).collect();
    if let [first, second, ..] = given.as_slice() {
        let message =
            format!("a request has one body: `{}` and `{}` cannot stand together", first.key, second.key);
        reader.problem(second.key_span, message);
    }
    let Some(first) = given.first() else {
        return BodyTemplate::Empty;
    };
    match first.key.as_str() {
        "form" => BodyTemplate::Form(keys.fields("form")),
        "json" => BodyTemplate::Json(first.node.to_template()),
        "multipart" => BodyTemplate::Multipart(build_parts(reader, keys)),
        _ => keys.template("body").map_or(BodyTemplate::Empty, BodyTemplate::Text),
    }
}

fn build_parts(reader: &mut Reader, keys: &Keys) -> Vec<PartTemplate> {
    let folder = reader.file.folder().to_owned();
    let mut parts = Vec::new();
    for (name, value) in keys.fields("multipart") {
        let mut part = PartTemplate { name, value, file: None, content_type: None, folder: folder.clone() };
        if let ValueTemplate::Table(entries) = &part.value {
            for (key, value) in entries {
                match (key.source(), value) {
                    ("file", ValueTemplate::Text(file)) => part.file = Some(file.clone()),
                    (_, ValueTemplate::Text(content_type)) => {
                        part.content_type = Some(content_type.source().to_owned());
                    }
                    _ => {}
                }
            }
        }
        if let Some(file) = part.file.as_ref().filter(|file| !file.is_dynamic())
            && !folder.join(file.source()).is_file()
        {
            let message = format!("there is no file {} beside this spec", file.source());
            reader.problem(file.span(), message);
        }
        parts.push(part);
    }
    parts
}

impl RequestAction {
    /// The address as written.
    pub fn url(&self) -> &Template {
        &self.url
    }

    /// The method, upper case.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Fills in the templates.
    pub fn render(&self, scope: &Scope) -> Result<RequestCall, TemplateError> {
        let pair =
            |(user, password): &(Template, Template)| Ok((user.render(scope)?, password.render(scope)?));
        Ok(RequestCall {
            method: self.method.clone(),
            url: self.url.render(scope)?,
            query: render_fields(&self.query, scope)?,
            headers: render_fields(&self.headers, scope)?,
            body: self.body.render(scope)?,
            basic_auth: self.basic_auth.as_ref().map(pair).transpose()?,
            bearer: self.bearer.as_ref().map(|bearer| bearer.render(scope)).transpose()?,
            redirects: self.redirects,
        })
    }
}

impl BodyTemplate {
    fn render(&self, scope: &Scope) -> Result<CallBody, TemplateError> {
        Ok(match self {
            Self::Empty => CallBody::Empty,
            Self::Text(text) => CallBody::Text(text.render(scope)?),
            Self::Json(value) => CallBody::Json(value.render(scope)?.to_json()),
            Self::Form(fields) => CallBody::Form(render_fields(fields, scope)?),
            Self::Multipart(parts) => {
                CallBody::Multipart(parts.iter().map(|part| part.render(scope)).collect::<Result<_, _>>()?)
            }
        })
    }
}

impl PartTemplate {
    fn render(&self, scope: &Scope) -> Result<MultipartPart, TemplateError> {
        let file = self.file.as_ref().map(|file| file.render(scope)).transpose()?;
        let value = if file.is_some() { String::new() } else { self.value.render(scope)?.to_text() };
        Ok(MultipartPart {
            name: self.name.render(scope)?,
            value,
            file: file.map(|file| self.folder.join(Path::new(&file))),
            content_type: self.content_type.clone(),
        })
    }
}
