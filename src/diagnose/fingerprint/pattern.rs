//! Regular expressions that are compiled only where they may be found: compiling all marks takes longer than a request.

use std::sync::OnceLock;

use memchr::memchr2_iter;
use regex::{CaptureNames, Captures, Regex};
use regex_syntax::hir::{Class, Hir, HirKind};
use serde::Deserialize;

/// How many words of which one must be there are looked for; where there are more, the expression itself is.
const MOST: usize = 32;

/// A regular expression.
#[derive(Debug, Deserialize)]
#[serde(from = "String")]
pub(super) struct Pattern {
    source: String,
    words: OnceLock<Option<Vec<String>>>,
    compiled: OnceLock<Option<Regex>>,
}

impl From<String> for Pattern {
    fn from(source: String) -> Self {
        Self { source, words: OnceLock::new(), compiled: OnceLock::new() }
    }
}

impl Pattern {
    /// What is found first in a text.
    pub(super) fn find<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        let words = self.words.get_or_init(|| read_words(&self.source));
        let may_be_there =
            words.as_ref().is_none_or(|words| words.iter().any(|word| contains(text, word.as_bytes())));
        if may_be_there { self.compiled()?.captures(text) } else { None }
    }

    /// The names of its groups.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.compiled()
            .into_iter()
            .flat_map(|compiled: &Regex| -> CaptureNames<'_> { compiled.capture_names() })
            .flatten()
    }

    /// The expression as it is written.
    #[cfg(test)]
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// None where it is no expression, which is told of marks of a project when they are read.
    pub(super) fn compiled(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&self.source).ok()).as_ref()
    }
}

/// Words of which a text has at least one where an expression is found in it, in small letters; none where nothing is
/// known of it. That `k` and `s` also mean the Kelvin sign and the long s where case does not count is left out.
fn read_words(source: &str) -> Option<Vec<String>> {
    let words = needed(&regex_syntax::parse(source).ok()?)?;
    words.into_iter().map(|word| String::from_utf8(word).ok()).collect()
}

fn needed(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(vec![literal.0.to_ascii_lowercase()]),
        HirKind::Class(class) => letter(class).map(|letter| vec![vec![letter]]),
        HirKind::Capture(capture) => needed(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => needed(&repetition.sub),
        HirKind::Concat(parts) => needed_of_all(parts),
        HirKind::Alternation(parts) => {
            let words: Vec<_> = parts.iter().map(needed).collect::<Option<Vec<_>>>()?.concat();
            (words.len() <= MOST).then_some(words)
        }
        HirKind::Empty | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

/// Of what stands one after the other the longest word, or the words of which the shortest is longest.
fn needed_of_all(parts: &[Hir]) -> Option<Vec<Vec<u8>>> {
    let (mut found, mut run) = (Vec::new(), Vec::new());
    for part in parts {
        match part.kind() {
            HirKind::Literal(literal) => run.extend(literal.0.to_ascii_lowercase()),
            HirKind::Class(class) if letter(class).is_some() => run.extend(letter(class)),
            // They take no place.
            HirKind::Look(_) | HirKind::Empty => {}
            _ => {
                found.push(vec![std::mem::take(&mut run)]);
                found.extend(needed(part));
            }
        }
    }
    found.push(vec![run]);
    let shortest = |words: &Vec<Vec<u8>>| words.iter().map(Vec::len).min().unwrap_or(0);
    found.into_iter().max_by_key(shortest).filter(|words| shortest(words) > 0)
}

/// The letter that a class means where case does not count.
fn letter(class: &Class) -> Option<u8> {
    let mut letters = match class {
        Class::Unicode(class) => class.iter().flat_map(|range| range.start()..=range.end()).take(5).collect(),
        Class::Bytes(class) => class
            .iter()
            .flat_map(|range| range.start()..=range.end())
            .take(5)
            .map(char::from)
            .collect::<Vec<_>>(),
    };
    letters.retain(|letter| !matches!(letter, '\u{17f}' | '\u{212a}'));
    match letters.as_slice() {
        [one, other] if one.is_ascii_alphabetic() && one.eq_ignore_ascii_case(other) => {
            u8::try_from(other.to_ascii_lowercase()).ok()
        }
        _ => None,
    }
}

/// Whether a text contains a word of small letters, the case of ASCII letters aside.
fn contains(text: &str, word: &[u8]) -> bool {
    let (Some(first), text) = (word.first(), text.as_bytes()) else { return true };
    memchr2_iter(*first, first.to_ascii_uppercase(), text)
        .any(|start| text.get(start..start + word.len()).is_some_and(|here| here.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Option<String> {
        read_words(source).map(|words| words.join("|"))
    }

    #[test]
    fn what_an_expression_needs_is_its_longest_word_or_one_of_several() {
        assert_eq!(words("^Welcome to (nginx|OpenResty)!").as_deref(), Some("welcome to "));
        assert_eq!(words("(?i)no such TABLE: (?<table>\\S+)").as_deref(), Some("no such table: "));
        assert_eq!(words("a(?:bcd|efgh)i").as_deref(), Some("bcd|efgh"));
        assert_eq!(
            words("^(Error )?(Error: )?Database connection failed").as_deref(),
            Some("database connection failed")
        );
        assert_eq!(words("\\b50[234]\\b").as_deref(), Some("50"));
        assert_eq!(words("(?i)kiosk").as_deref(), Some("kiosk"));
        for nothing in ["", "x?", "\\d+", "a|\\d", "^$"] {
            assert_eq!(words(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_word_is_found_whatever_the_case_of_its_letters() {
        assert!(contains("Das Wort: ÄRGER, no SUCH table", b"no such table"));
        assert!(!contains("no such tabl", b"no such table"));
        assert!(contains("x", b""));
        let pattern = Pattern::from("(?i)no such table: (?<table>\\S+)".to_owned());
        let text = "sqlite3.OperationalError: No such table: lists_item";
        assert_eq!(&pattern.find(text).unwrap()["table"], "lists_item");
        assert!(pattern.find("no such column: x").is_none());
    }
}
