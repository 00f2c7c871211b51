//! What must be true, as predicates of a spec.

use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::cursor::{decode_base64, decode_hex};
use super::file::{Assert, Operand};
use super::looked::Looked;
use super::text::Texts;
use super::words::{WordKind, refusal_of};
use crate::cli::import::model::ImportedCheck;

const IPV4: &str = r"^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$";
const IPV6: &str = r"^(?i)[0-9a-f]*:[0-9a-f:]*:[0-9a-f.:]*$";
/// RFC 3339, section 5.6.
const ISO_DATE: &str = r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$";
/// RFC 9562, section 4.
const UUID: &str = r"^(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$";

/// The check that says what an assertion says; if there is none, why.
pub(super) fn build_check(
    assert: &Assert,
    looked: &Looked,
    texts: &mut Texts,
) -> Result<ImportedCheck, String> {
    if let Some(refusal) = refusal_of(WordKind::Predicate, &assert.predicate) {
        return Err(refusal);
    }
    if looked.is_bytes || looked.encoding.is_some() || matches!(assert.value, Some(Operand::Bytes(_))) {
        return compare_bytes(assert, looked);
    }
    if let Some(pattern) = &looked.pattern {
        return compare_group(assert, looked, pattern);
    }
    let (predicate, value) = find_predicate(assert, looked, texts)?;
    let check = |predicate: &str, value: Json| ImportedCheck {
        subject: looked.subject.clone(),
        predicate: predicate.to_owned(),
        value,
    };
    if !looked.is_counted {
        return Ok(check(predicate, value));
    }
    Ok(match predicate {
        "equals" => check("length", value),
        other => check("length", json!({ other: value })),
    })
}

/// The predicate and what it compares with.
fn find_predicate(
    assert: &Assert,
    looked: &Looked,
    texts: &mut Texts,
) -> Result<(&'static str, Json), String> {
    let name = assert.predicate.as_str();
    let negated = assert.is_negated;
    let either = |yes: &'static str, no: &'static str| if negated { no } else { yes };
    if let Some(found) = find_kind(assert) {
        return found;
    }
    if (name == "==") != negated && assert.value == Some(Operand::Null) {
        return Ok(("type", Json::from("null")));
    }
    let value = build_value(assert, looked, texts)?;
    let predicate = match name {
        "==" => either("equals", "not"),
        "!=" => either("not", "equals"),
        ">" => either("above", "at_most"),
        ">=" => either("at_least", "below"),
        "<" => either("below", "at_least"),
        "<=" => either("at_most", "above"),
        "contains" | "includes" => either("contains", "not_contains"),
        "matches" => either("matches", "not_matches"),
        "startsWith" | "endsWith" if negated => {
            let text = regex::escape(&escape_pattern(value.as_str().unwrap_or(""))?);
            let anchored = if name == "startsWith" { format!("^{text}") } else { format!("{text}$") };
            return Ok(("not_matches", Json::from(anchored)));
        }
        "startsWith" => "starts_with",
        "endsWith" => "ends_with",
        other => return Err(format!("`{other}` has no counterpart")),
    };
    Ok(convert(predicate, value, looked))
}

/// A predicate that says of what kind a value is.
fn find_kind(assert: &Assert) -> Option<Result<(&'static str, Json), String>> {
    let negated = assert.is_negated;
    let type_is = |name: &str| {
        let refusal = || Err(format!("`not {}` has no counterpart", assert.predicate));
        if negated { refusal() } else { Ok(("type", Json::from(name))) }
    };
    let matches = |pattern: &str| Ok((if negated { "not_matches" } else { "matches" }, Json::from(pattern)));
    Some(match assert.predicate.as_str() {
        "exists" => Ok(("exists", Json::Bool(!negated))),
        "isEmpty" => Ok(("empty", Json::Bool(!negated))),
        "isBoolean" => type_is("boolean"),
        "isFloat" | "isNumber" => type_is("number"),
        "isInteger" => type_is("integer"),
        "isList" => type_is("list"),
        "isObject" => type_is("table"),
        "isString" => type_is("text"),
        "isIpv4" => matches(IPV4),
        "isIpv6" => matches(IPV6),
        "isIsoDate" => matches(ISO_DATE),
        "isUuid" => matches(UUID),
        _ => return None,
    })
}

