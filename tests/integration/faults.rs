//! The faults of the built-in site that are seen without a browser: each fails where a person would point.

use crate::support::{Demo, folder_with, run_with_reports};

/// The steps that fail in the specs that need no browser.
fn failed_steps(fault: Option<&str>) -> Vec<String> {
    let specs = ["pages", "assets", "api", "forms"].map(|name| {
        let path = format!("{}/specs/demo/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        (format!("specs/{name}.toml"), std::fs::read_to_string(path).unwrap())
    });
    let demo = Demo::start(fault);
    let project = demo.project();
    let mut files = vec![("smokegate.toml", project.as_str())];
    files.extend(specs.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let folder = folder_with(&files);
    let judged = run_with_reports(&folder, &[], &[]);
    judged.assert_code(i32::from(fault.is_some()));
    assert_eq!(demo.items(), 0, "{fault:?}: data is left behind\n{}", judged.output.stdout);
    judged.document().failed_steps()
}

const ASSETS: &str = "Static files load: everything that the home page names loads";
const HOME: &str = "Pages are served, by the right application: the home page is served, and in time";
const PLAIN_404: &str =
    "Pages are served, by the right application: an address that cannot exist is a plain 404";
const NEW_LIST: &str = "The form writes to the database: a new list is started";
const NEW_LIST_BY_API: &str = "The API reads, writes and refuses: a list is made";
const ROW: &str = "The form writes to the database: the row is in the database";
const READ_BY_API: &str = "The API reads, writes and refuses: it can be read again";
const API: &str = "The API reads, writes and refuses: without a token it refuses";

#[test]
fn the_whole_site_passes() {
    assert_eq!(failed_steps(None), Vec::<String>::new());
}

#[test]
fn faults_of_static_files_fail_where_assets_are_fetched() {
    for fault in [
        "css-missing",
        "css-as-html",
        "css-wrong-type",
        "css-truncated",
        "image-missing",
        "font-missing",
        "integrity",
    ] {
        assert_eq!(failed_steps(Some(fault)), [ASSETS], "{fault}");
    }
}

#[test]
fn faults_of_writing_fail_where_something_is_written_or_looked_for() {
    for (fault, expected) in [
        ("schema-behind", &[NEW_LIST_BY_API, NEW_LIST][..]),
        ("write-lost", &[READ_BY_API, ROW]),
        ("csrf-broken", &[NEW_LIST]),
    ] {
        assert_eq!(failed_steps(Some(fault)), expected, "{fault}");
    }
}

#[test]
fn faults_of_pages_and_of_the_api_fail_at_the_first_of_them() {
    for (fault, expected) in [
        ("debug-page", &[PLAIN_404][..]),
        ("slow", &[HOME]),
        ("api-down", &[API]),
        ("default-page", &[API, ASSETS, NEW_LIST, HOME]),
        ("bad-gateway", &[API, ASSETS, NEW_LIST, HOME]),
    ] {
        assert_eq!(failed_steps(Some(fault)), expected, "{fault}");
    }
}
