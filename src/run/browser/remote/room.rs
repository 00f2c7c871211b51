//! How much room a remote driver has for a browser, by what it says of itself.

use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use super::Remote;
use crate::run::browser::{BrowserKind, BrowserSettings};
use crate::verdict::StepError;

/// How long a WebDriver may take to say what it has.
const STATUS_LIMIT: Duration = Duration::from_secs(10);

/// Room for one browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::run::browser) struct Room {
    /// Sessions that could be opened now.
    pub(in crate::run::browser) free: usize,
    /// Sessions that there could be at all.
    pub(in crate::run::browser) total: usize,
    /// The browser as it names it.
    pub(in crate::run::browser) browser_name: String,
}

/// Asks a driver how much room it has.
pub(in crate::run::browser) async fn find_room(
    remote: &Remote,
    settings: &BrowserSettings,
) -> Result<Room, StepError> {
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
    use serde_json::json;

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
