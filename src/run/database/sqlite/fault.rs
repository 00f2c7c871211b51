//! SQLite's result codes, and whose fault each is.

use rusqlite::{Error, ErrorCode, ffi};

use super::super::stop::Stop;
use crate::evidence::{Cause, Phase, round_milliseconds};
use crate::verdict::StepError;

/// The typed error of a statement that did not come to its end.
pub(super) fn statement_error(error: &Error, stop: &Stop) -> StepError {
    let (result, detail) = match error {
        Error::SqliteFailure(result, detail) => {
            (*result, detail.clone().unwrap_or_else(|| ffi::code_to_str(result.extended_code).to_owned()))
        }
        Error::SqlInputError { error, msg, .. } => (*error, msg.clone()),
        other => (ffi::Error::new(ffi::SQLITE_MISUSE), other.to_string()),
    };
    if result.code == ErrorCode::OperationInterrupted {
        return timeout(stop);
    }
    let place = match error {
        Error::SqlInputError { sql, offset, .. } => place_in(sql, *offset),
        _ => None,
    };
    judge(result, detail, place)
}

/// The error of a statement that had not answered when the deadline came.
pub(super) fn timeout(stop: &Stop) -> StepError {
    StepError::target(Cause::Timeout { phase: Phase::Statement, limit_ms: round_milliseconds(stop.limit()) })
}

/// The error of a statement that would write where only reading is allowed.
pub(super) fn write_refused(detail: impl Into<String>) -> StepError {
    StepError::harness(sql_cause(ffi::SQLITE_READONLY, detail))
        .message("the statement writes, and the database is open for reading only")
        .help(
            "if that is meant, declare the database with writable = true and without mode=ro in its address",
        )
}

/// The cause, with the name of SQLite's extended result code.
pub(super) fn sql_cause(extended_code: i32, detail: impl Into<String>) -> Cause {
    Cause::Sql { state: None, code: code_name(extended_code), detail: detail.into() }
}

/// Where the database is not as the statement expects it, or cannot answer, the target is at fault; where we may not
/// look or ask for nonsense, we are. `SQLITE_ERROR` covers both: only its text tells a missing table from bad syntax.
fn judge(result: ffi::Error, detail: String, place: Option<String>) -> StepError {
    let cause = sql_cause(result.extended_code, detail.clone());
    match result.code {
        ErrorCode::ReadOnly if result.extended_code == ffi::SQLITE_READONLY => write_refused(detail),
        ErrorCode::ReadOnly => StepError::harness(cause)
            .help("its last writer left it in a state that only a program with write access can repair"),
        ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied => {
            StepError::harness(cause)
                .help("a database in WAL mode needs its -shm file: may this user read its folder?")
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            StepError::target(cause).help("another program has kept it locked until the step's deadline")
        }
        ErrorCode::NotADatabase => {
            StepError::target(cause).help("is it the right file, and is it not encrypted?")
        }
        ErrorCode::Unknown if is_schema_mismatch(&detail) => StepError::target(cause),
        ErrorCode::Unknown => {
            let place = place.map_or_else(String::new, |place| format!(", {place}"));
            StepError::harness(cause)
                .message(format!("the statement is not valid for SQLite: {detail}{place}"))
        }
        ErrorCode::OutOfMemory
        | ErrorCode::TooBig
        | ErrorCode::ParameterOutOfRange
        | ErrorCode::ApiMisuse
        | ErrorCode::InternalMalfunction
        | ErrorCode::OperationAborted => StepError::harness(cause),
        _ => StepError::target(cause),
    }
}

/// Whether a text of `SQLITE_ERROR` says that the schema is not as expected (SQLite's `resolve.c`, `build.c`,
/// `insert.c`).
fn is_schema_mismatch(detail: &str) -> bool {
    const BEGINNINGS: [&str; 4] = ["no such table", "no such column", "no such index", "no such view"];
    BEGINNINGS.iter().any(|beginning| detail.starts_with(beginning))
        || detail.starts_with("table ")
            && (detail.contains(" has no column named ") || detail.contains(" columns but "))
}

/// Line and column of a byte offset in a statement, in words.
fn place_in(sql: &str, offset: i32) -> Option<String> {
    let before = sql.get(..usize::try_from(offset).ok()?)?;
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Some(if sql.trim_end().contains('\n') {
        format!("at line {line}, column {column} of the statement")
    } else {
        format!("at column {column} of the statement")
    })
}

