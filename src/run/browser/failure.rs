//! A driver's error into a typed cause, and whose fault it is.

use fantoccini::error::{CmdError, NewSessionError};

use super::BrowserKind;
use super::bidi::BidiError;
use super::home::find::{Fit, Found};
use crate::evidence::Cause;
use crate::verdict::StepError;

/// What is to be done where a browser or its driver is missing.
const INSTALL: &str = "install one with: smokegate setup --install";

/// A browser or its driver is not on this machine.
pub(super) fn missing(cause: Cause, kind: BrowserKind) -> StepError {
    let message = match cause {
        Cause::DriverMissing => {
            format!("{} was found, but no {} to drive it", kind.name(), kind.driver_name())
        }
        _ => format!("no {} was found on this machine", kind.name()),
    };
    let help = match kind {
        BrowserKind::Chromium => INSTALL.to_owned(),
        BrowserKind::Firefox => {
            format!("{INSTALL} --browser firefox; or run in Chromium with `--browser chromium`")
        }
    };
    StepError::harness(cause).message(message).help(help)
}

/// A window is to be shown, and there is nothing to show it on.
pub(super) fn no_display() -> StepError {
    StepError::harness(Cause::NoDisplay)
        .help("run without `--headed`, or on a display of its own: `xvfb-run smokegate run --headed`")
}

/// A browser did not start, and its driver is of another version.
pub(super) fn explain_start(error: StepError, found: &Found) -> StepError {
    let (Fit::Mismatch, Some(browser), Some(driver)) = (found.fit, &found.browser, &found.driver) else {
        return error;
    };
    let message =
        format!("{} and {} do not fit each other: {}", browser.version, driver.version, error.message);
    mismatch(message)
}

fn mismatch(message: String) -> StepError {
    StepError::harness(Cause::DriverMismatch)
        .message(message)
        .help("bring both to the same version: smokegate setup shows what is here")
}

/// Why no session could be made.
pub(super) fn session_error(error: &NewSessionError) -> StepError {
    let text = error.to_string();
    if text.contains("only supports") || text.contains("does not support") {
        return mismatch(format!("the browser and its driver do not fit each other: {}", first_line(&text)));
    }
    let cause = match error {
        NewSessionError::SessionNotCreated(answer) => Cause::WebDriver {
            code: answer.error.description().to_owned(),
            detail: first_line(&answer.message).to_owned(),
        },
        _ => Cause::DriverDied,
    };
    StepError::harness(cause).message(format!("the browser does not start: {}", first_line(&text)))
}

/// A command that failed because the driver, the browser or the tab is gone, or for a reason of its own.
pub(super) fn command_error(error: &CmdError) -> StepError {
    match error {
        CmdError::Standard(answer) => {
            let code = answer.error.description();
            let detail = first_line(&answer.message);
            if is_browser_gone(code, detail) {
                return StepError::harness(Cause::DriverDied)
                    .message(format!("the browser or its tab ended unexpectedly: {detail}"));
            }
            StepError::harness(Cause::WebDriver { code: code.to_owned(), detail: detail.to_owned() })
        }
        CmdError::NotW3C(_) | CmdError::Json(_) | CmdError::NotJson(_) => {
            StepError::harness(Cause::WebDriver {
                code: "unknown error".to_owned(),
                detail: first_line(&error.to_string()).to_owned(),
            })
        }
        _ => StepError::harness(Cause::DriverDied),
    }
}

/// The same for WebDriver BiDi.
pub(super) fn bidi_error(error: &BidiError) -> StepError {
    match error {
        BidiError::Remote { code, message } => StepError::harness(Cause::WebDriver {
            code: code.clone(),
            detail: first_line(message).to_owned(),
        }),
        BidiError::Closed => StepError::harness(Cause::DriverDied),
        BidiError::TimedOut => {
            StepError::harness(Cause::DriverDied).message("the browser does not answer any more")
        }
    }
}

fn is_browser_gone(code: &str, detail: &str) -> bool {
    matches!(code, "no such window" | "invalid session id")
        || ["disconnected", "not reachable", "tab crashed", "session deleted", "crashed"]
            .iter()
            .any(|sign| detail.contains(sign))
}

/// Whether a command failed because the document changed under it: one looks again, in the new document.
pub(super) fn is_document_gone(error: &CmdError) -> bool {
    let text = error.to_string().to_lowercase();
    let signs = [
        "stale element",
        "detached",
        "document unloaded",
        "document was unloaded",
        "execution context",
        "aborted by navigation",
        "navigation",
        "script timeout",
        "loader has changed",
        "frame was removed",
        "inspected target navigated",
        "does not belong to the document",
        "no longer attached",
        "actor",
    ];
    match error {
        CmdError::Standard(answer) if is_browser_gone(answer.error.description(), &answer.message) => false,
        CmdError::Standard(answer) => {
            matches!(
                answer.error.description(),
                "stale element reference" | "detached shadow root" | "script timeout"
            ) || signs.iter().any(|sign| text.contains(sign))
        }
        CmdError::NotW3C(_) => signs.iter().any(|sign| text.contains(sign)),
        _ => false,
    }
}

/// Drivers add their build and stack to what they say.
pub(super) fn first_line(text: &str) -> &str {
    let line = text.trim().lines().next().unwrap_or("");
    line.trim_start_matches("webdriver did not create session: ").trim()
}
