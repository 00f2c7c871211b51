//! One observed or expected value, with the types that databases, JSON and pages yield.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A value that an expectation can be about.
///
/// Serialises as plain JSON; durations as `{"ms": 12.5}`, shares as `{"share": 0.25}`, sizes as `{"bytes": 12}`, exact decimals as
/// `{"decimal": "1.10"}` and binary data as `{"length": 3, "sha256": "…"}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// SQL `NULL`, JSON `null`.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number that fits 64 bits with sign.
    Integer(i64),
    /// A whole number above [`i64::MAX`].
    Unsigned(u64),
    /// A floating point number.
    Float(f64),
    /// Text; dates and times as ISO 8601.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A length of time.
    Duration {
        /// Milliseconds.
        ms: f64,
    },
    /// A part of a whole.
    Share {
        /// From 0 to 1.
        share: f64,
    },
    /// An amount of bytes.
    Size {
        /// Bytes.
        bytes: u64,
    },
    /// An exact decimal number in plain notation.
    Decimal {
        /// Digits, with an optional sign and point.
        decimal: String,
    },
    /// Binary data, told by its length and hash.
    Binary {
        /// Bytes.
        length: u64,
        /// Lower-case hexadecimal SHA-256.
        sha256: String,
    },
    /// Named values in the order seen.
    Table(serde_json::Map<String, serde_json::Value>),
}

/// Milliseconds with three decimals, as reports show them.
pub fn round_milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}

impl Value {
    /// Text from anything that is text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A length of time.
    pub fn duration(duration: Duration) -> Self {
        Self::Duration { ms: round_milliseconds(duration) }
    }

