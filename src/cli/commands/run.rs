//! `smokegate run`: judges a site.

use std::path::PathBuf;

use url::Url;

use crate::cli::args::{BrowserName, RunArguments};
use crate::cli::env::{Surroundings, print_error, print_note};
use crate::cli::exit_code;
use crate::cli::options::{Refused, choose_target, load, refuse, refuse_specs, selection};
use crate::cli::signals::Signals;
use crate::event::Event;
use crate::plan::{Plan, build_plan};
use crate::run::browser::{BrowserKind, BrowserSettings};
use crate::run::{RunSettings, new_run_id, run as run_plan, user_agent};
use crate::spec::Loaded;

/// How many bytes of a body are read at most.
const BODY_LIMIT: u64 = 16 * 1024 * 1024;

/// Runs the command; gives back the exit code.
pub(in crate::cli) async fn run(arguments: &RunArguments, surroundings: &Surroundings) -> u8 {
    match prepare(arguments, surroundings) {
        Ok((plan, settings)) => {
            let mut sink = |event: &Event| println!("{}", serde_json::to_string(event).unwrap_or_default());
            run_plan(plan, settings, &mut sink).await.exit_code
        }
        Err(refused) => refused.0,
    }
}

fn prepare(arguments: &RunArguments, surroundings: &Surroundings) -> Result<(Plan, RunSettings), Refused> {
    let selection = selection(&arguments.select)?;
    let loaded = load(&arguments.select.paths, surroundings)?;
    let chosen = choose_target(arguments, &loaded.project, surroundings)?;
    let plan = build_plan(&loaded, chosen.target, &selection, chosen.may_write)
        .map_err(|problems| refuse_specs(&problems, surroundings))?;
    let signals = Signals::watch().map_err(|e| refuse(&e.to_string()))?;
    let run_id = new_run_id();
    let settings = RunSettings {
        jobs: arguments.jobs.map_or(surroundings.cores * 2, usize::from),
        browser: BrowserSettings {
            kind: BrowserKind::Chromium,
            webdriver: None,
            viewport: plan.window,
            workers: surroundings.cores,
            base: chosen.base,
            resolve: plan.target.resolve,
            user_agent_suffix: user_agent(&run_id),
            insecure: plan.target.insecure,
            headed: false,
            headers: vec![],
            basic_auth: None,
        },
        body_limit: BODY_LIMIT,
        environment: surroundings.environment.clone(),
        secrets: loaded.secrets.clone(),
        cancel: signals.cancel.clone(),
        interrupt_code: signals.code.clone(),
        run_id,
    };
    std::mem::forget(signals);
    Ok((plan, settings))
}
