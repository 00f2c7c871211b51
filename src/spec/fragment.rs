//! `use`: the steps of `shared/NAME.toml`, with values for its parameters.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::key::{KeyDefinition, KeyKind, key};
use super::names::Names;
use super::node::{Entry, NodeValue, Table, parse_toml};
use super::read_step::read_step;
use super::reader::{Keys, Reader};
use super::scenario::{Condition, DEFAULT_ACTOR, Step, UseFrame};
use super::template::ValueTemplate;
use crate::source::{Diagnostic, SourceFile, Span, nearest};

/// The folder of fragments, beside a spec or above it.
pub(super) const FRAGMENT_FOLDER: &str = "shared";

/// The keys of a step that uses a fragment.
pub const USE_KEYS: &[KeyDefinition] = &[
    key("use", KeyKind::Name, "performs the steps of `shared/NAME.toml`"),
    key("with", KeyKind::Values, "values for the fragment's parameters"),
    key("as", KeyKind::Name, "the actor of those of its steps that name none"),
    key("when", KeyKind::Condition, "whether its steps are performed at all"),
    key("name", KeyKind::Name, "stands before the names of its steps, in reports"),
];

/// The keys at the top of a fragment.
pub const FRAGMENT_KEYS: &[KeyDefinition] = &[
    key("description", KeyKind::Name, "what it is for, for readers"),
    key(
        "parameters",
        KeyKind::Any,
        "names that `with` must give a value: [\"user\"], or { user = \"a default\" }",
    ),
    key("step", KeyKind::Tables, "what is done, in order"),
];

/// How deep fragments may use fragments.
const DEEPEST: usize = 20;

/// Finds and keeps the text of fragments.
#[derive(Default)]
pub(super) struct Library {
    files: RefCell<BTreeMap<PathBuf, Result<Arc<SourceFile>, String>>>,
}

impl Library {
    /// The file of a fragment that a spec names: `shared/NAME.toml` in the spec's folder or the nearest one above.
    fn find(&self, from: &Path, name: &str) -> Option<Result<Arc<SourceFile>, String>> {
        let start = from.parent().unwrap_or_else(|| Path::new(""));
        // A fragment that uses another one looks beside itself.
        let own = start.join(format!("{name}.toml"));
        let is_fragment = start.file_name().is_some_and(|folder| folder == FRAGMENT_FOLDER);
        let above = start.ancestors().map(|folder| folder.join(FRAGMENT_FOLDER).join(format!("{name}.toml")));
        let path = is_fragment.then_some(own).into_iter().chain(above).find(|path| path.is_file())?;
        let mut files = self.files.borrow_mut();
        let file = files.entry(path.clone()).or_insert_with(|| {
            let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
            Ok(Arc::new(SourceFile::new(path.display().to_string(), &path, text)))
        });
        Some(file.clone())
    }
}

/// Where in nested uses a step stands.
#[derive(Clone, Default)]
pub(super) struct Nesting {
    files: Vec<PathBuf>,
    frames: Vec<Rc<UseFrame>>,
    actor: Option<String>,
    conditions: Vec<Condition>,
}

/// Reads the steps of a table of steps, with those of fragments in place of `use`.
pub(super) fn read_steps(
    reader: &mut Reader,
    tables: &[&Table],
    names: &mut Names<'_>,
    library: &Library,
    nesting: &Nesting,
) -> Vec<Step> {
    let mut steps = Vec::new();
    for table in tables {
        match table.get("use") {
            Some(entry) => steps.extend(read_use(reader, table, entry, names, library, nesting)),
            None => {
                names.check_table(reader, table);
                names.define_captures(reader, table, !nesting.files.is_empty());
                if let Some(step) = read_step(reader, table) {
                    steps.push(nest(step, table, nesting));
                }
            }
        }
    }
    steps
}

/// Gives a step of a fragment what its uses say.
fn nest(mut step: Step, table: &Table, nesting: &Nesting) -> Step {
    step.frames = nesting.frames.iter().map(|frame| UseFrame::clone(frame)).collect();
    step.conditions.clone_from(&nesting.conditions);
    if let (None, Some(actor)) = (table.get("as"), &nesting.actor) {
        step.actor.clone_from(actor);
    }
    step
}

