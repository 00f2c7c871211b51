//! JSON Schemas (2020-12 and the drafts before it) that describe JSON bodies.

use std::sync::Arc;

use super::memo::Memo;

/// How many violations are told.
const TOLD: usize = 5;

static COMPILED: Memo<JsonSchema> = Memo::new();

/// A schema, compiled once and shared.
#[derive(Clone, Debug)]
pub struct JsonSchema {
    name: Arc<str>,
    validator: Arc<jsonschema::Validator>,
}

impl JsonSchema {
    /// Takes a compiled schema, and the name under which messages speak of it.
    pub fn new(name: &str, validator: jsonschema::Validator) -> Self {
        Self { name: name.into(), validator: Arc::new(validator) }
    }

    /// The schema that was compiled for a key before, or the one compiled now.
    pub fn get_or_compile(
        key: &str,
        name: &str,
        compile: impl FnOnce() -> Result<jsonschema::Validator, String>,
    ) -> Result<Self, String> {
        COMPILED.get_or_build(key, || compile().map(|validator| Self::new(name, validator)))
    }

    /// The name of its file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it describes a document.
    pub(super) fn is_valid(&self, json: &serde_json::Value) -> bool {
        self.validator.is_valid(json)
    }

    /// The first violations, each with the place in the document (RFC 6901), or that there is none.
    pub(super) fn describe(&self, json: &serde_json::Value) -> String {
        let mut violations: Vec<String> = Vec::new();
        let mut left_out = 0;
        for error in self.validator.iter_errors(json) {
            if violations.len() < TOLD {
                let place = error.instance_path().to_string();
                let place = if place.is_empty() { "the document".to_owned() } else { place };
                violations.push(format!("{place}: {}", shorten(&error.to_string())));
            } else {
                left_out += 1;
            }
        }
        match (violations.is_empty(), left_out) {
            (true, _) => "a document that conforms".to_owned(),
            (false, 0) => violations.join("; "),
            (false, _) => format!("{}; and {left_out} more", violations.join("; ")),
        }
    }
}

fn shorten(text: &str) -> String {
    const LONGEST: usize = 200;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_five_violations_are_told_with_their_places() {
        let schema = json!({
            "type": "object", "required": ["id"],
            "properties": { "id": { "type": "integer" }, "tags": { "items": { "type": "string" } } },
        });
        let schema = JsonSchema::new("order.schema.json", jsonschema::validator_for(&schema).unwrap());
        assert!(schema.is_valid(&json!({ "id": 1 })));
        assert_eq!(schema.describe(&json!({ "id": 1 })), "a document that conforms");
        assert_eq!(schema.describe(&json!({ "id": "x" })), "/id: \"x\" is not of type \"integer\"");
        assert_eq!(schema.describe(&json!([])), "the document: [] is not of type \"object\"");
        let many = schema.describe(&json!({ "id": 1, "tags": [1, 2, 3, 4, 5, 6, 7] }));
        assert!(many.starts_with("/tags/0: 1 is not of type"), "{many}");
        assert!(many.ends_with("; and 2 more"), "{many}");
    }
}
