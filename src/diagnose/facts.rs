//! What a diagnosis looks at: the step that failed, and what is remembered of those before it.

use super::page::Page;
use super::session::{self, DroppedCookie};
use crate::evidence::{Evidence, Exchange};
use crate::expect::{Check, Term};
use crate::spec::Allow;
use crate::verdict::StepError;

/// How much text of a page is remembered, in characters.
const REMEMBERED: usize = 20_000;
/// The shortest value that is looked for elsewhere, in characters: shorter ones stand in any page.
pub(super) const TELLING: usize = 5;

/// What a step was given, beside what it saw.
#[derive(Clone, Copy, Default)]
pub struct Meant<'a> {
    /// What it lets pass that would fail it unasked.
    pub allow: Option<&'a Allow>,
    /// The parameters of a statement; what the actor has typed into the browser since it last sent something.
    pub values: &'a [String],
}

/// A step as a diagnosis looks at it.
#[derive(Clone, Copy)]
pub struct StepFacts<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its action's key.
    pub action: &'a str,
    /// Who performed it.
    pub actor: &'a str,
    /// Its expectations.
    pub checks: &'a [Check],
    /// Why it could not be carried out.
    pub error: Option<&'a StepError>,
    /// What it saw.
    pub evidence: Option<&'a Evidence>,
    /// What it was given.
    pub meant: Meant<'a>,
}

impl<'a> StepFacts<'a> {
    /// The expectations that do not hold.
    pub(super) fn failed_checks(&self) -> impl Iterator<Item = &'a Check> {
        self.checks.iter().filter(|check| !check.holds)
    }

    /// The page that it is about.
    pub(super) fn page(&self) -> Option<Page<'a>> {
        self.evidence.and_then(Page::of)
    }

    /// Every exchange that it made, in order.
    pub(super) fn exchanges(&self) -> impl Iterator<Item = &'a Exchange> {
        let form = match self.evidence {
            Some(Evidence::Submission(submission)) => submission.page.as_ref(),
            _ => None,
        };
        form.into_iter().chain(self.evidence.and_then(Evidence::exchange))
    }

    /// Whether what would fail a step unasked is let pass: by name, by a pattern found in one of the texts, or because
    /// the spec expects something of it and that holds.
    pub(super) fn lets_pass(&self, name: &str, key: &str, texts: &[&str]) -> bool {
        let is_allowed = |allow: &Allow| allow.allows(name) || allow.matches(key, texts);
        let is_expected = |check: &Check| check.holds && check.place.is_some() && check.subject == name;
        self.meant.allow.is_some_and(is_allowed) || self.checks.iter().any(is_expected)
    }

    /// The values that it sent and that can be known again.
    pub(super) fn sent(&self) -> Vec<String> {
        let fields = match self.evidence {
            Some(Evidence::Submission(submission)) => {
                submission.fields.iter().map(|(_, value)| value.clone()).collect()
            }
            Some(Evidence::Exchange(exchange)) => {
                exchange.hops.first().map(|hop| read_values(&hop.request.body.excerpt)).unwrap_or_default()
            }
            Some(Evidence::Page(_)) => self.meant.values.to_vec(),
            _ => Vec::new(),
        };
        fields.into_iter().filter(|value| value.chars().count() >= TELLING).collect()
    }
}

/// The texts of which a check wants one and that can be known again.
pub(super) fn wanted_texts(check: &Check) -> impl Iterator<Item = &str> {
    check.terms.wanted.iter().filter_map(Term::text).filter(|text| text.chars().count() >= TELLING)
}

/// The texts in a body: of JSON, of a form, or the whole.
fn read_values(body: &str) -> Vec<String> {
    fn collect(value: &serde_json::Value, texts: &mut Vec<String>) {
        match value {
            serde_json::Value::String(text) => texts.push(text.clone()),
            serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
            serde_json::Value::Object(fields) => fields.values().for_each(|field| collect(field, texts)),
            _ => {}
        }
    }
    let mut texts = Vec::new();
    match serde_json::from_str(body) {
        Ok(json) => collect(&json, &mut texts),
        Err(_) if body.contains('=') && !body.contains(char::is_whitespace) => {
            texts.extend(url::form_urlencoded::parse(body.as_bytes()).map(|(_, value)| value.into_owned()));
        }
        Err(_) => texts.push(body.to_owned()),
    }
    texts
}

/// What is remembered of the steps of a scenario that passed.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// The target's host; empty where it is not known.
    host: String,
    /// Whether another scenario of the run was answered.
    is_site_up: bool,
    /// What tells of a site that is slow the first time alone.
    cold_start: Option<String>,
    /// The subject that tells the target's release, where the target names one.
    revision: Option<String>,
    pub(super) steps: Vec<Remembered>,
}

