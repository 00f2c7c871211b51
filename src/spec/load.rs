//! From paths on the command line to scenarios and the project: every problem of every file in one go.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::fragment::{FRAGMENT_FOLDER, Library};
use super::project::{PROJECT_FILE, Project, find_project_file, read_project};
use super::read_scenario::{ReadScenario, read_scenario};
use super::scenario::{Need, Scenario, SessionName};
use super::template::Environment;
use crate::source::{Diagnostic, Place, SourceFile, Span};

/// Specs larger than this are no specs.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Everything that was read.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The scenarios, in the order of their files.
    pub scenarios: Vec<Scenario>,
    /// How many of them were named; the rest are there because others need them.
    pub named: usize,
    /// The project file's content; empty where there is none.
    pub project: Project,
    /// All secrets that are used, with their values.
    pub secrets: BTreeMap<String, String>,
}

/// Reads files, and all specs in folders, with the project file above the first of them.
pub fn load_paths(paths: &[PathBuf], environment: &Environment) -> Result<Loaded, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let project = load_project(paths, environment).unwrap_or_else(|mut found| {
        problems.append(&mut found);
        Project::default()
    });
    let mut files = Vec::new();
    for path in paths {
        find_specs(path, true, &mut files, &mut problems);
    }
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|path| seen.insert(path.clone()));
    let mut sources = Vec::with_capacity(files.len());
    for path in &files {
        match read_file(path) {
            Ok(file) => sources.push(file),
            Err(problem) => problems.push(problem),
        }
    }
    load_sources(&sources, project, environment, problems)
}

/// Reads specs that are there as text already, such as those inside the program, and the specs that they need.
pub fn load_sources(
    sources: &[Arc<SourceFile>],
    project: Project,
    environment: &Environment,
    problems: Vec<Diagnostic>,
) -> Result<Loaded, Vec<Diagnostic>> {
    let mut known: Vec<String> =
        project.targets.iter().flat_map(|target| target.vars.iter().map(|(name, _)| name.clone())).collect();
    known.sort();
    known.dedup();
    let environment = &environment.with_secrets(&project.secrets_file);
    let loaded = Loaded { secrets: project.secrets.clone(), project, ..Loaded::default() };
    let mut loading =
        Loading { loaded, problems, environment, known, library: Library::default(), seen: HashSet::new() };
    for file in sources {
        loading.read(file);
    }
    loading.loaded.named = loading.loaded.scenarios.len();
    loading.read_needs();
    let Loading { mut loaded, mut problems, .. } = loading;
    if problems.is_empty() {
        problems.extend(need_sessions(&mut loaded.scenarios));
        problems.extend(resolve_needs(&mut loaded.scenarios));
    }
    drop_repeated(&mut problems);
    if problems.is_empty() { Ok(loaded) } else { Err(problems) }
}

struct Loading<'a> {
    loaded: Loaded,
    problems: Vec<Diagnostic>,
    environment: &'a Environment,
    known: Vec<String>,
    library: Library,
    /// Files that were read, whether they have problems or not.
    seen: HashSet<PathBuf>,
}

impl Loading<'_> {
    fn read(&mut self, file: &Arc<SourceFile>) {
        self.seen.insert(same_path(&file.path));
        match read_scenario(file, self.environment, &self.known, &self.library) {
            Ok(ReadScenario { scenario, secrets }) => {
                self.loaded.scenarios.push(scenario);
                self.loaded.secrets.extend(secrets);
            }
            Err(mut found) => self.problems.append(&mut found),
        }
    }

    /// Reads specs that are needed and were not named, and those that they need.
    fn read_needs(&mut self) {
        let mut next = 0;
        while next < self.loaded.scenarios.len() {
            let scenario = &self.loaded.scenarios[next];
            let (file, needs) = (Arc::clone(&scenario.file), scenario.needs.clone());
            for need in needs
                .into_iter()
                .filter(|need| !self.seen.contains(&same_path(&need.path)))
                .collect::<Vec<_>>()
            {
                match read_file(&need.path) {
                    Ok(found) => self.read(&found),
                    Err(_) => {
                        let message =
                            format!("there is no spec {}, which this one needs", need.path.display());
                        self.problems.push(Diagnostic::new(&file, need.span, message));
                    }
                }
            }
            next += 1;
        }
    }
}

