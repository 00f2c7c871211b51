//! The keys that a table of a spec may have, as data: the reader, "did you mean", the schema and the reference all
//! come from it.

/// A key of a table.
#[derive(Clone, Copy, Debug)]
pub struct KeyDefinition {
    /// The key.
    pub name: &'static str,
    /// What its value looks like.
    pub kind: KeyKind,
    /// One line for people.
    pub doc: &'static str,
}

/// What the value of a key looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// A text, in which templates are filled in.
    Text,
    /// An address: absolute, or relative to the target's.
    Url,
    /// A text in which nothing is filled in.
    Name,
    /// True or false.
    Flag,
    /// True, false or a Jinja expression.
    Condition,
    /// True, false or how many.
    FlagOrNumber,
    /// A whole number that is not negative.
    Number,
    /// A number from 0 to 1.
    Ratio,
    /// A duration: `"10s"`.
    Duration,
    /// A list of texts.
    Texts,
    /// A text, or a list of them.
    TextOrTexts,
    /// A list of names in which nothing is filled in.
    Names,
    /// A list of names of what holds without being asked, and of patterns.
    Allowed,
    /// A table from names to texts, numbers, or true and false.
    Fields,
    /// A table from names to any values.
    Values,
    /// Any value.
    Any,
    /// A locator.
    Locator,
    /// A locator, or a list of them.
    Locators,
    /// A table from locators to texts.
    LocatorFields,
    /// `{ user, password }`.
    Credentials,
    /// A table from names to texts or `{ file, content_type }`.
    Parts,
    /// A table of expectations.
    Expectations,
    /// A table of captures.
    Captures,
    /// An array of tables.
    Tables,
    /// A table with keys of its own.
    Table,
}

impl KeyKind {
    /// What is expected, for messages: `a text`.
    pub fn expected(self) -> &'static str {
        match self {
            Self::Text | Self::Name => "a text in quotation marks",
            Self::Url => "an address, such as \"/\" or \"https://example.com/\"",
            Self::Flag => "true or false",
            Self::Condition => "true, false or a condition such as \"target.name == 'staging'\"",
            Self::FlagOrNumber => "true, false or a number",
            Self::Number => "a whole number, 0 or more",
            Self::Ratio => "a number from 0 to 1",
            Self::Duration => "a duration, such as \"800ms\", \"10s\" or \"2min\"",
            Self::Texts | Self::Names => "a list of texts, such as [\"a\", \"b\"]",
            Self::Allowed => "a list of names and patterns, such as [\"status\", { console = \"favicon\" }]",
            Self::TextOrTexts => "a text or a list of texts, such as \"a\" or [\"a\", \"b\"]",
            Self::Fields => "a table from names to texts or numbers, such as { name = \"value\" }",
            Self::Values => "a table from names to values, such as { name = \"value\" }",
            Self::Any => "a value",
            Self::Locator => "a locator, such as \"#id\" or \"text=Log in\"",
            Self::Locators => "a locator or a list of them, such as \"#id\" or [\"#a\", \"#b\"]",
            Self::LocatorFields => "a table from locators to texts, such as { \"#id\" = \"value\" }",
            Self::Credentials => "{ user = \"...\", password = \"...\" }",
            Self::Parts => "a table from names to texts or { file = \"...\" }",
            Self::Expectations => "a table of expectations, such as { status = 200 }",
            Self::Captures => "a table of captures, such as { id = \"json.$.id\" }",
            Self::Tables => "an array of tables, each with a line such as [[step]] over it",
            Self::Table => "a table",
        }
    }
}

/// A row of a table of keys.
pub(super) const fn key(name: &'static str, kind: KeyKind, doc: &'static str) -> KeyDefinition {
    KeyDefinition { name, kind, doc }
}
