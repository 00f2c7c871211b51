//! Whether the reader takes what an import would write: the tables of the spec language decide, not this room.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use regex::Regex;
use serde_json::Value as Json;

use super::model::{ImportedCheck, ImportedSpec, ImportedStep};
use super::write::write_spec;
use crate::source::SourceFile;
use crate::spec::project::Project;
use crate::spec::{Environment, load_sources};

static NAMES: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b(?:secret|env)\.(\w+)").ok());

/// Whether an expectation may stand beside an action; if not, why.
pub(super) fn fits(action: &'static str, check: &ImportedCheck) -> Result<(), String> {
    let mut step = new_step(action);
    step.checks.push(check.clone());
    read(step)
}

/// Whether a capture may stand beside an action; if not, why.
pub(super) fn capture_fits(action: &'static str, name: &str, from: &Json) -> Result<(), String> {
    let mut step = new_step(action);
    step.captures.push((name.to_owned(), from.clone()));
    read(step)
}

fn new_step(action: &'static str) -> ImportedStep {
    ImportedStep::new(action, if action == "tls" { "" } else { "/" })
}

/// Reads a spec of this step alone; names that its templates need get a value first.
fn read(step: ImportedStep) -> Result<(), String> {
    let mut spec = ImportedSpec { name: "fit".to_owned(), writes: true, ..ImportedSpec::default() };
    spec.steps.push(step);
    let written = write_spec(&spec);
    let mut text = written.clone();
    for name in names_in(&written) {
        text.insert_str(0, &format!("vars.{name} = \"\"\n"));
    }
    let mut variables = BTreeMap::new();
    if let Some(names) = NAMES.as_ref() {
        variables.extend(names.captures_iter(&written).map(|found| (found[1].to_owned(), "x".to_owned())));
    }
    let file = Arc::new(SourceFile::new("fit.toml", "fit.toml", text));
    match load_sources(&[file], Project::default(), &Environment::new(variables), Vec::new()) {
        Ok(_) => Ok(()),
        Err(problems) => Err(problems.first().map_or_else(String::new, |problem| problem.message.clone())),
    }
}

/// The names that templates in a text take from variables and captures.
fn names_in(text: &str) -> Vec<String> {
    let template = crate::spec::Template::new(text, crate::source::Span::default());
    let mut names: Vec<String> = template
        .names()
        .unwrap_or_default()
        .into_iter()
        .map(|name| name.split('.').next().unwrap_or("").to_owned())
        .filter(|name| !crate::spec::BUILT_IN.iter().any(|(built_in, _)| built_in == name))
        .collect();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(subject: &[&str], predicate: &str, value: Json) -> ImportedCheck {
        let subject = subject.iter().map(|&part| part.to_owned()).collect();
        ImportedCheck { subject, predicate: predicate.to_owned(), value }
    }

    #[test]
    fn the_reader_decides() {
        assert_eq!(fits("get", &check(&["status"], "equals", json!(200))), Ok(()));
        assert_eq!(fits("get", &check(&["body"], "contains", json!("{{ name }} {{ secret.A }}"))), Ok(()));
        assert!(fits("get", &check(&["status"], "equals", json!("a"))).is_err());
        assert!(fits("get", &check(&["rows"], "equals", json!(1))).is_err());
        assert_eq!(capture_fits("get", "a", &json!({ "from": "body", "pattern": "(a)" })), Ok(()));
        assert!(capture_fits("get", "a", &json!("nonsense")).is_err());
    }
}
