//! `smokegate check`: reads and validates specs, and sends nothing.

use crate::cli::args::CheckArguments;
use crate::cli::env::{Surroundings, print_line};
use crate::cli::exit_code;
use crate::cli::options::load;

/// Runs the command; gives back the exit code.
pub(in crate::cli) fn check(arguments: &CheckArguments, surroundings: &Surroundings) -> u8 {
    let loaded = match load(&arguments.paths, surroundings) {
        Ok(loaded) => loaded,
        Err(refused) => return refused.0,
    };
    let steps: usize =
        loaded.scenarios.iter().map(|scenario| scenario.steps.len() + scenario.cleanup.len()).sum();
    print_line(&format!("{} scenarios with {steps} steps: no problem found", loaded.scenarios.len()));
    if loaded.scenarios.is_empty() { exit_code::NOTHING_SELECTED } else { exit_code::PASSED }
}
