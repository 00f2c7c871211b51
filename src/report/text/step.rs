//! A step that went wrong, in full.

use super::artifacts::render_artifacts;
use super::comparison::render_comparison;
use super::curl::render_curl;
use super::evidence::{render_evidence, request_to_repeat};
use super::line::{Line, Tone};
use super::quantity::render_milliseconds;
use super::sheet::{INDENT, Sheet};
use super::snippet::render_snippet;
use crate::event::StepOutcome;
use crate::evidence::Evidence;
use crate::expect::Check;
use crate::source::Place;
use crate::verdict::{Origin, StepError};

/// What must be known of the run to tell about one of its steps.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) struct Telling<'a> {
    /// The target's base address.
    pub(in crate::report) target: &'a str,
    /// Whether certificates are not verified there.
    pub(in crate::report) insecure: bool,
    /// Whether several actors take part, so that it matters who did it.
    pub(in crate::report) several_actors: bool,
}

/// Adds all there is to say about a step that went wrong: what was expected where, what was seen, how to repeat it.
pub(in crate::report) fn render_step(sheet: &mut Sheet, outcome: &StepOutcome, telling: &Telling<'_>) {
    let line = render_head(sheet, outcome, telling);
    sheet.line(line);
    let mut shown: Option<&Place> = None;
    if let Some(error) = &outcome.error {
        render_snippet(sheet, &outcome.step.place);
        shown = Some(&outcome.step.place);
        render_error(sheet, error);
    }
    for check in failed_checks(outcome).into_iter().filter(|check| !is_told_by_evidence(outcome, check)) {
        render_check(sheet, outcome, check, &mut shown);
    }
    if shown.is_none() && !outcome.checks.is_empty() {
        render_snippet(sheet, &outcome.step.place);
    }
    // Of a cleanup the head says it already.
    if let Some(note) = outcome.note.as_ref().filter(|_| !outcome.step.cleanup) {
        sheet.labelled("note", Tone::Plain, note);
    }
    render_evidence(sheet, outcome, telling);
    render_artifacts(sheet, &outcome.artifacts);
    if let Some(evidence) = &outcome.evidence {
        render_repeat(sheet, evidence, telling.insecure);
    }
}

/// What nobody wrote comes first: that the server answered 500 is the reason for everything else.
fn failed_checks(outcome: &StepOutcome) -> Vec<&Check> {
    let mut failed: Vec<&Check> = outcome.checks.iter().filter(|check| !check.holds).collect();
    failed.sort_by_key(|check| check.place.is_some());
    failed
}

/// What does not load is listed, so that the expectation that it loads, which nobody wrote, need not be told.
fn is_told_by_evidence(outcome: &StepOutcome, check: &Check) -> bool {
    check.place.is_none()
        && check.subject == "assets"
        && matches!(outcome.evidence, Some(Evidence::Assets(_)))
}

/// Adds what kept a step from being carried out, and what to do about it.
pub(in crate::report) fn render_error(sheet: &mut Sheet, error: &StepError) {
    let tone = match error.origin {
        Origin::Target => Tone::Bad,
        Origin::Harness => Tone::Warning,
    };
    let label = match error.origin {
        Origin::Target => "failed",
        Origin::Harness => "errored",
    };
    sheet.labelled(label, tone, &error.message);
    if let Some(help) = &error.help {
        sheet.labelled("help", Tone::Plain, help);
    }
}

/// Adds the command line that repeats what the step asked for last. It is one line however long it is.
pub(in crate::report) fn render_repeat(sheet: &mut Sheet, evidence: &Evidence, insecure: bool) {
    if let Some(request) = request_to_repeat(evidence) {
        sheet.line(sheet.label("repeat").plain(&render_curl(&request, insecure)));
    }
}

/// What went wrong in one line.
pub(in crate::report) fn summarise_step(outcome: &StepOutcome) -> String {
    if let Some(error) = &outcome.error {
        return error.message.clone();
    }
    let mut failed = failed_checks(outcome).into_iter();
    match (failed.next(), failed.count()) {
        (None, _) => outcome.note.clone().unwrap_or_default(),
        (Some(first), 0) => summarise_check(first),
        (Some(first), more) => format!("{} (and {more} more)", summarise_check(first)),
    }
}

fn summarise_check(check: &Check) -> String {
    let short = |text: &str| super::shorten(text, 200, "…");
    format!("{}: expected {}, actual {}", check.subject, short(&check.expected), short(&check.actual))
}

fn render_head(sheet: &Sheet, outcome: &StepOutcome, telling: &Telling<'_>) -> Line {
    let step = &outcome.step;
    let mut facts = Vec::new();
    // A database is asked by nobody in particular.
    if telling.several_actors && step.action != "sql" {
        facts.push(format!("as {}", step.actor));
    }
    facts.push(render_milliseconds(outcome.duration_ms));
    if outcome.attempts > 1 {
        facts.push(format!("{} attempts", outcome.attempts));
    }
    let number = step.index + 1;
    let title = if step.cleanup { "data left behind".to_owned() } else { format!("step {number}") };
    Line::indented(INDENT - 2)
        .add(Tone::of(outcome.verdict), sheet.symbols.mark(outcome.verdict))
        .strong(&format!(" {title}: {}", step.name))
        .quiet(&format!("  {}", facts.join(", ")))
}

fn render_check<'a>(
    sheet: &mut Sheet,
    outcome: &'a StepOutcome,
    check: &'a Check,
    shown: &mut Option<&'a Place>,
) {
    let place = check.place.as_ref().unwrap_or(&outcome.step.place);
    if *shown != Some(place) {
        render_snippet(sheet, place);
        *shown = Some(place);
    }
    let is_said = check.place.as_ref().is_some_and(|place| place.text.contains(&check.subject));
    render_comparison(sheet, check, if is_said { "" } else { &check.subject });
}
