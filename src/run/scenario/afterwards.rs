//! The last look at a scenario's pages, before its browser is given back.

use std::sync::Arc;

use tokio::time::Instant;

use super::ScenarioRun;
use crate::event::EventKind;
use crate::evidence::Evidence;
use crate::run::implicit::check_afterwards;
use crate::run::outcome::Outcome;
use crate::run::step::Performed;

impl ScenarioRun {
    /// Judges what pages did after the last step of their actor had been judged. It is told with that step, as a step
    /// of its own, and only if something is wrong.
    pub(super) async fn look_back(&mut self) {
        let Some(lease) = self.lease.as_ref().filter(|_| !self.worst.is_bad()) else { return };
        if self.context.cancel.is_cancelled() {
            return;
        }
        let started = Instant::now();
        let scenario = Arc::clone(&self.planned.scenario);
        for (name, page) in lease.look_back().await {
            let (Some(actor), Some(index)) = (self.actors.get(&name), self.looked.get(&name).copied()) else {
                continue;
            };
            let checks = check_afterwards(&page, &actor.leniency);
            let Some(step) = scenario.steps.get(index).filter(|_| !checks.is_empty()) else { continue };
            let mut head = self.head(index, step, false);
            head.name.push_str(", afterwards");
            self.context.send(EventKind::StepStarted { scenario: self.planned.id, step: head.clone() });
            let outcome = Outcome::seen(Evidence::Page(page));
            let performed = Performed { outcome, checks, attempts: 1, ..Performed::default() };
            let outcome = self.outcome(head, Some(performed), started.elapsed());
            self.finish(outcome, step).await;
        }
    }
}
