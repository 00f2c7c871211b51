//! `[[case]]`: rows that each run the scenario once; written in the spec, or as CSV beside it.

use super::node::{Node, NodeValue, Table};
use super::reader::Reader;
use super::template::ValueTemplate;
use crate::evidence::Value;

/// One row of values.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// How reports call it: its `name`, else its first value.
    pub name: String,
    /// Names and values, for `case.NAME`.
    pub values: Vec<(String, ValueTemplate)>,
}

/// Reads `[[case]]` tables, or `case.file`.
pub(super) fn read_cases(reader: &mut Reader, node: &Node) -> Vec<Case> {
    match &node.value {
        NodeValue::List(items) => items.iter().filter_map(|item| read_row(reader, item)).collect(),
        NodeValue::Table(table) => read_file(reader, table),
        _ => {
            reader.problem(node.span, "a case is a table of values: [[case]], or case.file = \"values.csv\"");
            Vec::new()
        }
    }
}

fn read_row(reader: &mut Reader, item: &Node) -> Option<Case> {
    let NodeValue::Table(table) = &item.value else {
        reader.problem(item.span, "a case is a table of values: [[case]]");
        return None;
    };
    let values: Vec<_> =
        table.entries.iter().map(|entry| (entry.key.clone(), entry.node.to_template())).collect();
    if values.is_empty() {
        reader.problem(table.span, "a case needs at least one value");
        return None;
    }
    Some(Case { name: case_name(&values), values })
}

fn case_name(values: &[(String, ValueTemplate)]) -> String {
    let shown = |value: &ValueTemplate| match value {
        ValueTemplate::Text(text) => text.source().to_owned(),
        ValueTemplate::Plain(value) => value.to_text(),
        ValueTemplate::List(_) | ValueTemplate::Table(_) => "…".to_owned(),
    };
    match values.iter().find(|(name, _)| name == "name").or_else(|| values.first()) {
        Some((name, value)) if name == "name" => shown(value),
        Some((name, value)) => format!("{name}={}", shown(value)),
        None => String::new(),
    }
}

/// The first row of a CSV file (RFC 4180) has the names.
fn read_file(reader: &mut Reader, table: &Table) -> Vec<Case> {
    let before = reader.problems.len();
    for entry in table.entries.iter().filter(|entry| entry.key != "file") {
        let message = format!("unknown key `{}` in `case`", entry.key);
        reader.unknown(entry.key_span, message, &entry.key, ["file"]);
    }
    if reader.problems.len() > before {
        return Vec::new();
    }
    let Some((NodeValue::Text(name), span)) =
        table.get("file").map(|entry| (&entry.node.value, entry.node.span))
    else {
        reader.problem(
            table.span,
            "`case` is an array of tables, [[case]], or names a file: case.file = \"values.csv\"",
        );
        return Vec::new();
    };
    let path = reader.file.folder().join(name);
    let mut rows = match csv::ReaderBuilder::new().trim(csv::Trim::Headers).from_path(&path) {
        Ok(rows) => rows,
        Err(_) => {
            reader.problem(span, format!("there is no file {name} beside this spec, or it cannot be read"));
            return Vec::new();
        }
    };
    let columns = match rows.headers() {
        Ok(columns) => columns.clone(),
        Err(error) => {
            reader.problem(span, format!("{name} is not CSV: {error}"));
            return Vec::new();
        }
    };
    let mut cases = Vec::new();
    for row in rows.records() {
        match row {
            Ok(row) => {
                let cells = columns.iter().zip(row.iter());
                let values: Vec<_> = cells
                    .map(|(column, cell)| (column.to_owned(), ValueTemplate::Plain(Value::text(cell))))
                    .collect();
                cases.push(Case { name: case_name(&values), values });
            }
            Err(error) => {
                reader.problem(span, format!("{name} is not CSV: {error}"));
                return Vec::new();
            }
        }
    }
    if cases.is_empty() {
        reader.problem(span, format!("{name} has no row below its column names"));
    }
    cases
}

/// Names that every row has: a template that uses another one would have no value in some row.
pub(super) fn shared_names(cases: &[Case]) -> Vec<String> {
    let Some((first, rest)) = cases.split_first() else {
        return Vec::new();
    };
    let has = |case: &Case, name: &String| case.values.iter().any(|(known, _)| known == name);
    first
        .values
        .iter()
        .map(|(name, _)| name.clone())
        .filter(|name| rest.iter().all(|case| has(case, name)))
        .collect()
}
