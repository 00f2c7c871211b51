//! The guard process: ends a browser when we are gone, however we went.

use std::path::Path;

use crate::cli::exit_code;

/// Runs the command; gives back the exit code.
pub(in crate::cli) fn guard(group: u32, folder: &Path) -> u8 {
    crate::run::browser::run_guard(group, folder);
    exit_code::PASSED
}
