//! What `smokegate setup` does: tells which browsers and drivers are here, and gets one with the system's own package
//! manager if asked to.
//!
//! Planning is apart from doing: [`plan_install`] and [`plan_firefox`] only say which commands, and [`run_install`]
//! shows each before it runs it.

mod firefox;
mod inventory;
mod plan;
mod run;
mod system;

pub use firefox::{DriverSource, plan_firefox};
pub use inventory::{FoundBrowser, FoundProgram, render_inventory};
pub use plan::{InstallCommand, InstallPlan, plan_install};
pub use run::{run_command, run_install};
pub use system::{OsRelease, PackageManager, Privilege, find_package_managers, find_privilege, has_program};

/// Why a browser could not be got. [`SetupError::advice`] says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// None of the package managers that we know is here.
    #[error("none of the package managers apt-get, dnf, apk, pacman, zypper and brew is here")]
    NoPackageManager,
    /// Installing needs root, and there is no way to become root.
    #[error("installing needs root, and there is no sudo here")]
    NoPrivilege {
        /// What root would have to run.
        commands: Vec<InstallCommand>,
    },
    /// Homebrew does not run as root.
    #[error("Homebrew refuses to run as root")]
    BrewAsRoot,
    /// A command could not be started.
    #[error("`{command}` could not be started: {error}")]
    NotStarted {
        /// The command.
        command: InstallCommand,
        /// Why.
        error: std::io::Error,
    },
    /// A command ended badly.
    #[error("`{command}` ended with {}", describe_end(*.code))]
    CommandFailed {
        /// The command.
        command: InstallCommand,
        /// Its exit code; none if a signal ended it.
        code: Option<i32>,
    },
    /// What is to be shown could not be written.
    #[error("nothing can be written to the terminal: {0}")]
    Output(#[from] std::io::Error),
}

impl SetupError {
    /// What a person can do about it, one line each.
    pub fn advice(&self) -> Vec<String> {
        match self {
            Self::NoPackageManager => vec![
                "install Chromium and ChromeDriver of the same version by hand, or Firefox and geckodriver, in folders \
                 of PATH"
                    .to_owned(),
                "or name a driver that runs elsewhere: smokegate run --webdriver URL".to_owned(),
            ],
            Self::NoPrivilege { commands } => {
                std::iter::once("run `smokegate setup --install` as root, or have root run:".to_owned())
                    .chain(commands.iter().map(|command| format!("  {command}")))
                    .collect()
            }
            Self::BrewAsRoot => {
                vec!["run `smokegate setup --install` as the user who owns Homebrew".to_owned()]
            }
            Self::NotStarted { .. } => vec!["is the program still in PATH?".to_owned()],
            Self::CommandFailed { command, .. } => command.advice(),
            Self::Output(_) => Vec::new(),
        }
    }
}

fn describe_end(code: Option<i32>) -> String {
    code.map_or_else(|| "a signal".to_owned(), |code| format!("exit code {code}"))
}
