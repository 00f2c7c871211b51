//! The browsers of a run: started when they are needed, or a little before.

use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::remote::slots::Fleet;
use super::worker::Worker;
use super::{BrowserLease, BrowserSettings};
use crate::evidence::Cause;
use crate::run::artifact::ScenarioArtifacts;
use crate::verdict::StepError;

/// For how many scenarios starting one more browser pays: it takes the processor as long as some short scenarios do.
const SCENARIOS_A_START: usize = 4;

/// How much longer than a start waiting must last for another browser to be started: starts take the processor from
/// those that run, and one browser with its driver keeps more than one core busy (measured: 1.6 of 2).
const START_WEIGHT: u32 = 5;

/// How often who waits looks whether another browser is worth its start.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

type Started = Result<Worker, StepError>;

/// The browsers of a run. Scenarios lease them; each is used by one scenario at a time.
#[derive(Clone, Debug)]
pub struct Browsers(Arc<Pool>);

#[derive(Debug)]
pub(super) struct Pool {
    settings: Arc<BrowserSettings>,
    /// Where browsers run that are not ours.
    fleet: Option<Arc<Fleet>>,
    /// Whether the places of the fleet are among the permits.
    opened: Once,
    permits: Arc<Semaphore>,
    counts: Arc<Mutex<Counts>>,
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
    /// How long starts took.
    starts: Average,
    /// How long scenarios kept their browser.
    leases: Average,
    /// When a browser was last given to a scenario.
    given: Option<Instant>,
    /// Why none can be started; no use in trying again.
    hopeless: Option<StepError>,
}

impl Counts {
    /// Whether scenarios without a browser would wait for so long that another one is worth its start.
    fn is_worth_another(&self) -> bool {
        let waiting = self.leased.saturating_sub(self.alive);
        let Some(given) = self.given.filter(|_| self.alive > 0 && waiting > 0) else {
            // What is being started comes first; where nothing is, it failed.
            return self.alive == 0;
        };
        let lease = self.leases.mean().max(given.elapsed());
        let alive = u32::try_from(self.alive).unwrap_or(u32::MAX);
        let queue = u32::try_from(waiting + self.expected).unwrap_or(u32::MAX);
        lease.saturating_mul(queue) / alive > self.starts.mean() * START_WEIGHT
    }
}

#[derive(Debug, Default)]
struct Average {
    sum: Duration,
    count: u32,
}

impl Average {
    fn note(&mut self, duration: Duration) {
        self.sum += duration;
        self.count += 1;
    }

    fn mean(&self) -> Duration {
        self.sum.checked_div(self.count).unwrap_or_default()
    }
}

/// The right to use one of the browsers. Dropped, its browser was ended, or is as good as ended.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) pool: Arc<Pool>,
    /// Since when it is used.
    since: Instant,
    /// The browser that is given back.
    returned: Option<Worker>,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    /// Gives a browser back; none if it was ended.
    pub(super) fn give_back(mut self, worker: Option<Worker>) {
        self.returned = worker;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.pool.lock();
        counts.leased -= 1;
        counts.leases.note(self.since.elapsed());
        match self.returned.take() {
            Some(worker) => {
                let _ = self.pool.ready.send(Ok(worker));
            }
            None => counts.alive -= 1,
        }
    }
}

impl Browsers {
    /// Browsers that are started like this; none is yet.
    pub fn new(settings: BrowserSettings) -> Self {
        let (ready, waiting) = mpsc::unbounded_channel();
        let fleet = Fleet::new(&settings.remote).map(Arc::new);
        let permits = if fleet.is_some() { 0 } else { settings.workers.max(1) };
        Self(Arc::new(Pool {
            permits: Arc::new(Semaphore::new(permits)),
            fleet,
            opened: Once::new(),
            settings: Arc::new(settings),
            counts: Arc::default(),
            ready,
            waiting: tokio::sync::Mutex::new(waiting),
            starts: TaskTracker::new(),
            over: CancellationToken::new(),
        }))
    }

