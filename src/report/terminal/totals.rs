//! The last lines: how many, how long, where, and which specs to run again.

use std::collections::BTreeSet;

use crate::event::{StepOutcome, Tally};
use crate::evidence::ArtifactKind;
use crate::plan::RELEASE_CHECK;
use crate::report::record::{RunRecord, ScenarioRecord};
use crate::report::secrecy::hide_password;
use crate::report::text::{Line, Sheet, Tone, count, quote, render_seconds};
use crate::verdict::Verdict;

/// Adds counts, duration, target, and the failed specs if they can be run again.
pub(super) fn render_totals(sheet: &mut Sheet, record: &RunRecord, names_failed: bool) {
    let end = record.end();
    let failed = failed_specs(record);
    sheet.blank();
    if record.end.is_none() {
        sheet.line(Line::new().add(Tone::Warning, "this report is incomplete: the run did not finish"));
    }
    if record.scenarios.iter().flat_map(ScenarioRecord::bad_steps).any(StepOutcome::is_interrupted) {
        sheet.line(Line::new().add(Tone::Warning, "the run was interrupted"));
    }
    let line = render_counts(end.counts).quiet(&format!(" in {}", render_seconds(end.duration_ms)));
    sheet.line(render_target(line, record));
    if record.target.insecure {
        sheet.line(Line::new().add(Tone::Warning, "TLS is not verified for this target"));
    }
    let written = count_baselines(record);
    if written > 0 {
        sheet.line(Line::new().plain(&format!("{} written", count(written, "baseline"))));
    }
    if names_failed && !failed.is_empty() {
        sheet.line(Line::new().quiet("to run again after `smokegate run`:"));
        sheet.line(Line::new().plain(&failed.join(" ")));
    }
}

/// How many pictures have become baselines.
fn count_baselines(record: &RunRecord) -> usize {
    let steps = record.scenarios.iter().flat_map(|scenario| scenario.steps.iter().chain(&scenario.earlier));
    let artifacts = steps.flat_map(|step| &step.artifacts);
    let paths: BTreeSet<&str> = artifacts
        .filter(|artifact| artifact.kind == ArtifactKind::Baseline)
        .map(|artifact| artifact.path.as_str())
        .collect();
    paths.len()
}

fn render_counts(counts: Tally) -> Line {
    let told = [
        (Verdict::Failed, counts.failed),
        (Verdict::Errored, counts.errored),
        (Verdict::Flaky, counts.flaky),
        (Verdict::Passed, counts.passed),
        (Verdict::Skipped, counts.skipped),
    ];
    let mut line = Line::new();
    for (verdict, number) in told.into_iter().filter(|(_, number)| *number > 0) {
        if line.width() > 0 {
            line = line.plain(", ");
        }
        line = line.add(Tone::of(verdict), &format!("{number} {verdict}"));
    }
    if line.width() > 0 { line } else { line.plain("no scenario ran") }
}

fn render_target(line: Line, record: &RunRecord) -> Line {
    let url = hide_password(&record.target.url);
    match &record.target.name {
        Some(name) => line.quiet(" at ").plain(name).quiet(&format!(" ({url})")),
        None => line.quiet(" at ").plain(&url),
    }
}

/// The files of the scenarios that failed or errored, each once, as words of a shell. What an option asked for has none.
fn failed_specs(record: &RunRecord) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    for scenario in &record.scenarios {
        let word = quote(&scenario.head.file);
        let is_file = scenario.head.file != RELEASE_CHECK;
        if is_file && scenario.end(record.elapsed_ms).verdict.is_bad() && !files.contains(&word) {
            files.push(word);
        }
    }
    files
}
