//! How many sessions remote drivers have room for, and which of them gets the next one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep, timeout};

use super::access::build_capabilities;
use super::remote::{Remote, RemoteSession, RemoteSettings};
use super::{BrowserKind, BrowserSettings};
use crate::evidence::{Cause, Phase};
use crate::verdict::StepError;

/// How long a WebDriver may take to say what it has.
const STATUS_LIMIT: Duration = Duration::from_secs(10);

/// How long a session may take to open once there is room for it.
const OPEN_LIMIT: Duration = Duration::from_mins(1);

/// How long we wait for room that others take.
const QUEUE_LIMIT: Duration = Duration::from_mins(5);

/// How often a Grid without room is asked again.
const PAUSE: Duration = Duration::from_millis(250);

/// The remote drivers of a run.
#[derive(Debug)]
pub(super) struct Fleet {
    settings: RemoteSettings,
    surveyed: OnceCell<Result<Surveyed, StepError>>,
}

/// What the remote drivers said.
#[derive(Debug)]
pub(super) struct Surveyed {
    hosts: Arc<Vec<Host>>,
    /// Sessions that there is room for, at least one.
    pub(super) slots: usize,
    /// What the user should know: those that cannot be used.
    pub(super) notices: Vec<String>,
}

/// One remote WebDriver with room for us.
#[derive(Debug)]
struct Host {
    remote: Remote,
    slots: usize,
    /// The browser as it names it.
    browser_name: String,
    in_use: Mutex<usize>,
}

impl Host {
    fn in_use(&self) -> MutexGuard<'_, usize> {
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place at one of the remote drivers; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    hosts: Arc<Vec<Host>>,
    index: usize,
}

impl Drop for Seat {
    fn drop(&mut self) {
        *self.hosts[self.index].in_use() -= 1;
    }
}

/// Room for one browser.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Room {
    /// Sessions that could be opened now.
    free: usize,
    /// Sessions that there could be at all.
    total: usize,
    browser_name: String,
}

impl Fleet {
    /// None where browsers are started here.
    pub(super) fn new(settings: &RemoteSettings) -> Option<Self> {
        (!settings.urls.is_empty()).then(|| Self { settings: settings.clone(), surveyed: OnceCell::new() })
    }

    /// Asks all of them once how much room there is.
    pub(super) async fn survey(&self, settings: &BrowserSettings) -> Result<&Surveyed, StepError> {
        let surveyed = self.surveyed.get_or_init(|| survey(&self.settings, settings)).await;
        surveyed.as_ref().map_err(Clone::clone)
    }

    /// A place at the one with the most room; not at `avoided`, if there is another.
    pub(super) async fn take_seat(
        &self,
        settings: &BrowserSettings,
        avoided: Option<usize>,
    ) -> Result<Seat, StepError> {
        let hosts = &self.survey(settings).await?.hosts;
        let has_choice = hosts.len() > 1;
        let candidates = (0..hosts.len()).filter(|index| !has_choice || Some(*index) != avoided);
        let load = |index: &usize| {
            let host = &hosts[*index];
            // In thousandths of its room.
            (*host.in_use() + 1) * 1000 / host.slots.max(1)
        };
        let Some(index) = candidates.min_by_key(load) else {
            return Err(StepError::harness(Cause::DriverMissing));
        };
        *hosts[index].in_use() += 1;
        Ok(Seat { hosts: Arc::clone(hosts), index })
    }
}

impl Seat {
    /// Which of them it is at.
    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// Waits until there is room, and opens a session.
    pub(super) async fn open(&self, settings: &BrowserSettings) -> Result<RemoteSession, StepError> {
        let host = &self.hosts[self.index];
        let end = Instant::now() + QUEUE_LIMIT;
        while find_room(&host.remote, settings).await?.free == 0 {
            if Instant::now() >= end {
                let seconds = QUEUE_LIMIT.as_secs();
                return Err(host.remote.unusable(&format!("it had no free slot for {seconds} s")));
            }
            sleep(PAUSE).await;
        }
        let mut capabilities = build_capabilities(settings, None).await;
        capabilities.insert("browserName".to_owned(), json!(host.browser_name));
        timeout(OPEN_LIMIT, host.remote.open(capabilities)).await.unwrap_or_else(|_| {
            let limit_ms = OPEN_LIMIT.as_secs_f64() * 1000.0;
            let cause = Cause::Timeout { phase: Phase::Start, limit_ms };
            Err(StepError::harness(cause).message(format!("{} opens no session", host.remote.place)))
        })
    }
}

