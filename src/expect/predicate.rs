//! What must be true of an observed value.

use std::fmt;

use regex::Regex;

use super::memo::Memo;
use super::predicate_definition::{PREDICATES, PredicateDefinition, TYPE_NAMES};
use super::quantity::{parse_duration, parse_share, parse_size};
use super::schema::JsonSchema;
use super::subject_definition::Unit;
use crate::evidence::Value;

/// A predicate with what it compares with.
#[derive(Clone, Debug)]
pub enum Predicate {
    /// The same value; numbers by what they are worth.
    Equals(Value),
    /// Another value.
    Not(Value),
    /// A part of a text, or an item of a list.
    Contains(Value),
    /// No part of a text, no item of a list.
    NotContains(Value),
    /// A regular expression that matches somewhere in the text.
    Matches(Regex),
    /// A regular expression that matches nowhere.
    NotMatches(Regex),
    /// The beginning of a text.
    StartsWith(String),
    /// The end of a text.
    EndsWith(String),
    /// One of several values.
    OneOf(Vec<Value>),
    /// There is a value, or there is none.
    Exists(bool),
    /// No text, no items, `null`.
    Empty(bool),
    /// The type's name.
    Type(String),
    /// Characters of a text, items of a list.
    Length(Vec<Predicate>),
    /// Less than.
    Below(Value),
    /// More than.
    Above(Value),
    /// No more than.
    AtMost(Value),
    /// No less than.
    AtLeast(Value),
    /// From the first to the second, both included.
    Between(Value, Value),
    /// At most so far away.
    Near(f64, f64),
    /// Holds for one item of a list.
    Any(Vec<Predicate>),
    /// Holds for every item of a list.
    All(Vec<Predicate>),
    /// Holds for no item of a list.
    None(Vec<Predicate>),
    /// A JSON document that a schema describes.
    Conforms(JsonSchema),
}

/// Why a predicate cannot be built from what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PredicateError {
    /// What is wrong: lower case, says what was expected.
    pub message: String,
}

fn wrong(message: impl Into<String>) -> PredicateError {
    PredicateError { message: message.into() }
}

impl Predicate {
    /// The row of a name.
    pub fn definition_of(name: &str) -> Option<&'static PredicateDefinition> {
        PREDICATES.iter().find(|definition| definition.name == name)
    }

    /// Builds all predicates of a table such as `{ near = 512, within = 10 }`, for a subject measured in `unit`.
    ///
    /// A value that is not a table of predicates means `equals`.
    pub fn build_all(value: &Value, unit: Unit) -> Result<Vec<Self>, PredicateError> {
        let Value::Table(table) = value else {
            return Ok(vec![Self::build("equals", value, None, unit)?]);
        };
        let within = table.get("within").map(Value::from_json);
        table
            .iter()
            .filter(|(name, _)| name.as_str() != "within")
            .map(|(name, value)| Self::build(name, &Value::from_json(value), within.as_ref(), unit))
            .collect()
    }

    /// Builds one predicate by name.
    pub fn build(
        name: &str,
        value: &Value,
        within: Option<&Value>,
        unit: Unit,
    ) -> Result<Self, PredicateError> {
        let text = || match value {
            Value::Text(text) => Ok(text.clone()),
            other => Err(wrong(format!("`{name}` compares with a text, not with {}", article(other)))),
        };
        Ok(match name {
            // Of a part of a whole, `true` says that it is not nothing.
            "equals" | "not" if unit == Unit::Share && matches!(value, Value::Bool(_)) => {
                let nothing = Value::Share { share: 0.0 };
                let is_some = matches!(value, Value::Bool(true)) == (name == "equals");
                if is_some { Self::Above(nothing) } else { Self::Equals(nothing) }
            }
            "equals" => Self::Equals(read_as(value, unit)?),
            "not" => Self::Not(read_as(value, unit)?),
            "contains" => Self::Contains(value.clone()),
            "not_contains" => Self::NotContains(value.clone()),
            "matches" => Self::Matches(build_regex(&text()?)?),
            "not_matches" => Self::NotMatches(build_regex(&text()?)?),
            "starts_with" => Self::StartsWith(text()?),
            "ends_with" => Self::EndsWith(text()?),
            "one_of" => Self::OneOf(
                read_list(name, value)?.iter().map(|item| read_as(item, unit)).collect::<Result<_, _>>()?,
            ),
            "exists" => Self::Exists(read_flag(name, value)?),
            "empty" => Self::Empty(read_flag(name, value)?),
            "type" => Self::Type(read_type(&text()?)?),
            "length" => Self::Length(Self::build_all(value, Unit::Number)?),
            "below" => Self::Below(read_ordered(name, value, unit)?),
            "above" => Self::Above(read_ordered(name, value, unit)?),
            "at_most" => Self::AtMost(read_ordered(name, value, unit)?),
            "at_least" => Self::AtLeast(read_ordered(name, value, unit)?),
            "between" => {
                let [from, to] = read_list(name, value)? else {
                    return Err(wrong("`between` takes a list of two: [from, to]"));
                };
                Self::Between(read_ordered(name, from, unit)?, read_ordered(name, to, unit)?)
            }
            "near" => build_near(value, within)?,
            "any" => Self::Any(Self::build_all(value, unit.of_item())?),
            "all" => Self::All(Self::build_all(value, unit.of_item())?),
            "none" => Self::None(Self::build_all(value, unit.of_item())?),
            other => return Err(wrong(format!("there is no predicate `{other}`"))),
        })
    }
}

