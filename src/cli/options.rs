//! What is meant by what was typed: specs loaded, the target chosen, the plan made.

use std::path::{Path, PathBuf};

use url::{Host, Url};

use super::args::{RunArguments, SelectArguments};
use super::env::{Surroundings, print_error};
use super::exit_code;
use crate::diagnose::{check_marks, learn_marks};
use crate::plan::{Selection, parse_filter};
use crate::report::TerminalOptions;
use crate::source::{Diagnostic, nearest, render_diagnostics};
use crate::spec::project::{Project, Target, find_project_file, parse_base_url, read_project};
use crate::spec::{Loaded, load_paths, read_file};

/// Ends a command early: the message was printed already, this is the exit code.
pub(super) struct Refused(pub(super) u8);

/// Says why nothing is done.
pub(super) fn refuse(message: &str) -> Refused {
    print_error(message);
    Refused(exit_code::USAGE)
}

/// Tells what went wrong on this machine: nothing can be said of the site.
pub(super) fn fail(message: &str) -> Refused {
    print_error(message);
    Refused(exit_code::ERRORED)
}

/// Shows all problems, and how many there are.
pub(super) fn refuse_specs(problems: &[Diagnostic], surroundings: &Surroundings) -> Refused {
    use std::io::Write as _;
    let rendered = render_diagnostics(problems, surroundings.colour);
    let files: std::collections::BTreeSet<&str> =
        problems.iter().map(|problem| problem.file.name.as_str()).collect();
    let _ = writeln!(std::io::stderr(), "{rendered}\n");
    let count = |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
    let summary =
        format!("{} in {}: nothing was sent", count(problems.len(), "problem"), count(files.len(), "file"));
    refuse(&summary)
}

/// Reads the specs that were named, or those in `specs`.
pub(super) fn load(paths: &[PathBuf], surroundings: &Surroundings) -> Result<Loaded, Refused> {
    let default = [PathBuf::from("specs")];
    let paths = if paths.is_empty() {
        if !default[0].is_dir() {
            return Err(refuse("which specs? name files or folders: there is no folder `specs` here"));
        }
        &default
    } else {
        paths
    };
    let loaded = load_paths(paths, &surroundings.environment)
        .map_err(|problems| refuse_specs(&problems, surroundings))?;
    take_marks(&loaded.project, surroundings)?;
    Ok(loaded)
}

/// Checks a project's own marks, and knows them from now on.
pub(super) fn take_marks(project: &Project, surroundings: &Surroundings) -> Result<(), Refused> {
    let problems = check_marks(&project.marks);
    if !problems.is_empty() {
        return Err(refuse_specs(&problems, surroundings));
    }
    learn_marks(&project.marks);
    Ok(())
}

/// Reads the project file in a folder or above it; an empty project where there is none.
pub(super) fn load_project(folder: &Path, surroundings: &Surroundings) -> Result<Project, Refused> {
    let Some(path) = find_project_file(folder) else { return Ok(Project::default()) };
    let file = read_file(&path).map_err(|problem| refuse_specs(&[problem], surroundings))?;
    read_project(&file, &surroundings.environment).map_err(|problems| refuse_specs(&problems, surroundings))
}

/// What the command line selects.
pub(super) fn selection(arguments: &SelectArguments) -> Result<Selection, Refused> {
    let mut filters = Vec::new();
    for filter in &arguments.filter {
        filters.push(parse_filter(filter).map_err(|reason| refuse(&format!("--filter {filter}: {reason}")))?);
    }
    Ok(Selection { tags: arguments.tag.clone(), skip_tags: arguments.skip_tag.clone(), filters })
}

/// A target, and whether specs that leave data behind may run there.
pub(super) struct ChosenTarget {
    pub(super) target: Target,
    pub(super) base: Url,
    pub(super) may_write: bool,
}

