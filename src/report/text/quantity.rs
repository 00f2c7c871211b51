//! Times, amounts and counts as people read them.

/// Seconds with two decimals, minutes from the first one on: `0.31s`, `12.04s`, `2m 05s`.
pub(in crate::report) fn render_seconds(milliseconds: f64) -> String {
    let seconds = milliseconds.max(0.0) / 1_000.0;
    if seconds < 59.995 {
        return format!("{seconds:.2}s");
    }
    let whole = seconds.round();
    format!("{:.0}m {:02.0}s", (whole / 60.0).floor(), whole % 60.0)
}

/// Milliseconds below a second, seconds above: `4.2ms`, `312ms`, `2.10s`.
pub(in crate::report) fn render_milliseconds(milliseconds: f64) -> String {
    match milliseconds {
        ms if ms >= 999.5 => render_seconds(ms),
        ms if ms >= 9.95 => format!("{ms:.0}ms"),
        ms => format!("{ms:.1}ms"),
    }
}

/// Bytes as people read them: `512 bytes`, `1.2 KiB`.
#[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
pub(super) fn render_bytes(bytes: u64) -> String {
    const KIB: f64 = 1024.0;
    let exact = bytes as f64;
    match exact {
        _ if bytes == 1 => "1 byte".to_owned(),
        small if small < KIB => format!("{bytes} bytes"),
        middle if middle < KIB * KIB => format!("{:.1} KiB", middle / KIB),
        large => format!("{:.1} MiB", large / KIB / KIB),
    }
}

/// A number with its noun: `1 step`, `3 steps`.
pub(in crate::report) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_amounts_are_short() {
        assert_eq!(render_seconds(312.4), "0.31s");
        assert_eq!(render_seconds(59_994.0), "59.99s");
        assert_eq!(render_seconds(59_999.0), "1m 00s");
        assert_eq!(render_seconds(125_000.0), "2m 05s");
        assert_eq!(render_milliseconds(4.21), "4.2ms");
        assert_eq!(render_milliseconds(999.6), "1.00s");
        assert_eq!(render_bytes(1_300), "1.3 KiB");
    }
}
