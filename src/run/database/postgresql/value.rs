//! PostgreSQL's values and ours, from the binary form in which they come (its `*_send` functions).

use std::error::Error;
use std::net::{Ipv4Addr, Ipv6Addr};

use tokio_postgres::types::{FromSql, Kind, Type};

use super::numeric::read_numeric;
use super::reader::Reader;
use super::{shape, time};
use crate::evidence::Value;

/// A stored value as it came; none is `NULL`.
pub(super) struct Stored<'a>(pub(super) Option<&'a [u8]>);

impl<'a> FromSql<'a> for Stored<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Some(raw)))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// What a stored value is for us.
///
/// Dates and times are ISO 8601, instants in UTC; an interval an ISO 8601 duration; an array a list, a composite a table;
/// ranges, networks, bits and shapes the text that PostgreSQL writes. What is not known here is told by length and hash,
/// as binary data is.
pub(super) fn read_value(kind: &Type, raw: Option<&[u8]>) -> Value {
    match raw {
        None => Value::Null,
        Some(raw) => read_known(kind, raw).unwrap_or_else(|| Value::of_bytes(raw)),
    }
}

/// What PostgreSQL calls a type.
pub(super) fn type_name(kind: &Type) -> String {
    match kind.kind() {
        Kind::Array(item) => format!("{}[]", type_name(item)),
        _ => kind.name().to_owned(),
    }
}

fn read_known(kind: &Type, raw: &[u8]) -> Option<Value> {
    match kind.kind() {
        Kind::Domain(inner) => read_known(inner, raw),
        Kind::Enum(_) => read_text(raw),
        Kind::Array(_) => read_array(raw, kind),
        Kind::Range(item) => read_range(item, raw).map(Value::Text),
        Kind::Multirange(item) => {
            let mut reader = Reader(raw);
            let count = reader.length()?;
            (0..count)
                .map(|_| read_range(item, reader.field()??).map(Value::Text))
                .collect::<Option<_>>()
                .map(Value::List)
        }
        Kind::Composite(fields) => {
            let mut reader = Reader(raw);
            reader.length()?;
            let mut table = serde_json::Map::new();
            for field in fields {
                reader.u32()?;
                table.insert(field.name().to_owned(), read_value(field.type_(), reader.field()?).to_json());
            }
            Some(Value::Table(table))
        }
        _ => read_simple(kind, raw),
    }
}

fn read_simple(kind: &Type, raw: &[u8]) -> Option<Value> {
    let mut reader = Reader(raw);
    Some(match *kind {
        // A `char(n)` is filled up with spaces that do not count (PostgreSQL, "Character Types").
        Type::BPCHAR => Value::text(std::str::from_utf8(raw).ok()?.trim_end_matches(' ')),
        Type::UUID => Value::Text(read_uuid(raw)?),
        Type::JSON => read_json(raw)?,
        Type::JSONB => read_json(raw.strip_prefix(&[1])?)?,
        Type::JSONPATH => return read_text(raw.strip_prefix(&[1])?),
        Type::INET | Type::CIDR => Value::Text(read_network(reader)?),
        Type::MACADDR | Type::MACADDR8 => {
            Value::Text(raw.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":"))
        }
        Type::BIT | Type::VARBIT => {
            let count = reader.length()?;
            let bytes = reader.0;
            let is_set = |at: usize| bytes.get(at / 8).map(|byte| byte >> (7 - at % 8) & 1 == 1);
            Value::Text(
                (0..count)
                    .map(|at| is_set(at).map(|bit| if bit { '1' } else { '0' }))
                    .collect::<Option<_>>()?,
            )
        }
        Type::PG_LSN => {
            let place = reader.u64()?;
            Value::Text(format!("{:X}/{:X}", place >> 32, place & 0xFFFF_FFFF))
        }
        Type::TID => Value::Text(format!("({},{})", reader.u32()?, reader.u16()?)),
        Type::TEXT
        | Type::VARCHAR
        | Type::NAME
        | Type::CHAR
        | Type::UNKNOWN
        | Type::XML
        | Type::VOID
        | Type::CSTRING
        | Type::REFCURSOR => return read_text(raw),
        Type::RECORD => shape::read_record(reader)?,
        Type::TS_VECTOR => Value::Text(shape::read_words(reader)?),
        Type::POINT | Type::LSEG | Type::BOX | Type::CIRCLE | Type::LINE | Type::PATH | Type::POLYGON => {
            Value::Text(shape::read_shape(kind, reader)?)
        }
        _ => {
            return read_number(kind, reader)
                .or_else(|| time::read_time(kind, reader))
                .or_else(|| read_extension(kind.name(), raw));
        }
    })
}

