//! What events tell of each page: its console, what it loads, what it still waits for, where it goes.
//!
//! | file | what it does |
//! | --- | --- |
//! | `record` | what was seen of one page, and what of it was judged |
//! | `seen_page` | a page as it is judged, and what nobody has judged yet |
//! | `read_event` | events into evidence, and what a page itself tells (`preload.js`) |
//! | `encounter` | what events tell of windows, dialogs and downloads |
//! | `intercept` | headers and access for the target's origin alone |

pub(super) mod encounter;
pub(super) mod intercept;
pub(super) mod read_event;
pub(super) mod record;
pub(super) mod seen_page;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use url::Url;

use self::read_event::{Told, plain_message, read_message, read_resource, read_told};
use self::record::{Record, Seen, describe, is_aborted, is_unasked};
use crate::evidence::{ConsoleMessage, REFUSED_TYPE, SubResource, Violation};
use crate::run::browser::BrowserKind;

/// The events that are subscribed to.
pub(in crate::run::browser) const EVENTS: &[&str] = &[
    "browsingContext.contextCreated",
    "browsingContext.downloadWillBegin",
    "browsingContext.navigationCommitted",
    "browsingContext.navigationFailed",
    "browsingContext.userPromptOpened",
    "log.entryAdded",
    "network.authRequired",
    "network.beforeRequestSent",
    "network.fetchError",
    "network.responseCompleted",
    "network.responseStarted",
    "script.message",
];

#[derive(Debug, Default)]
struct State {
    /// What was seen of each page, from its beginning until it is forgotten.
    records: BTreeMap<String, Record>,
    /// The page that a frame is in.
    top_of: BTreeMap<String, String>,
}

/// Remembers events by page.
#[derive(Clone, Debug)]
pub(in crate::run::browser) struct Watch {
    kind: BrowserKind,
    origin: url::Origin,
    state: Arc<Mutex<State>>,
    news: Arc<Notify>,
}

