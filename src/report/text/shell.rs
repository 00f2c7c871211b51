//! Words for a POSIX shell, with secrets as variables.

use std::fmt::Write as _;

use super::line::is_harmful;
use crate::evidence::{MASK_END, MASK_START};

/// A piece of a redacted text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text as it was.
    Literal(&'a str),
    /// Where a secret stood, by its name.
    Variable(&'a str),
}

/// The text as one word of a shell: what stands in it is what the command gets, and where a secret was masked stands
/// a variable of its name.
pub(in crate::report) fn quote(text: &str) -> String {
    quote_pieces(&split_masks(text))
}

/// The pieces as one word of a shell.
pub(super) fn quote_pieces(pieces: &[Piece<'_>]) -> String {
    let plain = pieces.iter().all(|piece| match piece {
        Piece::Literal(text) => text.chars().all(is_plain_in_double_quotes),
        Piece::Variable(_) => true,
    });
    match pieces {
        [] => "''".to_owned(),
        [Piece::Literal(text)] => quote_literal(text),
        _ if plain => quote_double(pieces),
        _ => pieces.iter().fold(String::new(), |word, piece| match piece {
            Piece::Literal(text) => word + &quote_literal(text),
            Piece::Variable(name) => format!("{word}\"${name}\""),
        }),
    }
}

/// The text in pieces, cut where secrets stood.
pub(super) fn split_masks(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(start) = rest[from..].find(MASK_START).map(|offset| from + offset) {
        let inside = start + MASK_START.len();
        let name = rest[inside..].find(MASK_END).map(|length| &rest[inside..inside + length]);
        match name.filter(|name| is_variable_name(name)) {
            Some(name) => {
                if start > 0 {
                    pieces.push(Piece::Literal(&rest[..start]));
                }
                pieces.push(Piece::Variable(name));
                rest = &rest[inside + name.len() + MASK_END.len()..];
                from = 0;
            }
            None => from = inside,
        }
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest));
    }
    pieces
}

fn is_variable_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|one| one.is_ascii_alphanumeric() || one == '_')
}

/// `!` is not: an interactive shell would look it up in its history.
fn is_plain_in_double_quotes(character: char) -> bool {
    !is_harmful(character) && !matches!(character, '"' | '\\' | '$' | '`' | '!')
}

fn quote_double(pieces: &[Piece<'_>]) -> String {
    let mut word = String::from("\"");
    for (index, piece) in pieces.iter().enumerate() {
        match (piece, pieces.get(index + 1)) {
            (Piece::Literal(text), _) => word.push_str(text),
            (Piece::Variable(name), Some(Piece::Literal(next)))
                if next.starts_with(|first: char| first.is_ascii_alphanumeric() || "_[".contains(first)) =>
            {
                // Writing to a string cannot fail.
                let _ = write!(word, "${{{name}}}");
            }
            (Piece::Variable(name), _) => {
                let _ = write!(word, "${name}");
            }
        }
    }
    word.push('"');
    word
}

fn quote_literal(text: &str) -> String {
    let is_bare = |one: char| one.is_ascii_alphanumeric() || "_./:=@%+,-".contains(one);
    if text.chars().any(is_harmful) {
        return quote_escaped(text);
    }
    if !text.is_empty() && text.chars().all(is_bare) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// `$'…'`, which bash, zsh, ksh and POSIX 2024 know: the only way to say a control character without writing it.
fn quote_escaped(text: &str) -> String {
    let mut word = String::from("$'");
    for character in text.chars() {
        match character {
            '\n' => word.push_str("\\n"),
            '\r' => word.push_str("\\r"),
            '\t' => word.push_str("\\t"),
            '\\' | '\'' => word.extend(['\\', character]),
            other if is_harmful(other) => {
                for byte in other.encode_utf8(&mut [0; 4]).bytes() {
                    // Three octal digits end by themselves, whatever follows. Writing to a string cannot fail.
                    let _ = write!(word, "\\{byte:03o}");
                }
            }
            other => word.push(other),
        }
    }
    word.push('\'');
    word
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn told_by_bash(word: &str) -> String {
        let script = format!("set -f; printf %s {word}");
        let output = Command::new("bash")
            .args(["-c", &script])
            .env("TOKEN", "s$e\"c ret")
            .env("TOKEN_2", "wrong")
            .output()
            .unwrap();
        assert!(output.status.success(), "{word}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn a_shell_gives_back_what_was_quoted() {
        for text in [
            "plain",
            "",
            "it's $HOME `id` \"x\" \\ !! *",
            "-n",
            "line\nbreak\ttab \u{1b}[2J1 é\u{202e}2",
            "{{ secret.not a name }}",
            "~/x ; rm -rf / & #",
            "{{ secret.",
        ] {
            assert_eq!(told_by_bash(&quote(text)), text, "{}", quote(text));
        }
    }

    #[test]
    fn secrets_become_variables() {
        assert_eq!(quote("X-Key: {{ secret.TOKEN }}"), r#""X-Key: $TOKEN""#);
        assert_eq!(quote("a{{ secret.TOKEN }}_2"), r#""a${TOKEN}_2""#);
        assert_eq!(quote(r#"{"p":"{{ secret.TOKEN }}"}"#), r#"'{"p":"'"$TOKEN"'"}'"#);
        for text in
            ["a {{ secret.TOKEN }}_2", "{{ secret.TOKEN }}[1]", "$x'{{ secret.TOKEN }}{{ secret.TOKEN }}\n!"]
        {
            let expected = text.replace("{{ secret.TOKEN }}", "s$e\"c ret");
            assert_eq!(told_by_bash(&quote(text)), expected, "{}", quote(text));
        }
    }
}
