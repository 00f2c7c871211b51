//! `smokegate list`: the scenarios that would run.

use colored::Colorize as _;
use serde_json::json;

use crate::cli::args::ListArguments;
use crate::cli::env::{Surroundings, print_line};
use crate::cli::exit_code;
use crate::cli::options::{load, selection};
use crate::spec::Scenario;

/// Runs the command; gives back the exit code.
pub(in crate::cli) fn list(arguments: &ListArguments, surroundings: &Surroundings) -> u8 {
    let found = selection(&arguments.select)
        .and_then(|selection| Ok((selection, load(&arguments.select.paths, surroundings)?)));
    let (selection, loaded) = match found {
        Ok(found) => found,
        Err(refused) => return refused.0,
    };
    let selected: Vec<_> = loaded.scenarios.iter().filter(|scenario| selection.includes(scenario)).collect();
    if arguments.json {
        let scenarios: Vec<_> = selected.iter().map(|scenario| describe(scenario)).collect();
        print_line(&format!("{:#}", json!({ "version": 1, "scenarios": scenarios })));
    } else {
        for scenario in &selected {
            print_line(&render(scenario));
        }
    }
    if selected.is_empty() { exit_code::NOTHING_SELECTED } else { exit_code::PASSED }
}

fn render(scenario: &Scenario) -> String {
    let mut line = format!("{}  {}", scenario.file.name, scenario.name.bold());
    if !scenario.tags.is_empty() {
        line = format!("{line}  {}", format!("[{}]", scenario.tags.join(", ")).dimmed());
    }
    if scenario.writes {
        line = format!("{line}  {}", "writes".yellow());
    }
    line
}

/// A scenario for programs. Keys are only ever added to it.
fn describe(scenario: &Scenario) -> serde_json::Value {
    let needs: Vec<String> = scenario.needs.iter().map(|need| need.path.display().to_string()).collect();
    let cases: Vec<&str> = scenario.cases.iter().map(|case| case.name.as_str()).collect();
    json!({
        "file": scenario.file.name,
        "name": scenario.name,
        "description": scenario.description,
        "tags": scenario.tags,
        "writes": scenario.writes,
        "browser": scenario.steps.iter().chain(&scenario.cleanup).any(|step| step.action.needs_browser()),
        "needs": needs,
        "cases": cases,
        "steps": scenario.steps.len(),
        "cleanup_steps": scenario.cleanup.len(),
    })
}
