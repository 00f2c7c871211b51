//! `smokegate list`: the scenarios that would run.

use colored::Colorize as _;

use crate::cli::args::ListArguments;
use crate::cli::env::{Surroundings, print_line};
use crate::cli::exit_code;
use crate::cli::options::{load, selection};

/// Runs the command; gives back the exit code.
pub(in crate::cli) fn list(arguments: &ListArguments, surroundings: &Surroundings) -> u8 {
    let found = selection(&arguments.select)
        .and_then(|selection| Ok((selection, load(&arguments.select.paths, surroundings)?)));
    let (selection, loaded) = match found {
        Ok(found) => found,
        Err(refused) => return refused.0,
    };
    let selected: Vec<_> = loaded.scenarios.iter().filter(|scenario| selection.includes(scenario)).collect();
    for scenario in &selected {
        let mut line = format!("{}  {}", scenario.file.name, scenario.name.bold());
        if !scenario.tags.is_empty() {
            line = format!("{line}  {}", format!("[{}]", scenario.tags.join(", ")).dimmed());
        }
        if scenario.writes {
            line = format!("{line}  {}", "writes".yellow());
        }
        print_line(&line);
    }
    if selected.is_empty() { exit_code::NOTHING_SELECTED } else { exit_code::PASSED }
}
