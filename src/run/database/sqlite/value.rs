//! SQLite's values and ours.

use rusqlite::types::{ToSqlOutput, Value as SqlValue, ValueRef};

use super::super::spec_error;
use crate::evidence::Value;
use crate::verdict::StepError;

/// What a parameter is bound as.
///
/// A truth value is 1 or 0, as in SQLite's own SQL; a length of time its milliseconds, a size its bytes; an exact
/// decimal its text, which a column's affinity turns into a number; a list or a table its JSON.
pub(super) fn bind_value(name: &str, value: &Value) -> Result<ToSqlOutput<'static>, StepError> {
    Ok(ToSqlOutput::Owned(match value {
        Value::Null => SqlValue::Null,
        Value::Bool(flag) => SqlValue::Integer(i64::from(*flag)),
        Value::Integer(integer) => SqlValue::Integer(*integer),
        Value::Unsigned(unsigned) | Value::Size { bytes: unsigned } => {
            SqlValue::Integer(i64::try_from(*unsigned).map_err(|_| {
                spec_error(format!("`params.{name}` is {unsigned}: SQLite's integers end at {}", i64::MAX))
            })?)
        }
        Value::Float(float) => SqlValue::Real(*float),
        Value::Duration { ms: number } | Value::Share { share: number } => SqlValue::Real(*number),
        Value::Text(text) => SqlValue::Text(text.clone()),
        Value::Decimal { decimal } => SqlValue::Text(decimal.clone()),
        Value::List(_) | Value::Table(_) => SqlValue::Text(value.to_json().to_string()),
        Value::Binary { .. } => {
            return Err(spec_error(format!(
                "`params.{name}` is binary data, of which only the hash is known"
            ))
            .help("compare in SQL instead, for example with hex(column)"));
        }
    }))
}

/// What a stored value is for us, and how many bytes it takes.
///
/// 0 and 1 in a column declared `BOOL` or `BOOLEAN` are truth values, as they are in databases that have the type;
/// everything else is as it is stored, whatever the column declares. A text that is not UTF-8 is binary data.
pub(super) fn read_value(stored: ValueRef<'_>, declared_type: &str) -> (Value, usize) {
    match stored {
        ValueRef::Null => (Value::Null, 1),
        ValueRef::Integer(flag @ (0 | 1)) if is_boolean(declared_type) => (Value::Bool(flag == 1), 8),
        ValueRef::Integer(integer) => (Value::Integer(integer), 8),
        ValueRef::Real(float) => (Value::Float(float), 8),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => (Value::text(text), bytes.len()),
            Err(_) => (Value::of_bytes(bytes), bytes.len()),
        },
        ValueRef::Blob(bytes) => (Value::of_bytes(bytes), 80),
    }
}

fn is_boolean(declared_type: &str) -> bool {
    declared_type.eq_ignore_ascii_case("boolean") || declared_type.eq_ignore_ascii_case("bool")
}
