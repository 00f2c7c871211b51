//! What events tell of each page: its console, what it loads, what it still waits for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use url::Url;

use crate::evidence::{ConsoleMessage, SubResource};

/// The events that are subscribed to.
pub(super) const EVENTS: &[&str] = &[
    "browsingContext.contextCreated",
    "browsingContext.downloadWillBegin",
    "browsingContext.navigationCommitted",
    "browsingContext.userPromptOpened",
    "log.entryAdded",
    "network.beforeRequestSent",
    "network.fetchError",
    "network.responseCompleted",
    "network.responseStarted",
];

/// How many messages of a step are kept.
const CONSOLE_LIMIT: usize = 100;

/// How many sub-resources of a step are kept.
const RESOURCE_LIMIT: usize = 500;

/// How many characters of a message are kept.
const MESSAGE_LIMIT: usize = 2_000;

/// What was seen of a page since it was last asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// What the console said.
    pub(super) console: Vec<ConsoleMessage>,
    /// What came, or did not.
    pub(super) resources: Vec<SubResource>,
    /// The last answer to a navigation.
    pub(super) document: Option<SubResource>,
    /// Whether a download began in place of a page.
    pub(super) is_download: bool,
}

#[derive(Debug, Default)]
struct Record {
    seen: Seen,
    /// How many messages and sub-resources were asked for already.
    told: (usize, usize),
    /// Requests without an answer, by id.
    pending: BTreeMap<String, String>,
    /// Those of them that belong to the page before this one, and are given up with it.
    left: BTreeSet<String>,
    /// Counts the documents that came.
    documents: u64,
    /// Counts what was added, so that somebody can tell whether there is news.
    generation: u64,
}

#[derive(Debug, Default)]
struct State {
    records: BTreeMap<String, Record>,
    /// The page that a frame is in.
    top_of: BTreeMap<String, String>,
}

/// Remembers events by page.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    origin: url::Origin,
    state: Arc<Mutex<State>>,
}