/// A path by which a file is recognised however it was written.
fn same_path(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// A scenario that begins with a saved session needs the one that saves it.
fn need_sessions(scenarios: &mut [Scenario]) -> Vec<Diagnostic> {
    let mut savers: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (position, scenario) in scenarios.iter().enumerate() {
        for name in scenario.steps.iter().filter_map(|step| step.save_session.as_ref()) {
            let known = savers.entry(name.text.clone()).or_default();
            if !known.contains(&position) {
                known.push(position);
            }
        }
    }
    let files: Vec<Arc<SourceFile>> = scenarios.iter().map(|scenario| Arc::clone(&scenario.file)).collect();
    let mut problems = Vec::new();
    for (position, scenario) in scenarios.iter_mut().enumerate() {
        let mut own: Vec<&str> = Vec::new();
        let mut needs = Vec::new();
        for step in scenario.steps.iter().chain(&scenario.cleanup) {
            if let Some(name) = step.session.as_ref().filter(|name| !own.contains(&name.text.as_str())) {
                let others = savers.get(&name.text).map_or(&[][..], Vec::as_slice);
                let others: Vec<usize> = others.iter().copied().filter(|other| *other != position).collect();
                let span = span_of(&scenario.file, &name.place);
                match others.as_slice() {
                    [saver] => needs.push(Need { path: files[*saver].path.clone(), span, position: None }),
                    [] => problems.push(nobody_saves(&scenario.file, span, name, &savers)),
                    several => {
                        let names: Vec<&str> =
                            several.iter().map(|other| files[*other].name.as_str()).collect();
                        let message =
                            format!("several specs save the session `{}`: {}", name.text, names.join(", "));
                        problems.push(
                            Diagnostic::new(&scenario.file, span, message)
                                .help("give each a name of its own"),
                        );
                    }
                }
            }
            own.extend(step.save_session.as_ref().map(|name| name.text.as_str()));
        }
        for need in needs {
            if !scenario.needs.iter().any(|known| same_path(&known.path) == same_path(&need.path)) {
                scenario.needs.push(need);
            }
        }
    }
    problems
}

fn nobody_saves(
    file: &Arc<SourceFile>,
    span: Span,
    name: &SessionName,
    savers: &BTreeMap<String, Vec<usize>>,
) -> Diagnostic {
    let message = format!("nobody saves the session `{}` before this", name.text);
    let help = match crate::source::nearest(&name.text, savers.keys().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!(
            "a step of another spec says save_session = \"{}\"; if that spec is not among those that are run, name it: needs = [\"login\"]",
            name.text
        ),
    };
    Diagnostic::new(file, span, message).help(help)
}

/// Where a place is in the spec's own file; its first line for one in a fragment.
fn span_of(file: &SourceFile, place: &Place) -> Span {
    if place.file != file.name {
        return Span::default();
    }
    let start = file.offset(place.line, place.column);
    Span { start, end: file.offset(place.line, place.column + place.length) }
}

/// Turns needed paths into positions, and finds circles.
fn resolve_needs(scenarios: &mut [Scenario]) -> Vec<Diagnostic> {
    if scenarios.iter().all(|scenario| scenario.needs.is_empty()) {
        return Vec::new();
    }
    let mut positions: HashMap<PathBuf, usize> = HashMap::new();
    for (position, scenario) in scenarios.iter().enumerate() {
        positions.entry(same_path(&scenario.file.path)).or_insert(position);
    }
    for need in scenarios.iter_mut().flat_map(|scenario| &mut scenario.needs) {
        need.position = positions.get(&same_path(&need.path)).copied();
    }
    let mut problems = Vec::new();
    for position in find_unordered(scenarios) {
        let scenario = &scenarios[position];
        for need in &scenario.needs {
            if need.position.is_some_and(|needed| reaches(scenarios, needed, position)) {
                let message = "specs need each other in a circle: none of them could run first";
                problems.push(Diagnostic::new(&scenario.file, need.span, message));
            }
        }
    }
    problems
}

/// The scenarios that cannot be put into an order: those in circles, and those that need them.
fn find_unordered(scenarios: &[Scenario]) -> Vec<usize> {
    let needed =
        |scenario: &Scenario| scenario.needs.iter().filter_map(|need| need.position).collect::<Vec<_>>();
    let mut open: Vec<usize> = scenarios.iter().map(|scenario| needed(scenario).len()).collect();
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); scenarios.len()];
    for (position, scenario) in scenarios.iter().enumerate() {
        for other in needed(scenario) {
            needed_by[other].push(position);
        }
    }
    let mut ready: Vec<usize> = (0..scenarios.len()).filter(|position| open[*position] == 0).collect();
    while let Some(position) = ready.pop() {
        for other in &needed_by[position] {
            open[*other] -= 1;
            if open[*other] == 0 {
                ready.push(*other);
            }
        }
    }
    (0..scenarios.len()).filter(|position| open[*position] > 0).collect()
}

