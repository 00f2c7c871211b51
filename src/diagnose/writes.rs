//! Which steps have written something, and which of them a later step is about.

use super::StepFacts;
use super::facts::{Memory, Remembered, TELLING, wanted_texts};
use super::page::{Page, path_of};
use crate::evidence::{Evidence, Exchange, Hop, PageState, SubResource};
use crate::spec::action::may_write;

/// The shortest name in an answer by which an address is known again, in characters.
const TELLING_NAME: usize = 4;

impl StepFacts<'_> {
    /// Whether it sent something that is meant to be kept.
    pub(super) fn is_write(&self) -> bool {
        match self.evidence {
            Some(Evidence::Submission(submission)) => submission.answer.hops.first().is_some_and(is_unsafe),
            Some(Evidence::Exchange(exchange)) => exchange.hops.first().is_some_and(is_unsafe),
            Some(Evidence::Page(page)) => {
                may_write(self.action) && page.resources.iter().any(|one| self.is_kept(one))
            }
            _ => false,
        }
    }

    /// Whether it sent something that is meant to be kept, and that was not refused.
    pub(super) fn has_written(&self) -> bool {
        self.is_write()
            && !match self.evidence {
                Some(Evidence::Submission(submission)) => {
                    let values: Vec<&str> =
                        submission.fields.iter().map(|(_, value)| value.as_str()).collect();
                    let names = submission.fields.iter().map(|(name, _)| name.as_str());
                    is_refused(&submission.answer, names, &values)
                }
                Some(Evidence::Exchange(exchange)) => is_status_bad(exchange),
                Some(Evidence::Page(page)) => self.is_refused_in_browser(page),
                _ => false,
            }
    }

    /// Whether the answer says that something was made: 201, or a redirect to where it is.
    pub(super) fn is_accepted(&self) -> bool {
        match self.evidence {
            Some(Evidence::Page(page)) => page
                .resources
                .iter()
                .any(|one| self.is_kept(one) && matches!(one.status, Some(201 | 300..400))),
            _ => self.exchanges().last().is_some_and(|exchange| {
                exchange.redirects() > 0 || exchange.response().is_some_and(|response| response.status == 201)
            }),
        }
    }

    /// Whether a request of a page is one that sends what is meant to be kept. Pages also ask with POST, and tell what
    /// their visitors do: what counts in the background is what makes something, or sends what was typed in.
    fn is_kept(&self, resource: &SubResource) -> bool {
        let is_document = matches!(resource.destination.as_str(), "document" | "iframe" | "frame");
        resource.same_origin
            && match resource.method.as_str() {
                "POST" => is_document || resource.status == Some(201) || !self.meant.values.is_empty(),
                other => is_unsafe_method(other),
            }
    }

    fn is_refused_in_browser(&self, page: &PageState) -> bool {
        let mut sent = page.resources.iter().filter(|one| self.is_kept(one));
        let is_form_again = || {
            let values = self.meant.values.iter().filter(|value| !value.is_empty());
            let mut shown = values.filter(|value| page.text.contains(value.as_str()));
            Page::of_browser(page).has("form") && shown.next().is_none()
        };
        sent.all(|one| match one.status {
            Some(status) if status >= 400 => true,
            Some(200..300) if one.destination == "document" => is_form_again(),
            _ => false,
        })
    }
}

fn is_unsafe(hop: &Hop) -> bool {
    is_unsafe_method(&hop.request.method)
}

fn is_unsafe_method(method: &str) -> bool {
    matches!(method, "POST" | "PUT" | "PATCH" | "DELETE")
}

fn is_status_bad(exchange: &Exchange) -> bool {
    exchange.response().is_some_and(|response| response.status >= 400)
}

/// Whether a form was refused: by its status, or because the page shows it again and nothing of what was sent.
fn is_refused<'n>(answer: &Exchange, mut names: impl Iterator<Item = &'n str>, values: &[&str]) -> bool {
    if is_status_bad(answer) || answer.redirects() > 0 {
        return is_status_bad(answer);
    }
    let Some(page) = Page::of_exchange(answer) else { return false };
    let has_field = |name: &str| !name.contains(['"', '\\']) && page.has(&format!("form [name=\"{name}\"]"));
    names.any(has_field) && !values.iter().any(|value| !value.is_empty() && page.text().contains(value))
}

impl Memory {
    /// The write that a step is about: the last one that sent, or was answered with, what the step looks for, one that
    /// was plainly taken before one that may have been refused; the last of all where that is not known.
    pub(super) fn find_write(&self, step: &StepFacts<'_>) -> Option<(usize, &Remembered)> {
        let looked_for = list_looked_for(step);
        let writes = || self.steps.iter().enumerate().rev().filter(|(_, other)| other.is_write);
        let meant = || writes().filter(|(_, other)| looked_for.iter().any(|text| other.carries(text)));
        meant().find(|(_, other)| other.is_accepted).or_else(|| meant().next()).or_else(|| writes().next())
    }
}

/// The texts by which a step looks for what was written.
fn list_looked_for<'a>(step: &StepFacts<'a>) -> Vec<&'a str> {
    match step.evidence {
        Some(Evidence::Rows(rows)) => {
            let values = step.meant.values.iter().map(String::as_str);
            values.chain([rows.sql.as_str()]).collect()
        }
        _ => step.failed_checks().flat_map(wanted_texts).collect(),
    }
}

impl Remembered {
    /// Whether it sent a text, or was answered with an address or a name that is that text.
    fn carries(&self, text: &str) -> bool {
        let is_part = |sent: &String| {
            text.contains(sent.as_str()) || (text.chars().count() >= TELLING && sent.contains(text))
        };
        self.sent.iter().any(is_part) || self.names(text)
    }

    /// Whether the answer to it names a thing so.
    fn names(&self, name: &str) -> bool {
        let is_part_of_name = |one: char| one.is_alphanumeric() || matches!(one, '-' | '_');
        name.chars().count() >= TELLING_NAME
            && self.text.split(|one: char| !is_part_of_name(one)).any(|word| word == name)
    }

    /// Whether an address is the one at which it ended, or made of what it was answered.
    pub(super) fn leads_to(&self, url: &str) -> bool {
        let last = path_of(url).trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        self.url == url || self.location.as_deref() == Some(url) || self.names(last)
    }
}
