//! One step: fill in its templates, carry out its action, judge what was seen, keep what is captured.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::actor::Actor;
use super::browser::{BrowserLease, Errand};
use super::context::Context;
use super::implicit::{Leniency, check_implicit};
use super::network::run_network;
use super::outcome::Outcome;
use super::page::{run_assets, run_links, run_submit};
use super::waiting::{Histories, Schedule};
use crate::evidence::{Artifact, Cause, Evidence, PageState, Value};
use crate::expect::{Check, ElementQuery, Expectation, Observer, Subject, Terms, evaluate};
use crate::spec::action::{BrowserCall, Call, Surroundings};
use crate::spec::{Capture, Scope, Step, TemplateError};
use crate::verdict::StepError;

/// How long a look may take that begins just before a wait ends.
const GRACE: Duration = Duration::from_secs(2);

/// A step whose templates are filled in.
pub(super) struct ReadyStep<'a> {
    step: &'a Step,
    call: Call,
    surroundings: Surroundings,
    expectations: Vec<Arc<Expectation>>,
    captures: Vec<(&'a Capture, Subject)>,
    timeout: Duration,
}

/// What came of carrying out a step.
#[derive(Default)]
pub(super) struct Performed {
    /// What was seen, and why the action did not come to its end.
    pub outcome: Outcome,
    /// The expectations, judged.
    pub checks: Vec<Check>,
    /// What is kept.
    pub captured: Vec<(String, Value)>,
    /// How often the action was carried out.
    pub attempts: u32,
    /// The files that it left behind.
    pub artifacts: Vec<Artifact>,
    /// What else is to say about it.
    pub note: Option<String>,
}

impl<'a> ReadyStep<'a> {
    /// Fills in the templates.
    pub(super) fn new(step: &'a Step, scope: &Scope, timeout: Duration) -> Result<Self, TemplateError> {
        let expectations = step.expectations.iter().map(|one| one.render(scope)).collect::<Result<_, _>>()?;
        let captures = step.captures.iter().map(|capture| Ok((capture, capture.subject.render(scope)?)));
        Ok(Self {
            step,
            call: step.action.render(scope)?,
            surroundings: step.surroundings.render(scope)?,
            expectations,
            captures: captures.collect::<Result<_, _>>()?,
            timeout,
        })
    }

    /// What it types into a page, or gives to a statement.
    pub(super) fn values(&self) -> Vec<String> {
        self.call.values()
    }

    /// Carries it out. The browser is given where the action needs one; what is kept of its page when something went
    /// wrong gets this name.
    pub(super) async fn perform(
        &self,
        context: &Context,
        actor: &mut Actor,
        lease: Option<&mut BrowserLease>,
        name: &str,
        deadline: Instant,
    ) -> Performed {
        match (&self.call, lease) {
            (Call::Browser(call), Some(lease)) => {
                let mut performed = self.perform_in_browser(call, actor, lease, deadline).await;
                actor.leniency = Leniency::of(self.step, &self.expectations);
                performed.artifacts = lease.take_artifacts(&actor.name);
                if !performed.is_good() {
                    performed.keep_page(lease, &actor.name, name).await;
                    performed.tell_altered(lease, &actor.name).await;
                }
                performed
            }
            (_, lease) => {
                if let Err(error) = actor.take_browser_cookies(lease).await {
                    return Performed { outcome: Outcome::error(error), ..Performed::default() };
                }
                self.perform_repeatedly(context, actor, deadline).await
            }
        }
    }

