//! `smokegate setup`: which browsers and drivers are here; gets one if asked to.

use std::ffi::OsString;
use std::io::{IsTerminal as _, stdout};

use crate::cli::args::SetupArguments;
use crate::cli::browser_options::choose_kind;
use crate::cli::env::{Surroundings, print_error, print_line, print_note};
use crate::cli::exit_code;
use crate::cli::options::Refused;
use crate::cli::setup::{
    DriverSource, FoundBrowser, FoundProgram, OsRelease, find_package_managers, find_privilege, has_program,
    plan_firefox, plan_install, render_inventory, run_command, run_install,
};
use crate::run::browser::BrowserKind;
use crate::run::browser::find::{Found, Program, find_browser};

/// Runs the command; gives back the exit code.
pub(in crate::cli) async fn setup(arguments: &SetupArguments, surroundings: &Surroundings) -> u8 {
    let kind = choose_kind(arguments.browser, None);
    if arguments.install
        && !is_ready(kind, surroundings)
        && let Err(refused) = install(kind, surroundings)
    {
        return refused.0;
    }
    let found =
        [inventory(BrowserKind::Chromium, surroundings), inventory(BrowserKind::Firefox, surroundings)];
    print_line(render_inventory(&found).trim_end());
    if found.iter().any(FoundBrowser::is_usable) {
        return exit_code::PASSED;
    }
    print_note("no browser can be driven: install one with `smokegate setup --install`");
    exit_code::ERRORED
}

/// Whether a browser can be driven.
pub(in crate::cli) fn is_ready(kind: BrowserKind, surroundings: &Surroundings) -> bool {
    inventory(kind, surroundings).is_usable()
}

/// Installs a browser and its driver; each command is shown before it runs.
pub(in crate::cli) fn install(kind: BrowserKind, surroundings: &Surroundings) -> Result<(), Refused> {
    let path = search_path(surroundings);
    let os_release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let privilege = find_privilege(&path, std::io::stdin().is_terminal());
    let (system, managers) = (OsRelease::read(&os_release), find_package_managers(&path));
    let planned = match kind {
        BrowserKind::Chromium => plan_install(&system, &managers, privilege),
        BrowserKind::Firefox => {
            let driver = match inventory(kind, surroundings).driver {
                Some(_) => DriverSource::Here,
                None if has_program(&path, "cargo") => DriverSource::Cargo,
                None => DriverSource::Nowhere,
            };
            plan_firefox(&system, &managers, privilege, driver)
        }
    };
    let installed = planned.and_then(|plan| run_install(&plan, &mut stdout(), &mut run_command));
    installed.map_err(|error| {
        print_error(&error.to_string());
        for advice in error.advice() {
            print_note(&advice);
        }
        Refused(exit_code::ERRORED)
    })
}

fn search_path(surroundings: &Surroundings) -> OsString {
    OsString::from(surroundings.variable("PATH").unwrap_or_default())
}

fn inventory(kind: BrowserKind, surroundings: &Surroundings) -> FoundBrowser {
    let Found { browser, driver, fit } = find_browser(kind, false, &search_path(surroundings));
    let program = |program: Program| FoundProgram { version: program.version, path: program.path };
    FoundBrowser {
        name: kind.name().to_owned(),
        driver_name: kind.driver_name().to_owned(),
        fits: fit.is_good(),
        browser: browser.map(program),
        driver: driver.map(program),
    }
}
