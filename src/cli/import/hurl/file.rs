//! A Hurl file as its grammar has it. Texts keep their `{{ }}`; their escapes are undone.

use serde_json::Value as Json;

/// A request and what is expected of its answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry {
    pub(super) line: usize,
    /// The comments above it.
    pub(super) comments: Vec<String>,
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: Vec<Pair>,
    pub(super) sections: Vec<Section>,
    pub(super) body: Option<Body>,
    pub(super) response: Option<Response>,
}

/// The expected answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Response {
    pub(super) line: usize,
    /// `1.1`, `2`; none where any will do.
    pub(super) version: Option<String>,
    /// None where any will do.
    pub(super) status: Option<u64>,
    pub(super) headers: Vec<Pair>,
    pub(super) captures: Vec<Capture>,
    pub(super) asserts: Vec<Assert>,
    pub(super) body: Option<Body>,
}

/// A name and a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pair {
    pub(super) line: usize,
    pub(super) name: String,
    pub(super) value: String,
}

/// A section of a request: `[Form]` and its lines.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Section {
    pub(super) line: usize,
    pub(super) name: String,
    pub(super) pairs: Vec<Pair>,
}

/// A body, sent or expected.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Body {
    pub(super) line: usize,
    pub(super) content: Content,
}

/// Before a template that stands in JSON without quotation marks: what it becomes is no text then.
pub(super) const UNQUOTED: char = '\u{1}';

/// What a body is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    /// Templates without quotation marks stand in it as texts that begin with [`UNQUOTED`].
    Json(Json),
    Xml(String),
    Text {
        text: String,
        /// Whether `{{` in it is meant as it stands.
        is_literal: bool,
    },
    Bytes(Vec<u8>),
    File(String),
    /// A query, and its variables as JSON.
    GraphQl {
        query: String,
        variables: Option<Json>,
    },
}

/// A value that is kept.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Capture {
    pub(super) line: usize,
    pub(super) name: String,
    pub(super) query: Query,
}

/// What must hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Assert {
    pub(super) line: usize,
    pub(super) query: Query,
    pub(super) is_negated: bool,
    pub(super) predicate: String,
    pub(super) value: Option<Operand>,
}

/// What is looked at, and what is made of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Query {
    pub(super) name: String,
    pub(super) argument: Option<Operand>,
    pub(super) filters: Vec<Filter>,
}

/// One filter.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Filter {
    pub(super) name: String,
    pub(super) arguments: Vec<Operand>,
}

/// What a query, a filter or a predicate takes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
    Regex(String),
    Bytes(Vec<u8>),
    File(String),
}

impl Operand {
    /// The text of a text or a regular expression.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Regex(text) => Some(text),
            _ => None,
        }
    }
}
