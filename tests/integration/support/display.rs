//! A screen that nobody sees.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// An X server that is up as long as this lives.
pub(crate) struct Display {
    name: String,
    // `smokegate guard`: it ends the server when its standard input ends.
    guard: Child,
}

impl Display {
    /// Starts one on a number that is free.
    pub(crate) fn start() -> Self {
        let mut guard = Command::new(env!("CARGO_BIN_EXE_smokegate"))
            .args(["guard", "Xvfb", "-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut number = String::new();
        BufReader::new(guard.stdout.take().unwrap()).read_line(&mut number).unwrap();
        assert!(!number.trim().is_empty(), "Xvfb does not start: tests/run installs it");
        Self { name: format!(":{}", number.trim()), guard }
    }

    /// The titles of the windows that can be seen on it.
    pub(crate) fn windows(&self) -> Vec<String> {
        let ask = |arguments: &[&str]| {
            let mut command = Command::new("xwininfo");
            let output = command.args(["-display", &self.name]).args(arguments).output();
            String::from_utf8_lossy(&output.expect("tests/run installs xwininfo").stdout).into_owned()
        };
        let children = ask(&["-root", "-children"]);
        let ids = children
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .filter(|word| word.starts_with("0x"));
        let told = ids.map(|id| ask(&["-id", id]));
        let is_seen = |text: &String| {
            let width =
                text.split_once("Width: ").and_then(|(_, rest)| rest.lines().next()?.trim().parse().ok());
            text.contains("IsViewable") && width.is_some_and(|width: u32| width > 100)
        };
        told.filter(is_seen).filter_map(|text| Some(text.split('"').nth(1)?.to_owned())).collect()
    }

    /// The value of `DISPLAY`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}
