//! How an element is named: CSS, or one of the prefixed ways.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::json::bracket_depth;
use super::memo::Memo;
use super::pseudo_class::without_browser_only;
use super::xpath::XPathQuery;

/// How deep brackets may stand in the brackets of a selector.
const DEEPEST: usize = 32;

static COMPILED: Memo<CssSelector> = Memo::new();

/// A CSS selector, compiled once and shared. It dereferences to its text.
#[derive(Clone, Debug)]
pub struct CssSelector {
    source: Arc<str>,
    compiled: Result<Arc<scraper::Selector>, &'static str>,
}

impl CssSelector {
    /// Compiles a selector.
    pub fn parse(selector: &str) -> Result<Self, LocatorError> {
        if bracket_depth(selector) > DEEPEST {
            return Err(LocatorError {
                message: format!("not a CSS selector: brackets nest deeper than {DEEPEST}"),
            });
        }
        COMPILED.get_or_build(selector, || {
            let compiled = match (scraper::Selector::parse(selector), without_browser_only(selector)) {
                (Ok(compiled), _) => Ok(Arc::new(compiled)),
                (Err(_), Some((plain, name))) if scraper::Selector::parse(&plain).is_ok() => Err(name),
                (Err(error), _) => return Err(LocatorError { message: explain(&error) }),
            };
            Ok(Self { source: selector.into(), compiled })
        })
    }

    /// What matches elements in HTML; none if only a browser can judge it.
    pub(super) fn compiled(&self) -> Option<&scraper::Selector> {
        self.compiled.as_deref().ok()
    }
}

impl PartialEq for CssSelector {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for CssSelector {}

impl Deref for CssSelector {
    type Target = str;

    fn deref(&self) -> &str {
        &self.source
    }
}

impl fmt::Display for CssSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

/// Names elements of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Locator {
    /// A CSS selector.
    Css(CssSelector),
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
    /// `xpath=`: an `XPath` 1.0 expression that finds elements.
    XPath(XPathQuery),
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
            "xpath" => {
                Self::XPath(XPathQuery::parse(rest).map_err(|error| LocatorError { message: error.message })?)
            }
            _ => return Self::parse_css(rest),
        })
    }

    fn parse_css(selector: &str) -> Result<Self, LocatorError> {
        CssSelector::parse(selector).map(Self::Css)
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

    /// The pseudo-class for which only a browser can judge it, such as `hover`.
    pub fn browser_only(&self) -> Option<&'static str> {
        match self {
            Self::Css(selector) => selector.compiled.as_ref().err().copied(),
            _ => None,
        }
    }

    /// What stands after the way: the selector, the text, the role without its name.
    pub fn value(&self) -> &str {
        match self {
            Self::Css(selector) => selector,
            Self::Role { role: value, .. }
            | Self::Text(value)
            | Self::Label(value)
            | Self::Placeholder(value)
            | Self::TestId(value) => value,
            Self::XPath(query) => query.source(),
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
            Self::Text(text) | Self::Label(text) | Self::Placeholder(text) | Self::TestId(text) => {
                write!(f, "{}={text}", self.strategy())
            }
            Self::XPath(query) => write!(f, "xpath={query}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_way_of_naming_an_element() {
        let parsed = |text| Locator::parse(text).unwrap();
        assert_eq!(parsed("#id_new_item"), Locator::Css(CssSelector::parse("#id_new_item").unwrap()));
        assert_eq!(parsed("a[href='/x=1']"), Locator::Css(CssSelector::parse("a[href='/x=1']").unwrap()));
        assert_eq!(parsed("text=Log in"), Locator::Text("Log in".to_owned()));
        assert_eq!(
            parsed("role=button[name=\"Sign in\"]"),
            Locator::Role { role: "button".to_owned(), name: Some("Sign in".to_owned()) }
        );
        assert_eq!(parsed("testid=save").to_string(), "testid=save");
    }

    #[test]
    fn what_only_a_browser_can_judge_is_a_locator_that_says_so() {
        assert_eq!(Locator::parse("input:checked").unwrap().browser_only(), Some("checked"));
        assert_eq!(Locator::parse("li:first-child").unwrap().browser_only(), None);
        assert!(Locator::parse("input:cheked").is_err());
    }

    #[test]
    fn refuses_what_cannot_be_one() {
        assert!(Locator::parse("##x").is_err());
        assert!(Locator::parse(" ").is_err());
        assert!(Locator::parse("text=").is_err());
        assert!(Locator::parse("role=button[label=x]").is_err());
    }
}
