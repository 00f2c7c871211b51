//! A walk through the layers of a site without a spec, from its name to its forms: what `smokegate diagnose` does.
//!
//! | file | what it does |
//! | --- | --- |
//! | `layers` | looks at one layer after the other, past those that are broken where there is a way |
//! | `forms` | looks at the forms of a page without sending one |
//! | `pages` | asks for a few of the pages that the home page leads to |
//! | `release` | asks which release it is, where the target says it |
//! | `tables` | looks whether the declared databases can be read, and whether the tables that specs name are there |
//! | `samples` | asks for the home page several times: workers take turns |
//! | `tell` | what was seen, in a line for each layer |

mod forms;
mod layers;
mod pages;
mod release;
mod samples;
mod tables;
mod tell;

use std::sync::Arc;

use tokio::time::Instant;

use super::context::Context;
use super::outcome::Outcome;
use crate::diagnose::{
    Certainty, Diagnosis, Meant, Memory, StepFacts, diagnose_step, find_root_cause, is_consequence,
};
use crate::event::{EventKind, ScenarioHead, StepHead, StepOutcome};
use crate::evidence::round_milliseconds;
use crate::expect::Check;
use crate::source::Place;
use crate::spec::action::SqlCall;
use crate::spec::project::Revision;
use crate::verdict::Verdict;

/// What stands where a spec's file would.
const FILE: &str = "diagnose";
/// Who walks.
const ACTOR: &str = "visitor";

/// The only scenario of a walk.
pub(super) fn build_head() -> ScenarioHead {
    ScenarioHead {
        id: 0,
        name: "From the name to the forms".to_owned(),
        file: FILE.to_owned(),
        case: None,
        tags: Vec::new(),
    }
}

/// A walk, as far as it has come.
struct Walk {
    context: Arc<Context>,
    memory: Memory,
    count: usize,
    worst: Verdict,
    found: Vec<Diagnosis>,
    /// The statements that specs of the project make: what they name is looked for, none is sent.
    statements: Vec<SqlCall>,
    /// Where the target says which release it serves.
    revision: Option<Revision>,
}

/// What a look at a layer gave.
#[derive(Default)]
struct Look {
    action: &'static str,
    outcome: Outcome,
    checks: Vec<Check>,
    /// What was seen, for people.
    note: String,
    /// What is broken, where the rules for steps do not see it.
    diagnosis: Option<Diagnosis>,
}

impl Look {
    fn verdict(&self) -> Verdict {
        match &self.outcome.error {
            Some(error) => error.verdict(),
            None if self.checks.iter().all(|check| check.holds) => Verdict::Passed,
            None => Verdict::Failed,
        }
    }
}

/// A diagnosis of what fits.
fn guess(code: &str, what: &str, seen: &[String]) -> Diagnosis {
    seen.iter().fold(Diagnosis::of(code, Certainty::Probable, what), Diagnosis::seen).with_advice()
}

/// Walks, and sends the events of a run with one scenario.
pub(super) async fn run_walk(context: Arc<Context>, statements: Vec<SqlCall>, revision: Option<Revision>) {
    context.send(EventKind::ScenarioStarted { scenario: 0 });
    let started = Instant::now();
    let memory = Memory::new(context.http_settings.base.host_str().unwrap_or(""));
    let mut walk = Walk {
        context: Arc::clone(&context),
        memory,
        count: 0,
        worst: Verdict::Passed,
        found: Vec::new(),
        statements,
        revision,
    };
    let cancel = context.cancel.clone();
    let is_done = tokio::select! {
        biased;
        () = cancel.cancelled() => false,
        () = walk.walk_layers() => true,
    };
    if !is_done {
        walk.worst = Verdict::Skipped;
    }
    let diagnosis = walk.conclude();
    let duration_ms = round_milliseconds(started.elapsed());
    let verdict = walk.worst;
    context.send(EventKind::ScenarioFinished { scenario: 0, verdict, duration_ms, diagnosis, note: None });
}

impl Walk {
    /// Tells a look at a layer; gives back whether all was well.
    fn tell(&mut self, name: &str, started: Instant, look: Look) -> bool {
        let step = self.begin(name, look.action);
        let verdict = look.verdict();
        self.judge(name, &look, verdict);
        let outcome = StepOutcome {
            verdict,
            duration_ms: round_milliseconds(started.elapsed()),
            attempts: 1,
            checks: look.checks,
            error: look.outcome.error,
            evidence: look.outcome.evidence,
            ..StepOutcome::skipped(step, &look.note)
        };
        self.context.send(EventKind::StepFinished { scenario: 0, outcome: Box::new(outcome) });
        verdict == Verdict::Passed
    }

    /// Tells a layer at which nobody could look.
    fn skip(&mut self, name: &str, reason: &str) {
        let outcome = StepOutcome::skipped(self.begin(name, "get"), reason);
        self.context.send(EventKind::StepFinished { scenario: 0, outcome: Box::new(outcome) });
    }

    fn begin(&mut self, name: &str, action: &str) -> StepHead {
        let text = format!("smokegate diagnose {}", self.context.http_settings.base);
        let place = Place { file: FILE.to_owned(), line: 1, column: 1, length: text.chars().count(), text };
        let index = self.count;
        self.count += 1;
        let (name, action, actor) = (name.to_owned(), action.to_owned(), ACTOR.to_owned());
        let head = StepHead { index, name, action, actor, place, cleanup: false, optional: false };
        self.context.send(EventKind::StepStarted { scenario: 0, step: head.clone() });
        head
    }

    /// Remembers what passed and diagnoses what did not.
    fn judge(&mut self, name: &str, look: &Look, verdict: Verdict) {
        let facts = StepFacts {
            name,
            action: look.action,
            actor: ACTOR,
            checks: &look.checks,
            error: look.outcome.error.as_ref(),
            evidence: look.outcome.evidence.as_ref(),
            meant: Meant::default(),
        };
        if verdict == Verdict::Passed {
            self.memory.note(&facts);
            return;
        }
        if self.worst != Verdict::Failed {
            self.worst = verdict;
        }
        let own = look.diagnosis.clone();
        self.found.extend(own.or_else(|| diagnose_step(&facts, &self.memory)));
    }

    /// Adds what was seen on the pages of a cause that lies below them.
    fn add_symptoms(&self, cause: &Diagnosis) -> Diagnosis {
        let is_seen = |other: &&Diagnosis| other.is_symptom() && is_consequence(other, cause);
        let lines: Vec<&String> =
            self.found.iter().filter(is_seen).flat_map(|other| &other.evidence).collect();
        lines.into_iter().fold(cause.clone(), Diagnosis::seen)
    }

    /// The first cause on the way is the deepest; what any fault may look like comes after it, and what is wrong on our
    /// own side last.
    fn conclude(&self) -> Option<Diagnosis> {
        let cause = self.found.iter().find(|found| !found.is_symptom() && found.layer != "harness");
        match cause.or(self.found.first()) {
            Some(first) => find_root_cause(&[Some(first)]).map(|cause| self.add_symptoms(&cause)),
            None if self.worst == Verdict::Failed => {
                Some(Diagnosis::of("unknown", Certainty::Probable, "").with_advice())
            }
            None => None,
        }
    }
}
