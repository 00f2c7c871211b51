//! How large an answer may be, and what is kept of it.

use std::time::Duration;

use crate::evidence::{Cause, Value};
use crate::verdict::StepError;

/// How many rows an answer may have: a check that silently saw a part of them would say too much.
const MAX_ROWS: usize = 10_000;

/// How many bytes the values of an answer may have together.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// How long after the deadline a statement may say itself why it did not end.
pub(super) const GRACE: Duration = Duration::from_millis(250);

/// The rows that have come so far.
#[derive(Default)]
pub(super) struct Answer {
    rows: Vec<Vec<Value>>,
    bytes: usize,
}

impl Answer {
    /// Adds a row whose values take so many bytes. The error is ours: the statement asks for too much; `code` is what
    /// the database would call it.
    pub(super) fn push(&mut self, row: Vec<Value>, bytes: usize, code: &str) -> Result<(), StepError> {
        self.bytes += bytes;
        if self.rows.len() == MAX_ROWS || self.bytes > MAX_BYTES {
            return Err(too_much(code));
        }
        self.rows.push(row);
        Ok(())
    }

    /// All rows.
    pub(super) fn into_rows(self) -> Vec<Vec<Value>> {
        self.rows
    }
}

fn too_much(code: &str) -> StepError {
    let detail = format!("the answer has more than {MAX_ROWS} rows or {} MiB", MAX_BYTES / 1024 / 1024);
    let cause = Cause::Sql { state: None, code: code.to_owned(), detail: detail.clone() };
    StepError::harness(cause)
        .message(detail)
        .help("let the database do the work: select count(*), a where clause, or a limit")
}