macro_rules! names {
    ($($name:ident)*) => { &[$((ffi::$name, stringify!($name))),*] };
}

/// The result codes that a statement can end with (SQLite, "Result and Error Codes").
const CODES: &[(i32, &str)] = names! {
    SQLITE_ERROR SQLITE_INTERNAL SQLITE_PERM SQLITE_ABORT SQLITE_BUSY SQLITE_LOCKED SQLITE_NOMEM SQLITE_READONLY
    SQLITE_INTERRUPT SQLITE_IOERR SQLITE_CORRUPT SQLITE_NOTFOUND SQLITE_FULL SQLITE_CANTOPEN SQLITE_PROTOCOL
    SQLITE_SCHEMA SQLITE_TOOBIG SQLITE_CONSTRAINT SQLITE_MISMATCH SQLITE_MISUSE SQLITE_AUTH SQLITE_RANGE
    SQLITE_NOTADB SQLITE_ERROR_MISSING_COLLSEQ SQLITE_BUSY_RECOVERY SQLITE_BUSY_SNAPSHOT SQLITE_BUSY_TIMEOUT
    SQLITE_LOCKED_SHAREDCACHE SQLITE_LOCKED_VTAB SQLITE_READONLY_RECOVERY SQLITE_READONLY_CANTLOCK
    SQLITE_READONLY_ROLLBACK SQLITE_READONLY_DBMOVED SQLITE_READONLY_CANTINIT SQLITE_READONLY_DIRECTORY
    SQLITE_CANTOPEN_ISDIR SQLITE_CANTOPEN_FULLPATH SQLITE_CANTOPEN_SYMLINK SQLITE_CORRUPT_VTAB
    SQLITE_CORRUPT_SEQUENCE SQLITE_CORRUPT_INDEX SQLITE_IOERR_READ SQLITE_IOERR_SHORT_READ SQLITE_IOERR_WRITE
    SQLITE_IOERR_FSYNC SQLITE_IOERR_LOCK SQLITE_IOERR_SHMOPEN SQLITE_IOERR_SHMLOCK SQLITE_IOERR_SHMMAP
    SQLITE_CONSTRAINT_CHECK SQLITE_CONSTRAINT_FOREIGNKEY SQLITE_CONSTRAINT_NOTNULL SQLITE_CONSTRAINT_PRIMARYKEY
    SQLITE_CONSTRAINT_TRIGGER SQLITE_CONSTRAINT_UNIQUE SQLITE_CONSTRAINT_ROWID SQLITE_CONSTRAINT_DATATYPE
};

/// The name of an extended result code; of its primary code where the extended one is not listed.
fn code_name(extended_code: i32) -> String {
    let find = |code: i32| CODES.iter().find(|(known, _)| *known == code).map(|(_, name)| *name);
    match find(extended_code).or_else(|| find(extended_code & 0xff)) {
        Some(name) => name.to_owned(),
        None => format!("SQLITE_{extended_code}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Origin;

    #[test]
    fn an_extended_code_has_its_own_name_or_its_primary_one() {
        assert_eq!(code_name(ffi::SQLITE_CONSTRAINT_UNIQUE), "SQLITE_CONSTRAINT_UNIQUE");
        assert_eq!(code_name(ffi::SQLITE_IOERR_GETTEMPPATH), "SQLITE_IOERR");
        assert_eq!(code_name(99), "SQLITE_99");
    }

    #[test]
    fn a_schema_that_is_behind_is_the_targets_fault_and_bad_sql_is_ours() {
        let origin = |detail: &str| judge(ffi::Error::new(ffi::SQLITE_ERROR), detail.to_owned(), None).origin;
        assert_eq!(origin("no such table: lists_item"), Origin::Target);
        assert_eq!(origin("table lists_item has no column named owner"), Origin::Target);
        assert_eq!(origin("table lists_item has 3 columns but 2 values were supplied"), Origin::Target);
        assert_eq!(origin("no such function: now"), Origin::Harness);
        assert_eq!(origin("near \"selec\": syntax error"), Origin::Harness);
    }

    #[test]
    fn the_place_of_a_mistake_is_told_by_line_only_where_there_are_several() {
        assert_eq!(place_in("select é frm a", 10).unwrap(), "at column 10 of the statement");
        assert_eq!(place_in("select 1\nfrm a", 9).unwrap(), "at line 2, column 1 of the statement");
        assert_eq!(place_in("select", -1), None);
    }
}
