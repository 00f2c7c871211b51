//! The options of an entry.

use super::file::Pair;
use super::request::Gathered;
use super::text::Texts;

/// Milliseconds between two tries, where Hurl is not told otherwise.
const RETRY_INTERVAL: u64 = 1000;
/// So many tries stand for "for ever".
const MANY: u64 = 60;

/// Options that belong in the target, with what they are called there.
const TARGET: &[(&str, &str)] = &[
    ("insecure", "insecure = true"),
    ("cacert", "ca = \"...\""),
    ("cert", "a client certificate"),
    ("key", "a client certificate"),
    ("proxy", "proxy = \"...\""),
    ("resolve", "resolve = \"...\""),
    ("connect-to", "resolve = \"...\""),
];

/// Options that change nothing that a spec says.
const NOTHING: &[&str] =
    &["compressed", "verbose", "very-verbose", "verbosity", "http1.1", "http2", "path-as-is"];

/// Reads one option.
pub(super) fn read_option(pair: &Pair, gathered: &mut Gathered, texts: &mut Texts) {
    let value = pair.value.as_str();
    let flag = value == "true";
    match pair.name.as_str() {
        "location" | "location-trusted" => gathered.follows = flag,
        "max-redirs" => gathered.max_redirects = value.parse().ok(),
        "max-time" => gathered.timeout = milliseconds(value, 1000).map(|ms| format!("{ms}ms")),
        "retry" => {
            gathered.retries = Some(value.parse().unwrap_or(MANY));
            if gathered.retry_interval_ms == 0 {
                gathered.retry_interval_ms = RETRY_INTERVAL;
            }
        }
        "retry-interval" => gathered.retry_interval_ms = milliseconds(value, 1).unwrap_or(RETRY_INTERVAL),
        "skip" => gathered.is_skipped = flag,
        "user" => {
            let (user, password) = value.split_once(':').unwrap_or((value, ""));
            gathered.basic_auth = Some((user.to_owned(), password.to_owned()));
        }
        "variable" => {
            let (name, value) = value.split_once('=').unwrap_or((value, ""));
            texts.set(name.trim(), value.trim().trim_matches('"'));
        }
        name if NOTHING.contains(&name) => {}
        name => match TARGET.iter().find(|(known, _)| *known == name) {
            Some((_, key)) => {
                texts.note(format!("`{name}` belongs in the target of smokegate.toml: {key}"));
            }
            None => texts.note(format!("the option `{name}` could not be carried over")),
        },
    }
}

/// `10s`, `500ms`, `2m`; a number without a unit is so many milliseconds.
fn milliseconds(text: &str, unit: u64) -> Option<u64> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..digits].parse().ok()?;
    let unit = match text[digits..].trim() {
        "" => unit,
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        _ => return None,
    };
    number.checked_mul(unit)
}
