//! What all scenarios of a run share.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::Pause;
use super::artifact::Artifacts;
use super::browser::{BrowserKind, BrowserPools};
use super::database::Databases;
use super::http::{HttpClient, HttpSettings};
use super::lookup::Lookups;
use super::session::Sessions;
use crate::event::EventKind;
use crate::spec::Scope;
use crate::verdict::{StepError, Verdict};

/// What all scenarios of a run share.
pub(super) struct Context {
    /// How HTTP clients are made.
    pub http_settings: Arc<HttpSettings>,
    /// The first HTTP client; actors share its connections and not its cookies.
    pub http: OnceLock<HttpClient>,
    /// The browsers, started when one is needed.
    pub browsers: BrowserPools,
    /// The browser of each scenario.
    pub kinds: Vec<BrowserKind>,
    /// Where pictures go.
    pub artifacts: Artifacts,
    /// The target's databases.
    pub databases: Databases,
    /// The names that are always there.
    pub scope: Scope,
    /// Where events go.
    pub events: UnboundedSender<EventKind>,
    /// Set when the run is interrupted.
    pub cancel: CancellationToken,
    /// How many scenarios run side by side.
    pub jobs: Arc<Semaphore>,
    /// How long to wait before each step in a browser, for who watches.
    pub slow_mo: Duration,
    /// Waits where a step in a browser did not pass; none to go on.
    pub pause: Option<Pause>,
    /// Whether more run side by side where remote browsers have room for them.
    pub may_widen: bool,
    /// The name of each scenario.
    pub names: Vec<String>,
    /// The verdict of each scenario, once it has one.
    pub verdicts: Vec<watch::Sender<Option<Verdict>>>,
    /// Why the target cannot be reached, once that is known.
    pub unreachable: OnceLock<StepError>,
    /// What the site was asked after failures.
    pub lookups: Lookups,
    /// The subject that tells the target's release, where the target names one.
    pub revision: Option<String>,
    /// Unique and sortable.
    pub run_id: String,
    /// What actors had when it was saved under a name.
    pub sessions: Sessions,
}

impl Context {
    /// An HTTP client with an empty cookie jar.
    pub(super) fn http_client(&self) -> Result<HttpClient, StepError> {
        if let Some(first) = self.http.get() {
            return Ok(first.for_another_actor());
        }
        let first = HttpClient::new(Arc::clone(&self.http_settings))?;
        Ok(self.http.get_or_init(|| first).for_another_actor())
    }

    /// Sends an event. After the end of a run nobody listens, and nothing is lost by that.
    pub(super) fn send(&self, kind: EventKind) {
        let _ = self.events.send(kind);
    }
}
