//! The cleanup of a scenario: what it has left behind is taken away, whatever happened.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{OPTIONAL, ScenarioRun, interrupted};
use crate::diagnose::explain_by_refusal;
use crate::event::{EventKind, StepOutcome};
use crate::spec::Step;
use crate::spec::action::Action;
use crate::verdict::Verdict;

/// How long the cleanup of an interrupted scenario may take, from the interrupt.
const CLEANUP_LIMIT: Duration = Duration::from_secs(10);

impl ScenarioRun {
    /// Cleanup steps run whatever happened, each of them, but for a run in which nothing reached the target.
    pub(super) async fn clean_up(&mut self) {
        let scenario = Arc::clone(&self.planned.scenario);
        let mut limit = None;
        self.has_cleaned_up = !scenario.cleanup.is_empty();
        for (index, step) in scenario.cleanup.iter().enumerate() {
            let head = self.head(scenario.steps.len() + index, step, true);
            if !self.has_reached_target {
                self.has_cleaned_up = false;
                self.skip(head, "nothing reached the target, so there is nothing to clean up");
                continue;
            }
            if let Some(name) = self.missing_capture(step) {
                self.has_cleaned_up = false;
                self.skip(head, &format!("`{name}` was never captured, so there is nothing to clean up"));
                continue;
            }
            self.context.send(EventKind::StepStarted { scenario: self.planned.id, step: head.clone() });
            let (started, waited_before) = (Instant::now(), self.waited);
            let cancel = self.context.cancel.clone();
            let performed = tokio::select! {
                performed = self.perform(step, &head, None) => performed,
                () = cleanup_time_is_over(&cancel, &mut limit) => Some(interrupted()),
            };
            let waited = self.waited.saturating_sub(waited_before);
            let mut outcome = self.outcome(head, performed, started.elapsed().saturating_sub(waited));
            self.has_cleaned_up &= outcome.verdict == Verdict::Passed;
            if outcome.verdict.is_bad() && step.optional {
                outcome.note = Some(OPTIONAL.to_owned());
            } else if outcome.verdict.is_bad() {
                outcome.note = Some("data was left behind".to_owned());
                self.worsen(Verdict::Errored);
            }
            self.learn_from_refusal(step, &outcome);
            self.context
                .send(EventKind::StepFinished { scenario: self.planned.id, outcome: Box::new(outcome) });
        }
    }

    /// The first captured name that a cleanup step needs and that no step has captured.
    fn missing_capture(&self, step: &Step) -> Option<String> {
        let scenario = &self.planned.scenario;
        let mut captures = scenario.steps.iter().flat_map(|step| &step.captures).map(|capture| &capture.name);
        let missing = captures.find(|name| !self.scope.has(name) && step.uses(name));
        missing.cloned()
    }

    /// A database that takes no write from us, though it is declared writable, may take none from the site either.
    fn learn_from_refusal(&mut self, step: &Step, outcome: &StepOutcome) {
        let (Action::Sql(call), Some(error)) = (&step.action, &outcome.error) else { return };
        if self.context.databases.is_writable(call.database()) {
            let known = self.diagnosis.take();
            self.diagnosis = known.map(|known| explain_by_refusal(known, &outcome.step.name, error));
        }
    }
}

/// Ends when an interrupted run has spent its time for cleaning up, which `limit` holds for all steps once it has begun.
async fn cleanup_time_is_over(cancel: &CancellationToken, limit: &mut Option<Instant>) {
    cancel.cancelled().await;
    let limit = *limit.get_or_insert_with(|| Instant::now() + CLEANUP_LIMIT);
    tokio::time::sleep_until(limit.max(Instant::now() + Duration::from_millis(1))).await;
}