    /// Binary data, of which the length and the SHA-256 are kept.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        use sha2::{Digest as _, Sha256};
        let sha256 = super::body::to_hex(&Sha256::digest(bytes));
        Self::Binary { length: bytes.len() as u64, sha256 }
    }

    /// The value of a JSON document or a part of it.
    pub fn from_json(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(flag) => Self::Bool(*flag),
            serde_json::Value::Number(number) => {
                if let Some(integer) = number.as_i64() {
                    Self::Integer(integer)
                } else if let Some(unsigned) = number.as_u64() {
                    Self::Unsigned(unsigned)
                } else {
                    Self::Float(number.as_f64().unwrap_or(f64::NAN))
                }
            }
            serde_json::Value::String(text) => Self::Text(text.clone()),
            serde_json::Value::Array(items) => Self::List(items.iter().map(Self::from_json).collect()),
            serde_json::Value::Object(map) => Self::Table(map.clone()),
        }
    }

    /// The JSON that a template or a request body gets for this value.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(flag) => (*flag).into(),
            Self::Integer(integer) => (*integer).into(),
            Self::Unsigned(unsigned) => (*unsigned).into(),
            Self::Float(float) => (*float).into(),
            Self::Text(text) => text.clone().into(),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Duration { ms } => (*ms).into(),
            Self::Share { share } => (*share).into(),
            Self::Size { bytes } => (*bytes).into(),
            Self::Decimal { decimal } => decimal.clone().into(),
            Self::Binary { sha256, .. } => sha256.clone().into(),
            Self::Table(map) => serde_json::Value::Object(map.clone()),
        }
    }

    /// How messages call this kind of value; also what the predicate `type` compares with.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Integer(_) | Self::Unsigned(_) => "integer",
            Self::Float(_) | Self::Decimal { .. } => "number",
            Self::Text(_) => "text",
            Self::List(_) => "list",
            Self::Duration { .. } => "duration",
            Self::Share { .. } => "share",
            Self::Size { .. } => "size",
            Self::Binary { .. } => "binary",
            Self::Table(_) => "table",
        }
    }

    /// Whether two values are the same, numbers by what they are worth.
    pub fn is_equal(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List(left), Self::List(right)) => {
                left.len() == right.len() && left.iter().zip(right).all(|(a, b)| a.is_equal(b))
            }
            (Self::Table(left), Self::Table(right)) => {
                left.len() == right.len()
                    && left.iter().all(|(key, a)| {
                        right.get(key).is_some_and(|b| Self::from_json(a).is_equal(&Self::from_json(b)))
                    })
            }
            (Self::Binary { sha256, .. }, Self::Text(text))
            | (Self::Text(text), Self::Binary { sha256, .. }) => sha256.eq_ignore_ascii_case(text),
            // A driver that knows a column as exact text still compares with what a person wrote as text.
            (Self::Decimal { decimal }, Self::Text(text)) | (Self::Text(text), Self::Decimal { decimal }) => {
                decimal == text
            }
            _ => match self.order(other) {
                Some(ordering) => ordering == Ordering::Equal,
                None => self == other,
            },
        }
    }

    /// The order of two numbers, durations, sizes or texts; none if they cannot be ordered.
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(left), Self::Text(right)) => Some(left.cmp(right)),
            (Self::Duration { ms: left }, Self::Duration { ms: right }) => left.partial_cmp(right),
            (Self::Size { bytes: left }, Self::Size { bytes: right }) => Some(left.cmp(right)),
            (Self::Size { bytes }, number) => Self::Unsigned(*bytes).order(number),
            (number, Self::Size { bytes }) => number.order(&Self::Unsigned(*bytes)),
            _ => match (self.as_whole(), other.as_whole()) {
                (Some(left), Some(right)) => Some(left.cmp(&right)),
                _ => match (self.as_decimal(), other.as_decimal()) {
                    (Some(left), Some(right)) => Some(order_decimals(&left, &right)),
                    _ => self.as_number()?.partial_cmp(&other.as_number()?),
                },
            },
        }
    }

    /// The number this is, if it is one; durations in milliseconds, sizes in bytes.
    #[expect(clippy::cast_precision_loss, reason = "only used where a float takes part anyway")]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Integer(integer) => Some(*integer as f64),
            Self::Unsigned(unsigned) => Some(*unsigned as f64),
            Self::Float(float) => Some(*float),
            Self::Decimal { decimal } => decimal.parse().ok(),
            Self::Duration { ms } => Some(*ms),
            Self::Share { share } => Some(*share),
            Self::Size { bytes } => Some(*bytes as f64),
            _ => None,
        }
    }

    fn as_whole(&self) -> Option<i128> {
        match self {
            Self::Integer(integer) => Some((*integer).into()),
            Self::Unsigned(unsigned) => Some((*unsigned).into()),
            _ => None,
        }
    }

    fn as_decimal(&self) -> Option<String> {
        match self {
            Self::Decimal { decimal } => Some(decimal.clone()),
            Self::Float(float) if float.is_finite() => Some(float.to_string()),
            _ => self.as_whole().map(|whole| whole.to_string()),
        }
    }

    /// Whether this counts as empty: no text, no items, or nothing at all.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Table(map) => map.is_empty(),
            Self::Binary { length, .. } => *length == 0,
            _ => false,
        }
    }

    /// The text that a template or a text predicate sees.
    pub fn to_text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Null => String::new(),
            other => other.to_string(),
        }
    }
}

/// Values as messages show them: text in quotes, the rest plain.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(flag) => write!(f, "{flag}"),
            Self::Integer(integer) => write!(f, "{integer}"),
            Self::Unsigned(unsigned) => write!(f, "{unsigned}"),
            Self::Float(float) => write!(f, "{float}"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::List(items) => {
                f.write_char('[')?;
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{item}")?;
                }
                f.write_char(']')
            }
            Self::Duration { ms } if *ms >= 10_000.0 => write!(f, "{:.1}s", ms / 1_000.0),
            Self::Duration { ms } if *ms >= 10.0 || ms.fract() == 0.0 => write!(f, "{ms:.0}ms"),
            Self::Duration { ms } => write!(f, "{ms:.1}ms"),
            Self::Share { share } => f.write_str(&show_percentage(*share)),
            Self::Size { bytes } => write!(f, "{bytes} bytes"),
            Self::Decimal { decimal } => f.write_str(decimal),
            Self::Binary { length, sha256 } => write!(f, "{length} bytes, sha256 {sha256}"),
            Self::Table(map) => write!(f, "{}", serde_json::Value::Object(map.clone())),
        }
    }
}