fn build_near(value: &Value, within: Option<&Value>) -> Result<Predicate, PredicateError> {
    let Some(near) = value.as_number() else {
        return Err(wrong("`near` compares with a number"));
    };
    let Some(within) = within.and_then(Value::as_number) else {
        return Err(wrong("`near` needs a neighbour `within`: { near = 512, within = 10 }"));
    };
    Ok(Predicate::Near(near, within))
}

static REGEXES: Memo<Regex> = Memo::new();

/// Compiles a regular expression, once for all that write the same one.
pub fn build_regex(pattern: &str) -> Result<Regex, PredicateError> {
    REGEXES.get_or_build(pattern, || Regex::new(pattern)).map_err(|error| {
        let text = error.to_string();
        let reason = text.lines().last().unwrap_or("").trim_start_matches("error: ").to_owned();
        wrong(format!("not a regular expression: {reason}"))
    })
}

fn read_type(name: &str) -> Result<String, PredicateError> {
    if TYPE_NAMES.contains(&name) {
        return Ok(name.to_owned());
    }
    Err(wrong(format!("there is no type `{name}`: expected one of {}", TYPE_NAMES.join(", "))))
}

fn read_flag(name: &str, value: &Value) -> Result<bool, PredicateError> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        other => Err(wrong(format!("`{name}` takes true or false, not {}", article(other)))),
    }
}

fn read_list<'a>(name: &str, value: &'a Value) -> Result<&'a [Value], PredicateError> {
    match value {
        Value::List(items) => Ok(items),
        other => Err(wrong(format!("`{name}` takes a list, not {}", article(other)))),
    }
}

/// Reads a text as a duration or a size where the subject is one.
fn read_as(value: &Value, unit: Unit) -> Result<Value, PredicateError> {
    match (unit, value) {
        (Unit::Duration, Value::Text(text)) => {
            parse_duration(text).map(Value::duration).ok_or_else(|| wrong(not_a_duration(text)))
        }
        (Unit::Duration, Value::Integer(_) | Value::Float(_) | Value::Bool(_) | Value::List(_)) => {
            Err(wrong("a duration needs its unit: \"800ms\", \"5s\", \"2min\""))
        }
        (Unit::Share, Value::Null | Value::Table(_)) => Ok(value.clone()),
        (Unit::Share, value) => read_share(value),
        (Unit::Size, Value::Text(text)) => {
            parse_size(text).map(|bytes| Value::Size { bytes }).ok_or_else(|| {
                wrong(format!("{text:?} is no size: expected a number with B, KiB, MiB, GiB, KB, MB or GB"))
            })
        }
        (Unit::Size, Value::Bool(_) | Value::List(_)) => {
            Err(wrong(format!("expected a size, such as \"200KiB\", not {}", article(value))))
        }
        (Unit::Number, Value::Text(_) | Value::Bool(_) | Value::List(_)) => {
            Err(wrong(format!("expected a number, not {}", article(value))))
        }
        (Unit::Flag, Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::List(_)) => {
            Err(wrong(format!("expected true or false, not {}", article(value))))
        }
        (Unit::Text, Value::Integer(_) | Value::Float(_) | Value::Bool(_) | Value::List(_)) => {
            Err(wrong(format!("expected a text in quotation marks, not {}", article(value))))
        }
        (_, Value::Float(number)) if number.is_nan() => Err(wrong("nan is equal to nothing")),
        _ => Ok(value.clone()),
    }
}

