//! The schema of a spec: scenarios and their steps.

use serde_json::{Map, Value, json};

use super::expectation::{build_captures, build_expectations, build_unit_definitions};
use super::kind::build_definitions;
use super::{DIALECT, build_key, build_properties, describe, refer};
use crate::expect::Family;
use crate::spec::action::{ACTIONS, ActionDefinition, LOOK_KEYS, STEP_KEYS};
use crate::spec::fragment::USE_KEYS;
use crate::spec::key::{KeyDefinition, KeyKind};
use crate::spec::read_scenario::SCENARIO_KEYS;

/// The schema of a spec.
pub fn build_spec_schema() -> Value {
    let mut properties = Map::new();
    for key in SCENARIO_KEYS {
        let schema = match (key.name, key.kind) {
            (_, KeyKind::Tables) => describe(key, json!({ "type": "array", "items": refer("step") })),
            ("case", _) => describe(key, build_cases()),
            _ => build_key(key),
        };
        properties.insert(key.name.to_owned(), schema);
    }
    let mut definitions = build_definitions();
    for (name, schema) in build_unit_definitions() {
        definitions[name] = schema;
    }
    for (position, definition) in ACTIONS.iter().enumerate() {
        definitions[expectations_name(position)] = build_expectations(definition.yields);
        definitions[captures_name(position)] = build_captures(definition.yields);
    }
    definitions["look_expect"] = build_expectations(&[Family::Browser]);
    definitions["look_capture"] = build_captures(&[Family::Browser]);
    definitions["step"] = build_step();
    json!({
        "$schema": DIALECT,
        "title": "smokegate spec",
        "description": "one scenario: what a visitor does on a site, and what must be true afterwards",
        "type": "object",
        "properties": properties,
        "required": ["step"],
        "additionalProperties": false,
        "$defs": definitions,
    })
}

fn expectations_name(position: usize) -> String {
    format!("expect_{}", ACTIONS[position].keys[0].key.name)
}

fn captures_name(position: usize) -> String {
    format!("capture_{}", ACTIONS[position].keys[0].key.name)
}

fn build_cases() -> Value {
    let file =
        json!({ "type": "string", "description": "a CSV file beside the spec; its first row has the names" });
    json!({ "anyOf": [
        { "type": "array", "items": { "type": "object", "minProperties": 1 } },
        { "type": "object", "properties": { "file": file }, "required": ["file"], "additionalProperties": false },
    ] })
}

/// A step has every key for the editor's completion; conditions say which may stand together.
fn build_step() -> Value {
    let actions = ACTIONS.iter().flat_map(|definition| definition.keys).map(|action| &action.key);
    let neighbours = ACTIONS.iter().flat_map(|definition| definition.neighbours);
    let mut properties = build_properties(actions);
    for (name, schema) in build_properties(neighbours.chain(USE_KEYS).chain(STEP_KEYS)) {
        properties.entry(name).or_insert(schema);
    }
    let every: Vec<Family> = ACTIONS.iter().flat_map(|definition| definition.yields).copied().collect();
    for (kind, schema) in
        [(KeyKind::Expectations, build_expectations(&every)), (KeyKind::Captures, build_captures(&every))]
    {
        for key in STEP_KEYS.iter().filter(|key| key.kind == kind) {
            properties.insert(key.name.to_owned(), describe(key, schema.clone()));
        }
    }
    let mut conditions: Vec<Value> = ACTIONS
        .iter()
        .enumerate()
        .map(|(position, definition)| build_condition(position, definition))
        .collect();
    conditions.push(build_look_condition());
    conditions.push(json!({ "if": { "required": ["use"] }, "then": names_only(USE_KEYS.iter()) }));
    conditions.push(build_pairs());
    // Editors complete from the members of `allOf` alone where there is one.
    let base = json!({
        "type": "object",
        "properties": properties,
        "minProperties": 1,
        "additionalProperties": false,
    });
    conditions.insert(0, base);
    json!({ "description": "one action, what is expected of its outcome, what is kept of it", "allOf": conditions })
}

/// What may stand beside the keys of one kind of action.
fn build_condition(position: usize, definition: &ActionDefinition) -> Value {
    let keys = definition.keys.iter().map(|action| &action.key);
    let own = keys.clone().chain(definition.neighbours).chain(STEP_KEYS);
    let mut then = names_only(own);
    then["properties"] = json!({
        "expect": refer(&expectations_name(position)),
        "capture": refer(&captures_name(position)),
    });
    let mut all = vec![then];
    for action in definition.keys.iter().filter(|action| !action.is_harmless) {
        all.push(json!({
            "if": { "required": [action.key.name] },
            "then": { "not": { "required": ["within"] } },
        }));
    }
    json!({ "if": has_one_of(keys.map(|key| key.name)), "then": { "allOf": all } })
}

/// A step without an action looks at the actor's page.
fn build_look_condition() -> Value {
    let actions = ACTIONS.iter().flat_map(|definition| definition.keys).map(|action| action.key.name);
    let mut look = names_only(LOOK_KEYS.iter().chain(STEP_KEYS).filter(|key| key.name != "within"));
    look["properties"] = json!({ "expect": refer("look_expect"), "capture": refer("look_capture") });
    json!({ "if": has_one_of(actions.chain(["use"])), "else": look })
}

/// Two keys of one kind of action stand together only if one of them is `fill` and the other what may follow it.
fn build_pairs() -> Value {
    let mut pairs = Vec::new();
    for definition in ACTIONS {
        for (position, first) in definition.keys.iter().enumerate() {
            for second in &definition.keys[position + 1..] {
                let pair = [first.key.name, second.key.name];
                if !crate::spec::read_step::may_stand_together(definition, pair[0], pair[1]) {
                    pairs.push(json!({ "not": { "required": pair } }));
                }
            }
        }
    }
    json!({ "allOf": pairs })
}

fn names_only<'a>(keys: impl IntoIterator<Item = &'a KeyDefinition>) -> Value {
    let names: Vec<&str> = keys.into_iter().map(|key| key.name).collect();
    json!({ "propertyNames": { "enum": names } })
}

fn has_one_of<'a>(names: impl IntoIterator<Item = &'a str>) -> Value {
    let alternatives: Vec<Value> = names.into_iter().map(|name| json!({ "required": [name] })).collect();
    json!({ "anyOf": alternatives })
}
