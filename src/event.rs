//! What happens in a run, as owned data: the only bridge from `run` to `report`.
//!
//! A run is a sequence of events, one line of JSON each. Order: [`EventKind::RunStarted`] first and
//! [`EventKind::RunFinished`] last; a scenario's events stand between its `ScenarioStarted` and its
//! `ScenarioFinished` in the order of its steps; those of different scenarios may interleave.

use serde::{Deserialize, Serialize};

use crate::diagnose::Diagnosis;
use crate::evidence::{Artifact, Cause, Evidence};
use crate::expect::Check;
use crate::source::Place;
use crate::verdict::{StepError, Verdict};

/// The version of the event stream and of the JSON document: it changes when a reader of the older one would
/// misunderstand.
pub const VERSION: u32 = 1;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When: RFC 3339, UTC, milliseconds.
    pub at: String,
    /// Milliseconds since the run began.
    pub elapsed_ms: f64,
    /// What.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// The kinds of events. Reporters match them without a wildcard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// The run begins.
    RunStarted {
        /// [`VERSION`].
        version: u32,
        /// The program's version.
        smokegate: String,
        /// Unique and sortable.
        run_id: String,
        /// What is judged.
        target: TargetInfo,
        /// What will run, in the order of the specs.
        scenarios: Vec<ScenarioHead>,
    },
    /// A scenario begins.
    ScenarioStarted {
        /// Its [`ScenarioHead::id`].
        scenario: usize,
    },
    /// A step begins.
    StepStarted {
        /// The scenario.
        scenario: usize,
        /// The step.
        step: StepHead,
    },
    /// A step has its verdict.
    StepFinished {
        /// The scenario.
        scenario: usize,
        /// What became of it.
        outcome: Box<StepOutcome>,
    },
    /// A scenario did not pass and is tried again: its steps so far count no more.
    ScenarioRetried {
        /// The scenario.
        scenario: usize,
        /// How often it was tried.
        attempts: usize,
        /// What became of the last try.
        verdict: Verdict,
    },
    /// A scenario has its verdict, its cleanup done.
    ScenarioFinished {
        /// The scenario.
        scenario: usize,
        /// Its verdict.
        verdict: Verdict,
        /// Milliseconds, waiting for a browser left out.
        duration_ms: f64,
        /// What is broken, if something is.
        diagnosis: Option<Diagnosis>,
        /// Why it was skipped, or what else is to say about it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// Something the user should know that belongs to no step.
    Notice {
        /// For people: lower case, no full stop.
        message: String,
    },
    /// The run is over.
    RunFinished {
        /// The verdict of the whole.
        verdict: Verdict,
        /// The exit code that it gives.
        exit_code: u8,
        /// Scenarios by verdict.
        counts: Tally,
        /// Milliseconds.
        duration_ms: f64,
        /// The root cause of the whole run, if something is broken.
        diagnosis: Option<Diagnosis>,
    },
}

/// What is judged, as reports name it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetInfo {
    /// The target's name in the project file; none for a bare address.
    pub name: Option<String>,
    /// Its base address.
    pub url: String,
    /// Whether certificates are not verified there.
    pub insecure: bool,
}

/// A scenario, as reports name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioHead {
    /// Its position in this run.
    pub id: usize,
    /// Its name.
    pub name: String,
    /// Its spec file.
    pub file: String,
    /// Its `[[case]]`, if it has one.
    pub case: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
}

/// A step, as reports name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepHead {
    /// Its position in the scenario, cleanup steps counted after the others.
    pub index: usize,
    /// Its name, or what it does.
    pub name: String,
    /// Its action's key: `get`, `open`, `sql`.
    pub action: String,
    /// Who performs it.
    pub actor: String,
    /// Where it stands.
    pub place: Place,
    /// Whether it is a cleanup step.
    pub cleanup: bool,
    /// Whether it counts in no verdict.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepOutcome {
    /// The step.
    pub step: StepHead,
    /// Its verdict.
    pub verdict: Verdict,
    /// Milliseconds, its waiting included.
    pub duration_ms: f64,
    /// How often a harmless action was repeated: 1 if it was not.
    pub attempts: u32,
    /// All its expectations, those that nobody wrote included when they do not hold.
    pub checks: Vec<Check>,
    /// Why it could not be carried out.
    pub error: Option<StepError>,
    /// What it saw.
    pub evidence: Option<Evidence>,
    /// Names and values that it captured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub captured: Vec<(String, String)>,
    /// The files that it left behind, pictures first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<Artifact>,
    /// Why it was skipped, or what else is to say about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl StepOutcome {
    /// A step that was not carried out; an empty reason says nothing.
    pub fn skipped(step: StepHead, reason: &str) -> Self {
        Self {
            step,
            verdict: Verdict::Skipped,
            duration_ms: 0.0,
            attempts: 0,
            checks: Vec::new(),
            error: None,
            evidence: None,
            captured: Vec::new(),
            artifacts: Vec::new(),
            note: (!reason.is_empty()).then(|| reason.to_owned()),
        }
    }

    /// Whether it was under way when the run was interrupted.
    pub fn is_interrupted(&self) -> bool {
        self.error.as_ref().is_some_and(|error| error.cause == Cause::Interrupted)
    }
}

/// Scenarios by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Everything held.
    pub passed: usize,
    /// The site is wrong.
    pub failed: usize,
    /// We could not look.
    pub errored: usize,
    /// Passed on a retry.
    pub flaky: usize,
    /// Not run.
    pub skipped: usize,
}

impl Tally {
    /// Counts one more scenario.
    pub fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Failed => self.failed += 1,
            Verdict::Errored => self.errored += 1,
            Verdict::Flaky => self.flaky += 1,
            Verdict::Skipped => self.skipped += 1,
        }
    }

    /// How many scenarios were counted.
    pub fn total(&self) -> usize {
        self.passed + self.failed + self.errored + self.flaky + self.skipped
    }

    /// The verdict of the whole: failed before errored before flaky before passed.
    pub fn verdict(&self) -> Verdict {
        if self.failed > 0 {
            Verdict::Failed
        } else if self.errored > 0 {
            Verdict::Errored
        } else if self.flaky > 0 {
            Verdict::Flaky
        } else if self.passed == 0 && self.skipped > 0 {
            Verdict::Skipped
        } else {
            Verdict::Passed
        }
    }
}
