//! What an expectation or a capture looks at.

use std::fmt;

use super::element::{ELEMENT_PROPERTIES, ElementProperty};
use super::json::JsonQuery;
use super::locator::Locator;
use super::xpath::XPathQuery;

/// Where subjects can be observed. An action says which families it yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// An HTTP exchange.
    Http,
    /// A page's HTML, over HTTP or in the browser.
    Html,
    /// A browser page.
    Browser,
    /// What a script in a browser page returned.
    Script,
    /// The judgement of a page's assets.
    Assets,
    /// A page whose links are followed.
    Links,
    /// A database's answer.
    Database,
    /// What DNS says.
    Dns,
    /// A connection.
    Tcp,
    /// A TLS handshake.
    Tls,
}

impl Family {
    /// The family in messages.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Http => "an HTTP request",
            Self::Html => "an HTML page",
            Self::Browser => "a browser page",
            Self::Script => "`script`",
            Self::Assets => "`assets`",
            Self::Links => "`links`",
            Self::Database => "`sql`",
            Self::Dns => "`dns`",
            Self::Tcp => "`tcp`",
            Self::Tls => "`tls`",
        }
    }
}

/// What a subject's value is, which decides how an expected text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Flag,
    /// A duration: `"800ms"`.
    Duration,
    /// A size: `"200KiB"` or a number of bytes.
    Size,
    /// A list.
    List,
    /// Known only when it is seen.
    Any,
    /// A JSON document, of which a schema is the only thing to be said.
    Schema,
}

impl Unit {
    /// The unit in messages: `a text`.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Flag => "true or false",
            Self::Duration => "a duration",
            Self::Size => "a size",
            Self::List => "a list",
            Self::Any => "a value",
            Self::Schema => "a JSON document",
        }
    }

    /// The unit of one item where `any`, `all` and `none` look at each.
    #[must_use]
    pub fn of_item(self) -> Self {
        if self == Self::List { Self::Any } else { self }
    }
}

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

/// One row of the table of subjects.
#[derive(Debug)]
pub struct SubjectDefinition {
    /// The key, dots included: `status`, `console.errors`.
    pub name: &'static str,
    /// The placeholder of the key that follows, as in `header.NAME`.
    pub argument: Option<&'static str>,
    /// Where it can be observed.
    pub families: &'static [Family],
    /// What its value is measured in.
    pub unit: Unit,
    /// One line for people.
    pub doc: &'static str,
}

