//! One scenario: its steps in order, then its cleanup.

mod afterwards;
mod cleanup;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::actor::Actor;
use super::browser::BrowserLease;
use super::context::Context;
use super::lookup::diagnose_with_lookups;
use super::outcome::Outcome;
use super::repetition::{Loss, Traces, judge_loss};
use super::session::{begin_session, save_session};
use super::step::{Performed, ReadyStep};
use crate::diagnose::{Diagnosis, Meant, Memory, StepFacts};
use crate::event::{EventKind, StepHead, StepOutcome};
use crate::evidence::{Cause, Evidence, Value, round_milliseconds};
use crate::plan::PlannedScenario;
use crate::spec::action::{Action, may_write};
use crate::spec::{Scope, Step, TemplateError};
use crate::verdict::{StepError, Verdict};

/// What is said of a step that may fail.
const OPTIONAL: &str = "optional step: not counted";

/// A scenario that runs.
pub(super) struct ScenarioRun {
    context: Arc<Context>,
    planned: PlannedScenario,
    scope: Scope,
    actors: BTreeMap<String, Actor>,
    /// Its browser, once it has one.
    pub(super) lease: Option<BrowserLease>,
    /// Time spent waiting for a free browser or for who watches, which is nobody's slowness.
    pub(super) waited: Duration,
    /// The last step of each actor in the browser, by its index.
    looked: BTreeMap<String, usize>,
    /// The worst verdict of its steps so far.
    pub(super) worst: Verdict,
    /// The parameters of each use of a fragment, filled in once.
    uses: BTreeMap<usize, Vec<(String, Value)>>,
    has_reached_target: bool,
    may_have_written: bool,
    /// Whether there is a cleanup and every step of it passed.
    has_cleaned_up: bool,
    /// What a diagnosis knows of the steps that passed.
    memory: Memory,
    /// What each actor has typed into the browser since it last sent something.
    typed: BTreeMap<String, Vec<String>>,
    /// The parameters of the last statement.
    asked: Vec<String>,
    /// What is broken, once a step has failed and that is known.
    pub(super) diagnosis: Option<Diagnosis>,
}

impl ScenarioRun {
    /// A scenario that has done nothing yet.
    pub(super) fn new(context: &Arc<Context>, planned: &PlannedScenario) -> Self {
        Self {
            scope: context.scope.clone(),
            context: Arc::clone(context),
            planned: planned.clone(),
            actors: BTreeMap::new(),
            lease: None,
            waited: Duration::ZERO,
            looked: BTreeMap::new(),
            worst: Verdict::Passed,
            uses: BTreeMap::new(),
            has_reached_target: false,
            may_have_written: false,
            has_cleaned_up: false,
            memory: Memory::new(context.http_settings.base.host_str().unwrap_or(""))
                .with_revision(context.revision.clone()),
            typed: BTreeMap::new(),
            asked: Vec::new(),
            diagnosis: None,
        }
    }

    /// What is to be done about a remote browser that was lost on the way; none if none was.
    pub(super) fn judge_loss(&self) -> Option<Loss> {
        let has_lost = self.lease.as_ref().is_some_and(BrowserLease::has_lost_session);
        (has_lost && self.worst.is_bad()).then(|| {
            judge_loss(Traces {
                writes: self.planned.scenario.writes,
                may_have_written: self.may_have_written,
                has_cleaned_up: self.has_cleaned_up,
            })
        })
    }

