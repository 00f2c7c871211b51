//! `sql`: one statement on a database of the target.

use crate::evidence::Value;

/// A statement that is ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct SqlCall {
    /// The statement, with parameters as `:name`.
    pub sql: String,
    /// The database's name in the target; none where the target has one only.
    pub database: Option<String>,
    /// The parameters by name.
    pub params: Vec<(String, Value)>,
}
