//! MariaDB's and MySQL's values and ours.

use mysql_async::consts::{ColumnFlags, ColumnType};
use mysql_async::{Column, Value as SqlValue};

use super::super::server::{write_date, write_time};
use super::super::spec_error;
use crate::evidence::Value;
use crate::verdict::StepError;

/// The character set of what is not text.
pub(super) const BINARY: u16 = 63;

/// The values of the parameters in the order of their placeholders.
///
/// A truth value is 1 or 0, as in the database's own SQL; a length of time its milliseconds, a size its bytes; an exact
/// decimal its text, which the database turns into a number without loss; a list or a table its JSON.
pub(super) fn bind_values(names: &[String], given: &[(String, Value)]) -> Result<Vec<SqlValue>, StepError> {
    let find = |name: &String| given.iter().find(|(given, _)| given == name);
    names.iter().filter_map(find).map(|(name, value)| bind_value(name, value)).collect()
}

fn bind_value(name: &str, value: &Value) -> Result<SqlValue, StepError> {
    let text = |text: String| SqlValue::Bytes(text.into_bytes());
    Ok(match value {
        Value::Null => SqlValue::NULL,
        Value::Bool(flag) => SqlValue::Int(i64::from(*flag)),
        Value::Integer(integer) => SqlValue::Int(*integer),
        Value::Unsigned(unsigned) | Value::Size { bytes: unsigned } => SqlValue::UInt(*unsigned),
        Value::Float(float) => SqlValue::Double(*float),
        Value::Duration { ms: number } | Value::Share { share: number } => SqlValue::Double(*number),
        Value::Text(content) => text(content.clone()),
        Value::Decimal { decimal } => text(decimal.clone()),
        Value::List(_) | Value::Table(_) => text(value.to_json().to_string()),
        Value::Binary { .. } => {
            return Err(spec_error(format!(
                "`params.{name}` is binary data, of which only the hash is known"
            ))
            .help("compare in SQL instead, for example with hex(column)"));
        }
    })
}

/// What a stored value is for us, and how many bytes it takes.
///
/// `boolean`, which is `tinyint(1)`, and `bit(1)` are truth values where they hold 0 or 1; other bits are a number.
/// Dates and times are as the session sees them: the server's time zone stays as it is. Text is UTF-8; what is not text
/// is told by length and hash, but for MariaDB's `uuid`, `inet4` and `inet6`, which it calls binary.
pub(super) fn read_value(stored: SqlValue, column: &Column) -> (Value, usize) {
    match stored {
        SqlValue::NULL => (Value::Null, 1),
        SqlValue::Int(flag @ (0 | 1)) if is_boolean(column) => (Value::Bool(flag == 1), 8),
        SqlValue::Int(integer) => (Value::Integer(integer), 8),
        SqlValue::UInt(unsigned) => {
            (i64::try_from(unsigned).map_or(Value::Unsigned(unsigned), Value::Integer), 8)
        }
        // The shortest text that means this single-precision number, and not the neighbour that a double would show.
        SqlValue::Float(float) => (Value::Float(float.to_string().parse().unwrap_or(f64::from(float))), 8),
        SqlValue::Double(float) => (Value::Float(float), 8),
        SqlValue::Date(year, month, day, hour, minute, second, micros) => {
            let mut text = write_date(i64::from(year), u32::from(month), u32::from(day));
            if !matches!(column.column_type(), ColumnType::MYSQL_TYPE_DATE | ColumnType::MYSQL_TYPE_NEWDATE) {
                text.push('T');
                text.push_str(&write_time(hour.into(), minute.into(), second.into(), micros.into()));
            }
            (Value::Text(text), 32)
        }
        SqlValue::Time(is_negative, days, hours, minutes, seconds, micros) => {
            let hours = u64::from(days) * 24 + u64::from(hours);
            let sign = if is_negative { "-" } else { "" };
            (
                Value::Text(format!(
                    "{sign}{}",
                    write_time(hours, minutes.into(), seconds.into(), micros.into())
                )),
                32,
            )
        }
        SqlValue::Bytes(bytes) => {
            let size = bytes.len();
            (read_bytes(bytes, column), size)
        }
    }
}

fn is_boolean(column: &Column) -> bool {
    column.column_type() == ColumnType::MYSQL_TYPE_TINY && column.column_length() == 1
}

