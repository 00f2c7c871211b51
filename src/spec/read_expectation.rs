//! Reads `expect`.

use std::sync::Arc;

use super::node::{Entry, Node, NodeValue, Table};
use super::reader::Reader;
use super::scenario::{ExpectationTemplate, PredicateTemplate, SubjectTemplate};
use super::schema_file::read_schema;
use super::template::{Scope, Template, ValueTemplate};
use crate::expect::{
    Argument, ELEMENT_PROPERTIES, ElementProperty, Expectation, Family, PREDICATES, Predicate,
    PredicateDefinition, SUBJECTS, Subject, SubjectDefinition, Unit,
};
use crate::source::Span;

/// The key that stands beside `near` and is no predicate of its own.
const NEAR_NEIGHBOUR: &str = "within";

/// The predicate of a value that stands alone.
const EQUALS: &str = "equals";

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
        let known = SUBJECTS.iter().filter_map(|row| row.name.strip_prefix(prefix)?.split('.').next());
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
            if !self.yields.contains(&Family::Browser) {
                self.reader.check_without_browser(&Template::new(&locator.key, locator.key_span));
            }
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
            if matches!(entry.key.as_str(), "exists" | "present" | "absent") {
                let help = "`count` says whether there is one: `count = 0` is none, `count.at_least = 1` at least one";
                self.reader.problem_with_help(entry.key_span, message, help);
                return;
            }
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
            let shown = subject.shown();
            let message = format!("`{}` gives no `{shown}`", self.action);
            let help = format!("`{shown}` can be seen of {}", nouns.join(" and of "));
            self.reader.problem_with_help(entry.key_span, message, help);
            return;
        }
        let problems_before = self.reader.problems.len();
        let static_subject = self.check_subject(&subject);
        let predicates = self.read_predicate_list(&entry.node, &subject);
        let mut ready = static_subject.map(|subject| Expectation { subject, predicates: Vec::new() });
        for template in &predicates {
            let built = self.build_predicate(template, &subject);
            match (&mut ready, built) {
                (Some(ready), Some(predicate)) => ready.predicates.push((predicate, template.place.clone())),
                _ => ready = None,
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
        subject
            .build(subject.argument.source())
            .map_err(|error| self.reader.problem(subject.argument.span(), error.message))
            .ok()
    }

    /// The predicates that a subject's value says: a table of them, or a value that it must equal.
    fn read_predicate_list(&mut self, node: &Node, subject: &SubjectTemplate) -> Vec<PredicateTemplate> {
        let judged = Judged { name: subject.shown(), unit: subject.unit(), several: subject.is_several() };
        let NodeValue::Table(table) = &node.value else {
            if PredicateDefinition::names_for(judged.unit, false).contains(&EQUALS) {
                return vec![self.predicate(EQUALS, node, None, node.span)];
            }
            self.cannot_be_said(node.span, EQUALS, &judged);
            return Vec::new();
        };
        let within = table.get(NEAR_NEIGHBOUR).map(|entry| entry.node.to_template());
        let mut predicates = Vec::new();
        for entry in self.check_predicates(table, node.span, &judged) {
            let within = within.clone().filter(|_| entry.key == "near");
            predicates.push(self.predicate(&entry.key, &entry.node, within, entry.span()));
        }
        predicates
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

    /// The entries of a table of predicates that can be said of what is judged; the others are problems.
    fn check_predicates<'t>(&mut self, table: &'t Table, span: Span, judged: &Judged) -> Vec<&'t Entry> {
        if table.entries.is_empty() {
            self.reader.problem(span, format!("what must `{}` be? {}", judged.name, judged.possible()));
        }
        let mut allowed = Vec::new();
        let before = self.reader.problems.len();
        for entry in &table.entries {
            if entry.key == NEAR_NEIGHBOUR && table.get("near").is_some() {
                continue;
            }
            let Some(definition) = Predicate::definition_of(&entry.key) else {
                let message = format!("there is no predicate `{}`", entry.key);
                let known = PREDICATES.iter().map(|row| row.name).chain([NEAR_NEIGHBOUR]);
                self.reader.unknown(entry.key_span, message, &entry.key, known);
                continue;
            };
            if !definition.allows(judged.unit, judged.several) {
                self.cannot_be_said(entry.key_span, &entry.key, judged);
                continue;
            }
            let before = self.reader.problems.len();
            self.check_inner_predicates(definition, entry, judged);
            if self.reader.problems.len() == before {
                allowed.push(entry);
            }
        }
        if self.reader.problems.len() > before && table.get(NEAR_NEIGHBOUR).is_none() {
            // The neighbour of `near` is probably there, but misspelt.
            allowed.retain(|entry| entry.key != "near");
        }
        allowed
    }

    fn cannot_be_said(&mut self, span: Span, predicate: &str, judged: &Judged) {
        let message = format!("`{predicate}` cannot be said of `{}`", judged.name);
        let help = format!("`{}` is {}: {}", judged.name, judged.unit.noun(), judged.possible());
        self.reader.problem_with_help(span, message, help);
    }

    /// `length`, `any`, `all` and `none` take predicates themselves.
    fn check_inner_predicates(&mut self, definition: &PredicateDefinition, entry: &Entry, judged: &Judged) {
        let unit = match definition.argument {
            Argument::NumberOrPredicates => Unit::Number,
            Argument::Predicates => judged.unit.of_item(),
            _ => return,
        };
        if let NodeValue::Table(table) = &entry.node.value {
            let name = format!("{}.{}", judged.name, definition.name);
            self.check_predicates(table, entry.node.span, &Judged { name, unit, several: false });
        }
    }

    /// The predicate, where nothing has to be filled in.
    fn build_predicate(
        &mut self,
        template: &PredicateTemplate,
        subject: &SubjectTemplate,
    ) -> Option<Predicate> {
        if subject.unit() == Unit::Schema {
            return read_schema(self.reader, template).map(Predicate::Conforms);
        }
        if template.value.is_dynamic() || template.within.as_ref().is_some_and(ValueTemplate::is_dynamic) {
            return None;
        }
        let value = template.value.render(&Scope::default()).ok()?;
        let within = template.within.as_ref().and_then(|within| within.render(&Scope::default()).ok());
        Predicate::build(&template.name, &value, within.as_ref(), subject.unit())
            .map_err(|error| self.reader.problem(template.span, error.message))
            .ok()
    }
}

/// What a table of predicates is about.
struct Judged {
    name: String,
    unit: Unit,
    several: bool,
}

impl Judged {
    fn possible(&self) -> String {
        format!("it takes {}", PredicateDefinition::names_for(self.unit, self.several).join(", "))
    }
}