/// Whether a scenario needs another one, itself or through others.
fn reaches(scenarios: &[Scenario], from: usize, wanted: usize) -> bool {
    let mut waiting = vec![from];
    let mut seen = std::collections::BTreeSet::new();
    while let Some(position) = waiting.pop() {
        if position == wanted {
            return true;
        }
        if seen.insert(position) {
            waiting.extend(scenarios[position].needs.iter().filter_map(|need| need.position));
        }
    }
    false
}

/// A problem of a fragment is found once for each spec that uses it; told once is enough.
fn drop_repeated(problems: &mut Vec<Diagnostic>) {
    let mut seen = std::collections::BTreeSet::new();
    problems.retain(|problem| {
        let place = problem.span.map(|span| (span.start, span.end));
        seen.insert((problem.file.name.clone(), place, problem.message.clone()))
    });
}

fn load_project(paths: &[PathBuf], environment: &Environment) -> Result<Project, Vec<Diagnostic>> {
    let start = paths.first().map_or_else(
        || PathBuf::from("."),
        |path| {
            if path.is_dir() { path.clone() } else { path.parent().map(Path::to_owned).unwrap_or_default() }
        },
    );
    match find_project_file(&start) {
        Some(path) => read_file(&path)
            .map_err(|problem| vec![problem])
            .and_then(|file| read_project(&file, environment)),
        None => Ok(Project::default()),
    }
}

fn find_specs(path: &Path, is_named: bool, files: &mut Vec<PathBuf>, problems: &mut Vec<Diagnostic>) {
    if !path.is_dir() {
        let is_spec = path.extension().is_some_and(|extension| extension == "toml");
        let is_project = path.file_name().is_some_and(|name| name == PROJECT_FILE);
        if is_named || (is_spec && !is_project) {
            files.push(path.to_owned());
        }
        return;
    }
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => return problems.push(unreadable(path, &error)),
    };
    let mut inside: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    inside.sort();
    for path in inside {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_left_out = name.starts_with('.')
            || (path.is_dir() && matches!(name.as_str(), FRAGMENT_FOLDER | "target" | "node_modules"));
        if !is_left_out {
            find_specs(&path, false, files, problems);
        }
    }
}

/// Reads a file as text. The problem says why it cannot be one.
pub fn read_file(path: &Path) -> Result<Arc<SourceFile>, Diagnostic> {
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if !metadata.is_file() {
        return Err(problem_of(path, "this is no file: a spec is read from a regular file".to_owned()));
    }
    let size = metadata.len();
    if size > LARGEST {
        return Err(problem_of(path, format!("this file has {size} bytes; a spec has at most {LARGEST}")));
    }
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Arc::new(SourceFile::new(shown(path), path, text))),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(problem_of(path, format!("not UTF-8: line {line} has a byte that is no text")))
        }
    }
}

/// A path as people write it: without `./` before it.
fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}

fn problem_of(path: &Path, message: String) -> Diagnostic {
    let file = Arc::new(SourceFile::new(shown(path), path, String::new()));
    Diagnostic::of_file(&file, message)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    let reason = match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        std::io::ErrorKind::PermissionDenied => "we have no permission to read it".to_owned(),
        _ => format!("it cannot be read: {error}"),
    };
    problem_of(path, reason)
}
