//! A MariaDB or MySQL database: its connections, and one statement on one of them, in its own transaction.
//!
//! The server ends a statement by its own limit (`max_statement_time`; MySQL's `max_execution_time` is for queries).
//! A statement that it does not end is left behind: its transaction is rolled back as soon as the server sees that
//! nobody is there.

mod connect;
mod json;
mod value;

use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Error, Params, Value as SqlValue};
use tokio::time::timeout_at;

use super::DatabaseSettings;
use super::answer::{Answer, GRACE};
use super::engine::Engine;
use super::server::{
    Idle, ServerAddress, ServerError, Unanswered, connection_error, count_affected, judge, keeps_no_state,
    read_first_word, tell_tables, timeout, write_refused,
};
use super::statement::{Placed, check_parameters, names_file_output, place_parameters};
use crate::evidence::{Cause, Column, Phase, Rows, round_milliseconds};
use crate::spec::action::SqlCall;
use crate::verdict::StepError;

use connect::Connected;

/// What MariaDB calls an answer that is too long: `ER_TOO_BIG_SELECT`.
const TOO_BIG: &str = "1104";

/// A MariaDB or MySQL database of the target.
pub(super) struct MariaDatabase {
    address: ServerAddress,
    writable: bool,
    idle: Idle<Connected>,
}

impl MariaDatabase {
    /// Reads the address; connects to nothing.
    pub(super) fn new(settings: &DatabaseSettings) -> Result<Self, StepError> {
        let address = ServerAddress::read(settings, Engine::MariaDb)?;
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
        let word = read_first_word(&call.sql, Engine::MariaDb)?;
        if !self.writable && names_file_output(&call.sql) {
            let detail = "select … into outfile writes a file on the server".to_owned();
            return Err(write_refused(Cause::Sql { state: None, code: "1792".to_owned(), detail }));
        }
        let placed = place_parameters(&call.sql, Engine::MariaDb)?;
        let given = call.params.iter().map(|(name, _)| name.as_str());
        check_parameters(placed.names.iter().map(String::as_str), given)?;
        let values = value::bind_values(&placed.names, &call.params)?;
        let mut connected = self.take(deadline).await?;
        let asked = self.ask(&mut connected, &word, &placed, values, deadline, limit);
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
        while let Some(mut connected) = self.idle.take() {
            if let Ok(Ok(())) = timeout_at(deadline, connected.begin(self.writable, deadline)).await {
                return Ok(connected);
            }
        }
        connect::connect(&self.address, self.writable, deadline).await
    }

    async fn ask(
        &self,
        connected: &mut Connected,
        word: &str,
        placed: &Placed,
        values: Vec<SqlValue>,
        deadline: tokio::time::Instant,
        limit: Duration,
    ) -> Result<Rows, StepError> {
        let begun = Instant::now();
        let place = self.address.write_place();
        match read_answer(connected, word, &placed.sql, values).await {
            Ok(mut rows) => {
                rows.total_ms = round_milliseconds(begun.elapsed());
                let end = if self.writable { "COMMIT" } else { "ROLLBACK" };
                let ended = connected.conn.query_drop(end).await;
                ended.map_err(|error| statement_error(&error, &place, deadline, limit))?;
                Ok(rows)
            }
            Err(Unanswered::Refused(error)) => Err(error),
            Err(Unanswered::Failed(error)) => {
                let is_missing_table = matches!(&error, Error::Server(error) if error.code == 1146);
                let fault = statement_error(&error, &place, deadline, limit);
                Err(match list_tables(&mut connected.conn, is_missing_table).await {
                    Some(tables) => tell_tables(fault, &tables),
                    None => fault,
                })
            }
        }
    }
}

async fn read_answer(
    connected: &mut Connected,
    word: &str,
    sql: &str,
    values: Vec<SqlValue>,
) -> Result<Rows, Unanswered<Error>> {
    let conn = &mut connected.conn;
    let statement = conn.prep(sql).await?;
    let parameters = if values.is_empty() { Params::Empty } else { Params::Positional(values) };
    let mut result = conn.exec_iter(&statement, parameters).await?;
    let described = result.columns().map(|columns| columns.to_vec()).unwrap_or_default();
    let mut answer = Answer::default();
    if !described.is_empty() {
        while let Some(row) = result.next().await? {
            let (mut values, mut bytes) = (Vec::with_capacity(described.len()), 0);
            for (stored, column) in row.unwrap().into_iter().zip(&described) {
                let (value, size) = value::read_value(stored, column);
                bytes += size;
                values.push(value);
            }
            answer.push(values, bytes, TOO_BIG).map_err(Unanswered::Refused)?;
        }
    }
    let affected = count_affected(word, !described.is_empty(), result.affected_rows());
    // What a procedure answers after its first result is not looked at.
    result.drop_result().await?;
    conn.close(statement).await?;
    let mut rows = answer.into_rows();
    let json = if connected.is_mariadb {
        json::find_columns(&mut connected.conn, &described).await?
    } else {
        Vec::new()
    };
    json::read_columns(&mut rows, &json);
    let columns = described.iter().enumerate().map(|(index, column)| Column {
        name: column.name_str().into_owned(),
        data_type: if json.contains(&index) { "json".to_owned() } else { value::type_name(column) },
    });
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
    match error {
        // ER_STATEMENT_TIMEOUT, ER_QUERY_TIMEOUT, and a lock that was not given until then.
        Error::Server(error) if error.code == 1969 || error.code == 3024 => timeout(limit),
        Error::Server(error) if error.code == 1205 && tokio::time::Instant::now() >= deadline => {
            timeout(limit)
        }
        Error::Server(error) => judge(read_error(error, false)),
        Error::Driver(driver) if !matches!(driver, mysql_async::DriverError::ConnectionClosed) => {
            StepError::harness(Cause::Sql {
                state: None,
                code: "driver".to_owned(),
                detail: driver.to_string(),
            })
        }
        other => connection_error(Engine::MariaDb, other, Phase::Statement, place),
    }
}

fn read_error(error: &mysql_async::ServerError, is_login: bool) -> ServerError {
    ServerError {
        engine: Engine::MariaDb,
        state: error.state.clone(),
        number: error.code,
        detail: error.message.clone(),
        is_login,
    }
}

/// The first tables and views by name.
async fn list_tables(conn: &mut Conn, is_wanted: bool) -> Option<Vec<String>> {
    if !is_wanted {
        return None;
    }
    let sql = "select table_name from information_schema.tables where table_schema = database() \
               order by table_name limit 20";
    conn.query(sql).await.ok()
}
