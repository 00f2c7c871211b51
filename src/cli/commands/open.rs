//! `smokegate open`: a browser with a target's headers and access, for looking around.

use std::path::Path;

use url::Url;

use crate::cli::args::OpenArguments;
use crate::cli::browser_options::{BrowserOptions, build_browser_settings, choose_kind, read_target_proxies};
use crate::cli::env::{Surroundings, print_error, print_note};
use crate::cli::exit_code;
use crate::cli::options::{Refused, load_project, refuse};
use crate::cli::signals::Signals;
use crate::plan::WINDOW;
use crate::run::browser::{BrowserSettings, show_page};
use crate::run::http::HttpSettings;
use crate::run::{build_http_settings, new_run_id};
use crate::spec::project::{Project, Target, parse_base_url};
use crate::verdict::{Origin, StepError};

/// Runs the command; gives back the exit code.
pub(in crate::cli) async fn open(arguments: &OpenArguments, surroundings: &Surroundings) -> u8 {
    show(arguments, surroundings).await.unwrap_or_else(|refused| refused.0)
}

async fn show(arguments: &OpenArguments, surroundings: &Surroundings) -> Result<u8, Refused> {
    let project = load_project(Path::new("."), surroundings)?;
    let (target, url) = find_place(&arguments.place, &project)?;
    let (settings, http) = build_settings(arguments, &project, &target, surroundings)?;
    let signals = Signals::watch()?;
    let named =
        target.name.as_deref().map(|name| format!(" with the access of `{name}`")).unwrap_or_default();
    print_note(&format!("{}{named}; close its window, or Ctrl-C, to end", without_credentials(&url)));
    let tell = |error: &StepError| print_note(&format!("the page did not load: {}", error.message));
    Ok(match show_page(settings, http, &url, &signals.cancel, &tell).await {
        Ok(()) => match signals.code.get() {
            Some(&exit_code::TERMINATED) => exit_code::TERMINATED,
            // Ctrl-C is a way to end it as good as closing the window.
            _ => exit_code::PASSED,
        },
        Err(_) if signals.cancel.is_cancelled() => exit_code::PASSED,
        Err(error) => {
            tell_error(&error);
            if error.origin == Origin::Harness { exit_code::ERRORED } else { exit_code::FAILED }
        }
    })
}

fn tell_error(error: &StepError) {
    print_error(&error.message);
    if let Some(help) = &error.help {
        print_note(help);
    }
}

/// A target by its name; else an address, with the access of the target that has the same origin.
fn find_place(place: &str, project: &Project) -> Result<(Target, Url), Refused> {
    if let Some(target) = project.targets.iter().find(|target| target.name.as_deref() == Some(place)) {
        let url =
            target.url.clone().ok_or_else(|| refuse(&format!("the target `{place}` has no address")))?;
        return Ok((target.clone(), url));
    }
    let looks_like_a_name = !place.contains(['.', ':', '/']) && place != "localhost";
    let known: Vec<&str> = project.targets.iter().filter_map(|target| target.name.as_deref()).collect();
    if looks_like_a_name && !known.is_empty() {
        return Err(refuse(&format!("no target `{place}`: known targets: {}", known.join(", "))));
    }
    let url = parse_base_url(place).map_err(|reason| refuse(&reason))?;
    let is_same = |target: &&Target| target.url.as_ref().is_some_and(|own| own.origin() == url.origin());
    let target = project.targets.iter().find(is_same).cloned();
    Ok((target.unwrap_or_else(|| Target::bare(url.clone())), url))
}

fn build_settings(
    arguments: &OpenArguments,
    project: &Project,
    target: &Target,
    surroundings: &Surroundings,
) -> Result<(BrowserSettings, HttpSettings), Refused> {
    let Some(base) = target.url.clone() else {
        return Err(refuse("the target has no address"));
    };
    let options = BrowserOptions { headed: true, ..BrowserOptions::default() };
    let run_id = new_run_id();
    let kind = choose_kind(arguments.browser, project.defaults.browser.as_deref());
    let window = project.defaults.window.unwrap_or(WINDOW);
    let proxies = read_target_proxies(target, surroundings)?;
    let http = build_http_settings(target, base.clone(), &run_id, proxies);
    let browser = build_browser_settings(kind, target, base, window, &run_id, &options, surroundings);
    Ok((browser, http))
}

fn without_credentials(url: &Url) -> Url {
    let mut url = url.clone();
    let _ = (url.set_username(""), url.set_password(None));
    url
}