    /// Runs everything; gives back why the scenario was skipped, if it was.
    pub(super) async fn run(&mut self) -> Option<String> {
        if self.context.cancel.is_cancelled() {
            self.worst = Verdict::Skipped;
            return Some("the run was interrupted".to_owned());
        }
        if self.context.unreachable.get().is_some() {
            self.worst = Verdict::Skipped;
            return Some("the target cannot be reached".to_owned());
        }
        let scenario = Arc::clone(&self.planned.scenario);
        let end = self.planned.timeout.map(|timeout| Instant::now() + timeout);
        let mut stopped = self.set_vars().err().map(|error| template_error(&error));
        let mut left_over = "an earlier step failed";
        for (index, step) in scenario.steps.iter().enumerate() {
            let head = self.head(index, step, false);
            let is_stopped = self.worst.is_bad() || self.context.cancel.is_cancelled();
            if is_stopped && stopped.is_none() {
                self.skip(head, left_over);
                continue;
            }
            let outcome = match stopped.take() {
                Some(error) => failed_outcome(head, error),
                None => self.run_step(head, step, end).await,
            };
            if step.action.needs_browser() && outcome.verdict != Verdict::Skipped {
                self.looked.insert(step.actor.clone(), index);
            }
            if self.context.cancel.is_cancelled() {
                left_over = "the run was interrupted";
            }
            self.finish(outcome, step).await;
        }
        self.look_back().await;
        self.clean_up().await;
        None
    }

    fn set_vars(&mut self) -> Result<(), TemplateError> {
        let scenario = Arc::clone(&self.planned.scenario);
        if let Some(case) = self.planned.case.clone() {
            let row = case
                .values
                .iter()
                .map(|(name, value)| Ok((name.clone(), value.render(&self.scope)?.to_json())));
            let row = row.collect::<Result<serde_json::Map<_, _>, TemplateError>>()?;
            self.scope.set("case", &Value::Table(row));
        }
        for (name, template) in &scenario.vars {
            let value = template.render(&self.scope)?;
            self.scope.set(name, &value);
        }
        Ok(())
    }

