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
        Cause::Timeout { phase: Phase::Start, .. } => "harness.driver_died",
        Cause::WebDriver { code, .. } if code == "session not created" => "harness.driver_died",
        Cause::DriverDied => "harness.driver_died",
        Cause::Sql { state, code, .. } if is_login(state.as_deref(), code) => "harness.database_login",
        Cause::File { error, .. } | Cause::Io { error, .. } if error == "StorageFull" => "harness.disk_full",
        _ => return None,
    };
    let diagnosis =
        Diagnosis::of(code, Certainty::Certain, "").seen(format!("{}: {}", step.name, error.message));
    Some(match &error.help {
        Some(help) => diagnosis.advise(help),
        None => diagnosis,
    })
}

/// SQLSTATE class 28, MariaDB's 1044 and 1045, a file that SQLite may not open.
fn is_login(state: Option<&str>, code: &str) -> bool {
    state.is_some_and(|state| state.starts_with("28"))
        || matches!(code, "1044" | "1045" | "1698")
        || ["SQLITE_CANTOPEN", "SQLITE_AUTH", "SQLITE_PERM"].iter().any(|name| code.starts_with(name))
}
