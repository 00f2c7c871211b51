//! An SQLite database: its connections, and one statement on one of them.
//!
//! SQLite works on the calling thread, so a statement runs on a blocking thread of its own. It looks up every
//! thousand instructions, and while it waits for a lock, whether it is to stop.

mod address;
mod fault;
mod pool;
mod snapshot;
mod value;

use std::sync::Arc;
use std::time::Instant;

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, Statement};

use super::answer::{Answer, GRACE};
use super::engine::Engine;
use super::statement::{check_parameters, read_first_word, second_statement};
use super::stop::Stop;
use super::{DatabaseSettings, spec_error};
use crate::evidence::{Cause, Column, Rows, Value, round_milliseconds};
use crate::spec::action::SqlCall;
use crate::verdict::StepError;

use pool::Pool;

/// An SQLite database of the target.
pub(super) struct SqliteDatabase {
    pool: Arc<Pool>,
}

impl SqliteDatabase {
    /// Reads the address; opens nothing.
    pub(super) fn new(settings: &DatabaseSettings) -> Result<Self, StepError> {
        let address = address::read_address(settings)?;
        let writable = settings.writable && !address.read_only;
        Ok(Self { pool: Arc::new(Pool::new(address.path, writable)) })
    }

    /// Runs one statement until the deadline, or until the future is dropped.
    pub(super) async fn run(
        &self,
        name: &str,
        call: &SqlCall,
        deadline: tokio::time::Instant,
    ) -> Result<Rows, StepError> {
        let (stop, _stop_on_drop) = Stop::at(deadline.into_std());
        let task = {
            let (pool, sql, params, stop) =
                (Arc::clone(&self.pool), call.sql.clone(), call.params.clone(), stop.clone());
            tokio::task::spawn_blocking(move || run_on_pool(&pool, &sql, &params, &stop))
        };
        match tokio::time::timeout_at(deadline + GRACE, task).await {
            Ok(Ok(rows)) => rows.map(|rows| Rows { database: name.to_owned(), ..rows }),
            Ok(Err(_cancelled)) => Err(StepError::harness(Cause::Interrupted)),
            Err(_elapsed) => Err(fault::timeout(&stop)),
        }
    }
}

fn run_on_pool(pool: &Pool, sql: &str, params: &[(String, Value)], stop: &Stop) -> Result<Rows, StepError> {
    let word = read_first_word(sql, Engine::Sqlite)?;
    if word == "vacuum" && !pool.writable {
        // SQLite itself would let `vacuum into` write a copy.
        return Err(fault::write_refused("vacuum writes a file"));
    }
    let (pooled, rows) = loop {
        let pooled = pool.take(stop)?;
        let rows = run_on_connection(&pooled.connection, sql, params, stop);
        if stop.is_due() || !pool.is_outdated(&pooled) {
            break (pooled, rows);
        }
    };
    if !pooled.connection.is_autocommit() {
        return Err(spec_error(format!("`{word}` leaves a transaction open, which ends with its step"))
            .help("one step is one statement and its own transaction"));
    }
    if keeps_no_state(&word) {
        pool.give_back(pooled);
    }
    rows.map_err(|error| match &error.cause {
        // SQLite opens a file that it may not write for reading, without a word.
        Cause::Sql { code, .. } if pool.writable && code == "SQLITE_READONLY" => {
            error.message("the statement writes, and this user may only read the database's file").help(
                "run smokegate as a user who may write the file and its folder, or leave the write to the site",
            )
        }
        _ => error,
    })
}

/// Whether a connection is after such a statement as it was before: `pragma`, `attach` and temporary tables last.
fn keeps_no_state(word: &str) -> bool {
    matches!(word, "select" | "with" | "values" | "insert" | "update" | "delete" | "replace")
}

fn run_on_connection(
    connection: &Connection,
    sql: &str,
    params: &[(String, Value)],
    stop: &Stop,
) -> Result<Rows, StepError> {
    let begun = Instant::now();
    let changes_before = connection.total_changes();
    let mut statement = connection.prepare(sql).map_err(|error| prepare_error(connection, &error, stop))?;
    bind_parameters(&mut statement, params)?;
    let columns: Vec<Column> = statement
        .columns()
        .map(|column| Column {
            name: column.name().to_owned(),
            data_type: column.decl_type().unwrap_or_default().to_owned(),
        })
        .collect();
    let is_query = statement.readonly() && !columns.is_empty();
    let rows = read_rows(&mut statement, &columns, stop)?;
    let affected = match (is_query, connection.total_changes() == changes_before) {
        (true, _) => None,
        // A statement that is no insert, update or delete leaves the count of an earlier one in place.
        (false, true) => Some(0),
        (false, false) => Some(connection.changes()),
    };
    Ok(Rows {
        sql: sql.to_owned(),
        database: String::new(),
        columns,
        count: rows.len(),
        rows,
        affected,
        total_ms: round_milliseconds(begun.elapsed()),
    })
}

fn bind_parameters(statement: &mut Statement<'_>, params: &[(String, Value)]) -> Result<(), StepError> {
    let mut named = Vec::with_capacity(statement.parameter_count());
    for index in 1..=statement.parameter_count() {
        match statement.parameter_name(index).and_then(|name| name.strip_prefix(':')) {
            Some(name) => named.push(name.to_owned()),
            None => {
                return Err(spec_error("the statement has a parameter that is not written `:name`")
                    .help("write `:name`, and its value in params = { name = … }"));
            }
        }
    }
    check_parameters(named.iter().map(String::as_str), params.iter().map(|(name, _)| name.as_str()))?;
    for (index, name) in named.iter().enumerate() {
        let Some((_, value)) = params.iter().find(|(given, _)| given == name) else { continue };
        let value: ToSqlOutput<'_> = value::bind_value(name, value)?;
        statement
            .raw_bind_parameter(index + 1, value)
            .map_err(|error| spec_error(format!("`params.{name}` cannot be bound: {error}")))?;
    }
    Ok(())
}

fn read_rows(
    statement: &mut Statement<'_>,
    columns: &[Column],
    stop: &Stop,
) -> Result<Vec<Vec<Value>>, StepError> {
    let mut answer = Answer::default();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(|error| fault::statement_error(&error, stop))? {
        if stop.is_due() {
            return Err(fault::timeout(stop));
        }
        let (mut values, mut bytes) = (Vec::with_capacity(columns.len()), 0);
        for (index, column) in columns.iter().enumerate() {
            let stored = row.get_ref(index).map_err(|error| fault::statement_error(&error, stop))?;
            let (value, size) = value::read_value(stored, &column.data_type);
            bytes += size;
            values.push(value);
        }
        answer.push(values, bytes, "SQLITE_TOOBIG")?;
    }
    Ok(answer.into_rows())
}

fn prepare_error(connection: &Connection, error: &rusqlite::Error, stop: &Stop) -> StepError {
    if matches!(error, rusqlite::Error::MultipleStatement) {
        return second_statement();
    }
    let fault = fault::statement_error(error, stop);
    match &fault.cause {
        Cause::Sql { detail, .. } if detail.starts_with("no such table") => match list_tables(connection) {
            Ok(tables) if tables.is_empty() => fault.help("the database has no tables at all"),
            Ok(tables) => fault.help(format!("there are: {}", tables.join(", "))),
            Err(_) => fault,
        },
        _ => fault,
    }
}

/// The first tables and views by name.
fn list_tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = "select name from sqlite_schema where type in ('table', 'view') and name not like 'sqlite\\_%' \
               escape '\\' order by name limit 20";
    connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

#[cfg(test)]
mod tests;
