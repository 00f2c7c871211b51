//! `json`: the run as one document. Its shape is promised by `specs/report.schema.json`; what was seen in detail is
//! in `jsonl`.

use std::io;

use serde::Serialize;

use super::record::{RunRecord, ScenarioRecord};
use super::secrecy::hide_password;
use crate::diagnose::Diagnosis;
use crate::event::{StepOutcome, Tally, VERSION};
use crate::evidence::Artifact;
use crate::expect::{Check, History};
use crate::verdict::{Origin, StepError, Verdict};

/// The run as a JSON document.
pub(super) fn render_json(record: &RunRecord) -> io::Result<Vec<u8>> {
    Ok(serde_json::to_vec_pretty(&build_document(record))?)
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    smokegate: &'a str,
    run_id: &'a str,
    started_at: &'a str,
    complete: bool,
    verdict: Verdict,
    exit_code: Option<u8>,
    target: Target<'a>,
    counts: Tally,
    duration_ms: f64,
    diagnosis: Option<&'a Diagnosis>,
    notices: &'a [String],
    scenarios: Vec<Scenario<'a>>,
}

#[derive(Serialize)]
struct Target<'a> {
    name: Option<&'a str>,
    url: String,
    insecure: bool,
}

#[derive(Serialize)]
struct Scenario<'a> {
    name: &'a str,
    file: &'a str,
    case: Option<&'a str>,
    tags: &'a [String],
    verdict: Verdict,
    started_at: Option<&'a str>,
    duration_ms: f64,
    diagnosis: Option<Diagnosis>,
    note: Option<String>,
    steps: Vec<Step<'a>>,
    cleanup: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Step<'a> {
    name: &'a str,
    action: &'a str,
    actor: &'a str,
    file: &'a str,
    line: usize,
    verdict: Verdict,
    duration_ms: f64,
    attempts: u32,
    checks: Vec<CheckEntry<'a>>,
    error: Option<ErrorEntry<'a>>,
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "<[Artifact]>::is_empty")]
    artifacts: &'a [Artifact],
}

#[derive(Serialize)]
struct CheckEntry<'a> {
    subject: &'a str,
    holds: bool,
    expected: &'a str,
    actual: &'a str,
    line: Option<usize>,
    column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<HistoryEntry<'a>>,
}

#[derive(Serialize)]
struct HistoryEntry<'a> {
    waited_ms: f64,
    left_out: u32,
    states: Vec<State<'a>>,
}

#[derive(Serialize)]
struct State<'a> {
    times: u32,
    actual: &'a str,
}

#[derive(Serialize)]
struct ErrorEntry<'a> {
    origin: Origin,
    kind: &'static str,
    message: &'a str,
    help: Option<&'a str>,
}

fn build_document(record: &RunRecord) -> Document<'_> {
    let end = record.end();
    Document {
        version: VERSION,
        smokegate: &record.smokegate,
        run_id: &record.run_id,
        started_at: &record.started_at,
        complete: record.end.is_some(),
        verdict: end.verdict,
        exit_code: end.exit_code,
        target: Target {
            name: record.target.name.as_deref(),
            url: hide_password(&record.target.url).into_owned(),
            insecure: record.target.insecure,
        },
        counts: end.counts,
        duration_ms: end.duration_ms,
        diagnosis: record.end.as_ref().and_then(|end| end.diagnosis.as_ref()),
        notices: &record.notices,
        scenarios: record
            .scenarios
            .iter()
            .map(|scenario| build_scenario(scenario, record.elapsed_ms))
            .collect(),
    }
}

fn build_scenario(record: &ScenarioRecord, elapsed_ms: f64) -> Scenario<'_> {
    let end = record.end(elapsed_ms).into_owned();
    let (cleanup, steps): (Vec<_>, Vec<_>) = record.steps.iter().partition(|outcome| outcome.step.cleanup);
    Scenario {
        name: &record.head.name,
        file: &record.head.file,
        case: record.head.case.as_deref(),
        tags: &record.head.tags,
        verdict: end.verdict,
        started_at: record.started_at.as_deref(),
        duration_ms: end.duration_ms,
        diagnosis: end.diagnosis,
        note: end.note,
        steps: steps.into_iter().map(build_step).collect(),
        cleanup: cleanup.into_iter().map(build_step).collect(),
    }
}

fn build_step(outcome: &StepOutcome) -> Step<'_> {
    Step {
        name: &outcome.step.name,
        action: &outcome.step.action,
        actor: &outcome.step.actor,
        file: &outcome.step.place.file,
        line: outcome.step.place.line,
        verdict: outcome.verdict,
        duration_ms: outcome.duration_ms,
        attempts: outcome.attempts,
        checks: outcome.checks.iter().map(build_check).collect(),
        error: outcome.error.as_ref().map(build_error),
        note: outcome.note.as_deref(),
        artifacts: &outcome.artifacts,
    }
}

fn build_check(check: &Check) -> CheckEntry<'_> {
    CheckEntry {
        subject: &check.subject,
        holds: check.holds,
        expected: &check.expected,
        actual: &check.actual,
        line: check.place.as_ref().map(|place| place.line),
        column: check.place.as_ref().map(|place| place.column),
        history: check.history.as_ref().map(build_history),
    }
}

fn build_history(history: &History) -> HistoryEntry<'_> {
    let states = history.states.iter().map(|(times, actual)| State { times: *times, actual }).collect();
    HistoryEntry { waited_ms: history.waited_ms, left_out: history.left_out, states }
}

fn build_error(error: &StepError) -> ErrorEntry<'_> {
    ErrorEntry {
        origin: error.origin,
        kind: error.cause.name(),
        message: &error.message,
        help: error.help.as_deref(),
    }
}
