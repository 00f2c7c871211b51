//! Reads `expect` and `capture`.

use std::sync::Arc;

use regex::Regex;

use super::node::{Entry, Node, NodeValue, Table};
use super::reader::Reader;
use super::scenario::{Capture, ExpectationTemplate, PredicateTemplate, SubjectTemplate};
use super::template::{Scope, Template, ValueTemplate};
use crate::expect::{
    ELEMENT_PROPERTIES, ElementProperty, Expectation, Family, PREDICATES, Predicate, SUBJECTS, Subject,
    SubjectDefinition,
};
use crate::source::{Diagnostic, Span};

/// The key that stands beside `near` and is no predicate of its own.
const NEAR_NEIGHBOUR: &str = "within";

/// Reads a table of expectations for an action that yields these families.
pub(super) fn read_expectations(
    reader: &mut Reader,
    table: &Table,
    yields: &[Family],
    action: &str,
) -> Vec<ExpectationTemplate> {
    let mut reading = Reading { reader, yields, action, found: Vec::new() };
    for entry in &table.entries {
        reading.read_subject(entry, "");
    }
    reading.found
}

struct Reading<'a> {
    reader: &'a mut Reader,
    yields: &'a [Family],
    action: &'a str,
    found: Vec<ExpectationTemplate>,
}

impl Reading<'_> {
    fn read_subject(&mut self, entry: &Entry, prefix: &str) {
        let name = format!("{prefix}{}", entry.key);
        if let Some(definition) = Subject::definition_of(&name) {
            return match definition.argument {
                None => self.read_plain(entry, definition),
                Some(_) if name == "element" => self.read_elements(entry, definition),
                Some(argument) => self.read_arguments(entry, definition, argument),
            };
        }
        // `console.errors` is one subject although TOML sees a table in it.
        let is_prefix = SUBJECTS.iter().any(|row| row.name.starts_with(&format!("{name}.")));
        if let (true, NodeValue::Table(table)) = (is_prefix && prefix.is_empty(), &entry.node.value) {
            for inner in &table.entries {
                self.read_subject(inner, &format!("{name}."));
            }
            return;
        }
        let known = SUBJECTS.iter().map(|row| row.name.strip_prefix(prefix).unwrap_or(row.name));
        self.reader.unknown(entry.key_span, format!("there is no subject `{name}`"), &entry.key, known);
    }

    fn read_plain(&mut self, entry: &Entry, definition: &'static SubjectDefinition) {
        let subject =
            SubjectTemplate { name: definition.name, argument: Template::literal(""), property: None };
        self.read_predicates(entry, subject, definition.families);
    }

    fn read_arguments(&mut self, entry: &Entry, definition: &'static SubjectDefinition, argument: &str) {
        let NodeValue::Table(table) = &entry.node.value else {
            let message = format!("expected `{}.{argument}`", definition.name);
            self.reader.problem(entry.key_span, message);
            return;
        };
        for inner in &table.entries {
            let argument = Template::new(&inner.key, inner.key_span);
            self.read_predicates(
                inner,
                SubjectTemplate { name: definition.name, argument, property: None },
                definition.families,
            );
        }
    }

    fn read_elements(&mut self, entry: &Entry, definition: &'static SubjectDefinition) {
        let example = "an element is written with its locator and a property: element.\"#id\".text";
        let NodeValue::Table(locators) = &entry.node.value else {
            self.reader.problem(entry.key_span, example);
            return;
        };
        for locator in &locators.entries {
            let NodeValue::Table(properties) = &locator.node.value else {
                self.reader.problem(locator.key_span, example);
                continue;
            };
            for property in &properties.entries {
                self.read_property(definition, &Template::new(&locator.key, locator.key_span), property);
            }
        }
    }

    fn read_property(&mut self, definition: &'static SubjectDefinition, locator: &Template, entry: &Entry) {
        let Some(row) = ELEMENT_PROPERTIES.iter().find(|row| row.name == entry.key) else {
            let known = ELEMENT_PROPERTIES.iter().map(|row| row.name);
            let message = format!("an element has no property `{}`", entry.key);
            self.reader.unknown(entry.key_span, message, &entry.key, known);
            return;
        };
        let subject = |property: ElementProperty| SubjectTemplate {
            name: definition.name,
            argument: locator.clone(),
            property: Some(property),
        };
        match (row.argument, &entry.node.value) {
            (None, _) => self.read_predicates(entry, subject(row.build(String::new())), row.families),
            (Some(_), NodeValue::Table(table)) => {
                for inner in &table.entries {
                    self.read_predicates(inner, subject(row.build(inner.key.clone())), row.families);
                }
            }
            (Some(argument), _) => {
                self.reader.problem(entry.key_span, format!("expected `{}.{argument}`", row.name));
            }
        }
    }

    fn read_predicates(&mut self, entry: &Entry, subject: SubjectTemplate, families: &[Family]) {
        if !families.iter().any(|family| self.yields.contains(family)) {
            let nouns: Vec<&str> = families.iter().map(|family| family.noun()).collect();
            let shown =
                subject.property.as_ref().map_or_else(|| subject.name.to_owned(), ElementProperty::key);
            let message = format!("`{}` gives no `{shown}`", self.action);
            let help = format!("`{shown}` can be seen of {}", nouns.join(" and of "));
            self.reader.problem_with_help(entry.key_span, message, help);
            return;
        }
        let problems_before = self.reader.problems.len();
        let static_subject = self.check_subject(&subject);
        let predicates = match &entry.node.value {
            NodeValue::Table(table) if !table.entries.is_empty() => self.read_predicate_table(table),
            _ => vec![self.predicate("equals", &entry.node, None, entry.node.span)],
        };
        let mut ready = static_subject.map(|subject| Expectation { subject, predicates: Vec::new() });
        for template in &predicates {
            let within_is_dynamic = template.within.as_ref().is_some_and(ValueTemplate::is_dynamic);
            if template.value.is_dynamic() || within_is_dynamic {
                ready = None;
                continue;
            }
            let built = self.build_predicate(template, &subject);
            if let (Some(ready), Some(predicate)) = (&mut ready, built) {
                ready.predicates.push((predicate, template.place.clone()));
            }
        }
        if self.reader.problems.len() == problems_before {
            self.found.push(ExpectationTemplate { subject, predicates, ready: ready.map(Arc::new) });
        }
    }

    fn check_subject(&mut self, subject: &SubjectTemplate) -> Option<Subject> {
        if subject.argument.is_dynamic() {
            return None;
        }
        match subject.build(subject.argument.source()) {
            Ok(built) => {
                let needs_browser =
                    matches!(&built, Subject::Element(locator, _) if locator.strategy() == "xpath");
                if needs_browser && !self.yields.contains(&Family::Browser) {
                    self.reader.problem(subject.argument.span(), "xpath= needs a browser page");
                }
                Some(built)
            }
            Err(error) => {
                self.reader.problem(subject.argument.span(), error.message);
                None
            }
        }
    }

    /// `shown` is what a report underlines when it does not hold.
    fn predicate(
        &self,
        name: &str,
        node: &Node,
        within: Option<ValueTemplate>,
        shown: Span,
    ) -> PredicateTemplate {
        let (value, place) = (node.to_template(), self.reader.file.place(shown));
        PredicateTemplate { name: name.to_owned(), value, within, place, span: node.span }
    }

    fn read_predicate_table(&mut self, table: &Table) -> Vec<PredicateTemplate> {
        let within = table.get(NEAR_NEIGHBOUR).map(|entry| entry.node.to_template());
        let mut predicates = Vec::new();
        for entry in &table.entries {
            if Predicate::definition_of(&entry.key).is_some() {
                let within = within.clone().filter(|_| entry.key == "near");
                predicates.push(self.predicate(&entry.key, &entry.node, within, entry.span()));
            } else if entry.key != NEAR_NEIGHBOUR || table.get("near").is_none() {
                let message = format!("there is no predicate `{}`", entry.key);
                let known = PREDICATES.iter().map(|row| row.name);
                self.reader.unknown(entry.key_span, message, &entry.key, known);
            }
        }
        predicates
    }

    fn build_predicate(
        &mut self,
        template: &PredicateTemplate,
        subject: &SubjectTemplate,
    ) -> Option<Predicate> {
        let unit = subject.property.as_ref().map_or_else(
            || Subject::definition_of(subject.name).map_or(crate::expect::Unit::Any, |row| row.unit),
            |property| property.definition().map_or(crate::expect::Unit::Any, |row| row.unit),
        );
        let value = template.value.render(&Scope::default()).ok()?;
        let within = template.within.as_ref().and_then(|within| within.render(&Scope::default()).ok());
        match Predicate::build(&template.name, &value, within.as_ref(), unit) {
            Ok(predicate) => Some(predicate),
            Err(error) => {
                self.reader.problem(template.span, error.message);
                None
            }
        }
    }
}

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
    let (subject, subject_span, pattern) = match &entry.node.value {
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
    let template = Template::new(subject, subject_span);
    let parsed = match Subject::parse(subject) {
        Ok(parsed) => parsed,
        Err(error) => {
            let problem = Diagnostic::new(&reader.file, subject_span, error.message);
            reader.problems.push(match error.nearest {
                Some(meant) => problem.label(format!("did you mean `{meant}`?")),
                None => problem,
            });
            return None;
        }
    };
    if !parsed.families().iter().any(|family| yields.contains(family)) {
        reader.problem(subject_span, format!("`{action}` gives no `{parsed}`"));
        return None;
    }
    let place = reader.file.place(entry.span());
    Some(Capture { name: entry.key.clone(), subject: subject_template(&parsed, &template), pattern, place })
}