impl Watch {
    /// Watches for a target with this base address.
    pub(super) fn new(base: &Url) -> Self {
        Self { origin: base.origin(), state: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an event.
    pub(super) fn note(&self, method: &str, event: &Value) {
        let mut state = self.lock();
        match method {
            "browsingContext.contextCreated" => state.note_context(event),
            "browsingContext.userPromptOpened" => {
                let text = format!(
                    "a dialog ({}) said {:?} and was dismissed",
                    event["type"].as_str().unwrap_or("alert"),
                    event["message"].as_str().unwrap_or("")
                );
                state.add_message(event, plain_message("info", text));
            }
            "browsingContext.downloadWillBegin" => {
                if let Some(record) = state.record(event) {
                    record.seen.is_download = true;
                }
            }
            "browsingContext.navigationCommitted" => {
                if let (false, Some(record)) = (state.is_frame(event), state.record(event)) {
                    record.documents += 1;
                }
            }
            "log.entryAdded" => {
                if let Some(message) = read_message(event) {
                    state.add_message(&event["source"], message);
                }
            }
            "network.beforeRequestSent" => {
                let request = &event["request"];
                if let (Some(id), Some(url)) = (request["request"].as_str(), request["url"].as_str()) {
                    state.add_pending(event, id, url);
                }
            }
            "network.responseStarted" => {
                if let Some(resource) = read_resource(event, &self.origin) {
                    state.note_document(event, &resource);
                }
            }
            "network.responseCompleted" | "network.fetchError" => {
                if let Some(resource) = read_resource(event, &self.origin) {
                    state.add_resource(event, resource);
                }
            }
            _ => {}
        }
    }

    /// Forgets what was seen of a page: another document comes.
    pub(super) fn clear(&self, context: &str) {
        if let Some(record) = self.lock().records.get_mut(context) {
            let (generation, documents) = (record.generation + 1, record.documents);
            *record = Record { generation, documents, ..Record::default() };
        }
    }

    /// Forgets what was told of a page: another step begins. What came after that belongs to the new step.
    pub(super) fn begin_step(&self, context: &str) {
        if let Some(record) = self.lock().records.get_mut(context) {
            let (messages, resources) = std::mem::take(&mut record.told);
            record.seen.console.drain(..messages);
            let resources = resources.min(record.seen.resources.len());
            record.seen.resources.drain(..resources);
        }
    }

    /// Forgets a page.
    pub(super) fn forget(&self, context: &str) {
        let mut state = self.lock();
        state.records.remove(context);
        state.top_of.retain(|_, top| top != context);
    }

    /// What was seen of a page so far.
    pub(super) fn seen(&self, context: &str) -> Seen {
        let mut state = self.lock();
        let Some(record) = state.records.get_mut(context) else { return Seen::default() };
        record.told = (record.seen.console.len(), record.seen.resources.len());
        record.seen.clone()
    }

    /// Changes with everything that is seen of a page.
    pub(super) fn generation(&self, context: &str) -> u64 {
        self.lock().records.get(context).map_or(0, |record| record.generation)
    }

    /// Changes with every document that a page comes to.
    pub(super) fn documents(&self, context: &str) -> u64 {
        self.lock().records.get(context).map_or(0, |record| record.documents)
    }

    /// What a page still waits for, the oldest first.
    pub(super) fn pending(&self, context: &str) -> Vec<String> {
        let state = self.lock();
        state
            .records
            .get(context)
            .map(|record| record.pending.values().cloned().collect())
            .unwrap_or_default()
    }
}

impl State {
    fn note_context(&mut self, event: &Value) {
        let (Some(context), Some(parent)) = (event["context"].as_str(), event["parent"].as_str()) else {
            return;
        };
        let top = self.top_of.get(parent).cloned().unwrap_or_else(|| parent.to_owned());
        self.top_of.insert(context.to_owned(), top);
    }

    /// The record of the page that an event belongs to. What belongs to none is a worker's or the browser's own.
    fn record(&mut self, event: &Value) -> Option<&mut Record> {
        let context = event["context"].as_str()?;
        let top = self.top_of.get(context).map_or(context, String::as_str);
        Some(self.records.entry(top.to_owned()).or_default())
    }

    fn add_message(&mut self, source: &Value, message: ConsoleMessage) {
        let Some(record) = self.record(source) else { return };
        record.generation += 1;
        if record.seen.console.len() < CONSOLE_LIMIT {
            record.seen.console.push(message);
        }
    }

    fn add_pending(&mut self, event: &Value, id: &str, url: &str) {
        // Firefox tells of `data:` too, and nobody waits for that.
        if !url.starts_with("http") {
            return;
        }
        let is_frame = self.is_frame(event);
        let Some(record) = self.record(event) else { return };
        if event["navigation"].is_string() && !is_frame {
            record.left = record.pending.keys().cloned().collect();
        }
        record.pending.insert(id.to_owned(), url.to_owned());
    }

    fn is_frame(&self, event: &Value) -> bool {
        event["context"].as_str().is_some_and(|context| self.top_of.contains_key(context))
    }

    /// Notes the answer to a navigation. Chromium does not always tell the end of one that it then gives up.
    fn note_document(&mut self, event: &Value, resource: &SubResource) {
        if !event["navigation"].is_string() || self.is_frame(event) {
            return;
        }
        let Some(record) = self.record(event) else { return };
        // A document without a body is answered, and then fails.
        let answered = record.seen.document.as_ref().filter(|known| known.url == resource.url);
        let status = resource.status.or(answered.and_then(|known| known.status));
        record.seen.document = Some(SubResource { status, ..resource.clone() });
    }

    fn add_resource(&mut self, event: &Value, resource: SubResource) {
        self.note_document(event, &resource);
        let Some(record) = self.record(event) else { return };
        let id = event["request"]["request"].as_str().unwrap_or("");
        record.pending.remove(id);
        let is_left = record.left.remove(id);
        record.generation += 1;
        // Browsers ask for it unasked; a page that names an icon of its own is judged by `assets`.
        let is_unasked = resource.url.ends_with("/favicon.ico");
        // Nobody gives up what a page is made of while it stays: browsers call it so, too, when they refuse a
        // stylesheet or a script for its type (Fetch, "should response be blocked due to nosniff").
        let is_refused = matches!(resource.destination.as_str(), "style" | "script");
        let is_given_up = is_aborted(&resource) && (is_left || !is_refused);
        if is_unasked || is_given_up {
            return;
        }
        // Firefox tells some of them twice; Chromium tells an answer, and then that it did not end.
        let has_room = record.seen.resources.len() < RESOURCE_LIMIT;
        match record.seen.resources.iter_mut().find(|known| is_same(known, &resource)) {
            Some(known) if !is_aborted(&resource) => known.error = known.error.take().or(resource.error),
            None if has_room => record.seen.resources.push(resource),
            Some(_) | None => {}
        }
    }
}

fn is_same(known: &SubResource, new: &SubResource) -> bool {
    let is_same_request =
        known.url == new.url && known.method == new.method && known.destination == new.destination;
    is_same_request && (known == new || new.status.is_none())
}

/// The page went elsewhere, its script gave the request up, or the browser refused what came.
fn is_aborted(resource: &SubResource) -> bool {
    let error = resource.error.as_deref();
    resource.status.is_none() && matches!(error, Some("net::ERR_ABORTED" | "NS_BINDING_ABORTED"))
}

fn plain_message(level: &str, text: String) -> ConsoleMessage {
    ConsoleMessage { level: level.to_owned(), uncaught: false, text, source: None }
}

fn read_message(event: &Value) -> Option<ConsoleMessage> {
    let level = match event["level"].as_str()? {
        "warn" => "warning",
        level => level,
    };
    let is_uncaught = event["type"].as_str() == Some("javascript");
    let text: String = event["text"].as_str().unwrap_or("").chars().take(MESSAGE_LIMIT).collect();
    Some(ConsoleMessage { uncaught: is_uncaught, source: read_source(event), ..plain_message(level, text) })
}

fn read_source(event: &Value) -> Option<String> {
    let frame = event["stackTrace"]["callFrames"].get(0)?;
    let number = |key: &str| frame[key].as_u64().map_or(1, |number| number + 1);
    Some(format!("{}:{}:{}", frame["url"].as_str()?, number("lineNumber"), number("columnNumber")))
}

fn read_resource(event: &Value, origin: &url::Origin) -> Option<SubResource> {
    let (request, response) = (&event["request"], &event["response"]);
    let url = request["url"].as_str()?;
    if !url.starts_with("http") {
        return None;
    }
    let status = response["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let media_type = response["mimeType"].as_str().unwrap_or("");
    Some(SubResource {
        url: url.to_owned(),
        method: request["method"].as_str().unwrap_or("GET").to_owned(),
        destination: request["destination"].as_str().unwrap_or("").to_owned(),
        status: status.filter(|status| *status != 0),
        media_type: media_type.split(';').next().unwrap_or("").trim().to_lowercase(),
        error: event["errorText"].as_str().map(str::to_owned),
        same_origin: Url::parse(url).is_ok_and(|url| url.origin() == *origin),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn completed(context: &str, url: &str, status: u16) -> Value {
        let request = json!({ "request": url, "url": url, "method": "GET", "destination": "style" });
        json!({ "context": context, "request": request, "response": { "status": status, "mimeType": "text/css; charset=utf-8" } })
    }

    fn watch() -> Watch {
        Watch::new(&Url::parse("http://127.0.0.1:1/").unwrap())
    }

    #[test]
    fn what_a_frame_does_belongs_to_its_page() {
        let watch = watch();
        watch.note("browsingContext.contextCreated", &json!({ "context": "frame", "parent": "page" }));
        watch.note("network.responseCompleted", &completed("frame", "http://127.0.0.1:1/a.css", 404));
        let seen = watch.seen("page");
        assert_eq!(seen.resources.len(), 1);
        assert_eq!(seen.resources[0].media_type, "text/css");
        assert!(seen.resources[0].same_origin);
    }

    #[test]
    fn neither_an_icon_that_nobody_asked_for_nor_a_request_given_up_is_a_failure() {
        let watch = watch();
        watch.note("network.responseCompleted", &completed("page", "http://127.0.0.1:1/favicon.ico", 404));
        let mut given_up = completed("page", "http://127.0.0.1:1/poll", 200);
        given_up["response"] = Value::Null;
        given_up["errorText"] = json!("net::ERR_ABORTED");
        given_up["request"]["destination"] = json!("");
        watch.note("network.fetchError", &given_up);
        assert_eq!(watch.seen("page").resources, []);
    }

    #[test]
    fn a_stylesheet_that_was_refused_is_one_unless_the_page_was_left_meanwhile() {
        let watch = watch();
        let mut refused = completed("page", "http://127.0.0.1:1/site.css", 200);
        refused["response"] = Value::Null;
        refused["errorText"] = json!("net::ERR_ABORTED");
        watch.note("network.beforeRequestSent", &refused);
        watch.note("network.fetchError", &refused);
        assert!(watch.seen("page").resources[0].is_failed());
        watch.clear("page");
        watch.note("network.beforeRequestSent", &refused);
        let mut next = completed("page", "http://127.0.0.1:1/next", 200);
        next["navigation"] = json!("n2");
        watch.note("network.beforeRequestSent", &next);
        watch.note("network.fetchError", &refused);
        assert_eq!(watch.seen("page").resources, []);
    }

    #[test]
    fn what_was_answered_and_did_not_end_is_a_failure() {
        let watch = watch();
        let mut event = completed("page", "http://127.0.0.1:1/site.css", 200);
        watch.note("network.responseCompleted", &event);
        event["response"] = Value::Null;
        event["errorText"] = json!("net::ERR_CONTENT_LENGTH_MISMATCH");
        watch.note("network.fetchError", &event);
        let seen = watch.seen("page");
        assert_eq!((seen.resources.len(), seen.resources[0].is_failed()), (1, true));
    }

    #[test]
    fn what_is_asked_for_is_pending_until_it_comes() {
        let watch = watch();
        let mut event = completed("page", "http://127.0.0.1:1/slow.js", 200);
        watch.note("network.beforeRequestSent", &event);
        assert_eq!(watch.pending("page"), ["http://127.0.0.1:1/slow.js"]);
        event["response"]["status"] = json!(200);
        watch.note("network.responseCompleted", &event);
        assert_eq!(watch.pending("page"), [""; 0]);
    }
}
