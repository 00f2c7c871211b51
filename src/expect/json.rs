//! Values in JSON bodies, by JSONPath (RFC 9535).

use std::sync::Arc;

use jsonpath_rust::parser::model::{JpQuery, Segment, Selector};
use jsonpath_rust::query::js_path_process;

use super::memo::Memo;
use super::observe::Observed;
use super::subject::SubjectError;
use crate::evidence::Value;

/// A path longer than this is no path that a person wrote.
const LONGEST: usize = 10_000;

/// How deep brackets may stand in brackets.
const DEEPEST: usize = 32;

static COMPILED: Memo<JsonQuery> = Memo::new();

/// A JSONPath, compiled once and shared.
#[derive(Clone, Debug)]
pub struct JsonQuery {
    source: Arc<str>,
    compiled: Arc<JpQuery>,
    is_singular: bool,
}

impl PartialEq for JsonQuery {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl JsonQuery {
    /// Compiles a path.
    pub fn parse(path: &str) -> Result<Self, SubjectError> {
        COMPILED.get_or_build(path, || Self::compile(path))
    }

    fn compile(path: &str) -> Result<Self, SubjectError> {
        let refused = |reason: &str| SubjectError::new(format!("not a JSONPath (RFC 9535): {reason}"));
        if path.len() > LONGEST || bracket_depth(path) > DEEPEST {
            return Err(refused("too long, or too many brackets in brackets"));
        }
        if !path.starts_with('$') {
            return Err(refused("it begins with `$`, the whole document: \"$.name\""));
        }
        let compiled = jsonpath_rust::parser::parse_json_path(path).map_err(|_| refused(path))?;
        let is_singular = compiled
            .segments
            .iter()
            .all(|segment| matches!(segment, Segment::Selector(Selector::Name(_) | Selector::Index(_))));
        Ok(Self { source: path.into(), compiled: Arc::new(compiled), is_singular })
    }

    /// The path as written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What is there. A path of names and indexes gives the one value, any other path a list of what it found.
    pub(super) fn observe(&self, json: &serde_json::Value) -> Observed {
        match js_path_process(&self.compiled, json) {
            Ok(found) if self.is_singular => match found.first() {
                Some(found) => Observed::One(Value::from_json(found.val)),
                None => Observed::missing(self.explain_missing(json)),
            },
            Ok(found) => Observed::Found(found.iter().map(|found| Value::from_json(found.val)).collect()),
            Err(error) => Observed::missing(error.to_string()),
        }
    }

    /// How far the path goes, and what is there instead.
    fn explain_missing(&self, json: &serde_json::Value) -> String {
        let mut here = json;
        let mut path = "$".to_owned();
        for segment in &self.compiled.segments {
            let next = match segment {
                Segment::Selector(Selector::Name(name)) => here.get(plain_name(name)),
                Segment::Selector(Selector::Index(index)) => {
                    usize::try_from(*index).ok().and_then(|i| here.get(i))
                }
                _ => None,
            };
            let Some(next) = next else { break };
            path.push_str(&segment_text(segment));
            here = next;
        }
        format!("nothing there; `{path}` is {}", describe(here))
    }
}

/// The parser keeps the quotation marks of a name in brackets.
fn plain_name(name: &str) -> &str {
    let inner = |quote: char| name.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('\'').or_else(|| inner('"')).unwrap_or(name)
}

fn segment_text(segment: &Segment) -> String {
    match segment {
        Segment::Selector(Selector::Name(name)) => format!(".{}", plain_name(name)),
        Segment::Selector(Selector::Index(index)) => format!("[{index}]"),
        _ => String::new(),
    }
}

fn describe(json: &serde_json::Value) -> String {
    const SHOWN: usize = 10;
    match json {
        serde_json::Value::Object(map) if map.is_empty() => "an empty table".to_owned(),
        serde_json::Value::Object(map) => {
            let names: Vec<&str> = map.keys().take(SHOWN).map(String::as_str).collect();
            let more = if map.len() > SHOWN { ", …" } else { "" };
            format!("a table with {}{more}", names.join(", "))
        }
        serde_json::Value::Array(items) => format!("a list of {}", items.len()),
        other => Value::from_json(other).to_string(),
    }
}

/// How deep brackets and parentheses nest, those in quotation marks included: a limit, not a grammar.
pub(super) fn bracket_depth(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut deepest = 0;
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observe(path: &str) -> String {
        let json = serde_json::json!({
            "id": 7, "none": null, "a b": 1,
            "items": [{ "name": "tea", "price": 2 }, { "name": "cake", "price": 5 }],
        });
        JsonQuery::parse(path).unwrap().observe(&json).to_string()
    }

    #[test]
    fn a_path_of_names_gives_one_value_and_null_is_a_value() {
        assert_eq!(observe("$.id"), "7");
        assert_eq!(observe("$['a b']"), "1");
        assert_eq!(observe("$.none"), "null");
        assert_eq!(observe("$.items[1].name"), "\"cake\"");
        assert_eq!(observe("$.items[-1].name"), "\"cake\"");
        assert_eq!(observe("$.nope"), "nothing there; `$` is a table with id, none, a b, items");
        assert_eq!(observe("$.items[0].size"), "nothing there; `$.items[0]` is a table with name, price");
        assert_eq!(observe("$.items[5].name"), "nothing there; `$.items` is a list of 2");
        assert_eq!(observe("$.none.x"), "nothing there; `$.none` is null");
    }

    #[test]
    fn any_other_path_gives_a_list() {
        assert_eq!(observe("$.items[*].name"), "[\"tea\", \"cake\"]");
        assert_eq!(observe("$.items[?@.price > 3].name"), "[\"cake\"]");
        assert_eq!(observe("$..price"), "[2, 5]");
        assert_eq!(observe("$.items[?@.price > 9]"), "nothing found");
        assert_eq!(observe("$.items[?length(@.name) == 3].price"), "[2]");
    }

    #[test]
    fn refuses_what_is_no_path() {
        for path in ["", "a", "$[", "$.a[?", "$..", &format!("$[?{}1{}]", "(".repeat(40), ")".repeat(40))] {
            assert!(JsonQuery::parse(path).is_err(), "{path}");
        }
    }
}
