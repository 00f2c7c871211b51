//! Dates and times as ISO 8601 writes them.

use std::fmt::Write as _;

/// `2026-11-21`; years before 1 and after 9999 with their sign, as ISO 8601 asks.
pub(in super::super) fn write_date(year: i64, month: u32, day: u32) -> String {
    match year {
        0..=9999 => format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:+05}-{month:02}-{day:02}"),
    }
}

/// `09:08:38`, with a fraction where there is one, without zeros at its end.
pub(in super::super) fn write_time(hours: u64, minutes: u64, seconds: u64, microseconds: u64) -> String {
    let mut text = format!("{hours:02}:{minutes:02}:{seconds:02}");
    if microseconds > 0 {
        let fraction = format!("{microseconds:06}");
        let _ = write!(text, ".{}", fraction.trim_end_matches('0'));
    }
    text
}

/// Year, month and day of the day that lies so many days after 1970-01-01, in the Gregorian calendar also before it
/// was used (Howard Hinnant, "chrono-compatible low-level date algorithms").
pub(in super::super) fn civil_date(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, u32::try_from(month).unwrap_or_default(), u32::try_from(day).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates_in_every_era() {
        assert_eq!(civil_date(0), (1970, 1, 1));
        assert_eq!(civil_date(-1), (1969, 12, 31));
        assert_eq!(civil_date(11_016), (2000, 2, 29));
        assert_eq!(civil_date(-719_529), (-1, 12, 31));
        assert_eq!(write_date(-44, 3, 15), "-0044-03-15");
        assert_eq!(write_date(20_000, 1, 2), "+20000-01-02");
    }

    #[test]
    fn a_fraction_stands_only_where_there_is_one() {
        assert_eq!(write_time(9, 8, 38, 0), "09:08:38");
        assert_eq!(write_time(838, 59, 59, 120_000), "838:59:59.12");
    }
}
