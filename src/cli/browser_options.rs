//! Which browser is used, where it runs, and who watches it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use url::Url;

use super::args::{BrowserArguments, BrowserName};
use super::env::{Surroundings, print_note, wait_for_enter};
use super::options::{Refused, refuse};
use crate::run::browser::{Access, BrowserKind, BrowserSettings, RemoteSettings};
use crate::run::http::{Proxies, read_proxies};
use crate::run::{Pause, user_agent};
use crate::spec::project::Target;

/// What the command line says about the browser.
#[derive(Clone, Debug, Default)]
pub(super) struct BrowserOptions {
    pub(super) browser: Option<BrowserName>,
    /// Drivers that run already.
    pub(super) remote: RemoteSettings,
    pub(super) headed: bool,
    pub(super) slow_mo: Duration,
    pub(super) pauses_on_failure: bool,
}

impl BrowserOptions {
    /// What `run` was told.
    pub(super) fn read(arguments: &BrowserArguments, surroundings: &Surroundings) -> Result<Self, Refused> {
        if arguments.pause_on_failure && !arguments.headed {
            return Err(refuse(
                "--pause-on-failure needs --headed: without its window there is nothing to look at",
            ));
        }
        if arguments.pause_on_failure && !surroundings.is_interactive {
            return Err(refuse("--pause-on-failure needs a terminal: nobody can press Enter here"));
        }
        Ok(Self {
            browser: arguments.browser,
            remote: read_remote(&arguments.webdriver, arguments.webdriver_ca.as_deref(), surroundings)?,
            headed: arguments.headed,
            slow_mo: arguments.slow_mo.unwrap_or_default(),
            pauses_on_failure: arguments.pause_on_failure,
        })
    }

    /// What is done where a step did not pass.
    pub(super) fn pause(&self) -> Option<Pause> {
        self.pauses_on_failure.then(|| {
            let turn = Arc::new(Mutex::new(()));
            let pause: Pause = Arc::new(move |step, url| {
                let turn = Arc::clone(&turn);
                Box::pin(async move {
                    // One after the other: there is one person and one key.
                    let _turn = turn.lock().await;
                    let place = if url.is_empty() { String::new() } else { format!(" at {url}") };
                    print_note(&format!("paused{place}: {step}; press Enter to go on"));
                    wait_for_enter().await;
                })
            });
            pause
        })
    }
}

/// The drivers that run already, as the command line names them, else the environment.
fn read_remote(
    urls: &[String],
    ca: Option<&Path>,
    surroundings: &Surroundings,
) -> Result<RemoteSettings, Refused> {
    let named = surroundings.variable("SMOKEGATE_WEBDRIVER").filter(|_| urls.is_empty());
    let urls = urls.iter().map(|url| ("--webdriver", url.as_str()));
    let named = named.into_iter().flat_map(str::split_whitespace).map(|url| ("SMOKEGATE_WEBDRIVER", url));
    let urls = urls.chain(named).map(|(origin, url)| {
        let parsed = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        // A password may stand in it, so it is not repeated.
        parsed.filter(Url::has_host).ok_or_else(|| {
            refuse(&format!(
                "{origin}: expected an address such as https://USER:PASSWORD@grid.example.com:4444"
            ))
        })
    });
    let ca =
        ca.map(PathBuf::from).or_else(|| surroundings.variable("SMOKEGATE_WEBDRIVER_CA").map(PathBuf::from));
    Ok(RemoteSettings { urls: urls.collect::<Result<_, _>>()?, ca })
}

/// Which browser, by the command line or by name.
pub(super) fn choose_kind(chosen: Option<BrowserName>, named: Option<&str>) -> BrowserKind {
    match (chosen, named) {
        (Some(BrowserName::Firefox), _) | (None, Some("firefox")) => BrowserKind::Firefox,
        _ => BrowserKind::Chromium,
    }
}

/// How browsers are started for a target.
pub(super) fn build_browser_settings(
    kind: BrowserKind,
    target: &Target,
    base: Url,
    viewport: (u32, u32),
    run_id: &str,
    options: &BrowserOptions,
    surroundings: &Surroundings,
) -> BrowserSettings {
    BrowserSettings {
        kind,
        remote: options.remote.clone(),
        search_path: surroundings.variable("PATH").unwrap_or_default().into(),
        viewport,
        workers: surroundings.cores,
        base,
        resolve: target.resolve,
        user_agent_suffix: user_agent(run_id),
        insecure: target.insecure,
        headed: options.headed,
        has_display: surroundings.has_display(),
        slow_mo: options.slow_mo,
        access: Access::default(),
        headers: target.headers.clone(),
        basic_auth: target.basic_auth.clone(),
    }
}

/// The proxies that hold for a target.
pub(super) fn read_target_proxies(target: &Target, surroundings: &Surroundings) -> Result<Proxies, Refused> {
    let environment = &surroundings.environment;
    read_proxies(&target.proxy, target.no_proxy.as_deref(), environment).map_err(|reason| refuse(&reason))
}
