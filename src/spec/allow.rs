//! What a step lets pass that would fail it unasked: `allow = ["console.errors", { request = "/analytics" }]`.

use regex::Regex;

use super::key::{KeyDefinition, KeyKind, key};
use super::node::{NodeValue, Table};
use super::reader::{Keys, Reader};
use super::scenario::IMPLICIT;
use crate::expect::build_regex;

/// What a pattern may be written for, with what it is searched in.
pub const ALLOW_KEYS: &[KeyDefinition] = &[
    key(
        "console",
        KeyKind::Name,
        "a pattern in the text or the place of an error on the console, or of an exception",
    ),
    key("request", KeyKind::Name, "a pattern in the address of a request that fails"),
    key(
        "csp",
        KeyKind::Name,
        "a pattern in the directive and address of what the content security policy forbids",
    ),
    key("mixed_content", KeyKind::Name, "a pattern in an address of plain http on a secure page"),
];

/// What a step lets pass.
#[derive(Clone, Debug, Default)]
pub struct Allow {
    names: Vec<String>,
    patterns: Vec<(String, Regex)>,
}

impl Allow {
    /// What lets these pass, by name.
    #[cfg(test)]
    pub fn of(names: &[&str]) -> Self {
        Self { names: names.iter().map(|&name| name.to_owned()).collect(), patterns: Vec::new() }
    }

    /// Whether an expectation that nobody wrote is turned off.
    pub fn allows(&self, name: &str) -> bool {
        self.names.iter().any(|allowed| allowed == name)
    }

    /// Whether a pattern for `key` (one of [`ALLOW_KEYS`]) is found in one of these texts.
    pub fn matches(&self, key: &str, texts: &[&str]) -> bool {
        let mut patterns = self.patterns.iter().filter(|(of, _)| of == key);
        patterns.any(|(_, pattern)| texts.iter().any(|text| pattern.is_match(text)))
    }
}

/// Reads a step's `allow`; what is wrong with it is noted.
pub(super) fn read_allow(reader: &mut Reader, keys: &Keys) -> Allow {
    let mut allow = Allow::default();
    for name in keys.texts("allow") {
        let known = || IMPLICIT.iter().map(|(name, _)| *name);
        if known().any(|known| known == name.source()) {
            allow.names.push(name.source().to_owned());
        } else {
            let all: Vec<&str> = known().collect();
            let message =
                format!("nothing to allow is called `{}`: expected {}", name.source(), all.join(", "));
            reader.unknown(name.span(), message, name.source(), known());
        }
    }
    if let Some(NodeValue::List(items)) = keys.entry("allow").map(|entry| &entry.node.value) {
        for item in items {
            if let NodeValue::Table(table) = &item.value {
                read_patterns(reader, table, &mut allow);
            }
        }
    }
    allow
}

fn read_patterns(reader: &mut Reader, table: &Table, allow: &mut Allow) {
    let definitions: Vec<&KeyDefinition> = ALLOW_KEYS.iter().collect();
    let keys = reader.check_table(table, &definitions, "what is allowed by a pattern");
    if table.entries.is_empty() {
        reader.problem(
            table.span,
            "this allows nothing: expected a pattern, such as { console = \"favicon\" }",
        );
    }
    for definition in ALLOW_KEYS {
        let Some(entry) = keys.entry(definition.name) else { continue };
        let NodeValue::Text(pattern) = &entry.node.value else { continue };
        match build_regex(pattern) {
            Ok(pattern) => allow.patterns.push((definition.name.to_owned(), pattern)),
            Err(error) => reader.problem(entry.node.span, error.message),
        }
    }
}
