//! Times: as RFC 3339 writes them, or as seconds since 1970.

use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use minijinja::{Error, ErrorKind, Value};

use crate::expect::parse_duration;

fn refused(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail.into())
}

fn read_time(value: &Value) -> Result<Timestamp, Error> {
    if let Ok(seconds) = i64::try_from(value.clone()) {
        return Timestamp::from_second(seconds).map_err(|error| refused(error.to_string()));
    }
    let text = value.as_str().unwrap_or("");
    text.parse().map_err(|_| {
        refused(format!(
            "{value} is no time: expected such as \"2026-01-02T03:04:05Z\", or seconds since 1970"
        ))
    })
}

/// A time by a `strftime` format, in UTC; `%Y-%m-%d` where none is given.
pub(super) fn write_date(value: &Value, format: Option<&str>) -> Result<String, Error> {
    strtime::format(format.unwrap_or("%Y-%m-%d"), &read_time(value)?.to_zoned(TimeZone::UTC))
        .map_err(|error| refused(error.to_string()))
}

/// A time from a text by a `strptime` format.
pub(super) fn read_date(text: &str, format: &str) -> Result<String, Error> {
    let wrong = |error: jiff::Error| refused(format!("{text:?} is no time by {format:?}: {error}"));
    let parsed = strtime::parse(format, text).map_err(wrong)?;
    if parsed.offset().is_some() {
        return parsed.to_timestamp().map(|time| time.to_string()).map_err(wrong);
    }
    let local =
        parsed.to_datetime().or_else(|_| parsed.to_date().map(|date| date.at(0, 0, 0, 0))).map_err(wrong)?;
    local.to_zoned(TimeZone::UTC).map(|time| time.timestamp().to_string()).map_err(wrong)
}

pub(super) fn write_timestamp(value: &Value) -> Result<i64, Error> {
    read_time(value).map(Timestamp::as_second)
}

pub(super) fn add_to_time(value: &Value, duration: &str) -> Result<String, Error> {
    let time = read_time(value)?.checked_add(read_duration(duration)?);
    time.map(|time| time.to_string()).map_err(|error| refused(error.to_string()))
}

pub(super) fn take_from_time(value: &Value, duration: &str) -> Result<String, Error> {
    let time = read_time(value)?.checked_sub(read_duration(duration)?);
    time.map(|time| time.to_string()).map_err(|error| refused(error.to_string()))
}

fn read_duration(text: &str) -> Result<std::time::Duration, Error> {
    parse_duration(text).ok_or_else(|| {
        refused(format!("{text:?} is no duration: expected such as \"90s\", \"2h\" or \"3d\""))
    })
}

pub(super) fn count_days_after_now(value: &Value) -> Result<i64, Error> {
    Ok((read_time(value)?.as_second() - Timestamp::now().as_second()).div_euclid(86_400))
}

pub(super) fn count_days_before_now(value: &Value) -> Result<i64, Error> {
    Ok((Timestamp::now().as_second() - read_time(value)?.as_second()).div_euclid(86_400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_their_zone_and_written_in_utc() {
        assert_eq!(write_date(&Value::from(0), None).unwrap(), "1970-01-01");
        assert_eq!(write_date(&Value::from("2026-01-02T00:30:00+01:00"), Some("%H:%M")).unwrap(), "23:30");
        assert_eq!(read_date("2026-01-02 03:04 +0200", "%Y-%m-%d %H:%M %z").unwrap(), "2026-01-02T01:04:00Z");
        assert_eq!(
            read_date("Fri, 02 Jan 2026 03:04:05", "%a, %d %b %Y %T").unwrap(),
            "2026-01-02T03:04:05Z"
        );
        assert!(read_date("tea", "%Y").is_err());
        assert!(write_date(&Value::from("yesterday"), None).is_err());
        assert!(write_date(&Value::from(0), Some("%9")).is_err());
        assert!(add_to_time(&Value::from(0), "three days").is_err());
        assert!(add_to_time(&Value::from(0), "99999999d").is_err());
    }

    #[test]
    fn days_are_counted_whole() {
        let later =
            Value::from((Timestamp::now().as_second() + 86_400 * 2 + 60).to_string().parse::<i64>().unwrap());
        assert_eq!(count_days_after_now(&later).unwrap(), 2);
        assert_eq!(count_days_before_now(&later).unwrap(), -3);
    }
}
