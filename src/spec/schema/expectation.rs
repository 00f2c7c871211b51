//! The schema of `expect` and `capture`: which subjects an action gives, and what can be said of each.

use serde_json::{Map, Value, json};

use super::kind::TEMPLATE;
use super::{any_of, document, refer};
use crate::expect::{
    Argument, ELEMENT_PROPERTIES, ElementProperty, Family, PREDICATES, SUBJECTS, SubjectDefinition, Unit,
};

/// All units, with the name that they have in definitions.
const UNITS: &[(Unit, &str)] = &[
    (Unit::Text, "text"),
    (Unit::Number, "number"),
    (Unit::Flag, "flag"),
    (Unit::Duration, "duration"),
    (Unit::Share, "share"),
    (Unit::Size, "size"),
    (Unit::List, "list"),
    (Unit::Any, "any"),
    (Unit::Schema, "schema"),
];

/// What is written beside `near`.
const NEAR_NEIGHBOUR: &str = "within";

/// What a subject is measured in, and whether it can have several values: it decides what can be said of it.
#[derive(Clone, Copy)]
struct Measure {
    unit: Unit,
    several: bool,
}

impl Measure {
    fn name(self) -> String {
        let name = UNITS.iter().find(|(known, _)| *known == self.unit).map_or("any", |(_, name)| name);
        if self.several { format!("several_{name}") } else { name.to_owned() }
    }

    /// A value, which means equals, or a table of predicates.
    fn refer_to_expected(self) -> Value {
        refer(&format!("expected_{}", self.name()))
    }

    fn refer_to_predicates(self) -> Value {
        refer(&format!("predicates_{}", self.name()))
    }
}

/// The definitions of what can be said of subjects.
pub(super) fn build_unit_definitions() -> Map<String, Value> {
    let mut definitions = Map::new();
    for (unit, several) in UNITS.iter().flat_map(|(unit, _)| [(*unit, false), (*unit, true)]) {
        let measure = Measure { unit, several };
        let expected = any_of(vec![build_value(unit), measure.refer_to_predicates()]);
        definitions.insert(format!("expected_{}", measure.name()), expected);
        definitions.insert(format!("predicates_{}", measure.name()), build_predicates(measure));
    }
    definitions
}

/// A value that is no table, and that a subject of this unit can have.
fn build_value(unit: Unit) -> Value {
    let template = || refer("template");
    match unit {
        Unit::Text | Unit::Schema => json!({ "type": "string" }),
        Unit::Number => any_of(vec![json!({ "type": "number" }), template()]),
        Unit::Flag => any_of(vec![json!({ "type": "boolean" }), template()]),
        Unit::Duration => any_of(vec![refer("duration"), template()]),
        Unit::Share => any_of(vec![
            json!({ "type": "number", "minimum": 0, "maximum": 1 }),
            json!({ "type": "boolean" }),
            json!({ "type": "string", "pattern": r"^\s*[0-9.]+\s*%\s*$" }),
            template(),
        ]),
        Unit::Size => {
            let size = r"^\s*[0-9.]+\s*([kKmMgG][iI]?)?[bB]\s*$";
            any_of(vec![
                json!({ "type": "number" }),
                json!({ "type": "string", "pattern": size }),
                template(),
            ])
        }
        _ => json!({ "type": ["string", "number", "boolean", "array"] }),
    }
}

fn build_predicates(measure: Measure) -> Value {
    let mut properties = Map::new();
    for row in PREDICATES.iter().filter(|row| row.allows(measure.unit, measure.several)) {
        let schema = build_argument(row.argument, measure.unit);
        properties.insert(row.name.to_owned(), document(schema, row.doc));
    }
    let mut dependent = json!({});
    if properties.contains_key("near") {
        let within = document(build_number(), "how far from `near` it may be");
        properties.insert(NEAR_NEIGHBOUR.to_owned(), within);
        dependent = json!({ NEAR_NEIGHBOUR: ["near"], "near": [NEAR_NEIGHBOUR] });
    }
    json!({
        "type": "object",
        "properties": properties,
        "minProperties": 1,
        "additionalProperties": false,
        "dependentRequired": dependent,
    })
}

