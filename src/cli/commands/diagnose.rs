//! `smokegate diagnose`: walks the layers of a site without any spec, from its name to its forms, with harmless requests.

use crate::cli::args::DiagnoseArguments;
use crate::cli::env::Surroundings;
use crate::cli::execute::{ExecuteOptions, execute_walk};
use crate::cli::options::{ChosenTarget, Refused, refuse};
use crate::spec::project::{Target, parse_base_url};

/// Runs the command; gives back the exit code.
pub(in crate::cli) async fn diagnose(arguments: &DiagnoseArguments, surroundings: &Surroundings) -> u8 {
    walk(arguments, surroundings).await.unwrap_or_else(|refused| refused.0)
}

async fn walk(arguments: &DiagnoseArguments, surroundings: &Surroundings) -> Result<u8, Refused> {
    let base = parse_base_url(&arguments.url).map_err(|reason| refuse(&reason))?;
    let mut target = Target::bare(base.clone());
    target.resolve = arguments.resolve;
    target.ca.clone_from(&arguments.ca);
    let chosen = ChosenTarget { target, base, may_write: false };
    let options = ExecuteOptions {
        reports: arguments.report.clone(),
        verbose: true,
        is_built_in: true,
        ..ExecuteOptions::default()
    };
    execute_walk(chosen, &options, surroundings).await
}
