//! Typed values out of a tree of TOML: every problem is noted with its place, and reading goes on.

use std::sync::Arc;
use std::time::Duration;

use super::key::{KeyDefinition, KeyKind};
use super::node::{Entry, Node, NodeValue, Table};
use super::template::{Template, ValueTemplate, names_of_condition};
use crate::expect::{Locator, parse_duration};
use crate::source::{Diagnostic, SourceFile, Span, nearest};

/// How many words are listed where none is near.
const LISTED: usize = 32;

/// Reads one file and collects its problems.
pub struct Reader {
    /// The file.
    pub file: Arc<SourceFile>,
    /// What is wrong with it so far.
    pub problems: Vec<Diagnostic>,
}

impl Reader {
    /// Begins to read a file.
    pub fn new(file: &Arc<SourceFile>) -> Self {
        Self { file: Arc::clone(file), problems: Vec::new() }
    }

    /// Notes a problem.
    pub fn problem(&mut self, span: Span, message: impl Into<String>) {
        self.problems.push(Diagnostic::new(&self.file, span, message));
    }

    /// Notes a problem with what to do about it.
    pub fn problem_with_help(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Diagnostic::new(&self.file, span, message).help(help));
    }

    /// Notes an unknown word, with the known one that was probably meant, or else those that there are.
    pub fn unknown<'a>(
        &mut self,
        span: Span,
        message: String,
        word: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        let problem = Diagnostic::new(&self.file, span, message);
        let known: Vec<&str> = known.into_iter().collect();
        self.problems.push(match nearest(word, known.iter().copied()) {
            Some(meant) => problem.label(format!("did you mean `{meant}`?")),
            None if (1..=LISTED).contains(&known.len()) => {
                problem.help(format!("there are {}", known.join(", ")))
            }
            None => problem,
        });
    }

    /// Checks a table's keys against their definitions, and every value against the kind of its key. Only the
    /// entries that are as they should be are left in what is given back.
    pub fn check_table(&mut self, table: &Table, definitions: &[&KeyDefinition], what: &str) -> Keys {
        let mut keys = Keys { entries: Vec::new(), span: table.span };
        for entry in &table.entries {
            match definitions.iter().find(|definition| definition.name == entry.key) {
                Some(definition) => {
                    if self.check_kind(entry, definition.kind) {
                        keys.entries.push(entry.clone());
                    }
                }
                None => {
                    let known = definitions.iter().map(|definition| definition.name);
                    self.unknown(
                        entry.key_span,
                        format!("unknown key `{}` {what}", entry.key),
                        &entry.key,
                        known,
                    );
                }
            }
        }
        keys
    }

    /// Whether a value is of its key's kind; if not, that is a problem.
    pub fn check_kind(&mut self, entry: &Entry, kind: KeyKind) -> bool {
        let before = self.problems.len();
        let node = &entry.node;
        let fits = match (kind, &node.value) {
            (KeyKind::Duration, NodeValue::Text(text)) => parse_duration(text).is_some(),
            (KeyKind::Text | KeyKind::Name | KeyKind::TextOrTexts, NodeValue::Text(_))
            | (KeyKind::Flag | KeyKind::Condition | KeyKind::FlagOrNumber, NodeValue::Bool(_))
            | (KeyKind::Any, _)
            | (
                KeyKind::Values | KeyKind::Expectations | KeyKind::Captures | KeyKind::Table,
                NodeValue::Table(_),
            ) => true,
            (KeyKind::FlagOrNumber | KeyKind::Number, NodeValue::Integer(number)) => *number >= 0,
            (KeyKind::Ratio, NodeValue::Float(number)) => (0.0..=1.0).contains(number),
            (KeyKind::Ratio, NodeValue::Integer(number)) => (0..=1).contains(number),
            (KeyKind::Url, NodeValue::Text(text)) => self.check_url(text, node.span),
            (KeyKind::Condition, NodeValue::Text(text)) => self.check_condition(text, node.span),
            (KeyKind::Locator, NodeValue::Text(text)) => self.check_locator(text, node.span),
            (KeyKind::Locators, NodeValue::Text(_) | NodeValue::List(_)) => self.check_locators(node),
            (KeyKind::Texts | KeyKind::Names | KeyKind::TextOrTexts, NodeValue::List(items)) => {
                items.iter().all(|item| matches!(item.value, NodeValue::Text(_)))
            }
            (KeyKind::Allowed, NodeValue::List(items)) => {
                items.iter().all(|item| matches!(item.value, NodeValue::Text(_) | NodeValue::Table(_)))
            }
            (KeyKind::Tables, NodeValue::List(items)) => {
                items.iter().all(|item| matches!(item.value, NodeValue::Table(_)))
            }
            (KeyKind::Fields, NodeValue::Table(table)) => {
                table.entries.iter().all(|entry| is_field(&entry.node))
            }
            (KeyKind::LocatorFields, NodeValue::Table(table)) => {
                table.entries.iter().all(|entry| is_field(&entry.node))
                    && table.entries.iter().all(|entry| self.check_locator(&entry.key, entry.key_span))
            }
            (KeyKind::Credentials, NodeValue::Table(table)) => is_credentials(table),
            (KeyKind::Parts, NodeValue::Table(table)) => {
                table.entries.iter().all(|entry| is_part(&entry.node))
            }
            _ => false,
        };
        if !fits && self.problems.len() == before {
            let message = format!("`{}` must be {}", entry.key, kind.expected());
            let found = match &node.value {
                NodeValue::Text(_) => String::new(),
                _ => format!("this is {}", node.type_name()),
            };
            let problem = Diagnostic::new(&self.file, node.span, message);
            self.problems.push(if found.is_empty() { problem } else { problem.label(found) });
        }
        fits
    }

    fn check_url(&mut self, text: &str, span: Span) -> bool {
        let is_dynamic = Template::new(text, span).is_dynamic();
        let problem = if is_dynamic {
            None
        } else if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            Some("an address has no white space in it".to_owned())
        } else {
            match url::Url::parse(text) {
                Ok(url) if !matches!(url.scheme(), "http" | "https") => {
                    Some(format!("an address begins with http:// or https://, not with {}:", url.scheme()))
                }
                Ok(_) | Err(url::ParseError::RelativeUrlWithoutBase) => None,
                Err(error) => Some(format!("not an address: {error}")),
            }
        };
        if let Some(message) = problem {
            self.problem(span, message);
            return false;
        }
        true
    }

    fn check_condition(&mut self, text: &str, span: Span) -> bool {
        match names_of_condition(text) {
            Ok(_) => true,
            Err(error) => {
                self.problem(span, error.message);
                false
            }
        }
    }

    fn check_locators(&mut self, node: &Node) -> bool {
        match &node.value {
            NodeValue::Text(text) => self.check_locator(text, node.span),
            NodeValue::List(items) => {
                let are_texts = items.iter().all(|item| matches!(item.value, NodeValue::Text(_)));
                are_texts && items.iter().all(|item| self.check_locators(item))
            }
            _ => false,
        }
    }

    fn check_locator(&mut self, text: &str, span: Span) -> bool {
        if Template::new(text, span).is_dynamic() {
            return true;
        }
        match Locator::parse(text) {
            Ok(_) => true,
            Err(error) => {
                self.problem(span, error.message);
                false
            }
        }
    }

    /// A locator for HTML that no browser shows must not ask for what only a browser knows.
    pub fn check_without_browser(&mut self, locator: &Template) {
        let parsed = Locator::parse(locator.source()).ok().filter(|_| !locator.is_dynamic());
        if let Some(name) = parsed.and_then(|locator| locator.browser_only()) {
            self.problem_with_help(
                locator.span(),
                format!("only a browser can judge `:{name}`"),
                "an HTTP step sees the HTML as it came: name an attribute there, such as [checked], or look in a browser step",
            );
        }
    }
}

