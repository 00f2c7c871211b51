//! The guard process: ends a browser when we are gone, however we went.

use std::ffi::OsString;
use std::path::Path;

use crate::cli::exit_code;

/// Runs the command; gives back the exit code.
pub(in crate::cli) fn guard(program: &Path, arguments: &[OsString]) -> u8 {
    if crate::run::browser::run_guard(program, arguments) { exit_code::PASSED } else { exit_code::ERRORED }
}
