//! Reads a spec file into a scenario.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::case::{Case, read_cases, shared_names};
use super::fragment::{Library, Nesting, read_steps};
use super::key::{KeyDefinition, KeyKind, key};
use super::names::Names;
use super::node::parse_toml;
use super::read_step::read_session;
use super::reader::{Keys, Reader};
use super::scenario::{Need, Scenario, SessionName, Step};
use super::template::Environment;
use crate::source::{Diagnostic, SourceFile, Span};

/// The keys at the top of a spec.
pub const SCENARIO_KEYS: &[KeyDefinition] = &[
    key("name", KeyKind::Name, "what the scenario shows, in reports"),
    key("description", KeyKind::Name, "what it is for, for readers of the spec"),
    key("tags", KeyKind::Names, "words to select it by: --tag, --skip-tag"),
    key("writes", KeyKind::Flag, "it leaves data behind: refused where the target forbids writes"),
    key(
        "timeout",
        KeyKind::Duration,
        "a limit for the whole scenario, its cleanup and its wait for a browser left out",
    ),
    key("browser", KeyKind::Name, "the browser it needs: chromium or firefox; `--browser` decides for all"),
    key("retries", KeyKind::Number, "how often it is tried again when it fails; passed then means flaky (0)"),
    key("needs", KeyKind::Names, "spec files that must pass first; else this one is skipped and says so"),
    key(
        "session",
        KeyKind::Name,
        "the saved session that the first step's actor begins with; the spec that saves it runs first",
    ),
    key("save_session", KeyKind::Name, "the name under which the session of the last step's actor is saved"),
    key("vars", KeyKind::Values, "names and values for templates"),
    key(
        "case",
        KeyKind::Any,
        "rows that each run the scenario once: [[case]], or case.file = \"values.csv\"",
    ),
    key("step", KeyKind::Tables, "what is done, in order"),
    key("cleanup", KeyKind::Tables, "what is done whatever happened"),
];

/// The browsers that a spec or a project file can name.
pub const BROWSERS: &[&str] = &["chromium", "firefox"];

/// A scenario with the secrets that it uses.
#[derive(Clone, Debug)]
pub(super) struct ReadScenario {
    /// The scenario.
    pub(super) scenario: Scenario,
    /// Names and values.
    pub(super) secrets: BTreeMap<String, String>,
}

/// Reads a spec. `known` are the names that the target's `vars` give.
pub(super) fn read_scenario(
    file: &Arc<SourceFile>,
    environment: &Environment,
    known: &[String],
    library: &Library,
) -> Result<ReadScenario, Vec<Diagnostic>> {
    let table = parse_toml(file)?;
    let mut reader = Reader::new(file);
    let definitions: Vec<&KeyDefinition> = SCENARIO_KEYS.iter().collect();
    let keys = reader.check_table(&table, &definitions, "at the top of a spec");
    let mut names = Names::new(environment, known.iter().cloned());
    let cases = read_case_rows(&mut reader, &keys, &mut names);
    let vars = read_vars(&mut reader, &keys, &mut names, known);
    let mut steps = read_steps(&mut reader, &keys.tables("step"), &mut names, library, &Nesting::default());
    let cleanup = read_steps(&mut reader, &keys.tables("cleanup"), &mut names, library, &Nesting::default());
    if keys.tables("step").is_empty() && reader.problems.is_empty() {
        reader.problems.push(Diagnostic::of_file(file, "a spec needs at least one [[step]]"));
    }
    check_browser(&mut reader, &keys);
    if let Some(first) = steps.first_mut() {
        place_session(&mut reader, &keys, "session", &mut first.session);
    }
    if let Some(last) = steps.last_mut() {
        place_session(&mut reader, &keys, "save_session", &mut last.save_session);
    }
    check_pages(&mut reader, &steps);
    if !reader.problems.is_empty() {
        reader.problems.sort_by_key(|problem| problem.span.map(|span| span.start));
        return Err(reader.problems);
    }
    let stem =
        file.path.file_stem().map_or_else(|| file.name.clone(), |stem| stem.to_string_lossy().into_owned());
    let scenario = Scenario {
        file: Arc::clone(file),
        name: keys.name("name").map_or(stem, str::to_owned),
        description: keys.name("description").map(str::to_owned),
        tags: keys.texts("tags").iter().map(|tag| tag.source().to_owned()).collect(),
        writes: keys.flag("writes").unwrap_or(false),
        writes_place: keys.entry("writes").map(|entry| file.place(entry.span())),
        timeout: keys.duration("timeout"),
        browser: keys.name("browser").map(str::to_owned),
        retries: keys.number("retries"),
        needs: read_needs(file, &keys),
        cases,
        vars,
        steps,
        cleanup,
    };
    Ok(ReadScenario { scenario, secrets: names.secrets })
}