fn read_use(
    reader: &mut Reader,
    table: &Table,
    entry: &Entry,
    names: &mut Names<'_>,
    library: &Library,
    nesting: &Nesting,
) -> Vec<Step> {
    names.check_table(reader, table);
    let definitions: Vec<&KeyDefinition> = USE_KEYS.iter().collect();
    let keys = reader.check_table(table, &definitions, "beside `use`");
    let Some(name) = keys.name("use") else { return Vec::new() };
    let Some(file) = find_fragment(reader, entry, name, library, nesting) else { return Vec::new() };
    let fragment = match parse_toml(&file) {
        Ok(fragment) => fragment,
        Err(problems) => {
            reader.problems.extend(problems);
            return Vec::new();
        }
    };
    let mut inner = Reader::new(&file);
    let definitions: Vec<&KeyDefinition> = FRAGMENT_KEYS.iter().collect();
    let fragment_keys = inner.check_table(&fragment, &definitions, "at the top of a fragment");
    let parameters = read_parameters(&mut inner, &fragment_keys);
    let values = bind(reader, &keys, entry.node.span, &parameters);
    let mut nested = nesting.clone();
    nested.files.push(file.path.clone());
    nested.frames.push(Rc::new(UseFrame { id: names.next_use(), label: use_label(&keys, name), values }));
    nested.actor =
        keys.name("as").map(str::to_owned).or(nested.actor).or_else(|| Some(DEFAULT_ACTOR.to_owned()));
    nested.conditions.extend(read_condition(&keys));
    let hidden = names.enter(parameters.iter().map(|parameter| parameter.name.clone()));
    let steps = read_steps(&mut inner, &fragment_keys.tables("step"), names, library, &nested);
    names.leave(hidden);
    reader.problems.append(&mut inner.problems);
    steps
}

fn use_label(keys: &Keys, name: &str) -> String {
    keys.name("name").unwrap_or(name).to_owned()
}

fn read_condition(keys: &Keys) -> Option<Condition> {
    match &keys.entry("when")?.node.value {
        NodeValue::Bool(flag) => Some(Condition::Fixed(*flag)),
        NodeValue::Text(expression) => Some(Condition::Expression(expression.clone())),
        _ => None,
    }
}

fn find_fragment(
    reader: &mut Reader,
    entry: &Entry,
    name: &str,
    library: &Library,
    nesting: &Nesting,
) -> Option<Arc<SourceFile>> {
    let span = entry.node.span;
    match library.find(&reader.file.path, name) {
        None => {
            let message = format!("there is no fragment `{name}`");
            let help = format!(
                "it is looked for as {FRAGMENT_FOLDER}/{name}.toml beside this spec and in the folders above"
            );
            reader.problem_with_help(span, message, help);
            None
        }
        Some(Err(reason)) => {
            reader.problem(span, format!("the fragment `{name}` cannot be read: {reason}"));
            None
        }
        Some(Ok(file)) if nesting.files.contains(&file.path) => {
            let mut circle: Vec<String> = nesting.files.iter().filter_map(|path| stem(path)).collect();
            circle.push(name.to_owned());
            reader.problem(span, format!("fragments use each other in a circle: {}", circle.join(" → ")));
            None
        }
        Some(Ok(_)) if nesting.files.len() >= DEEPEST => {
            reader.problem(span, format!("fragments use each other more than {DEEPEST} deep"));
            None
        }
        Some(Ok(file)) => Some(file),
    }
}

fn stem(path: &Path) -> Option<String> {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned())
}

struct Parameter {
    name: String,
    default: Option<ValueTemplate>,
}

fn read_parameters(reader: &mut Reader, keys: &Keys) -> Vec<Parameter> {
    let Some(entry) = keys.entry("parameters") else { return Vec::new() };
    match &entry.node.value {
        NodeValue::Table(table) => table
            .entries
            .iter()
            .map(|entry| Parameter { name: entry.key.clone(), default: Some(entry.node.to_template()) })
            .collect(),
        NodeValue::List(items) if items.iter().all(|item| matches!(item.value, NodeValue::Text(_))) => items
            .iter()
            .filter_map(|item| match &item.value {
                NodeValue::Text(name) => Some(Parameter { name: name.clone(), default: None }),
                _ => None,
            })
            .collect(),
        _ => {
            let message = "`parameters` is a list of names, or a table from names to defaults";
            reader.problem(entry.node.span, message);
            Vec::new()
        }
    }
}

/// Values for all parameters: those given beside `use`, else the defaults.
fn bind(
    reader: &mut Reader,
    keys: &Keys,
    span: Span,
    parameters: &[Parameter],
) -> Vec<(String, ValueTemplate)> {
    let empty = Table::default();
    let given = keys.table("with").unwrap_or(&empty);
    for entry in &given.entries {
        if !parameters.iter().any(|parameter| parameter.name == entry.key) {
            let problem = Diagnostic::new(
                &reader.file,
                entry.key_span,
                format!("this fragment has no parameter `{}`", entry.key),
            );
            let known = parameters.iter().map(|parameter| parameter.name.as_str());
            reader.problems.push(match nearest(&entry.key, known) {
                Some(meant) => problem.label(format!("did you mean `{meant}`?")),
                None => problem,
            });
        }
    }
    let mut values = Vec::new();
    for parameter in parameters {
        match (given.get(&parameter.name), &parameter.default) {
            (Some(entry), _) => values.push((parameter.name.clone(), entry.node.to_template())),
            (None, Some(default)) => values.push((parameter.name.clone(), default.clone())),
            (None, None) => {
                let message = format!(
                    "this fragment needs a value for `{0}`: with = {{ {0} = \"...\" }}",
                    parameter.name
                );
                reader.problem(span, message);
            }
        }
    }
    values
}
