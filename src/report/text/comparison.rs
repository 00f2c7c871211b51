//! What was expected and what was seen, side by side where both are short, as a difference where they are not.

use similar::{ChangeTag, TextDiff};

use super::layout::{shorten, width_of};
use super::line::{Tone, make_harmless};
use super::quantity::{count, render_milliseconds};
use super::sheet::Sheet;
use crate::expect::Check;

/// How many lines of a difference or of a long text are shown.
const LINES: usize = 16;
/// How many columns two texts may take before only their differing part is shown.
const SHORT: usize = 60;
/// How many equal characters stand before the differing part.
const BEFORE: usize = 16;

/// Adds what was expected, what was seen, and for a retried expectation what was seen on the way. `subject` is put
/// first where the spec's line does not say it.
pub(super) fn render_comparison(sheet: &mut Sheet, check: &Check, subject: &str) {
    match (read_quoted(&check.expected), read_quoted(&check.actual)) {
        (Some(expected), Some(actual)) if expected.contains('\n') || actual.contains('\n') => {
            render_difference(sheet, subject, &expected, &actual);
        }
        (Some(_), Some(_)) if width_of(&check.expected).max(width_of(&check.actual)) > SHORT => {
            render_differing_part(sheet, subject, &check.expected, &check.actual);
        }
        (_, actual) => {
            sheet.labelled("expected", Tone::Good, &with_subject(subject, &check.expected));
            match actual.filter(|actual| actual.trim_end().contains('\n')) {
                Some(actual) => render_lines(sheet, "actual", Tone::Bad, &actual, LINES),
                None => sheet.labelled("actual", Tone::Bad, &check.actual),
            }
        }
    }
    if let Some(history) = &check.history {
        let told = history.to_string().replace(" × ", &format!(" {} ", sheet.symbols.times));
        let waited = render_milliseconds(history.waited_ms);
        sheet.labelled("waited", Tone::Quiet, &format!("{waited}: {told}"));
    }
}

/// Adds the first lines of a text behind a label, each cut where the terminal ends.
pub(super) fn render_lines(sheet: &mut Sheet, label: &str, tone: Tone, text: &str, limit: usize) {
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    for (index, line) in lines.iter().take(limit).enumerate() {
        sheet.labelled_line(if index == 0 { label } else { "" }, tone, line);
    }
    if lines.len() > limit {
        let more = format!("{} {} more", sheet.symbols.ellipsis, count(lines.len() - limit, "line"));
        sheet.labelled_line("", Tone::Quiet, &more);
    }
}

fn with_subject(subject: &str, expected: &str) -> String {
    if subject.is_empty() { expected.to_owned() } else { format!("{subject}: {expected}") }
}

fn render_difference(sheet: &mut Sheet, subject: &str, expected: &str, actual: &str) {
    let legend = sheet.label("differs").add(Tone::Good, "- expected").plain("  ").add(Tone::Bad, "+ actual");
    sheet.line(if subject.is_empty() { legend } else { legend.quiet(&format!("  {subject}")) });
    let diff = TextDiff::from_lines(expected, actual);
    let mut lines: Vec<(Tone, String)> = Vec::new();
    for (index, group) in diff.grouped_ops(2).iter().enumerate() {
        if index > 0 {
            lines.push((Tone::Quiet, sheet.symbols.ellipsis.to_owned()));
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let (sign, tone) = match change.tag() {
                ChangeTag::Delete => ("-", Tone::Good),
                ChangeTag::Insert => ("+", Tone::Bad),
                ChangeTag::Equal => (" ", Tone::Quiet),
            };
            lines.push((tone, format!("{sign} {}", change.value().trim_end_matches(['\n', '\r']))));
        }
    }
    for (tone, line) in lines.iter().take(LINES) {
        sheet.labelled_line("", *tone, line);
    }
    if lines.len() > LINES {
        let more = format!("{} {} more", sheet.symbols.ellipsis, count(lines.len() - LINES, "line"));
        sheet.labelled_line("", Tone::Quiet, &more);
    }
}

/// Two long texts of one line: what is equal before the differing part is mostly left out, and that part is
/// underlined, for readers without colours.
fn render_differing_part(sheet: &mut Sheet, subject: &str, expected: &str, actual: &str) {
    let expected: Vec<char> = make_harmless(expected).chars().collect();
    let actual: Vec<char> = make_harmless(actual).chars().collect();
    let same = expected.iter().zip(&actual).take_while(|(left, right)| left == right).count();
    let rest = (expected.len() - same).min(actual.len() - same);
    let same_end = (expected.iter().rev().zip(actual.iter().rev()))
        .take(rest)
        .take_while(|(left, right)| left == right)
        .count();
    let from = if same > BEFORE * 2 { same - BEFORE } else { 0 };
    let start = if from > 0 { sheet.symbols.ellipsis } else { "" };
    let show = |text: &[char]| {
        let shown: String = text[from..].iter().collect();
        shorten(&format!("{start}{shown}"), sheet.room(), sheet.symbols.ellipsis)
    };
    let (shown_expected, shown_actual) = (show(&expected), show(&actual));
    let equal: String = actual[from..same].iter().collect();
    let differing: String = actual[same..actual.len() - same_end].iter().collect();
    let column = (width_of(start) + width_of(&equal)).min(sheet.room() - 1);
    let carets = width_of(&differing).clamp(1, sheet.room() - column);
    let under = format!("{}{}", " ".repeat(column), "^".repeat(carets));
    if !subject.is_empty() {
        sheet.labelled_line("", Tone::Quiet, subject);
    }
    sheet.labelled_line("expected", Tone::Good, &shown_expected);
    sheet.labelled_line("actual", Tone::Bad, &shown_actual);
    sheet.line(sheet.label("").add(Tone::Bad, &under));
}

/// The text that stands quoted, as `Value` shows it; none for anything but one whole quoted text.
fn read_quoted(shown: &str) -> Option<String> {
    let inner = shown.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return None,
            '\\' => text.push(read_escape(&mut characters)?),
            other => text.push(other),
        }
    }
    Some(text)
}

fn read_escape(characters: &mut std::str::Chars<'_>) -> Option<char> {
    Some(match characters.next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        'u' => {
            let code: String =
                characters.by_ref().skip_while(|one| *one == '{').take_while(|one| *one != '}').collect();
            char::from_u32(u32::from_str_radix(&code, 16).ok()?)?
        }
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_is_read_back() {
        for text in ["plain", "a \"b\"\n\tc\\ \u{1b} é 'x' \u{202e}", ""] {
            assert_eq!(read_quoted(&format!("{text:?}")).as_deref(), Some(text));
        }
        assert_eq!(read_quoted("200"), None);
        assert_eq!(read_quoted(r#""a" and "b""#), None);
    }
}
