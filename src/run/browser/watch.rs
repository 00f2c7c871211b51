//! What events tell of each page: its console, what it loads, what it still waits for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use url::Url;

use super::BrowserKind;
use super::read_event::{
    Told, is_plain_http, plain_message, read_message, read_mixed, read_resource, read_told,
};
use crate::evidence::{ConsoleMessage, INTEGRITY_MISMATCH, REFUSED_TYPE, SubResource, Violation};

/// The events that are subscribed to.
pub(super) const EVENTS: &[&str] = &[
    "browsingContext.contextCreated",
    "browsingContext.downloadWillBegin",
    "browsingContext.navigationCommitted",
    "browsingContext.navigationFailed",
    "browsingContext.userPromptOpened",
    "log.entryAdded",
    "network.beforeRequestSent",
    "network.fetchError",
    "network.responseCompleted",
    "network.responseStarted",
    "script.message",
];

/// How many messages of a step are kept.
const CONSOLE_LIMIT: usize = 100;

/// How many sub-resources of a step are kept.
const RESOURCE_LIMIT: usize = 500;

/// How many violations of a step are kept.
const VIOLATION_LIMIT: usize = 100;

/// What was seen of a page since it was last asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// What the console said.
    pub(super) console: Vec<ConsoleMessage>,
    /// What came, or did not.
    pub(super) resources: Vec<SubResource>,
    /// What the browser refused for safety's sake.
    pub(super) violations: Vec<Violation>,
    /// The last answer to a navigation.
    pub(super) document: Option<SubResource>,
    /// Whether a download began in place of a page.
    pub(super) is_download: bool,
}

#[derive(Debug, Default)]
struct Record {
    seen: Seen,
    /// How many messages, sub-resources and violations were asked for already.
    told: (usize, usize, usize),
    /// Requests without an end, by id.
    pending: BTreeMap<String, String>,
    /// Status and media type of those that were answered, by id: how they end may come without.
    answered: BTreeMap<String, (Option<u16>, String)>,
    /// Those of them that failed and were noted when their answer began, by id.
    noted: BTreeSet<String>,
    /// What the page says did not load, and why, by address: before the end of the request is told, or without it.
    broken: BTreeMap<String, Broken>,
    /// Where exceptions were thrown that the console has yet to tell.
    places: Vec<(String, String)>,
    /// Those of them that belong to the page before this one, and are given up with it.
    left: BTreeSet<String>,
    /// Counts the documents that came.
    documents: u64,
    /// Counts what was added, so that somebody can tell whether there is news.
    generation: u64,
}

/// A file that an element could not use.
#[derive(Debug)]
struct Broken {
    destination: &'static str,
    reason: &'static str,
    /// Its status, where the page knows it.
    status: Option<u16>,
    /// Its media type without parameters, where the page knows it.
    media_type: String,
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
    kind: BrowserKind,
    origin: url::Origin,
    state: Arc<Mutex<State>>,
}