fn read_number(kind: &Type, mut reader: Reader<'_>) -> Option<Value> {
    Some(match *kind {
        Type::BOOL => Value::Bool(reader.byte()? != 0),
        Type::INT2 => Value::Integer(reader.i16()?.into()),
        Type::INT4 => Value::Integer(reader.i32()?.into()),
        Type::INT8 => Value::Integer(reader.i64()?),
        Type::OID
        | Type::XID
        | Type::CID
        | Type::REGCLASS
        | Type::REGTYPE
        | Type::REGPROC
        | Type::REGROLE
        | Type::REGNAMESPACE
        | Type::REGOPER
        | Type::REGPROCEDURE => Value::Integer(reader.u32()?.into()),
        Type::XID8 => {
            let number = reader.u64()?;
            i64::try_from(number).map_or(Value::Unsigned(number), Value::Integer)
        }
        // The shortest text that means this single-precision number, and not the neighbour that a double would show.
        Type::FLOAT4 => write_float(reader.f32()?.to_string().parse().ok()?),
        Type::FLOAT8 => write_float(reader.f64()?),
        Type::NUMERIC => read_numeric(reader)?,
        Type::MONEY => {
            let cents = reader.i64()?;
            let sign = if cents < 0 { "-" } else { "" };
            let cents = cents.unsigned_abs();
            Value::Decimal { decimal: format!("{sign}{}.{:02}", cents / 100, cents % 100) }
        }
        _ => return None,
    })
}

/// Types of extensions, whose numbers differ from one database to the next.
fn read_extension(name: &str, raw: &[u8]) -> Option<Value> {
    match name {
        "citext" => read_text(raw),
        "ltree" | "lquery" | "ltxtquery" => read_text(raw.strip_prefix(&[1])?),
        "hstore" => {
            let mut reader = Reader(raw);
            let mut table = serde_json::Map::new();
            for _ in 0..reader.length()? {
                let key = std::str::from_utf8(reader.field()??).ok()?.to_owned();
                let value = reader.field()?.map(read_text).map_or(Some(Value::Null), |text| text)?;
                table.insert(key, value.to_json());
            }
            Some(Value::Table(table))
        }
        _ => None,
    }
}

fn read_text(raw: &[u8]) -> Option<Value> {
    std::str::from_utf8(raw).ok().map(Value::text)
}

fn read_json(raw: &[u8]) -> Option<Value> {
    serde_json::from_slice(raw).ok().map(|json| Value::from_json(&json))
}

/// JSON has no form for what is no number.
fn write_float(float: f64) -> Value {
    match float {
        _ if float.is_nan() => Value::text("NaN"),
        _ if float.is_infinite() => Value::text(if float > 0.0 { "Infinity" } else { "-Infinity" }),
        float => Value::Float(float),
    }
}

fn read_uuid(raw: &[u8]) -> Option<String> {
    let bytes: [u8; 16] = raw.try_into().ok()?;
    let number = format!("{:032x}", u128::from_be_bytes(bytes));
    Some([&number[..8], &number[8..12], &number[12..16], &number[16..20], &number[20..]].join("-"))
}

fn read_network(mut reader: Reader<'_>) -> Option<String> {
    let (_family, bits, is_network, length) =
        (reader.byte()?, reader.byte()?, reader.byte()?, reader.byte()?);
    let (address, most) = match length {
        4 => (Ipv4Addr::from(reader.u32()?).to_string(), 32),
        16 => (Ipv6Addr::from(<[u8; 16]>::try_from(reader.take(16)?).ok()?).to_string(), 128),
        _ => return None,
    };
    Some(if is_network == 0 && bits == most { address } else { format!("{address}/{bits}") })
}

fn read_array(raw: &[u8], kind: &Type) -> Option<Value> {
    let Kind::Array(item) = kind.kind() else { return None };
    let mut reader = Reader(raw);
    let dimensions = reader.length()?;
    reader.take(8)?;
    let mut lengths = Vec::new();
    for _ in 0..dimensions {
        lengths.push(reader.length()?);
        reader.i32()?;
    }
    if lengths.is_empty() {
        return Some(Value::List(Vec::new()));
    }
    read_items(item, &mut reader, &lengths)
}

fn read_items(item: &Type, reader: &mut Reader<'_>, lengths: &[usize]) -> Option<Value> {
    let (length, inner) = lengths.split_first()?;
    let items = (0..*length).map(|_| {
        if inner.is_empty() {
            Some(read_value(item, reader.field()?))
        } else {
            read_items(item, reader, inner)
        }
    });
    items.collect::<Option<_>>().map(Value::List)
}

/// `[1,5)`, `(,3]`, `empty` (PostgreSQL, "Range Input/Output").
fn read_range(item: &Type, raw: &[u8]) -> Option<String> {
    let mut reader = Reader(raw);
    let flags = reader.byte()?;
    if flags & 0x01 != 0 {
        return Some("empty".to_owned());
    }
    let mut bound = |is_infinite: bool| {
        if is_infinite { Some(String::new()) } else { Some(read_value(item, reader.field()?).to_text()) }
    };
    let (lower, upper) = (bound(flags & 0x08 != 0)?, bound(flags & 0x10 != 0)?);
    let (open, close) =
        (if flags & 0x02 != 0 { '[' } else { '(' }, if flags & 0x04 != 0 { ']' } else { ')' });
    Some(format!("{open}{lower},{upper}{close}"))
}
