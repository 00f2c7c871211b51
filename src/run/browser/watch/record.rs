//! What was seen of one page, and what of it was judged.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::read_event::{is_plain_http, read_mixed};
use crate::evidence::{ConsoleMessage, INTEGRITY_MISMATCH, SeenCounts, SubResource, Violation};

/// How many errors and exceptions of a step are kept, and how many other messages beside them.
const CONSOLE_LIMIT: usize = 100;

/// How many sub-resources of a step are kept that failed, and how many others beside them.
const RESOURCE_LIMIT: usize = 500;

/// How many violations of a step are kept.
const VIOLATION_LIMIT: usize = 100;

/// How many navigations are remembered, to know which came last.
const NAVIGATION_LIMIT: usize = 20;

/// How long after its answer a document may take to be there. What takes longer is no document: the answer went to
/// another program, or nowhere.
const COMMIT_LIMIT: Duration = Duration::from_secs(1);

/// What was seen of a page since it was last asked for.
#[derive(Clone, Debug, Default)]
pub(in crate::run::browser) struct Seen {
    /// What the console said.
    pub(in crate::run::browser) console: Vec<ConsoleMessage>,
    /// What came, or did not.
    pub(in crate::run::browser) resources: Vec<SubResource>,
    /// What the browser refused for safety's sake.
    pub(in crate::run::browser) violations: Vec<Violation>,
    /// How many of each, the first ones, came before the step began, and were never judged.
    pub(in crate::run::browser) before: SeenCounts,
    /// How many of each were left out because there were too many.
    pub(in crate::run::browser) left_out: SeenCounts,
    /// The last answer to a navigation.
    pub(in crate::run::browser) document: Option<SubResource>,
    /// Whether a download began in place of a page.
    pub(in crate::run::browser) is_download: bool,
    /// Why the browser does not send a request as it was told to.
    pub(in crate::run::browser) refused: Option<String>,
}

/// What is remembered of a page.
#[derive(Debug, Default)]
pub(in crate::run::browser) struct Record {
    pub(in crate::run::browser) seen: Seen,
    /// How many messages, sub-resources and violations were asked for already.
    told: SeenCounts,
    /// Requests without an end, by id.
    pub(in crate::run::browser) pending: BTreeMap<String, String>,
    /// Status and media type of those that were answered, by id: how they end may come without.
    pub(in crate::run::browser) answered: BTreeMap<String, (Option<u16>, String)>,
    /// Those of them that failed and were noted when their answer began, by id.
    pub(in crate::run::browser) noted: BTreeSet<String>,
    /// What the page says did not load, and why, by address: before the end of the request is told, or without it.
    broken: BTreeMap<String, Broken>,
    /// Where exceptions were thrown that the console has yet to tell.
    places: Vec<(String, String)>,
    /// Requests that belong to the page before this one, and are given up with it.
    pub(in crate::run::browser) left: BTreeSet<String>,
    /// Whether it has said that it goes to another document, which nobody has asked for yet.
    pub(in crate::run::browser) is_leaving: bool,
    /// Where the page is going.
    arriving: Option<Arriving>,
    /// The navigation that ended last: Chromium may tell afterwards that its request was sent.
    ended: String,
    /// The requests of the page's own documents, the last one last.
    navigations: Vec<String>,
    /// Counts the documents that came.
    pub(in crate::run::browser) documents: u64,
    /// Counts what was added, so that somebody can tell whether there is news.
    pub(in crate::run::browser) generation: u64,
}

/// A navigation that has begun.
#[derive(Debug)]
struct Arriving {
    navigation: String,
    request: String,
    /// When its answer had come to its end.
    answered: Option<Instant>,
    /// Whether its document is there.
    is_committed: bool,
}

/// A file that an element could not use.
#[derive(Debug)]
pub(in crate::run::browser) struct Broken {
    destination: &'static str,
    reason: &'static str,
    /// Its status, where the page knows it.
    status: Option<u16>,
    /// Its media type without parameters, where the page knows it.
    media_type: String,
}

impl Record {
    /// Forgets what was told; the rest came before the step that begins now.
    pub(in crate::run::browser) fn begin_step(&mut self) {
        let SeenCounts { messages, requests, violations } = std::mem::take(&mut self.told);
        let seen = &mut self.seen;
        seen.console.drain(..messages.min(seen.console.len()));
        seen.resources.drain(..requests.min(seen.resources.len()));
        seen.violations.drain(..violations.min(seen.violations.len()));
        seen.left_out = SeenCounts::default();
        seen.before = seen.counts();
    }

