//! Runs the built program in surroundings that do not depend on the machine.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::both_browsers::browser_options;

/// A call of the program.
pub(crate) struct Program {
    command: Command,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program with these arguments, in the browser of the test: no colours, no target from the environment.
pub(crate) fn smokegate<I: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = I>) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_smokegate"));
    let arguments: Vec<OsString> = arguments.into_iter().map(|one| one.as_ref().to_owned()).collect();
    let chosen = browser_options(arguments.first().and_then(|command| command.to_str()));
    command.args(&arguments).args(chosen);
    command.stdin(Stdio::null()).env("COLUMNS", "100").env("CI", "true");
    for name in [
        "SMOKEGATE_URL",
        "STAGING_SERVER",
        "SMOKEGATE_WEBDRIVER",
        "SMOKEGATE_WEBDRIVER_CA",
        "NO_COLOR",
        "CLICOLOR_FORCE",
        "DISPLAY",
        "WAYLAND_DISPLAY",
    ] {
        command.env_remove(name);
    }
    Program { command }
}

impl Program {
    /// Sets a variable of its environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it in a folder.
    pub(crate) fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs it to its end.
    pub(crate) fn run(mut self) -> Output {
        let output = self.command.output().expect("the program starts");
        Output {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        }
    }

    /// Starts it, to be signalled or killed.
    pub(crate) fn spawn(mut self) -> std::process::Child {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
    }
}

/// Sends a signal, such as `INT`, to a program that was started.
pub(crate) fn signal(child: &std::process::Child, name: &str) {
    let signal = match name {
        "INT" => rustix::process::Signal::INT,
        "TERM" => rustix::process::Signal::TERM,
        other => panic!("no such signal: {other}"),
    };
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

/// Writes a program for the shell.
pub(crate) fn write_program(folder: &Path, name: &str, script: &str) {
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// The path of a program that is in `PATH`.
pub(crate) fn find_program(name: &str) -> String {
    let path = std::env::var_os("PATH").unwrap();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{name} is in PATH")).to_str().unwrap().to_owned()
}

/// The folder of golden files.
pub(crate) fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}
