//! The table of subjects: what each is, where it can be observed, what it is measured in.

use super::element::ElementProperty;

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
    /// A picture of a browser page.
    Screenshot,
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
            Self::Screenshot => "`screenshot`",
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
    /// A part of a whole: `"0.1%"` or a number from 0 to 1; `true` is more than nothing.
    Share,
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
            Self::Share => "a share",
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
        &[Family::Http, Family::Browser],
        Unit::Duration,
        "from the start of the last hop to its first byte; of a page: from the start of its navigation to the first \
         byte of its document (Navigation Timing, `responseStart`)",
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
        "texts, a text, a number or a boolean in an XML or HTML body by XPath 1.0",
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
        "first_paint",
        None,
        &[Family::Browser],
        Unit::Duration,
        "until the first text or picture was painted (Paint Timing, `first-contentful-paint`)",
    ),
    row(
        "largest_paint",
        None,
        &[Family::Browser],
        Unit::Duration,
        "until the largest text or picture so far was painted (Largest Contentful Paint)",
    ),
    row(
        "layout_shift",
        None,
        &[Family::Browser],
        Unit::Number,
        "how much of the page moved by itself, at worst within 5 s (Layout Instability, as Web Vitals adds it up); \
         not observable in Firefox",
    ),
    row(
        "load",
        None,
        &[Family::Browser],
        Unit::Duration,
        "until the page's `load` event was over (Navigation Timing, `loadEventEnd`)",
    ),
    row(
        "differs",
        None,
        &[Family::Screenshot],
        Unit::Share,
        "which part of the picture's pixels differs from its baseline, `__screens__/NAME-BROWSER-OS.png` beside the spec",
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