impl Watch {
    /// Watches a browser for a target with this base address.
    pub(in crate::run::browser) fn new(kind: BrowserKind, base: &Url) -> Self {
        Self { kind, origin: base.origin(), state: Arc::default(), news: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T: Default>(&self, context: &str, read: impl FnOnce(&mut Record) -> T) -> T {
        self.lock().records.get_mut(context).map(read).unwrap_or_default()
    }

    /// Takes an event.
    pub(in crate::run::browser) fn note(&self, method: &str, event: &Value) {
        self.take(method, event);
        self.news.notify_waiters();
    }

    fn take(&self, method: &str, event: &Value) {
        let mut state = self.lock();
        match method {
            "browsingContext.contextCreated" => state.note_context(event),
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
                if let Some(resource) = state.read_resource(event, &self.origin) {
                    state.note_answer(event, &resource);
                    state.note_document(event, &resource);
                }
            }
            "network.responseCompleted" | "network.fetchError" => {
                if let Some(resource) = state.read_resource(event, &self.origin) {
                    state.add_resource(event, resource);
                }
            }
            "script.message" => {
                if let Some(told) = read_told(event) {
                    state.note_told(&event["source"], told);
                }
            }
            _ => state.note_navigation(method, event),
        }
    }

    /// Takes a dialog, and how it was answered: `accepted`, `dismissed`.
    pub(in crate::run::browser) fn note_dialog(&self, event: &Value, answered: &str) {
        let text = format!(
            "a dialog ({}) said {:?} and was {answered}",
            event["type"].as_str().unwrap_or("alert"),
            event["message"].as_str().unwrap_or("")
        );
        self.lock().add_message(event, plain_message("info", text));
    }

    /// Takes what a browser says of a request that it does not send as it was told to.
    pub(in crate::run::browser) fn note_refused(&self, event: &Value, said: &str) {
        let text = format!("the browser does not send the target's headers: {said}");
        let mut state = self.lock();
        if let Some(record) = state.record(event) {
            record.seen.refused = Some(text.clone());
        }
        state.add_message(event, plain_message("error", text));
    }

    /// Another step begins. What was told of a page is forgotten; what came since belongs to the new step.
    pub(in crate::run::browser) fn begin_step(&self, context: &str) {
        self.read(context, Record::begin_step);
    }

    /// The same where the step goes to another document.
    pub(in crate::run::browser) fn begin_navigation(&self, context: &str) {
        self.read(context, |record| {
            record.begin_step();
            record.forget_document();
        });
    }

    /// The page stays as it was: where it was to go is forgotten.
    pub(in crate::run::browser) fn stay(&self, context: &str) {
        self.read(context, Record::forget_document);
    }

    /// Forgets a page.
    pub(in crate::run::browser) fn forget(&self, context: &str) {
        let mut state = self.lock();
        state.records.remove(context);
        state.top_of.retain(|_, top| top != context);
    }

    /// What was seen of a page so far; it is judged, and told no more in the steps that follow.
    pub(in crate::run::browser) fn seen(&self, context: &str) -> Seen {
        self.read(context, |record| {
            record.add_broken(&self.origin);
            record.mark_told();
            record.seen.clone()
        })
    }

    /// The same, and it has yet to be judged.
    pub(in crate::run::browser) fn peek(&self, context: &str) -> Seen {
        self.read(context, |record| record.seen.clone())
    }

    /// Changes with everything that is seen of a page.
    pub(in crate::run::browser) fn generation(&self, context: &str) -> u64 {
        self.read(context, |record| record.generation)
    }

    /// Changes with every document that a page comes to.
    pub(in crate::run::browser) fn documents(&self, context: &str) -> u64 {
        self.read(context, |record| record.documents)
    }

    /// What a page still waits for, the oldest first.
    pub(in crate::run::browser) fn pending(&self, context: &str) -> Vec<String> {
        self.read(context, |record| record.pending())
    }

    /// Whether a page is on its way to another document, or that is still loading.
    pub(in crate::run::browser) fn is_arriving(&self, context: &str) -> bool {
        self.read(context, |record| record.is_arriving())
    }

    /// Whether the document that a page is on its way to is there, and perhaps not yet whole.
    pub(in crate::run::browser) fn is_loading(&self, context: &str) -> bool {
        self.read(context, |record| record.is_loading())
    }

    /// The page says itself that it is whole.
    pub(in crate::run::browser) fn note_arrived(&self, context: &str) {
        self.read(context, Record::arrive);
    }

    /// Waits until a page is on its way nowhere; false if the deadline came first.
    pub(in crate::run::browser) async fn wait_for_arrival(&self, context: &str, deadline: Instant) -> bool {
        self.wait_while(deadline, || self.is_arriving(context)).await
    }

    /// Whether a page has said that it goes to another document, which nobody has asked for yet.
    pub(in crate::run::browser) fn is_leaving(&self, context: &str) -> bool {
        self.lock().records.get(context).is_some_and(|record| record.is_leaving)
    }

    /// A page that would go to another document has stayed.
    pub(in crate::run::browser) fn note_staying(&self, context: &str) {
        if let Some(record) = self.lock().records.get_mut(context) {
            record.is_leaving = false;
        }
    }

    /// Waits until a page goes somewhere; false if the deadline came first.
    pub(in crate::run::browser) async fn wait_for_departure(&self, context: &str, deadline: Instant) -> bool {
        let known = self.documents(context);
        self.wait_while(deadline, || !self.is_arriving(context) && self.documents(context) == known).await
    }

    async fn wait_while(&self, deadline: Instant, is_so: impl Fn() -> bool) -> bool {
        loop {
            let mut news = std::pin::pin!(self.news.notified());
            news.as_mut().enable();
            if !is_so() {
                return true;
            }
            if timeout_at(deadline, news).await.is_err() {
                return !is_so();
            }
        }
    }
}

impl State {
    fn note_context(&mut self, event: &Value) {
        let Some(context) = event["context"].as_str() else { return };
        let Some(parent) = event["parent"].as_str() else {
            self.records.entry(context.to_owned()).or_default();
            return;
        };
        let top = self.top_of.get(parent).cloned().unwrap_or_else(|| parent.to_owned());
        self.top_of.insert(context.to_owned(), top);
    }

    /// The record of the page that an event belongs to. What belongs to none is a worker's or the browser's own, or
    /// comes after its page was forgotten.
    fn record(&mut self, event: &Value) -> Option<&mut Record> {
        let context = event["context"].as_str()?;
        let top = self.top_of.get(context).map_or(context, String::as_str);
        self.records.get_mut(top)
    }

    fn is_frame(&self, event: &Value) -> bool {
        event["context"].as_str().is_some_and(|context| self.top_of.contains_key(context))
    }

    /// Whether an event is of the page's own document.
    fn is_document(&self, event: &Value) -> bool {
        event["navigation"].is_string() && !self.is_frame(event)
    }

