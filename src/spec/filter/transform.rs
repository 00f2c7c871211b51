//! Texts by regular expressions.

use minijinja::{Error, ErrorKind};
use regex::Regex;

use crate::expect::build_regex;

fn compile(pattern: &str) -> Result<Regex, Error> {
    build_regex(pattern).map_err(|error| Error::new(ErrorKind::InvalidOperation, error.message))
}

/// The first group of the first match, or the whole match where there is no group.
pub(super) fn find(text: &str, pattern: &str) -> Result<String, Error> {
    let regex = compile(pattern)?;
    let groups = regex.captures(text);
    let found = groups.as_ref().and_then(|groups| groups.get(1).or_else(|| groups.get(0)));
    found.map(|found| found.as_str().to_owned()).ok_or_else(|| {
        Error::new(ErrorKind::InvalidOperation, format!("/{pattern}/ does not match {text:?}"))
    })
}

/// Another text in place of all matches; `$1` is the first group.
pub(super) fn replace_matches(text: &str, pattern: &str, with: &str) -> Result<String, Error> {
    Ok(compile(pattern)?.replace_all(text, with).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_taken_and_put_in() {
        assert_eq!(find("a=1", "[a-z]").unwrap(), "a");
        assert_eq!(replace_matches("2026-01", "(\\d+)-(\\d+)", "$2/$1").unwrap(), "01/2026");
        assert!(find("a", "b").unwrap_err().to_string().contains("does not match"));
        assert!(find("a", "(").is_err());
    }
}