    /// Forgets what came of the last navigation.
    pub(in crate::run::browser) fn forget_document(&mut self) {
        self.seen.document = None;
        self.seen.is_download = false;
        self.seen.refused = None;
    }

    /// Everything that was seen is told.
    pub(in crate::run::browser) fn mark_told(&mut self) {
        self.told = self.seen.counts();
    }

    /// The addresses that it still waits for.
    pub(in crate::run::browser) fn pending(&self) -> Vec<String> {
        let own = self.pending.iter().filter(|(id, _)| !self.left.contains(*id));
        own.map(|(_, url)| url.clone()).collect()
    }

    /// The page goes to another document.
    pub(in crate::run::browser) fn depart(&mut self, navigation: &str, request: &str) {
        self.is_leaving = false;
        if navigation == self.ended {
            return;
        }
        if self.arriving.as_ref().is_none_or(|arriving| arriving.navigation != navigation) {
            self.left = self.pending.keys().cloned().collect();
        }
        let _ = self.is_overtaken(request);
        self.arriving = Some(Arriving {
            navigation: navigation.to_owned(),
            request: request.to_owned(),
            answered: None,
            is_committed: false,
        });
    }

    /// The document that it goes to is there.
    pub(in crate::run::browser) fn commit(&mut self, navigation: &str) {
        if let Some(arriving) = self.arriving.as_mut().filter(|one| one.navigation == navigation) {
            arriving.is_committed = true;
        }
    }

    /// A navigation has come to its end, whatever that is.
    pub(in crate::run::browser) fn end_navigation(&mut self, navigation: &str) {
        self.is_leaving = false;
        navigation.clone_into(&mut self.ended);
        if self.arriving.as_ref().is_some_and(|one| one.navigation == navigation) {
            self.arriving = None;
        }
    }

    /// It is where it goes.
    pub(in crate::run::browser) fn arrive(&mut self) {
        if let Some(arriving) = self.arriving.take() {
            self.ended = arriving.navigation;
        }
    }

    /// A request has its whole answer, or will not have one.
    pub(in crate::run::browser) fn note_answered(&mut self, request: &str, is_failed: bool) {
        let Some(arriving) = self.arriving.as_mut().filter(|one| one.request == request) else { return };
        if is_failed {
            self.arrive();
        } else {
            arriving.answered = Some(Instant::now());
        }
    }

    /// Whether it is on its way to another document, or that is still loading.
    pub(in crate::run::browser) fn is_arriving(&self) -> bool {
        self.arriving.as_ref().is_some_and(|arriving| {
            arriving.is_committed
                || arriving.answered.is_none_or(|answered| answered.elapsed() < COMMIT_LIMIT)
        })
    }

    /// Whether the document that it goes to is there.
    pub(in crate::run::browser) fn is_loading(&self) -> bool {
        self.arriving.as_ref().is_some_and(|arriving| arriving.is_committed)
    }

    /// Whether another document was asked for after this one.
    pub(in crate::run::browser) fn is_overtaken(&mut self, request: &str) -> bool {
        match self.navigations.iter().position(|known| known == request) {
            Some(position) => position + 1 < self.navigations.len(),
            None => {
                if self.navigations.len() == NAVIGATION_LIMIT {
                    self.navigations.remove(0);
                }
                self.navigations.push(request.to_owned());
                false
            }
        }
    }

    /// Adds a message. Browsers may leave out where an exception was thrown; the page tells it.
    pub(in crate::run::browser) fn add_message(&mut self, mut message: ConsoleMessage) {
        if let Some(url) = read_mixed(&message).map(str::to_owned) {
            self.add_mixed(&url);
        }
        if message.uncaught && message.source.is_none() {
            let known = self.places.iter().position(|(text, _)| is_of(&message, text));
            message.source = known.map(|position| self.places.swap_remove(position).1);
        }
        // Firefox makes some remarks twice.
        let is_repeated = message.level == "warning" && self.seen.console.contains(&message);
        if is_repeated {
            return;
        }
        let is_error = message.is_error();
        let beside = self.seen.console.iter().filter(|known| known.is_error() == is_error).count();
        if beside < CONSOLE_LIMIT {
            self.seen.console.push(message);
        } else {
            self.seen.left_out.messages += 1;
        }
    }

