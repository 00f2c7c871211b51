//! The schema of each kind of value.

use serde_json::{Value, json};

use super::{any_of, build_properties, refer};
use crate::spec::allow::ALLOW_KEYS;
use crate::spec::key::KeyKind;
use crate::spec::scenario::IMPLICIT;

/// A text in which something is filled in.
pub(super) const TEMPLATE: &str = r"\{[{%#]";

/// A duration as [`crate::expect::parse_duration`] reads it.
const DURATION: &str = r"^\s*[0-9.]+\s*([mMuU]?[sS]|[mM]([iI][nN])?|[hHdD])\s*$";

/// What several kinds and units share.
pub(super) fn build_definitions() -> Value {
    let scalar =
        any_of(vec![json!({ "type": "string" }), json!({ "type": "number" }), json!({ "type": "boolean" })]);
    json!({
        "template": { "type": "string", "pattern": TEMPLATE },
        "duration": { "type": "string", "pattern": DURATION },
        "scalar": scalar,
        "field": any_of(vec![refer("scalar"), json!({ "type": "array", "items": refer("scalar") })]),
        "texts": { "type": "array", "items": { "type": "string" } },
    })
}

/// The schema of a value of this kind.
pub(super) fn build_kind(kind: KeyKind) -> Value {
    let fields = |value: Value| json!({ "type": "object", "additionalProperties": value });
    match kind {
        KeyKind::Text | KeyKind::Name => json!({ "type": "string" }),
        KeyKind::Locator => json!({ "type": "string", "minLength": 1 }),
        KeyKind::Locators => any_of(vec![
            build_kind(KeyKind::Locator),
            json!({ "type": "array", "items": build_kind(KeyKind::Locator) }),
        ]),
        // No white space, unless a template has it.
        KeyKind::Url => json!({ "type": "string", "pattern": format!(r"^\S*$|{TEMPLATE}") }),
        KeyKind::Flag => json!({ "type": "boolean" }),
        KeyKind::Condition => any_of(vec![json!({ "type": "boolean" }), json!({ "type": "string" })]),
        KeyKind::FlagOrNumber => any_of(vec![json!({ "type": "boolean" }), build_kind(KeyKind::Number)]),
        KeyKind::Ratio => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
        KeyKind::Number => json!({ "type": "integer", "minimum": 0 }),
        KeyKind::Duration => refer("duration"),
        KeyKind::Texts | KeyKind::Names => refer("texts"),
        KeyKind::Allowed => json!({ "type": "array", "items": build_allowed() }),
        KeyKind::TextOrTexts => any_of(vec![json!({ "type": "string" }), refer("texts")]),
        KeyKind::Fields | KeyKind::LocatorFields => fields(refer("field")),
        KeyKind::Values | KeyKind::Expectations | KeyKind::Captures | KeyKind::Table => {
            json!({ "type": "object" })
        }
        KeyKind::Any => json!({}),
        KeyKind::Credentials => json!({
            "type": "object",
            "properties": {
                "user": { "type": "string", "description": "who" },
                "password": { "type": "string", "description": "best as {{ secret.NAME }}" },
            },
            "required": ["user", "password"],
            "additionalProperties": false,
        }),
        KeyKind::Parts => fields(any_of(vec![refer("field"), build_part()])),
        KeyKind::Tables => json!({ "type": "array", "items": { "type": "object" } }),
    }
}

/// A name of what holds without being asked, or patterns.
fn build_allowed() -> Value {
    let names: Vec<&str> = IMPLICIT.iter().map(|(name, _)| *name).collect();
    let patterns = build_properties(ALLOW_KEYS);
    any_of(vec![
        json!({ "enum": names }),
        json!({
            "type": "object",
            "properties": patterns,
            "minProperties": 1,
            "additionalProperties": false,
        }),
    ])
}

fn build_part() -> Value {
    json!({
        "type": "object",
        "properties": {
            "file": { "type": "string", "description": "a file beside the spec" },
            "content_type": { "type": "string", "description": "guessed from the file's name where it is left out" },
        },
        "required": ["file"],
        "additionalProperties": false,
    })
}
