//! A problem in a spec, as plain data.

use std::sync::Arc;

use super::{SourceFile, Span};

/// One problem in what the user wrote. Shown by [`render_diagnostics`](super::render_diagnostics).
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The file it stands in.
    pub file: Arc<SourceFile>,
    /// The place to underline; none when the whole file is meant.
    pub span: Option<Span>,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to write at the underlined place.
    pub label: Option<String>,
    /// What to do, as a sentence of its own.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A problem at a place.
    pub fn new(file: &Arc<SourceFile>, span: Span, message: impl Into<String>) -> Self {
        Self { file: Arc::clone(file), span: Some(span), message: message.into(), label: None, help: None }
    }

    /// A problem of a whole file, such as one that cannot be read.
    pub fn of_file(file: &Arc<SourceFile>, message: impl Into<String>) -> Self {
        Self { file: Arc::clone(file), span: None, message: message.into(), label: None, help: None }
    }

    /// Adds what is said at the underlined place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The known word that a misspelt one is probably meant to be, or none if nothing is near enough.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase().replace('-', "_");
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count().min(lower.len()) / 4)
        // Of two that are as near, the one of the same length: letters are swapped more often than left out.
        .min_by_key(|(distance, candidate)| {
            (*distance, candidate.chars().count().abs_diff(lower.chars().count()))
        })
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_the_word_that_was_meant() {
        let known = ["status", "contains", "not_contains", "starts_with", "get"];
        assert_eq!(nearest("stauts", known), Some("status"));
        assert_eq!(nearest("containz", known), Some("contains"));
        assert_eq!(nearest("starts-with", known), Some("starts_with"));
        assert_eq!(nearest("Get", known), Some("get"));
        assert_eq!(nearest("colour", known), None);
    }
}
