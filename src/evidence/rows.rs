//! A database's answer.

use serde::{Deserialize, Serialize};

use super::Value;

/// How many rows leave the runner.
const REPORTED: usize = 20;

/// The rows of a query, or how many a statement changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rows {
    /// The statement as it was sent, parameters not filled in.
    pub sql: String,
    /// The name of the database in the target.
    pub database: String,
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// The rows, each with a value per column; the first 20 are reported.
    #[serde(serialize_with = "first_rows")]
    pub rows: Vec<Vec<Value>>,
    /// How many rows there are.
    pub count: usize,
    /// How many rows the statement changed; none for a query.
    pub affected: Option<u64>,
    /// Milliseconds of the statement, connecting left out.
    pub total_ms: f64,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name or alias.
    pub name: String,
    /// The declared type as the database names it; empty for an expression.
    pub data_type: String,
}

fn first_rows<S: serde::Serializer>(rows: &[Vec<Value>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(rows.iter().take(REPORTED))
}

impl Rows {
    /// The position of a column by name, the exact name before one that differs in case only.
    pub fn position(&self, name: &str) -> Option<usize> {
        let exact = self.columns.iter().position(|column| column.name == name);
        exact.or_else(|| self.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name)))
    }
}