fn build_argument(argument: Argument, unit: Unit) -> Value {
    let template = || refer("template");
    match argument {
        // `contains` takes a part of a text, whatever that is.
        Argument::Value => build_value(if unit == Unit::Text { Unit::Any } else { unit }),
        Argument::Text | Argument::Regex | Argument::TypeName => json!({ "type": "string" }),
        Argument::Ordered => build_ordered(unit),
        Argument::OrderedPair => {
            let pair = json!({ "type": "array", "items": build_ordered(unit), "minItems": 2, "maxItems": 2 });
            any_of(vec![pair, template()])
        }
        Argument::Near => build_number(),
        Argument::Flag => build_value(Unit::Flag),
        Argument::List => any_of(vec![json!({ "type": "array", "items": build_value(unit) }), template()]),
        Argument::NumberOrPredicates => {
            any_of(vec![build_number(), Measure { unit: Unit::Number, several: false }.refer_to_predicates()])
        }
        Argument::Predicates => {
            let unit = if unit == Unit::List { Unit::Any } else { unit };
            Measure { unit, several: false }.refer_to_expected()
        }
    }
}

fn build_ordered(unit: Unit) -> Value {
    match unit {
        Unit::Number | Unit::Duration | Unit::Share | Unit::Size => build_value(unit),
        _ => json!({ "type": ["string", "number"] }),
    }
}

fn build_number() -> Value {
    any_of(vec![json!({ "type": "number" }), refer("template")])
}

/// The schema of `expect` beside an action that gives these families.
pub(super) fn build_expectations(yields: &[Family]) -> Value {
    let mut properties = Map::new();
    for row in SUBJECTS.iter().filter(|row| meet(row.families, yields)) {
        insert_dotted(&mut properties, row.name, build_subject(row, yields));
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn meet(families: &[Family], yields: &[Family]) -> bool {
    families.iter().any(|family| yields.contains(family))
}

fn build_subject(row: &SubjectDefinition, yields: &[Family]) -> Value {
    let expected = Measure { unit: row.unit, several: row.is_several_with(None) }.refer_to_expected();
    let schema = match row.argument {
        None => expected,
        Some(_) if row.name == "element" => {
            json!({ "type": "object", "additionalProperties": build_properties(yields) })
        }
        Some(_) => json!({ "type": "object", "additionalProperties": expected }),
    };
    document(schema, row.doc)
}

fn build_properties(yields: &[Family]) -> Value {
    let mut properties = Map::new();
    for row in ELEMENT_PROPERTIES.iter().filter(|row| meet(row.families, yields)) {
        let several = row.build(String::new()) != ElementProperty::Count;
        let expected = Measure { unit: row.unit, several }.refer_to_expected();
        let schema = match row.argument {
            None => expected,
            Some(_) => json!({ "type": "object", "additionalProperties": expected }),
        };
        properties.insert(row.name.to_owned(), document(schema, row.doc));
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// `console.errors` is one subject, and a table in a table for TOML.
fn insert_dotted(properties: &mut Map<String, Value>, name: &str, schema: Value) {
    let Some((head, rest)) = name.split_once('.') else {
        properties.insert(name.to_owned(), schema);
        return;
    };
    let table = properties
        .entry(head)
        .or_insert_with(|| json!({ "type": "object", "properties": {}, "additionalProperties": false }));
    if let Some(Value::Object(inner)) = table.get_mut("properties") {
        insert_dotted(inner, rest, schema);
    }
}

/// The schema of `capture` beside an action that gives these families.
pub(super) fn build_captures(yields: &[Family]) -> Value {
    let names: Vec<&str> =
        SUBJECTS.iter().filter(|row| meet(row.families, yields)).map(|row| row.name).collect();
    let alternatives = names.join("|").replace('.', "\\.");
    let subject = json!({
        "type": "string",
        "pattern": format!(r"^\s*({alternatives})(\.|\s*$)|{TEMPLATE}"),
        "description": "a subject: url, header.location, json.$.id, element.\"#id\".text",
    });
    let table = json!({
        "type": "object",
        "properties": {
            "from": subject,
            "pattern": {
                "type": "string",
                "description": "a regular expression, whose first group is kept, or else the whole match",
            },
        },
        "required": ["from"],
        "additionalProperties": false,
    });
    json!({
        "type": "object",
        "propertyNames": { "pattern": r"^[^\W\d]\w*$" },
        "additionalProperties": any_of(vec![table["properties"]["from"].clone(), table]),
    })
}
