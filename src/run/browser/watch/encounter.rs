//! What a visitor encounters beside its page: windows that open and close, dialogs, downloads.
//!
//! Events tell of it (WebDriver BiDi, section 7.3). Dialogs are answered here at once, because nothing else in their
//! page goes on while they are open.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::evidence::Dialog;
use crate::run::browser::bidi::Poster;
use crate::spec::action::DialogAnswer;

/// The events that are subscribed to, beside those that are watched.
pub(in crate::run::browser) const EVENTS: &[&str] =
    &["browsingContext.contextDestroyed", "browsingContext.downloadEnd", "browsingContext.load"];

/// How many messages of a window are remembered.
const REMEMBERED: usize = 100;

/// A window or a tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::run::browser) struct Window {
    /// Its browsing context.
    pub(in crate::run::browser) context: String,
    /// The window that opened it.
    pub(in crate::run::browser) opener: Option<String>,
    /// Whether a document other than its first, empty one has loaded.
    pub(in crate::run::browser) is_loaded: bool,
    /// When it said what, for one that has an opener: Chromium tells it again while it is woken.
    said: Vec<(u64, String)>,
    is_waking: bool,
}

/// A file that the browser was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::run::browser) struct Arriving {
    /// What its events have in common.
    key: String,
    /// The name that the site gave it.
    pub(in crate::run::browser) name: String,
    /// Where it comes from.
    pub(in crate::run::browser) url: String,
    /// How it ended; none while it comes in.
    pub(in crate::run::browser) end: Option<ArrivalEnd>,
}

/// How a download ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::run::browser) enum ArrivalEnd {
    /// It is whole, in this file, if the browser tells which.
    Complete(Option<String>),
    /// It was given up.
    Canceled,
}

/// What belongs to one user context.
#[derive(Clone, Debug, Default)]
struct Encountered {
    windows: Vec<Window>,
    answer: Option<DialogAnswer>,
    dialogs: Vec<Dialog>,
    arriving: Vec<Arriving>,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::run::browser) enum Handled {
    /// It is somebody else's, or everybody's.
    Not,
    /// It was a dialog, and this was done to it: `accepted`, `dismissed`.
    Answered(&'static str),
    /// It came from our own script.
    Own,
}

#[derive(Debug, Default)]
struct State {
    /// The click that reached its element last.
    last_hit: u64,
    of_user: BTreeMap<String, Encountered>,
    /// The user context of every page and frame: Firefox names it only when they are made.
    user_of: BTreeMap<String, String>,
}

/// Remembers what visitors encounter.
#[derive(Clone, Debug)]
pub(in crate::run::browser) struct Encounters(Arc<watch::Sender<State>>);

impl Encounters {
    pub(in crate::run::browser) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(State::default())))
    }

    /// Takes an event.
    pub(in crate::run::browser) fn handle(&self, method: &str, event: &Value, poster: &Poster) -> Handled {
        let mut handled = Handled::Not;
        self.0.send_if_modified(|state| {
            let is_news = state.note(method, event);
            if method == "browsingContext.userPromptOpened" {
                handled = Handled::Answered(state.answer(event, poster));
            } else if let Some(click) = read_hit(method, event) {
                state.last_hit = click;
                handled = Handled::Own;
            } else if method == "log.entryAdded" && state.is_said_again(event) {
                handled = Handled::Own;
            }
            is_news || handled != Handled::Not
        });
        handled
    }

    /// Whether this click reached its element, as the element's page told before it was perhaps left.
    pub(in crate::run::browser) fn has_hit(&self, click: u64) -> bool {
        self.0.borrow().last_hit == click
    }

    /// Another step of this user context begins: what is answered to dialogs in it.
    pub(in crate::run::browser) fn begin_step(&self, user: &str, answer: Option<&DialogAnswer>) {
        self.0.send_modify(|state| {
            let encountered = state.of_user.entry(user.to_owned()).or_default();
            encountered.answer = answer.cloned();
            encountered.dialogs.clear();
            encountered.arriving.clear();
        });
    }

    /// Forgets a user context.
    pub(in crate::run::browser) fn forget(&self, user: &str) -> Vec<Window> {
        let mut windows = Vec::new();
        self.0.send_modify(|state| {
            windows = state.of_user.remove(user).map(|encountered| encountered.windows).unwrap_or_default();
            state.user_of.retain(|_, owner| owner != user);
        });
        windows
    }

    /// A window is being woken, or has been: meanwhile it says again what it has said.
    pub(in crate::run::browser) fn set_waking(&self, user: &str, context: &str, is_waking: bool) {
        self.0.send_modify(|state| {
            let windows = state.of_user.get_mut(user).map(|encountered| &mut encountered.windows);
            for window in windows.into_iter().flatten().filter(|window| window.context == context) {
                window.is_waking = is_waking;
            }
        });
    }

    /// The windows of a user context, in the order in which they were opened.
    pub(in crate::run::browser) fn windows(&self, user: &str) -> Vec<Window> {
        self.read(user, |encountered| encountered.windows.clone())
    }

    /// Whether a window was there and has been closed.
    pub(in crate::run::browser) fn is_closed(&self, context: &str) -> bool {
        let state = self.0.borrow();
        let mut windows = state.of_user.values().flat_map(|encountered| &encountered.windows);
        state.user_of.contains_key(context) && !windows.any(|window| window.context == context)
    }

    /// The dialogs of this step so far.
    pub(in crate::run::browser) fn dialogs(&self, user: &str) -> Vec<Dialog> {
        self.read(user, |encountered| encountered.dialogs.clone())
    }

    /// The last download of this step.
    pub(in crate::run::browser) fn last_arriving(&self, user: &str) -> Option<Arriving> {
        self.read(user, |encountered| encountered.arriving.last().cloned())
    }

    fn read<T: Default>(&self, user: &str, read: impl FnOnce(&Encountered) -> T) -> T {
        self.0.borrow().of_user.get(user).map(read).unwrap_or_default()
    }

    /// Waits until `find` gives something; none if the deadline came first.
    pub(in crate::run::browser) async fn wait_for<T>(
        &self,
        deadline: Instant,
        mut find: impl FnMut(&Self) -> Option<T>,
    ) -> Option<T> {
        let mut changes = self.0.subscribe();
        loop {
            changes.mark_unchanged();
            if let Some(found) = find(self) {
                return Some(found);
            }
            if !matches!(timeout_at(deadline, changes.changed()).await, Ok(Ok(()))) {
                return find(self);
            }
        }
    }
}

