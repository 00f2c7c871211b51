//! A spec of an import as TOML text: the one writer of all formats, and of `init`.

use serde_json::Value as Json;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

use super::model::{ImportedCheck, ImportedSpec, ImportedStep, ImportedVariable};

/// Columns after which a table or an array is spread over lines.
const WIDTH: usize = 100;

/// Writes a spec.
pub(in crate::cli) fn write_spec(spec: &ImportedSpec) -> String {
    let mut document = DocumentMut::new();
    let root = document.as_table_mut();
    root.insert("name", text(&spec.name).into());
    if !spec.tags.is_empty() {
        root.insert("tags", spec.tags.iter().map(String::as_str).collect::<Value>().into());
    }
    if spec.writes {
        root.insert("writes", Value::from(true).into());
    }
    put_comments(root, "name", &spec.comments);
    if !spec.vars.is_empty() {
        root.insert("vars", Item::Table(build_vars(&spec.vars)));
    }
    let mut steps = ArrayOfTables::new();
    for step in &spec.steps {
        steps.push(build_step(step));
    }
    if !steps.is_empty() {
        root.insert("step", Item::ArrayOfTables(steps));
    }
    document.to_string()
}

fn build_vars(variables: &[ImportedVariable]) -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    for variable in variables {
        if let Some(mut value) = to_toml(&variable.value) {
            if let Some(comment) = &variable.comment {
                value.decor_mut().set_suffix(format!(" # {}", one_line(comment)));
            }
            table.insert(&variable.name, Item::Value(value));
        }
    }
    table
}

fn build_step(step: &ImportedStep) -> Table {
    let mut table = Table::new();
    let comments: String = step.comments.iter().map(|line| comment_line(line)).collect();
    table.decor_mut().set_prefix(format!("\n{comments}"));
    for (key, value) in &step.keys {
        put(&mut table, &[key], value);
    }
    for (subject, predicates) in group(&step.checks) {
        let path: Vec<&str> = std::iter::once("expect").chain(subject.iter().map(String::as_str)).collect();
        match predicates.as_slice() {
            [(name, value)] if *name == "equals" && !value.is_object() => put(&mut table, &path, value),
            several => {
                for (name, value) in several {
                    let path: Vec<&str> = path.iter().copied().chain([*name]).collect();
                    put(&mut table, &path, value);
                }
            }
        }
    }
    for (name, value) in &step.captures {
        put(&mut table, &["capture", name], value);
    }
    table
}

type Group<'a> = (&'a [String], Vec<(&'a str, &'a Json)>);

/// The predicates of each subject, in the order in which subjects appear first.
fn group(checks: &[ImportedCheck]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for check in checks {
        let predicate = (check.predicate.as_str(), &check.value);
        match groups.iter_mut().find(|(subject, _)| *subject == check.subject.as_slice()) {
            Some((_, predicates)) => predicates.push(predicate),
            None => groups.push((&check.subject, vec![predicate])),
        }
    }
    groups
}

/// Puts a value under dotted keys: `expect.header."content-type" = "..."`.
fn put(table: &mut Table, path: &[&str], value: &Json) {
    let Some((last, parents)) = path.split_last() else { return };
    let Some(value) = to_toml(value) else { return };
    let mut inner = table;
    for parent in parents {
        let entry = inner.entry(parent).or_insert_with(|| {
            let mut dotted = Table::new();
            dotted.set_dotted(true);
            Item::Table(dotted)
        });
        let Some(next) = entry.as_table_mut() else { return };
        inner = next;
    }
    let used = path.iter().map(|part| part.len() + 1).sum::<usize>();
    inner.insert(last, Item::Value(spread(value, used, 0)));
}

/// A JSON value as TOML; none where it holds `null` or a number that TOML does not know.
pub(in crate::cli) fn to_toml(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => return None,
        Json::Bool(flag) => Value::from(*flag),
        Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(whole), ..) => Value::from(whole),
            (None, None, Some(fraction)) => Value::from(fraction),
            _ => return None,
        },
        Json::String(content) => text(content),
        Json::Array(items) => Value::Array(items.iter().map(to_toml).collect::<Option<Array>>()?),
        Json::Object(entries) => {
            let mut table = InlineTable::new();
            for (key, value) in entries {
                table.insert(key, to_toml(value)?);
            }
            Value::InlineTable(table)
        }
    })
}

