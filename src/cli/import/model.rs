//! What an import gives, whatever it came from: steps, and a line for each thing that could not be carried over.

use serde_json::Value as Json;

/// A spec that was read out of something else. All texts in it are texts of a spec: literal `{{` are escaped,
/// templates are ours.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::cli) struct ImportedSpec {
    /// The scenario's name.
    pub(in crate::cli) name: String,
    /// Lines at its top, for people.
    pub(in crate::cli) comments: Vec<String>,
    /// Words to select it by.
    pub(in crate::cli) tags: Vec<String>,
    /// Whether it leaves data behind.
    pub(in crate::cli) writes: bool,
    /// Names and values, with a line on each.
    pub(in crate::cli) vars: Vec<ImportedVariable>,
    /// What is done.
    pub(in crate::cli) steps: Vec<ImportedStep>,
}

/// A variable of a spec.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cli) struct ImportedVariable {
    /// Its name.
    pub(in crate::cli) name: String,
    /// Its value.
    pub(in crate::cli) value: Json,
    /// What a person should know about it.
    pub(in crate::cli) comment: Option<String>,
}

/// One step.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::cli) struct ImportedStep {
    /// Lines above it, for people.
    pub(in crate::cli) comments: Vec<String>,
    /// The keys in the order in which they are written: `name`, the action, its neighbours.
    pub(in crate::cli) keys: Vec<(&'static str, Json)>,
    /// What must hold.
    pub(in crate::cli) checks: Vec<ImportedCheck>,
    /// What is kept: a name, and a subject or `{ from, pattern }`.
    pub(in crate::cli) captures: Vec<(String, Json)>,
}

/// One expectation: a subject's keys, and what must be true of it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cli) struct ImportedCheck {
    /// The subject as a path of keys: `["header", "content-type"]`.
    pub(in crate::cli) subject: Vec<String>,
    /// The predicate.
    pub(in crate::cli) predicate: String,
    /// What it compares with.
    pub(in crate::cli) value: Json,
}

/// What could not be carried over, or only in another way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::cli) struct Note {
    /// The line in what was imported, beginning with 1; 0 for the whole of it.
    pub(in crate::cli) line: usize,
    /// What about it.
    pub(in crate::cli) message: String,
}

/// A spec and what is to be told about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::cli) struct Imported {
    /// The spec.
    pub(in crate::cli) spec: ImportedSpec,
    /// What could not be carried over.
    pub(in crate::cli) notes: Vec<Note>,
    /// The origin that the addresses were relative to, for the command that is told.
    pub(in crate::cli) origin: Option<String>,
    /// The secrets that were taken out, by name.
    pub(in crate::cli) secrets: Vec<String>,
}

/// Why nothing can be imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", if *line > 0 { format!("line {line}: ") } else { String::new() })]
pub(in crate::cli) struct ImportError {
    /// The line, beginning with 1; 0 for the whole of it.
    pub(in crate::cli) line: usize,
    /// Lower case, says what was expected.
    pub(in crate::cli) message: String,
}

impl ImportError {
    /// An error about the whole of it.
    pub(in crate::cli) fn whole(message: impl Into<String>) -> Self {
        Self { line: 0, message: message.into() }
    }

    /// An error in a line.
    pub(in crate::cli) fn at(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

impl ImportedStep {
    /// A step with one action.
    pub(in crate::cli) fn new(action: &'static str, value: impl Into<Json>) -> Self {
        Self { keys: vec![(action, value.into())], ..Self::default() }
    }

    /// Adds a key.
    pub(in crate::cli) fn set(&mut self, key: &'static str, value: impl Into<Json>) {
        self.keys.push((key, value.into()));
    }

    /// Puts the name in front of everything.
    pub(in crate::cli) fn set_name(&mut self, name: impl Into<String>) {
        self.keys.insert(0, ("name", Json::String(name.into())));
    }

    /// Expects something. False where the same predicate of the same subject is there already with another value,
    /// and TOML has no place for a second.
    pub(in crate::cli) fn expect(
        &mut self,
        subject: &[&str],
        predicate: &str,
        value: impl Into<Json>,
    ) -> bool {
        let subject = subject.iter().map(|&part| part.to_owned()).collect();
        self.add_check(&ImportedCheck { subject, predicate: predicate.to_owned(), value: value.into() })
    }

    /// Like [`ImportedStep::expect`].
    pub(in crate::cli) fn add_check(&mut self, check: &ImportedCheck) -> bool {
        let is_same =
            |known: &&ImportedCheck| known.subject == check.subject && known.predicate == check.predicate;
        match self.checks.iter().find(is_same) {
            Some(known) => known.value == check.value,
            None => {
                self.checks.push(check.clone());
                true
            }
        }
    }
}

/// A literal text as a spec writes it: what would begin a template is escaped.
pub(in crate::cli) fn escape_template(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let (before, from) = rest.split_at(start);
        escaped.push_str(before);
        match from.get(..2) {
            Some(mark @ ("{{" | "{%" | "{#")) => {
                escaped.push_str("{{ '");
                escaped.push_str(mark);
                escaped.push_str("' }}");
                rest = &from[2..];
            }
            _ => {
                escaped.push('{');
                rest = &from[1..];
            }
        }
    }
    escaped.push_str(rest);
    escaped
}

/// The key of an HTTP method; none where no action sends it.
pub(in crate::cli) fn action_of_method(method: &str) -> Option<&'static str> {
    ["get", "head", "post", "put", "patch", "delete", "options"]
        .into_iter()
        .find(|action| action.eq_ignore_ascii_case(method))
}

/// Whether an action may leave data behind.
pub(in crate::cli) fn is_writing(action: &str) -> bool {
    !matches!(action, "get" | "head" | "options")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_begin_a_template_is_escaped() {
        assert_eq!(escape_template("a {b} {{c}} {% d"), "a {b} {{ '{{' }}c}} {{ '{%' }} d");
        assert_eq!(escape_template("{ä}"), "{ä}");
        assert_eq!(escape_template("{"), "{");
    }

    #[test]
    fn a_predicate_stands_once_for_each_subject() {
        let mut step = ImportedStep::new("get", "/");
        assert!(step.expect(&["body"], "contains", "a"));
        assert!(step.expect(&["body"], "contains", "a"));
        assert!(!step.expect(&["body"], "contains", "b"));
        assert_eq!(step.checks.len(), 1);
    }
}
