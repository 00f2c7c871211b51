//! Whose fault a server's error is, by SQLSTATE (ISO 9075) and error number.

use std::error::Error;
use std::time::Duration;

use super::super::engine::Engine;
use crate::evidence::{Cause, Phase, round_milliseconds};
use crate::run::http::read_cause;
use crate::verdict::StepError;

/// What a server answered instead of rows.
#[derive(Debug)]
pub(in super::super) struct ServerError {
    /// Which kind of server.
    pub(in super::super) engine: Engine,
    /// SQLSTATE.
    pub(in super::super) state: String,
    /// MariaDB's and MySQL's error number; 0 where there are none.
    pub(in super::super) number: u16,
    /// What it said.
    pub(in super::super) detail: String,
    /// Whether it came before there was a connection.
    pub(in super::super) is_login: bool,
}

/// Who is at fault, and what to do.
enum Fault {
    Login,
    NoSuchDatabase,
    NotAllowed,
    ReadOnly,
    ReadOnlyServer,
    Invalid,
    Busy,
    Site,
}

/// Where the database is not as the statement expects it, or cannot answer, the target is at fault; where we may not
/// look or ask for nonsense, we are.
pub(in super::super) fn judge(error: ServerError) -> StepError {
    let ServerError { engine, state, number, detail, is_login } = error;
    let code = if number == 0 { state.clone() } else { number.to_string() };
    let fault = tell_fault(&state, number, is_login);
    let cause = Cause::Sql { state: Some(state), code, detail: detail.clone() };
    match fault {
        Fault::Login => StepError::harness(cause)
            .message(format!("the database refused the login: {detail}"))
            .help("user and password stand in the database's `url`; does the server allow this user from this machine?"),
        Fault::NoSuchDatabase => StepError::harness(cause)
            .message(format!("the server has no such database: {detail}"))
            .help("the name stands after the host in the database's `url`"),
        Fault::NotAllowed => StepError::harness(cause)
            .message(format!("this login may not do that: {detail}"))
            .help("grant it to the user in the database's `url`, or name another user there"),
        Fault::ReadOnly => write_refused(cause),
        Fault::ReadOnlyServer => StepError::harness(cause)
            .message(format!("the server itself takes no writes: {detail}"))
            .help("it may be a replica: name the primary in the database's `url`"),
        Fault::Invalid => {
            StepError::harness(cause).message(format!("the statement is not valid for {}: {detail}", engine.noun()))
        }
        Fault::Busy => StepError::harness(cause).message(format!("the database takes no connection: {detail}")).help(
            "its server is starting, or all connections that it allows are in use: the site may keep too many open",
        ),
        Fault::Site => StepError::target(cause),
    }
}

fn tell_fault(state: &str, number: u16, is_login: bool) -> Fault {
    match number {
        1044 | 1045 | 1129 | 1130 | 1251 | 1698 | 1862 => return Fault::Login,
        1049 => return Fault::NoSuchDatabase,
        1142 | 1143 | 1227 | 1370 | 1410 | 1419 => return Fault::NotAllowed,
        1792 => return Fault::ReadOnly,
        1290 | 1836 => return Fault::ReadOnlyServer,
        1040 | 1203 | 1226 => return Fault::Busy,
        1146 | 1054 | 1136 | 1364 => return Fault::Site,
        1295 | 1210 => return Fault::Invalid,
        _ => {}
    }
    match state {
        "3D000" => Fault::NoSuchDatabase,
        "42501" => Fault::NotAllowed,
        "25006" => Fault::ReadOnly,
        "53300" | "57P03" => Fault::Busy,
        // PostgreSQL: undefined table, column, object; a schema that is not there.
        "42P01" | "42703" | "42704" | "42S02" | "42S22" | "3F000" => Fault::Site,
        // Values that cannot be read as the column's type, by the statement's own text or a parameter.
        "22P02" | "22P03" | "22007" | "22008" | "22023" | "25001" => Fault::Invalid,
        _ if state.starts_with("28") => Fault::Login,
        _ if state.starts_with("42") || state.starts_with("0A") || state.starts_with("26") => Fault::Invalid,
        _ if is_login => Fault::Login,
        _ => Fault::Site,
    }
}

