//! `sql`: one statement on a database of the target.

use super::{Action, ActionDefinition, ActionKey};
use crate::evidence::Value;
use crate::expect::Family;
use crate::spec::key::{KeyKind, key};
use crate::spec::reader::{Keys, Reader};
use crate::spec::template::{Scope, Template, TemplateError, ValueTemplate};

/// The action that asks a database.
pub(super) const DEFINITION: ActionDefinition = ActionDefinition {
    keys: &[ActionKey::repeatable(
        "sql",
        KeyKind::Text,
        "asks the target's database, read only unless it is declared writable",
    )],
    neighbours: &[
        key("database", KeyKind::Name, "the database's name in the target; may be left out where it has one"),
        key("params", KeyKind::Values, "values for the statement's `:name` parameters"),
    ],
    yields: &[Family::Database],
    build,
};

/// A statement as written.
#[derive(Clone, Debug)]
pub struct SqlAction {
    sql: Template,
    database: Option<String>,
    params: Vec<(String, ValueTemplate)>,
}

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

fn build(reader: &mut Reader, keys: &Keys) -> Option<Action> {
    let sql = keys.template("sql")?;
    if sql.is_dynamic() {
        reader.problem_with_help(
            sql.span(),
            "templates do not stand in a statement: a value in it could change what it does",
            "write `:name` there and give it beside: params = { name = \"{{ ... }}\" }",
        );
        return None;
    }
    let params = keys.table("params").map_or(&[][..], |table| &table.entries);
    let params = params.iter().map(|entry| (entry.key.clone(), entry.node.to_template())).collect();
    Some(Action::Sql(SqlAction { sql, database: keys.name("database").map(str::to_owned), params }))
}

impl SqlAction {
    /// The statement.
    pub fn sql(&self) -> &Template {
        &self.sql
    }

    /// The database's name in the target, if one is given.
    pub fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// Fills in the templates.
    pub fn render(&self, scope: &Scope) -> Result<SqlCall, TemplateError> {
        let params = self.params.iter().map(|(name, value)| Ok((name.clone(), value.render(scope)?)));
        Ok(SqlCall {
            sql: self.sql.source().to_owned(),
            database: self.database.clone(),
            params: params.collect::<Result<_, _>>()?,
        })
    }
}
