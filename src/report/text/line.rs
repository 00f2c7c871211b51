//! A line of text with tones, and the painter that turns tones into colours.

use std::borrow::Cow;
use std::fmt::Write as _;

use colored::Colorize as _;

use super::layout::width_of;
use crate::verdict::Verdict;

/// How a piece of text is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Tone {
    Plain,
    /// What the eye should find first.
    Strong,
    /// Labels, places, what is good to know.
    Quiet,
    /// What is right, or was expected.
    Good,
    /// What is wrong, or was seen instead.
    Bad,
    /// The same, to be found first.
    StrongBad,
    /// Not wrong, but to be looked at.
    Warning,
}

impl Tone {
    /// The tone of a verdict's mark.
    pub(in crate::report) fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Passed => Self::Good,
            Verdict::Failed => Self::StrongBad,
            Verdict::Errored | Verdict::Flaky => Self::Warning,
            Verdict::Skipped => Self::Quiet,
        }
    }
}

/// One line. Text becomes harmless when it is added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::report) struct Line {
    spans: Vec<(Tone, String)>,
}

impl Line {
    /// An empty line.
    pub(in crate::report) fn new() -> Self {
        Self::default()
    }

    /// A line that begins with so many blanks.
    pub(in crate::report) fn indented(columns: usize) -> Self {
        Self::new().plain(&" ".repeat(columns))
    }

    /// Adds text in a tone.
    #[must_use]
    pub(in crate::report) fn add(mut self, tone: Tone, text: &str) -> Self {
        if !text.is_empty() {
            self.spans.push((tone, make_harmless(text).into_owned()));
        }
        self
    }

    #[must_use]
    pub(in crate::report) fn plain(self, text: &str) -> Self {
        self.add(Tone::Plain, text)
    }

    #[must_use]
    pub(in crate::report) fn strong(self, text: &str) -> Self {
        self.add(Tone::Strong, text)
    }

    #[must_use]
    pub(in crate::report) fn quiet(self, text: &str) -> Self {
        self.add(Tone::Quiet, text)
    }

    /// The line so that no CI system takes it for a command: GitHub obeys lines that begin with `::`, whatever blanks
    /// stand before.
    #[must_use]
    pub(super) fn disarm(mut self) -> Self {
        let first = self.spans.iter_mut().map(|(_, text)| text).find(|text| !text.trim().is_empty());
        if let Some(text) = first
            && text.trim_start().starts_with(':')
        {
            let blanks = text.len() - text.trim_start().len();
            text.insert(blanks, '\\');
        }
        self
    }

    /// Adds blanks up to a column.
    #[must_use]
    pub(in crate::report) fn pad_to(self, column: usize) -> Self {
        let missing = column.saturating_sub(self.width());
        self.plain(&" ".repeat(missing))
    }

    /// How many columns it takes.
    pub(in crate::report) fn width(&self) -> usize {
        self.spans.iter().map(|(_, text)| width_of(text)).sum()
    }

    /// The text without tones.
    pub(in crate::report) fn to_text(&self) -> String {
        let text: String = self.spans.iter().map(|(_, text)| text.as_str()).collect();
        text.trim_end().to_owned()
    }
}

/// Turns lines into what is written, with colours or without.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) struct Painter {
    /// Whether colours are written. Then `colored` must be told so by `set_override`, which is the caller's.
    pub(in crate::report) colour: bool,
}

impl Painter {
    /// The line as it is written, without its ending.
    pub(in crate::report) fn paint(self, line: &Line) -> String {
        if !self.colour {
            return line.to_text();
        }
        line.spans.iter().fold(String::new(), |mut painted, (tone, text)| {
            // Writing to a string cannot fail. Blue, black and bright colours are unreadable on some terminals.
            let _ = match tone {
                Tone::Plain => write!(painted, "{text}"),
                Tone::Strong => write!(painted, "{}", text.bold()),
                Tone::Quiet => write!(painted, "{}", text.dimmed()),
                Tone::Good => write!(painted, "{}", text.green()),
                Tone::Bad => write!(painted, "{}", text.red()),
                Tone::StrongBad => write!(painted, "{}", text.red().bold()),
                Tone::Warning => write!(painted, "{}", text.yellow()),
            };
            painted
        })
    }
}

/// Text that a terminal shows and does not obey: control characters and those that turn the direction of writing
/// are shown as escapes, tabs become blanks. The marks that CI systems take for commands are broken up.
pub(in crate::report) fn make_harmless(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut harmless = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\t' => harmless.push_str("    "),
            '\n' => harmless.push_str("\\n"),
            '\r' => harmless.push_str("\\r"),
            other if is_harmful(other) => harmless.extend(other.escape_unicode()),
            other => harmless.push(other),
        }
    }
    for command in ["##[", "##vso[", "##teamcity["] {
        harmless = harmless.replace(command, &command.replace("##", "#\\#"));
    }
    Cow::Owned(harmless)
}

/// Whether a character could change how the terminal shows what stands around it.
pub(super) fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{fffe}'..='\u{ffff}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_shows_escape_sequences_and_does_not_obey_them() {
        assert_eq!(make_harmless("a\u{1b}[2Jb\u{9b}1m\rc"), "a\\u{1b}[2Jb\\u{9b}1m\\rc");
        assert_eq!(make_harmless("txt.\u{202e}exe"), "txt.\\u{202e}exe");
        assert_eq!(make_harmless("grüße 👩\u{200d}💻 平仮名"), "grüße 👩\u{200d}💻 平仮名");
    }

    #[test]
    fn without_colours_nothing_but_the_text_is_written() {
        let line = Line::indented(2).add(Tone::StrongBad, "x").plain(" y ");
        assert_eq!(Painter { colour: false }.paint(&line), "  x y");
    }
}
