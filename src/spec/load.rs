//! From paths on the command line to scenarios and the project: every problem of every file in one go.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::fragment::{FRAGMENT_FOLDER, Library};
use super::project::{PROJECT_FILE, Project, find_project_file, read_project};
use super::read_scenario::{ReadScenario, read_scenario};
use super::scenario::Scenario;
use super::template::Environment;
use crate::source::{Diagnostic, SourceFile};

/// Specs larger than this are no specs.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Everything that was read.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The scenarios, in the order of their files.
    pub scenarios: Vec<Scenario>,
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

/// Reads specs that are there as text already, such as those inside the program.
pub fn load_sources(
    sources: &[Arc<SourceFile>],
    project: Project,
    environment: &Environment,
    mut problems: Vec<Diagnostic>,
) -> Result<Loaded, Vec<Diagnostic>> {
    let mut known: Vec<String> =
        project.targets.iter().flat_map(|target| target.vars.iter().map(|(name, _)| name.clone())).collect();
    known.sort();
    known.dedup();
    let mut loaded = Loaded { secrets: project.secrets.clone(), project, scenarios: Vec::new() };
    let library = Library::default();
    for file in sources {
        match read_scenario(file, environment, &known, &library) {
            Ok(ReadScenario { scenario, secrets }) => {
                loaded.scenarios.push(scenario);
                loaded.secrets.extend(secrets);
            }
            Err(mut found) => problems.append(&mut found),
        }
    }
    drop_repeated(&mut problems);
    if problems.is_empty() { Ok(loaded) } else { Err(problems) }
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

fn read_file(path: &Path) -> Result<Arc<SourceFile>, Diagnostic> {
    let size = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?.len();
    if size > LARGEST {
        return Err(problem_of(path, format!("this file has {size} bytes; a spec has at most {LARGEST}")));
    }
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Arc::new(SourceFile::new(path.display().to_string(), path, text))),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(problem_of(path, format!("not UTF-8: line {line} has a byte that is no text")))
        }
    }
}

fn problem_of(path: &Path, message: String) -> Diagnostic {
    let file = Arc::new(SourceFile::new(path.display().to_string(), path, String::new()));
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
