//! The events of a run gathered into a tree, for the formats that need the whole of it.

use std::borrow::Cow;

use super::secrecy::hide_credentials;
use crate::diagnose::Diagnosis;
use crate::event::{Event, EventKind, ScenarioHead, StepHead, StepOutcome, Tally, TargetInfo};
use crate::verdict::Verdict;

/// A run as far as its events tell.
#[derive(Debug, Default)]
pub(super) struct RunRecord {
    /// When it began, RFC 3339.
    pub(super) started_at: String,
    /// The program's version.
    pub(super) smokegate: String,
    pub(super) run_id: String,
    pub(super) target: TargetInfo,
    /// In the order of the specs.
    pub(super) scenarios: Vec<ScenarioRecord>,
    pub(super) notices: Vec<String>,
    /// How it ended; none while it runs, or if it was cut.
    pub(super) end: Option<RunEnd>,
    /// Milliseconds from the beginning to the last event.
    pub(super) elapsed_ms: f64,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub(super) struct RunEnd {
    pub(super) verdict: Verdict,
    /// None if the run was cut: then nobody has decided it.
    pub(super) exit_code: Option<u8>,
    pub(super) counts: Tally,
    pub(super) duration_ms: f64,
    pub(super) diagnosis: Option<Diagnosis>,
}

/// A scenario as far as its events tell.
#[derive(Debug)]
pub(super) struct ScenarioRecord {
    pub(super) head: ScenarioHead,
    /// When it began, RFC 3339; none if it did not.
    pub(super) started_at: Option<String>,
    /// Milliseconds from the run's beginning.
    started_ms: f64,
    /// The step that runs.
    pub(super) running: Option<StepHead>,
    /// The outcomes of its last attempt, in the order of the steps, cleanup last.
    pub(super) steps: Vec<StepOutcome>,
    /// What was bad in attempts before the last one.
    pub(super) earlier: Vec<StepOutcome>,
    pub(super) end: Option<ScenarioEnd>,
}

/// How a scenario ended.
#[derive(Clone, Debug)]
pub(super) struct ScenarioEnd {
    pub(super) verdict: Verdict,
    pub(super) duration_ms: f64,
    pub(super) diagnosis: Option<Diagnosis>,
    pub(super) note: Option<String>,
}

impl RunRecord {
    /// Takes the next event.
    pub(super) fn add(&mut self, event: &Event) {
        self.elapsed_ms = event.elapsed_ms;
        match &event.kind {
            EventKind::RunStarted { version: _, smokegate, run_id, target, scenarios } => {
                self.started_at.clone_from(&event.at);
                self.smokegate.clone_from(smokegate);
                self.run_id.clone_from(run_id);
                self.target.clone_from(target);
                self.scenarios = scenarios.iter().map(ScenarioRecord::new).collect();
            }
            EventKind::ScenarioStarted { scenario } => {
                if let Some(record) = self.scenario_mut(*scenario) {
                    record.started_at = Some(event.at.clone());
                    record.started_ms = event.elapsed_ms;
                }
            }
            EventKind::StepStarted { scenario, step } => {
                if let Some(record) = self.scenario_mut(*scenario) {
                    record.running = Some(step.clone());
                }
            }
            EventKind::StepFinished { scenario, outcome } => {
                if let Some(record) = self.scenario_mut(*scenario) {
                    record.add_step(outcome);
                }
            }
            EventKind::ScenarioRetried { scenario, .. } => {
                if let Some(record) = self.scenario_mut(*scenario) {
                    record.retry();
                }
            }
            EventKind::ScenarioFinished { scenario, verdict, duration_ms, diagnosis, note } => {
                if let Some(record) = self.scenario_mut(*scenario) {
                    record.running = None;
                    record.end = Some(ScenarioEnd {
                        verdict: *verdict,
                        duration_ms: *duration_ms,
                        diagnosis: diagnosis.clone(),
                        note: note.clone(),
                    });
                }
            }
            EventKind::Notice { message } => self.notices.push(message.clone()),
            EventKind::RunFinished { verdict, exit_code, counts, duration_ms, diagnosis } => {
                self.end = Some(RunEnd {
                    verdict: *verdict,
                    exit_code: Some(*exit_code),
                    counts: *counts,
                    duration_ms: *duration_ms,
                    diagnosis: diagnosis.clone(),
                });
            }
        }
    }

    /// The scenario of that [`ScenarioHead::id`].
    pub(super) fn scenario(&self, id: usize) -> Option<&ScenarioRecord> {
        self.scenarios.iter().find(|record| record.head.id == id)
    }

