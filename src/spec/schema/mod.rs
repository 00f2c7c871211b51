//! JSON Schemas (2020-12) of specs and of the project file, from the tables of keys, for editors.
//!
//! Only words that editors know are used: taplo, which completes and checks TOML, reads drafts 4 to 7, so conditions
//! are `if` and `then`, and names are restricted by `propertyNames`; of 2020-12 there is `$defs` alone. What a schema
//! cannot say (names of templates, selectors, files beside a spec) is left to `smokegate check`.

mod expectation;
mod kind;
mod scenario;

use serde_json::{Map, Value, json};

pub use scenario::build_spec_schema;

use super::key::{KeyDefinition, KeyKind};
use super::outline::{ANY_NAME, PROJECT_TABLES, TableOutline};
use super::read_scenario::BROWSERS;
use kind::build_kind;

/// The dialect of JSON Schema.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of `smokegate.toml`.
pub fn build_project_schema() -> Value {
    let mut root = build_table(&PROJECT_TABLES[0]);
    root["$schema"] = json!(DIALECT);
    root["title"] = json!("smokegate project");
    root["description"] = json!("targets, how to reach them, what is allowed there");
    root["$defs"] = kind::build_definitions();
    root
}

/// The schema of a table of the project file, with the tables inside it.
fn build_table(outline: &TableOutline) -> Value {
    let mut properties = Map::new();
    for key in outline.keys {
        let value = if key.kind == KeyKind::Table {
            describe(key, build_inner(outline, key.name))
        } else if key.kind == KeyKind::Tables {
            describe(key, json!({ "type": "array", "items": build_inner(outline, key.name) }))
        } else {
            build_key(key)
        };
        properties.insert(key.name.to_owned(), value);
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// A table of its own keys, or one with a name of the user's for each table in it.
fn build_inner(outline: &TableOutline, name: &str) -> Value {
    let mut path: Vec<&str> = outline.path.to_vec();
    path.push(name);
    if let Some(inner) = PROJECT_TABLES.iter().find(|inner| inner.path == path) {
        return build_table(inner);
    }
    path.push(ANY_NAME);
    let named = PROJECT_TABLES.iter().find(|inner| inner.path == path);
    json!({ "type": "object", "additionalProperties": named.map_or(json!({}), build_table) })
}

/// The schema of a key's value, with its doc.
fn build_key(key: &KeyDefinition) -> Value {
    let mut schema = describe(key, build_kind(key.kind));
    if key.name == "browser" {
        schema["enum"] = json!(BROWSERS);
    }
    schema
}

/// A schema with the doc of a key.
fn describe(key: &KeyDefinition, schema: Value) -> Value {
    document(schema, key.doc)
}

/// A schema with a doc. Taplo reads nothing beside `$ref`, so that stands a step deeper.
fn document(schema: Value, doc: &str) -> Value {
    let mut documented = schema;
    if documented.get("$ref").is_some() {
        documented = any_of(vec![documented]);
    }
    documented["description"] = json!(doc);
    documented
}

/// The properties of a table of keys.
fn build_properties<'a>(keys: impl IntoIterator<Item = &'a KeyDefinition>) -> Map<String, Value> {
    keys.into_iter().map(|key| (key.name.to_owned(), build_key(key))).collect()
}

/// A reference to a definition.
fn refer(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// One of several; editors complete from each.
fn any_of(schemas: Vec<Value>) -> Value {
    Value::Object(Map::from_iter([("anyOf".to_owned(), Value::Array(schemas))]))
}
