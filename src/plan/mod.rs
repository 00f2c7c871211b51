//! Which scenarios run, in what order, against what, with which limits.

mod select;

use std::sync::Arc;
use std::time::Duration;

use globset::Glob;

use crate::source::{Diagnostic, Place};
use crate::spec::project::Target;
use crate::spec::{Loaded, Scenario};

pub use select::Selection;

/// How long a step may take, its waiting included, unless something else is said.
pub const STEP_TIMEOUT: Duration = Duration::from_secs(10);

/// The inner viewport unless something else is said, in CSS pixels.
pub const WINDOW: (u32, u32) = (1024, 768);

/// What will be done.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The scenarios in the order of their files.
    pub scenarios: Vec<PlannedScenario>,
    /// What they judge.
    pub target: Target,
    /// Inner width and height of browser pages.
    pub window: (u32, u32),
}

/// A scenario with its limits resolved.
#[derive(Clone, Debug)]
pub struct PlannedScenario {
    /// Its position in the run.
    pub id: usize,
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// How long a step of it may take that says nothing itself.
    pub step_timeout: Duration,
}

impl PlannedScenario {
    /// Whether a step of it needs a browser.
    pub fn needs_browser(&self) -> bool {
        self.scenario.steps.iter().chain(&self.scenario.cleanup).any(|step| step.action.needs_browser())
    }
}

/// Selects scenarios and resolves what they leave open.
///
/// The error has every scenario that the target does not allow: nothing may be sent then.
pub fn build_plan(
    loaded: &Loaded,
    target: Target,
    selection: &Selection,
    may_write: bool,
) -> Result<Plan, Vec<Diagnostic>> {
    let defaults = &loaded.project.defaults;
    let selected: Vec<&Scenario> =
        loaded.scenarios.iter().filter(|scenario| selection.includes(scenario)).collect();
    if !may_write {
        let refused: Vec<Diagnostic> = selected
            .iter()
            .filter(|scenario| scenario.writes)
            .map(|scenario| refuse_write(scenario, &target))
            .collect();
        if !refused.is_empty() {
            return Err(refused);
        }
    }
    let scenarios = selected
        .into_iter()
        .enumerate()
        .map(|(id, scenario)| PlannedScenario {
            id,
            scenario: Arc::new(scenario.clone()),
            step_timeout: defaults.timeout.unwrap_or(STEP_TIMEOUT),
        })
        .collect();
    Ok(Plan { scenarios, target, window: defaults.window.unwrap_or(WINDOW) })
}

fn refuse_write(scenario: &Scenario, target: &Target) -> Diagnostic {
    let message = "this scenario leaves data behind, and the target forbids it";
    let diagnostic = match &scenario.writes_place {
        Some(place) => at_place(scenario, place, message),
        None => Diagnostic::of_file(&scenario.file, message),
    };
    diagnostic.help(match (&target.name, &target.writes_place) {
        (Some(name), Some(place)) => format!(
            "the target `{name}` allows it with `writes = true`: {}:{}:{}",
            place.file, place.line, place.column
        ),
        _ => "an address that is not a loopback one is written to with --allow-writes, or as a [target] with `writes = true`".to_owned(),
    })
}

fn at_place(scenario: &Scenario, place: &Place, message: &str) -> Diagnostic {
    let start = scenario.file.offset(place.line, place.column);
    let end = scenario.file.offset(place.line, place.column + place.length);
    Diagnostic::new(&scenario.file, (start..end).into(), message)
}

/// Reads a glob for `--filter`.
pub fn parse_filter(text: &str) -> Result<globset::GlobMatcher, String> {
    Glob::new(text)
        .map(|glob| glob.compile_matcher())
        .map_err(|error| format!("not a glob: {}", error.kind()))
}
