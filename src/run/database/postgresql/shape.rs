//! PostgreSQL's rarer types as the text that it writes itself: shapes, search words, records without a name.

use std::fmt::Write as _;

use tokio_postgres::types::Type;

use super::reader::Reader;
use super::value::read_value;
use crate::evidence::Value;

/// The fields of a `row(…)` as a list.
pub(super) fn read_record(mut reader: Reader<'_>) -> Option<Value> {
    let count = reader.length()?;
    let fields = (0..count).map(|_| {
        let kind = Type::from_oid(reader.u32()?)?;
        Some(read_value(&kind, reader.field()?))
    });
    fields.collect::<Option<_>>().map(Value::List)
}

/// A `tsvector`: `'word':1A,3 'other'`.
pub(super) fn read_words(mut reader: Reader<'_>) -> Option<String> {
    let mut words = Vec::new();
    for _ in 0..reader.length()? {
        let end = reader.0.iter().position(|byte| *byte == 0)?;
        let word = std::str::from_utf8(reader.take(end)?).ok()?.replace('\'', "''");
        reader.byte()?;
        let mut text = format!("'{word}'");
        for index in 0..reader.u16()? {
            let place = reader.u16()?;
            let weight = ["", "C", "B", "A"][usize::from(place >> 14)];
            let _ = write!(text, "{}{}{weight}", if index == 0 { ':' } else { ',' }, place & 0x3FFF);
        }
        words.push(text);
    }
    Some(words.join(" "))
}

/// `(1,2)`, `[(1,2),(3,4)]`, `<(1,2),3>` and so on (PostgreSQL, "Geometric Types").
pub(super) fn read_shape(kind: &Type, mut reader: Reader<'_>) -> Option<String> {
    let point = |reader: &mut Reader<'_>| Some(format!("({},{})", reader.f64()?, reader.f64()?));
    let points = |reader: &mut Reader<'_>, count: usize| {
        (0..count).map(|_| point(reader)).collect::<Option<Vec<_>>>().map(|points| points.join(","))
    };
    Some(match *kind {
        Type::POINT => point(&mut reader)?,
        Type::LSEG => format!("[{}]", points(&mut reader, 2)?),
        Type::BOX => points(&mut reader, 2)?,
        Type::CIRCLE => format!("<{},{}>", point(&mut reader)?, reader.f64()?),
        Type::LINE => format!("{{{},{},{}}}", reader.f64()?, reader.f64()?, reader.f64()?),
        Type::PATH => {
            let is_closed = reader.byte()? != 0;
            let count = reader.length()?;
            let inner = points(&mut reader, count)?;
            if is_closed { format!("({inner})") } else { format!("[{inner}]") }
        }
        Type::POLYGON => {
            let count = reader.length()?;
            format!("({})", points(&mut reader, count)?)
        }
        _ => return None,
    })
}