/// Numbers that are texts, durations in their unit, versions with their protocol.
fn convert(predicate: &'static str, value: Json, looked: &Looked) -> (&'static str, Json) {
    let text = || match &value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    match (looked.family(), &value) {
        // Hurl's alternative names begin with their kind: `DNS:example.org`.
        ("names", Json::String(name)) => (predicate, Json::from(name.trim_start_matches("DNS:"))),
        ("time", Json::Number(number)) => (predicate, Json::from(format!("{number}ms"))),
        ("http_version", _) if ["equals", "not", "starts_with"].contains(&predicate) => {
            (predicate, Json::from(format!("HTTP/{}", text())))
        }
        ("json" | "xml", Json::Number(_)) if looked.is_converted && predicate == "equals" => {
            let texts = Json::from(text());
            ("one_of", Json::Array(vec![value.clone(), texts]))
        }
        ("status" | "size" | "redirects", Json::String(text)) if looked.is_converted => {
            (predicate, text.parse::<i64>().map_or_else(|_| value.clone(), Json::from))
        }
        ("json", Json::String(text)) if looked.is_converted && predicate == "equals" => {
            match serde_json::from_str::<Json>(text) {
                Ok(number @ Json::Number(_)) => ("one_of", Json::Array(vec![number, value.clone()])),
                _ => (predicate, value),
            }
        }
        ("header" | "cookie" | "body" | "url", Json::Number(_)) if ["equals", "not"].contains(&predicate) => {
            (predicate, Json::from(text()))
        }
        _ => (predicate, value),
    }
}

fn build_value(assert: &Assert, looked: &Looked, texts: &mut Texts) -> Result<Json, String> {
    Ok(match &assert.value {
        Some(Operand::Bool(flag)) => Json::Bool(*flag),
        Some(Operand::Number(number)) => Json::Number(number.clone()),
        Some(Operand::Regex(pattern)) => Json::from(escape_pattern(pattern)?),
        Some(Operand::Text(text)) if assert.predicate == "matches" => Json::from(escape_pattern(text)?),
        Some(Operand::Text(text)) => match looked.subject.as_slice() {
            [family] if family == "url" => Json::from(texts.link(text)),
            [family, name] if family == "header" && name.eq_ignore_ascii_case("location") => {
                Json::from(texts.link(text))
            }
            [family, name] if ["header", "cookie"].contains(&family.as_str()) => {
                Json::from(texts.field(name, text))
            }
            _ => Json::from(texts.text(text)),
        },
        Some(Operand::Null) => return Err("`null` has no counterpart here".to_owned()),
        Some(Operand::File(name)) => return Err(format!("the content of the file {name} is not compared")),
        Some(Operand::Bytes(_)) | None => return Err("nothing to compare with".to_owned()),
    })
}

fn escape_pattern(pattern: &str) -> Result<String, String> {
    if pattern.contains("{{") || pattern.contains("{%") || pattern.contains("{#") {
        return Err("a template inside of a pattern has no counterpart".to_owned());
    }
    Ok(pattern.to_owned())
}

/// Bytes are compared by their hash.
fn compare_bytes(assert: &Assert, looked: &Looked) -> Result<ImportedCheck, String> {
    let predicate = match (assert.predicate.as_str(), assert.is_negated) {
        ("==", false) | ("!=", true) => "equals",
        ("!=", false) | ("==", true) => "not",
        (other, _) => return Err(format!("`{other}` of bytes has no counterpart")),
    };
    let bytes = match (&assert.value, looked.encoding) {
        (Some(Operand::Bytes(bytes)), None) => Some(bytes.clone()),
        (Some(Operand::Text(text)), Some("hex")) => decode_hex(text),
        (Some(Operand::Text(text)), Some(_)) => decode_base64(text),
        _ => None,
    };
    let bytes = bytes.ok_or("bytes are compared with bytes only")?;
    let digest = match looked.family() {
        "sha256" => bytes,
        "body" => Sha256::digest(&bytes).to_vec(),
        other => return Err(format!("{other} is not compared with bytes")),
    };
    Ok(ImportedCheck {
        subject: vec!["sha256".to_owned()],
        predicate: predicate.to_owned(),
        value: Json::from(write_hex(&digest)),
    })
}

