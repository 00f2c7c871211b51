//! Examples are not written for the reference: a word is looked up in the specs that ship inside, which tests run.

use std::sync::LazyLock;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::word::{Group, Word};
use crate::demo::SPECS;

/// Specs that show one of everything, and run against the built-in site: path and text.
pub const EXAMPLES: &[(&str, &str)] = &[
    ("specs/reference/scenario.toml", include_str!("../../../specs/reference/scenario.toml")),
    ("specs/reference/requests.toml", include_str!("../../../specs/reference/requests.toml")),
    ("specs/reference/network.toml", include_str!("../../../specs/reference/network.toml")),
    ("specs/reference/predicates.toml", include_str!("../../../specs/reference/predicates.toml")),
    ("specs/reference/browser.toml", include_str!("../../../specs/reference/browser.toml")),
    ("specs/reference/pictures.toml", include_str!("../../../specs/reference/pictures.toml")),
    ("specs/reference/database.toml", include_str!("../../../specs/reference/database.toml")),
    ("specs/reference/cases.toml", include_str!("../../../specs/reference/cases.toml")),
    ("specs/reference/templates.toml", include_str!("../../../specs/reference/templates.toml")),
    ("specs/reference/shared/log_in.toml", include_str!("../../../specs/reference/shared/log_in.toml")),
];

/// A project file that shows one of everything: path and text.
pub const PROJECT_EXAMPLE: (&str, &str) = ("smokegate.toml", include_str!("project_example.toml"));

/// A key or a value of an example.
struct Usage {
    file: &'static str,
    /// The keys that lead to it; items of arrays have no key of their own.
    path: Vec<String>,
    /// The keys that stand beside the first two of the path: those of its step.
    beside: Vec<String>,
    /// The value, where it is a text.
    text: Option<String>,
    /// The step or section that it stands in, or its line at the top of a file.
    block: &'static str,
    /// The line in it, from 0.
    line: usize,
}

static USAGES: LazyLock<Vec<Usage>> = LazyLock::new(|| {
    let mut usages = Vec::new();
    for (file, text) in EXAMPLES.iter().chain(SPECS).chain([&PROJECT_EXAMPLE]) {
        if let Ok(table) = DeTable::parse(text) {
            let mut walk = Walk { file, text, path: Vec::new(), beside: Vec::new(), usages: &mut usages };
            walk.table(table.get_ref());
        }
    }
    usages
});

/// A part of a spec that shows a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The file that it stands in.
    pub file: &'static str,
    /// The step or section, or its line at the top of a file. Expectations of other things are left out of a long step.
    pub lines: Vec<&'static str>,
}

/// Where a word is used, as briefly as possible; none where no example shows it.
pub fn find_example(word: &Word) -> Option<Example> {
    let shown = USAGES.iter().filter(|usage| usage.shows(word));
    let examples = shown.map(|usage| Example { file: usage.file, lines: usage.lines() });
    examples.min_by_key(|example| example.lines.len())
}

/// Steps with more lines are shortened.
const LONG: usize = 8;

struct Walk<'a> {
    file: &'static str,
    text: &'static str,
    path: Vec<String>,
    beside: Vec<String>,
    usages: &'a mut Vec<Usage>,
}

impl Walk<'_> {
    fn table(&mut self, table: &DeTable<'_>) {
        if self.path.len() == 1 {
            self.beside = table.iter().map(|(key, _)| key.get_ref().to_string()).collect();
        }
        for (key, value) in table {
            self.path.push(key.get_ref().to_string());
            self.note(key.span().start, None);
            self.value(value);
            self.path.pop();
        }
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => self.table(table),
            DeValue::Array(items) => items.iter().for_each(|item| self.value(item)),
            DeValue::String(text) => self.note(value.span().start, Some(text.to_string())),
            _ => {}
        }
    }

    fn note(&mut self, offset: usize, text: Option<String>) {
        let (start, block) = find_block(self.text, offset);
        self.usages.push(Usage {
            file: self.file,
            path: self.path.clone(),
            beside: if self.path.len() > 1 { self.beside.clone() } else { Vec::new() },
            text,
            block,
            line: self.text[start..offset].matches('\n').count(),
        });
    }
}

/// The step or section around an offset and where it begins; at the top of a file its line alone.
fn find_block(text: &str, offset: usize) -> (usize, &str) {
    let is_header = |line: &str| line.starts_with('[');
    let line_start = text[..offset].rfind('\n').map_or(0, |position| position + 1);
    let mut start = None;
    let mut position = 0;
    for line in text.split_inclusive('\n') {
        if is_header(line) && position <= offset {
            start = Some(position);
        } else if is_header(line) {
            break;
        }
        position += line.len();
    }
    match start {
        Some(start) => (start, text[start..position].trim_end()),
        None => (line_start, text[line_start..].lines().next().unwrap_or_default()),
    }
}

