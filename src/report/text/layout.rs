//! Text in columns: widths, wrapping, shortening.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// How many columns a text takes on a terminal.
pub(in crate::report) fn width_of(text: &str) -> usize {
    text.width()
}

/// The text cut to so many columns, the last of them the ellipsis if anything was cut.
pub(in crate::report) fn shorten(text: &str, columns: usize, ellipsis: &str) -> String {
    if width_of(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(width_of(ellipsis));
    format!("{}{ellipsis}", &text[..cut_at(text, room)])
}

/// The text in lines of so many columns, broken between words where it can be.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(10);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let mut word = word;
        if !line.is_empty() && width_of(&line) + 1 + width_of(word) > columns {
            lines.push(std::mem::take(&mut line));
        }
        while width_of(word) > columns {
            let end = cut_at(word, columns).max(word.chars().next().map_or(0, char::len_utf8));
            lines.push(word[..end].to_owned());
            word = &word[end..];
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// The end of the longest beginning that takes no more than so many columns.
fn cut_at(text: &str, columns: usize) -> usize {
    let mut used = 0;
    for (offset, character) in text.char_indices() {
        used += character.width().unwrap_or(0);
        if used > columns {
            return offset;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_between_words_and_breaks_what_is_too_long() {
        assert_eq!(wrap("one two three four", 10), ["one two", "three four"]);
        assert_eq!(wrap("abcdefghijklmno pq", 10), ["abcdefghij", "klmno pq"]);
        assert_eq!(wrap("", 10), [""]);
    }

    #[test]
    fn counts_columns_not_bytes() {
        assert_eq!(shorten("平仮名かな", 7, "…"), "平仮名…");
        assert_eq!(shorten("short", 7, "…"), "short");
    }
}
