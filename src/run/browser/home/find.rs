//! Which browsers and drivers are on this machine, and whether they fit.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::run::browser::BrowserKind;

/// Where browsers are that are not in everybody's `PATH`.
const USUAL_PLACES: &[&str] = &[
    "/snap/bin",
    "/opt/google/chrome",
    "/opt/homebrew/bin",
    "/Applications/Chromium.app/Contents/MacOS",
    "/Applications/Google Chrome.app/Contents/MacOS",
    "/Applications/Firefox.app/Contents/MacOS",
];

/// A browser and its driver, as found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The browser.
    pub browser: Option<Program>,
    /// The program that drives it.
    pub driver: Option<Program>,
    /// Whether they can work together.
    pub fit: Fit,
}

/// A program on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// What it says of itself, such as `Chromium 156.0.7123.4`; empty if it says nothing.
    pub version: String,
    /// Where it is.
    pub path: PathBuf,
}

/// Whether a browser and a driver can work together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// They can.
    Good,
    /// One of them is missing.
    Incomplete,
    /// Their versions do not belong together.
    Mismatch,
}

/// Programs without asking them for their versions, which takes time.
#[derive(Clone, Debug, Default)]
pub(in crate::run::browser) struct Paths {
    pub(in crate::run::browser) browser: Option<PathBuf>,
    pub(in crate::run::browser) driver: Option<PathBuf>,
}

impl Fit {
    /// Whether the browser can be driven.
    pub fn is_good(self) -> bool {
        self == Self::Good
    }
}

/// Looks for a browser and its driver in `search_path` (the value of `PATH`) and in the usual places, and asks each
/// for its version. A browser whose window is to be shown may be another program.
pub fn find_browser(kind: BrowserKind, headed: bool, search_path: &OsStr) -> Found {
    let paths = find_paths(kind, headed, search_path);
    let browser = paths.browser.map(ask_version);
    let driver = paths.driver.map(ask_version);
    let fit = match (&browser, &driver) {
        (Some(browser), Some(driver)) => judge_fit(kind, browser, driver),
        _ => Fit::Incomplete,
    };
    Found { browser, driver, fit }
}

/// Where a browser and its driver are.
pub(in crate::run::browser) fn find_paths(kind: BrowserKind, headed: bool, search_path: &OsStr) -> Paths {
    let folders: Vec<PathBuf> =
        std::env::split_paths(search_path).chain(USUAL_PLACES.iter().map(PathBuf::from)).collect();
    let find = |name: &str| folders.iter().map(|folder| folder.join(name)).find(|path| is_program(path));
    Paths {
        browser: kind.programs(headed).iter().find_map(|name| find(name)),
        driver: find(kind.driver_name()),
    }
}

fn is_program(path: &Path) -> bool {
    let Ok(metadata) = path.metadata() else { return false };
    metadata.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

fn ask_version(path: PathBuf) -> Program {
    let asked = Command::new(&path).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output();
    let said = asked.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    // chromedriver adds its commit in brackets, geckodriver its licence on further lines.
    let line = said.lines().next().unwrap_or("").split(" (").next().unwrap_or("");
    Program { version: line.trim().to_owned(), path }
}

/// chromedriver drives the Chromium of its own major version; geckodriver every Firefox of the last years.
fn judge_fit(kind: BrowserKind, browser: &Program, driver: &Program) -> Fit {
    if kind == BrowserKind::Firefox {
        return Fit::Good;
    }
    match (read_major(&browser.version), read_major(&driver.version)) {
        (Some(browser), Some(driver)) if browser != driver => Fit::Mismatch,
        _ => Fit::Good,
    }
}

fn read_major(version: &str) -> Option<u32> {
    let number =
        version.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    number.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(version: &str) -> Program {
        Program { version: version.to_owned(), path: PathBuf::new() }
    }

    #[test]
    fn chromium_and_its_driver_must_be_of_one_major_version() {
        let browser = program("Chromium 156.0.1 built on Debian 12");
        let judge = |driver: &str| judge_fit(BrowserKind::Chromium, &browser, &program(driver));
        assert_eq!(judge("ChromeDriver 156.0.9"), Fit::Good);
        assert_eq!(judge("ChromeDriver 155.0.9"), Fit::Mismatch);
    }

    #[test]
    fn nothing_is_found_in_an_empty_path_beside_the_usual_places() {
        let folder = tempfile::tempdir().unwrap();
        let paths = find_paths(BrowserKind::Chromium, false, folder.path().as_os_str());
        assert_eq!(paths.driver, None);
    }

    #[test]
    fn a_file_that_cannot_be_run_is_no_program() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chromedriver");
        std::fs::write(&path, "").unwrap();
        assert!(!is_program(&path));
    }
}
