//! `jsonl`: the event stream itself, one event a line.

use std::io::{self, Write};

use super::Reporter;
use crate::event::{Event, EventKind};

/// Writes every event as it comes, so that the file of a run that was killed is good up to its last line.
pub(super) struct JsonlReporter {
    out: Box<dyn Write + Send>,
}

impl JsonlReporter {
    pub(super) fn new(out: Box<dyn Write + Send>) -> Self {
        Self { out }
    }
}

impl Reporter for JsonlReporter {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn on_event(&mut self, event: &Event) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        self.out.write_all(&line)?;
        match event.kind {
            EventKind::RunStarted { .. }
            | EventKind::ScenarioFinished { .. }
            | EventKind::Notice { .. }
            | EventKind::RunFinished { .. } => self.out.flush(),
            EventKind::ScenarioStarted { .. }
            | EventKind::ScenarioRetried { .. }
            | EventKind::StepStarted { .. }
            | EventKind::StepFinished { .. } => Ok(()),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
