//! What events tell of each page: its console, what it loads, what it still waits for, where it goes.
//!
//! | file | what it does |
//! | --- | --- |
//! | `state` | which page an event belongs to, and what it changes there |
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
mod state;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use url::Url;

use self::read_event::{plain_message, read_message, read_told};
use self::record::{Record, Seen};
use self::state::State;
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

#[cfg(test)]
mod tests;
