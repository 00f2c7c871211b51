//! Which remote driver gets the next session, and who waits for one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Map, Value, json};
use tokio::sync::{OnceCell, oneshot};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::room::find_room;
use super::{Remote, RemoteSession, RemoteSettings};
use crate::evidence::{Cause, Phase};
use crate::run::browser::BrowserSettings;
use crate::verdict::StepError;

/// How long a session may take to open once there is room for it.
const OPEN_LIMIT: Duration = Duration::from_mins(1);

/// How long a session that nobody wants any more may take to open, so that it can be closed.
const ABANDON_LIMIT: Duration = Duration::from_secs(10);

/// How long we wait for room that others take, as long as we have no session at all.
const QUEUE_LIMIT: Duration = Duration::from_mins(5);

/// How often drivers without room are asked again, and how long they may take to know of a session that was asked for.
const PAUSE: Duration = Duration::from_millis(250);

/// The remote drivers of a run.
#[derive(Debug)]
pub(in crate::run::browser) struct Fleet {
    settings: RemoteSettings,
    surveyed: OnceCell<Result<Surveyed, StepError>>,
    line: tokio::sync::Mutex<Line>,
    /// Sessions that are being opened, and those that are closed because nobody did.
    errands: TaskTracker,
    /// Gives up sessions that do not open.
    over: CancellationToken,
}

/// What the remote drivers said.
#[derive(Debug)]
pub(in crate::run::browser) struct Surveyed {
    hosts: Arc<Vec<Host>>,
    /// Sessions that there can be, at least one.
    pub(in crate::run::browser) slots: usize,
    /// What the user should know: those that cannot be used.
    pub(in crate::run::browser) notices: Vec<String>,
}

/// One remote WebDriver.
#[derive(Debug)]
struct Host {
    remote: Remote,
    /// Sessions that there can be.
    slots: usize,
    /// The browser as it names it.
    browser_name: String,
    guests: Mutex<Guests>,
}

/// What we have at a remote WebDriver.
#[derive(Debug, Default)]
struct Guests {
    /// Places that we have taken.
    seats: usize,
    /// Sessions that nobody closed.
    left_behind: Vec<RemoteSession>,
    /// Why sessions did not close, and how many did not for that.
    unclosed: BTreeMap<String, usize>,
}

impl Host {
    fn guests(&self) -> MutexGuard<'_, Guests> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn close(&self, session: &RemoteSession) {
        if let Err(reason) = session.close().await {
            *self.guests().unclosed.entry(reason).or_default() += 1;
        }
    }

    /// What the user should know of the sessions that did not close.
    fn tell_unclosed(&self) -> Vec<String> {
        let tell = |(reason, count): (&String, &usize)| {
            let sessions = if *count == 1 { "a session".to_owned() } else { format!("{count} sessions") };
            format!("{sessions} at {} may still be open: {reason}", self.remote.place)
        };
        self.guests().unclosed.iter().map(tell).collect()
    }
}

/// Who waits for room stands in line: the first one looks for it.
#[derive(Debug, Default)]
struct Line {
    /// What each had free at the last look, those left out that were given since.
    free: Vec<usize>,
    /// When that last changed.
    changed: Option<Instant>,
    /// Since when others have taken everything.
    shut_out: Option<Instant>,
}

/// A place at one of the remote drivers; free again when it is dropped.
#[derive(Debug)]
pub(in crate::run::browser) struct Seat {
    hosts: Arc<Vec<Host>>,
    index: usize,
}

impl Seat {
    /// Which of them it is at.
    pub(in crate::run::browser) fn index(&self) -> usize {
        self.index
    }

    fn host(&self) -> &Host {
        &self.hosts[self.index]
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.host().guests().seats -= 1;
    }
}

/// A session at somebody else's driver, in a place of ours. [`Lodging::close`] waits until it is closed; dropped, it is
/// closed when somebody else waits for room, or at the end of the run.
#[derive(Debug)]
pub(in crate::run::browser) struct Lodging {
    /// The session.
    pub(in crate::run::browser) session: RemoteSession,
    is_closed: bool,
    seat: Seat,
}

impl Lodging {
    /// Closes the session and waits for that.
    pub(in crate::run::browser) async fn close(mut self) {
        self.seat.host().close(&self.session).await;
        self.is_closed = true;
    }
}

impl Drop for Lodging {
    fn drop(&mut self) {
        if !self.is_closed {
            self.seat.host().guests().left_behind.push(self.session.clone());
        }
    }
}

impl Fleet {
    /// None where browsers are started here.
    pub(in crate::run::browser) fn new(settings: &RemoteSettings) -> Option<Self> {
        (!settings.urls.is_empty()).then(|| Self {
            settings: settings.clone(),
            surveyed: OnceCell::new(),
            line: tokio::sync::Mutex::default(),
            errands: TaskTracker::new(),
            over: CancellationToken::new(),
        })
    }

    /// Asks all of them once how much room there is.
    pub(in crate::run::browser) async fn survey(
        &self,
        settings: &BrowserSettings,
    ) -> Result<&Surveyed, StepError> {
        let surveyed = self.surveyed.get_or_init(|| survey(&self.settings, settings)).await;
        surveyed.as_ref().map_err(Clone::clone)
    }