/// The error of a statement that would write where only reading is allowed.
pub(in super::super) fn write_refused(cause: Cause) -> StepError {
    StepError::harness(cause)
        .message("the statement writes, and the database is open for reading only")
        .help("if that is meant, declare the database with writable = true")
}

/// Of a statement that writes to a database which is open for writing, and takes none all the same.
pub(in super::super) fn read_only_server(error: StepError) -> StepError {
    match &error.cause {
        Cause::Sql { code, detail, .. } if code == "25006" => {
            let message = format!("the database itself takes no writes: {detail}");
            error.message(message).help("it may be a replica: name the primary in the database's `url`")
        }
        _ => error,
    }
}

/// The error of a statement that had not answered when the deadline came.
pub(in super::super) fn timeout(limit: Duration) -> StepError {
    StepError::target(Cause::Timeout { phase: Phase::Statement, limit_ms: round_milliseconds(limit) })
}

/// The error of a connection that did not come about, which is ours, or broke under a statement, which is the
/// target's.
pub(in super::super) fn connection_error(
    engine: Engine,
    error: &(dyn Error + 'static),
    phase: Phase,
    place: &str,
) -> StepError {
    let cause = read_cause(error, phase, place);
    if phase == Phase::Statement {
        return StepError::target(Cause::Closed)
            .message("the database closed the connection before it answered the statement")
            .help("its server may have been restarted, or have run out of memory: look into its log");
    }
    match &cause {
        Cause::Io { error, .. } if error == "ConnectionRefused" || error == "NotFound" => StepError::harness(cause)
            .help("is the database's address right, is its server up, and may this machine reach it?"),
        Cause::Io { .. } => StepError::harness(cause),
        Cause::Tls { .. } => StepError::harness(cause).help(
            "name the authority with sslrootcert=FILE in the database's `url`, and the host as its certificate does",
        ),
        _ => {
            let detail = error.to_string();
            StepError::harness(Cause::Closed).message(format!(
                "what answers at {place} cannot be talked to as {}: {detail}",
                engine.noun()
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Origin;

    fn judged(engine: Engine, state: &str, number: u16) -> StepError {
        let error =
            ServerError { engine, state: state.to_owned(), number, detail: "so".to_owned(), is_login: false };
        judge(error)
    }

    #[test]
    fn a_schema_that_is_behind_is_the_sites_fault_and_what_we_may_not_do_is_ours() {
        for (state, number, origin) in [
            ("42S02", 1146, Origin::Target),
            ("42S22", 1054, Origin::Target),
            ("23000", 1062, Origin::Target),
            ("HY000", 1364, Origin::Target),
            ("HY000", 1205, Origin::Target),
            ("08004", 1040, Origin::Harness),
            ("28000", 1045, Origin::Harness),
            ("42000", 1049, Origin::Harness),
            ("42000", 1064, Origin::Harness),
            ("42000", 1142, Origin::Harness),
            ("25006", 1792, Origin::Harness),
            ("HY000", 1290, Origin::Harness),
        ] {
            assert_eq!(judged(Engine::MariaDb, state, number).origin, origin, "{number}");
        }
        for (state, origin) in [
            ("42P01", Origin::Target),
            ("42703", Origin::Target),
            ("23505", Origin::Target),
            ("40P01", Origin::Target),
            ("53300", Origin::Harness),
            ("28P01", Origin::Harness),
            ("3D000", Origin::Harness),
            ("42601", Origin::Harness),
            ("42501", Origin::Harness),
            ("22P02", Origin::Harness),
            ("25006", Origin::Harness),
        ] {
            let error = judged(Engine::PostgreSql, state, 0);
            assert_eq!(error.origin, origin, "{state}");
            let Cause::Sql { state: told, .. } = error.cause else { panic!("{error:?}") };
            assert_eq!(told.as_deref(), Some(state));
        }
    }
}
