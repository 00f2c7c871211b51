//! The text of a statement, as far as it must be understood before a database sees it.

use crate::source::nearest;
use crate::verdict::StepError;

use super::spec_error;

/// Whether anything but comments and space follows a `;`. Quoted text and comments are skipped.
///
/// A `create trigger` holds statements of its own: there the database alone can tell.
pub(super) fn has_second_statement(sql: &str) -> bool {
    let code = blank_quoted(sql);
    let words: Vec<String> = code.split_whitespace().take(4).map(str::to_ascii_lowercase).collect();
    if words.first().is_some_and(|word| word == "create") && words.iter().any(|word| word == "trigger") {
        return false;
    }
    code.split_once(';')
        .is_some_and(|(_, rest)| rest.contains(|other: char| !other.is_whitespace() && other != ';'))
}

/// The first word in lower case; empty for a text without a statement.
pub(super) fn first_word(sql: &str) -> String {
    let code = blank_quoted(sql);
    let word = code.split(|other: char| !other.is_ascii_alphabetic()).find(|word| !word.is_empty());
    word.unwrap_or_default().to_ascii_lowercase()
}

/// Compares the parameters that a statement names with those that the step gives.
pub(super) fn check_parameters<'a>(
    named: impl Iterator<Item = &'a str> + Clone,
    given: impl Iterator<Item = &'a str> + Clone,
) -> Result<(), StepError> {
    let missing = named.clone().find(|name| !given.clone().any(|other| other == *name));
    let surplus = given.clone().find(|name| !named.clone().any(|other| other == *name));
    match (missing, surplus) {
        (None, None) => Ok(()),
        (Some(missing), _) => {
            let meant = nearest(missing, given);
            let error = spec_error(format!("the statement names `:{missing}`, which `params` does not give"));
            Err(error.help(match meant {
                Some(meant) => format!("did you mean `:{meant}`?"),
                None => format!("add it to the step: params = {{ {missing} = … }}"),
            }))
        }
        (None, Some(surplus)) => {
            let listed: Vec<String> = named.map(|name| format!("`:{name}`")).collect();
            let error = spec_error(format!("`params` gives `{surplus}`, which the statement does not name"));
            Err(error.help(if listed.is_empty() {
                "the statement names no parameters; they are written `:name`".to_owned()
            } else {
                format!("it names {}", listed.join(", "))
            }))
        }
    }
}

/// The statement with quoted text, quoted names and comments replaced by spaces.
fn blank_quoted(sql: &str) -> String {
    let mut code = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let skipped = match first {
            '\'' | '"' | '`' => quoted_length(rest, first),
            '[' => rest.find(']').map_or(rest.len(), |end| end + 1),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            other => {
                code.push(other);
                rest = &rest[other.len_utf8()..];
                continue;
            }
        };
        // A quoted part is something: what follows a `;` may consist of it alone.
        code.push_str(if matches!(first, '-' | '/') { " " } else { " _ " });
        rest = &rest[skipped..];
    }
    code
}

/// The length of a quoted part, its quotes included. A doubled quote inside it ends and begins it again.
fn quoted_length(text: &str, quote: char) -> usize {
    text[1..].find(quote).map_or(text.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_statement_is_seen_and_quoted_semicolons_are_not() {
        assert!(has_second_statement("select 1; drop table a"));
        assert!(has_second_statement("select 1;\n-- then\n'x'"));
        assert!(!has_second_statement("select 1 ; -- done; really\n /* ; drop */ ;"));
        assert!(!has_second_statement("select ';' || 'it''s; fine', \";\", [;], `;` from a"));
        assert!(!has_second_statement(
            "create temp trigger t after insert on a begin delete from b; select 1; end"
        ));
        assert!(!has_second_statement(""));
    }

    #[test]
    fn the_first_word_stands_after_comments() {
        assert_eq!(first_word("-- which\n/* and */ SELECT 1"), "select");
        assert_eq!(first_word("-- nothing\n;"), "");
        assert_eq!(first_word("(select 1)"), "select");
    }

    #[test]
    fn parameters_must_fit_one_to_one() {
        let check = |named: &[&'static str], given: &[&'static str]| {
            check_parameters(named.iter().copied(), given.iter().copied())
        };
        assert!(check(&["a", "b"], &["b", "a"]).is_ok());
        let missing = check(&["item"], &["itme"]).unwrap_err();
        assert_eq!(missing.message, "the statement names `:item`, which `params` does not give");
        assert_eq!(missing.help.as_deref(), Some("did you mean `:itme`?"));
        let surplus = check(&["item"], &["item", "owner"]).unwrap_err();
        assert_eq!(surplus.message, "`params` gives `owner`, which the statement does not name");
        assert_eq!(surplus.help.as_deref(), Some("it names `:item`"));
    }
}