    /// A place at the one that we use least of, as soon as one has room; not at `avoided`, if there is another.
    pub(in crate::run::browser) async fn take_seat(
        &self,
        settings: &BrowserSettings,
        avoided: Option<usize>,
    ) -> Result<Seat, StepError> {
        let hosts = &self.survey(settings).await?.hosts;
        let mut line = self.line.lock().await;
        loop {
            if line.changed.is_none_or(|changed| changed.elapsed() >= PAUSE) {
                self.close_left_behind();
                line.look(hosts, settings).await?;
            }
            if let Some(index) = line.choose(hosts, avoided) {
                line.free[index] -= 1;
                (line.changed, line.shut_out) = (Some(Instant::now()), None);
                hosts[index].guests().seats += 1;
                return Ok(Seat { hosts: Arc::clone(hosts), index });
            }
            line.check_shut_out(hosts)?;
            if let Some(changed) = line.changed {
                sleep_until(changed + PAUSE).await;
            }
        }
    }

    /// Opens a session in a place. A session that comes when nobody waits for it any more is closed.
    pub(in crate::run::browser) async fn open(
        &self,
        seat: Seat,
        mut capabilities: Map<String, Value>,
    ) -> Result<Lodging, StepError> {
        let place = seat.host().remote.place.clone();
        capabilities.insert("browserName".to_owned(), json!(seat.host().browser_name));
        let (sender, receiver) = oneshot::channel();
        let over = self.over.clone();
        self.errands.spawn(async move {
            let opening = seat.host().remote.open(capabilities);
            let Some(opened) = over.run_until_cancelled(opening).await else { return };
            let opened = opened.map(|session| Lodging { session, is_closed: false, seat });
            if let Err(Ok(lodging)) = sender.send(opened) {
                lodging.close().await;
            }
        });
        match timeout(OPEN_LIMIT, receiver).await {
            Ok(Ok(opened)) => opened,
            Ok(Err(_)) => Err(StepError::harness(Cause::Interrupted)),
            Err(_) => {
                let limit_ms = OPEN_LIMIT.as_secs_f64() * 1000.0;
                let cause = Cause::Timeout { phase: Phase::Start, limit_ms };
                Err(StepError::harness(cause).message(format!("{place} opens no session")))
            }
        }
    }

    /// Closes what is open that nobody has, and waits for that. Gives what the user should know: what did not close.
    pub(in crate::run::browser) async fn shutdown(&self) -> Vec<String> {
        self.errands.close();
        if timeout(ABANDON_LIMIT, self.errands.wait()).await.is_err() {
            self.over.cancel();
        }
        // What came in the meantime without anybody to take it, too.
        self.close_left_behind();
        self.errands.wait().await;
        let Some(Ok(surveyed)) = self.surveyed.get() else { return Vec::new() };
        surveyed.hosts.iter().flat_map(Host::tell_unclosed).collect()
    }

    fn close_left_behind(&self) {
        let Some(Ok(surveyed)) = self.surveyed.get() else { return };
        for (index, host) in surveyed.hosts.iter().enumerate() {
            for session in std::mem::take(&mut host.guests().left_behind) {
                let hosts = Arc::clone(&surveyed.hosts);
                self.errands.spawn(async move { hosts[index].close(&session).await });
            }
        }
    }
}

impl Line {
    /// Asks all how much room they have. The error is the first one's, where none answers.
    async fn look(&mut self, hosts: &[Host], settings: &BrowserSettings) -> Result<(), StepError> {
        let rooms = join_all(hosts.iter().map(|host| find_room(&host.remote, settings))).await;
        self.free = rooms.iter().map(|room| room.as_ref().map_or(0, |room| room.free)).collect();
        self.changed = Some(Instant::now());
        if rooms.iter().any(Result::is_ok) {
            return Ok(());
        }
        rooms.into_iter().find_map(Result::err).map_or(Ok(()), Err)
    }

    /// The one with room of which we have the least share.
    fn choose(&self, hosts: &[Host], avoided: Option<usize>) -> Option<usize> {
        let may_avoid = hosts.len() > 1;
        let seats = |index: usize| hosts[index].guests().seats;
        let candidates = (0..hosts.len()).filter(|index| !may_avoid || Some(*index) != avoided);
        candidates
            .filter(|index| self.free[*index] > 0 && seats(*index) < hosts[*index].slots)
            // In thousandths of its slots.
            .min_by_key(|index| (seats(*index) + 1) * 1000 / hosts[*index].slots)
    }

    /// Waiting has no end while we have sessions: they make room when they are closed.
    fn check_shut_out(&mut self, hosts: &[Host]) -> Result<(), StepError> {
        if hosts.iter().any(|host| host.guests().seats > 0) {
            self.shut_out = None;
            return Ok(());
        }
        if self.shut_out.get_or_insert_with(Instant::now).elapsed() < QUEUE_LIMIT {
            return Ok(());
        }
        let reason = format!("it had no free slot for {} s", QUEUE_LIMIT.as_secs());
        Err(hosts[0].remote.unusable(&reason))
    }
}

async fn survey(remotes: &RemoteSettings, settings: &BrowserSettings) -> Result<Surveyed, StepError> {
    let remotes = Remote::all(remotes)?;
    let rooms = join_all(remotes.iter().map(|remote| find_room(remote, settings))).await;
    let (mut hosts, mut errors) = (Vec::new(), Vec::new());
    for (remote, room) in remotes.into_iter().zip(rooms) {
        match room {
            Ok(room) => hosts.push(Host {
                remote,
                slots: room.total,
                browser_name: room.browser_name,
                guests: Mutex::default(),
            }),
            Err(error) => errors.push(error),
        }
    }
    if hosts.is_empty() {
        let error = errors.into_iter().next();
        return Err(error.unwrap_or_else(|| StepError::harness(Cause::DriverMissing)));
    }
    let notices = errors.into_iter().map(|error| error.message).collect();
    let slots = hosts.iter().map(|host| host.slots).sum();
    Ok(Surveyed { hosts: Arc::new(hosts), slots, notices })
}
