//! What an expectation or a capture looks at.

use std::fmt;

use super::element::{ELEMENT_PROPERTIES, ElementProperty};
use super::json::JsonQuery;
use super::locator::Locator;
use super::subject_definition::{Family, SUBJECTS, SubjectDefinition, Unit};
use super::xpath::XPathQuery;

/// A subject, ready to be observed.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// A subject without an argument, by its row in [`SUBJECTS`].
    Plain(&'static str),
    /// A response header.
    Header(String),
    /// A cookie of the actor.
    Cookie(String),
    /// A value in a JSON body.
    Json(JsonQuery),
    /// A value in an XML or HTML body.
    Xml(XPathQuery),
    /// An element of a page.
    Element(Locator, ElementProperty),
    /// A column of the first row.
    Row(String),
    /// A column of all rows.
    Column(String),
}

/// Why a text is no subject.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SubjectError {
    /// What is wrong.
    pub message: String,
    /// The word that was probably meant.
    pub nearest: Option<String>,
}

impl SubjectError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), nearest: None }
    }
}

impl Subject {
    /// The row of a name such as `status` or `console.errors`.
    pub fn definition_of(name: &str) -> Option<&'static SubjectDefinition> {
        SUBJECTS.iter().find(|definition| definition.name == name)
    }

    /// Builds the subject of a row with its argument (empty where it takes none) and, for `element`, its property.
    pub fn build(
        definition: &'static SubjectDefinition,
        argument: &str,
        property: Option<ElementProperty>,
    ) -> Result<Self, SubjectError> {
        Ok(match definition.name {
            "header" => Self::Header(argument.to_ascii_lowercase()),
            "cookie" => Self::Cookie(argument.to_owned()),
            "json" => Self::Json(JsonQuery::parse(argument)?),
            "xml" => Self::Xml(XPathQuery::parse(argument)?),
            "row" => Self::Row(argument.to_owned()),
            "column" => Self::Column(argument.to_owned()),
            "element" => {
                let locator = Locator::parse(argument).map_err(|error| SubjectError::new(error.message))?;
                let Some(property) = property else {
                    return Err(SubjectError::new(
                        "an element needs a property, such as `.text` or `.count`",
                    ));
                };
                if let ElementProperty::Overlaps(other) = &property {
                    Locator::parse(other).map_err(|error| SubjectError::new(error.message))?;
                }
                Self::Element(locator, property)
            }
            name => Self::Plain(name),
        })
    }

    /// Reads a subject as a capture writes it: `url`, `header.location`, `json.$.id`, `element."#id".text`.
    pub fn parse(text: &str) -> Result<Self, SubjectError> {
        let parts = SubjectParts::split(text)?;
        Self::build(parts.definition, &parts.argument, parts.property)
    }

    /// The row in the table of subjects.
    pub fn definition(&self) -> &'static SubjectDefinition {
        let name = match self {
            Self::Plain(name) => name,
            Self::Header(_) => "header",
            Self::Cookie(_) => "cookie",
            Self::Json(_) => "json",
            Self::Xml(_) => "xml",
            Self::Element(..) => "element",
            Self::Row(_) => "row",
            Self::Column(_) => "column",
        };
        Self::definition_of(name).unwrap_or(&SUBJECTS[0])
    }

    /// The argument as written: the name of a header, a path, a locator; empty where it takes none.
    pub fn argument(&self) -> String {
        match self {
            Self::Plain(_) => String::new(),
            Self::Header(text) | Self::Cookie(text) | Self::Row(text) | Self::Column(text) => text.clone(),
            Self::Json(query) => query.source().to_owned(),
            Self::Xml(query) => query.source().to_owned(),
            Self::Element(locator, _) => locator.to_string(),
        }
    }

    /// The property that is asked of an element.
    pub fn property(&self) -> Option<&ElementProperty> {
        match self {
            Self::Element(_, property) => Some(property),
            _ => None,
        }
    }

    /// Where it can be observed.
    pub fn families(&self) -> &'static [Family] {
        self.definition().families_with(self.property())
    }

    /// What its value is measured in.
    pub fn unit(&self) -> Unit {
        self.definition().unit_with(self.property())
    }
}

/// A subject as text, taken apart: its argument may still be a template.
#[derive(Clone, Debug)]
pub struct SubjectParts {
    /// The row in the table of subjects.
    pub definition: &'static SubjectDefinition,
    /// The argument, without quotation marks; empty where it takes none.
    pub argument: String,
    /// The property that is asked of an element.
    pub property: Option<ElementProperty>,
}

