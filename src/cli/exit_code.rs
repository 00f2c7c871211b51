//! Exit codes: what each means, and what a gate should do. Those of a run come from the run.

use std::fmt::Write as _;

/// Every scenario passed.
pub(super) const PASSED: u8 = 0;
/// Something would have to be done: `fmt --check` found a file that is not as it should be.
pub(super) const FAILED: u8 = 1;
/// Usage or spec error: nothing was sent.
pub(super) const USAGE: u8 = 2;
/// We could not look.
pub(super) const ERRORED: u8 = 3;
/// No scenario was selected.
pub(super) const NOTHING_SELECTED: u8 = 5;
/// Interrupted by SIGINT, cleanup done.
pub(super) const INTERRUPTED: u8 = 130;
/// Ended by SIGTERM, cleanup done.
pub(super) const TERMINATED: u8 = 143;

/// One row of the table of exit codes.
pub(super) struct ExitCodeDefinition {
    /// The code.
    pub(super) code: u8,
    /// What it means.
    pub(super) meaning: &'static str,
    /// What a gate should do.
    pub(super) advice: &'static str,
    /// A command that ends so.
    pub(super) example: &'static str,
}

/// All exit codes. The only source of what exists.
pub(super) const EXIT_CODES: &[ExitCodeDefinition] = &[
    row(
        PASSED,
        "every scenario passed",
        "promote",
        "smokegate run specs/demo/pages.toml --url http://127.0.0.1:8000",
    ),
    row(
        FAILED,
        "at least one failed, the site is wrong",
        "stop or roll back",
        "smokegate run specs/demo/pages.toml --url http://127.0.0.1:1",
    ),
    row(
        USAGE,
        "usage or spec error, nothing was sent",
        "fix the spec",
        "smokegate run --url ftp://127.0.0.1",
    ),
    row(
        ERRORED,
        "nothing failed, but we could not look",
        "try again, do not roll back",
        "smokegate run specs/reference/database.toml --url http://127.0.0.1:8000",
    ),
    row(
        NOTHING_SELECTED,
        "no scenario was selected",
        "fix the selection",
        "smokegate list specs/demo --tag nobody",
    ),
    row(INTERRUPTED, "interrupted by Ctrl-C, cleanup done", "", ""),
    row(TERMINATED, "ended by SIGTERM, cleanup done", "", ""),
];

const fn row(
    code: u8,
    meaning: &'static str,
    advice: &'static str,
    example: &'static str,
) -> ExitCodeDefinition {
    ExitCodeDefinition { code, meaning, advice, example }
}

/// The table for `--help`.
pub(super) fn render_help() -> String {
    let mut help = "Exit codes:".to_owned();
    for row in EXIT_CODES {
        let advice = if row.advice.is_empty() { String::new() } else { format!(": {}", row.advice) };
        let _ = write!(help, "\n  {:<5}{}{advice}", row.code, row.meaning);
    }
    help
}
