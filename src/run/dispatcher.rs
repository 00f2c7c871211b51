//! Puts what scenarios send into one order, redacts and counts it, and hands it on.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

use crate::diagnose::{Diagnosis, find_root_cause};
use crate::event::{Event, EventKind, Tally};
use crate::evidence::{Redactor, round_milliseconds};

/// The only place that makes [`Event`]s.
pub(super) struct Dispatcher<'a> {
    started: Instant,
    redactor: Arc<Redactor>,
    sink: &'a mut (dyn FnMut(&Event) + Send),
    /// Scenarios that ended, by verdict.
    pub tally: Tally,
    /// Of each scenario that did not pass what is broken, as far as known.
    diagnoses: BTreeMap<usize, Option<Diagnosis>>,
}

impl<'a> Dispatcher<'a> {
    pub(super) fn new(redactor: Arc<Redactor>, sink: &'a mut (dyn FnMut(&Event) + Send)) -> Self {
        Self { started: Instant::now(), redactor, sink, tally: Tally::default(), diagnoses: BTreeMap::new() }
    }

    /// Milliseconds since the run began.
    pub(super) fn elapsed_ms(&self) -> f64 {
        round_milliseconds(self.started.elapsed())
    }

    /// The one cause of what went wrong so far, if it is known.
    pub(super) fn root_cause(&self) -> Option<Diagnosis> {
        let failed: Vec<Option<&Diagnosis>> = self.diagnoses.values().map(Option::as_ref).collect();
        find_root_cause(&failed)
    }

    /// Hands on everything until all senders are gone.
    pub(super) async fn forward(&mut self, receiver: &mut UnboundedReceiver<EventKind>) {
        while let Some(kind) = receiver.recv().await {
            self.dispatch(kind);
        }
    }

    /// Hands on one event.
    pub(super) fn dispatch(&mut self, kind: EventKind) {
        if let EventKind::ScenarioFinished { scenario, verdict, diagnosis, .. } = &kind {
            self.tally.add(*verdict);
            if verdict.is_bad() {
                self.diagnoses.insert(*scenario, diagnosis.clone());
            }
        }
        let event = Event { at: now(), elapsed_ms: self.elapsed_ms(), kind };
        if self.redactor.is_empty() {
            return (self.sink)(&event);
        }
        match self.redactor.redact(&event) {
            Some(redacted) => (self.sink)(&redacted),
            None => self.dispatch_unreadable(&event),
        }
    }

    /// An event that cannot be redacted must not leave as it is, and must not vanish silently either.
    fn dispatch_unreadable(&mut self, event: &Event) {
        let message =
            "an event could not be redacted and was left out of the report: please report this as a bug"
                .to_owned();
        let kind = EventKind::Notice { message };
        (self.sink)(&Event { at: event.at.clone(), elapsed_ms: event.elapsed_ms, kind });
    }
}

/// The time as events write it: RFC 3339, UTC, milliseconds.
pub(super) fn now() -> String {
    format!("{:.3}", Timestamp::now())
}
