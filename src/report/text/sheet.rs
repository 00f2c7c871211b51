//! A sheet of lines of a known width, with labels in one column and what they label in the next.

use super::layout::{shorten, wrap};
use super::line::{Line, Tone, make_harmless};
use super::symbols::Symbols;

/// Where the body of a step begins.
pub(super) const INDENT: usize = 4;
/// How wide the column of labels is.
const LABELS: usize = 10;
/// A width beyond which text is hard to read.
const WIDEST: usize = 120;
/// How many lines one labelled text may take.
const LONGEST: usize = 12;

/// Lines that are being collected.
#[derive(Debug)]
pub(in crate::report) struct Sheet {
    /// Columns of the terminal, kept to what can be read.
    pub(in crate::report) width: usize,
    /// The signs to use.
    pub(in crate::report) symbols: &'static Symbols,
    /// Where labels stand.
    pub(in crate::report) indent: usize,
    lines: Vec<Line>,
}

impl Sheet {
    /// An empty sheet for a terminal of so many columns.
    pub(in crate::report) fn new(width: usize, symbols: &'static Symbols) -> Self {
        Self { width: width.clamp(40, WIDEST), symbols, indent: INDENT, lines: Vec::new() }
    }

    /// Adds a line.
    pub(in crate::report) fn line(&mut self, line: Line) {
        self.lines.push(line.disarm());
    }

    /// Adds an empty line, unless there is one already or nothing stands above it.
    pub(in crate::report) fn blank(&mut self) {
        if self.lines.last().is_some_and(|last| last.width() > 0) {
            self.lines.push(Line::new());
        }
    }

    /// How many columns there are for what is labelled.
    pub(super) fn room(&self) -> usize {
        self.width.saturating_sub(self.indent + LABELS).max(20)
    }

    /// Adds text behind a label, wrapped, at most twelve lines of it.
    pub(super) fn labelled(&mut self, label: &str, tone: Tone, text: &str) {
        let mut lines = wrap(&make_harmless(text), self.room());
        if lines.len() > LONGEST {
            lines.truncate(LONGEST);
            if let Some(last) = lines.last_mut() {
                *last = format!("{} {}", shorten(last, self.room() - 4, ""), self.symbols.ellipsis);
            }
        }
        for (index, text) in lines.iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            self.line(self.label(label).add(tone, text));
        }
    }

    /// Adds one line behind a label, cut where the terminal ends.
    pub(super) fn labelled_line(&mut self, label: &str, tone: Tone, text: &str) {
        let text = shorten(&make_harmless(text), self.room(), self.symbols.ellipsis);
        self.line(self.label(label).add(tone, &text));
    }

    /// A line that has its label and nothing behind it yet.
    pub(in crate::report) fn label(&self, label: &str) -> Line {
        Line::indented(self.indent).quiet(label).pad_to(self.indent + LABELS)
    }

    /// The lines.
    pub(in crate::report) fn into_lines(self) -> Vec<Line> {
        self.lines
    }
}