    /// What a step sees: the scenario's names, and the parameters of the fragments that it stands in.
    fn scope_of(&mut self, step: &Step) -> Result<Scope, TemplateError> {
        let mut scope = self.scope.clone();
        for frame in &step.frames {
            let values = match self.uses.entry(frame.id) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => {
                    let values = frame.values.iter();
                    let values = values.map(|(name, value)| Ok((name.clone(), value.render(&scope)?)));
                    place.insert(values.collect::<Result<_, TemplateError>>()?)
                }
            };
            for (name, value) in values.iter() {
                scope.set(name, value);
            }
        }
        Ok(scope)
    }

    fn head(&mut self, index: usize, step: &Step, cleanup: bool) -> StepHead {
        let scope = self.scope_of(step).unwrap_or_default();
        let own = match &step.name {
            Some(name) => name.render(&scope).unwrap_or_else(|_| name.source().to_owned()),
            None => step.action.summary(&scope),
        };
        let name = step.frames.iter().rev().fold(own, |name, frame| format!("{}: {name}", frame.label));
        StepHead {
            index,
            name,
            action: step.key.clone(),
            actor: step.actor.clone(),
            place: step.place.clone(),
            cleanup,
            optional: step.optional,
        }
    }

    /// Runs one step until it ends, its time is over or the run is interrupted.
    async fn run_step(&mut self, head: StepHead, step: &Step, end: Option<Instant>) -> StepOutcome {
        let cancel = self.context.cancel.clone();
        self.context.send(EventKind::StepStarted { scenario: self.planned.id, step: head.clone() });
        self.may_have_written |= may_write(&step.key);
        let started = Instant::now();
        let waited_before = self.waited;
        let performed = tokio::select! {
            biased;
            () = cancel.cancelled() => Some(interrupted()),
            performed = self.perform(step, &head, end) => performed,
        };
        let waited = self.waited.saturating_sub(waited_before);
        let outcome = self.outcome(head, performed, started.elapsed().saturating_sub(waited));
        if step.action.needs_browser() && outcome.verdict.is_bad() && !cancel.is_cancelled() {
            self.pause(&outcome).await;
        }
        outcome
    }

    /// Lets who watches look at the page where a step did not pass.
    async fn pause(&mut self, outcome: &StepOutcome) {
        let Some(pause) = self.context.pause.clone() else { return };
        let started = Instant::now();
        let url = match &outcome.evidence {
            Some(Evidence::Page(page)) => page.url.clone(),
            _ => String::new(),
        };
        let redact = |text: &str| self.context.http_settings.redactor.redact_text(text);
        tokio::select! {
            () = self.context.cancel.cancelled() => {}
            () = pause(redact(&outcome.step.name), redact(&url)) => {}
        }
        self.waited += started.elapsed();
    }

    fn outcome(&mut self, head: StepHead, performed: Option<Performed>, duration: Duration) -> StepOutcome {
        let duration_ms = round_milliseconds(duration);
        let Some(performed) = performed else {
            return StepOutcome::skipped(head, "its condition is not true");
        };
        let verdict = match &performed.outcome.error {
            Some(error) => error.verdict(),
            None if performed.is_good() => Verdict::Passed,
            None => Verdict::Failed,
        };
        for (name, value) in &performed.captured {
            self.scope.set(name, value);
        }
        StepOutcome {
            step: head,
            verdict,
            duration_ms,
            attempts: performed.attempts,
            checks: performed.checks,
            error: performed.outcome.error,
            evidence: performed.outcome.evidence,
            captured: performed.captured.into_iter().map(|(name, value)| (name, value.to_text())).collect(),
            artifacts: performed.artifacts,
            note: performed.note,
        }
    }

    /// Carries out a step; none if its condition is not true. `end` is when the scenario's time is over, what it has
    /// waited left out.
    async fn perform(&mut self, step: &Step, head: &StepHead, end: Option<Instant>) -> Option<Performed> {
        let scope = match self.scope_of(step) {
            Ok(scope) => scope,
            Err(error) => return Some(performed_error(template_error(&error))),
        };
        for condition in step.conditions.iter().chain([&step.when]) {
            match condition.is_true(&scope) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(performed_error(template_error(&error))),
            }
        }
        let timeout = step.timeout.unwrap_or(self.planned.step_timeout);
        let ready = match ReadyStep::new(step, &scope, timeout) {
            Ok(ready) => ready,
            Err(error) => return Some(performed_error(template_error(&error))),
        };
        let values = ready.values();
        match &step.action {
            Action::Sql(_) => self.asked = values,
            _ => self.typed.entry(step.actor.clone()).or_default().extend(values),
        }
        if let Err(error) = self.prepare(step).await {
            return Some(performed_error(error));
        }
        let limit = Instant::now() + timeout;
        let deadline = end.map_or(limit, |end| limit.min(end + self.waited));
        let actor = self.actors.get_mut(&step.actor)?;
        if let Some(name) = &step.session {
            if let Err(error) = begin_session(&self.context, &name.text, actor, self.lease.as_mut()).await {
                return Some(performed_error(error));
            }
        } else if let (Some(storage), true, Some(lease)) =
            (&actor.storage, step.action.needs_browser(), self.lease.as_mut())
        {
            if let Err(error) = lease.give_storage(&actor.name, storage).await {
                return Some(performed_error(error));
            }
            actor.storage = None;
        }
        let name = format!("failed-step-{}", head.index + 1);
        let mut performed = ready.perform(&self.context, actor, self.lease.as_mut(), &name, deadline).await;
        self.waited += self.lease.as_mut().map(BrowserLease::take_paused).unwrap_or_default();
        if let (Some(name), true) = (&step.save_session, performed.is_good())
            && let Err(error) = save_session(&self.context, &name.text, actor, self.lease.as_mut()).await
        {
            performed.outcome.error = Some(error);
        }
        Some(performed)
    }

    /// Makes sure that the actor and, where one is needed, a browser are there.
    async fn prepare(&mut self, step: &Step) -> Result<(), StepError> {
        if !self.actors.contains_key(&step.actor) {
            let actor = Actor::new(&step.actor, self.context.http_client()?);
            self.actors.insert(step.actor.clone(), actor);
        }
        if step.action.needs_browser() && self.lease.is_none() {
            let started = Instant::now();
            self.context.browsers.start_ahead();
            let case = self.planned.case.as_ref().map(|case| case.name.as_str());
            let artifacts = self.context.artifacts.of_scenario(&self.planned.scenario.file.name, case);
            let kind = self.context.kinds[self.planned.id];
            let steps = self.planned.scenario.steps.iter().filter(|step| step.action.needs_browser());
            let actors = steps.map(|step| &step.actor).collect::<BTreeSet<_>>().len();
            let lease = self.context.browsers.lease(kind, actors, artifacts).await;
            self.waited += started.elapsed();
            self.lease = Some(lease?);
        }
        if let (true, Some(lease)) = (step.action.needs_browser(), self.lease.as_mut()) {
            let started = Instant::now();
            let prepared = lease.prepare(&step.actor).await;
            self.waited += started.elapsed();
            prepared?;
        }
        if step.action.needs_browser() && !self.context.slow_mo.is_zero() {
            tokio::time::sleep(self.context.slow_mo).await;
            self.waited += self.context.slow_mo;
        }
        Ok(())
    }

    async fn finish(&mut self, mut outcome: StepOutcome, step: &Step) {
        let cause = outcome.error.as_ref().map(|error| &error.cause);
        // What `dns`, `tcp` and `tls` look at need not be the target.
        let is_beside = matches!(step.action, Action::Network(_));
        let is_unreachable = !is_beside && cause.is_some_and(Cause::is_unreachable);
        // That a database cannot be reached says nothing of the site.
        if is_unreachable
            && !self.has_reached_target
            && !matches!(step.action, Action::Sql(_))
            && let Some(error) = &outcome.error
        {
            let _ = self.context.unreachable.set(error.clone());
        }
        if !is_beside && !is_unreachable && outcome.verdict != Verdict::Skipped {
            self.has_reached_target = true;
            // While HTTP steps run. For a target that cannot be reached none is started ahead.
            self.context.browsers.start_ahead();
        }
        if step.optional && outcome.verdict.is_bad() {
            outcome.note = Some(OPTIONAL.to_owned());
        } else {
            self.worsen(outcome.verdict);
            self.diagnose(&outcome, step).await;
        }
        self.context.send(EventKind::StepFinished { scenario: self.planned.id, outcome: Box::new(outcome) });
    }

    async fn diagnose(&mut self, outcome: &StepOutcome, step: &Step) {
        self.context.lookups.note_times(outcome.evidence.as_ref());
        let actor = &outcome.step.actor;
        let values = match &step.action {
            Action::Sql(_) => std::mem::take(&mut self.asked),
            _ => self.typed.get(actor).cloned().unwrap_or_default(),
        };
        let facts = StepFacts {
            name: &outcome.step.name,
            action: &outcome.step.action,
            actor: &outcome.step.actor,
            checks: &outcome.checks,
            error: outcome.error.as_ref(),
            evidence: outcome.evidence.as_ref(),
            meant: Meant { allow: Some(&step.allow), values: &values },
        };
        match outcome.verdict {
            Verdict::Passed => {
                let has_written = self.memory.note(&facts);
                if has_written {
                    self.typed.remove(actor);
                }
            }
            verdict if verdict.is_bad() && self.diagnosis.is_none() => {
                let actor = self.actors.get(actor).map(|actor| &actor.http);
                self.diagnosis = diagnose_with_lookups(&self.context, actor, &facts, &mut self.memory).await;
            }
            _ => {}
        }
    }

    fn skip(&mut self, head: StepHead, reason: &str) {
        let outcome = Box::new(StepOutcome::skipped(head, reason));
        self.context.send(EventKind::StepFinished { scenario: self.planned.id, outcome });
    }

    fn worsen(&mut self, verdict: Verdict) {
        let rank = |verdict| match verdict {
            Verdict::Failed => 3,
            Verdict::Errored => 2,
            Verdict::Flaky => 1,
            Verdict::Passed | Verdict::Skipped => 0,
        };
        if rank(verdict) > rank(self.worst) {
            self.worst = verdict;
        }
    }
}

fn template_error(error: &TemplateError) -> StepError {
    StepError::harness(Cause::Template { detail: error.message.clone() })
}

fn performed_error(error: StepError) -> Performed {
    Performed { outcome: Outcome::error(error), attempts: 1, ..Performed::default() }
}

fn interrupted() -> Performed {
    performed_error(StepError::harness(Cause::Interrupted))
}

fn failed_outcome(step: StepHead, error: StepError) -> StepOutcome {
    StepOutcome { verdict: error.verdict(), error: Some(error), ..StepOutcome::skipped(step, "") }
}
