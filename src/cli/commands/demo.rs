//! `smokegate demo`: the built-in specs against the built-in site, whole or with a fault.

use std::path::PathBuf;
use std::sync::Arc;

use colored::Colorize as _;

use super::setup;
use crate::cli::args::DemoArguments;
use crate::cli::browser_options::{BrowserOptions, choose_kind};
use crate::cli::env::{Surroundings, print_line, print_note};
use crate::cli::execute::{ExecuteOptions, execute};
use crate::cli::exit_code;
use crate::cli::options::{ChosenTarget, Refused, fail, refuse, refuse_specs};
use crate::cli::signals::Signals;
use crate::demo::{DemoSite, Fault, SPECS};
use crate::source::{SourceFile, nearest};
use crate::spec::project::{Database, Project, Target, parse_base_url};
use crate::spec::{Loaded, load_sources};

/// Runs the command; gives back the exit code.
pub(in crate::cli) async fn demo(arguments: &DemoArguments, surroundings: &Surroundings) -> u8 {
    if arguments.fault.as_deref() == Some("list") {
        list_faults();
        return exit_code::PASSED;
    }
    show(arguments, surroundings).await.unwrap_or_else(|refused| refused.0)
}

async fn show(arguments: &DemoArguments, surroundings: &Surroundings) -> Result<u8, Refused> {
    let fault = arguments.fault.as_deref().map(parse_fault).transpose()?;
    let kind = choose_kind(arguments.browser, None);
    if arguments.install_browser && !setup::is_ready(kind, surroundings) {
        setup::install(kind, surroundings)?;
    }
    let loaded = load(surroundings)?;
    let site =
        DemoSite::start(fault).await.map_err(|error| fail(&format!("the site does not start: {error}")))?;
    let code = judge(&site, &loaded, arguments, surroundings).await;
    if arguments.keep_running && code.is_ok() {
        keep_running(&site).await;
    }
    site.stop().await;
    code
}

fn load(surroundings: &Surroundings) -> Result<Loaded, Refused> {
    let sources: Vec<Arc<SourceFile>> = SPECS
        .iter()
        .map(|(path, text)| Arc::new(SourceFile::new(*path, *path, (*text).to_owned())))
        .collect();
    load_sources(&sources, Project::default(), &surroundings.environment, Vec::new())
        .map_err(|problems| refuse_specs(&problems, surroundings))
}

async fn judge(
    site: &DemoSite,
    loaded: &Loaded,
    arguments: &DemoArguments,
    surroundings: &Surroundings,
) -> Result<u8, Refused> {
    let base = parse_base_url(&site.url()).map_err(|reason| refuse(&reason))?;
    let mut target = Target::bare(base.clone());
    target.name = Some("demo".to_owned());
    target.databases.push(Database {
        name: "app".to_owned(),
        url: site.database_url(),
        writable: true,
        folder: PathBuf::new(),
    });
    let chosen = ChosenTarget { target, base, may_write: true };
    let options = ExecuteOptions {
        reports: arguments.report.clone(),
        browser: BrowserOptions { browser: arguments.browser, ..BrowserOptions::default() },
        verbose: arguments.verbose,
        is_built_in: true,
        ..ExecuteOptions::default()
    };
    execute(loaded, chosen, &options, surroundings).await
}

async fn keep_running(site: &DemoSite) {
    let Ok(signals) = Signals::watch() else { return };
    print_note(&format!(
        "the site is up at {}, its database at {}; Ctrl-C ends it",
        site.url(),
        site.database_url()
    ));
    signals.cancel.cancelled().await;
}

fn list_faults() {
    let longest = Fault::ALL.iter().map(|fault| fault.name().len()).max().unwrap_or(0);
    for fault in Fault::ALL {
        print_line(&format!("{}  {}", format!("{:longest$}", fault.name()).bold(), fault.doc()));
    }
}

fn parse_fault(name: &str) -> Result<Fault, Refused> {
    Fault::parse(name).ok_or_else(|| {
        let known = || Fault::ALL.iter().map(|fault| fault.name());
        let hint = nearest(name, known()).map_or_else(
            || format!("known faults: {}", known().collect::<Vec<_>>().join(", ")),
            |meant| format!("did you mean `{meant}`?"),
        );
        refuse(&format!("no fault `{name}`: {hint}"))
    })
}