    /// What came, or did not. Its destination is `document` for pages alone: browsers call frames so, too.
    fn read_resource(&self, event: &Value, origin: &url::Origin) -> Option<SubResource> {
        let mut resource = read_resource(event, origin)?;
        if self.is_document(event) {
            "document".clone_into(&mut resource.destination);
        } else if resource.destination == "document" {
            "iframe".clone_into(&mut resource.destination);
        }
        Some(resource)
    }

    fn note_navigation(&mut self, method: &str, event: &Value) {
        let is_frame = self.is_frame(event);
        let url = event["url"].as_str().unwrap_or_default();
        let navigation = event["navigation"].as_str().unwrap_or_default();
        let Some(record) = self.record(event) else { return };
        match method {
            "browsingContext.downloadWillBegin" => {
                record.seen.is_download = true;
                record.end_navigation(navigation);
            }
            "browsingContext.navigationCommitted" if !is_frame => {
                record.documents += 1;
                record.commit(navigation);
            }
            "browsingContext.load" if !is_frame => record.end_navigation(navigation),
            "browsingContext.navigationFailed" => {
                // Chromium tells no request of a frame that it does not load on a secure page.
                if record.is_mixed(url) {
                    record.add_mixed(url);
                }
                if !is_frame {
                    record.end_navigation(navigation);
                }
            }
            _ => {}
        }
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
                record.note_broken(&url, describe(&tag, has_integrity, status, media_type));
            }
            Told::Leaving => record.is_leaving = true,
            Told::Exception { text, place } => record.note_place(text, place),
            Told::Csp { directive, url, place } => {
                let source = (!place.is_empty()).then_some(place);
                record.add_violation(Violation::Csp { directive, url, source });
            }
        }
    }

    fn note_answer(&mut self, event: &Value, resource: &SubResource) {
        let is_document = event["navigation"].is_string();
        // What a frame shows is told once it is there.
        let is_framed = is_document && self.is_frame(event);
        let Some(record) = self.record(event) else { return };
        let Some(id) = event["request"]["request"].as_str() else { return };
        record.answered.insert(id.to_owned(), (resource.status, resource.media_type.clone()));
        // Its end may be told late, or never where nobody reads the body. A document may be asked for again with the
        // password that stands in its address.
        let is_login = |status| is_document && matches!(status, 401 | 407);
        let is_failed = resource.status.is_some_and(|status| status >= 400 && !is_login(status));
        let is_news = is_failed && !is_framed && !is_unasked(resource) && !record.is_mixed(&resource.url);
        if is_news && record.noted.insert(id.to_owned()) {
            record.generation += 1;
            record.add_resource(resource.clone());
        }
    }

    fn add_pending(&mut self, event: &Value, id: &str, url: &str) {
        // Firefox tells of `data:` too, and nobody waits for that.
        if !url.starts_with("http") {
            return;
        }
        let is_document = self.is_document(event);
        let Some(record) = self.record(event) else { return };
        if is_document {
            record.depart(event["navigation"].as_str().unwrap_or_default(), id);
        }
        record.pending.insert(id.to_owned(), url.to_owned());
    }

    /// Notes the answer to a navigation. Chromium does not always tell the end of one that it then gives up.
    fn note_document(&mut self, event: &Value, resource: &SubResource) {
        if !self.is_document(event) {
            return;
        }
        let Some(record) = self.record(event) else { return };
        let id = event["request"]["request"].as_str().unwrap_or_default();
        if record.is_overtaken(id) {
            return;
        }
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
        record.note_answered(id, resource.status.is_none());
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn completed(context: &str, url: &str, status: u16) -> Value {
        let request = json!({ "request": url, "url": url, "method": "GET", "destination": "style" });
        json!({ "context": context, "request": request, "response": { "status": status, "mimeType": "text/css; charset=utf-8" } })
    }

    fn watch() -> Watch {
        let watch = Watch::new(BrowserKind::Chromium, &Url::parse("http://127.0.0.1:1/").unwrap());
        watch.note("browsingContext.contextCreated", &json!({ "context": "page", "parent": null }));
        watch
    }

    /// A request for a document of the page, with an answer of this status.
    fn going(navigation: &str, path: &str, status: u16) -> Value {
        let mut event = completed("page", &format!("http://127.0.0.1:1{path}"), status);
        event["navigation"] = json!(navigation);
        event["request"]["destination"] = json!("document");
        event
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
        watch.begin_navigation("page");
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
        let mut guarded = completed("page", "http://127.0.0.1:1/own", 401);
        guarded["navigation"] = json!("n1");
        watch.note("network.responseStarted", &guarded);
        assert_eq!(watch.seen("page").resources, [], "a login may follow");
        guarded["navigation"] = Value::Null;
        guarded["request"]["destination"] = json!("");
        watch.note("network.responseStarted", &guarded);
        watch.note("network.responseStarted", &guarded);
        assert_eq!(watch.seen("page").resources.len(), 1);
    }

    #[test]
    fn a_chatty_page_hides_neither_its_errors_nor_its_failures() {
        let watch = watch();
        let message = |level: &str, text: &str| json!({ "source": { "context": "page" }, "type": "console", "level": level, "text": text });
        for number in 0..150 {
            watch.note("log.entryAdded", &message("info", &number.to_string()));
        }
        watch.note("log.entryAdded", &message("error", "boom"));
        for number in 0..600 {
            let url = format!("http://127.0.0.1:1/{number}.css");
            watch.note("network.responseCompleted", &completed("page", &url, 200));
        }
        watch.note("network.responseCompleted", &completed("page", "http://127.0.0.1:1/gone.css", 404));
        let seen = watch.seen("page");
        assert_eq!((seen.console.len(), seen.left_out.messages), (101, 50));
        assert_eq!(seen.console[100].text, "boom");
        assert_eq!((seen.resources.len(), seen.left_out.requests), (501, 100));
        assert_eq!(seen.resources[500].status, Some(404));
    }

    #[test]
    fn what_nobody_judged_is_kept_and_known_to_have_come_before() {
        let watch = watch();
        watch.note("network.responseCompleted", &completed("page", "http://127.0.0.1:1/a.css", 404));
        assert_eq!(watch.seen("page").before.requests, 0);
        watch.note("network.responseCompleted", &completed("page", "http://127.0.0.1:1/b.css", 404));
        watch.begin_navigation("page");
        watch.note("network.responseCompleted", &completed("page", "http://127.0.0.1:1/c.css", 404));
        let seen = watch.seen("page");
        assert_eq!((seen.resources.len(), seen.before.requests), (2, 1));
    }

    #[test]
    fn a_page_is_on_its_way_until_its_document_is_whole_or_will_not_come() {
        let watch = watch();
        let begin = |event: &Value| watch.note("network.beforeRequestSent", event);
        let end = |method: &str, navigation: &str| {
            watch.note(method, &json!({ "context": "page", "navigation": navigation, "url": "" }));
        };
        begin(&going("n1", "/next", 200));
        assert!(watch.is_arriving("page") && !watch.is_loading("page"));
        end("browsingContext.navigationCommitted", "n1");
        assert!(watch.is_loading("page"));
        end("browsingContext.load", "n1");
        assert!(!watch.is_arriving("page"));
        // Chromium may tell late that the request was sent.
        begin(&going("n1", "/next", 200));
        assert!(!watch.is_arriving("page"));
        begin(&going("n2", "/slow", 200));
        let mut given_up = going("n2", "/slow", 200);
        given_up["response"] = Value::Null;
        given_up["errorText"] = json!("NS_BINDING_ABORTED");
        watch.note("network.fetchError", &given_up);
        assert!(!watch.is_arriving("page"));
        begin(&going("n3", "/file", 200));
        end("browsingContext.downloadWillBegin", "n3");
        assert!(!watch.is_arriving("page"));
    }

    #[test]
    fn a_document_on_the_way_is_kept_and_only_the_last_one_is_the_pages_own() {
        let watch = watch();
        let (first, second) = (going("n1", "/broken", 500), going("n2", "/fine", 200));
        watch.note("network.responseStarted", &first);
        watch.note("network.beforeRequestSent", &first);
        watch.note("network.beforeRequestSent", &second);
        watch.note("network.responseStarted", &second);
        // Chromium names the new navigation with the old one's end.
        let mut late = going("n2", "/broken", 500);
        late["request"]["request"] = first["request"]["request"].clone();
        watch.note("network.responseCompleted", &late);
        watch.note("network.responseCompleted", &second);
        let seen = watch.seen("page");
        assert_eq!(seen.document.unwrap().status, Some(200));
        let statuses: Vec<_> =
            seen.resources.iter().map(|one| (one.destination.as_str(), one.status)).collect();
        assert_eq!(statuses, [("document", Some(500)), ("document", Some(200))]);
    }

    #[test]
    fn what_comes_after_its_page_is_forgotten_is_not_kept() {
        let watch = watch();
        watch.forget("page");
        watch.note("network.responseCompleted", &completed("page", "http://127.0.0.1:1/a.css", 404));
        assert!(watch.lock().records.is_empty());
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
