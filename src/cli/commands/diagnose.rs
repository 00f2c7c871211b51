//! `smokegate diagnose`: walks the layers of a site without any spec, from its name to its forms and databases, with
//! harmless requests. A project file, here or above, lends it a target's access and the marks of a team's own pages.

use std::path::{Path, PathBuf};

use url::Url;

use crate::cli::args::DiagnoseArguments;
use crate::cli::env::Surroundings;
use crate::cli::execute::{ExecuteOptions, execute_walk};
use crate::cli::options::{ChosenTarget, Refused, find_target, load_project, refuse, take_marks};
use crate::spec::action::{Action, SqlCall};
use crate::spec::project::{PROJECT_FILE, Project, Target, parse_base_url};
use crate::spec::{Loaded, load_paths};

/// The folder of specs beside a project file, where they do not lie beside it themselves.
const SPECS: &str = "specs";

/// Runs the command; gives back the exit code.
pub(in crate::cli) async fn diagnose(arguments: &DiagnoseArguments, surroundings: &Surroundings) -> u8 {
    walk(arguments, surroundings).await.unwrap_or_else(|refused| refused.0)
}

async fn walk(arguments: &DiagnoseArguments, surroundings: &Surroundings) -> Result<u8, Refused> {
    let url = arguments.url.as_deref().map(parse_base_url).transpose().map_err(|reason| refuse(&reason))?;
    let project = load_project(Path::new("."), surroundings)?;
    take_marks(&project, surroundings)?;
    let mut target = choose(arguments.target.as_deref(), url, &project)?;
    let Some(base) = target.url.clone() else {
        return Err(refuse("the target has no address"));
    };
    target.resolve = arguments.resolve.or(target.resolve);
    target.ca.extend(arguments.ca.iter().cloned());
    // A walk never writes, whatever a spec may do there.
    target.databases.iter_mut().for_each(|database| database.writable = false);
    let statements =
        if target.databases.is_empty() { Vec::new() } else { list_statements(&project, surroundings) };
    let loaded = Loaded { secrets: project.secrets.clone(), project, ..Loaded::default() };
    let options = ExecuteOptions {
        reports: arguments.report.clone(),
        verbose: true,
        is_built_in: true,
        ..ExecuteOptions::default()
    };
    let chosen = ChosenTarget { target, base, may_write: false };
    execute_walk(&loaded, chosen, statements, &options, surroundings).await
}

/// The target that is named; else the one that has the address, or nothing but the address; else the only one.
fn choose(name: Option<&str>, url: Option<Url>, project: &Project) -> Result<Target, Refused> {
    let named = name.map(|name| find_target(name, project)).transpose()?.cloned();
    let by_default = || {
        let only = project.targets.first().filter(|_| project.targets.len() == 1);
        let name = project.defaults.target.as_deref();
        let target = name.map(|name| find_target(name, project)).transpose()?.or(only);
        target.cloned().ok_or_else(|| {
            refuse("which site? give its address, or name a target of smokegate.toml with --target")
        })
    };
    let Some(url) = url else { return named.map_or_else(by_default, Ok) };
    let has_it = |target: &&Target| target.url.as_ref().is_some_and(|own| own.origin() == url.origin());
    let lent = named.or_else(|| project.targets.iter().find(has_it).cloned());
    Ok(Target { url: Some(url.clone()), ..lent.unwrap_or_else(|| Target::bare(url)) })
}

/// The statements of the specs in `specs` beside the project file, or beside it; none where there are no specs, or they
/// have problems, which `smokegate check` tells.
fn list_statements(project: &Project, surroundings: &Surroundings) -> Vec<SqlCall> {
    let Some(folder) = project.path.as_deref().and_then(Path::parent) else { return Vec::new() };
    let specs = folder.join(SPECS);
    let paths = if specs.is_dir() { vec![specs] } else { list_files(folder) };
    let loaded = load_paths(&paths, &surroundings.environment).unwrap_or_default();
    let steps = loaded.scenarios.iter().flat_map(|scenario| scenario.steps.iter().chain(&scenario.cleanup));
    let statement = |action: &Action| match action {
        Action::Sql(action) => Some(SqlCall {
            sql: action.sql().source().to_owned(),
            database: action.database().map(str::to_owned),
            params: Vec::new(),
        }),
        _ => None,
    };
    steps.filter_map(|step| statement(&step.action)).collect()
}

/// What may be specs in a folder, those in folders below it left out.
fn list_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_spec = |path: &PathBuf| {
        path.extension().is_some_and(|end| end == "toml")
            && path.file_name().is_some_and(|name| name != PROJECT_FILE)
    };
    entries.filter(is_spec).collect()
}
