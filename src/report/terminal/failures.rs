//! What went wrong, in full, at the end of the run. A target that cannot be reached is told once, however many
//! scenarios found that out.

use crate::diagnose::Diagnosis;
use crate::event::StepOutcome;
use crate::report::record::{RunEnd, RunRecord, ScenarioRecord};
use crate::report::text::{
    Line, Sheet, Telling, Tone, count, render_diagnosis, render_error, render_repeat, render_step, width_of,
};
use crate::verdict::{StepError, Verdict};

/// Adds everything that went wrong, then the diagnosis of the whole run.
pub(super) fn render_failures(sheet: &mut Sheet, record: &RunRecord) {
    let end = record.end();
    let shared = find_shared_errors(record);
    for group in &shared {
        render_shared_error(sheet, group, record);
    }
    for scenario in &record.scenarios {
        render_failed_scenario(sheet, scenario, record, &end, &shared);
    }
    if let Some(diagnosis) = &end.diagnosis {
        sheet.blank();
        sheet.indent = 0;
        render_diagnosis(sheet, diagnosis);
    }
}

/// One cause for which several scenarios could not reach the target.
struct SharedError<'a> {
    error: &'a StepError,
    first: &'a StepOutcome,
    scenarios: Vec<&'a ScenarioRecord>,
}

fn unreachable_error(outcome: &StepOutcome) -> Option<&StepError> {
    outcome.error.as_ref().filter(|error| error.cause.is_unreachable())
}

fn find_shared_errors(record: &RunRecord) -> Vec<SharedError<'_>> {
    let mut groups: Vec<SharedError<'_>> = Vec::new();
    for scenario in &record.scenarios {
        for outcome in scenario.bad_steps() {
            let Some(error) = unreachable_error(outcome) else {
                continue;
            };
            match groups.iter_mut().find(|group| group.error == error) {
                Some(group) if group.scenarios.iter().any(|known| known.head.id == scenario.head.id) => {}
                Some(group) => group.scenarios.push(scenario),
                None => groups.push(SharedError { error, first: outcome, scenarios: vec![scenario] }),
            }
        }
    }
    groups.retain(|group| group.scenarios.len() > 1);
    groups
}

fn render_shared_error(sheet: &mut Sheet, group: &SharedError<'_>, record: &RunRecord) {
    sheet.blank();
    let verdict = group.error.verdict();
    let told = count(group.scenarios.len(), "scenario");
    sheet.line(
        Line::new()
            .add(Tone::of(verdict), &format!("{} {told}", sheet.symbols.mark(verdict)))
            .quiet("  for one reason"),
    );
    render_error(sheet, group.error);
    if let Some(evidence) = &group.first.evidence {
        render_repeat(sheet, evidence, record.target.insecure);
    }
    let column = group.scenarios.iter().map(|scenario| width_of(&scenario.head.file)).max().unwrap_or(0);
    for scenario in &group.scenarios {
        let line = Line::indented(4).quiet(&scenario.head.file).pad_to(4 + column);
        sheet.line(line.plain(&format!("  {}", scenario.title())));
    }
}

fn render_failed_scenario(
    sheet: &mut Sheet,
    scenario: &ScenarioRecord,
    record: &RunRecord,
    run: &RunEnd,
    shared: &[SharedError<'_>],
) {
    let end = scenario.end(record.elapsed_ms);
    // That a step was interrupted is nothing to explain.
    let is_told = |outcome: &&StepOutcome| {
        outcome.is_interrupted()
            || unreachable_error(outcome).is_some_and(|error| shared.iter().any(|group| group.error == error))
    };
    let bad: Vec<&StepOutcome> = if end.verdict.is_bad() {
        scenario.bad_steps().filter(|step| !is_told(step)).collect()
    } else {
        Vec::new()
    };
    let left_behind: Vec<&StepOutcome> = scenario.bad_cleanup().collect();
    let is_shared = scenario.bad_steps().any(|step| is_told(&step));
    // Where nothing was reached, nothing was left behind.
    let has_passed = scenario.steps.iter().any(|step| step.verdict == Verdict::Passed);
    let is_harmless = left_behind.is_empty() || !has_passed && left_behind.iter().all(is_told);
    if bad.is_empty() && is_harmless && (is_shared || !end.verdict.is_bad()) {
        return;
    }
    sheet.blank();
    let verdict = if end.verdict.is_bad() { end.verdict } else { Verdict::Errored };
    let head = format!("{} {}", sheet.symbols.mark(verdict), scenario.title());
    sheet.line(Line::new().add(Tone::of(verdict), &head).quiet(&format!("  {}", scenario.head.file)));
    // The cause of the whole run is told once, at its end.
    let is_root = |own: &Diagnosis| run.diagnosis.as_ref().is_some_and(|root| root.code == own.code);
    let own_diagnosis = end.diagnosis.as_ref().filter(|own| !is_root(own) && own.code != "unknown");
    if let Some(diagnosis) = own_diagnosis {
        render_diagnosis(sheet, diagnosis);
    }
    if let Some(note) = &end.note {
        sheet.line(Line::indented(4).plain(note));
    }
    let telling = Telling {
        target: &record.target.url,
        insecure: record.target.insecure,
        several_actors: scenario.has_several_actors(),
    };
    let mut has_room = own_diagnosis.is_none() && end.note.is_none();
    for step in bad {
        // The first one belongs to the line above it.
        if !std::mem::take(&mut has_room) {
            sheet.blank();
        }
        render_step(sheet, step, &telling);
    }
    render_not_run(sheet, scenario);
    render_left_behind(sheet, scenario, &left_behind, &telling, shared);
}

fn render_left_behind(
    sheet: &mut Sheet,
    scenario: &ScenarioRecord,
    left_behind: &[&StepOutcome],
    telling: &Telling<'_>,
    shared: &[SharedError<'_>],
) {
    for step in left_behind {
        if scenario.end.as_ref().is_none_or(|end| end.verdict.is_bad()) {
            sheet.blank();
        }
        let reason = unreachable_error(step);
        let is_told = reason.is_some_and(|error| {
            shared.iter().any(|group| group.error == error)
                || scenario.bad_steps().any(|other| unreachable_error(other) == Some(error))
        });
        if is_told {
            sheet.line(
                Line::indented(2)
                    .add(Tone::Warning, "!")
                    .strong(&format!(" data left behind: {}", step.step.name))
                    .quiet("  for the same reason"),
            );
        } else {
            render_step(sheet, step, telling);
        }
    }
}

fn render_not_run(sheet: &mut Sheet, scenario: &ScenarioRecord) {
    let skipped = scenario
        .steps
        .iter()
        .filter(|outcome| {
            outcome.verdict == Verdict::Skipped && outcome.note.is_none() && !outcome.step.cleanup
        })
        .count();
    if skipped > 0 {
        sheet.blank();
        sheet.line(Line::indented(4).quiet(&format!("{} not run", count(skipped, "later step"))));
    }
}