async fn survey(remotes: &RemoteSettings, settings: &BrowserSettings) -> Result<Surveyed, StepError> {
    let remotes = Remote::all(remotes)?;
    let rooms = join_all(remotes.iter().map(|remote| find_room(remote, settings))).await;
    let (mut hosts, mut errors) = (Vec::new(), Vec::new());
    for (remote, room) in remotes.into_iter().zip(rooms) {
        match room {
            // Where others have taken everything we wait for one.
            Ok(room) => hosts.push(Host {
                remote,
                slots: room.free.max(1),
                browser_name: room.browser_name,
                in_use: Mutex::default(),
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

async fn find_room(remote: &Remote, settings: &BrowserSettings) -> Result<Room, StepError> {
    let status = timeout(STATUS_LIMIT, remote.status()).await;
    let status = status
        .map_err(|_| remote.unusable(&format!("it did not answer within {} s", STATUS_LIMIT.as_secs())))??;
    let room = read_room(&status, settings.kind, settings.workers);
    if room.total == 0 {
        let reason = match offered_browsers(&status).as_slice() {
            [] => "it is a Grid without any node".to_owned(),
            offered => format!("it has no slot for {}: it has {}", settings.kind.name(), offered.join(", ")),
        };
        return Err(remote.unusable(&reason));
    }
    Ok(room)
}

/// The names that a browser goes by in a Grid.
fn grid_names(kind: BrowserKind) -> &'static [&'static str] {
    match kind {
        BrowserKind::Chromium => &["chrome", "chromium"],
        BrowserKind::Firefox => &["firefox"],
    }
}

/// The room for a browser that a status tells of: a Grid's slots, else what one driver can do.
fn read_room(status: &Value, kind: BrowserKind, workers: usize) -> Room {
    let names = grid_names(kind);
    let Some(nodes) = status["nodes"].as_array() else {
        let total = match kind {
            BrowserKind::Chromium => workers,
            // geckodriver has one session at a time, and says while it has it that it is not ready.
            BrowserKind::Firefox => 1,
        };
        let is_full = kind == BrowserKind::Firefox && status["ready"] == false;
        return Room { free: if is_full { 0 } else { total }, total, browser_name: names[0].to_owned() };
    };
    let mut room = Room { free: 0, total: 0, browser_name: names[0].to_owned() };
    for node in nodes.iter().filter(|node| node["availability"].as_str().is_none_or(|state| state == "UP")) {
        let slots = node["slots"].as_array().map(Vec::as_slice).unwrap_or_default();
        let most = node["maxSessions"].as_u64().and_then(|most| usize::try_from(most).ok());
        let most = most.unwrap_or(slots.len());
        let running = slots.iter().filter(|slot| !slot["session"].is_null()).count();
        let (mut free, mut total) = (0, 0);
        for slot in slots {
            let name = slot["stereotype"]["browserName"].as_str().unwrap_or("");
            if names.contains(&name) {
                name.clone_into(&mut room.browser_name);
                total += 1;
                free += usize::from(slot["session"].is_null());
            }
        }
        room.total += total.min(most);
        room.free += free.min(most.saturating_sub(running));
    }
    room
}

/// The browsers that a Grid has slots for.
fn offered_browsers(status: &Value) -> Vec<String> {
    let nodes = status["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let slots = nodes.iter().filter_map(|node| node["slots"].as_array()).flatten();
    let names = slots.filter_map(|slot| slot["stereotype"]["browserName"].as_str().map(str::to_owned));
    names.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(browser: &str, is_taken: bool) -> Value {
        let session = if is_taken { json!({ "sessionId": "1" }) } else { Value::Null };
        json!({ "stereotype": { "browserName": browser }, "session": session })
    }

    fn room(status: &Value, kind: BrowserKind) -> (usize, usize) {
        let room = read_room(status, kind, 2);
        (room.free, room.total)
    }

    #[test]
    fn a_grid_has_the_free_slots_of_its_nodes_that_are_up() {
        let full = json!({ "availability": "UP", "maxSessions": 3, "slots": [
            slot("chrome", true), slot("chrome", false), slot("chrome", false),
            slot("firefox", true), slot("firefox", false),
        ] });
        let draining =
            json!({ "availability": "DRAINING", "maxSessions": 9, "slots": [slot("chrome", false)] });
        let status = json!({ "ready": true, "nodes": [full, draining] });
        assert_eq!(room(&status, BrowserKind::Chromium), (1, 3), "two of three sessions run already");
        assert_eq!(room(&status, BrowserKind::Firefox), (1, 2));
        assert_eq!(offered_browsers(&status), ["chrome", "firefox"]);
        assert_eq!(room(&json!({ "nodes": [] }), BrowserKind::Chromium), (0, 0));
    }

    #[test]
    fn a_single_driver_has_what_it_can_do() {
        assert_eq!(room(&json!({ "ready": true }), BrowserKind::Chromium), (2, 2));
        assert_eq!(room(&json!({ "ready": false }), BrowserKind::Firefox), (0, 1));
    }
}