    /// Asks drivers that are not ours how many browsers they have room for; none where browsers are started here.
    /// What the user should know of it is in the answer too.
    ///
    /// # Errors
    /// None of them can be used.
    pub async fn survey(&self) -> Result<Option<(usize, Vec<String>)>, StepError> {
        let Some(fleet) = &self.0.fleet else { return Ok(None) };
        let surveyed = fleet.survey(&self.0.settings).await?;
        self.0.opened.call_once(|| self.0.permits.add_permits(surveyed.slots));
        Ok(Some((surveyed.slots, surveyed.notices.clone())))
    }

    /// Whether these browsers verify no certificate because they cannot be given those in `ca`.
    pub fn verifies_nothing(&self) -> bool {
        self.0.settings.access.is_unverified_in(self.0.settings.kind)
    }

    /// Starts as many browsers as `scenarios` will surely want, while HTTP steps run.
    pub fn start_ahead(&self, scenarios: usize) {
        self.0.lock().expected = scenarios;
        if self.0.fleet.is_none() {
            let wanted = scenarios.div_ceil(SCENARIOS_A_START);
            return self.0.start_some(wanted.min(self.0.settings.workers.max(1)));
        }
        let browsers = self.clone();
        self.0.starts.spawn(async move {
            tokio::select! {
                () = browsers.0.over.cancelled() => {}
                surveyed = browsers.survey() => {
                    if let Ok(Some((slots, _))) = surveyed {
                        browsers.0.start_some(scenarios.min(slots));
                    }
                }
            }
        });
    }

    /// Waits for a browser for so many actors, whose pictures go to `artifacts`.
    pub async fn lease(
        &self,
        actors: usize,
        artifacts: ScenarioArtifacts,
    ) -> Result<BrowserLease, StepError> {
        let pool = &self.0;
        self.survey().await?;
        let permit = Arc::clone(&pool.permits).acquire_owned().await;
        let permit = permit.map_err(|_| StepError::harness(Cause::Interrupted))?;
        let wanted = pool.want()?;
        match pool.receive().await? {
            Some(Ok(worker)) => {
                wanted.keep();
                let since = Instant::now();
                pool.lock().given = Some(since);
                let place = Place { pool: Arc::clone(pool), since, returned: None, _permit: permit };
                Ok(BrowserLease::new(worker, place, actors, artifacts))
            }
            Some(Err(error)) => {
                pool.note_failure(&error);
                Err(error)
            }
            None => Err(StepError::harness(Cause::DriverDied)),
        }
    }

    /// Ends all browsers and waits for that. Leases must have been released. Gives what the user should know of it.
    pub async fn shutdown(&self) -> Vec<String> {
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
        match &self.0.fleet {
            Some(fleet) => fleet.shutdown().await,
            None => Vec::new(),
        }
    }
}

/// Whether no browser will ever start.
fn is_hopeless(error: &StepError) -> bool {
    matches!(
        error.cause,
        Cause::BrowserMissing | Cause::DriverMissing | Cause::DriverMismatch | Cause::NoDisplay
    )
}

