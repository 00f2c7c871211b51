//! The browsers of a run by their kind: each scenario gets the one that it asks for.

use std::collections::BTreeMap;
use std::sync::Once;

use super::{BrowserKind, BrowserLease, BrowserSettings, Browsers};
use crate::evidence::Cause;
use crate::run::artifact::ScenarioArtifacts;
use crate::verdict::StepError;

/// The browsers of each kind that a scenario of the run needs; none is started before.
#[derive(Debug)]
pub struct BrowserPools(BTreeMap<BrowserKind, Pool>);

#[derive(Debug)]
struct Pool {
    browsers: Browsers,
    /// How many scenarios need one of them.
    scenarios: usize,
    /// Done once the first were asked to start.
    start: Once,
}

impl BrowserPools {
    /// Browsers that are started like this, of these kinds: one for each scenario that needs one.
    pub fn new(settings: &BrowserSettings, kinds: impl IntoIterator<Item = BrowserKind>) -> Self {
        let mut pools = BTreeMap::new();
        for kind in kinds {
            let settings = || BrowserSettings { kind, ..settings.clone() };
            let create = || Pool { browsers: Browsers::new(settings()), scenarios: 0, start: Once::new() };
            pools.entry(kind).or_insert_with(create).scenarios += 1;
        }
        Self(pools)
    }

    /// Whether no scenario needs any.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Asks drivers that are not ours how many of the scenarios they have room for at once; none where browsers are
    /// started here. What the user should know of it is in the answer too. That a driver cannot be used is told where
    /// a scenario needs it.
    pub async fn survey(&self) -> Option<(usize, Vec<String>)> {
        let mut sum = None;
        for pool in self.0.values() {
            if let Ok(Some((slots, notices))) = pool.browsers.survey().await {
                let (room, told) = sum.get_or_insert_with(|| (0, Vec::new()));
                *room += slots.min(pool.scenarios);
                told.extend(notices);
            }
        }
        sum
    }

    /// Whether some of these browsers verify no certificate because they cannot be given those in `ca`.
    pub fn verifies_nothing(&self) -> bool {
        self.0.values().any(|pool| pool.browsers.verifies_nothing())
    }

    /// Starts as many browsers as will surely be needed, once.
    pub fn start_ahead(&self) {
        for pool in self.0.values() {
            pool.start.call_once(|| pool.browsers.start_ahead(pool.scenarios));
        }
    }

    /// Waits for a browser of this kind for so many actors, whose pictures go to `artifacts`.
    ///
    /// # Errors
    /// None can be started.
    pub async fn lease(
        &self,
        kind: BrowserKind,
        actors: usize,
        artifacts: ScenarioArtifacts,
    ) -> Result<BrowserLease, StepError> {
        match self.0.get(&kind) {
            Some(pool) => pool.browsers.lease(actors, artifacts).await,
            None => Err(StepError::harness(Cause::BrowserMissing)),
        }
    }

    /// Ends all browsers and waits for that. Leases must have been released. Gives what the user should know of it.
    pub async fn shutdown(&self) -> Vec<String> {
        let mut told = Vec::new();
        for pool in self.0.values() {
            told.extend(pool.browsers.shutdown().await);
        }
        told
    }
}
