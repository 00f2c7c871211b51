//! Parameters as text, which the server reads as the type that it has found for each.

use std::error::Error;
use std::fmt::Write as _;

use bytes::BytesMut;
use tokio_postgres::types::{Format, IsNull, Kind, ToSql, Type};

use super::super::spec_error;
use crate::evidence::Value;
use crate::verdict::StepError;

/// A value on its way; none is `NULL`.
#[derive(Debug)]
pub(super) struct Parameter(Option<String>);

impl Parameter {
    /// The text of a value for a parameter of this type.
    ///
    /// A list is an array where one is wanted, else JSON, as a table is; a length of time is an interval where one is
    /// wanted, else its milliseconds; a size its bytes.
    pub(super) fn new(name: &str, value: &Value, kind: &Type) -> Result<Self, StepError> {
        Ok(Self(Some(match value {
            Value::Null => return Ok(Self(None)),
            Value::List(items) if matches!(kind.kind(), Kind::Array(_)) => write_array(items),
            Value::List(_) | Value::Table(_) => value.to_json().to_string(),
            Value::Duration { ms } if *kind == Type::INTERVAL => format!("{ms} milliseconds"),
            Value::Duration { ms } => ms.to_string(),
            Value::Size { bytes } => bytes.to_string(),
            Value::Share { share } => share.to_string(),
            Value::Binary { .. } => {
                return Err(spec_error(format!(
                    "`params.{name}` is binary data, of which only the hash is known"
                ))
                .help("compare in SQL instead, for example with encode(column, 'hex')"));
            }
            Value::Bool(_)
            | Value::Integer(_)
            | Value::Unsigned(_)
            | Value::Float(_)
            | Value::Decimal { .. } => value.to_string(),
            Value::Text(text) if text.contains('\0') => {
                return Err(spec_error(format!(
                    "`params.{name}` holds a NUL, which PostgreSQL's texts cannot"
                )));
            }
            Value::Text(text) => text.clone(),
        })))
    }
}

/// `{1,"a b",NULL}` (PostgreSQL, "Array Input and Output Syntax").
fn write_array(items: &[Value]) -> String {
    let mut text = String::from("{");
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        match item {
            Value::Null => text.push_str("NULL"),
            Value::List(inner) => text.push_str(&write_array(inner)),
            other => {
                let content = other.to_text().replace('\\', "\\\\").replace('"', "\\\"");
                let _ = write!(text, "\"{content}\"");
            }
        }
    }
    text.push('}');
    text
}

impl ToSql for Parameter {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        Ok(match &self.0 {
            None => IsNull::Yes,
            Some(text) => {
                out.extend_from_slice(text.as_bytes());
                IsNull::No
            }
        })
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    tokio_postgres::types::to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_an_array_where_one_is_wanted() {
        let list = Value::List(vec![Value::Integer(1), Value::text("a \"b\" \\"), Value::Null]);
        let text = |kind| Parameter::new("x", &list, kind).unwrap().0.unwrap();
        assert_eq!(text(&Type::TEXT_ARRAY), r#"{"1","a \"b\" \\",NULL}"#);
        assert_eq!(text(&Type::JSONB), r#"[1,"a \"b\" \\",null]"#);
    }
}