/// Whether another browser may start where this one did not; what has taken its whole time is not worth as much again.
fn is_worth_a_try(error: &StepError) -> bool {
    !is_hopeless(error) && !matches!(error.cause, Cause::Interrupted | Cause::Timeout { .. })
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
            // A browser elsewhere costs nothing here.
            let enough = if self.fleet.is_some() { counts.leased } else { 1 };
            let must_start = counts.alive < enough;
            counts.alive += usize::from(must_start);
            must_start
        };
        if must_start {
            self.spawn_start();
        }
        Ok(Wish(Some(self)))
    }

    /// Waits for a browser; none after the end of the run. Who would wait too long gets one started.
    async fn receive(&self) -> Result<Option<Started>, StepError> {
        loop {
            let next = async { self.waiting.lock().await.recv().await };
            if let Ok(started) = timeout(LOOK_AGAIN, next).await {
                return Ok(started);
            }
            let must_start = {
                let mut counts = self.lock();
                if let Some(error) = &counts.hopeless {
                    return Err(error.clone());
                }
                let must_start = match &self.fleet {
                    Some(_) => counts.alive < counts.leased,
                    None => counts.is_worth_another(),
                };
                counts.alive += usize::from(must_start);
                must_start
            };
            if must_start {
                self.spawn_start();
            }
        }
    }

    /// Starts so many, those that run or are being started counted in.
    fn start_some(&self, wanted: usize) {
        while self.lock().alive < wanted {
            self.lock().alive += 1;
            self.spawn_start();
        }
    }

    fn spawn_start(&self) {
        let (start, ready, counts) = (self.start(), self.ready.clone(), Arc::clone(&self.counts));
        self.starts.spawn(async move {
            let begun = Instant::now();
            let started = start.await;
            counts.lock().unwrap_or_else(PoisonError::into_inner).starts.note(begun.elapsed());
            // Nobody waits any more only after the end of the run.
            let _ = ready.send(started);
        });
    }

    fn start(&self) -> impl Future<Output = Started> + use<> {
        let (settings, fleet) = (Arc::clone(&self.settings), self.fleet.clone());
        let over = self.over.clone();
        async move {
            let start = || Worker::start(Arc::clone(&settings), fleet.as_deref(), &over);
            match start().await {
                // Elsewhere that is done already, at another driver where there is one.
                Err(error) if fleet.is_none() && is_worth_a_try(&error) => start().await,
                started => started,
            }
        }
    }

    fn note_failure(&self, error: &StepError) {
        let mut counts = self.lock();
        counts.alive -= 1;
        if is_hopeless(error) {
            counts.hopeless = Some(error.clone());
        }
    }

    /// Starts another browser for who has a place, in the stead of one that was ended.
    pub(super) async fn start_instead(&self) -> Started {
        let (sender, receiver) = oneshot::channel();
        let start = self.start();
        // Not here: who waits may be gone before it has started, and nobody would end it.
        self.starts.spawn(async move {
            if let Err(Ok(worker)) = sender.send(start.await) {
                worker.end().await;
            }
        });
        receiver.await.unwrap_or_else(|_| Err(StepError::harness(Cause::Interrupted)))
    }

    /// Whether a browser that is given back will be used again.
    pub(super) fn has_use_for_more(&self) -> bool {
        let counts = self.lock();
        counts.expected > 0 || counts.leased > counts.alive
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::browser::{Access, BrowserKind, RemoteSettings};

    fn settings() -> BrowserSettings {
        BrowserSettings {
            kind: BrowserKind::Chromium,
            remote: RemoteSettings::default(),
            search_path: "".into(),
            viewport: (1024, 768),
            workers: 1,
            base: url::Url::parse("http://shop.test").unwrap(),
            resolve: None,
            user_agent_suffix: String::new(),
            insecure: false,
            headed: false,
            has_display: false,
            slow_mo: Duration::ZERO,
            access: Access::default(),
            headers: Vec::new(),
            basic_auth: None,
        }
    }

    #[tokio::test]
    async fn a_place_that_a_panic_drops_is_free_again_and_its_browser_is_counted_no_more() {
        let pool = Browsers::new(settings()).0;
        let permit = Arc::clone(&pool.permits).acquire_owned().await.unwrap();
        *pool.lock() = Counts { alive: 1, leased: 1, ..Counts::default() };
        let held = Arc::clone(&pool);
        let scenario = tokio::spawn(async move {
            let _place = Place { pool: held, since: Instant::now(), returned: None, _permit: permit };
            panic!("a defect of ours");
        });
        assert!(scenario.await.unwrap_err().is_panic());
        let counts = pool.lock();
        assert_eq!((counts.alive, counts.leased), (0, 0));
        assert_eq!(pool.permits.available_permits(), 1);
    }
}
