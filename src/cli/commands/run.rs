//! `smokegate run`: judges a site.

use crate::cli::args::RunArguments;
use crate::cli::browser_options::BrowserOptions;
use crate::cli::env::Surroundings;
use crate::cli::execute::{ExecuteOptions, execute};
use crate::cli::options::{Refused, choose_target, load, selection};

/// Runs the command; gives back the exit code.
pub(in crate::cli) async fn run(arguments: &RunArguments, surroundings: &Surroundings) -> u8 {
    judge(arguments, surroundings).await.unwrap_or_else(|refused| refused.0)
}

async fn judge(arguments: &RunArguments, surroundings: &Surroundings) -> Result<u8, Refused> {
    let options = ExecuteOptions {
        selection: selection(&arguments.select)?,
        jobs: arguments.jobs,
        reports: arguments.report.clone(),
        browser: BrowserOptions::read(&arguments.browser, surroundings)?,
        artifacts: arguments.artifacts.clone(),
        update_screens: arguments.update_screens,
        fail_on_flaky: arguments.fail_on_flaky,
        verbose: arguments.verbose,
        is_built_in: false,
    };
    let loaded = load(&arguments.select.paths, surroundings)?;
    let chosen = choose_target(arguments, &loaded.project, surroundings)?;
    execute(&loaded, chosen, &options, surroundings).await
}
