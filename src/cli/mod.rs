//! The command line: what was typed, what is meant by it, and what is done.

mod args;
mod browser_options;
mod commands;
mod env;
mod execute;
mod exit_code;
pub mod import;
mod init;
mod new_file;
mod options;
pub mod reference;
pub mod setup;
mod signals;

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

use self::args::{Arguments, Command};
use self::env::Surroundings;

/// Runs the program; gives back its exit code.
pub fn main() -> ExitCode {
    let surroundings = Surroundings::read();
    let arguments = match parse(&surroundings) {
        Ok(arguments) => arguments,
        Err(error) => {
            // `--help` and `--version` come this way too, with exit code 0.
            let code = if error.use_stderr() { exit_code::USAGE } else { exit_code::PASSED };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let surroundings = surroundings.with_color(arguments.color);
    colored::control::set_override(surroundings.colour);
    let code = match arguments.command {
        Command::Guard { program, arguments } => commands::guard(&program, &arguments),
        Command::Check(check) => commands::check(&check, &surroundings),
        Command::List(list) => commands::list(&list, &surroundings),
        Command::Init(init) => block_on(commands::init(&init, &surroundings)),
        Command::Import(import) => commands::import(&import),
        Command::Explain(explain) => commands::explain(&explain),
        Command::Fmt(fmt) => commands::fmt(&fmt, &surroundings),
        Command::Schema(schema) => commands::schema(&schema),
        Command::Completions(completions) => commands::completions(&completions),
        Command::Man => commands::man(),
        Command::Setup(setup) => block_on(commands::setup(&setup, &surroundings)),
        Command::Demo(demo) => block_on(commands::demo(&demo, &surroundings)),
        Command::Diagnose(diagnose) => block_on(commands::diagnose(&diagnose, &surroundings)),
        Command::Open(open) => block_on(commands::open(&open, &surroundings)),
        Command::Run(run) => block_on(commands::run(&run, &surroundings)),
    };
    ExitCode::from(code)
}

fn parse(surroundings: &Surroundings) -> Result<Arguments, clap::Error> {
    let choice = if surroundings.colour { clap::ColorChoice::Always } else { clap::ColorChoice::Never };
    let matches = Arguments::command().color(choice).try_get_matches()?;
    Arguments::from_arg_matches(&matches)
}

fn block_on(future: impl Future<Output = u8>) -> u8 {
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => {
            let code = runtime.block_on(future);
            // A name that is still being looked up must not keep the program from ending.
            runtime.shutdown_background();
            code
        }
        Err(error) => {
            env::print_error(&format!("the runtime does not start: {error}"));
            exit_code::ERRORED
        }
    }
}
