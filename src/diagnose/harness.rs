//! Our own side.

use super::{Certainty, Diagnosis, Memory, StepFacts};
use crate::evidence::{Cause, Phase};
use crate::verdict::Origin;

/// A step that we could not carry out.
pub(super) fn diagnose_harness(step: &StepFacts<'_>, _: &Memory) -> Option<Diagnosis> {
    let error = step.error.filter(|error| error.origin == Origin::Harness)?;
    let code = match &error.cause {
        Cause::BrowserMissing | Cause::DriverMissing => "harness.browser_missing",
        Cause::DriverMismatch => "harness.driver_mismatch",
        Cause::NoDisplay => "harness.no_display",
        Cause::WebDriver { code, .. } if code == "session not created" => "harness.driver_died",
        Cause::Timeout { phase: Phase::Start, .. } | Cause::DriverDied => "harness.driver_died",
        Cause::Remote { .. } => "harness.webdriver",
        Cause::File { error, .. } | Cause::Io { error, .. } if error == "StorageFull" => "harness.disk_full",
        Cause::Sql { state, code, .. } => code_of_refusal(state.as_deref().unwrap_or(""), code)?,
        cause if step.action == "sql" && is_out_of_reach(cause) => "harness.database_unreachable",
        _ => return None,
    };
    let diagnosis =
        Diagnosis::of(code, Certainty::Certain, "").seen(format!("{}: {}", step.name, error.message));
    Some(match &error.help {
        Some(help) => diagnosis.advise(help),
        None => diagnosis,
    })
}

/// What a database says to us that says nothing of the site, by SQLSTATE and by the databases' own numbers.
fn code_of_refusal(state: &str, code: &str) -> Option<&'static str> {
    Some(match (state, code) {
        // The account is not let in: SQLSTATE class 28; no such database.
        (_, "1044" | "1045" | "1049" | "1129" | "1130" | "1251" | "1698" | "1862") | ("3D000", _) => {
            "harness.database_login"
        }
        (state, _) if state.starts_with("28") => "harness.database_login",
        // A right is missing; the server, or the way in which we opened it, takes no writes.
        (_, "1142" | "1143" | "1227" | "1370" | "1410" | "1419" | "1290" | "1792" | "1836")
        | ("42501" | "25006", _) => "harness.database_denied",
        // It takes no more connections, or is only starting.
        (_, "1040" | "1203" | "1226") | ("53300" | "57P03", _) => "harness.database_unreachable",
        (_, code) if code.starts_with("SQLITE_CANTOPEN") => "harness.database_file",
        (_, code)
            if ["SQLITE_AUTH", "SQLITE_PERM", "SQLITE_READONLY"]
                .iter()
                .any(|name| code.starts_with(name)) =>
        {
            "harness.database_denied"
        }
        _ => return None,
    })
}

/// Whether there was no connection.
fn is_out_of_reach(cause: &Cause) -> bool {
    cause.is_unreachable() || matches!(cause, Cause::Io { .. } | Cause::Closed | Cause::Tls { .. })
}
