//! A text file that was read, with the means to turn byte offsets into lines and columns.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::Place;

/// A range of bytes in a [`SourceFile`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte.
    pub end: usize,
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

impl From<Span> for Range<usize> {
    fn from(span: Span) -> Self {
        span.start..span.end
    }
}

/// A file's text together with the name under which messages speak of it.
#[derive(Debug)]
pub struct SourceFile {
    /// The path as the user would type it: relative to the working directory where that is possible.
    pub name: String,
    /// The path to open neighbours of the file by.
    pub path: PathBuf,
    /// The whole text, without a byte order mark.
    pub text: String,
    line_starts: Vec<usize>,
}

impl SourceFile {
    /// Takes a file's text; a byte order mark at its start is dropped.
    pub fn new(name: impl Into<String>, path: impl Into<PathBuf>, text: String) -> Self {
        let text = match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        };
        let line_starts =
            std::iter::once(0).chain(text.match_indices('\n').map(|(offset, _)| offset + 1)).collect();
        Self { name: name.into(), path: path.into(), text, line_starts }
    }

    /// The folder that paths in this file are relative to.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or_else(|| Path::new(""))
    }

    /// Line and column of a byte offset, both counted from 1, the column in characters.
    pub fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.text.len());
        let line = self.line_starts.partition_point(|start| *start <= offset).max(1);
        let start = self.line_starts[line - 1];
        let column = self.text.get(start..offset).map_or(1, |before| before.chars().count() + 1);
        (line, column)
    }

    /// The byte offset of a line and a column, both counted from 1, the column in characters.
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let start = line.checked_sub(1).and_then(|index| self.line_starts.get(index)).copied();
        let start = start.unwrap_or(self.text.len());
        let inside =
            self.text[start..].char_indices().nth(column.saturating_sub(1)).map(|(offset, _)| offset);
        inside.map_or(self.text.len(), |offset| start + offset)
    }

    /// The text of a line counted from 1, without its line ending; empty past the end.
    pub fn line(&self, line: usize) -> &str {
        let Some(start) = line.checked_sub(1).and_then(|index| self.line_starts.get(index)) else {
            return "";
        };
        self.text[*start..].lines().next().unwrap_or("")
    }

    /// The place that a span covers, with the text of its first line.
    pub fn place(&self, span: Span) -> Place {
        let (line, column) = self.line_and_column(span.start);
        let text = self.line(line).to_owned();
        let covered = self.text.get(Range::from(span)).unwrap_or("");
        let length = covered.lines().next().unwrap_or("").chars().count().max(1);
        Place { file: self.name.clone(), line, column, length, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_columns_from_one_in_characters() {
        let file = SourceFile::new("a.toml", "a.toml", "\u{feff}é = 1\r\nbb = 2\n".to_owned());
        assert_eq!(file.line_and_column(0), (1, 1));
        assert_eq!(file.line_and_column(3), (1, 3));
        let start = file.text.find("bb").unwrap();
        let place = file.place(Span { start, end: start + 2 });
        assert_eq!((place.line, place.column, place.length, place.text.as_str()), (2, 1, 2, "bb = 2"));
        assert_eq!(file.line(1), "é = 1");
        assert_eq!(file.line(9), "");
    }

    #[test]
    fn an_offset_past_the_end_is_the_end() {
        let file = SourceFile::new("a", "a", "x".to_owned());
        assert_eq!(file.line_and_column(99), (1, 2));
    }
}
