//! What databases that are servers have in common: their addresses, TLS, whose fault an error is, dates as text.

mod address;
mod fault;
mod idle;
mod iso;
mod reach;
mod tls;
mod unanswered;

pub(super) use address::{Place, ServerAddress, TlsMode};
pub(super) use fault::{ServerError, connection_error, judge, read_only_server, timeout, write_refused};
pub(super) use idle::Idle;
pub(super) use iso::{civil_date, write_date, write_time};
pub(super) use reach::{connect_in_time, look_up_server};
pub(super) use tls::{build_config, read_roots};
pub(super) use unanswered::Unanswered;

use super::engine::Engine;
use super::{spec_error, statement};
use crate::verdict::StepError;

/// Statements that change the connection or begin and end transactions: a step is one statement and its own
/// transaction. `copy` speaks another protocol, and `load data` reads our own files.
const NOT_OF_A_STEP: [&str; 26] = [
    "abort",
    "begin",
    "close",
    "commit",
    "copy",
    "deallocate",
    "declare",
    "discard",
    "end",
    "execute",
    "fetch",
    "handler",
    "listen",
    "load",
    "lock",
    "move",
    "prepare",
    "release",
    "reset",
    "rollback",
    "savepoint",
    "set",
    "start",
    "unlisten",
    "use",
    "xa",
];

/// The first word of a statement that a step may hold.
pub(super) fn read_first_word(sql: &str, engine: Engine) -> Result<String, StepError> {
    let word = statement::read_first_word(sql, engine)?;
    if NOT_OF_A_STEP.contains(&word.as_str()) {
        return Err(spec_error(format!("`{word}` cannot be the statement of a step"))
            .help("one step is one statement, in its own transaction on any connection"));
    }
    Ok(word)
}

/// Whether a connection is after such a statement as it was before.
pub(super) fn keeps_no_state(word: &str) -> bool {
    const WORDS: [&str; 12] = [
        "select", "with", "values", "table", "show", "explain", "describe", "insert", "update", "delete",
        "replace", "merge",
    ];
    WORDS.contains(&word)
}

/// How many rows a statement changed; none for a query.
pub(super) fn count_affected(word: &str, has_columns: bool, affected: u64) -> Option<u64> {
    let writes = matches!(word, "insert" | "update" | "delete" | "replace" | "merge");
    (writes || !has_columns).then_some(affected)
}

/// What to say beside a missing table.
pub(super) fn tell_tables(error: StepError, tables: &[String]) -> StepError {
    if tables.is_empty() {
        error.help("the database has no tables at all: were its migrations run?")
    } else {
        error.help(format!("there are: {}", tables.join(", ")))
    }
}