    /// Forgets what a scenario did that passed, and of another one what its passed steps saw: a long run would gather it,
    /// and nobody asks for it any more.
    pub(super) fn forget_good(&mut self, id: usize) {
        let Some(record) = self.scenario_mut(id) else { return };
        if record.end.as_ref().is_some_and(|end| end.verdict == Verdict::Passed) {
            record.steps.retain(|outcome| outcome.verdict.is_bad() || !outcome.artifacts.is_empty());
            record.steps.shrink_to_fit();
        }
        for outcome in record.steps.iter_mut().filter(|outcome| outcome.verdict == Verdict::Passed) {
            outcome.evidence = None;
            outcome.checks = Vec::new();
        }
    }

    fn scenario_mut(&mut self, id: usize) -> Option<&mut ScenarioRecord> {
        self.scenarios.iter_mut().find(|record| record.head.id == id)
    }

    /// How the run ended; for one that was cut, what can be said of it all the same.
    pub(super) fn end(&self) -> Cow<'_, RunEnd> {
        if let Some(end) = &self.end {
            return Cow::Borrowed(end);
        }
        let mut counts = Tally::default();
        for scenario in &self.scenarios {
            counts.add(scenario.end(self.elapsed_ms).verdict);
        }
        let verdict = if counts.failed > 0 { Verdict::Failed } else { Verdict::Errored };
        Cow::Owned(RunEnd { verdict, exit_code: None, counts, duration_ms: self.elapsed_ms, diagnosis: None })
    }
}

impl ScenarioRecord {
    fn new(head: &ScenarioHead) -> Self {
        Self {
            head: head.clone(),
            started_at: None,
            started_ms: 0.0,
            running: None,
            steps: Vec::new(),
            earlier: Vec::new(),
            end: None,
        }
    }

    fn add_step(&mut self, outcome: &StepOutcome) {
        self.running = None;
        let mut outcome = hide_credentials(outcome).into_owned();
        if !outcome.verdict.is_bad() {
            // Nobody asks what a good step saw, and a run can have thousands.
            outcome.evidence = None;
        }
        self.steps.push(outcome);
    }

    /// Begins another attempt.
    fn retry(&mut self) {
        self.running = None;
        let steps = std::mem::take(&mut self.steps);
        self.earlier.extend(steps.into_iter().filter(|outcome| outcome.verdict.is_bad()));
    }

    /// The name with its case.
    pub(super) fn title(&self) -> String {
        match &self.head.case {
            Some(case) => format!("{} [{case}]", self.head.name),
            None => self.head.name.clone(),
        }
    }

    /// How it ended; for one that was cut at `elapsed_ms`, what can be said of it all the same.
    pub(super) fn end(&self, elapsed_ms: f64) -> Cow<'_, ScenarioEnd> {
        if let Some(end) = &self.end {
            return Cow::Borrowed(end);
        }
        let started = self.started_at.is_some();
        let failed =
            self.steps.iter().any(|outcome| outcome.verdict == Verdict::Failed && !outcome.step.cleanup);
        let verdict = match (started, failed) {
            (false, _) => Verdict::Skipped,
            (true, true) => Verdict::Failed,
            (true, false) => Verdict::Errored,
        };
        let note = match &self.running {
            _ if !started => "not started: the run ended before".to_owned(),
            Some(step) => format!("the run ended in step {}: {}", step.index + 1, step.name),
            None => "the run ended before this scenario finished".to_owned(),
        };
        let duration_ms = if started { (elapsed_ms - self.started_ms).max(0.0) } else { 0.0 };
        Cow::Owned(ScenarioEnd { verdict, duration_ms, diagnosis: None, note: Some(note) })
    }

    /// Whether it matters who did what.
    pub(super) fn has_several_actors(&self) -> bool {
        let mut actors = self.steps.iter().map(|outcome| outcome.step.actor.as_str());
        let first = actors.next();
        actors.any(|actor| Some(actor) != first)
    }

    /// The steps that are wrong or could not be carried out, cleanup left out.
    pub(super) fn bad_steps(&self) -> impl Iterator<Item = &StepOutcome> {
        self.steps.iter().filter(|outcome| outcome.verdict.is_bad() && !outcome.step.cleanup)
    }

    /// The cleanup steps that left data behind which counts.
    pub(super) fn bad_cleanup(&self) -> impl Iterator<Item = &StepOutcome> {
        let counts = |outcome: &&StepOutcome| outcome.step.cleanup && !outcome.step.optional;
        self.steps.iter().filter(|outcome| outcome.verdict.is_bad()).filter(counts)
    }
}
