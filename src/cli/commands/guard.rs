//! The guard process: ends a browser when we are gone, however we went.

use std::ffi::OsString;
use std::path::Path;

use crate::cli::env::print_error;
use crate::cli::exit_code;

/// Runs the command; gives back the exit code.
pub(in crate::cli) fn guard(program: &Path, arguments: &[OsString]) -> u8 {
    match crate::run::browser::run_guard(program, arguments) {
        Ok(()) => exit_code::PASSED,
        Err(error) => {
            print_error(&format!("it cannot be started: {error}"));
            exit_code::ERRORED
        }
    }
}
