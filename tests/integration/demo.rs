//! `smokegate demo`: the built-in specs against the built-in site, browser included.

use crate::support::{Document, smokegate};

/// The steps of a run of the demo that failed, and its exit code.
fn run_demo(fault: Option<&str>) -> (i32, Vec<String>, String) {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    let report_option = format!("json={}", report.display());
    let mut arguments = vec!["demo", "--report", &report_option];
    arguments.extend(fault.iter().flat_map(|name| ["--fault", name]));
    let output = smokegate(&arguments).run();
    let told = output.stdout + &output.stderr;
    assert!(report.exists(), "{told}");
    (output.code, Document::read(&report).failed_steps(), told)
}

const OPEN: &str = "A visitor starts a to-do list: open /";
const PRESS: &str = "A visitor starts a to-do list: fill #id_new_item, press Enter";
const FRANCIS: &str = "A visitor starts a to-do list: a second visitor sees nothing of it";
const LOG_IN: &str = "Edith logs in once, for HTTP and browser alike: she logs in over HTTP";
const LOG_OUT: &str = "Edith logs in once, for HTTP and browser alike: she logs out in the browser";

#[test]
fn the_whole_site_passes() {
    let (code, failed, told) = run_demo(None);
    assert_eq!((code, failed.as_slice()), (0, &[][..]), "{told}");
    assert!(told.contains("6 passed in"), "{told}");
}

/// The steps that fail in the scenarios with a browser; those without one have tests of their own.
#[track_caller]
fn assert_fails_at(fault: &str, expected: &[&str]) {
    let (code, failed, told) = run_demo(Some(fault));
    let in_browser = |step: &&String| step.starts_with("A visitor") || step.starts_with("Edith");
    assert_eq!(code, 1, "{told}");
    assert_eq!(failed.iter().filter(in_browser).collect::<Vec<_>>(), expected, "{told}");
}

#[test]
fn a_script_that_throws_fails_where_the_page_is_opened() {
    assert_fails_at("script-throws", &[OPEN, LOG_OUT]);
}

#[test]
fn a_leak_fails_where_the_second_visitor_looks() {
    assert_fails_at("leak", &[FRANCIS]);
}

#[test]
fn refused_forms_fail_where_they_are_sent() {
    assert_fails_at("csrf-broken", &[PRESS, LOG_IN]);
}

#[test]
fn an_unknown_fault_is_refused_with_the_one_that_was_meant() {
    let output = smokegate(["demo", "--fault", "css-mising"]).run();
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("did you mean `css-missing`?"), "{}", output.stderr);
}
