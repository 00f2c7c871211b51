//! How an element is named: CSS, or one of the prefixed ways.

use std::fmt;

/// Names elements of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Locator {
    /// A CSS selector.
    Css(String),
    /// `text=`: the smallest elements whose text contains this, white space folded, case ignored.
    Text(String),
    /// `role=button[name="Sign in"]`: by accessible role, and name if given.
    Role {
        /// A role of WAI-ARIA.
        role: String,
        /// The accessible name, if one is asked for.
        name: Option<String>,
    },
    /// `label=`: the form control that a label with this text belongs to.
    Label(String),
    /// `placeholder=`: by the attribute.
    Placeholder(String),
    /// `testid=`: by the attribute `data-testid`.
    TestId(String),
    /// `xpath=`: an `XPath` 1.0 expression; browser pages only.
    XPath(String),
}

/// Why a locator cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LocatorError {
    /// What is wrong with it.
    pub message: String,
}

/// The prefixes, with what each looks for. The only source of what exists.
pub const LOCATOR_PREFIXES: &[(&str, &str)] = &[
    ("css", "a CSS selector; `css=` may be left out"),
    ("text", "the smallest elements whose text contains this, white space folded, case ignored"),
    ("role", "by accessible role, and name if given: role=button[name=\"Sign in\"]"),
    ("label", "the form control that a label with this text belongs to"),
    ("placeholder", "by the attribute `placeholder`"),
    ("testid", "by the attribute `data-testid`"),
    ("xpath", "an XPath 1.0 expression that finds elements"),
];

impl Locator {
    /// Reads a locator as it is written in a spec.
    pub fn parse(text: &str) -> Result<Self, LocatorError> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(LocatorError { message: "a locator must not be empty".to_owned() });
        }
        match trimmed.split_once('=').filter(|(prefix, _)| is_prefix(prefix)) {
            Some((prefix, rest)) => Self::parse_prefixed(prefix, rest.trim()),
            None => Self::parse_css(trimmed),
        }
    }

    fn parse_prefixed(prefix: &str, rest: &str) -> Result<Self, LocatorError> {
        let plain = unquoted(rest).to_owned();
        if plain.is_empty() {
            return Err(LocatorError { message: format!("{prefix}= needs a value") });
        }
        Ok(match prefix {
            "text" => Self::Text(plain),
            "role" => return Self::parse_role(rest),
            "label" => Self::Label(plain),
            "placeholder" => Self::Placeholder(plain),
            "testid" => Self::TestId(plain),
            "xpath" => Self::XPath(rest.to_owned()),
            _ => return Self::parse_css(rest),
        })
    }

    fn parse_css(selector: &str) -> Result<Self, LocatorError> {
        match scraper::Selector::parse(selector) {
            Ok(_) => Ok(Self::Css(selector.to_owned())),
            Err(error) => Err(LocatorError { message: explain(&error) }),
        }
    }

    fn parse_role(text: &str) -> Result<Self, LocatorError> {
        let Some((role, rest)) = text.split_once('[') else {
            return Ok(Self::Role { role: text.to_owned(), name: None });
        };
        let name = rest.strip_suffix(']').and_then(|inner| inner.trim().strip_prefix("name="));
        match name {
            Some(name) => {
                Ok(Self::Role { role: role.trim().to_owned(), name: Some(unquoted(name).to_owned()) })
            }
            None => {
                Err(LocatorError { message: "expected role=ROLE or role=ROLE[name=\"NAME\"]".to_owned() })
            }
        }
    }

    /// The way this locator names an element, as a word: `css`, `text`, `role`, …
    pub fn strategy(&self) -> &'static str {
        match self {
            Self::Css(_) => "css",
            Self::Text(_) => "text",
            Self::Role { .. } => "role",
            Self::Label(_) => "label",
            Self::Placeholder(_) => "placeholder",
            Self::TestId(_) => "testid",
            Self::XPath(_) => "xpath",
        }
    }
}

fn is_prefix(word: &str) -> bool {
    LOCATOR_PREFIXES.iter().any(|(prefix, _)| *prefix == word)
}

/// What is wrong with a selector, in words that help its author.
fn explain(error: &scraper::error::SelectorErrorKind) -> String {
    use scraper::error::SelectorErrorKind as Kind;
    let what = match error {
        Kind::EndOfLine => "it ends too early",
        Kind::UnexpectedToken => "something cannot stand where it does",
        _ => "expected such as \"#id\", \"form .error\" or \"a[href='/']\"",
    };
    format!("not a CSS selector: {what}")
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner;
        }
    }
    text
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Css(selector) => f.write_str(selector),
            Self::Role { role, name: Some(name) } => write!(f, "role={role}[name={name:?}]"),
            Self::Role { role, name: None } => write!(f, "role={role}"),
            Self::Text(text)
            | Self::Label(text)
            | Self::Placeholder(text)
            | Self::TestId(text)
            | Self::XPath(text) => write!(f, "{}={text}", self.strategy()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_way_of_naming_an_element() {
        let parsed = |text| Locator::parse(text).unwrap();
        assert_eq!(parsed("#id_new_item"), Locator::Css("#id_new_item".to_owned()));
        assert_eq!(parsed("a[href='/x=1']"), Locator::Css("a[href='/x=1']".to_owned()));
        assert_eq!(parsed("text=Log in"), Locator::Text("Log in".to_owned()));
        assert_eq!(
            parsed("role=button[name=\"Sign in\"]"),
            Locator::Role { role: "button".to_owned(), name: Some("Sign in".to_owned()) }
        );
        assert_eq!(parsed("testid=save").to_string(), "testid=save");
    }

    #[test]
    fn refuses_what_cannot_be_one() {
        assert!(Locator::parse("##x").is_err());
        assert!(Locator::parse(" ").is_err());
        assert!(Locator::parse("text=").is_err());
        assert!(Locator::parse("role=button[label=x]").is_err());
    }
}