fn read_bytes(bytes: Vec<u8>, column: &Column) -> Value {
    match column.column_type() {
        ColumnType::MYSQL_TYPE_BIT => read_bits(&bytes, column.column_length()),
        ColumnType::MYSQL_TYPE_GEOMETRY => Value::of_bytes(&bytes),
        kind => match String::from_utf8(bytes) {
            Err(error) => Value::of_bytes(error.as_bytes()),
            Ok(text) => match kind {
                ColumnType::MYSQL_TYPE_DECIMAL | ColumnType::MYSQL_TYPE_NEWDECIMAL => {
                    Value::Decimal { decimal: text }
                }
                ColumnType::MYSQL_TYPE_JSON => read_json(&text),
                _ if column.character_set() == BINARY && !is_text_called_binary(&text, column) => {
                    Value::of_bytes(text.as_bytes())
                }
                _ => Value::Text(text),
            },
        },
    }
}

fn read_bits(bytes: &[u8], bits: u32) -> Value {
    let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    match (bits, i64::try_from(number)) {
        (1, _) => Value::Bool(number == 1),
        (_, Ok(integer)) => Value::Integer(integer),
        (_, Err(_)) => Value::Unsigned(number),
    }
}

/// Whether it is a `uuid`, an `inet6` or an `inet4`: the lengths are those that the server tells for these types.
fn is_text_called_binary(text: &str, column: &Column) -> bool {
    match (column.column_type(), column.column_length()) {
        (ColumnType::MYSQL_TYPE_STRING, 36) => {
            text.len() == 36
                && text.char_indices().all(|(at, character)| {
                    if [8, 13, 18, 23].contains(&at) {
                        character == '-'
                    } else {
                        character.is_ascii_hexdigit()
                    }
                })
        }
        (ColumnType::MYSQL_TYPE_STRING, 39) => text.parse::<std::net::Ipv6Addr>().is_ok(),
        (ColumnType::MYSQL_TYPE_STRING, 15) => text.parse::<std::net::Ipv4Addr>().is_ok(),
        _ => false,
    }
}

/// The value of a JSON text; the text itself where it is none.
pub(super) fn read_json(text: &str) -> Value {
    serde_json::from_str(text).map_or_else(|_| Value::text(text), |json| Value::from_json(&json))
}

/// What the database calls a column's type.
pub(super) fn type_name(column: &Column) -> String {
    let is_text = column.character_set() != BINARY;
    let flags = column.flags();
    let name = match column.column_type() {
        ColumnType::MYSQL_TYPE_TINY if is_boolean(column) => "boolean",
        ColumnType::MYSQL_TYPE_TINY => "tinyint",
        ColumnType::MYSQL_TYPE_SHORT => "smallint",
        ColumnType::MYSQL_TYPE_INT24 => "mediumint",
        ColumnType::MYSQL_TYPE_LONG => "int",
        ColumnType::MYSQL_TYPE_LONGLONG => "bigint",
        ColumnType::MYSQL_TYPE_FLOAT => "float",
        ColumnType::MYSQL_TYPE_DOUBLE => "double",
        ColumnType::MYSQL_TYPE_DECIMAL | ColumnType::MYSQL_TYPE_NEWDECIMAL => "decimal",
        ColumnType::MYSQL_TYPE_YEAR => return "year".to_owned(),
        ColumnType::MYSQL_TYPE_BIT => return "bit".to_owned(),
        ColumnType::MYSQL_TYPE_DATE | ColumnType::MYSQL_TYPE_NEWDATE => "date",
        ColumnType::MYSQL_TYPE_TIME | ColumnType::MYSQL_TYPE_TIME2 => "time",
        ColumnType::MYSQL_TYPE_DATETIME | ColumnType::MYSQL_TYPE_DATETIME2 => "datetime",
        ColumnType::MYSQL_TYPE_TIMESTAMP | ColumnType::MYSQL_TYPE_TIMESTAMP2 => "timestamp",
        ColumnType::MYSQL_TYPE_JSON => "json",
        ColumnType::MYSQL_TYPE_GEOMETRY => "geometry",
        ColumnType::MYSQL_TYPE_NULL => "null",
        _ if flags.contains(ColumnFlags::ENUM_FLAG) => "enum",
        _ if flags.contains(ColumnFlags::SET_FLAG) => "set",
        ColumnType::MYSQL_TYPE_STRING if is_text => "char",
        ColumnType::MYSQL_TYPE_STRING => match column.column_length() {
            36 => "uuid",
            39 => "inet6",
            15 => "inet4",
            _ => "binary",
        },
        ColumnType::MYSQL_TYPE_VAR_STRING | ColumnType::MYSQL_TYPE_VARCHAR if is_text => "varchar",
        ColumnType::MYSQL_TYPE_VAR_STRING | ColumnType::MYSQL_TYPE_VARCHAR => "varbinary",
        _ if is_text => "text",
        _ => "blob",
    };
    let is_number = flags.contains(ColumnFlags::NUM_FLAG) || matches!(name, "tinyint" | "int" | "bigint");
    if flags.contains(ColumnFlags::UNSIGNED_FLAG) && is_number {
        format!("{name} unsigned")
    } else {
        name.to_owned()
    }
}
