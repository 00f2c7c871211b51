//! Which names templates may use where: a name that cannot be known is a problem of the spec.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::filter::{UnknownWord, find_unknown_in_expression, find_unknown_word};
use super::node::{Node, NodeValue, Table};
use super::reader::Reader;
use super::template::{BUILT_IN, Environment, Scope, Template, names_of_condition};
use crate::evidence::Value;
use crate::source::{Diagnostic, Span, nearest};

/// Follows a scenario from top to bottom and knows which names have a value by then.
pub(super) struct Names<'a> {
    environment: &'a Environment,
    known: BTreeSet<String>,
    uses: usize,
    case_columns: Option<Vec<String>>,
    /// The secrets that are used, with their values.
    pub secrets: BTreeMap<String, String>,
}

impl<'a> Names<'a> {
    pub(super) fn new(environment: &'a Environment, known: impl IntoIterator<Item = String>) -> Self {
        Self {
            environment,
            known: known.into_iter().collect(),
            uses: 0,
            case_columns: None,
            secrets: BTreeMap::new(),
        }
    }

    /// From here on a name is known. False if it was already.
    pub(super) fn define(&mut self, name: &str) -> bool {
        !BUILT_IN.iter().any(|(built_in, _)| *built_in == name) && self.known.insert(name.to_owned())
    }

    /// From here on `case.NAME` is known for these names.
    pub(super) fn set_case_columns(&mut self, columns: Vec<String>) {
        self.case_columns = Some(columns);
    }

    /// A number for the next use of a fragment.
    pub(super) fn next_use(&mut self) -> usize {
        self.uses += 1;
        self.uses
    }

    /// Enters a fragment, which sees its parameters and nothing of who uses it. What is given back is for
    /// [`Names::leave`].
    pub(super) fn enter(&mut self, parameters: impl IntoIterator<Item = String>) -> Inside {
        let parameters: BTreeSet<String> = parameters.into_iter().collect();
        let outside = std::mem::replace(&mut self.known, parameters.clone());
        Inside { outside, parameters }
    }

    /// Leaves a fragment: what it captured is known from here on.
    pub(super) fn leave(&mut self, inside: Inside) {
        let captured = std::mem::replace(&mut self.known, inside.outside);
        self.known.extend(captured.difference(&inside.parameters).cloned());
    }

    /// From here on what a step captures is known. In a fragment, which may be used twice, a name may be too.
    pub(super) fn define_captures(&mut self, reader: &mut Reader, table: &Table, is_fragment: bool) {
        let Some(NodeValue::Table(captures)) = table.get("capture").map(|entry| &entry.node.value) else {
            return;
        };
        for entry in &captures.entries {
            if !self.define(&entry.key) && !is_fragment {
                let message =
                    format!("`{}` is already the name of a variable or of an earlier capture", entry.key);
                reader.problem_with_help(entry.key_span, message, "give it another name");
            }
        }
    }

    /// Checks all texts in a table, but for those of `capture`, which become names only afterwards.
    pub(super) fn check_table(&mut self, reader: &mut Reader, table: &Table) {
        for entry in &table.entries {
            match (entry.key.as_str(), &entry.node.value) {
                ("capture", _) => {}
                ("when", NodeValue::Text(condition)) => {
                    // A condition that does not parse was told when its key was checked.
                    let names = names_of_condition(condition).unwrap_or_default();
                    tell_unknown_word(reader, find_unknown_in_expression(condition), entry.node.span);
                    self.check_names(reader, &names, condition, entry.node.span);
                }
                _ => {
                    self.check_text(reader, &entry.key, entry.key_span);
                    self.check_node(reader, &entry.node);
                }
            }
        }
    }

    /// Checks all texts in a value.
    pub(super) fn check_node(&mut self, reader: &mut Reader, node: &Node) {
        match &node.value {
            NodeValue::Text(text) => self.check_text(reader, text, node.span),
            NodeValue::List(items) => items.iter().for_each(|item| self.check_node(reader, item)),
            NodeValue::Table(table) => self.check_table(reader, table),
            NodeValue::Integer(_) | NodeValue::Float(_) | NodeValue::Bool(_) | NodeValue::Datetime(_) => {}
        }
    }

    fn check_text(&mut self, reader: &mut Reader, text: &str, span: Span) {
        let template = Template::new(text, span);
        if !template.is_dynamic() {
            return;
        }
        let before = reader.problems.len();
        match template.names() {
            Ok(names) => {
                tell_unknown_word(reader, find_unknown_word(text), span);
                self.check_names(reader, &names, text, span);
                if reader.problems.len() == before && names.iter().all(|name| is_in_rehearsal(name)) {
                    rehearse(reader, &template);
                }
            }
            Err(error) => reader.problem(span, error.message),
        }
    }

    fn check_names(&mut self, reader: &mut Reader, names: &[String], text: &str, span: Span) {
        for name in names {
            let has_default = text.contains("default(") || text.contains("is defined");
            if let Err(problem) = self.check_name(name, has_default) {
                let place = place_of(reader, name, span);
                let diagnostic = Diagnostic::new(&reader.file, place, problem.message);
                let diagnostic = match problem.label {
                    Some(label) => diagnostic.label(label),
                    None => diagnostic,
                };
                reader.problems.push(diagnostic);
            }
        }
    }

    fn check_name(&mut self, name: &str, has_default: bool) -> Result<(), NameProblem> {
        let (root, property) = name.split_once('.').unwrap_or((name, ""));
        match root {
            "secret" => match self.environment.secret(property) {
                Ok(value) => {
                    self.secrets.insert(property.to_owned(), value);
                    Ok(())
                }
                Err(_) if has_default => Ok(()),
                Err(reason) => Err(NameProblem::new(format!("there is no secret `{property}`: {reason}"))),
            },
            "case" if self.case_columns.is_some() => self.check_column(property),
            "env" if self.environment.get(property).is_some() || has_default => Ok(()),
            "env" => Err(NameProblem::new(format!("{property} is not set in the environment"))),
            _ => self.check_other(root, property),
        }
    }