fn is_field(node: &Node) -> bool {
    match &node.value {
        NodeValue::Table(_) => false,
        NodeValue::List(items) => {
            items.iter().all(|item| !matches!(item.value, NodeValue::Table(_) | NodeValue::List(_)))
        }
        _ => true,
    }
}

fn is_credentials(table: &Table) -> bool {
    let is_text = |key| table.get(key).is_some_and(|entry| matches!(entry.node.value, NodeValue::Text(_)));
    table.entries.len() == 2 && is_text("user") && is_text("password")
}

fn is_part(node: &Node) -> bool {
    match &node.value {
        NodeValue::Table(table) => {
            table.get("file").is_some()
                && table.entries.iter().all(|entry| {
                    matches!(entry.key.as_str(), "file" | "content_type")
                        && matches!(entry.node.value, NodeValue::Text(_))
                })
        }
        _ => is_field(node),
    }
}

/// Entries whose values were checked: reading them cannot go wrong.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    entries: Vec<Entry>,
    /// The place of the whole table.
    pub span: Span,
}

impl Keys {
    /// The entry of a key.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == name)
    }

    /// A text, in which templates are filled in.
    pub fn template(&self, name: &str) -> Option<Template> {
        let node = &self.entry(name)?.node;
        match &node.value {
            NodeValue::Text(text) => Some(Template::new(text, node.span)),
            _ => None,
        }
    }

    /// A text in which nothing is filled in.
    pub fn name(&self, name: &str) -> Option<&str> {
        match &self.entry(name)?.node.value {
            NodeValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// True or false.
    pub fn flag(&self, name: &str) -> Option<bool> {
        match &self.entry(name)?.node.value {
            NodeValue::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// A whole number.
    pub fn number(&self, name: &str) -> Option<usize> {
        match &self.entry(name)?.node.value {
            NodeValue::Integer(number) => usize::try_from(*number).ok(),
            _ => None,
        }
    }

    /// A number from 0 to 1.
    pub fn ratio(&self, name: &str) -> Option<f64> {
        match &self.entry(name)?.node.value {
            NodeValue::Float(number) => Some(*number),
            NodeValue::Integer(number) => Some(if *number == 0 { 0.0 } else { 1.0 }),
            _ => None,
        }
    }

    /// A duration.
    pub fn duration(&self, name: &str) -> Option<Duration> {
        self.name(name).and_then(parse_duration)
    }

    /// Any value.
    pub fn value(&self, name: &str) -> Option<ValueTemplate> {
        self.entry(name).map(|entry| entry.node.to_template())
    }

    /// The items of a list of texts, or the one text that stands for it, with their places.
    pub fn texts(&self, name: &str) -> Vec<Template> {
        if let Some(single) = self.template(name) {
            return vec![single];
        }
        let Some(NodeValue::List(items)) = self.entry(name).map(|entry| &entry.node.value) else {
            return Vec::new();
        };
        items
            .iter()
            .filter_map(|item| match &item.value {
                NodeValue::Text(text) => Some(Template::new(text, item.span)),
                _ => None,
            })
            .collect()
    }

    /// A table from names to values; a list gives its name several times.
    pub fn fields(&self, name: &str) -> Vec<(Template, ValueTemplate)> {
        let Some(table) = self.table(name) else {
            return Vec::new();
        };
        let mut fields = Vec::new();
        for entry in &table.entries {
            let key = Template::new(&entry.key, entry.key_span);
            match &entry.node.value {
                NodeValue::List(items) => {
                    fields.extend(items.iter().map(|item| (key.clone(), item.to_template())));
                }
                _ => fields.push((key, entry.node.to_template())),
            }
        }
        fields
    }

    /// A table.
    pub fn table(&self, name: &str) -> Option<&Table> {
        match &self.entry(name)?.node.value {
            NodeValue::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The tables of an array of tables.
    pub fn tables(&self, name: &str) -> Vec<&Table> {
        let Some(NodeValue::List(items)) = self.entry(name).map(|entry| &entry.node.value) else {
            return Vec::new();
        };
        items
            .iter()
            .filter_map(|item| match &item.value {
                NodeValue::Table(table) => Some(table),
                _ => None,
            })
            .collect()
    }

    /// User and password.
    pub fn credentials(&self, name: &str) -> Option<(Template, Template)> {
        let table = self.table(name)?;
        let text = |key: &str| {
            let entry = table.get(key)?;
            match &entry.node.value {
                NodeValue::Text(text) => Some(Template::new(text, entry.node.span)),
                _ => None,
            }
        };
        Some((text("user")?, text("password")?))
    }
}
