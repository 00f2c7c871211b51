//! A PostgreSQL database: its connections, and one statement on one of them, in its own transaction.
//!
//! The server ends a statement by its own limit (`statement_timeout`). When the future is dropped the connection is
//! closed, and the server rolls the transaction back.

mod connect;
mod numeric;
mod parameter;
mod reader;
mod shape;
mod time;
mod value;

use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use tokio::time::timeout_at;
use tokio_postgres::{Client, Error};

use super::DatabaseSettings;
use super::answer::{Answer, GRACE};
use super::engine::Engine;
use super::server::{
    Idle, ServerAddress, ServerError, Unanswered, connection_error, count_affected, judge, keeps_no_state,
    read_first_word, read_only_server, tell_tables, timeout,
};
use super::statement::{Placed, check_parameters, place_parameters};
use crate::evidence::{Column, Phase, Rows, Value, round_milliseconds};
use crate::spec::action::SqlCall;
use crate::verdict::StepError;

use connect::Connected;
use parameter::Parameter;
use value::Stored;

/// What PostgreSQL calls a program that asks for too much: `program_limit_exceeded`.
const TOO_BIG: &str = "54000";

/// How near to the deadline the server's own limit may end a statement.
const NEAR: Duration = Duration::from_millis(50);

/// A PostgreSQL database of the target.
pub(super) struct PostgresDatabase {
    address: ServerAddress,
    writable: bool,
    idle: Idle<Connected>,
}

impl PostgresDatabase {
    /// Reads the address; connects to nothing.
    pub(super) fn new(settings: &DatabaseSettings) -> Result<Self, StepError> {
        let address = ServerAddress::read(settings, Engine::PostgreSql)?;
        Ok(Self { address, writable: settings.writable, idle: Idle::default() })
    }

    /// Runs one statement until the deadline, or until the future is dropped.
    pub(super) async fn run(
        &self,
        name: &str,
        call: &SqlCall,
        deadline: tokio::time::Instant,
    ) -> Result<Rows, StepError> {
        let limit = deadline.saturating_duration_since(tokio::time::Instant::now());
        let word = read_first_word(&call.sql, Engine::PostgreSql)?;
        let placed = place_parameters(&call.sql, Engine::PostgreSql)?;
        let given = call.params.iter().map(|(name, _)| name.as_str());
        check_parameters(placed.names.iter().map(String::as_str), given)?;
        let connected = self.take(deadline).await?;
        let asked = self.ask(&connected.client, &word, &placed, &call.params, deadline, limit);
        let mut rows = match timeout_at(deadline + GRACE, asked).await {
            Ok(rows) => rows?,
            Err(_elapsed) => return Err(timeout(limit)),
        };
        if keeps_no_state(&word) {
            self.idle.give_back(connected);
        }
        rows.sql.clone_from(&call.sql);
        name.clone_into(&mut rows.database);
        Ok(rows)
    }

    /// A connection with a transaction begun.
    async fn take(&self, deadline: tokio::time::Instant) -> Result<Connected, StepError> {
        // The server may have closed a kept connection in the meantime: then the next one, then a new one.
        while let Some(connected) = self.idle.take() {
            if let Ok(Ok(())) = timeout_at(deadline, connected.begin(self.writable, deadline)).await {
                return Ok(connected);
            }
        }
        connect::connect(&self.address, self.writable, deadline).await
    }