impl Watch {
    /// Watches a browser for a target with this base address.
    pub(super) fn new(kind: BrowserKind, base: &Url) -> Self {
        Self { kind, origin: base.origin(), state: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an event.
    pub(super) fn note(&self, method: &str, event: &Value) {
        let mut state = self.lock();
        match method {
            "browsingContext.contextCreated" => state.note_context(event),
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
            // Chromium tells no request of a frame that it does not load on a secure page.
            "browsingContext.navigationFailed" => {
                let url = event["url"].as_str().unwrap_or_default();
                if let Some(record) = state.record(event).filter(|record| record.is_mixed(url)) {
                    record.add_mixed(url);
                }
            }
            "log.entryAdded" => {
                if let Some(message) = read_message(self.kind, event) {
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
                    state.note_answer(event, &resource);
                    state.note_document(event, &resource);
                }
            }
            "network.responseCompleted" | "network.fetchError" => {
                if let Some(resource) = read_resource(event, &self.origin) {
                    state.add_resource(event, resource);
                }
            }
            "script.message" => {
                if let Some(told) = read_told(event) {
                    state.note_told(&event["source"], told);
                }
            }
            _ => {}
        }
    }

    /// Takes a dialog, and how it was answered: `accepted`, `dismissed`.
    pub(super) fn note_dialog(&self, event: &Value, answered: &str) {
        let text = format!(
            "a dialog ({}) said {:?} and was {answered}",
            event["type"].as_str().unwrap_or("alert"),
            event["message"].as_str().unwrap_or("")
        );
        self.lock().add_message(event, plain_message("info", text));
    }

    /// Forgets what was seen of a page: another document comes.
    pub(super) fn clear(&self, context: &str) {
        if let Some(record) = self.lock().records.get_mut(context) {
            let (documents, generation) = (record.documents, record.generation + 1);
            *record = Record { documents, generation, ..Record::default() };
        }
    }

    /// Forgets what was told of a page: another step begins. What came after that belongs to the new step.
    pub(super) fn begin_step(&self, context: &str) {
        if let Some(record) = self.lock().records.get_mut(context) {
            let (messages, resources, violations) = std::mem::take(&mut record.told);
            record.seen.console.drain(..messages);
            let resources = resources.min(record.seen.resources.len());
            record.seen.resources.drain(..resources);
            record.seen.violations.drain(..violations);
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
        record.add_broken(&self.origin);
        let seen = &record.seen;
        record.told = (seen.console.len(), seen.resources.len(), seen.violations.len());
        seen.clone()
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
        if let Some(record) = self.record(source) {
            record.generation += 1;
            record.add_message(message);
        }
    }

    fn note_told(&mut self, source: &Value, told: Told) {
        let Some(record) = self.record(source) else { return };
        record.generation += 1;
        match told {
            Told::Load { url, .. } if record.is_mixed(&url) => record.add_mixed(&url),
            Told::Load { tag, url, has_integrity, status, media_type } => {
                let broken = Broken { status, media_type, ..describe(&tag, has_integrity) };
                record.note_broken(&url, broken);
            }
            Told::Exception { text, place } => record.note_place(text, place),
            Told::Csp { directive, url, place } => {
                let source = (!place.is_empty()).then_some(place);
                record.add_violation(Violation::Csp { directive, url, source });
            }
        }
    }

    fn note_answer(&mut self, event: &Value, resource: &SubResource) {
        let is_document = event["navigation"].is_string();
        let Some(record) = self.record(event) else { return };
        let Some(id) = event["request"]["request"].as_str() else { return };
        record.answered.insert(id.to_owned(), (resource.status, resource.media_type.clone()));
        // Its end may be told late, or never where nobody reads the body. A login may still follow.
        let is_failed = resource.status.is_some_and(|status| status >= 400 && !matches!(status, 401 | 407));
        if is_failed && !is_document && !is_unasked(resource) && !record.is_mixed(&resource.url) {
            record.generation += 1;
            record.noted.insert(id.to_owned());
            record.add_resource(resource.clone());
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

    fn add_resource(&mut self, event: &Value, mut resource: SubResource) {
        self.note_document(event, &resource);
        let Some(record) = self.record(event) else { return };
        let id = event["request"]["request"].as_str().unwrap_or("");
        record.pending.remove(id);
        let is_left = record.left.remove(id);
        record.generation += 1;
        // Nobody gives up what a page is made of while it stays: browsers call it so, too, when they refuse a
        // stylesheet or a script for its type (Fetch, "should response be blocked due to nosniff").
        let is_refused = matches!(resource.destination.as_str(), "style" | "script");
        let is_given_up = is_aborted(&resource) && (is_left || !is_refused);
        if let (None, Some((status, media_type))) = (resource.status, record.answered.remove(id)) {
            (resource.status, resource.media_type) = (status, media_type);
        }
        if is_refused && is_aborted(&resource) {
            resource.error = Some(REFUSED_TYPE.to_owned());
        }
        if record.is_mixed(&resource.url) {
            record.add_mixed(&resource.url);
            return;
        }
        if record.noted.remove(id) {
            record.note_end(resource);
        } else if !is_unasked(&resource) && !is_given_up {
            record.add_resource(resource);
        }
    }
}

impl Record {
    /// Adds a message. Browsers may leave out where an exception was thrown; the page tells it.
    fn add_message(&mut self, mut message: ConsoleMessage) {
        if let Some(url) = read_mixed(&message).map(str::to_owned) {
            self.add_mixed(&url);
        }
        if message.uncaught && message.source.is_none() {
            let known = self.places.iter().position(|(text, _)| is_of(&message, text));
            message.source = known.map(|position| self.places.swap_remove(position).1);
        }
        // Firefox makes some remarks twice.
        let is_repeated = message.level == "warning" && self.seen.console.contains(&message);
        if self.seen.console.len() < CONSOLE_LIMIT && !is_repeated {
            self.seen.console.push(message);
        }
    }

    fn note_place(&mut self, text: String, place: String) {
        if place.is_empty() {
            return;
        }
        // A page that comes in place of a script is run as one.
        let file = place.rsplitn(3, ':').nth(2).filter(|_| text.contains("SyntaxError"));
        let page = self.seen.resources.iter_mut().find(|one| {
            one.destination == "script" && one.media_type == "text/html" && Some(one.url.as_str()) == file
        });
        if let Some(page) = page {
            page.error = page.error.take().or(Some("not run".to_owned()));
        }
        let thrown = self.seen.console.iter_mut().rev().find(|message| is_of(message, &text));
        match thrown {
            Some(message) => message.source = message.source.take().or(Some(place)),
            None if self.places.len() < CONSOLE_LIMIT => self.places.push((text, place)),
            None => {}
        }
    }

    /// Whether the page is secure and this address is not.
    fn is_mixed(&self, url: &str) -> bool {
        let document = self.seen.document.as_ref();
        document.is_some_and(|document| document.url.starts_with("https:")) && is_plain_http(url)
    }

    fn add_mixed(&mut self, url: &str) {
        self.add_violation(Violation::MixedContent { url: url.to_owned() });
    }

    fn add_violation(&mut self, violation: Violation) {
        let violations = &mut self.seen.violations;
        if violations.len() < VIOLATION_LIMIT && !violations.contains(&violation) {
            violations.push(violation);
        }
    }

    fn add_resource(&mut self, mut resource: SubResource) {
        if let Some(broken) = self.broken.remove(&resource.url) {
            broken.explain(&mut resource);
        }
        // Firefox tells some of them twice; Chromium tells an answer, and then that it did not end.
        let has_room = self.seen.resources.len() < RESOURCE_LIMIT;
        let is_known = self.seen.resources.iter().any(|known| is_same(known, &resource));
        if is_known {
            self.note_end(resource);
        } else if has_room {
            self.seen.resources.push(resource);
        }
    }

    /// Adds how a sub-resource ended to what is known of it; an earlier step may have been told of it.
    fn note_end(&mut self, resource: SubResource) {
        if let Some(known) = self.seen.resources.iter_mut().find(|known| is_same(known, &resource)) {
            known.error = known.error.take().or(resource.error.filter(|error| !is_giving_up(error)));
            known.status = known.status.or(resource.status);
        }
    }

    /// Notes what an element could not use. The request may have been told already, or be told yet, or never.
    fn note_broken(&mut self, url: &str, broken: Broken) {
        if !url.starts_with("http") {
            return;
        }
        let known = self.seen.resources.iter_mut().rev().find(|one| one.url == url);
        match known {
            Some(known) => broken.explain(known),
            None if self.broken.len() < RESOURCE_LIMIT => {
                self.broken.insert(url.to_owned(), broken);
            }
            None => {}
        }
    }

    /// Adds what did not load and was never asked for: it was in a cache, or refused before.
    fn add_broken(&mut self, origin: &url::Origin) {
        for (url, broken) in std::mem::take(&mut self.broken) {
            if self.pending.values().any(|pending| *pending == url) {
                self.broken.insert(url, broken);
                continue;
            }
            let same_origin = Url::parse(&url).is_ok_and(|url| url.origin() == *origin);
            self.seen.resources.push(SubResource {
                url,
                method: "GET".to_owned(),
                destination: broken.destination.to_owned(),
                status: broken.status,
                media_type: broken.media_type,
                error: Some(broken.reason.to_owned()),
                same_origin,
            });
        }
    }
}

impl Broken {
    /// Says what is wrong with a file, as far as that is not known. Chromium does not tell what it refused for its type.
    fn explain(self, resource: &mut SubResource) {
        if resource.status.is_none() && self.status.is_some() {
            (resource.status, resource.media_type) = (self.status, self.media_type);
        }
        if !resource.is_failed() {
            resource.error = Some(self.reason.to_owned());
        }
    }
}

/// What it means that an element could not use its file.
fn describe(tag: &str, has_integrity: bool) -> Broken {
    let (destination, reason) = match tag {
        _ if has_integrity => (if tag == "link" { "style" } else { "script" }, INTEGRITY_MISMATCH),
        "img" | "image" | "input" => ("image", "broken image"),
        "script" => ("script", "not run"),
        "link" => ("style", "not applied"),
        _ => ("", "not loaded"),
    };
    Broken { destination, reason, status: None, media_type: String::new() }
}

/// Whether a message is the exception with this text.
fn is_of(message: &ConsoleMessage, text: &str) -> bool {
    let text = text.strip_prefix("Uncaught ").unwrap_or(text);
    let said = message.text.strip_prefix("uncaught exception: ").unwrap_or(&message.text);
    message.uncaught && !text.is_empty() && said.lines().next() == text.lines().next()
}

fn is_same(known: &SubResource, new: &SubResource) -> bool {
    let is_same_request =
        known.url == new.url && known.method == new.method && known.destination == new.destination;
    let is_same_answer = known.status == new.status && known.media_type == new.media_type;
    is_same_request && (is_same_answer || new.status.is_none() || known.status.is_none())
}

/// The page went elsewhere, its script gave the request up, or the browser refused what came.
fn is_aborted(resource: &SubResource) -> bool {
    resource.status.is_none() && resource.error.as_deref().is_some_and(is_giving_up)
}

/// Browsers ask for it unasked; a page that names an icon of its own is judged by `assets`.
fn is_unasked(resource: &SubResource) -> bool {
    resource.url.ends_with("/favicon.ico")
}

fn is_giving_up(error: &str) -> bool {
    matches!(error, "net::ERR_ABORTED" | "NS_BINDING_ABORTED")
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
        Watch::new(BrowserKind::Chromium, &Url::parse("http://127.0.0.1:1/").unwrap())
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
    fn what_failed_is_known_from_its_first_byte_and_told_once() {
        let watch = watch();
        let mut event = completed("page", "http://127.0.0.1:1/api/notes", 500);
        event["request"]["destination"] = json!("");
        watch.note("network.beforeRequestSent", &event);
        watch.note("network.responseStarted", &event);
        assert_eq!(watch.seen("page").resources[0].status, Some(500));
        event["response"] = Value::Null;
        event["errorText"] = json!("net::ERR_ABORTED");
        watch.begin_step("page");
        watch.note("network.fetchError", &event);
        assert_eq!(watch.seen("page").resources, []);
        // A login may follow.
        watch.note("network.responseStarted", &completed("page", "http://127.0.0.1:1/own", 401));
        assert_eq!(watch.seen("page").resources, []);
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
