//! Every subject with every predicate that it allows, holding and not holding, through the program and against real
//! servers. The cases are made from the tables: a new row without a sample fails here.

mod actual;
mod browser;
mod network;
mod samples;
mod site;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use insta::{assert_snapshot, with_settings};
use regex::Regex;
use smokegate::expect::{ELEMENT_PROPERTIES, Family, PREDICATES, SUBJECTS, Unit};

use self::samples::{SAMPLES, Sample};
use self::site::Stage;
use crate::support::{Document, golden, smokegate};

/// A row of the tables: the name, what it is measured in, whether it can have several values.
struct Row {
    name: String,
    unit: Unit,
    several: bool,
    families: &'static [Family],
}

/// All subjects, with the properties of `element` in place of `element` itself.
fn rows() -> Vec<Row> {
    let plain = SUBJECTS.iter().filter(|row| row.name != "element").map(|row| Row {
        name: row.name.to_owned(),
        unit: row.unit,
        several: row.is_several_with(None),
        families: row.families,
    });
    let elements = ELEMENT_PROPERTIES.iter().map(|row| Row {
        name: format!("element.{}", row.name),
        unit: row.unit,
        several: row.name != "count",
        families: row.families,
    });
    plain.chain(elements).collect()
}

/// The predicates that can be said of a row.
fn allowed(row: &Row) -> Vec<&'static str> {
    PREDICATES
        .iter()
        .filter(|predicate| predicate.allows(row.unit, row.several))
        .map(|row| row.name)
        .collect()
}

fn row_of(sample: &Sample) -> Row {
    rows()
        .into_iter()
        .find(|row| row.name == sample.row)
        .unwrap_or_else(|| panic!("there is no row {}", sample.row))
}

/// The predicates of a sample, each with a value that holds and one that does not.
fn cases(sample: &Sample, site: &str) -> Vec<(&'static str, String, String)> {
    let row = row_of(sample);
    let made = allowed(&row).into_iter().filter_map(|name| {
        let (holds, fails) = sample.actual.arguments(name, row.unit, site)?;
        Some((name, holds, fails))
    });
    made.collect()
}

#[test]
fn every_row_of_the_tables_has_a_sample_for_each_of_its_predicates() {
    // What browsers see is in `browser`, and what names and certificates say in `network`.
    let elsewhere = |row: &Row| {
        [[Family::Browser], [Family::Script], [Family::Screenshot], [Family::Dns], [Family::Tls]]
            .iter()
            .any(|one| row.families == one)
    };
    assert_complete(SAMPLES, |row| !elsewhere(row));
}

/// Every row that is asked for has samples that make a case of each predicate that it allows.
fn assert_complete(samples: &[Sample], is_asked_for: impl Fn(&Row) -> bool) {
    let mut missing = BTreeSet::new();
    for row in rows().iter().filter(|row| is_asked_for(row)) {
        let own: Vec<&Sample> = samples.iter().filter(|sample| sample.row == row.name).collect();
        for predicate in allowed(row) {
            if !own.iter().any(|sample| sample.actual.arguments(predicate, row.unit, "http://x").is_some()) {
                missing.insert(format!("{} {predicate}", row.name));
            }
        }
    }
    assert!(missing.is_empty(), "no sample for {missing:?}");
}

#[test]
fn every_subject_holds_and_fails_by_every_predicate_that_it_allows() {
    judge(&Stage::start(), SAMPLES, "", "mismatches");
}

/// One step for all that holds, one step for each group of what does not.
fn write_spec(stage: &Stage, samples: &[Sample]) -> String {
    let mut spec = String::new();
    for (number, sample) in samples.iter().enumerate() {
        let cases = cases(sample, &stage.url());
        let holding = cases.iter().map(|(name, holds, _)| format!("{name} = {holds}"));
        let failing = cases.iter().map(|(name, _, fails)| format!("{name} = {fails}"));
        // A browser looks again until the time is over, of which opening a page needs some.
        let is_slow = ["open", "screenshot"].iter().any(|word| sample.action.contains(word));
        let timeout = if is_slow { "4s" } else { "200ms" };
        let end = format!("timeout = {timeout:?}\noptional = true\n");
        for (kind, end, predicates) in
            [("holds", "", holding.collect::<Vec<_>>()), ("fails", end.as_str(), failing.collect())]
        {
            let within = if cases.iter().any(|(name, ..)| *name == "near") { ", within = 0.5" } else { "" };
            let action = sample.action;
            let predicates = predicates.join(", ");
            writeln!(
                spec,
                "[[step]]\nname = \"{kind} {number}\"\n{action}\n{end}\
                 allow = [\"status\", \"assets\", \"addresses\", \"console.errors\", \"requests.failed\", \"differs\"]\nexpect.{} = {{ {predicates}{within} }}\n",
                sample.subject
            )
            .unwrap();
        }
    }
    spec
}

/// Runs all cases of some samples; what is told of those that fail is golden.
fn judge(stage: &Stage, samples: &[Sample], before: &str, golden_file: &str) {
    stage.write("specs/matrix.toml", &format!("writes = true\n{before}{}", write_spec(stage, samples)));
    let output = smokegate(["run", "--report", "json=report.json"]).folder(stage.folder()).run();
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{}", output.stdout);
    let document = Document::read(&stage.folder().join("report.json"));
    let mut told = String::new();
    for (number, sample) in samples.iter().enumerate() {
        let holding = checks(&document, &format!("holds {number}"));
        let failing = checks(&document, &format!("fails {number}"));
        let expected = cases(sample, &stage.url()).len();
        assert_eq!(
            (holding.len(), failing.len()),
            (expected, expected),
            "{}: {holding:?} {failing:?}",
            sample.subject
        );
        let wrong: Vec<&Told> = holding
            .iter()
            .filter(|check| !check.holds)
            .chain(failing.iter().filter(|check| check.holds))
            .collect();
        assert!(wrong.is_empty(), "{} ({}): {wrong:#?}", sample.subject, sample.what);
        let actual = &failing[0].actual;
        assert!(failing.iter().all(|check| check.actual == *actual), "{failing:#?}");
        writeln!(told, "{} ({})\n  found    {actual}", sample.subject, sample.what).unwrap();
        for check in &failing {
            writeln!(told, "  expected {}", check.expected).unwrap();
        }
        told.push('\n');
    }
    with_settings!({ snapshot_path => golden(), prepend_module_to_snapshot => false, omit_expression => true }, {
        assert_snapshot!(golden_file, redact(&told));
    });
}

#[derive(Debug)]
struct Told {
    holds: bool,
    expected: String,
    actual: String,
}

fn checks(document: &Document, step: &str) -> Vec<Told> {
    let text = |check: &serde_json::Value, key: &str| check[key].as_str().unwrap().to_owned();
    let checks = document.step(step)["checks"].as_array().unwrap();
    checks
        .iter()
        .map(|check| Told {
            holds: check["holds"].as_bool().unwrap(),
            expected: text(check, "expected"),
            actual: text(check, "actual"),
        })
        .collect()
}

/// What was measured, and the port, are different in each run.
fn redact(text: &str) -> String {
    let text = Regex::new(r"found    [\d.]+m?s").unwrap().replace_all(text, "found    N ms");
    Regex::new(r"127\.0\.0\.1:\d+").unwrap().replace_all(&text, "HOST").into_owned()
}
