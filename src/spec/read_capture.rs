//! Reads `capture`.

use regex::Regex;

use super::node::{Entry, NodeValue, Table};
use super::reader::Reader;
use super::scenario::{Capture, SubjectTemplate};
use super::template::Template;
use crate::expect::{Family, SubjectError, SubjectParts, build_regex};
use crate::source::{Diagnostic, Span};

/// The keys of a capture that is a table.
pub(super) const CAPTURE_KEYS: &[&str] = &["from", "pattern"];

/// Reads a table of captures.
pub(super) fn read_captures(
    reader: &mut Reader,
    table: &Table,
    yields: &[Family],
    action: &str,
) -> Vec<Capture> {
    table.entries.iter().filter_map(|entry| read_capture(reader, entry, yields, action)).collect()
}

fn read_capture(reader: &mut Reader, entry: &Entry, yields: &[Family], action: &str) -> Option<Capture> {
    let (text, span, pattern) = match &entry.node.value {
        NodeValue::Text(text) => (text, entry.node.span, None),
        NodeValue::Table(table) => read_capture_table(reader, table)?,
        _ => {
            let example = "a capture is a subject, such as \"url\", or { from = \"header.location\", pattern = \"/(\\\\d+)/\" }";
            reader.problem(entry.node.span, example);
            return None;
        }
    };
    let is_name = entry.key.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !entry.key.starts_with(|c: char| c.is_numeric());
    if !is_name {
        reader.problem(entry.key_span, "a captured name consists of letters, digits and `_`");
        return None;
    }
    let subject = read_subject(reader, text, span, yields, action)?;
    let place = reader.file.place(entry.span());
    Some(Capture { name: entry.key.clone(), subject, pattern, place })
}

fn read_subject(
    reader: &mut Reader,
    text: &str,
    span: Span,
    yields: &[Family],
    action: &str,
) -> Option<SubjectTemplate> {
    let parts = note(reader, span, SubjectParts::split(text))?;
    let subject = SubjectTemplate {
        name: parts.definition.name,
        argument: Template::new(parts.argument, span),
        property: parts.property,
    };
    if !subject.argument.is_dynamic() {
        note(reader, span, subject.build(subject.argument.source()))?;
    }
    if subject.property.is_some() && !yields.contains(&Family::Browser) {
        reader.check_without_browser(&subject.argument);
    }
    let families = parts.definition.families_with(subject.property.as_ref());
    if !families.iter().any(|family| yields.contains(family)) {
        reader.problem(span, format!("`{action}` gives no `{}`", text.trim()));
        return None;
    }
    Some(subject)
}

fn note<T>(reader: &mut Reader, span: Span, result: Result<T, SubjectError>) -> Option<T> {
    result
        .map_err(|error| {
            let problem = Diagnostic::new(&reader.file, span, error.message);
            reader.problems.push(match error.nearest {
                Some(meant) => problem.label(format!("did you mean `{meant}`?")),
                None => problem,
            });
        })
        .ok()
}

fn read_capture_table<'t>(
    reader: &mut Reader,
    table: &'t Table,
) -> Option<(&'t String, Span, Option<Regex>)> {
    let mut from = None;
    let mut pattern = None;
    for entry in &table.entries {
        match (entry.key.as_str(), &entry.node.value) {
            ("from", NodeValue::Text(text)) => from = Some((text, entry.node.span)),
            ("pattern", NodeValue::Text(text)) => match build_regex(text) {
                Ok(regex) => pattern = Some(regex),
                Err(error) => {
                    reader.problem(entry.node.span, error.message);
                    return None;
                }
            },
            ("from" | "pattern", _) => {
                reader.problem(entry.node.span, format!("`{}` must be a text", entry.key));
            }
            (key, _) => {
                let message = format!("unknown key `{key}` in a capture");
                reader.unknown(entry.key_span, message, key, CAPTURE_KEYS.iter().copied());
            }
        }
    }
    let Some((text, span)) = from else {
        reader
            .problem(table.span, "a capture needs `from`: { from = \"header.location\", pattern = \"...\" }");
        return None;
    };
    Some((text, span, pattern))
}
