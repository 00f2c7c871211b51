//! `smokegate completions`: what a shell needs to complete commands and options.

use clap::{Command, CommandFactory as _};

use crate::cli::args::{Arguments, CompletionsArguments};
use crate::cli::env::print_line;
use crate::cli::exit_code;

/// Runs the command; gives back the exit code.
pub(in crate::cli) fn completions(arguments: &CompletionsArguments) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut build_visible_command(), "smokegate", &mut script);
    print_line(String::from_utf8_lossy(&script).trim_end());
    exit_code::PASSED
}

/// The command line without what is hidden: some shells would complete that too.
fn build_visible_command() -> Command {
    let whole = Arguments::command();
    let visible = whole.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    Command::new("smokegate")
        .version(env!("CARGO_PKG_VERSION"))
        .propagate_version(true)
        .disable_help_subcommand(true)
        .args(whole.get_arguments().cloned())
        .subcommands(visible)
}
