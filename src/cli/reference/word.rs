//! Every word that a user can write, with its doc and where it stands.

use std::sync::LazyLock;

use crate::cli::exit_code::EXIT_CODES;
use crate::expect::{Argument, ELEMENT_PROPERTIES, Family, LOCATOR_PREFIXES, PREDICATES, SUBJECTS, Unit};
use crate::spec::action::{ACTIONS, LOOK_KEYS, STEP_KEYS};
use crate::spec::filter::{FILTERS, FUNCTIONS, TESTS};
use crate::spec::{
    ALLOW_KEYS, BUILT_IN, FRAGMENT_TABLE, IMPLICIT, KeyDefinition, PROJECT_TABLES, SCENARIO_TABLE,
    TableOutline, USE_TABLE,
};

/// What kind of word it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// A key at the top of a spec.
    Scenario,
    /// A key beside every action.
    Step,
    /// A key that means an action.
    Action,
    /// A key beside some actions.
    Neighbour,
    /// A key beside `use`.
    Use,
    /// A key at the top of a fragment.
    Fragment,
    /// What an expectation looks at.
    Subject,
    /// What an expectation looks at of an element.
    ElementProperty,
    /// What must be true of it.
    Predicate,
    /// A way to name an element.
    Locator,
    /// What `allow` turns off.
    Implicit,
    /// What a pattern in `allow` is for.
    Pattern,
    /// A name that templates always have.
    Variable,
    /// A filter of templates.
    Filter,
    /// A test of templates.
    Test,
    /// A function of templates.
    Function,
    /// A key of a project file.
    Project,
    /// An exit code.
    ExitCode,
}

impl Group {
    /// All groups, in the order of the reference.
    pub const ALL: &[Self] = &[
        Self::Scenario,
        Self::Step,
        Self::Action,
        Self::Neighbour,
        Self::Use,
        Self::Fragment,
        Self::Subject,
        Self::ElementProperty,
        Self::Predicate,
        Self::Locator,
        Self::Implicit,
        Self::Pattern,
        Self::Variable,
        Self::Filter,
        Self::Test,
        Self::Function,
        Self::Project,
        Self::ExitCode,
    ];

    /// The group as a heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Scenario => "Keys of a scenario, at the top of a spec",
            Self::Step => "Keys of a step, beside every action",
            Self::Action => "Actions, of which a step has one",
            Self::Neighbour => "Keys beside some actions",
            Self::Use => "Keys of a step that uses a fragment",
            Self::Fragment => "Keys of a fragment, at the top of shared/NAME.toml",
            Self::Subject => "Subjects: what `expect` and `capture` look at",
            Self::ElementProperty => "Properties of elements: expect.element.\"LOCATOR\".PROPERTY",
            Self::Predicate => "Predicates: what must be true of a subject",
            Self::Locator => "Locators: how an element is named",
            Self::Implicit => "What holds without being asked, and `allow` turns off",
            Self::Pattern => "Patterns: allow = [{ NAME = \"PATTERN\" }]",
            Self::Variable => "Names that templates always have",
            Self::Filter => "Filters of templates: {{ value | NAME }}",
            Self::Test => "Tests of templates: value is NAME",
            Self::Function => "Functions of templates: {{ NAME() }}",
            Self::Project => "Keys of the project file smokegate.toml",
            Self::ExitCode => "Exit codes",
        }
    }

    /// One word of the group, in a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Scenario => "a key at the top of a spec",
            Self::Step => "a key of a step, beside every action",
            Self::Action => "an action",
            Self::Neighbour => "a key of a step, beside some actions",
            Self::Use => "a key of a step that uses a fragment",
            Self::Fragment => "a key at the top of a fragment",
            Self::Subject => "a subject",
            Self::ElementProperty => "a property of elements",
            Self::Predicate => "a predicate",
            Self::Locator => "a way to name an element",
            Self::Implicit => "what holds without being asked, for `allow`",
            Self::Pattern => "a pattern in a list of `allow`",
            Self::Variable => "a name that templates always have",
            Self::Filter => "a filter of templates",
            Self::Test => "a test of templates",
            Self::Function => "a function of templates",
            Self::Project => "a key of smokegate.toml",
            Self::ExitCode => "an exit code",
        }
    }
}

/// A word that a user can write.
#[derive(Clone, Debug)]
pub struct Word {
    /// What kind of word it is.
    pub group: Group,
    /// The word: `status`, `console.errors`, `3`.
    pub name: String,
    /// The word with what follows it: `header.NAME`.
    pub form: String,
    /// One line for people.
    pub doc: String,
    /// More about it: a label and what it says.
    pub facts: Vec<(&'static str, String)>,
    /// The table that a key of a project file stands in.
    pub table: Option<TableOutline>,
}

impl Word {
    fn new(group: Group, name: impl Into<String>, doc: impl Into<String>) -> Self {
        let name = name.into();
        Self { group, form: name.clone(), name, doc: doc.into(), facts: Vec::new(), table: None }
    }

