//! Where a browser lives: behind a driver that we start, or at somebody else's; and its session there.
//!
//! | file | what it does |
//! | --- | --- |
//! | `find` | which browsers and drivers are on this machine, and whether they fit |
//! | `driver` | a driver process behind its guard |
//! | `guard` | the process that ends a browser when we are gone, however we went |

mod driver;
pub mod find;
mod guard;

pub use guard::run_guard;

use std::time::Duration;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use self::driver::Driver;
use self::find::{find_browser, find_paths};
use crate::evidence::{Cause, Phase};
use crate::run::browser::BrowserSettings;
use crate::run::browser::access::build_capabilities;
use crate::run::browser::failure;
use crate::run::browser::remote::Remote;
use crate::run::browser::remote::slots::{Fleet, Lodging};
use crate::verdict::StepError;

/// How long a browser may take to start.
pub(in crate::run::browser) const START_LIMIT: Duration = Duration::from_mins(1);

/// Where a browser lives.
#[derive(Debug)]
pub(in crate::run::browser) enum Home {
    /// Started by us.
    Here(Driver),
    /// At somebody else's driver.
    Elsewhere(Lodging),
}

/// A browser with a session.
#[derive(Debug)]
pub(in crate::run::browser) struct Opened {
    /// Where it lives.
    pub(in crate::run::browser) home: Home,
    /// Sends its commands.
    pub(in crate::run::browser) client: Client,
    /// What New Session answered.
    pub(in crate::run::browser) capabilities: Map<String, Value>,
}

impl Home {
    /// Starts a browser, or asks for one where it is somebody else's. Gives up when `cancel` says that nobody needs it.
    pub(in crate::run::browser) async fn open(
        settings: &BrowserSettings,
        fleet: Option<&Fleet>,
        cancel: &CancellationToken,
    ) -> Result<Opened, StepError> {
        match fleet {
            Some(fleet) => open_elsewhere(settings, fleet, cancel).await,
            None => open_here(settings, cancel).await,
        }
    }

    /// Whose driver it is; none if it is ours.
    pub(in crate::run::browser) fn remote(&self) -> Option<&Remote> {
        match self {
            Self::Here(_) => None,
            Self::Elsewhere(lodging) => Some(&lodging.session.remote),
        }
    }

    /// Ends the browser and waits for that.
    pub(in crate::run::browser) async fn end(self) {
        match self {
            Self::Here(driver) => driver.end().await,
            Self::Elsewhere(lodging) => lodging.close().await,
        }
    }
}

/// Waits for something that a browser's start needs, as long as somebody needs the browser.
pub(in crate::run::browser) async fn await_start<T>(
    cancel: &CancellationToken,
    work: impl Future<Output = Result<T, StepError>>,
) -> Result<T, StepError> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(StepError::harness(Cause::Interrupted)),
        done = timeout(START_LIMIT, work) => done.unwrap_or_else(|_| {
            let limit_ms = START_LIMIT.as_secs_f64() * 1000.0;
            Err(StepError::harness(Cause::Timeout { phase: Phase::Start, limit_ms }))
        }),
    }
}

async fn open_here(settings: &BrowserSettings, cancel: &CancellationToken) -> Result<Opened, StepError> {
    if settings.headed && cfg!(target_os = "linux") && !settings.has_display {
        return Err(failure::no_display());
    }
    let paths = find_paths(settings.kind, settings.headed, &settings.search_path);
    let driver = Driver::start(settings.kind, paths).await?;
    let opening = async {
        let capabilities = build_capabilities(settings, Some(&driver.browser)).await;
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let mut builder = ClientBuilder::new(connector);
        let opened = builder.capabilities(capabilities).connect(driver.url.as_str()).await;
        opened.map_err(|error| failure::session_error(&error))
    };
    match await_start(cancel, opening).await {
        Ok(client) => {
            let capabilities = client.capabilities().cloned().unwrap_or_default();
            Ok(Opened { home: Home::Here(driver), client, capabilities })
        }
        Err(error) => {
            driver.end().await;
            if matches!(error.cause, Cause::Interrupted) {
                return Err(error);
            }
            let found = find_browser(settings.kind, settings.headed, &settings.search_path);
            Err(failure::explain_start(error, &found))
        }
    }
}

async fn open_elsewhere(
    settings: &BrowserSettings,
    fleet: &Fleet,
    cancel: &CancellationToken,
) -> Result<Opened, StepError> {
    let lodged = tokio::select! {
        biased;
        () = cancel.cancelled() => Err(StepError::harness(Cause::Interrupted)),
        lodged = lodge(settings, fleet) => lodged,
    };
    let mut lodging = lodged?;
    let capabilities = std::mem::take(&mut lodging.session.capabilities);
    let client = lodging.session.client.clone();
    Ok(Opened { home: Home::Elsewhere(lodging), client, capabilities })
}

/// A driver that fails at it is not asked a second time, if there is another.
async fn lodge(settings: &BrowserSettings, fleet: &Fleet) -> Result<Lodging, StepError> {
    let capabilities = build_capabilities(settings, None).await;
    let seat = fleet.take_seat(settings, None).await?;
    let first = seat.index();
    match fleet.open(seat, capabilities.clone()).await {
        Ok(lodging) => Ok(lodging),
        Err(error) => {
            let seat = fleet.take_seat(settings, Some(first)).await?;
            // The first reason is the one to know where it is the same place.
            let is_same = seat.index() == first;
            let opened = fleet.open(seat, capabilities).await;
            opened.map_err(|second| if is_same { error } else { second })
        }
    }
}
