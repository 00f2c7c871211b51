//! The tries of a scenario: those that it needs first, then itself, again where it may be, until it has its verdict.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, MaybeDone, maybe_done};
use tokio::sync::{AcquireError, OwnedSemaphorePermit};
use tokio::time::Instant;

use super::context::Context;
use super::repetition::Loss;
use super::scenario::ScenarioRun;
use crate::diagnose::Diagnosis;
use crate::event::EventKind;
use crate::evidence::round_milliseconds;
use crate::plan::PlannedScenario;
use crate::verdict::Verdict;

/// How the last try of a scenario ended.
struct Ended {
    verdict: Verdict,
    note: Option<String>,
    diagnosis: Option<Diagnosis>,
}

impl Ended {
    fn of(verdict: Verdict, note: Option<String>) -> Self {
        Self { verdict, note, diagnosis: None }
    }
}

/// A place among the scenarios that run at once, or the waiting for it.
pub(super) type Place = MaybeDone<BoxFuture<'static, Result<OwnedSemaphorePermit, AcquireError>>>;

/// Stands in line for a place, where a scenario need not wait for others: whoever stands there first comes first.
pub(super) fn stand_in_line(context: &Context, planned: &PlannedScenario) -> Place {
    let mut place = maybe_done(Arc::clone(&context.jobs).acquire_owned().boxed());
    if planned.needs.is_empty() {
        // Asked once, it is in the line.
        let _ = (&mut place).now_or_never();
    }
    place
}

/// Runs a scenario once it has its place, its cleanup and its retries included, and sends its events.
pub(super) async fn run_scenario(context: Arc<Context>, planned: PlannedScenario, mut place: Place) {
    let id = planned.id;
    let unmet = wait_for_needs(&context, &planned).await;
    (&mut place).await;
    let Some(Ok(_permit)) = Pin::new(&mut place).take_output() else { return };
    context.send(EventKind::ScenarioStarted { scenario: id });
    let mut duration = Duration::ZERO;
    let Ended { verdict, note, diagnosis } = match unmet {
        Some(reason) => Ended::of(Verdict::Skipped, Some(reason)),
        None => Box::pin(run_attempts(&context, &planned, &mut duration)).await,
    };
    context.verdicts[id].send_replace(Some(verdict));
    let duration_ms = round_milliseconds(duration);
    context.send(EventKind::ScenarioFinished { scenario: id, verdict, duration_ms, diagnosis, note });
}

/// Runs a scenario until it passes or its retries are used up.
async fn run_attempts(context: &Arc<Context>, planned: &PlannedScenario, duration: &mut Duration) -> Ended {
    let mut most = planned.retries + 1;
    let mut loss: Option<Loss> = None;
    for attempt in 1.. {
        let started = Instant::now();
        let mut run = ScenarioRun::new(context, planned);
        let note = run.run().await;
        *duration += started.elapsed().saturating_sub(run.waited);
        if loss.is_none() {
            loss = run.judge_loss();
            // It is the session that failed, and not the site: no try is used up.
            most += usize::from(loss.is_some_and(|loss| loss.is_repeated));
        }
        if let Some(lease) = run.lease.take() {
            lease.release().await;
        }
        let note = note.or_else(|| loss.map(|loss| loss.note.to_owned()));
        let lost = usize::from(loss.is_some_and(|loss| loss.is_repeated));
        let is_last = attempt >= most || context.cancel.is_cancelled() || context.unreachable.get().is_some();
        match run.worst {
            verdict if verdict.is_bad() && !is_last => {
                context.send(EventKind::ScenarioRetried { scenario: planned.id, attempts: attempt, verdict });
            }
            Verdict::Passed if attempt > 1 + lost => {
                let told = format!("passed on try {} of {}", attempt - lost, most - lost);
                return Ended::of(Verdict::Flaky, Some(told));
            }
            verdict => return Ended { verdict, note, diagnosis: run.diagnosis },
        }
    }
    Ended::of(Verdict::Skipped, None)
}

/// Waits until the scenarios that this one needs have ended. Gives back why it cannot run, if one did not pass.
async fn wait_for_needs(context: &Context, planned: &PlannedScenario) -> Option<String> {
    for needed in &planned.needs {
        let mut verdict = context.verdicts[*needed].subscribe();
        let ended = verdict.wait_for(Option::is_some).await.ok().and_then(|verdict| *verdict);
        if !matches!(ended, Some(Verdict::Passed | Verdict::Flaky)) {
            let name = context.names[*needed].as_str();
            return Some(match ended {
                Some(verdict) => format!("it needs `{name}`, which was {verdict}"),
                None => format!("it needs `{name}`, which did not end"),
            });
        }
    }
    None
}