    fn of_key(group: Group, key: &KeyDefinition) -> Self {
        Self::new(group, key.name, key.doc).fact("value", key.kind.expected())
    }

    fn form(mut self, argument: Option<&str>) -> Self {
        if let Some(argument) = argument {
            self.form = format!("{}.{}", self.name, quoted(argument));
        }
        self
    }

    fn fact(mut self, label: &'static str, text: impl Into<String>) -> Self {
        self.facts.push((label, text.into()));
        self
    }

    /// What is said under this label.
    pub fn says(&self, label: &str) -> &str {
        self.facts.iter().find(|(known, _)| *known == label).map_or("", |(_, text)| text)
    }
}

/// An argument that is no bare key of TOML needs quotation marks.
fn quoted(argument: &str) -> String {
    let is_bare = argument.chars().all(|sign| sign.is_ascii_alphanumeric() || "_-".contains(sign));
    if is_bare && argument != "LOCATOR" { argument.to_owned() } else { format!("\"{argument}\"") }
}

static WORDS: LazyLock<Vec<Word>> = LazyLock::new(build_words);

/// All words, group by group.
pub fn list_words() -> &'static [Word] {
    &WORDS
}

/// The words that a user means by a text: the name, with what follows it or without, in all groups that have it.
pub fn find_words(text: &str) -> Vec<&'static Word> {
    let text = text.trim();
    let plain = text.strip_prefix("expect.").unwrap_or(text);
    let found: Vec<&Word> = WORDS
        .iter()
        .filter(|word| [text, plain].iter().any(|wanted| word.name == *wanted || word.form == *wanted))
        .collect();
    if !found.is_empty() {
        return found;
    }
    // `header.location` and `text=Log in` are a word with its argument.
    let head = |word: &&Word| {
        let rest = plain.strip_prefix(word.name.as_str());
        match word.group {
            Group::Subject => word.form != word.name && rest.is_some_and(|rest| rest.starts_with('.')),
            Group::Locator => rest.is_some_and(|rest| rest.starts_with('=')),
            _ => false,
        }
    };
    WORDS.iter().filter(head).collect()
}

fn build_words() -> Vec<Word> {
    let mut words: Vec<Word> =
        SCENARIO_TABLE.keys.iter().map(|key| Word::of_key(Group::Scenario, key)).collect();
    words.extend(STEP_KEYS.iter().map(|key| Word::of_key(Group::Step, key)));
    words.extend(build_actions());
    words.extend(build_neighbours());
    words.extend(USE_TABLE.keys.iter().map(|key| Word::of_key(Group::Use, key)));
    words.extend(FRAGMENT_TABLE.keys.iter().map(|key| Word::of_key(Group::Fragment, key)));
    words.extend(build_subjects());
    words.extend(PREDICATES.iter().map(|row| {
        Word::new(Group::Predicate, row.name, row.doc)
            .fact("value", value_of(row.argument))
            .fact("said of", list_units(row.units))
    }));
    words.extend(LOCATOR_PREFIXES.iter().map(|(name, doc)| {
        let mut word = Word::new(Group::Locator, *name, *doc);
        word.form = format!("{name}=");
        word
    }));
    words.extend(IMPLICIT.iter().map(|(name, doc)| Word::new(Group::Implicit, *name, *doc)));
    words.extend(ALLOW_KEYS.iter().map(|key| Word::of_key(Group::Pattern, key)));
    words.extend(BUILT_IN.iter().flat_map(build_variables));
    for (group, table) in [(Group::Filter, FILTERS), (Group::Test, TESTS), (Group::Function, FUNCTIONS)] {
        words.extend(table.iter().map(|row| {
            let result = if row.result.is_empty() { String::new() } else { format!("{:?}", row.result) };
            Word::new(group, row.name, row.doc).fact("example", row.example).fact("result", result)
        }));
    }
    for outline in PROJECT_TABLES {
        words.extend(outline.keys.iter().map(|key| Word {
            table: Some(*outline),
            ..Word::of_key(Group::Project, key).fact("stands in", outline.title)
        }));
    }
    words.extend(EXIT_CODES.iter().map(|row| {
        Word::new(Group::ExitCode, row.code.to_string(), row.meaning)
            .fact("a gate should", row.advice)
            .fact("example", row.example)
    }));
    words
}

fn build_actions() -> impl Iterator<Item = Word> {
    ACTIONS.iter().flat_map(|definition| {
        definition.keys.iter().map(|action| {
            let beside: Vec<String> =
                definition.neighbours.iter().map(|key| format!("`{}`", key.name)).collect();
            let yields: Vec<&str> = definition.yields.iter().map(|family| family.noun()).collect();
            let repeated = if action.is_harmless { "`within` may stand beside it" } else { "" };
            Word::of_key(Group::Action, &action.key)
                .fact("beside it", beside.join(" "))
                .fact("gives", format!("the subjects of {}", yields.join(", ")))
                .fact("repeated", repeated)
        })
    })
}