/// Chooses the target by `--target`, `--url`, the environment and the project file.
pub(super) fn choose_target(
    arguments: &RunArguments,
    project: &Project,
    surroundings: &Surroundings,
) -> Result<ChosenTarget, Refused> {
    let url = given_url(arguments, surroundings)?;
    let name = arguments.target.as_deref().or(project.defaults.target.as_deref());
    let only = (project.targets.len() == 1 && url.is_none()).then(|| &project.targets[0]);
    let found = match name {
        Some(name) => Some(find_target(name, project)?),
        None => only,
    };
    let (mut target, is_bare) = match (found, &url) {
        (Some(target), _) => (target.clone(), false),
        (None, Some(url)) => (Target::bare(url.clone()), true),
        (None, None) => return Err(refuse_without_target(project)),
    };
    if url.is_some() {
        target.url = url;
    }
    expect_revision(&mut target, arguments, surroundings)?;
    let Some(base) = target.url.clone() else {
        return Err(refuse("the target has no address"));
    };
    let may_write = if is_bare { arguments.allow_writes || is_loopback(&base) } else { target.writes };
    Ok(ChosenTarget { target, base, may_write })
}

/// Notes the revision that must be there. The environment may name one for all jobs, needed or not.
fn expect_revision(
    target: &mut Target,
    arguments: &RunArguments,
    surroundings: &Surroundings,
) -> Result<(), Refused> {
    let given = arguments.revision.as_deref();
    let expected = given.or_else(|| surroundings.variable("SMOKEGATE_REVISION"));
    match (&mut target.revision, expected.filter(|expected| !expected.trim().is_empty())) {
        (Some(revision), Some(expected)) => revision.expected = Some(expected.trim().to_owned()),
        (None, Some(_)) if given.is_some() => {
            return Err(refuse(
                "--revision: the target does not say where its revision is seen: \
                 add revision = { get = \"/version\", from = \"json.$.sha\" } to it",
            ));
        }
        _ => {}
    }
    Ok(())
}

fn given_url(arguments: &RunArguments, surroundings: &Surroundings) -> Result<Option<Url>, Refused> {
    let from_environment = || {
        ["SMOKEGATE_URL", "STAGING_SERVER"]
            .into_iter()
            .find_map(|name| Some((name, surroundings.variable(name)?)))
    };
    let given = arguments.url.as_deref().map(|url| ("--url", url)).or_else(from_environment);
    let Some((origin, text)) = given else {
        return Ok(None);
    };
    parse_base_url(text).map(Some).map_err(|reason| refuse(&format!("{origin}: {reason}")))
}

pub(super) fn find_target<'a>(name: &str, project: &'a Project) -> Result<&'a Target, Refused> {
    if let Some(target) = project.targets.iter().find(|target| target.name.as_deref() == Some(name)) {
        return Ok(target);
    }
    let known: Vec<&str> = project.targets.iter().filter_map(|target| target.name.as_deref()).collect();
    let hint = match (nearest(name, known.iter().copied()), known.is_empty()) {
        (Some(meant), _) => format!("did you mean `{meant}`?"),
        (None, true) => "there is no smokegate.toml with a [target] above the specs".to_owned(),
        (None, false) => format!("known targets: {}", known.join(", ")),
    };
    Err(refuse(&format!("no target `{name}`: {hint}")))
}

fn refuse_without_target(project: &Project) -> Refused {
    let known: Vec<&str> = project.targets.iter().filter_map(|target| target.name.as_deref()).collect();
    if known.is_empty() {
        return refuse(
            "which deployment? give its address with --url, or in SMOKEGATE_URL or STAGING_SERVER",
        );
    }
    refuse(&format!("which deployment? name one of them with --target: {}", known.join(", ")))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(domain)) => domain == "localhost" || domain.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// How the terminal report looks.
pub(super) fn terminal_options(verbose: bool, surroundings: &Surroundings) -> TerminalOptions {
    TerminalOptions {
        colour: surroundings.colour,
        live: surroundings.is_live,
        width: surroundings.width,
        verbose,
        ..TerminalOptions::default()
    }
}
