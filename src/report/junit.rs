//! `junit`: the XML that GitLab, Jenkins and others read (the format of Ant's junit task, as Jenkins' xunit plugin and
//! Maven Surefire describe it). A scenario is a suite, a step is a case.
//!
//! What makes a build red is what makes the exit code: a bad step counts in a bad scenario only. An optional step that
//! did not hold, and data left behind, are told as output of their case.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event as XmlEvent};

use super::record::{RunRecord, ScenarioRecord};
use super::secrecy::hide_password;
use super::text::{Sheet, Symbols, Telling, make_harmless, render_step, summarise_step};
use crate::event::StepOutcome;
use crate::verdict::Verdict;

/// Columns of the text in a failure.
const WIDTH: usize = 100;

/// A suite and how its cases count.
struct Suite<'a> {
    scenario: &'a ScenarioRecord,
    verdict: Verdict,
    time: String,
    note: Option<String>,
    /// Cases by how they count.
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
    /// Whether the scenario's verdict is told by none of its steps and needs a case of its own.
    has_own_case: bool,
}

impl<'a> Suite<'a> {
    fn new(scenario: &'a ScenarioRecord, elapsed_ms: f64) -> Self {
        let end = scenario.end(elapsed_ms);
        let counted = |verdict| {
            scenario.steps.iter().filter(|step| counted_verdict(step, end.verdict) == verdict).count()
        };
        let mut suite = Self {
            scenario,
            verdict: end.verdict,
            time: seconds(end.duration_ms),
            note: end.note.clone(),
            tests: scenario.steps.len(),
            failures: counted(Verdict::Failed),
            errors: counted(Verdict::Errored),
            skipped: counted(Verdict::Skipped),
            has_own_case: false,
        };
        let is_told = suite.failures + suite.errors > 0 || !suite.verdict.is_bad();
        suite.has_own_case = suite.tests == 0 || !is_told;
        if suite.has_own_case {
            suite.tests += 1;
            match suite.verdict {
                Verdict::Failed => suite.failures += 1,
                Verdict::Errored => suite.errors += 1,
                Verdict::Skipped => suite.skipped += 1,
                Verdict::Passed | Verdict::Flaky => {}
            }
        }
        suite
    }
}

/// How a step counts: what is bad in a scenario that is not bad does not.
fn counted_verdict(outcome: &StepOutcome, scenario: Verdict) -> Verdict {
    match outcome.verdict {
        Verdict::Failed | Verdict::Errored if !scenario.is_bad() || outcome.step.cleanup => Verdict::Passed,
        verdict => verdict,
    }
}

type Xml = Writer<Vec<u8>>;