    pub(in crate::run::browser) fn note_place(&mut self, text: String, place: String) {
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
    pub(in crate::run::browser) fn is_mixed(&self, url: &str) -> bool {
        let document = self.seen.document.as_ref();
        document.is_some_and(|document| document.url.starts_with("https:")) && is_plain_http(url)
    }

    pub(in crate::run::browser) fn add_mixed(&mut self, url: &str) {
        self.add_violation(Violation::MixedContent { url: url.to_owned() });
    }

    pub(in crate::run::browser) fn add_violation(&mut self, violation: Violation) {
        let violations = &mut self.seen.violations;
        if violations.contains(&violation) {
            return;
        }
        if violations.len() < VIOLATION_LIMIT {
            violations.push(violation);
        } else {
            self.seen.left_out.violations += 1;
        }
    }

    pub(in crate::run::browser) fn add_resource(&mut self, mut resource: SubResource) {
        if let Some(broken) = self.broken.remove(&resource.url) {
            broken.explain(&mut resource);
        }
        // Firefox tells some of them twice; Chromium tells an answer, and then that it did not end.
        let is_known = self.seen.resources.iter().any(|known| is_same(known, &resource));
        if is_known {
            self.note_end(resource);
        } else {
            self.keep_resource(resource);
        }
    }

    /// Keeps a sub-resource where there is room for one of its kind.
    fn keep_resource(&mut self, resource: SubResource) {
        let is_failed = resource.is_failed();
        let beside = self.seen.resources.iter().filter(|known| known.is_failed() == is_failed).count();
        if beside < RESOURCE_LIMIT {
            self.seen.resources.push(resource);
        } else {
            self.seen.left_out.requests += 1;
        }
    }

    /// Adds how a sub-resource ended to what is known of it; an earlier step may have been told of it.
    pub(in crate::run::browser) fn note_end(&mut self, resource: SubResource) {
        if let Some(known) = self.seen.resources.iter_mut().find(|known| is_same(known, &resource)) {
            known.error = known.error.take().or(resource.error.filter(|error| !is_giving_up(error)));
            known.status = known.status.or(resource.status);
        }
    }

    /// Notes what an element could not use. The request may have been told already, or be told yet, or never.
    pub(in crate::run::browser) fn note_broken(&mut self, url: &str, broken: Broken) {
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
    pub(in crate::run::browser) fn add_broken(&mut self, origin: &url::Origin) {
        for (url, broken) in std::mem::take(&mut self.broken) {
            if self.pending.values().any(|pending| *pending == url) {
                self.broken.insert(url, broken);
                continue;
            }
            let same_origin = Url::parse(&url).is_ok_and(|url| url.origin() == *origin);
            self.keep_resource(SubResource {
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

impl Seen {
    /// How much there is of each.
    fn counts(&self) -> SeenCounts {
        SeenCounts {
            messages: self.console.len(),
            requests: self.resources.len(),
            violations: self.violations.len(),
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
pub(in crate::run::browser) fn describe(
    tag: &str,
    has_integrity: bool,
    status: Option<u16>,
    media_type: String,
) -> Broken {
    let (destination, reason) = match tag {
        _ if has_integrity => (if tag == "link" { "style" } else { "script" }, INTEGRITY_MISMATCH),
        "img" | "image" | "input" => ("image", "broken image"),
        "script" => ("script", "not run"),
        "link" => ("style", "not applied"),
        _ => ("", "not loaded"),
    };
    Broken { destination, reason, status, media_type }
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
pub(in crate::run::browser) fn is_aborted(resource: &SubResource) -> bool {
    resource.status.is_none() && resource.error.as_deref().is_some_and(is_giving_up)
}

/// Browsers ask for it unasked; a page that names an icon of its own is judged by `assets`.
pub(in crate::run::browser) fn is_unasked(resource: &SubResource) -> bool {
    resource.url.ends_with("/favicon.ico")
}

fn is_giving_up(error: &str) -> bool {
    matches!(error, "net::ERR_ABORTED" | "NS_BINDING_ABORTED")
}
