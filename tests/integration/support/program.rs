//! Runs the built program in surroundings that do not depend on the machine.

use std::ffi::OsString;
use std::ops::{Deref, DerefMut};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

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

/// A call that is under way. It ends with this, however the test ends: browsers end with the program.
pub(crate) struct Running(Option<Child>);

/// What programs, libraries and browsers need of the machine; nothing else of its environment is handed on.
const NEEDED: [&str; 6] =
    ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"];

/// The program with these arguments, in the browser of the test: no colours, no target from the environment.
pub(crate) fn smokegate<I: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = I>) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_smokegate"));
    let arguments: Vec<OsString> = arguments.into_iter().map(|one| one.as_ref().to_owned()).collect();
    let chosen = browser_options(arguments.first().and_then(|command| command.to_str()));
    command.args(&arguments).args(chosen);
    let needed = NEEDED.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    command.env_clear().envs(needed).env("COLUMNS", "100").env("CI", "true").stdin(Stdio::null());
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
    pub(crate) fn spawn(mut self) -> Running {
        let command = self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Running(Some(command.spawn().expect("the program starts")))
    }
}

impl Running {
    /// Waits for its end, and reads what it prints until then.
    pub(crate) fn wait_with_output(mut self) -> std::io::Result<std::process::Output> {
        self.0.take().expect("it is held until here").wait_with_output()
    }
}

impl Deref for Running {
    type Target = Child;

    fn deref(&self) -> &Child {
        self.0.as_ref().expect("it is held as long as this lives")
    }
}

impl DerefMut for Running {
    fn deref_mut(&mut self) -> &mut Child {
        self.0.as_mut().expect("it is held as long as this lives")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Sends a signal, such as `INT`, to a program that was started.
pub(crate) fn signal(child: &Child, name: &str) {
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