impl SubjectParts {
    /// Takes a subject apart as a capture writes it: `url`, `header.location`, `json.$.id`, `element."#id".text`.
    pub fn split(text: &str) -> Result<Self, SubjectError> {
        let text = text.trim();
        let definition = SUBJECTS
            .iter()
            .filter(|row| {
                text == row.name || text.strip_prefix(row.name).is_some_and(|rest| rest.starts_with('.'))
            })
            .max_by_key(|row| row.name.len())
            .ok_or_else(|| unknown_subject(text))?;
        let rest = text[definition.name.len()..].trim_start_matches('.');
        let parts = |argument: &str, property| Self { definition, argument: argument.to_owned(), property };
        match (definition.argument, rest) {
            (None, "") => Ok(parts("", None)),
            (None, _) => Err(SubjectError::new(format!("`{}` takes nothing after it", definition.name))),
            (Some(argument), "") => {
                Err(SubjectError::new(format!("expected `{}.{argument}`", definition.name)))
            }
            (Some(_), rest) if definition.name == "element" => {
                let (locator, property) = split_locator(rest)?;
                Ok(parts(locator, Some(parse_property(property)?)))
            }
            (Some(_), rest) => Ok(parts(unquoted(rest), None)),
        }
    }
}

fn unknown_subject(text: &str) -> SubjectError {
    let word = text.split('.').next().unwrap_or(text);
    let names = || SUBJECTS.iter().map(|row| row.name);
    let first_words = SUBJECTS.iter().filter_map(|row| row.name.split('.').next());
    // A misspelt `console.errors` is two words, a misspelt `address.x` one.
    let whole = crate::source::nearest(text, names().filter(|name| name.contains('.')));
    let nearest = whole.or_else(|| crate::source::nearest(word, names().chain(first_words)));
    SubjectError { message: format!("there is no subject `{word}`"), nearest: nearest.map(str::to_owned) }
}

fn split_locator(rest: &str) -> Result<(&str, &str), SubjectError> {
    for quote in ['"', '\''] {
        if let Some(inner) = rest.strip_prefix(quote) {
            return inner
                .split_once(quote)
                .map(|(locator, property)| (locator, property.trim_start_matches('.')))
                .ok_or_else(|| SubjectError::new("the locator's quotation mark is not closed"));
        }
    }
    Err(SubjectError::new("the locator stands in quotation marks: element.\"#id\".text"))
}

fn parse_property(text: &str) -> Result<ElementProperty, SubjectError> {
    let (name, argument) = text.split_once('.').unwrap_or((text, ""));
    let Some(definition) = ELEMENT_PROPERTIES.iter().find(|row| row.name == name) else {
        let nearest =
            crate::source::nearest(name, ELEMENT_PROPERTIES.iter().map(|row| row.name)).map(str::to_owned);
        return Err(SubjectError { message: format!("an element has no property `{name}`"), nearest });
    };
    if definition.argument.is_some() == argument.is_empty() {
        return Err(SubjectError::new(match definition.argument {
            Some(argument) => format!("expected `{name}.{argument}`"),
            None => format!("`{name}` takes nothing after it"),
        }));
    }
    Ok(definition.build(unquoted(argument).to_owned()))
}

fn unquoted(text: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner;
        }
    }
    text
}

/// A subject as it is written in a spec.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(name) => f.write_str(name),
            Self::Header(name) => write!(f, "header.{name}"),
            Self::Cookie(name) => write!(f, "cookie.{name}"),
            Self::Json(query) => write!(f, "json.{:?}", query.source()),
            Self::Xml(query) => write!(f, "xml.{:?}", query.source()),
            Self::Element(locator, property) => {
                write!(f, "element.{:?}.{}", locator.to_string(), property.key())
            }
            Self::Row(column) => write!(f, "row.{column}"),
            Self::Column(name) => write!(f, "column.{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_subjects_as_captures_write_them() {
        assert_eq!(Subject::parse("url").unwrap(), Subject::Plain("url"));
        assert_eq!(Subject::parse("console.errors").unwrap(), Subject::Plain("console.errors"));
        assert_eq!(Subject::parse("header.Location").unwrap(), Subject::Header("location".to_owned()));
        assert_eq!(Subject::parse("json.$.a.b").unwrap(), Subject::Json(JsonQuery::parse("$.a.b").unwrap()));
        assert_eq!(Subject::parse("json.\"$.a.b\"").unwrap().argument(), "$.a.b");
        assert_eq!(Subject::parse("xml.//a/@href").unwrap().argument(), "//a/@href");
        let element = Subject::parse("element.\"a.b\".attribute.href").unwrap();
        assert_eq!(element.to_string(), "element.\"a.b\".attribute.href");
        assert_eq!(element.unit(), Unit::Text);
    }

    #[test]
    fn says_what_was_meant() {
        assert_eq!(Subject::parse("stauts").unwrap_err().nearest.as_deref(), Some("status"));
        assert_eq!(Subject::parse("element.\"a\".txet").unwrap_err().nearest.as_deref(), Some("text"));
        assert!(Subject::parse("header").is_err());
        assert!(Subject::parse("json.$[").is_err());
        assert!(Subject::parse("status.x").is_err());
    }
}