pub(super) fn render_junit(record: &RunRecord) -> io::Result<Vec<u8>> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(XmlEvent::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let suites: Vec<Suite<'_>> =
        record.scenarios.iter().map(|scenario| Suite::new(scenario, record.elapsed_ms)).collect();
    let total = |count: fn(&Suite<'_>) -> usize| suites.iter().map(count).sum::<usize>().to_string();
    xml.create_element("testsuites")
        .with_attribute(("name", "smokegate"))
        .with_attribute(("tests", total(|suite| suite.tests).as_str()))
        .with_attribute(("failures", total(|suite| suite.failures).as_str()))
        .with_attribute(("errors", total(|suite| suite.errors).as_str()))
        .with_attribute(("time", seconds(record.end().duration_ms).as_str()))
        .write_inner_content(|xml| suites.iter().try_for_each(|suite| write_suite(xml, suite, record)))?;
    Ok(xml.into_inner())
}

fn write_suite(xml: &mut Xml, suite: &Suite<'_>, record: &RunRecord) -> io::Result<()> {
    let scenario = suite.scenario;
    let started = scenario.started_at.as_deref().unwrap_or(&record.started_at);
    xml.create_element("testsuite")
        .with_attribute(("name", clean(&scenario.title()).as_str()))
        .with_attribute(("tests", suite.tests.to_string().as_str()))
        .with_attribute(("failures", suite.failures.to_string().as_str()))
        .with_attribute(("errors", suite.errors.to_string().as_str()))
        .with_attribute(("skipped", suite.skipped.to_string().as_str()))
        .with_attribute(("time", suite.time.as_str()))
        .with_attribute(("timestamp", without_zone(started)))
        .with_attribute(("id", scenario.head.id.to_string().as_str()))
        .with_attribute(("file", clean(&scenario.head.file).as_str()))
        .write_inner_content(|xml| {
            write_properties(xml, suite, record)?;
            if suite.has_own_case {
                write_own_case(xml, suite)?;
            }
            let steps = &scenario.steps;
            steps.iter().try_for_each(|outcome| write_case(xml, suite, outcome, record))
        })?;
    Ok(())
}

fn write_properties(xml: &mut Xml, suite: &Suite<'_>, record: &RunRecord) -> io::Result<()> {
    let target = &record.target;
    let url = hide_password(&target.url);
    let mut properties = vec![("target.url", url.as_ref()), ("run.id", record.run_id.as_str())];
    if let Some(name) = &target.name {
        properties.push(("target.name", name));
    }
    if target.insecure {
        properties.push(("target.insecure", "true"));
    }
    if let Some(note) = &suite.note {
        properties.push(("note", note));
    }
    let diagnosis = suite.scenario.end.as_ref().and_then(|end| end.diagnosis.as_ref());
    if let Some(diagnosis) = diagnosis {
        properties.push(("diagnosis.code", &diagnosis.code));
        properties.push(("diagnosis.summary", &diagnosis.summary));
    }
    xml.create_element("properties").write_inner_content(|xml| {
        properties.iter().try_for_each(|(name, value)| {
            let element = xml.create_element("property").with_attribute(("name", *name));
            element.with_attribute(("value", clean(value).as_str())).write_empty().map(drop)
        })
    })?;
    Ok(())
}

/// A case for a scenario whose verdict no step tells: one that was skipped whole, or ended by its own deadline.
fn write_own_case(xml: &mut Xml, suite: &Suite<'_>) -> io::Result<()> {
    let title = clean(&suite.scenario.title());
    let message = clean(suite.note.as_deref().unwrap_or(""));
    let case = xml
        .create_element("testcase")
        .with_attribute(("name", title.as_str()))
        .with_attribute(("classname", title.as_str()))
        .with_attribute(("time", suite.time.as_str()))
        .with_attribute(("file", clean(&suite.scenario.head.file).as_str()));
    let tag = match suite.verdict {
        Verdict::Skipped => "skipped",
        Verdict::Failed => "failure",
        Verdict::Errored => "error",
        Verdict::Passed | Verdict::Flaky => return case.write_empty().map(drop),
    };
    case.write_inner_content(|xml| {
        xml.create_element(tag).with_attribute(("message", message.as_str())).write_empty().map(drop)
    })?;
    Ok(())
}

fn write_case(xml: &mut Xml, suite: &Suite<'_>, outcome: &StepOutcome, record: &RunRecord) -> io::Result<()> {
    let step = &outcome.step;
    let name = if step.cleanup { format!("cleanup: {}", step.name) } else { step.name.clone() };
    let case = xml
        .create_element("testcase")
        .with_attribute(("name", clean(&name).as_str()))
        .with_attribute(("classname", clean(&suite.scenario.title()).as_str()))
        .with_attribute(("time", seconds(outcome.duration_ms).as_str()))
        .with_attribute(("file", clean(&step.place.file).as_str()))
        .with_attribute(("line", step.place.line.to_string().as_str()));
    let earlier: Vec<&StepOutcome> =
        suite.scenario.earlier.iter().filter(|earlier| earlier.step.index == step.index).collect();
    let attachments = list_attachments(outcome, &earlier);
    if outcome.verdict == Verdict::Passed && earlier.is_empty() && attachments.is_empty() {
        return case.write_empty().map(drop);
    }
    case.write_inner_content(|xml| {
        let mut output = String::new();
        for earlier in &earlier {
            let tag = if outcome.verdict.is_bad() { "rerunFailure" } else { "flakyFailure" };
            write_told(xml, tag, earlier, &describe(earlier, suite.scenario, record))?;
        }
        match (outcome.verdict, counted_verdict(outcome, suite.verdict)) {
            (_, Verdict::Failed) => {
                write_told(xml, "failure", outcome, &describe(outcome, suite.scenario, record))
            }
            (_, Verdict::Errored) => {
                write_told(xml, "error", outcome, &describe(outcome, suite.scenario, record))
            }
            (_, Verdict::Skipped) => {
                let reason = clean(outcome.note.as_deref().unwrap_or(""));
                xml.create_element("skipped")
                    .with_attribute(("message", reason.as_str()))
                    .write_empty()
                    .map(drop)
            }
            (Verdict::Failed | Verdict::Errored, _) => {
                output = describe(outcome, suite.scenario, record);
                Ok(())
            }
            (Verdict::Passed | Verdict::Flaky | Verdict::Skipped, _) => Ok(()),
        }?;
        output.push_str(&attachments);
        if output.is_empty() {
            return Ok(());
        }
        xml.create_element("system-out").write_text_content(BytesText::new(&output)).map(drop)
    })?;
    Ok(())
}

/// The files of a case, pictures first, one on each line, as GitLab and Jenkins' attachments plugin read them.
fn list_attachments(outcome: &StepOutcome, earlier: &[&StepOutcome]) -> String {
    let all = || std::iter::once(outcome).chain(earlier.iter().copied()).flat_map(|one| &one.artifacts);
    let pictures = all().filter(|artifact| artifact.is_picture());
    let files = pictures.chain(all().filter(|artifact| !artifact.is_picture()));
    files.fold(String::new(), |text, file| text + &format!("[[ATTACHMENT|{}]]\n", clean(&file.path)))
}

fn write_told(xml: &mut Xml, tag: &str, outcome: &StepOutcome, text: &str) -> io::Result<()> {
    let kind = outcome.error.as_ref().map_or("expectation", |error| error.cause.name());
    xml.create_element(tag)
        .with_attribute(("message", clean(&summarise_step(outcome)).as_str()))
        .with_attribute(("type", kind))
        .write_text_content(BytesText::new(text))
        .map(drop)
}

/// The step as the terminal tells it, without colours.
fn describe(outcome: &StepOutcome, scenario: &ScenarioRecord, record: &RunRecord) -> String {
    let target = &record.target;
    let telling = Telling {
        target: &target.url,
        insecure: target.insecure,
        several_actors: scenario.has_several_actors(),
    };
    let mut sheet = Sheet::new(WIDTH, Symbols::choose(true));
    render_step(&mut sheet, outcome, &telling);
    let lines: Vec<String> = sheet.into_lines().iter().map(super::text::Line::to_text).collect();
    format!("\n{}\n", lines.join("\n"))
}

/// Text that XML 1.0 can hold (section 2.2 forbids most control characters, escaped ones too).
fn clean(text: &str) -> String {
    make_harmless(text).into_owned()
}

fn seconds(milliseconds: f64) -> String {
    format!("{:.3}", milliseconds.max(0.0) / 1_000.0)
}

/// The schema's time stamp is without zone and fraction; ours are UTC.
fn without_zone(at: &str) -> &str {
    at.split(['.', 'Z']).next().unwrap_or(at)
}
