//! TOML as a tree of our own in which every key and value knows its place.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::evidence::Value;
use crate::source::{Diagnostic, SourceFile, Span};

use super::template::{Template, ValueTemplate};

/// How many syntax problems of one file are told: after a few, the rest follow from the first.
const SYNTAX_PROBLEMS: usize = 5;

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// The place of the value.
    pub span: Span,
    /// The value.
    pub value: NodeValue,
}

/// What TOML knows.
#[derive(Clone, Debug)]
pub enum NodeValue {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// A date, a time or both, as written.
    Datetime(String),
    /// An array.
    List(Vec<Node>),
    /// A table.
    Table(Table),
}

/// A table with the places of its keys.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The entries in the order written.
    pub entries: Vec<Entry>,
    /// The place of the table or its header.
    pub span: Span,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key, unquoted.
    pub key: String,
    /// The place of the key.
    pub key_span: Span,
    /// The value.
    pub node: Node,
}

impl Entry {
    /// From the beginning of the key to the end of the value.
    pub fn span(&self) -> Span {
        let end =
            if self.node.span.start > self.key_span.start { self.node.span.end } else { self.key_span.end };
        Span { start: self.key_span.start, end }
    }
}

impl Table {
    /// The entry of a key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

impl Node {
    /// How messages call the value.
    pub fn type_name(&self) -> &'static str {
        match &self.value {
            NodeValue::Text(_) => "a text",
            NodeValue::Integer(_) => "an integer",
            NodeValue::Float(_) => "a number",
            NodeValue::Bool(_) => "true or false",
            NodeValue::Datetime(_) => "a date",
            NodeValue::List(_) => "a list",
            NodeValue::Table(_) => "a table",
        }
    }

    /// The value with templates in its texts.
    pub fn to_template(&self) -> ValueTemplate {
        match &self.value {
            NodeValue::Text(text) => ValueTemplate::Text(Template::new(text, self.span)),
            NodeValue::Integer(integer) => ValueTemplate::Plain(Value::Integer(*integer)),
            NodeValue::Float(float) => ValueTemplate::Plain(Value::Float(*float)),
            NodeValue::Bool(flag) => ValueTemplate::Plain(Value::Bool(*flag)),
            NodeValue::Datetime(text) => ValueTemplate::Plain(Value::text(text)),
            NodeValue::List(items) => ValueTemplate::List(items.iter().map(Self::to_template).collect()),
            NodeValue::Table(table) => ValueTemplate::Table(
                table
                    .entries
                    .iter()
                    .map(|entry| (Template::new(&entry.key, entry.key_span), entry.node.to_template()))
                    .collect(),
            ),
        }
    }
}

/// Parses a file. A file with syntax problems gives those only: what is left of it would mislead.
pub(super) fn parse_toml(file: &Arc<SourceFile>) -> Result<Table, Vec<Diagnostic>> {
    if let Some(offset) = file.text.find('\0') {
        let span = Span { start: offset, end: offset + 1 };
        return Err(vec![Diagnostic::new(file, span, "a NUL byte: this is no text file")]);
    }
    let (table, errors) = DeTable::parse_recoverable(&file.text);
    if errors.is_empty() {
        return build_table(file, table.get_ref(), table.span().into()).map_err(|problem| vec![problem]);
    }
    Err(errors
        .iter()
        .take(SYNTAX_PROBLEMS)
        .map(|error| {
            let told = error.message().trim().replace('\n', ": ");
            let (message, help) = explain_syntax(&told);
            let message = format!("not TOML: {message}");
            let problem = match error.span() {
                Some(span) => Diagnostic::new(file, widen(span.into(), &file.text), message),
                None => Diagnostic::of_file(file, message),
            };
            help.into_iter().fold(problem, Diagnostic::help)
        })
        .collect())
}

/// What the parser says, in the words of a person for the mistakes that people make, and what to do.
fn explain_syntax(told: &str) -> (String, Option<&'static str>) {
    const TABLE: &[(&str, &str, Option<&str>)] = &[
        (
            "missing escaped value",
            "`\\` begins an escape between double quotation marks",
            Some(
                "write `\\\\` for a backslash, or the whole text between single quotation marks: '/lists/\\d+/'",
            ),
        ),
        ("string values must be quoted", "a text stands between quotation marks", None),
        ("invalid basic string", "the closing quotation mark is missing", None),
        ("invalid literal string", "the closing quotation mark is missing", None),
        ("invalid multi-line", "the three closing quotation marks are missing", None),
        ("duplicate key", "this key stands here twice", None),
        (
            "cannot extend value of type",
            "this already has a value and cannot be extended",
            Some(
                "several expectations of one subject stand in one table: status = { at_least = 200, at_most = 299 }",
            ),
        ),
    ];
    match TABLE.iter().find(|(start, _, _)| told.starts_with(start)) {
        Some((_, message, help)) => ((*message).to_owned(), *help),
        None => (told.to_owned(), None),
    }
}

/// An empty span would underline nothing.
fn widen(span: Span, text: &str) -> Span {
    if span.start < span.end {
        return span;
    }
    let next = text[span.start.min(text.len())..].chars().next().map_or(0, char::len_utf8);
    Span { start: span.start, end: span.start + next }
}

fn build_table(file: &Arc<SourceFile>, table: &DeTable<'_>, span: Span) -> Result<Table, Diagnostic> {
    let mut entries = Vec::with_capacity(table.len());
    for (key, value) in table {
        entries.push(Entry {
            key: key.get_ref().to_string(),
            key_span: key.span().into(),
            node: build_node(file, value)?,
        });
    }
    Ok(Table { entries, span })
}

fn build_node(file: &Arc<SourceFile>, value: &Spanned<DeValue<'_>>) -> Result<Node, Diagnostic> {
    let span: Span = value.span().into();
    let value = match value.get_ref() {
        DeValue::String(text) => NodeValue::Text(text.to_string()),
        DeValue::Boolean(flag) => NodeValue::Bool(*flag),
        DeValue::Datetime(datetime) => NodeValue::Datetime(datetime.to_string()),
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(integer) => NodeValue::Integer(integer),
            Err(_) => return Err(Diagnostic::new(file, span, "this integer does not fit 64 bits")),
        },
        DeValue::Float(float) => match float.as_str().parse() {
            Ok(float) => NodeValue::Float(float),
            Err(_) => return Err(Diagnostic::new(file, span, "this is not a number")),
        },
        DeValue::Array(items) => {
            NodeValue::List(items.iter().map(|item| build_node(file, item)).collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => NodeValue::Table(build_table(file, table, span)?),
    };
    Ok(Node { span, value })
}