fn read_share(value: &Value) -> Result<Value, PredicateError> {
    let share = match value {
        Value::Text(text) => parse_share(text),
        other => other.as_number().filter(|number| (0.0..=1.0).contains(number)),
    };
    share.map(|share| Value::Share { share }).ok_or_else(|| {
        wrong(format!(
            "{value} is no share: expected a percentage, such as \"0.1%\", or a number from 0 to 1"
        ))
    })
}

fn not_a_duration(text: &str) -> String {
    format!("{text:?} is no duration: expected a number with ms, s, min or h")
}

fn read_ordered(name: &str, value: &Value, unit: Unit) -> Result<Value, PredicateError> {
    let value = match (unit, value) {
        // Texts have an order too, and numbers in text form are compared as numbers by the caller's unit only.
        (Unit::Any | Unit::Text | Unit::List, Value::Text(text)) => match parse_duration(text) {
            Some(duration) if unit != Unit::Text => Value::duration(duration),
            _ => value.clone(),
        },
        (Unit::Text, _) => value.clone(),
        _ => read_as(value, unit)?,
    };
    if matches!(value, Value::Text(_)) || value.as_number().is_some() {
        return Ok(value);
    }
    Err(wrong(format!("`{name}` compares with a number, a duration or a size, not with {}", article(&value))))
}

fn article(value: &Value) -> String {
    let name = value.type_name();
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    match value {
        Value::Text(text) => format!("{article} {name} ({text:?})"),
        Value::Null => name.to_owned(),
        _ => format!("{article} {name}"),
    }
}

/// What is expected, as messages show it: `contains "To-Do"`.
impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(value) => write!(f, "{value}"),
            Self::Not(value) => write!(f, "not {value}"),
            Self::Contains(value) => write!(f, "contains {value}"),
            Self::NotContains(value) => write!(f, "does not contain {value}"),
            Self::Matches(regex) => write!(f, "matches /{regex}/"),
            Self::NotMatches(regex) => write!(f, "does not match /{regex}/"),
            Self::StartsWith(text) => write!(f, "starts with {text:?}"),
            Self::EndsWith(text) => write!(f, "ends with {text:?}"),
            Self::OneOf(values) => write!(f, "one of {}", Value::List(values.clone())),
            Self::Exists(true) => f.write_str("exists"),
            Self::Exists(false) => f.write_str("does not exist"),
            Self::Empty(true) => f.write_str("is empty"),
            Self::Empty(false) => f.write_str("is not empty"),
            Self::Type(name) => write!(f, "is of type {name}"),
            Self::Length(inner) => write!(f, "length {}", Joined(inner, "")),
            Self::Below(value) => write!(f, "below {value}"),
            Self::Above(value) => write!(f, "above {value}"),
            Self::AtMost(value) => write!(f, "at most {value}"),
            Self::AtLeast(value) => write!(f, "at least {value}"),
            Self::Between(from, to) => write!(f, "between {from} and {to}"),
            Self::Near(near, within) => write!(f, "near {near}, within {within}"),
            Self::Any(inner) => write!(f, "any {}", Joined(inner, "equal to ")),
            Self::All(inner) => write!(f, "all {}", Joined(inner, "equal to ")),
            Self::None(inner) => write!(f, "none {}", Joined(inner, "equal to ")),
            Self::Conforms(schema) => write!(f, "conforms to {}", schema.name()),
        }
    }
}

/// Predicates, and what stands before a value that must be equal.
struct Joined<'a>(&'a [Predicate], &'static str);

impl fmt::Display for Joined<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, predicate) in self.0.iter().enumerate() {
            let separator = if index > 0 { " and " } else { "" };
            let verb = if matches!(predicate, Predicate::Equals(_)) { self.1 } else { "" };
            write!(f, "{separator}{verb}{predicate}")?;
        }
        Ok(())
    }
}
