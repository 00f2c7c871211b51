//! `smokegate completions`: what a shell needs to complete commands and options.

use clap::CommandFactory as _;

use crate::cli::args::{Arguments, CompletionsArguments};
use crate::cli::env::print_line;
use crate::cli::exit_code;

/// Runs the command; gives back the exit code.
pub(in crate::cli) fn completions(arguments: &CompletionsArguments) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "smokegate", &mut script);
    print_line(String::from_utf8_lossy(&script).trim_end());
    exit_code::PASSED
}