/// Lower-case hexadecimal, as `sha256` has it.
pub(super) fn write_hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// What is compared with the first group of a pattern takes the group's place in it.
fn compare_group(assert: &Assert, looked: &Looked, pattern: &str) -> Result<ImportedCheck, String> {
    let negated = assert.is_negated != (assert.predicate == "!=");
    let pattern = match (assert.predicate.as_str(), &assert.value) {
        ("exists", _) => pattern.to_owned(),
        ("==" | "!=", Some(value)) => {
            let text = match value {
                Operand::Text(text) => text.clone(),
                Operand::Number(number) => number.to_string(),
                Operand::Bool(flag) => flag.to_string(),
                _ => return Err("a pattern's group is compared with a text only".to_owned()),
            };
            let text = if looked.is_encoded {
                url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
            } else {
                text
            };
            let end = if pattern.ends_with("([^;]*)") || looked.is_encoded { "(?:[;&#]|$)" } else { "" };
            let text = escape_pattern(&regex::escape(&text).replace("\\{\\{", "{{"))?;
            // Both are a space in an address.
            let text = if looked.is_encoded { text.replace("\\+", "(?:\\+|%20)") } else { text };
            replace_group(pattern, &format!("{text}{end}"))
                .ok_or("a pattern without a group is not compared")?
        }
        (other, _) => return Err(format!("`{other}` behind a pattern has no counterpart")),
    };
    Ok(ImportedCheck {
        subject: looked.subject.clone(),
        predicate: if negated { "not_matches" } else { "matches" }.to_owned(),
        value: Json::from(escape_pattern(&pattern)?),
    })
}

/// The pattern with this text in place of its first group.
fn replace_group(pattern: &str, text: &str) -> Option<String> {
    let mut start = None;
    let mut depth = 0usize;
    let mut in_class = false;
    let mut letters = pattern.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => {
                let is_group = !pattern[at + 1..].starts_with('?') || pattern[at + 1..].starts_with("?P<");
                if start.is_none() && is_group {
                    start = Some((at, depth));
                }
                depth += 1;
            }
            ')' if !in_class => {
                depth = depth.saturating_sub(1);
                if let Some((from, _)) = start.filter(|(_, outer)| *outer == depth) {
                    return Some(format!("{}(?:{text}){}", &pattern[..from], &pattern[at + 1..]));
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_takes_the_place_of_the_first_group() {
        assert_eq!(replace_group(r"a(?:x)(b|(c))[)]\)d(e)", "B").unwrap(), r"a(?:x)(?:B)[)]\)d(e)");
        assert_eq!(replace_group("abc", "B"), None);
    }

    #[test]
    fn the_patterns_tell_what_they_are_for() {
        let is = |pattern: &str, text: &str| regex::Regex::new(pattern).unwrap().is_match(text);
        assert!(
            is(IPV4, "192.168.0.1") && !is(IPV4, "1.2.3") && !is(IPV4, "1.2.3.256") && !is(IPV4, "1.2.3.4.")
        );
        assert!(is(IPV6, "::1") && is(IPV6, "2001:db8::8a2e:370:7334") && !is(IPV6, "1.2.3.4"));
        assert!(is(UUID, "c26ab5d1-1ac4-4ce5-b9c2-ad5d5a0bd9d8") && !is(UUID, "c26ab5d1"));
        assert!(is(ISO_DATE, "2026-01-02T03:04:05Z") && !is(ISO_DATE, "2026-01-02"));
    }
}
