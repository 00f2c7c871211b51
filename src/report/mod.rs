//! Events in, text out: one file per format, each a [`Reporter`].
//!
//! This room decides how a run reads; what happened is decided elsewhere. It knows nothing of how the run was made,
//! so that the same events replayed from a file give the same reports.

mod document;
mod fan_out;
mod format;
mod json;
mod jsonl;
mod junit;
mod record;
mod secrecy;
mod terminal;
mod text;

#[cfg(test)]
mod scene;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

pub use fan_out::Reporters;
pub use format::{FORMATS, Format, FormatDefinition};
pub use terminal::TerminalOptions;

use self::document::DocumentReporter;
use crate::event::Event;

/// The JSON Schema (2020-12) of the `json` document.
pub const JSON_SCHEMA: &str = include_str!("../../specs/report.schema.json");

/// Something that turns the events of a run into text.
pub trait Reporter: Send {
    /// How messages call it: the name of its format.
    fn name(&self) -> &str;

    /// Takes the next event. After [`RunFinished`](crate::event::EventKind::RunFinished) everything is written and
    /// flushed.
    fn on_event(&mut self, event: &Event) -> io::Result<()>;

    /// Says that no event follows. A run that was cut before its end is reported as far as it came; after a
    /// complete one nothing is left to do.
    fn finish(&mut self) -> io::Result<()>;
}

/// Builds the reporter of a format that writes to `out`; `options` are the terminal's and mean nothing to the others.
pub fn build(format: Format, out: Box<dyn Write + Send>, options: TerminalOptions) -> Box<dyn Reporter> {
    match format {
        Format::Jsonl => Box::new(jsonl::JsonlReporter::new(out)),
        Format::Json => Box::new(DocumentReporter::new(format, json::render_json, out)),
        Format::Junit => Box::new(DocumentReporter::new(format, junit::render_junit, out)),
        Format::Terminal => Box::new(terminal::TerminalReporter::new(out, options)),
    }
}
