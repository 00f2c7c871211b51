//! Durations, sizes and shares as people write them.

use std::time::Duration;

const DURATION_UNITS: &[(&str, f64)] = &[
    ("ms", 0.001),
    ("us", 0.000_001),
    ("s", 1.0),
    ("min", 60.0),
    ("m", 60.0),
    ("h", 3_600.0),
    ("d", 86_400.0),
];

const SIZE_UNITS: &[(&str, f64)] = &[
    ("kib", 1_024.0),
    ("mib", 1_048_576.0),
    ("gib", 1_073_741_824.0),
    ("kb", 1_000.0),
    ("mb", 1_000_000.0),
    ("gb", 1_000_000_000.0),
    ("b", 1.0),
];

/// Reads `800ms`, `5s`, `1.5 min`, `2h`. None if it is not a duration; a number needs its unit.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let seconds = parse_with_units(text, DURATION_UNITS)?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// Reads `200KiB`, `1.5MB`, `16 MiB`, `512B` into bytes. None if it is not a size.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
pub fn parse_size(text: &str) -> Option<u64> {
    let bytes = parse_with_units(text, SIZE_UNITS)?.round();
    (0.0..1e18).contains(&bytes).then_some(bytes as u64)
}

/// Reads `0.1%`, `50 %`: a share from 0 to 1. None if it is none.
pub(super) fn parse_share(text: &str) -> Option<f64> {
    let percentage: f64 = text.trim().strip_suffix('%')?.trim_end().parse().ok()?;
    (0.0..=100.0).contains(&percentage).then_some(percentage / 100.0)
}

fn parse_with_units(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    let text = text.trim();
    let split = text.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    let (number, unit) = text.split_at(split);
    let factor = units.iter().find(|(name, _)| unit.trim().eq_ignore_ascii_case(name))?.1;
    number.parse::<f64>().ok().map(|number| number * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_durations_and_sizes() {
        assert_eq!(parse_duration("800ms"), Some(Duration::from_millis(800)));
        assert_eq!(parse_duration("1.5 min"), Some(Duration::from_secs(90)));
        assert_eq!(parse_duration("5"), None);
        assert_eq!(parse_duration("5 apples"), None);
        assert_eq!(parse_duration("-5s"), None);
        assert_eq!(parse_size("200KiB"), Some(204_800));
        assert_eq!(parse_size("1.5MB"), Some(1_500_000));
        assert_eq!(parse_size("7 b"), Some(7));
        assert_eq!(parse_size("1.2.3MB"), None);
        assert_eq!(parse_share("0.5 %"), Some(0.005));
        assert_eq!(parse_share("101%"), None);
        assert_eq!(parse_share("0.5"), None);
    }
}
