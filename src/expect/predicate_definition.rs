//! The table of predicates: what each compares with, and of which subjects it can be said.

use super::subject_definition::Unit;

/// What a predicate's value looks like in a spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Any value.
    Value,
    /// A text.
    Text,
    /// A regular expression.
    Regex,
    /// A number, duration or size.
    Ordered,
    /// Two of them.
    OrderedPair,
    /// A number, with the neighbour `within`.
    Near,
    /// True or false.
    Flag,
    /// A list of values.
    List,
    /// A number, or a table of predicates.
    NumberOrPredicates,
    /// A value, or a table of predicates.
    Predicates,
    /// A type's name.
    TypeName,
}

/// One row of the table of predicates.
pub struct PredicateDefinition {
    /// The key in a spec.
    pub name: &'static str,
    /// What its value looks like.
    pub argument: Argument,
    /// The units of the subjects that it can be said of.
    pub units: &'static [Unit],
    /// One line for people.
    pub doc: &'static str,
}

const EVERY: &[Unit] =
    &[Unit::Text, Unit::Number, Unit::Flag, Unit::Duration, Unit::Share, Unit::Size, Unit::List, Unit::Any];
/// What is measured is never the same twice: of a duration only limits can be said.
const EXACT: &[Unit] =
    &[Unit::Text, Unit::Number, Unit::Flag, Unit::Share, Unit::Size, Unit::List, Unit::Any];
const EXACT_OR_SCHEMA: &[Unit] =
    &[Unit::Text, Unit::Number, Unit::Flag, Unit::Share, Unit::Size, Unit::List, Unit::Any, Unit::Schema];
const TEXTS: &[Unit] = &[Unit::Text, Unit::Any];
const TEXTS_AND_LISTS: &[Unit] = &[Unit::Text, Unit::List, Unit::Any];
const ORDERED: &[Unit] = &[Unit::Number, Unit::Duration, Unit::Share, Unit::Size, Unit::Any];
const NUMBERS: &[Unit] = &[Unit::Number, Unit::Any];
/// Of a subject with another unit they can be said where it can have several values: `element."p".x.all`.
const LISTS: &[Unit] = &[Unit::List, Unit::Any];

/// All predicates. The only source of what exists.
pub const PREDICATES: &[PredicateDefinition] = &[
    row("equals", Argument::Value, EXACT_OR_SCHEMA, "is the same value; also written `SUBJECT = value`"),
    row("not", Argument::Value, EXACT, "is another value"),
    row("contains", Argument::Value, TEXTS_AND_LISTS, "contains this part or this item"),
    row("not_contains", Argument::Value, TEXTS_AND_LISTS, "does not contain this part or this item"),
    row("matches", Argument::Regex, TEXTS, "has a part that this regular expression matches"),
    row("not_matches", Argument::Regex, TEXTS, "has no part that this regular expression matches"),
    row("starts_with", Argument::Text, TEXTS, "begins with this text"),
    row("ends_with", Argument::Text, TEXTS, "ends with this text"),
    row("one_of", Argument::List, EXACT, "is one of these values"),
    row("exists", Argument::Flag, EVERY, "has a value (`false`: has none)"),
    row("empty", Argument::Flag, TEXTS_AND_LISTS, "is no text, no items or `null` (`false`: is something)"),
    row(
        "type",
        Argument::TypeName,
        &[Unit::Any],
        "is of this type: text, integer, number, boolean, list, table, null",
    ),
    row(
        "length",
        Argument::NumberOrPredicates,
        TEXTS_AND_LISTS,
        "has this length: characters of a text, items of a list",
    ),
    row("below", Argument::Ordered, ORDERED, "is less than"),
    row("above", Argument::Ordered, ORDERED, "is more than"),
    row("at_most", Argument::Ordered, ORDERED, "is no more than"),
    row("at_least", Argument::Ordered, ORDERED, "is no less than"),
    row("between", Argument::OrderedPair, ORDERED, "is from the first to the second, both included"),
    row("near", Argument::Near, NUMBERS, "is at most `within` away from this number"),
    row("any", Argument::Predicates, LISTS, "holds for at least one item"),
    row("all", Argument::Predicates, LISTS, "holds for every item, and there is at least one"),
    row("none", Argument::Predicates, LISTS, "holds for no item"),
];

/// What `type` can be compared with.
pub(super) const TYPE_NAMES: &[&str] =
    &["text", "integer", "number", "boolean", "list", "table", "null", "binary"];

const fn row(
    name: &'static str,
    argument: Argument,
    units: &'static [Unit],
    doc: &'static str,
) -> PredicateDefinition {
    PredicateDefinition { name, argument, units, doc }
}

impl PredicateDefinition {
    /// Whether it can be said of a subject that is measured in `unit`, and that can have several values or not.
    pub fn allows(&self, unit: Unit, several: bool) -> bool {
        self.units.contains(&unit) || (several && self.argument == Argument::Predicates)
    }

    /// The names of all that can be said of such a subject.
    pub fn names_for(unit: Unit, several: bool) -> Vec<&'static str> {
        PREDICATES.iter().filter(|row| row.allows(unit, several)).map(|row| row.name).collect()
    }
}
