//! Running the planned commands, each shown before.

use std::io::{self, Write};
use std::process::{Command, ExitStatus};

use super::SetupError;
use super::plan::{InstallCommand, InstallPlan};

/// Shows the notes, then each command on a line of its own before `run` is called with it; stops at the first that
/// does not end well.
pub fn run_install(
    plan: &InstallPlan,
    output: &mut dyn Write,
    run: &mut dyn FnMut(&InstallCommand) -> io::Result<ExitStatus>,
) -> Result<(), SetupError> {
    for note in &plan.notes {
        writeln!(output, "note: {note}")?;
    }
    for command in &plan.commands {
        writeln!(output, "$ {command}")?;
        output.flush()?;
        let status =
            run(command).map_err(|error| SetupError::NotStarted { command: command.clone(), error })?;
        if !status.success() {
            return Err(SetupError::CommandFailed { command: command.clone(), code: status.code() });
        }
    }
    Ok(())
}

/// Runs a command on our own terminal, so that sudo can ask and the package manager can tell what it does. A package
/// that would ask a question takes its default.
pub fn run_command(command: &InstallCommand) -> io::Result<ExitStatus> {
    let Some((program, arguments)) = command.words.split_first() else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    Command::new(program).args(arguments).env("DEBIAN_FRONTEND", "noninteractive").status()
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::super::{OsRelease, PackageManager, Privilege, plan_install};
    use super::*;

    fn install_with(exit_codes: &[i32]) -> (Result<(), SetupError>, String) {
        let ubuntu = OsRelease::read("ID=ubuntu");
        let plan = plan_install(&ubuntu, &[PackageManager::Apt], Privilege::Root).unwrap();
        let mut output = Vec::new();
        let mut codes = exit_codes.iter();
        let result = run_install(&plan, &mut output, &mut |_| match codes.next() {
            Some(code) => Ok(ExitStatus::from_raw(code << 8)),
            None => Err(io::ErrorKind::NotFound.into()),
        });
        (result, String::from_utf8(output).unwrap())
    }

    #[test]
    fn every_command_is_shown_before_it_runs() {
        let (result, output) = install_with(&[0, 0]);
        assert!(result.is_ok());
        let lines: Vec<&str> = output.lines().collect();
        assert!(lines[0].starts_with("note: on Ubuntu"));
        assert_eq!(
            lines[2..],
            ["$ apt-get update", "$ apt-get install -y chromium-browser chromium-chromedriver"]
        );
    }

    #[test]
    fn the_first_command_that_fails_ends_it_and_says_what_to_do() {
        let (result, output) = install_with(&[100]);
        let error = result.unwrap_err();
        assert_eq!(error.to_string(), "`apt-get update` ended with exit code 100");
        assert!(error.advice()[0].contains("network"));
        assert!(output.ends_with("$ apt-get update\n"), "the second one was never shown: {output}");
        assert!(matches!(install_with(&[]).0, Err(SetupError::NotStarted { .. })));
    }

    #[test]
    fn a_real_command_gives_its_exit_status() {
        let ubuntu = OsRelease::read("ID=debian");
        let plan = plan_install(&ubuntu, &[PackageManager::Apt], Privilege::Root).unwrap();
        let command = |words: &[&str]| InstallCommand {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            ..plan.commands[0].clone()
        };
        let script = "test \"$DEBIAN_FRONTEND\" = noninteractive && exit 7";
        assert_eq!(run_command(&command(&["sh", "-c", script])).unwrap().code(), Some(7));
        assert!(run_command(&command(&["/nowhere/apt-get"])).is_err());
    }
}