/// What is remembered of a step.
#[derive(Clone, Debug)]
pub(super) struct Remembered {
    pub(super) name: String,
    pub(super) actor: String,
    /// Whether it sent something that is meant to be kept, and that was not refused.
    pub(super) is_write: bool,
    /// Whether the answer says that something was made.
    pub(super) is_accepted: bool,
    pub(super) sent: Vec<String>,
    /// The text of the page or answer that it saw, the beginning of it.
    pub(super) text: String,
    pub(super) status: Option<u16>,
    /// The address at which it ended; empty where it has none.
    pub(super) url: String,
    /// Whether it was asked without cookies: what is seen so, any visitor sees.
    pub(super) is_anonymous: bool,
    /// The address in the answer's `Location` header, absolute.
    pub(super) location: Option<String>,
    /// Cookies that it was given and that no browser keeps.
    pub(super) dropped_cookies: Vec<DroppedCookie>,
}

impl Memory {
    /// The memory of a scenario, of a target at this host: what is about other hosts comes after what is about it.
    pub fn new(host: &str) -> Self {
        Self { host: host.to_owned(), ..Self::default() }
    }

    /// Takes the subject that tells the target's release.
    #[must_use]
    pub fn with_revision(self, subject: Option<String>) -> Self {
        Self { revision: subject, ..self }
    }

    /// The subject that tells the target's release, where the target names one.
    pub(super) fn revision(&self) -> Option<&str> {
        self.revision.as_deref()
    }

    /// Notes what other scenarios of the run saw: whether the site answers at all, and whether a page was slow the
    /// first time alone.
    pub fn note_run(&mut self, is_site_up: bool, cold_start: Option<String>) {
        self.is_site_up = is_site_up;
        self.cold_start = cold_start;
    }

    /// What tells of a site that is slow the first time alone.
    pub(super) fn cold_start(&self) -> Option<&str> {
        self.cold_start.as_deref()
    }

    /// Whether an address is of another host than the target's.
    pub(super) fn is_elsewhere(&self, url: &str) -> bool {
        let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        !self.host.is_empty() && host.is_some_and(|host| !host.eq_ignore_ascii_case(&self.host))
    }

    /// The target's host, where it is known.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Remembers a step that passed; gives back whether it has written something.
    pub fn note(&mut self, step: &StepFacts<'_>) -> bool {
        let is_write = step.has_written();
        let page = step.page();
        let text = page.as_ref().map(|page| page.text().chars().take(REMEMBERED).collect());
        let hop = step.exchanges().last().and_then(Exchange::last);
        let location = hop.and_then(|hop| {
            let location = hop.response.as_ref()?.headers.get("location")?;
            Some(url::Url::parse(&hop.request.url).ok()?.join(location).ok()?.into())
        });
        self.steps.push(Remembered {
            name: step.name.to_owned(),
            actor: step.actor.to_owned(),
            is_write,
            is_accepted: step.is_accepted(),
            sent: step.sent(),
            text: text.unwrap_or_default(),
            status: page.as_ref().and_then(|page| page.status),
            url: page.map(|page| page.url.to_owned()).unwrap_or_default(),
            is_anonymous: hop.is_some_and(|hop| hop.request.headers.get("cookie").is_none()),
            location,
            dropped_cookies: step.exchanges().flat_map(session::list_dropped).collect(),
        });
        is_write
    }

    /// The cookies that tell who a visitor is, that an actor was given and that no browser keeps.
    pub(super) fn dropped_sessions(&self, actor: &str) -> Vec<&str> {
        let own = self.steps.iter().filter(|step| step.actor == actor);
        let cookies = own.flat_map(|step| &step.dropped_cookies);
        cookies.filter(|cookie| cookie.tells_visitor()).map(|cookie| cookie.told.as_str()).collect()
    }

    /// Whether the site has answered a request well.
    pub(super) fn has_answered(&self) -> bool {
        self.is_site_up || self.steps.iter().any(|step| step.status.is_some_and(|status| status < 400))
    }
}

impl Remembered {
    /// The address at which it ended; the step's name where it has none.
    pub(super) fn tell_place(&self) -> String {
        if self.url.is_empty() { format!("the step {:?}", self.name) } else { self.url.clone() }
    }
}

/// The longest of the values sent that stands in a text.
pub(super) fn find_sent<'m>(step: &'m Remembered, text: &str) -> Option<&'m str> {
    let values = step.sent.iter().map(String::as_str).filter(|value| text.contains(*value));
    values.max_by_key(|value| value.len())
}