/// A share as a percentage with two digits that count, at least: `12.5%`, `0.0038%`.
fn show_percentage(share: f64) -> String {
    let percentage = share * 100.0;
    let mut decimals = 2;
    let mut smallest = 0.1;
    while percentage > 0.0 && percentage < smallest && decimals < 9 {
        decimals += 1;
        smallest /= 10.0;
    }
    let text = format!("{percentage:.decimals$}");
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Orders two decimal numbers in plain notation by value, however many digits they have.
fn order_decimals(left: &str, right: &str) -> Ordering {
    let parts = |text: &str| {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let digits = digits.trim_start_matches('+');
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let whole = whole.trim_start_matches('0').to_owned();
        let fraction = fraction.trim_end_matches('0').to_owned();
        let zero = whole.is_empty() && fraction.is_empty();
        (negative && !zero, whole, fraction)
    };
    let (left_negative, left_whole, left_fraction) = parts(left);
    let (right_negative, right_whole, right_fraction) = parts(right);
    let magnitude = left_whole
        .len()
        .cmp(&right_whole.len())
        .then_with(|| left_whole.cmp(&right_whole))
        .then_with(|| left_fraction.cmp(&right_fraction));
    match (left_negative, right_negative) {
        (false, false) => magnitude,
        (true, true) => magnitude.reverse(),
        (false, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Value {
        Value::Decimal { decimal: text.to_owned() }
    }

    #[test]
    fn numbers_compare_by_what_they_are_worth() {
        assert!(Value::Integer(1).is_equal(&Value::Float(1.0)));
        assert!(decimal("1.10").is_equal(&Value::Float(1.1)));
        assert!(decimal("-0.0").is_equal(&Value::Integer(0)));
        assert!(!Value::Integer(1).is_equal(&Value::text("1")));
        assert!(Value::Unsigned(u64::MAX).order(&Value::Integer(i64::MAX)) == Some(Ordering::Greater));
        assert_eq!(decimal("10").order(&decimal("9.99")), Some(Ordering::Greater));
        assert_eq!(decimal("-10").order(&decimal("-9.99")), Some(Ordering::Less));
        assert_eq!(decimal("0.30000000000000000001").order(&decimal("0.3")), Some(Ordering::Greater));
    }

    #[test]
    fn shares_are_shown_as_percentages() {
        for (share, shown) in [
            (0.0, "0%"),
            (1.0, "100%"),
            (0.125, "12.5%"),
            (0.001, "0.1%"),
            (0.000_038_4, "0.0038%"),
            (1e-6, "0.0001%"),
        ] {
            assert_eq!(Value::Share { share }.to_string(), shown);
        }
    }

    #[test]
    fn every_kind_survives_json() {
        let values = [
            Value::Null,
            Value::Bool(true),
            Value::Integer(-3),
            Value::Unsigned(u64::MAX),
            Value::Float(1.5),
            Value::text("a"),
            Value::List(vec![Value::Null, Value::Integer(1)]),
            Value::Duration { ms: 12.5 },
            Value::Share { share: 0.25 },
            Value::Size { bytes: 7 },
            decimal("1.10"),
            Value::Binary { length: 3, sha256: "ab".to_owned() },
            Value::Table(serde_json::Map::from_iter([("k".to_owned(), serde_json::json!([1]))])),
        ];
        for value in values {
            let json = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value, "{json}");
        }
    }
}
