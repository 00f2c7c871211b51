//! Formats that need the whole run: it is gathered, and written once it is over.

use std::io::{self, Write};

use super::record::RunRecord;
use super::{Format, Reporter};
use crate::event::Event;

/// The run as the bytes of a format, without the line end.
pub(super) type RenderRun = fn(&RunRecord) -> io::Result<Vec<u8>>;

/// Gathers the run and writes the document at its end.
pub(super) struct DocumentReporter {
    format: Format,
    render: RenderRun,
    out: Box<dyn Write + Send>,
    record: RunRecord,
    is_done: bool,
}

impl DocumentReporter {
    pub(super) fn new(format: Format, render: RenderRun, out: Box<dyn Write + Send>) -> Self {
        Self { format, render, out, record: RunRecord::default(), is_done: false }
    }

    fn write_document(&mut self) -> io::Result<()> {
        self.is_done = true;
        let mut text = (self.render)(&self.record)?;
        text.push(b'\n');
        self.out.write_all(&text)?;
        self.out.flush()
    }
}

impl Reporter for DocumentReporter {
    fn name(&self) -> &'static str {
        self.format.name()
    }

    fn on_event(&mut self, event: &Event) -> io::Result<()> {
        self.record.add(event);
        if self.record.end.is_some() && !self.is_done {
            return self.write_document();
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        if self.is_done { Ok(()) } else { self.write_document() }
    }
}
