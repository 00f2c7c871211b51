//! Finds the filters and tests that a template uses, so that a misspelt one is told when the spec is loaded.

use super::{FILTERS, FilterDefinition, TESTS};
use crate::source::nearest;

/// A filter or a test that does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::spec) struct UnknownWord {
    /// What is wrong.
    pub message: String,
    /// The word as written.
    pub word: String,
    /// What was probably meant.
    pub nearest: Option<&'static str>,
}

/// The first word of a template that is no filter and no test.
pub(in crate::spec) fn find_unknown_word(template: &str) -> Option<UnknownWord> {
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let block = &rest[start..];
        let Some(end) = ["{{", "{%", "{#"].iter().position(|open| block.starts_with(open)) else {
            rest = &rest[start + 1..];
            continue;
        };
        let close = ["}}", "%}", "#}"][end];
        let inner = &block[2..];
        let length = if close == "#}" { inner.find(close) } else { find_close(inner, close) };
        let length = length.unwrap_or(inner.len());
        if close != "#}"
            && let Some(unknown) = find_unknown_in_expression(&inner[..length])
        {
            return Some(unknown);
        }
        rest = inner.get(length + 2..).unwrap_or("");
    }
    None
}

/// Where a block ends: quotation marks may hide what looks like its end.
fn find_close(inner: &str, close: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (offset, character) in inner.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if character == '\\' => escaped = true,
            Some(open) if character == open => quote = None,
            None if character == '"' || character == '\'' => quote = Some(character),
            None if inner[offset..].starts_with(close) => return Some(offset),
            Some(_) | None => {}
        }
    }
    None
}

/// The first word of an expression that is no filter and no test.
pub(in crate::spec) fn find_unknown_in_expression(expression: &str) -> Option<UnknownWord> {
    let tokens = split_tokens(expression);
    tokens.iter().enumerate().find_map(|(index, token)| {
        let next = || tokens.get(index + 1).copied().unwrap_or("");
        match *token {
            "|" => check(next(), "filter", FILTERS),
            "is" if next() == "not" => check(tokens.get(index + 2).copied().unwrap_or(""), "test", TESTS),
            "is" => check(next(), "test", TESTS),
            _ => None,
        }
    })
}

fn check(word: &str, kind: &str, known: &'static [FilterDefinition]) -> Option<UnknownWord> {
    let is_word = word.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if !is_word || known.iter().any(|row| row.name == word) {
        return None;
    }
    let message = format!("there is no {kind} `{word}`");
    let nearest = nearest(&to_snake_case(word), known.iter().map(|row| row.name));
    Some(UnknownWord { message, word: word.to_owned(), nearest })
}

/// `urlEncode`, as Hurl writes it, is meant as `urlencode` or `url_encode`.
fn to_snake_case(word: &str) -> String {
    let mut snake = String::new();
    for character in word.chars() {
        if character.is_uppercase() {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}

/// Words, and single characters for the rest; texts in quotation marks count as one character.
fn split_tokens(expression: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut tokens = Vec::new();
    let mut rest = expression.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' => quoted_length(rest, first).unwrap_or(rest.len()),
            _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let token = &rest[..length];
        tokens.push(if matches!(first, '"' | '\'') { "''" } else { token });
        rest = rest[length..].trim_start();
    }
    tokens
}

fn quoted_length(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (offset, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return Some(offset + quote.len_utf8()),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(template: &str) -> Option<(String, Option<&'static str>)> {
        find_unknown_word(template).map(|unknown| (unknown.word, unknown.nearest))
    }

    #[test]
    fn misspelt_filters_and_tests_are_found() {
        assert_eq!(unknown("a {{ b | uper }} c"), Some(("uper".to_owned(), Some("upper"))));
        assert_eq!(unknown("{{ a | upper | urlEncode }}"), Some(("urlEncode".to_owned(), Some("urlencode"))));
        assert_eq!(unknown("{{ '}}' | frist }}"), Some(("frist".to_owned(), Some("first"))));
        assert_eq!(
            unknown("{% if a is not defind %}x{% endif %}"),
            Some(("defind".to_owned(), Some("defined")))
        );
        assert_eq!(unknown("{{ (a|lower)|xyzzy }}"), Some(("xyzzy".to_owned(), None)));
    }

    #[test]
    fn what_only_looks_like_a_filter_is_none() {
        for template in [
            "no | template",
            "{{ 'a | b' }} | c",
            "{{ \"it's | x\" | upper }}",
            "{# a | b #}",
            "{{ 'a\\' | b' }}",
            "{ | x }",
            "{{ a | default('is nothing') }}",
            "{{ a is divisibleby(3) or a is not none }}",
            "{{",
            "{{ 'open",
        ] {
            assert_eq!(unknown(template), None, "{template}");
        }
    }
}
