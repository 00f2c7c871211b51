//! Expectations against what was observed.

use std::cmp::Ordering;

use super::check::Check;
use super::observe::{Observed, Observer};
use super::predicate::Predicate;
use super::subject::Subject;
use super::terms::Terms;
use crate::evidence::{CUT_MARK, Value};
use crate::source::Place;

/// How many characters of an actual value a check keeps.
const ACTUAL: usize = 2_000;

/// A subject, what must be true of it, and where that is written.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// What is looked at.
    pub subject: Subject,
    /// Each must hold, with the place where it is written.
    pub predicates: Vec<(Predicate, Place)>,
}

/// Judges an expectation: one check per predicate.
pub fn evaluate(expectation: &Expectation, observer: &Observer<'_>) -> Vec<Check> {
    let observed = observer.observe(&expectation.subject);
    let actual = shorten(&observed.to_string());
    expectation
        .predicates
        .iter()
        .map(|(predicate, place)| Check {
            subject: expectation.subject.to_string(),
            holds: holds(predicate, &observed),
            expected: predicate.to_string(),
            actual: describe_violations(predicate, &observed).unwrap_or_else(|| actual.clone()),
            place: Some(place.clone()),
            history: None,
            terms: Terms::of(predicate, &observed),
        })
        .collect()
}

/// For a schema: what in the document it does not describe, instead of the document.
fn describe_violations(predicate: &Predicate, observed: &Observed) -> Option<String> {
    match (predicate, observed) {
        (Predicate::Conforms(schema), Observed::One(document)) => {
            Some(shorten(&schema.describe(&document.to_json())))
        }
        _ => None,
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(ACTUAL) {
        Some((end, _)) => format!("{} {CUT_MARK} ({} characters)", &text[..end], text.chars().count()),
        None => text.to_owned(),
    }
}

/// Whether a predicate is true of what was observed.
///
/// Where several elements or headers were observed, it is true if it is true of one of them; a negated predicate
/// must be true of all of them.
pub fn holds(predicate: &Predicate, observed: &Observed) -> bool {
    match (predicate, observed) {
        (Predicate::Exists(wanted), observed) => *wanted != observed.is_missing(),
        (_, Observed::Missing(_)) => {
            matches!(predicate, Predicate::NotContains(_) | Predicate::NotMatches(_) | Predicate::None(_))
                && observed.is_empty_set()
        }
        (
            Predicate::Any(_) | Predicate::All(_) | Predicate::None(_),
            Observed::Several(values) | Observed::Found(values),
        ) => holds_for_list(predicate, values),
        (_, Observed::Found(values)) => holds_for_found(predicate, values),
        (
            Predicate::Not(_) | Predicate::NotContains(_) | Predicate::NotMatches(_),
            Observed::Several(values),
        ) => values.iter().all(|value| holds_for_value(predicate, value)),
        (_, Observed::Several(values)) => values.iter().any(|value| holds_for_value(predicate, value)),
        (_, Observed::One(value)) => holds_for_value(predicate, value),
    }
}

/// What a query found is a list; where it found one thing, that thing may be meant.
fn holds_for_found(predicate: &Predicate, values: &[Value]) -> bool {
    let as_list = holds_for_value(predicate, &Value::List(values.to_vec()));
    let [only] = values else { return as_list };
    match predicate {
        Predicate::Length(_) | Predicate::Empty(_) => as_list,
        Predicate::Not(_) | Predicate::NotContains(_) | Predicate::NotMatches(_) => {
            as_list && holds_for_value(predicate, only)
        }
        _ => as_list || holds_for_value(predicate, only),
    }
}

fn holds_for_list(predicate: &Predicate, values: &[Value]) -> bool {
    let each = |inner: &[Predicate], value: &Value| inner.iter().all(|one| holds_for_value(one, value));
    match predicate {
        Predicate::Any(inner) => values.iter().any(|value| each(inner, value)),
        Predicate::All(inner) => !values.is_empty() && values.iter().all(|value| each(inner, value)),
        Predicate::None(inner) => !values.iter().any(|value| each(inner, value)),
        _ => false,
    }
}

fn holds_for_value(predicate: &Predicate, value: &Value) -> bool {
    let ordered =
        |other: &Value, wanted: &[Ordering]| value.order(other).is_some_and(|order| wanted.contains(&order));
    match predicate {
        Predicate::Equals(expected) => value.is_equal(expected),
        Predicate::Not(expected) => !value.is_equal(expected),
        Predicate::Contains(part) => contains(value, part),
        Predicate::NotContains(part) => !contains(value, part),
        Predicate::Matches(regex) => regex.is_match(&value.to_text()),
        Predicate::NotMatches(regex) => !regex.is_match(&value.to_text()),
        Predicate::StartsWith(text) => value.to_text().starts_with(text),
        Predicate::EndsWith(text) => value.to_text().ends_with(text),
        Predicate::OneOf(values) => values.iter().any(|one| value.is_equal(one)),
        Predicate::Exists(wanted) => *wanted,
        Predicate::Empty(wanted) => value.is_empty() == *wanted,
        Predicate::Type(name) => {
            value.type_name() == name || (name == "number" && value.as_number().is_some())
        }
        Predicate::Length(inner) => {
            length(value).is_some_and(|length| inner.iter().all(|one| holds_for_value(one, &length)))
        }
        Predicate::Below(limit) => ordered(limit, &[Ordering::Less]),
        Predicate::Above(limit) => ordered(limit, &[Ordering::Greater]),
        Predicate::AtMost(limit) => ordered(limit, &[Ordering::Less, Ordering::Equal]),
        Predicate::AtLeast(limit) => ordered(limit, &[Ordering::Greater, Ordering::Equal]),
        Predicate::Between(from, to) => {
            ordered(from, &[Ordering::Greater, Ordering::Equal])
                && ordered(to, &[Ordering::Less, Ordering::Equal])
        }
        Predicate::Near(near, within) => {
            value.as_number().is_some_and(|number| (number - near).abs() <= *within)
        }
        Predicate::Conforms(schema) => schema.is_valid(&value.to_json()),
        Predicate::Any(_) | Predicate::All(_) | Predicate::None(_) => match value {
            Value::List(items) => holds_for_list(predicate, items),
            single => holds_for_list(predicate, std::slice::from_ref(single)),
        },
    }
}

fn contains(value: &Value, part: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().any(|item| item.is_equal(part)),
        Value::Table(map) => matches!(part, Value::Text(key) if map.contains_key(key)),
        other => other.to_text().contains(&part.to_text()),
    }
}

fn length(value: &Value) -> Option<Value> {
    let length = match value {
        Value::Text(text) => text.chars().count(),
        Value::List(items) => items.len(),
        Value::Table(map) => map.len(),
        Value::Binary { length, .. } => usize::try_from(*length).ok()?,
        _ => return None,
    };
    i64::try_from(length).ok().map(Value::Integer)
}
