//! PostgreSQL's exact numbers: digits to the base 10,000 (`numeric.c`, `numeric_send`).

use std::fmt::Write as _;

use super::reader::Reader;
use crate::evidence::Value;

/// How many decimal digits one stored digit holds.
const WIDTH: usize = 4;

/// A `numeric` in plain notation, with all the places that it is stored with; `NaN` and infinities as text.
pub(super) fn read_numeric(mut reader: Reader<'_>) -> Option<Value> {
    let count = usize::from(reader.u16()?);
    let weight = reader.i16()?;
    let sign = reader.u16()?;
    let places = usize::from(reader.u16()?);
    let special = match sign {
        0xC000 => Some("NaN"),
        0xD000 => Some("Infinity"),
        0xF000 => Some("-Infinity"),
        _ => None,
    };
    if let Some(text) = special {
        return Some(Value::text(text));
    }
    let digits: Option<Vec<u16>> = (0..count).map(|_| reader.u16()).collect();
    let digits = digits?;
    let digit = |position: i32| {
        let index = usize::try_from(i32::from(weight) - position).ok();
        index.and_then(|index| digits.get(index)).copied().unwrap_or(0)
    };
    let mut decimal = String::new();
    if sign == 0x4000 {
        decimal.push('-');
    }
    let highest = i32::from(weight).max(0);
    let _ = write!(decimal, "{}", digit(highest));
    for position in (0..highest).rev() {
        let _ = write!(decimal, "{:04}", digit(position));
    }
    if places > 0 {
        let mut fraction = String::new();
        let mut position = -1;
        while fraction.len() < places {
            let _ = write!(fraction, "{:0WIDTH$}", digit(position));
            position -= 1;
        }
        fraction.truncate(places);
        let _ = write!(decimal, ".{fraction}");
    }
    Some(Value::Decimal { decimal })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(weight: i16, sign: u16, places: u16, digits: &[u16]) -> String {
        let mut bytes = u16::try_from(digits.len()).unwrap().to_be_bytes().to_vec();
        bytes.extend(weight.to_be_bytes());
        for number in [sign, places].iter().chain(digits) {
            bytes.extend(number.to_be_bytes());
        }
        read_numeric(Reader(&bytes)).unwrap().to_text()
    }

    #[test]
    fn every_digit_is_kept() {
        assert_eq!(read(0, 0, 2, &[1, 1000]), "1.10");
        assert_eq!(read(-1, 0x4000, 6, &[12, 3400]), "-0.001234");
        assert_eq!(read(2, 0, 0, &[5]), "500000000");
        assert_eq!(read(0, 0, 0, &[]), "0");
        assert_eq!(read(-2, 0, 8, &[1]), "0.00000001");
        assert_eq!(read(0, 0xC000, 0, &[]), "NaN");
    }
}