    fn check_column(&self, property: &str) -> Result<(), NameProblem> {
        let columns = self.case_columns.as_deref().unwrap_or_default();
        if columns.iter().any(|column| column == property) {
            return Ok(());
        }
        Err(NameProblem {
            message: format!("not every `[[case]]` has a `{property}`: all have {}", columns.join(", ")),
            label: nearest(property, columns.iter().map(String::as_str))
                .map(|meant| format!("did you mean `case.{meant}`?")),
        })
    }

    /// What may have been meant by a name that nothing has; the columns of the cases have `case.` before them.
    fn propose(&self, name: &str) -> Option<String> {
        let columns = self.case_columns.as_deref().unwrap_or_default();
        if columns.iter().any(|column| column == name) {
            return Some(format!("case.{name}"));
        }
        let words = self.known.iter().map(String::as_str).chain(BUILT_IN.iter().map(|(name, _)| *name));
        nearest(name, words).map(str::to_owned)
    }

    fn check_other(&self, root: &str, property: &str) -> Result<(), NameProblem> {
        if self.known.contains(root) || root == "now" {
            return Ok(());
        }
        let built_in = BUILT_IN.iter().find(|(name, _)| *name == root).map(|(_, properties)| *properties);
        match built_in {
            Some(properties) if properties.contains(&property) => Ok(()),
            Some([]) => {
                Err(NameProblem::new(format!("`{root}` has no value here: this scenario has no `[[case]]`")))
            }
            Some(properties) => Err(NameProblem {
                message: format!("`{root}` has no `{property}`: there are {}", properties.join(", ")),
                label: nearest(property, properties.iter().copied())
                    .map(|meant| format!("did you mean `{root}.{meant}`?")),
            }),
            None => Err(NameProblem {
                message: format!(
                    "`{root}` has no value here: no variable and no earlier capture has this name"
                ),
                label: self.propose(root).map(|meant| format!("did you mean `{meant}`?")),
            }),
        }
    }
}

/// Names whose values have the same form in every run, with such values.
const REHEARSAL: &[(&str, &str)] = &[
    ("now", "2026-01-02T03:04:05.678Z"),
    ("run.id", "1a2b3c4d5e"),
    ("run.started", "2026-01-02T03:04:05.678Z"),
];

fn is_in_rehearsal(name: &str) -> bool {
    REHEARSAL.iter().any(|(known, _)| *known == name)
}

/// Fills in a template whose names all have the same form in every run: what is wrong with it then is wrong now.
fn rehearse(reader: &mut Reader, template: &Template) {
    static SCOPE: LazyLock<Scope> = LazyLock::new(|| {
        let mut scope = Scope::default();
        let of_run = REHEARSAL.iter().filter_map(|(name, value)| Some((name.strip_prefix("run.")?, *value)));
        scope.set_table("run", of_run);
        scope.set("now", &Value::text(REHEARSAL[0].1));
        scope
    });
    if let Err(error) = template.render(&SCOPE) {
        reader.problem(template.span(), error.message);
    }
}

fn tell_unknown_word(reader: &mut Reader, unknown: Option<UnknownWord>, span: Span) {
    if let Some(unknown) = unknown {
        let place = place_of(reader, &unknown.word, span);
        let problem = Diagnostic::new(&reader.file, place, unknown.message);
        reader.problems.push(match unknown.nearest {
            Some(meant) => problem.label(format!("did you mean `{meant}`?")),
            None => problem,
        });
    }
}

/// The names that the templates in a table use, without what stands after their point.
pub(super) fn used_names(table: &Table) -> Vec<String> {
    let mut names = Vec::new();
    collect_names(table, &mut names);
    names.sort();
    names.dedup();
    names
}

fn collect_names(table: &Table, names: &mut Vec<String>) {
    for entry in &table.entries {
        add_names(&Template::new(&entry.key, entry.key_span), names);
        collect_from(&entry.node, names);
    }
}

fn collect_from(node: &Node, names: &mut Vec<String>) {
    match &node.value {
        NodeValue::Text(text) => add_names(&Template::new(text, node.span), names),
        NodeValue::List(items) => items.iter().for_each(|item| collect_from(item, names)),
        NodeValue::Table(table) => collect_names(table, names),
        NodeValue::Integer(_) | NodeValue::Float(_) | NodeValue::Bool(_) | NodeValue::Datetime(_) => {}
    }
}

fn add_names(template: &Template, names: &mut Vec<String>) {
    let used = template.names().unwrap_or_default();
    names.extend(used.iter().map(|name| name.split('.').next().unwrap_or(name).to_owned()));
}

/// What is known outside of a fragment, while one is read.
pub(super) struct Inside {
    outside: BTreeSet<String>,
    parameters: BTreeSet<String>,
}

struct NameProblem {
    message: String,
    label: Option<String>,
}

impl NameProblem {
    fn new(message: String) -> Self {
        Self { message, label: None }
    }
}

/// The place of a name inside a text's place.
fn place_of(reader: &Reader, name: &str, span: Span) -> Span {
    let text = reader.file.text.get(span.start..span.end).unwrap_or("");
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let found = text.match_indices(name).find(|(start, _)| {
        let before = text[..*start].chars().next_back();
        let after = text[start + name.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    });
    found.map_or(span, |(start, _)| Span { start: span.start + start, end: span.start + start + name.len() })
}
