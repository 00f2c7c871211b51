//! Carries out a plan and reports it: what `run` and `demo` share.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use url::Url;

use super::browser_options::{BrowserOptions, build_browser_settings, choose_kind, read_target_proxies};
use super::env::{Surroundings, print_note};
use super::options::{ChosenTarget, Refused, refuse, refuse_specs};
use super::signals::Signals;
use super::{exit_code, options};
use crate::event::Event;
use crate::plan::{Plan, Selection, WINDOW, build_plan, plan_release_check};
use crate::report::{self, FORMATS, Format, Reporter, Reporters, TerminalOptions};
use crate::run::{self, RunSettings};
use crate::source::nearest;
use crate::spec::Loaded;
use crate::spec::action::SqlCall;

/// How many bytes of a body are read at most.
const BODY_LIMIT: u64 = 16 * 1024 * 1024;

/// The folder for pictures where none is named.
const ARTIFACTS: &str = "smokegate-artifacts";

/// What the command line says about how a plan is carried out.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(super) struct ExecuteOptions {
    pub(super) selection: Selection,
    pub(super) jobs: Option<u16>,
    pub(super) reports: Vec<String>,
    pub(super) browser: BrowserOptions,
    /// Where pictures go; beside the project file or in the working folder where it is none.
    pub(super) artifacts: Option<PathBuf>,
    /// Whether pictures that differ from their baselines replace them.
    pub(super) update_screens: bool,
    /// Whether a scenario that passed only on a retry fails the run.
    pub(super) fail_on_flaky: bool,
    pub(super) verbose: bool,
    /// The specs are inside the binary, so nobody can name them.
    pub(super) is_built_in: bool,
}

/// Carries out what was selected; gives back the exit code.
pub(super) async fn execute(
    loaded: &Loaded,
    chosen: ChosenTarget,
    options: &ExecuteOptions,
    surroundings: &Surroundings,
) -> Result<u8, Refused> {
    let base = chosen.base.clone();
    let mut plan = build_plan(loaded, chosen.target, &options.selection, chosen.may_write)
        .map_err(|problems| refuse_specs(&problems, surroundings))?;
    if plan.scenarios.is_empty() {
        super::env::print_error("no scenario was selected");
        return Ok(exit_code::NOTHING_SELECTED);
    }
    if let Some(revision) = &plan.target.revision {
        let check = plan_release_check(revision, &surroundings.environment, plan.scenarios.len())
            .map_err(|problems| refuse_specs(&problems, surroundings))?;
        plan.scenarios.extend(check);
    }
    let reporters = build_reporters(options, surroundings)?;
    let signals = Signals::watch()?;
    let settings = build_settings(&plan, base, loaded, options, surroundings, &signals)?;
    Ok(report_run(plan, settings, reporters).await)
}

/// Walks the layers of a target and reports it; gives back the exit code. Of the statements the tables are looked for.
pub(super) async fn execute_walk(
    loaded: &Loaded,
    chosen: ChosenTarget,
    statements: Vec<SqlCall>,
    options: &ExecuteOptions,
    surroundings: &Surroundings,
) -> Result<u8, Refused> {
    let plan = Plan { scenarios: Vec::new(), target: chosen.target, window: WINDOW };
    let mut reporters = build_reporters(options, surroundings)?;
    let signals = Signals::watch()?;
    let settings = build_settings(&plan, chosen.base, loaded, options, surroundings, &signals)?;
    let mut sink = |event: &Event| {
        for notice in reporters.on_event(event) {
            print_note(&notice);
        }
    };
    let summary = run::walk(&plan, statements, settings, &mut sink).await;
    for notice in reporters.finish() {
        print_note(&notice);
    }
    Ok(summary.exit_code)
}

async fn report_run(plan: Plan, settings: RunSettings, mut reporters: Reporters) -> u8 {
    let mut sink = |event: &Event| {
        for notice in reporters.on_event(event) {
            print_note(&notice);
        }
    };
    let summary = run::run(plan, settings, &mut sink).await;
    for notice in reporters.finish() {
        print_note(&notice);
    }
    summary.exit_code
}

fn build_settings(
    plan: &Plan,
    base: Url,
    loaded: &Loaded,
    options: &ExecuteOptions,
    surroundings: &Surroundings,
    signals: &Signals,
) -> Result<RunSettings, Refused> {
    let target = &plan.target;
    let proxies = read_target_proxies(target, surroundings)?;
    let run_id = run::new_run_id();
    let kind = choose_kind(options.browser.browser, loaded.project.defaults.browser.as_deref());
    let browser =
        build_browser_settings(kind, target, base, plan.window, &run_id, &options.browser, surroundings);
    Ok(RunSettings {
        pause: options.browser.pause(),
        may_widen: options.jobs.is_none(),
        jobs: options.jobs.map_or(surroundings.cores * 2, usize::from),
        browser,
        has_chosen_browser: options.browser.browser.is_some(),
        body_limit: BODY_LIMIT,
        artifacts: artifacts_folder(options, loaded),
        update_screens: options.update_screens,
        fail_on_flaky: options.fail_on_flaky,
        proxies,
        environment: surroundings.environment.clone(),
        secrets: loaded.secrets.clone(),
        cancel: signals.cancel.clone(),
        interrupt_code: std::sync::Arc::clone(&signals.code),
        run_id,
    })
}

fn artifacts_folder(options: &ExecuteOptions, loaded: &Loaded) -> PathBuf {
    let beside = || loaded.project.path.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    options.artifacts.clone().unwrap_or_else(|| beside().join(ARTIFACTS))
}

/// Opens every report before anything is sent: a path that cannot be written is found at once.
fn build_reporters(options: &ExecuteOptions, surroundings: &Surroundings) -> Result<Reporters, Refused> {
    let mut reporters: Vec<Box<dyn Reporter>> = Vec::new();
    let mut is_stdout_taken = false;
    let terminal = TerminalOptions {
        names_failed: !options.is_built_in,
        // It would be drawn over what is asked at a pause.
        live: surroundings.is_live && !options.browser.pauses_on_failure,
        ..options::terminal_options(options.verbose, surroundings)
    };
    for report in &options.reports {
        let (format, path) = parse_report(report)?;
        let out: Box<dyn Write + Send> = if path == "-" {
            is_stdout_taken = true;
            Box::new(std::io::stdout())
        } else {
            let file = File::create(path).map_err(|error| refuse(&format!("--report {report}: {error}")))?;
            Box::new(BufWriter::new(file))
        };
        reporters.push(report::build(format, out, terminal));
    }
    let out: Box<dyn Write + Send> =
        if is_stdout_taken { Box::new(std::io::stderr()) } else { Box::new(std::io::stdout()) };
    reporters.push(report::build(Format::Terminal, out, terminal));
    Ok(Reporters::new(reporters))
}

fn parse_report(text: &str) -> Result<(Format, &str), Refused> {
    let names = || FORMATS.iter().map(|definition| definition.name);
    let Some((name, path)) = text.split_once('=').filter(|(_, path)| !path.is_empty()) else {
        return Err(refuse(&format!("--report {text}: expected FORMAT=PATH, such as junit=report.xml")));
    };
    match Format::parse(name) {
        Some(format) => Ok((format, path)),
        None => {
            let hint = nearest(name, names()).map_or_else(
                || format!("known formats: {}", names().collect::<Vec<_>>().join(", ")),
                |meant| format!("did you mean `{meant}`?"),
            );
            Err(refuse(&format!("--report {text}: no format `{name}`: {hint}")))
        }
    }
}
