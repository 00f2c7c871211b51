//! Reads a project file: defaults, secrets, and the list of targets.

use std::sync::Arc;

use super::extend::{is_extended, merge_targets};
use super::{DEFAULT_KEYS, Defaults, PROJECT_KEYS, Project, SECRET_KEYS, SecretsFile, TARGET_KEYS, Target};
use crate::source::{Diagnostic, SourceFile};
use crate::spec::key::KeyDefinition;
use crate::spec::names::Names;
use crate::spec::node::{Entry, NodeValue, parse_toml};
use crate::spec::read_scenario::BROWSERS;
use crate::spec::reader::{Keys, Reader};
use crate::spec::template::Environment;

/// Reads a project file, and the dotenv file that it names.
pub fn read_project(file: &Arc<SourceFile>, environment: &Environment) -> Result<Project, Vec<Diagnostic>> {
    let table = parse_toml(file)?;
    let mut reader = Reader::new(file);
    let keys = reader.check_table(&table, &refs(PROJECT_KEYS), "in a project file");
    let secrets_file = read_secrets_file(&mut reader, &keys);
    let environment = &environment.with_secrets(&secrets_file);
    let mut reading = Reading { reader, names: Names::new(environment, []), environment };
    let defaults = reading.read_defaults(&keys);
    let targets = reading.read_targets(&keys);
    let marks = reading.read_marks(&keys);
    reading.check_default_target(&keys, &defaults, &targets);
    if !reading.reader.problems.is_empty() {
        return Err(reading.reader.problems);
    }
    let secrets = reading.names.secrets;
    Ok(Project { defaults, targets, secrets, marks, secrets_file, path: Some(file.path.clone()) })
}

pub(super) fn refs(definitions: &'static [KeyDefinition]) -> Vec<&'static KeyDefinition> {
    definitions.iter().collect()
}

/// Reads the dotenv file. One that is not there is no problem by itself: in CI the environment has the secrets.
fn read_secrets_file(reader: &mut Reader, keys: &Keys) -> SecretsFile {
    let Some(table) = keys.table("secrets").cloned() else { return SecretsFile::default() };
    let keys = reader.check_table(&table, &refs(SECRET_KEYS), "in [secrets]");
    let (Some(name), Some(entry)) = (keys.name("file"), keys.entry("file")) else {
        return SecretsFile::default();
    };
    let mut read = SecretsFile { name: Some(name.to_owned()), ..SecretsFile::default() };
    let path = reader.file.folder().join(name);
    if !path.exists() {
        return read;
    }
    read.exists = true;
    match dotenvy::from_path_iter(&path).map(Iterator::collect::<Result<Vec<_>, _>>) {
        Ok(Ok(values)) => read.values = values.into_iter().collect(),
        // The line may hold a secret: its number is told, and not its text.
        Ok(Err(dotenvy::Error::LineParse(line, _))) => {
            let number = find_line(&path, &line);
            let at = number.map_or(String::new(), |number| format!(", line {number}"));
            let message = format!("{name}{at}: expected lines of the form NAME=value");
            reader.problem(entry.node.span, message);
        }
        Ok(Err(error)) | Err(error) => {
            reader.problem(entry.node.span, format!("{name} cannot be read: {error}"));
        }
    }
    read
}

fn find_line(path: &std::path::Path, wanted: &str) -> Option<usize> {
    let text = std::fs::read_to_string(path).ok()?;
    text.lines().position(|line| line.trim() == wanted.trim()).map(|position| position + 1)
}

/// What is known while a project file is read.
pub(super) struct Reading<'a> {
    pub(super) reader: Reader,
    pub(super) names: Names<'a>,
    pub(super) environment: &'a Environment,
}

impl Reading<'_> {
    fn read_defaults(&mut self, keys: &Keys) -> Defaults {
        let Some(table) = keys.table("defaults") else {
            return Defaults::default();
        };
        let keys = self.reader.check_table(table, &refs(DEFAULT_KEYS), "in [defaults]");
        if let (Some(name), Some(entry)) = (keys.name("browser"), keys.entry("browser"))
            && !BROWSERS.contains(&name)
        {
            let message = format!("there is no browser `{name}`: expected {}", BROWSERS.join(" or "));
            self.reader.unknown(entry.node.span, message, name, BROWSERS.iter().copied());
        }
        Defaults {
            target: keys.name("target").map(str::to_owned),
            timeout: keys.duration("timeout"),
            scenario_timeout: keys.duration("scenario_timeout"),
            retries: keys.number("retries"),
            browser: keys.name("browser").map(str::to_owned),
            window: self.read_window(&keys),
        }
    }

    fn read_window(&mut self, keys: &Keys) -> Option<(u32, u32)> {
        let (text, entry) = (keys.name("window")?, keys.entry("window")?);
        let size = text
            .split_once('x')
            .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
        if size.is_none_or(|(width, height): (u32, u32)| {
            width == 0 || height == 0 || width > 10_000 || height > 10_000
        }) {
            self.reader.problem(entry.node.span, "expected width and height in pixels, such as \"1024x768\"");
            return None;
        }
        size
    }

    fn read_targets(&mut self, keys: &Keys) -> Vec<Target> {
        let Some(table) = keys.table("target") else {
            return Vec::new();
        };
        let written: Vec<Entry> = table.entries.clone();
        // Each table is checked as it was written: what is inherited would else be told once for each heir.
        let before = self.reader.problems.len();
        for entry in &written {
            self.check_target(entry);
        }
        let merged = merge_targets(&mut self.reader, &written);
        if self.reader.problems.len() > before {
            return Vec::new();
        }
        merged.iter().filter_map(|entry| self.read_target(entry, is_extended(&written, &entry.key))).collect()
    }

    fn check_target(&mut self, entry: &Entry) {
        let NodeValue::Table(table) = &entry.node.value else {
            let message = format!("a target is a table: [target.{}]", entry.key);
            return self.reader.problem(entry.node.span, message);
        };
        self.reader.check_table(table, &refs(TARGET_KEYS), "in a target");
        for inner in table.entries.iter().filter(|inner| inner.key != "vars") {
            self.names.check_node(&mut self.reader, &inner.node);
        }
    }

    fn check_default_target(&mut self, keys: &Keys, defaults: &Defaults, targets: &[Target]) {
        let entry = keys.table("defaults").and_then(|table| table.get("target"));
        let (Some(wanted), Some(entry)) = (&defaults.target, entry) else { return };
        let is_known = targets.iter().any(|target| target.name.as_ref() == Some(wanted));
        if !is_known && self.reader.problems.is_empty() {
            let known = targets.iter().filter_map(|target| target.name.as_deref());
            self.reader.unknown(entry.node.span, format!("there is no target `{wanted}`"), wanted, known);
        }
    }
}
