//! The only reader of the environment and the terminal.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};

use colored::Colorize as _;

use super::args::ColorChoice;
use crate::spec::Environment;

/// What is around the program.
#[derive(Clone, Debug)]
pub(super) struct Surroundings {
    /// The environment's variables.
    pub(super) environment: Environment,
    /// Whether standard output takes colours.
    pub(super) colour: bool,
    /// Whether a person watches: standard error is a terminal, and this is no CI job.
    pub(super) is_live: bool,
    /// Whether a person can be asked: standard input and standard error are a terminal.
    pub(super) is_interactive: bool,
    /// Columns of the terminal.
    pub(super) width: u16,
    /// Processors that we may use.
    pub(super) cores: usize,
}

/// The width of lines where there is no terminal.
const WIDTH: u16 = 100;

impl Surroundings {
    /// Looks around.
    pub(super) fn read() -> Self {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let is_set = |name: &str| variables.get(name).is_some_and(|value| !value.is_empty());
        let is_dumb = variables.get("TERM").is_some_and(|term| term == "dumb");
        let is_forced =
            variables.get("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0");
        let is_off = variables.get("CLICOLOR").is_some_and(|value| value == "0");
        let on_terminal = std::io::stdout().is_terminal() && !is_dumb && !is_off;
        let is_live =
            std::io::stderr().is_terminal() && std::io::stdout().is_terminal() && !is_set("CI") && !is_dumb;
        let width =
            variables.get("COLUMNS").and_then(|width| width.parse().ok()).filter(|width| *width >= 40);
        let terminal_width = || {
            let (_, width) = console_size()?;
            (width >= 40).then_some(width)
        };
        Self {
            colour: !is_set("NO_COLOR") && (is_forced || on_terminal),
            is_live,
            is_interactive: std::io::stdin().is_terminal() && std::io::stderr().is_terminal(),
            width: width.or_else(terminal_width).unwrap_or(WIDTH),
            cores: std::thread::available_parallelism().map_or(2, usize::from),
            environment: Environment::new(variables),
        }
    }

    /// Lets the command line overrule the environment.
    pub(super) fn with_color(mut self, choice: ColorChoice) -> Self {
        match choice {
            ColorChoice::Auto => {}
            ColorChoice::Always => self.colour = true,
            ColorChoice::Never => self.colour = false,
        }
        self
    }

    /// Whether a window can be shown; elsewhere than on Linux and its like there is always a display.
    pub(super) fn has_display(&self) -> bool {
        cfg!(target_os = "macos")
            || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| self.variable(name).is_some())
    }

    /// A variable that is set and not empty.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).filter(|value| !value.trim().is_empty())
    }
}

fn console_size() -> Option<(u16, u16)> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some((size.ws_row, size.ws_col))
}

/// Waits for a line on standard input, or for its end. The thread that reads does not keep the program from ending.
pub(super) async fn wait_for_enter() {
    let _ = tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await;
}

/// Prints a line for people on standard output. A closed pipe is no error: nobody reads any more.
pub(super) fn print_line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints a text as it stands on standard output.
pub(super) fn print_text(text: &str) {
    let _ = write!(std::io::stdout(), "{text}");
}

/// Prints an error on standard error.
pub(super) fn print_error(message: &str) {
    let _ = writeln!(std::io::stderr(), "{} {message}", "error:".red().bold());
}

/// Prints a line of any other kind on standard error.
pub(super) fn print_note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