/// A text: on several lines where it has some.
fn text(content: &str) -> Value {
    Value::from(content)
}

/// Spreads what is too long for a line: TOML 1.1 lets inline tables span lines.
fn spread(mut value: Value, used: usize, depth: usize) -> Value {
    if used + value.to_string().len() <= WIDTH {
        return value;
    }
    let inner = "    ".repeat(depth + 1);
    let outer = "    ".repeat(depth);
    match &mut value {
        Value::Array(array) => {
            for item in array.iter_mut() {
                let taken = std::mem::replace(item, Value::from(false));
                *item = spread(taken.decorated("", ""), inner.len(), depth + 1);
                item.decor_mut().set_prefix(format!("\n{inner}"));
            }
            array.set_trailing_comma(true);
            array.set_trailing(format!("\n{outer}"));
        }
        Value::InlineTable(table) => {
            for (mut key, item) in table.iter_mut() {
                key.leaf_decor_mut().set_prefix(format!("\n{inner}"));
                key.leaf_decor_mut().set_suffix(" ");
                let taken = std::mem::replace(item, Value::from(false));
                let used = inner.len() + key.get().len() + 3;
                *item = spread(taken.decorated("", ""), used, depth + 1);
                item.decor_mut().set_prefix(" ");
            }
            table.set_trailing_comma(true);
            table.set_trailing(format!("\n{outer}"));
        }
        _ => {}
    }
    value
}

fn put_comments(table: &mut Table, key: &str, comments: &[String]) {
    if comments.is_empty() {
        return;
    }
    let lines: String = comments.iter().map(|line| comment_line(line)).collect();
    if let Some(mut key) = table.key_mut(key) {
        key.leaf_decor_mut().set_prefix(lines);
    }
}

fn comment_line(line: &str) -> String {
    format!("# {}\n", one_line(line)).replace("# \n", "#\n")
}

/// A text without what TOML does not take in a comment.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn spec(step: ImportedStep) -> String {
        write_spec(&ImportedSpec { name: "x \"y\"".to_owned(), steps: vec![step], ..ImportedSpec::default() })
    }

    #[test]
    fn everything_is_escaped_as_toml_and_read_back_the_same() {
        let mut step = ImportedStep::new("post", "/a b\\\"\n");
        step.set("headers", json!({ "X-Odd key": "tab\there", "b": "'''\"\"\"" }));
        step.set("json", json!({ "deep": { "list": [1, 2.5, true, { "a": "x".repeat(80) }] } }));
        step.expect(&["header", "content type"], "contains", "\u{7f}\u{1}");
        step.expect(&["header", "content type"], "matches", "\\d+");
        step.expect(&["json", "$"], "equals", json!({ "a": 1 }));
        step.captures.push(("id".to_owned(), json!({ "from": "url", "pattern": "/(\\d+)" })));
        let written = spec(step);
        let read: toml::Table = toml::from_str(&written).unwrap_or_else(|error| panic!("{error}\n{written}"));
        let step = read["step"][0].clone();
        assert_eq!(step["post"].as_str(), Some("/a b\\\"\n"));
        assert_eq!(step["headers"]["b"].as_str(), Some("'''\"\"\""));
        assert_eq!(step["json"]["deep"]["list"][3]["a"].as_str(), Some(&*"x".repeat(80)));
        assert_eq!(step["expect"]["header"]["content type"]["contains"].as_str(), Some("\u{7f}\u{1}"));
        assert_eq!(step["expect"]["json"]["$"]["equals"]["a"].as_integer(), Some(1));
        assert_eq!(step["capture"]["id"]["pattern"].as_str(), Some("/(\\d+)"));
        assert!(written.lines().all(|line| line.len() <= 110), "{written}");
    }

    #[test]
    fn comments_stay_comments() {
        let mut step = ImportedStep::new("get", "/");
        step.comments = vec!["one\nget = \"/evil\"".to_owned(), String::new()];
        let written = spec(step);
        assert!(written.contains("\n# one get = \"/evil\"\n#\n[[step]]\nget = \"/\"\n"), "{written}");
    }
}
