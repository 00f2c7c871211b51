//! `get`, `head`, `post`, `put`, `patch`, `delete`, `options`.

use std::path::PathBuf;

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

/// How many redirects are followed unless a step says otherwise.
pub const DEFAULT_REDIRECTS: usize = 10;

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
