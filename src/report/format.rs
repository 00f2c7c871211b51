//! The formats that a run can be reported in.

use std::fmt;

/// A report format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// The event stream.
    Jsonl,
    /// One JSON document.
    Json,
    /// `JUnit` XML.
    Junit,
    /// Text for people.
    Terminal,
}

/// What there is to know about a format.
#[derive(Clone, Copy, Debug)]
pub struct FormatDefinition {
    /// The format.
    pub format: Format,
    /// Its name, as `--report NAME=PATH` takes it.
    pub name: &'static str,
    /// What it is good for, in one line.
    pub doc: &'static str,
}

/// All formats: the only source of what exists.
pub const FORMATS: &[FormatDefinition] = &[
    FormatDefinition {
        format: Format::Terminal,
        name: "terminal",
        doc: "text for people: a line per scenario, failures in full at the end",
    },
    FormatDefinition {
        format: Format::Jsonl,
        name: "jsonl",
        doc: "every event of the run as one line of JSON, evidence included",
    },
    FormatDefinition {
        format: Format::Json,
        name: "json",
        doc: "one JSON document at the end of the run (specs/report.schema.json)",
    },
    FormatDefinition {
        format: Format::Junit,
        name: "junit",
        doc: "JUnit XML for GitLab, Jenkins and others: a scenario is a suite, a step is a case",
    },
];

impl Format {
    /// The format of a name; none if there is no such format.
    pub fn parse(name: &str) -> Option<Self> {
        FORMATS.iter().find(|definition| definition.name == name).map(|definition| definition.format)
    }

    /// The name of the format.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Terminal => "terminal",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_name() {
        for definition in FORMATS {
            assert_eq!(Format::parse(definition.name), Some(definition.format));
            assert_eq!(definition.format.name(), definition.name);
        }
        assert_eq!(Format::parse("yaml"), None);
    }
}
