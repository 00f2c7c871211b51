//! Variables of targets: a spec may use those of any target, but runs only where they have a value.

use std::collections::BTreeSet;

use super::at_place;
use crate::source::Diagnostic;
use crate::spec::project::Target;
use crate::spec::{Loaded, Scenario, Step, ValueTemplate};

/// The selected scenarios that use a variable which other targets have and this one has not.
pub(super) fn find_undefined(
    loaded: &Loaded,
    target: &Target,
    selected: &BTreeSet<usize>,
) -> Vec<Diagnostic> {
    let is_here = |name: &str| target.vars.iter().any(|(own, _)| own == name);
    let elsewhere =
        loaded.project.targets.iter().flat_map(|other| &other.vars).map(|(name, _)| name.as_str());
    let missing: BTreeSet<&str> = elsewhere.filter(|name| !is_here(name)).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let scenarios = selected.iter().map(|position| &loaded.scenarios[*position]);
    scenarios.flat_map(|scenario| find_in_scenario(scenario, target, &missing)).collect()
}

fn find_in_scenario(scenario: &Scenario, target: &Target, missing: &BTreeSet<&str>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for name in missing.iter().filter(|name| !is_defined(scenario, name)) {
        let here =
            target.name.as_ref().map_or("this address".to_owned(), |here| format!("the target `{here}`"));
        let message =
            format!("`{name}` has no value here: other targets have it among their `vars`, {here} has not");
        let in_vars = scenario.vars.iter().any(|(_, value)| uses(value, name));
        let mut steps = scenario.steps.iter().chain(&scenario.cleanup);
        let diagnostic = match steps.find(|step| step_uses(step, name)) {
            Some(step) if step.frames.is_empty() && !in_vars => at_place(scenario, &step.place, &message),
            Some(_) => Diagnostic::of_file(&scenario.file, message),
            None if in_vars => Diagnostic::of_file(&scenario.file, message),
            None => continue,
        };
        found.push(match &target.name {
            Some(here) => {
                diagnostic.help(format!("give it a value in the project file: [target.{here}.vars]"))
            }
            None => diagnostic.help("choose a target that has it with --target"),
        });
    }
    found
}

fn is_defined(scenario: &Scenario, name: &str) -> bool {
    scenario.vars.iter().any(|(own, _)| own == name)
        || scenario.steps.iter().flat_map(|step| &step.captures).any(|capture| capture.name == name)
}

/// Whether a step uses a name of its scenario. Inside a fragment its own names are the fragment's parameters.
fn step_uses(step: &Step, name: &str) -> bool {
    match step.frames.first() {
        None => step.uses(name),
        Some(outermost) => outermost.values.iter().any(|(_, value)| uses(value, name)),
    }
}

fn uses(value: &ValueTemplate, name: &str) -> bool {
    let names = value.templates().into_iter().flat_map(|template| template.names().unwrap_or_default());
    names.into_iter().any(|used| used.split('.').next() == Some(name))
}