    async fn ask(
        &self,
        client: &Client,
        word: &str,
        placed: &Placed,
        given: &[(String, Value)],
        deadline: tokio::time::Instant,
        limit: Duration,
    ) -> Result<Rows, StepError> {
        let begun = Instant::now();
        let explain = |error: Error| {
            let fault = statement_error(&error, &self.address.write_place(), deadline, limit);
            if self.writable { read_only_server(fault) } else { fault }
        };
        match read_answer(client, word, &placed.sql, &placed.names, given).await {
            Ok(mut rows) => {
                rows.total_ms = round_milliseconds(begun.elapsed());
                // A constraint may be deferred until now.
                client
                    .batch_execute(if self.writable { "commit" } else { "rollback" })
                    .await
                    .map_err(explain)?;
                Ok(rows)
            }
            Err(Unanswered::Refused(error)) => Err(error),
            Err(Unanswered::Failed(error)) => {
                let is_missing_table =
                    error.code() == Some(&tokio_postgres::error::SqlState::UNDEFINED_TABLE);
                let fault = explain(error);
                Err(match list_tables(client, is_missing_table).await {
                    Some(tables) => tell_tables(fault, &tables),
                    None => fault,
                })
            }
        }
    }
}

async fn read_answer(
    client: &Client,
    word: &str,
    sql: &str,
    names: &[String],
    given: &[(String, Value)],
) -> Result<Rows, Unanswered<Error>> {
    let statement = client.prepare(sql).await?;
    let find = |name: &String| given.iter().find(|(given, _)| given == name);
    let parameters: Result<Vec<Parameter>, StepError> = names
        .iter()
        .filter_map(find)
        .zip(statement.params())
        .map(|((name, value), kind)| Parameter::new(name, value, kind))
        .collect();
    let parameters = parameters.map_err(Unanswered::Refused)?;
    let mut stream = pin!(client.query_raw(&statement, parameters).await?);
    let described = statement.columns();
    let mut answer = Answer::default();
    while let Some(row) = stream.next().await {
        let row = row?;
        let (mut values, mut bytes) = (Vec::with_capacity(described.len()), 0);
        for (index, column) in described.iter().enumerate() {
            let Stored(raw) = row.try_get(index)?;
            bytes += raw.map_or(1, <[u8]>::len);
            values.push(value::read_value(column.type_(), raw));
        }
        answer.push(values, bytes, TOO_BIG).map_err(Unanswered::Refused)?;
    }
    let affected = count_affected(word, !described.is_empty(), stream.rows_affected().unwrap_or_default());
    let rows = answer.into_rows();
    let columns = described
        .iter()
        .map(|column| Column { name: column.name().to_owned(), data_type: value::type_name(column.type_()) });
    Ok(Rows {
        sql: String::new(),
        database: String::new(),
        columns: columns.collect(),
        count: rows.len(),
        rows,
        affected,
        total_ms: 0.0,
    })
}

/// The typed error of a statement that did not come to its end.
fn statement_error(error: &Error, place: &str, deadline: tokio::time::Instant, limit: Duration) -> StepError {
    match error.as_db_error() {
        Some(told) => {
            let fault = read_error(told, false);
            let is_due = tokio::time::Instant::now() + NEAR >= deadline;
            // query_canceled, by the limit that we set or by an administrator; lock_not_available.
            if is_due && matches!(fault.state.as_str(), "57014" | "55P03") {
                timeout(limit)
            } else {
                judge(fault)
            }
        }
        None => connection_error(Engine::PostgreSql, error, Phase::Statement, place),
    }
}

fn read_error(error: &tokio_postgres::error::DbError, is_login: bool) -> ServerError {
    let detail = match error.detail() {
        Some(detail) => format!("{}: {detail}", error.message()),
        None => error.message().to_owned(),
    };
    ServerError {
        engine: Engine::PostgreSql,
        state: error.code().code().to_owned(),
        number: 0,
        detail,
        is_login,
    }
}

/// The first tables and views by name. The failed transaction ends for it.
async fn list_tables(client: &Client, is_wanted: bool) -> Option<Vec<String>> {
    if !is_wanted {
        return None;
    }
    client.batch_execute("rollback").await.ok()?;
    let sql = "select table_name::text from information_schema.tables \
               where table_schema = any (current_schemas(false)) order by 1 limit 20";
    let rows = client.query(sql, &[]).await.ok()?;
    Some(rows.iter().filter_map(|row| row.try_get(0).ok()).collect())
}