/// All subjects but for the properties of `element`. The only source of what exists.
pub const SUBJECTS: &[SubjectDefinition] = &[
    row(
        "status",
        None,
        &[Family::Http, Family::Browser],
        Unit::Number,
        "the status code of the last hop, or of the document",
    ),
    row(
        "header",
        Some("NAME"),
        &[Family::Http],
        Unit::Text,
        "a response header; several of one name are several values",
    ),
    row(
        "cookie",
        Some("NAME"),
        &[Family::Http, Family::Browser],
        Unit::Text,
        "the value of the actor's cookie of that name",
    ),
    row("url", None, &[Family::Http, Family::Browser], Unit::Text, "the address after all redirects"),
    row("redirects", None, &[Family::Http], Unit::Number, "how many redirects were followed"),
    row(
        "time",
        None,
        &[Family::Http, Family::Dns, Family::Tcp, Family::Tls],
        Unit::Duration,
        "the whole request, body included, redirects added; the lookup, connection and handshake",
    ),
    row(
        "first_byte",
        None,
        &[Family::Http],
        Unit::Duration,
        "from the start of the last hop to its first byte",
    ),
    row("size", None, &[Family::Http], Unit::Size, "bytes of the decoded body"),
    row("http_version", None, &[Family::Http], Unit::Text, "`HTTP/1.1`, `HTTP/2`"),
    row(
        "address",
        None,
        &[Family::Http, Family::Tcp, Family::Tls],
        Unit::Text,
        "the IP address that answered",
    ),
    row("sha256", None, &[Family::Http], Unit::Text, "SHA-256 of the decoded body, lower-case hexadecimal"),
    row("body", None, &[Family::Http], Unit::Text, "the body as text"),
    row("json", Some("$.PATH"), &[Family::Http], Unit::Any, "a value in a JSON body by JSONPath (RFC 9535)"),
    row(
        "xml",
        Some("//PATH"),
        &[Family::Http],
        Unit::Any,
        "texts, a text, a number or a truth in an XML or HTML body by XPath 1.0",
    ),
    row(
        "schema",
        None,
        &[Family::Http],
        Unit::Schema,
        "a JSON Schema file beside the spec that describes the JSON body",
    ),
    row("title", None, &[Family::Html, Family::Browser], Unit::Text, "the page's title"),
    row(
        "text",
        None,
        &[Family::Html, Family::Browser],
        Unit::Text,
        "the page's visible text, white space folded",
    ),
    row(
        "element",
        Some("LOCATOR"),
        &[Family::Html, Family::Browser],
        Unit::Any,
        "a property of the elements that a locator matches",
    ),
    row(
        "console.errors",
        None,
        &[Family::Browser],
        Unit::Number,
        "how many errors the console showed and how many exceptions nothing caught",
    ),
    row(
        "requests.failed",
        None,
        &[Family::Browser],
        Unit::Number,
        "how many same-origin requests of the page failed",
    ),
    row(
        "result",
        None,
        &[Family::Script],
        Unit::Any,
        "what a script returned, as JSON has it; `null` where it returned nothing",
    ),
    row(
        "dialog",
        None,
        &[Family::Browser],
        Unit::Text,
        "what the dialog says that opened during the step; several dialogs are several values",
    ),
    row(
        "download.name",
        None,
        &[Family::Browser],
        Unit::Text,
        "the name of the file that the step's download gives; the step waits until it is whole",
    ),
    row("download.size", None, &[Family::Browser], Unit::Size, "bytes of that file"),
    row(
        "download.text",
        None,
        &[Family::Browser],
        Unit::Text,
        "its content, where that is UTF-8 of at most 1 MiB",
    ),
    row("download.sha256", None, &[Family::Browser], Unit::Text, "its SHA-256, lower-case hexadecimal"),
    row("css", None, &[Family::Assets], Unit::Number, "how many stylesheets load"),
    row("js", None, &[Family::Assets], Unit::Number, "how many scripts load"),
    row("images", None, &[Family::Assets], Unit::Number, "how many images and icons load"),
    row("fonts", None, &[Family::Assets], Unit::Number, "how many fonts load"),
    row("all", None, &[Family::Assets], Unit::Number, "how many assets load"),
    row("third_party", None, &[Family::Assets], Unit::Number, "how many assets are on another origin"),
    row(
        "links",
        None,
        &[Family::Links],
        Unit::Number,
        "how many links were followed and lead somewhere, the fragments of a page as one",
    ),
    row("rows", None, &[Family::Database], Unit::Number, "how many rows came back"),
    row("row", Some("COLUMN"), &[Family::Database], Unit::Any, "a column of the first row"),
    row("column", Some("NAME"), &[Family::Database], Unit::List, "a column of all rows, as a list"),
    row("affected", None, &[Family::Database], Unit::Number, "how many rows a statement changed"),
    row(
        "addresses",
        None,
        &[Family::Dns],
        Unit::List,
        "the IP addresses of a name, those of IPv4 first, each kind in order",
    ),
    row("cname", None, &[Family::Dns], Unit::Text, "the names that a name stands for; several in a chain"),
    row("days_left", None, &[Family::Tls], Unit::Number, "whole days until the server's certificate ends"),
    row(
        "names",
        None,
        &[Family::Tls],
        Unit::List,
        "the names and addresses for which the server's certificate is made out",
    ),
    row("issuer", None, &[Family::Tls], Unit::Text, "who signed the server's certificate"),
    row("protocol", None, &[Family::Tls], Unit::Text, "`TLSv1.3`, `TLSv1.2`"),
];

const fn row(
    name: &'static str,
    argument: Option<&'static str>,
    families: &'static [Family],
    unit: Unit,
    doc: &'static str,
) -> SubjectDefinition {
    SubjectDefinition { name, argument, families, unit, doc }
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

impl SubjectDefinition {
    /// Where it can be observed, for `element` with this property.
    pub fn families_with(&self, property: Option<&ElementProperty>) -> &'static [Family] {
        property.and_then(ElementProperty::definition).map_or(self.families, |row| row.families)
    }

    /// What its value is measured in, for `element` with this property.
    pub fn unit_with(&self, property: Option<&ElementProperty>) -> Unit {
        property.and_then(ElementProperty::definition).map_or(self.unit, |row| row.unit)
    }

    /// Whether it can have several values, of which `any`, `all` and `none` ask, for `element` with this property.
    pub fn is_several_with(&self, property: Option<&ElementProperty>) -> bool {
        match property {
            Some(property) => *property != ElementProperty::Count,
            None => matches!(self.name, "header" | "json" | "xml" | "column" | "cname" | "dialog"),
        }
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