impl Usage {
    fn shows(&self, word: &Word) -> bool {
        let name = word.name.as_str();
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let is_key = self.text.is_none();
        let has = |key: &str| self.beside.iter().any(|beside| beside == key);
        let expected = match path.as_slice() {
            ["step" | "cleanup", "expect", subject @ ..] => Some(subject),
            _ => None,
        };
        match (word.group, path.as_slice()) {
            (Group::Scenario, [key]) => is_key && *key == name && !self.is_fragment() && !self.is_project(),
            (Group::Fragment, [key]) => is_key && *key == name && self.is_fragment(),
            (Group::Step | Group::Action, ["step" | "cleanup", key]) => is_key && *key == name && !has("use"),
            (Group::Neighbour, ["step" | "cleanup", key]) => {
                is_key
                    && *key == name
                    && word.says("stands beside").split(' ').any(|owner| has(owner.trim_matches('`')))
            }
            (Group::Use, ["step" | "cleanup", key]) => is_key && *key == name && has("use"),
            (Group::Subject, _) => expected.is_some_and(|subject| starts_with(subject, name)),
            (Group::ElementProperty, _) => {
                matches!(expected, Some(["element", _, property, ..]) if *property == name)
            }
            (Group::Predicate, _) => {
                is_key && expected.is_some_and(|subject| subject.iter().skip(1).any(|key| *key == name))
            }
            (Group::Locator, _) => {
                self.is_step()
                    && self
                        .words()
                        .any(|text| text.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')))
            }
            (Group::Implicit, [_, "allow"]) => self.text.as_deref() == Some(name),
            (Group::Pattern, [_, "allow", key]) => is_key && *key == name,
            (Group::Variable, _) => self.text.as_deref().is_some_and(|text| uses_variable(text, name)),
            (Group::Filter, _) => self.text.as_deref().is_some_and(|text| uses_filter(text, name)),
            (Group::Project, [table @ .., key]) => {
                is_key
                    && *key == name
                    && self.is_project()
                    && word.table.is_some_and(|outline| outline.stands_at(table))
            }
            _ => false,
        }
    }

    fn lines(&self) -> Vec<&'static str> {
        let lines: Vec<&str> = self.block.lines().collect();
        if lines.len() <= LONG {
            return lines;
        }
        let is_other = |line: &str| line.starts_with("expect.") || line.starts_with("capture.");
        let kept =
            lines.into_iter().enumerate().filter(|(number, line)| *number == self.line || !is_other(line));
        kept.map(|(_, line)| line).collect()
    }

    fn is_fragment(&self) -> bool {
        self.file.contains("/shared/")
    }

    fn is_project(&self) -> bool {
        self.file == PROJECT_EXAMPLE.0
    }

    fn is_step(&self) -> bool {
        !self.is_project() && self.path.len() > 1
    }

    /// The last key, and the value.
    fn words(&self) -> impl Iterator<Item = &str> {
        self.path.last().map(String::as_str).into_iter().chain(self.text.as_deref())
    }
}

fn starts_with(subject: &[&str], name: &str) -> bool {
    let parts: Vec<&str> = name.split('.').collect();
    subject.len() >= parts.len() && subject.iter().zip(&parts).all(|(key, part)| key == part)
}

fn uses_variable(text: &str, name: &str) -> bool {
    text.split("{{").skip(1).any(|inside| {
        let rest = inside.trim_start().strip_prefix(name);
        rest.is_some_and(|rest| !rest.starts_with(|sign: char| sign.is_alphanumeric() || sign == '_'))
    })
}

fn uses_filter(text: &str, name: &str) -> bool {
    text.split('|').skip(1).any(|inside| {
        let rest = inside.trim_start().strip_prefix(name);
        rest.is_some_and(|rest| !rest.starts_with(|sign: char| sign.is_alphanumeric() || sign == '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::reference::list_words;

    #[test]
    fn every_word_is_shown_by_an_example() {
        let missing: Vec<String> = list_words()
            .iter()
            // Exit codes and words of templates have examples of their own, which other tests run.
            .filter(|word| word.says("example").is_empty() && find_example(word).is_none())
            .filter(|word| word.group != Group::ExitCode)
            .map(|word| format!("{} ({})", word.form, word.group.noun()))
            .collect();
        assert!(
            missing.is_empty(),
            "show these in specs/reference or in project_example.toml:\n{}",
            missing.join("\n")
        );
    }

    #[test]
    fn every_example_is_toml() {
        for (file, text) in EXAMPLES.iter().chain([&PROJECT_EXAMPLE]) {
            assert!(DeTable::parse(text).is_ok(), "{file}");
        }
    }

    #[test]
    fn a_block_is_a_step_or_a_line_at_the_top() {
        let text = "name = \"a\"\ntags = []\n\n[[step]]\nget = \"/\"\n\n[[step]]\nget = \"/b\"\n";
        assert_eq!(find_block(text, 12), (11, "tags = []"));
        assert_eq!(find_block(text, text.find("get").unwrap()).1, "[[step]]\nget = \"/\"");
        assert_eq!(find_block(text, text.rfind("get").unwrap()).1, "[[step]]\nget = \"/b\"");
    }
}
