//! Which scenarios run, in what order, against what, with which limits.

mod release;
mod select;
mod variables;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use globset::Glob;

use crate::source::{Diagnostic, Place};
use crate::spec::project::Target;
use crate::spec::{Case, Loaded, Scenario};

pub use release::{RELEASE_CHECK, plan_release_check};
pub use select::Selection;

use variables::find_undefined;

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

/// A scenario, or one case of it, with its limits resolved.
#[derive(Clone, Debug)]
pub struct PlannedScenario {
    /// Its position in the run.
    pub id: usize,
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// The case, if it has cases.
    pub case: Option<Case>,
    /// Positions of those that must pass first.
    pub needs: Vec<usize>,
    /// How long a step of it may take that says nothing itself.
    pub step_timeout: Duration,
    /// How long it may take, cleanup left out.
    pub timeout: Option<Duration>,
    /// How often it is tried again when it fails.
    pub retries: usize,
}

impl PlannedScenario {
    /// Whether a step of it needs a browser.
    pub fn needs_browser(&self) -> bool {
        self.scenario.steps.iter().chain(&self.scenario.cleanup).any(|step| step.action.needs_browser())
    }
}

/// Selects scenarios, with those that they need, and resolves what they leave open.
///
/// The error has every scenario that the target does not allow, or that uses a variable which only other targets
/// have: nothing may be sent then.
pub fn build_plan(
    loaded: &Loaded,
    target: Target,
    selection: &Selection,
    may_write: bool,
) -> Result<Plan, Vec<Diagnostic>> {
    let selected = select_with_needs(loaded, selection);
    let undefined = find_undefined(loaded, &target, &selected);
    if !undefined.is_empty() {
        return Err(undefined);
    }
    if !may_write {
        let writing =
            selected.iter().map(|position| &loaded.scenarios[*position]).filter(|scenario| scenario.writes);
        let refused: Vec<Diagnostic> = writing.map(|scenario| refuse_write(scenario, &target)).collect();
        if !refused.is_empty() {
            return Err(refused);
        }
    }
    let defaults = &loaded.project.defaults;
    let mut scenarios: Vec<PlannedScenario> = Vec::new();
    // The planned scenarios of each position, for those that need it.
    let mut planned_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for position in &selected {
        let scenario = Arc::new(loaded.scenarios[*position].clone());
        let cases: Vec<Option<Case>> = match scenario.cases.as_slice() {
            [] => vec![None],
            cases => cases.iter().cloned().map(Some).collect(),
        };
        for case in cases {
            let id = scenarios.len();
            planned_of.entry(*position).or_default().push(id);
            let step_timeout = defaults.timeout.unwrap_or(STEP_TIMEOUT);
            let scenario = Arc::clone(&scenario);
            let timeout = scenario.timeout.or(defaults.scenario_timeout);
            let retries = scenario.retries.or(defaults.retries).unwrap_or(0);
            let needs = Vec::new();
            scenarios.push(PlannedScenario { id, scenario, case, needs, step_timeout, timeout, retries });
        }
    }
    for planned in &mut scenarios {
        let needed = planned.scenario.needs.iter().filter_map(|need| planned_of.get(&need.position?));
        planned.needs = needed.flatten().copied().collect();
    }
    Ok(Plan { scenarios, target, window: defaults.window.unwrap_or(WINDOW) })
}

/// Positions of the selected scenarios and of those that they need, in the order in which they were read.
fn select_with_needs(loaded: &Loaded, selection: &Selection) -> BTreeSet<usize> {
    let named = loaded.scenarios.iter().enumerate().take(loaded.named);
    let mut waiting: Vec<usize> =
        named.filter(|(_, scenario)| selection.includes(scenario)).map(|(position, _)| position).collect();
    let mut selected = BTreeSet::new();
    while let Some(position) = waiting.pop() {
        if selected.insert(position) {
            waiting.extend(loaded.scenarios[position].needs.iter().filter_map(|need| need.position));
        }
    }
    selected
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
