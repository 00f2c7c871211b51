//! The line of a scenario that has ended, and what is worth knowing below it.

use super::TerminalOptions;
use crate::event::StepOutcome;
use crate::report::record::{RunRecord, ScenarioRecord};
use crate::report::text::{
    Line, Sheet, Tone, make_harmless, render_milliseconds, render_seconds, shorten, summarise_step, width_of,
};
use crate::verdict::Verdict;

/// A name may push the times no further to the right than this.
const WIDEST_NAME: usize = 56;
/// Where what stands below a scenario begins.
const BELOW: usize = 4;

/// Adds a scenario: its verdict, name and time, slow steps, and what went wrong without counting.
pub(super) fn render_scenario(
    sheet: &mut Sheet,
    scenario: &ScenarioRecord,
    record: &RunRecord,
    options: &TerminalOptions,
) {
    let end = scenario.end(record.elapsed_ms);
    let column = name_column(sheet, record);
    let title = shorten(&make_harmless(&scenario.title()), sheet.width - 4, sheet.symbols.ellipsis);
    let line =
        Line::new().add(Tone::of(end.verdict), sheet.symbols.mark(end.verdict)).plain(" ").plain(&title);
    let line = line.pad_to(2 + column).plain("  ");
    let note = end.note.as_deref().unwrap_or("");
    let line = match end.verdict {
        Verdict::Skipped if note.is_empty() => line.quiet("skipped"),
        Verdict::Skipped => line.quiet(&format!("skipped: {note}")),
        _ => line.quiet(&format!("{:>6}", render_seconds(end.duration_ms))),
    };
    let line = match scenario.bad_steps().next() {
        Some(step) if end.verdict.is_bad() => {
            let how = if step.is_interrupted() { "interrupted at step" } else { "step" };
            let told = format!("  {how} {}: {}", step.step.index + 1, make_harmless(&step.step.name));
            let room = sheet.width.saturating_sub(line.width());
            line.quiet(&shorten(&told, room, sheet.symbols.ellipsis))
        }
        _ if end.verdict == Verdict::Flaky => line.quiet("  passed on a retry"),
        _ => line,
    };
    sheet.line(line);
    if end.verdict != Verdict::Skipped && !note.is_empty() {
        sheet.line(Line::indented(BELOW).quiet(note));
    }
    if options.verbose {
        render_steps(sheet, scenario);
    } else {
        render_slow_steps(sheet, scenario, options);
    }
    for earlier in &scenario.earlier {
        render_aside(sheet, "earlier", earlier);
    }
    if !end.verdict.is_bad() {
        for step in scenario.bad_steps() {
            render_aside(sheet, "optional", step);
        }
    }
}

fn name_column(sheet: &Sheet, record: &RunRecord) -> usize {
    let widest = record.scenarios.iter().map(|scenario| width_of(&make_harmless(&scenario.title()))).max();
    widest.unwrap_or(0).min(WIDEST_NAME).min(sheet.width / 2)
}

fn render_slow_steps(sheet: &mut Sheet, scenario: &ScenarioRecord, options: &TerminalOptions) {
    let limit = options.slow.as_secs_f64() * 1_000.0;
    for outcome in scenario.steps.iter().filter(|outcome| outcome.duration_ms > limit) {
        let time = render_milliseconds(outcome.duration_ms);
        let name = &outcome.step.name;
        sheet.line(sheet.label("slow").plain(&time).quiet(&format!("  {name}")));
    }
}

fn render_steps(sheet: &mut Sheet, scenario: &ScenarioRecord) {
    let names_actors = scenario.has_several_actors();
    for outcome in &scenario.steps {
        let mark = sheet.symbols.mark(outcome.verdict);
        let cleanup = if outcome.step.cleanup { "cleanup: " } else { "" };
        let line = Line::indented(BELOW)
            .add(Tone::of(outcome.verdict), mark)
            .quiet(&format!(" {:>7}", render_milliseconds(outcome.duration_ms)))
            .plain(&format!("  {cleanup}{}", outcome.step.name));
        let line = if names_actors { line.quiet(&format!("  as {}", outcome.step.actor)) } else { line };
        let note = outcome.note.as_deref().map(|note| format!("  {note}")).unwrap_or_default();
        sheet.line(line.quiet(&note));
        for artifact in outcome.artifacts.iter().filter(|_| !outcome.verdict.is_bad()) {
            let label = format!("{:>20} ", artifact.kind.noun());
            sheet.line(Line::indented(BELOW).quiet(&label).plain(&artifact.path));
        }
    }
}

/// Something that went wrong and does not count: an optional step, or an earlier attempt.
fn render_aside(sheet: &mut Sheet, label: &str, outcome: &StepOutcome) {
    let told = format!("step {}: {}: {}", outcome.step.index + 1, outcome.step.name, summarise_step(outcome));
    let line = sheet.label(label);
    let room = sheet.width.saturating_sub(line.width()).max(20);
    sheet.line(line.plain(&shorten(&make_harmless(&told), room, sheet.symbols.ellipsis)));
}