/// Keys of several actions are one word where they mean the same.
fn build_neighbours() -> Vec<Word> {
    let mut found: Vec<(&KeyDefinition, Vec<String>)> = Vec::new();
    for definition in ACTIONS {
        let owners = definition.keys.iter().map(|action| format!("`{}`", action.key.name));
        for key in definition.neighbours {
            match found.iter_mut().find(|(known, _)| (known.name, known.doc) == (key.name, key.doc)) {
                Some((_, known)) => known.extend(owners.clone()),
                None => found.push((key, owners.clone().collect())),
            }
        }
    }
    let is_beside_look = |key: &KeyDefinition| LOOK_KEYS.iter().any(|known| known.name == key.name);
    found
        .into_iter()
        .map(|(key, mut owners)| {
            if is_beside_look(key) {
                owners.push("a step without an action".to_owned());
            }
            Word::of_key(Group::Neighbour, key).fact("stands beside", owners.join(" "))
        })
        .collect()
}

fn build_subjects() -> impl Iterator<Item = Word> {
    let subjects = SUBJECTS.iter().map(|row| {
        let form = if row.name == "element" { Some("LOCATOR") } else { row.argument };
        Word::new(Group::Subject, row.name, row.doc)
            .form(form)
            .fact("of", list_families(row.families))
            .fact("measured as", row.unit.noun())
    });
    let properties = ELEMENT_PROPERTIES.iter().map(|row| {
        Word::new(Group::ElementProperty, row.name, row.doc)
            .form(row.argument)
            .fact("of", list_families(row.families))
            .fact("measured as", row.unit.noun())
    });
    subjects.chain(properties)
}

fn list_families(families: &[Family]) -> String {
    families.iter().map(|family| family.noun()).collect::<Vec<_>>().join(", ")
}

fn list_units(units: &[Unit]) -> String {
    units.iter().map(|unit| unit.noun()).collect::<Vec<_>>().join(", ")
}

fn value_of(argument: Argument) -> &'static str {
    match argument {
        Argument::Value => "a value",
        Argument::Text => "a text",
        Argument::Regex => "a regular expression",
        Argument::Ordered => "a number, a duration, a size or a share",
        Argument::OrderedPair => "two of them: [from, to]",
        Argument::Near => "a number, with the neighbour `within`",
        Argument::Flag => "true or false",
        Argument::List => "a list of values",
        Argument::NumberOrPredicates => "a number, or a table of predicates",
        Argument::Predicates => "a value, or a table of predicates",
        Argument::TypeName => "a type's name",
    }
}

fn build_variables((name, properties): &(&str, &[&str])) -> Vec<Word> {
    let full = |property: &str| format!("{name}.{property}");
    match (*name, properties) {
        ("now", _) => vec![Word::new(Group::Variable, *name, doc_of_variable("now"))],
        (_, []) => {
            let mut word = Word::new(Group::Variable, *name, doc_of_variable(name));
            word.form = full("NAME");
            vec![word]
        }
        (_, properties) => properties
            .iter()
            .map(|property| Word::new(Group::Variable, full(property), doc_of_variable(&full(property))))
            .collect(),
    }
}

/// The table of names has no docs of its own, as their values are made in several rooms.
fn doc_of_variable(name: &str) -> &'static str {
    match name {
        "run.id" => "short, unique and sortable: marks what a run leaves behind",
        "run.started" => "when the run began, as RFC 3339 writes it",
        "target.name" => "the target's name; the host of a bare address",
        "target.url" => "the target's base address",
        "target.host" => "the host in it",
        "case" => "a value of the row that the scenario runs with",
        "env" => "a variable of the environment",
        "secret" => {
            "a secret, which appears in no output: from the environment, or from the file that `NAME_FILE` names"
        }
        "now" => "the time, as RFC 3339 writes it: `{{ now | date }}`",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_a_doc_and_can_be_found() {
        for word in list_words() {
            assert!(!word.doc.is_empty(), "{} has no doc", word.form);
            assert!(!word.doc.ends_with('.'), "{} ends with a full stop", word.form);
            for text in [&word.name, &word.form] {
                assert!(
                    find_words(text).iter().any(|found| found.group == word.group),
                    "{text} is not found"
                );
            }
        }
    }

    #[test]
    fn finds_a_word_with_its_argument_and_in_all_groups() {
        let groups = |text: &str| find_words(text).iter().map(|word| word.group).collect::<Vec<_>>();
        assert_eq!(groups("header.location"), [Group::Subject]);
        assert_eq!(groups("expect.status"), [Group::Subject, Group::Implicit, Group::Project]);
        assert_eq!(groups("testid=save"), [Group::Locator]);
        assert_eq!(groups("3"), [Group::ExitCode]);
        assert_eq!(groups("nothing"), []);
    }
}
