//! What is different each time.

use minijinja::{Error, ErrorKind, Value};

/// 64 random bits.
fn random_bits() -> u64 {
    // A ULID has 80 random bits below its time.
    let bits = ulid::Ulid::generate().random();
    u64::try_from(bits & u128::from(u64::MAX)).unwrap_or_default()
}

/// One item of a list, one character of a text, or a whole number from 0 to below the one given.
pub(super) fn pick(value: &Value) -> Result<Value, Error> {
    let refused = || {
        Error::new(
            ErrorKind::InvalidOperation,
            "`random` takes a list, a text or a number above 0, not empty",
        )
    };
    if let Ok(below) = u64::try_from(value.clone()) {
        return random_bits().checked_rem(below).map(Value::from).ok_or_else(refused);
    }
    let items: Vec<Value> = match value.as_str() {
        Some(text) => text.chars().map(Value::from).collect(),
        None => value.try_iter().map_err(|_| refused())?.collect(),
    };
    let position = random_bits().checked_rem(items.len() as u64).ok_or_else(refused)?;
    usize::try_from(position).ok().and_then(|position| items.get(position).cloned()).ok_or_else(refused)
}

/// A random UUID of version 4 (RFC 9562, section 5.4).
pub(super) fn make_uuid() -> String {
    let (high, low) = (random_bits(), random_bits());
    let high = (high & !0xf000) | 0x4000;
    let low = (low & !(0b11 << 62)) | (0b10 << 62);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_item_is_one_of_them_and_none_of_nothing() {
        let below: Vec<u64> =
            (0..200).map(|_| u64::try_from(pick(&Value::from(3)).unwrap()).unwrap()).collect();
        assert!(below.iter().all(|number| *number < 3));
        assert!((0..3).all(|number| below.contains(&number)));
        assert!("abc".contains(pick(&Value::from("abc")).unwrap().as_str().unwrap()));
        for nothing in [Value::from(""), Value::from(0), Value::from(-1), Value::from(Vec::<u8>::new())] {
            assert!(pick(&nothing).is_err(), "{nothing}");
        }
    }

    #[test]
    fn uuids_have_their_form_and_differ() {
        let form = regex::Regex::new("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
            .unwrap();
        let all: std::collections::BTreeSet<String> = (0..100).map(|_| make_uuid()).collect();
        assert!(all.len() == 100 && all.iter().all(|one| form.is_match(one)));
    }
}
