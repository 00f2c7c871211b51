//! `terminal`: text for people. A line per scenario as it ends, what runs now on a live line, failures in full at the
//! end, and last the specs to run again.

mod failures;
mod live;
mod progress;
mod totals;

use std::io::{self, Write};
use std::time::Duration;

use self::live::LiveLine;
use super::Reporter;
use super::record::RunRecord;
use super::text::{Line, Painter, Sheet, Symbols, Tone};
use crate::event::{Event, EventKind};

/// How the terminal is, and what is to be told on it.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four answers that do not depend on each other")]
pub struct TerminalOptions {
    /// Write colours. The caller says the same to `colored::control::set_override`.
    pub colour: bool,
    /// Keep a live line on stderr for what runs: stderr is a terminal, and not that of a CI job.
    pub live: bool,
    /// Columns.
    pub width: u16,
    /// Tell every step.
    pub verbose: bool,
    /// Steps slower than this are told.
    pub slow: Duration,
    /// Name the failed specs at the end: they are files, and can be run again.
    pub names_failed: bool,
    /// Whether the terminal shows Unicode; else signs are ASCII.
    pub unicode: bool,
}

impl Default for TerminalOptions {
    fn default() -> Self {
        Self {
            colour: false,
            live: false,
            width: 100,
            verbose: false,
            slow: Duration::from_secs(1),
            names_failed: true,
            unicode: true,
        }
    }
}

/// Writes for people as the run goes on.
pub(super) struct TerminalReporter {
    out: Box<dyn Write + Send>,
    options: TerminalOptions,
    record: RunRecord,
    live: LiveLine,
    is_done: bool,
}

impl TerminalReporter {
    pub(super) fn new(out: Box<dyn Write + Send>, options: TerminalOptions) -> Self {
        let live = LiveLine::new(options.live, options.unicode);
        Self { out, options, record: RunRecord::default(), live, is_done: false }
    }

    fn sheet(&self) -> Sheet {
        Sheet::new(self.options.width.into(), Symbols::choose(self.options.unicode))
    }

    fn write(&mut self, sheet: Sheet) -> io::Result<()> {
        let painter = Painter { colour: self.options.colour };
        let text: String = sheet.into_lines().iter().map(|line| painter.paint(line) + "\n").collect();
        self.live.step_aside(|| {
            self.out.write_all(text.as_bytes())?;
            self.out.flush()
        })
    }

    fn write_scenario(&mut self, id: usize) -> io::Result<()> {
        let mut sheet = self.sheet();
        if let Some(scenario) = self.record.scenario(id) {
            progress::render_scenario(&mut sheet, scenario, &self.record, &self.options);
        }
        self.write(sheet)
    }

    fn write_end(&mut self) -> io::Result<()> {
        self.is_done = true;
        self.live.end();
        let mut sheet = self.sheet();
        sheet.line(Line::new());
        failures::render_failures(&mut sheet, &self.record);
        totals::render_totals(&mut sheet, &self.record, self.options.names_failed);
        self.write(sheet)
    }
}

impl Reporter for TerminalReporter {
    fn name(&self) -> &'static str {
        "terminal"
    }

    fn on_event(&mut self, event: &Event) -> io::Result<()> {
        self.record.add(event);
        match &event.kind {
            EventKind::RunStarted { scenarios, .. } => {
                self.live.start(scenarios.len());
                Ok(())
            }
            EventKind::ScenarioStarted { .. }
            | EventKind::ScenarioRetried { .. }
            | EventKind::StepStarted { .. }
            | EventKind::StepFinished { .. } => {
                self.live.show(&self.record);
                Ok(())
            }
            EventKind::ScenarioFinished { scenario, .. } => {
                self.live.show(&self.record);
                let written = self.write_scenario(*scenario);
                self.record.forget_good(*scenario);
                written
            }
            EventKind::Notice { message } => {
                let mut sheet = self.sheet();
                sheet.line(Line::new().add(Tone::Warning, "note: ").plain(message));
                self.write(sheet)
            }
            EventKind::RunFinished { .. } => self.write_end(),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        if self.is_done || self.record.run_id.is_empty() {
            self.live.end();
            return self.out.flush();
        }
        let cut: Vec<usize> = (self.record.scenarios.iter())
            .filter(|scenario| scenario.end.is_none() && scenario.started_at.is_some())
            .map(|scenario| scenario.head.id)
            .collect();
        for id in cut {
            self.write_scenario(id)?;
        }
        self.write_end()
    }
}