    async fn perform_repeatedly(&self, context: &Context, actor: &mut Actor, deadline: Instant) -> Performed {
        let Some(within) = self.step.within else {
            return self.perform_once(context, actor, deadline).await.in_order();
        };
        let end = Instant::now() + within;
        let mut schedule = Schedule::new(within);
        let mut histories = Histories::default();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let limit = (Instant::now() + self.timeout).min(end + GRACE);
            let mut performed = self.perform_once(context, actor, limit).await;
            performed.attempts = attempts;
            histories.note(&performed.checks);
            let pause = if performed.is_good() { None } else { schedule.next_pause() };
            let Some(pause) = pause else {
                histories.attach(&mut performed.checks);
                return performed.in_order();
            };
            tokio::time::sleep(pause).await;
        }
    }

    async fn perform_once(&self, context: &Context, actor: &mut Actor, deadline: Instant) -> Performed {
        let outcome = match &self.call {
            Call::Request(call) => actor.http.run(call, deadline).await,
            Call::Submit(call) => run_submit(&actor.http, call, actor.last_page.as_ref(), deadline).await,
            Call::Assets(call) => run_assets(&actor.http, call, deadline).await,
            Call::Links(call) => run_links(&actor.http, call, deadline).await,
            Call::Sql(call) => context.databases.run(call, deadline).await,
            Call::Network(call) => run_network(&actor.http, call, deadline).await,
            Call::Browser(_) => Outcome::error(StepError::harness(Cause::BrowserMissing)),
        };
        if let Some(exchange) = outcome.evidence.as_ref().and_then(Evidence::exchange) {
            actor.last_page = Some(exchange.clone());
        }
        self.judge(outcome, actor)
    }

    async fn perform_in_browser(
        &self,
        call: &BrowserCall,
        actor: &mut Actor,
        lease: &mut BrowserLease,
        deadline: Instant,
    ) -> Performed {
        let subjects = self
            .expectations
            .iter()
            .map(|one| &one.subject)
            .chain(self.captures.iter().map(|(_, subject)| subject));
        let wanted = ElementQuery::for_subjects(subjects.clone());
        let asks_for_cookies = subjects.clone().any(|subject| matches!(subject, Subject::Cookie(_)));
        let jar = actor.http.jar().list();
        let is_download =
            |subject: &Subject| matches!(subject, Subject::Plain(name) if name.starts_with("download."));
        let errand = Errand {
            call,
            surroundings: &self.surroundings,
            wanted: &wanted,
            looks: !self.expectations.is_empty() || !self.captures.is_empty(),
            awaits_download: subjects.clone().any(is_download),
        };
        let mut outcome = lease.perform(&actor.name, &errand, &jar, deadline).await;
        actor.note_browser_step();
        let mut histories = Histories::default();
        loop {
            if asks_for_cookies && let Err(error) = actor.take_browser_cookies(Some(lease)).await {
                return Performed { outcome: Outcome::error(error), attempts: 1, ..Performed::default() };
            }
            actor.note_browser_step();
            let mut performed = self.judge(outcome, actor);
            performed.attempts = 1;
            histories.note(&performed.checks);
            let page = match &performed.outcome.evidence {
                Some(Evidence::Page(page))
                    if !performed.is_good() && Self::may_get_better(&performed, page, deadline) =>
                {
                    page
                }
                _ => {
                    histories.attach(&mut performed.checks);
                    return performed.in_order();
                }
            };
            outcome = match lease.look(&actor.name, &wanted, Some(page), deadline).await {
                Ok(page) => Outcome::seen(Evidence::Page(page)),
                Err(error) => Outcome { evidence: performed.outcome.evidence, error: Some(error) },
            };
        }
    }

    /// Whether to look at the page again: not on an error document, not after an error, not past the deadline,
    /// not when something that nobody wrote fails, because that does not go away.
    fn may_get_better(performed: &Performed, page: &PageState, deadline: Instant) -> bool {
        // A script is not run again, and a picture is taken when the page is at rest.
        let is_settled =
            |check: &Check| check.place.is_none() || ["differs", "result"].contains(&check.subject.as_str());
        let is_final = performed.checks.iter().any(|check| !check.holds && is_settled(check));
        performed.outcome.error.is_none() && page.error.is_none() && !is_final && Instant::now() < deadline
    }

    fn judge(&self, outcome: Outcome, actor: &Actor) -> Performed {
        let mut performed = Performed { outcome, attempts: 1, ..Performed::default() };
        let Some(evidence) = performed.outcome.evidence.as_ref() else {
            return performed;
        };
        let url = match evidence {
            Evidence::Page(page) => page.url.as_str(),
            other => other.exchange().map_or("", crate::evidence::Exchange::url),
        };
        let cookies = actor.cookies_for(url);
        let observer = Observer::new(evidence, &cookies);
        // What did not come to its end is judged by the error alone: the rest would be guesses.
        if performed.outcome.error.is_none() {
            performed.checks = self.expectations.iter().flat_map(|one| evaluate(one, &observer)).collect();
            let implicit =
                check_implicit(self.step, &self.expectations, &performed.checks, evidence, &actor.leniency);
            performed.checks.extend(implicit);
            if performed.checks.iter().all(|check| check.holds) {
                match self.capture(&observer) {
                    Ok(captured) => performed.captured = captured,
                    Err(check) => performed.checks.push(check),
                }
            }
        }
        performed
    }

    fn capture(&self, observer: &Observer<'_>) -> Result<Vec<(String, Value)>, Check> {
        let mut captured = Vec::with_capacity(self.captures.len());
        for (capture, subject) in &self.captures {
            let observed = observer.observe(subject);
            let actual = observed.to_string();
            match observed.into_value().and_then(|value| take(capture, value)) {
                Some(value) => captured.push((capture.name.clone(), value)),
                None => {
                    let expected = match &capture.pattern {
                        Some(pattern) => format!("something to capture that matches /{pattern}/"),
                        None => "something to capture".to_owned(),
                    };
                    let (subject, place) = (subject.to_string(), Some(capture.place.clone()));
                    let terms = Terms::default();
                    return Err(Check {
                        subject,
                        holds: false,
                        expected,
                        actual,
                        place,
                        history: None,
                        terms,
                    });
                }
            }
        }
        Ok(captured)
    }
}

fn take(capture: &Capture, value: Value) -> Option<Value> {
    let Some(pattern) = &capture.pattern else {
        return Some(value);
    };
    let text = value.to_text();
    let groups = pattern.captures(&text)?;
    let found = groups.get(1).or_else(|| groups.get(0))?;
    Some(Value::text(found.as_str()))
}

impl Performed {
    /// Puts first what holds without being asked: where it fails, the rest follows from it.
    fn in_order(mut self) -> Self {
        self.checks.sort_by_key(|check| check.place.is_some());
        self
    }

    /// Keeps what the page is like, unless files cannot be written.
    async fn keep_page(&mut self, lease: &BrowserLease, actor: &str, name: &str) {
        if self.outcome.error.as_ref().is_some_and(|error| matches!(error.cause, Cause::File { .. })) {
            return;
        }
        match lease.keep_page(actor, name).await {
            Ok(kept) => self.artifacts.extend(kept),
            Err(unseen) => {
                self.artifacts.extend(unseen.kept);
                self.note = Some(unseen.reason);
            }
        }
    }

    /// Tells which fields hold another text than was filled in, where the page is one that answers.
    async fn tell_altered(&mut self, lease: &mut BrowserLease, actor: &str) {
        let answers =
            self.outcome.error.as_ref().is_none_or(|error| matches!(error.cause, Cause::Element { .. }));
        if answers && self.note.is_none() {
            self.note = lease.find_altered(actor).await;
        }
    }

    /// Whether the action came to its end and everything holds.
    pub(super) fn is_good(&self) -> bool {
        self.outcome.error.is_none() && self.checks.iter().all(|check| check.holds)
    }
}