fn read_case_rows(reader: &mut Reader, keys: &Keys, names: &mut Names<'_>) -> Vec<Case> {
    let Some(entry) = keys.entry("case") else {
        return Vec::new();
    };
    names.check_node(reader, &entry.node);
    let cases = read_cases(reader, &entry.node);
    names.set_case_columns(shared_names(&cases));
    cases
}

/// Paths of other specs, relative to this one, with or without `.toml`.
fn read_needs(file: &SourceFile, keys: &Keys) -> Vec<Need> {
    let path_of = |name: &str| {
        let path = file.folder().join(name);
        if path.extension().is_some_and(|extension| extension == "toml") {
            path
        } else {
            path.with_added_extension("toml")
        }
    };
    let needs = keys.texts("needs").into_iter();
    needs.map(|need| Need { path: path_of(need.source()), span: need.span(), position: None }).collect()
}

fn read_vars(
    reader: &mut Reader,
    keys: &Keys,
    names: &mut Names<'_>,
    known: &[String],
) -> Vec<(String, super::template::ValueTemplate)> {
    let Some(table) = keys.table("vars") else {
        return Vec::new();
    };
    let mut vars = Vec::new();
    for entry in &table.entries {
        names.check_node(reader, &entry.node);
        if names.define(&entry.key) {
            vars.push((entry.key.clone(), entry.node.to_template()));
        } else {
            let message = format!("`{}` has a value already", entry.key);
            let help = if known.contains(&entry.key) {
                "a target's `vars` in the project file give it one: take one of them out, or rename it"
            } else {
                "give it another name"
            };
            reader.problem_with_help(entry.key_span, message, help);
        }
    }
    vars
}

/// The session at the top of a spec belongs to its first step, or its last one.
fn place_session(reader: &mut Reader, keys: &Keys, key: &str, of_step: &mut Option<SessionName>) {
    let Some(named) = read_session(reader, keys, key) else { return };
    match (of_step.as_ref(), keys.entry(key)) {
        (Some(_), Some(entry)) => {
            let which = if key == "session" { "first" } else { "last" };
            let message = format!("the {which} step has a `{key}` of its own");
            reader.problem_with_help(entry.span(), message, format!("leave one `{key}` out"));
        }
        _ => *of_step = Some(named),
    }
}

fn check_browser(reader: &mut Reader, keys: &Keys) {
    if let (Some(name), Some(entry)) = (keys.name("browser"), keys.entry("browser"))
        && !BROWSERS.contains(&name)
    {
        let message = format!("there is no browser `{name}`: expected {}", BROWSERS.join(" or "));
        reader.unknown(entry.node.span, message, name, BROWSERS.iter().copied());
    }
}

/// `submit` without a page needs a page that this actor fetched before.
fn check_pages(reader: &mut Reader, steps: &[Step]) {
    use super::action::Action;
    let mut with_page: Vec<&str> = Vec::new();
    for step in steps {
        match &step.action {
            Action::Submit(submit) if !submit.has_page() && !with_page.contains(&step.actor.as_str()) => {
                let place = &step.place;
                let start = reader.file.offset(place.line, place.column);
                let end = reader.file.offset(place.line, place.column + place.length);
                let span = Span { start, end };
                let message =
                    format!("`submit` needs a `page`: {} has not fetched one before this step", step.actor);
                reader.problem_with_help(span, message, "write it beside: page = \"/\"");
            }
            Action::Request(_) | Action::Submit(_) => with_page.push(&step.actor),
            Action::Assets(_)
            | Action::Links(_)
            | Action::Browser(_)
            | Action::Sql(_)
            | Action::Network(_) => {}
        }
    }
}
