//! Which page an event belongs to, and what it changes there.

use std::collections::BTreeMap;

use serde_json::Value;

use super::read_event::{Told, read_resource};
use super::record::{Record, describe, is_aborted, is_unasked};
use crate::evidence::{ConsoleMessage, REFUSED_TYPE, SubResource, Violation};

/// The pages of a browser.
#[derive(Debug, Default)]
pub(super) struct State {
    /// What was seen of each page, from its beginning until it is forgotten.
    pub(super) records: BTreeMap<String, Record>,
    /// The page that a frame is in.
    pub(super) top_of: BTreeMap<String, String>,
}

impl State {
    pub(super) fn note_context(&mut self, event: &Value) {
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
    pub(super) fn record(&mut self, event: &Value) -> Option<&mut Record> {
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
    pub(super) fn read_resource(&self, event: &Value, origin: &url::Origin) -> Option<SubResource> {
        let mut resource = read_resource(event, origin)?;
        if self.is_document(event) {
            "document".clone_into(&mut resource.destination);
        } else if resource.destination == "document" {
            "iframe".clone_into(&mut resource.destination);
        }
        Some(resource)
    }

    pub(super) fn note_navigation(&mut self, method: &str, event: &Value) {
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

    pub(super) fn add_message(&mut self, source: &Value, message: ConsoleMessage) {
        if let Some(record) = self.record(source) {
            record.generation += 1;
            record.add_message(message);
        }
    }

    pub(super) fn note_told(&mut self, source: &Value, told: Told) {
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

    pub(super) fn note_answer(&mut self, event: &Value, resource: &SubResource) {
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

    pub(super) fn add_pending(&mut self, event: &Value, id: &str, url: &str) {
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
    pub(super) fn note_document(&mut self, event: &Value, resource: &SubResource) {
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

    pub(super) fn add_resource(&mut self, event: &Value, mut resource: SubResource) {
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
