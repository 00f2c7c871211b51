//! The browsers of a run: started when they are needed, or a little before.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::worker::Worker;
use super::{BrowserLease, BrowserSettings};
use crate::evidence::Cause;
use crate::run::artifact::ScenarioArtifacts;
use crate::verdict::StepError;

type Started = Result<Worker, StepError>;

/// The browsers of a run. Scenarios lease them; each is used by one scenario at a time.
#[derive(Clone, Debug)]
pub struct Browsers(Arc<Pool>);

#[derive(Debug)]
pub(super) struct Pool {
    settings: Arc<BrowserSettings>,
    permits: Arc<Semaphore>,
    counts: Mutex<Counts>,
    ready: mpsc::UnboundedSender<Started>,
    waiting: tokio::sync::Mutex<mpsc::UnboundedReceiver<Started>>,
    starts: TaskTracker,
    /// Ends the starts that nobody waits for any more.
    over: CancellationToken,
}

#[derive(Debug, Default)]
struct Counts {
    /// Browsers that run or are being started.
    alive: usize,
    /// Those of them that are leased, or that somebody waits for.
    leased: usize,
    /// Scenarios that have not asked for one yet.
    expected: usize,
    /// Why none can be started; no use in trying again.
    hopeless: Option<StepError>,
}

/// The right to use one of the browsers.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) pool: Arc<Pool>,
    _permit: OwnedSemaphorePermit,
}

impl Browsers {
    /// Browsers that are started like this; none is yet.
    pub fn new(settings: BrowserSettings) -> Self {
        let (ready, waiting) = mpsc::unbounded_channel();
        Self(Arc::new(Pool {
            permits: Arc::new(Semaphore::new(settings.workers.max(1))),
            settings: Arc::new(settings),
            counts: Mutex::default(),
            ready,
            waiting: tokio::sync::Mutex::new(waiting),
            starts: TaskTracker::new(),
            over: CancellationToken::new(),
        }))
    }

    /// Starts as many browsers as `scenarios` will want, while HTTP steps run.
    pub fn start_ahead(&self, scenarios: usize) {
        self.0.lock().expected = scenarios;
        for _ in 0..scenarios.min(self.0.settings.workers.max(1)) {
            self.0.lock().alive += 1;
            self.0.spawn_start();
        }
    }

    /// Waits for a browser, whose pictures go to `artifacts`.
    pub async fn lease(&self, artifacts: ScenarioArtifacts) -> Result<BrowserLease, StepError> {
        let pool = &self.0;
        let permit = Arc::clone(&pool.permits).acquire_owned().await;
        let permit = permit.map_err(|_| StepError::harness(Cause::Interrupted))?;
        let place = Place { pool: Arc::clone(pool), _permit: permit };
        let wanted = pool.want()?;
        let started = pool.waiting.lock().await.recv().await;
        match started {
            Some(Ok(worker)) => {
                wanted.keep();
                Ok(BrowserLease::new(worker, place, artifacts))
            }
            Some(Err(error)) => {
                pool.note_failure(&error);
                Err(error)
            }
            None => Err(StepError::harness(Cause::DriverDied)),
        }
    }

    /// Ends all browsers and waits for that. Leases must have been released.
    pub async fn shutdown(&self) {
        self.0.over.cancel();
        self.0.starts.close();
        self.0.starts.wait().await;
        let mut waiting = self.0.waiting.lock().await;
        let mut ends = tokio::task::JoinSet::new();
        while let Ok(started) = waiting.try_recv() {
            if let Ok(worker) = started {
                ends.spawn(worker.end());
            }
        }
        ends.join_all().await;
    }
}

/// A wish for a browser; taken back when it is dropped without having been fulfilled.
struct Wish<'a>(Option<&'a Pool>);

impl Wish<'_> {
    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Wish<'_> {
    fn drop(&mut self) {
        if let Some(pool) = self.0 {
            pool.lock().leased -= 1;
        }
    }
}

impl Pool {
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes sure that there is or will be a browser for one more.
    fn want(&self) -> Result<Wish<'_>, StepError> {
        let must_start = {
            let mut counts = self.lock();
            if let Some(error) = &counts.hopeless {
                return Err(error.clone());
            }
            counts.leased += 1;
            counts.expected = counts.expected.saturating_sub(1);
            let must_start = counts.alive < counts.leased;
            counts.alive += usize::from(must_start);
            must_start
        };
        if must_start {
            self.spawn_start();
        }
        Ok(Wish(Some(self)))
    }

    fn spawn_start(&self) {
        let (settings, ready, over) = (Arc::clone(&self.settings), self.ready.clone(), self.over.clone());
        self.starts.spawn(async move {
            // Nobody waits any more only after the end of the run.
            let _ = ready.send(Worker::start(settings, &over).await);
        });
    }

    fn note_failure(&self, error: &StepError) {
        let mut counts = self.lock();
        counts.alive -= 1;
        if matches!(
            error.cause,
            Cause::BrowserMissing | Cause::DriverMissing | Cause::DriverMismatch | Cause::NoDisplay
        ) {
            counts.hopeless = Some(error.clone());
        }
    }

    /// Starts another browser for who has a place, in the stead of one that was ended.
    pub(super) async fn start_instead(&self) -> Started {
        Worker::start(Arc::clone(&self.settings), &self.over).await
    }

    /// Whether a browser that is given back will be used again.
    pub(super) fn has_use_for_more(&self) -> bool {
        self.lock().expected > 0
    }

    /// Takes a browser back; none if it was ended.
    pub(super) fn give_back(&self, worker: Option<Worker>) {
        let mut counts = self.lock();
        counts.leased -= 1;
        match worker {
            Some(worker) => {
                let _ = self.ready.send(Ok(worker));
            }
            None => counts.alive -= 1,
        }
    }
}