impl State {
    /// Notes an event; whether anything came of it.
    fn note(&mut self, method: &str, event: &Value) -> bool {
        let Some(context) = event["context"].as_str() else { return false };
        match method {
            "browsingContext.contextCreated" => self.note_created(context, event),
            "browsingContext.contextDestroyed" => {
                let Some(encountered) = self.of_context(context, event) else { return false };
                encountered.windows.retain(|window| window.context != context);
            }
            "browsingContext.load" => {
                let Some(encountered) = self.of_context(context, event) else { return false };
                for window in encountered.windows.iter_mut().filter(|window| window.context == context) {
                    window.is_loaded = true;
                }
            }
            "browsingContext.downloadWillBegin" => {
                let Some(encountered) = self.of_context(context, event) else { return false };
                let text = |key: &str| event[key].as_str().unwrap_or("").to_owned();
                let (key, name, url) = (key_of(event), text("suggestedFilename"), text("url"));
                encountered.arriving.push(Arriving { key, name, url, end: None });
            }
            "browsingContext.downloadEnd" => {
                let Some(encountered) = self.of_context(context, event) else { return false };
                let key = key_of(event);
                let end = match event["status"].as_str() {
                    Some("complete") => ArrivalEnd::Complete(event["filepath"].as_str().map(str::to_owned)),
                    _ => ArrivalEnd::Canceled,
                };
                if let Some(known) = encountered.arriving.iter_mut().rfind(|one| one.key == key) {
                    known.end = Some(end);
                }
            }
            _ => return false,
        }
        true
    }

    /// Whether a message came before; those of windows with an opener are remembered for that.
    fn is_said_again(&mut self, event: &Value) -> bool {
        let source = &event["source"];
        let Some(context) = source["context"].as_str() else { return false };
        let Some(encountered) = self.of_context(context, source) else { return false };
        let mut windows = encountered.windows.iter_mut();
        let Some(window) = windows.find(|window| window.context == context && window.opener.is_some()) else {
            return false;
        };
        let text = event["text"].as_str().unwrap_or("").to_owned();
        let message = (event["timestamp"].as_u64().unwrap_or_default(), text);
        if window.is_waking && window.said.contains(&message) {
            return true;
        }
        if window.said.len() < REMEMBERED {
            window.said.push(message);
        }
        false
    }

    fn note_created(&mut self, context: &str, event: &Value) {
        let Some(user) = event["userContext"].as_str() else { return };
        self.user_of.insert(context.to_owned(), user.to_owned());
        if event["parent"].is_null() {
            let opener = event["originalOpener"].as_str().map(str::to_owned);
            let window = Window {
                context: context.to_owned(),
                opener,
                is_loaded: false,
                said: Vec::new(),
                is_waking: false,
            };
            self.of_user.entry(user.to_owned()).or_default().windows.push(window);
        }
    }

    fn of_context(&mut self, context: &str, event: &Value) -> Option<&mut Encountered> {
        let user = event["userContext"].as_str().or(self.user_of.get(context).map(String::as_str))?;
        self.of_user.get_mut(user)
    }

    /// Answers a dialog as the step says; dismisses one that no step expects, and lets pages be left.
    fn answer(&mut self, event: &Value, poster: &Poster) -> &'static str {
        let context = event["context"].as_str().unwrap_or("").to_owned();
        let kind = event["type"].as_str().unwrap_or("alert").to_owned();
        let message = event["message"].as_str().unwrap_or("").to_owned();
        let mut parameters = json!({ "context": context, "accept": kind == "beforeunload" });
        if let Some(encountered) = self.of_context(&context, event) {
            match &encountered.answer {
                Some(DialogAnswer::Accept(text)) => {
                    parameters["accept"] = json!(true);
                    if let (Some(text), "prompt") = (text, kind.as_str()) {
                        parameters["userText"] = json!(text);
                    }
                }
                Some(DialogAnswer::Dismiss) => parameters["accept"] = json!(false),
                None => {}
            }
            encountered.dialogs.push(Dialog { kind, message });
        }
        // A connection that is gone has no dialogs.
        let _ = poster.post("browsingContext.handleUserPrompt", &parameters);
        if parameters["accept"] == true { "accepted" } else { "dismissed" }
    }
}

/// The number of the click that the guard in a page says has reached its element (`probe.js`).
fn read_hit(method: &str, event: &Value) -> Option<u64> {
    if method != "log.entryAdded" {
        return None;
    }
    event["text"].as_str()?.strip_prefix("smokegate.hit ")?.parse().ok()
}

/// Chromium counts downloads; both name the navigation.
fn key_of(event: &Value) -> String {
    ["download", "navigation"].iter().find_map(|key| event[*key].as_str()).unwrap_or("").to_owned()
}
