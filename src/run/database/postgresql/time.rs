//! PostgreSQL's dates, times and intervals as ISO 8601 writes them.

use std::fmt::Write as _;

use tokio_postgres::types::Type;

use super::super::server::{civil_date, write_date, write_time};
use super::reader::Reader;
use crate::evidence::Value;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Days from 1970-01-01 to 2000-01-01, from which PostgreSQL counts.
const EPOCH: i64 = 10_957;

/// A date, a time, an instant in UTC or an interval; none for another type.
pub(super) fn read_time(kind: &Type, mut reader: Reader<'_>) -> Option<Value> {
    Some(match *kind {
        Type::DATE => Value::Text(read_date(reader.i32()?)),
        Type::TIME => Value::Text(write_clock(reader.i64()?)),
        Type::TIMETZ => {
            let clock = write_clock(reader.i64()?);
            Value::Text(format!("{clock}{}", write_offset(-reader.i32()?)))
        }
        Type::TIMESTAMP => Value::Text(read_instant(reader.i64()?, "")),
        Type::TIMESTAMPTZ => Value::Text(read_instant(reader.i64()?, "Z")),
        Type::INTERVAL => Value::Text(read_interval(reader)?),
        _ => return None,
    })
}

fn read_date(days: i32) -> String {
    match days {
        i32::MAX => "infinity".to_owned(),
        i32::MIN => "-infinity".to_owned(),
        days => write_day(i64::from(days)),
    }
}

fn write_day(days: i64) -> String {
    let (year, month, day) = civil_date(days + EPOCH);
    write_date(year, month, day)
}

fn read_instant(micros: i64, zone: &str) -> String {
    match micros {
        i64::MAX => "infinity".to_owned(),
        i64::MIN => "-infinity".to_owned(),
        micros => {
            format!("{}T{}{zone}", write_day(micros.div_euclid(DAY)), write_clock(micros.rem_euclid(DAY)))
        }
    }
}

fn write_clock(micros: i64) -> String {
    let micros = micros.unsigned_abs();
    let seconds = micros / 1_000_000;
    write_time(seconds / 3_600, seconds / 60 % 60, seconds % 60, micros % 1_000_000)
}

fn write_offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.unsigned_abs();
    let mut text = format!("{sign}{:02}:{:02}", seconds / 3_600, seconds / 60 % 60);
    if !seconds.is_multiple_of(60) {
        let _ = write!(text, ":{:02}", seconds % 60);
    }
    text
}

/// `P1Y2M3DT4H5M6.7S`, each part with its own sign, as PostgreSQL's `intervalstyle = iso_8601` writes it.
fn read_interval(mut reader: Reader<'_>) -> Option<String> {
    let (micros, days, months) = (reader.i64()?, reader.i32()?, reader.i32()?);
    let mut text = String::from("P");
    let add = |text: &mut String, amount: i64, unit: char| {
        if amount != 0 {
            let _ = write!(text, "{amount}{unit}");
        }
    };
    add(&mut text, i64::from(months / 12), 'Y');
    add(&mut text, i64::from(months % 12), 'M');
    add(&mut text, i64::from(days), 'D');
    if micros != 0 || text == "P" {
        text.push('T');
        add(&mut text, micros / 3_600_000_000, 'H');
        add(&mut text, micros / 60_000_000 % 60, 'M');
        let rest = micros % 60_000_000;
        if rest != 0 || micros == 0 {
            let sign = if rest < 0 { "-" } else { "" };
            let rest = rest.unsigned_abs();
            let fraction = format!("{:06}", rest % 1_000_000);
            let fraction = fraction.trim_end_matches('0');
            let point = if fraction.is_empty() { "" } else { "." };
            let _ = write!(text, "{sign}{}{point}{fraction}S", rest / 1_000_000);
        }
    }
    Some(text)
}
