//! The live line on stderr: how far the run is and what runs now.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::record::{RunRecord, ScenarioRecord};
use crate::report::text::make_harmless;

/// How often the line is drawn anew while nothing happens.
const TICK: Duration = Duration::from_millis(120);

/// One line that is drawn over and over, and is gone at the end.
pub(super) struct LiveLine {
    bar: ProgressBar,
    is_shown: bool,
}

impl LiveLine {
    /// A line that is shown once the run starts, or never.
    pub(super) fn new(is_shown: bool, unicode: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{spinner} {pos}/{len}  {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner())
            .tick_chars(if unicode { "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ " } else { "|/-\\ " });
        bar.set_style(style);
        Self { bar, is_shown }
    }

    /// Shows the line.
    pub(super) fn start(&self, scenarios: usize) {
        self.bar.set_length(scenarios as u64);
        if self.is_shown {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.bar.enable_steady_tick(TICK);
        }
    }

    /// Tells what runs now.
    pub(super) fn show(&self, record: &RunRecord) {
        if !self.is_shown {
            return;
        }
        let done = record.scenarios.iter().filter(|scenario| scenario.end.is_some()).count();
        self.bar.set_position(done as u64);
        self.bar.set_message(describe(record));
    }

    /// Writes something else while the line is out of the way.
    pub(super) fn step_aside<T>(&self, write: impl FnOnce() -> T) -> T {
        // Not `println`: it prints nothing when the line is hidden.
        self.bar.suspend(write)
    }

    /// Takes the line away.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// The scenario that has run longest, its step, and how many others run.
fn describe(record: &RunRecord) -> String {
    let mut running: Vec<&ScenarioRecord> = (record.scenarios.iter())
        .filter(|scenario| scenario.started_at.is_some() && scenario.end.is_none())
        .collect();
    running.sort_by(|left, right| left.started_at.cmp(&right.started_at));
    let Some(first) = running.first() else {
        return String::new();
    };
    let step = first.running.as_ref().map(|step| format!(": {}", step.name)).unwrap_or_default();
    let others = match running.len() - 1 {
        0 => String::new(),
        others => format!(" (and {others} more)"),
    };
    make_harmless(&format!("{}{step}{others}", first.title())).into_owned()
}