fn subject_template(parsed: &Subject, written: &Template) -> SubjectTemplate {
    let (argument, property) = match parsed {
        Subject::Plain(_) => (String::new(), None),
        Subject::Header(text)
        | Subject::Cookie(text)
        | Subject::Json(text)
        | Subject::Row(text)
        | Subject::Column(text) => (text.clone(), None),
        Subject::Element(locator, property) => (locator.to_string(), Some(property.clone())),
    };
    SubjectTemplate {
        name: parsed.definition().name,
        argument: Template::new(argument, written.span()),
        property,
    }
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
            ("pattern", NodeValue::Text(text)) => match Regex::new(text) {
                Ok(regex) => pattern = Some(regex),
                Err(error) => {
                    let reason = error.to_string();
                    let reason = reason.lines().last().unwrap_or("").trim_start_matches("error: ").to_owned();
                    reader.problem(entry.node.span, format!("not a regular expression: {reason}"));
                    return None;
                }
            },
            ("from" | "pattern", _) => {
                reader.problem(entry.node.span, format!("`{}` must be a text", entry.key));
            }
            (key, _) => reader.unknown(
                entry.key_span,
                format!("unknown key `{key}` in a capture"),
                key,
                ["from", "pattern"],
            ),
        }
    }
    let Some((text, span)) = from else {
        reader
            .problem(table.span, "a capture needs `from`: { from = \"header.location\", pattern = \"...\" }");
        return None;
    };
    Some((text, span, pattern))
}
