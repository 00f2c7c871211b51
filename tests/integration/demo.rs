//! The built-in site, whole and with each of its faults, judged by the built-in specs.

use std::io::{BufRead as _, BufReader, Read as _};
use std::time::{Duration, Instant};

use smokegate::demo::Fault;

use crate::support::{Document, both_browsers, signal, smokegate};

/// For each fault the steps that a person would point at.
const POINTED_AT: &[(&str, &[&str])] = &[
    (
        "css-missing",
        &[
            "Static files load: everything that the home page names loads",
            "A visitor starts a to-do list: every stylesheet, script, image and font it names loads",
            "Edith logs in once, for HTTP and browser alike: the browser knows her",
        ],
    ),
    (
        "css-as-html",
        &[
            "Static files load: everything that the home page names loads",
            "A visitor starts a to-do list: every stylesheet, script, image and font it names loads",
            "Edith logs in once, for HTTP and browser alike: the browser knows her",
        ],
    ),
    (
        "css-wrong-type",
        &[
            "Static files load: everything that the home page names loads",
            "A visitor starts a to-do list: every stylesheet, script, image and font it names loads",
            "Edith logs in once, for HTTP and browser alike: the browser knows her",
        ],
    ),
    (
        "css-truncated",
        &[
            "Static files load: everything that the home page names loads",
            "A visitor starts a to-do list: every stylesheet, script, image and font it names loads",
            "Edith logs in once, for HTTP and browser alike: the browser knows her",
        ],
    ),
    (
        "image-missing",
        &[
            "Static files load: everything that the home page names loads",
            "A visitor starts a to-do list: every stylesheet, script, image and font it names loads",
            "Edith logs in once, for HTTP and browser alike: the browser knows her",
        ],
    ),
    (
        "font-missing",
        &[
            "Static files load: everything that the home page names loads",
            "A visitor starts a to-do list: every stylesheet, script, image and font it names loads",
            "Edith logs in once, for HTTP and browser alike: she logs out in the browser",
        ],
    ),
    (
        "integrity",
        &[
            "Static files load: everything that the home page names loads",
            "A visitor starts a to-do list: every stylesheet, script, image and font it names loads",
            "Edith logs in once, for HTTP and browser alike: she logs out in the browser",
        ],
    ),
    (
        "script-throws",
        &[
            "A visitor starts a to-do list: open /",
            "Edith logs in once, for HTTP and browser alike: she logs out in the browser",
        ],
    ),
    (
        "schema-behind",
        &[
            "The form writes to the database: a new list is started",
            "The API reads, writes and refuses: a list is made",
            "A visitor starts a to-do list: fill #id_new_item, press Enter",
        ],
    ),
    (
        "write-lost",
        &[
            "The form writes to the database: the row is in the database",
            "The API reads, writes and refuses: it can be read again",
            "A visitor starts a to-do list: the row is really in the database",
        ],
    ),
    (
        "csrf-broken",
        &[
            "The form writes to the database: a new list is started",
            "A visitor starts a to-do list: fill #id_new_item, press Enter",
            "Edith logs in once, for HTTP and browser alike: she logs in over HTTP",
        ],
    ),
    // Lists of others are named on the home page, and may be gone when their links are followed.
    ("leak", &["A visitor starts a to-do list: a second visitor sees nothing of it"]),
    (
        "debug-page",
        &["Pages are served, by the right application: an address that cannot exist is a plain 404"],
    ),
    (
        "default-page",
        &[
            "Pages are served, by the right application: the home page is served, and in time",
            "Static files load: everything that the home page names loads",
            "The API reads, writes and refuses: without a token it refuses",
            "The form writes to the database: a new list is started",
            "Edith logs in once, for HTTP and browser alike: she logs in over HTTP",
            "A visitor starts a to-do list: the home page is served",
        ],
    ),
    (
        "bad-gateway",
        &[
            "Pages are served, by the right application: the home page is served, and in time",
            "Static files load: everything that the home page names loads",
            "The API reads, writes and refuses: without a token it refuses",
            "The form writes to the database: a new list is started",
            "Edith logs in once, for HTTP and browser alike: she logs in over HTTP",
            "A visitor starts a to-do list: the home page is served",
        ],
    ),
    ("api-down", &["The API reads, writes and refuses: without a token it refuses"]),
    (
        "slow",
        &[
            "Pages are served, by the right application: the home page is served, and in time",
            "A visitor starts a to-do list: the home page is served",
        ],
    ),
];

/// For each fault the code of its diagnosis.
const DIAGNOSED: &[(&str, &str)] = &[
    ("css-missing", "static.missing"),
    ("css-as-html", "static.html_instead"),
    ("css-wrong-type", "static.wrong_type"),
    ("css-truncated", "static.truncated"),
    ("image-missing", "static.missing"),
    ("font-missing", "static.missing"),
    ("integrity", "static.integrity"),
    ("script-throws", "script.exception"),
    ("schema-behind", "database.schema"),
    ("write-lost", "database.write_lost"),
    ("csrf-broken", "session.csrf"),
    ("leak", "session.leak"),
    ("debug-page", "application.debug_page"),
    ("default-page", "proxy.default_page"),
    ("bad-gateway", "proxy.bad_gateway"),
    ("api-down", "proxy.unavailable"),
    ("slow", "speed.slow"),
];

fn run_demo(fault: Option<&str>) -> (i32, String, Document) {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    let option = format!("json={}", report.display());
    let mut arguments = vec!["demo", "--report", &option];
    arguments.extend(fault.iter().flat_map(|fault| ["--fault", fault]));
    let output = smokegate(&arguments).folder(&folder).run();
    assert_eq!(output.stderr, "", "{}", output.stdout);
    (output.code, output.stdout, Document::read(&report))
}

/// Exactly these steps fail, whatever the browser, and the cause has its code, evidence and advice.
fn assert_pointed_at(fault: &str) {
    let (code, text, document) = run_demo(Some(fault));
    assert_eq!(code, 1, "{text}");
    let (_, expected) = POINTED_AT.iter().find(|(name, _)| *name == fault).unwrap();
    let mut failed = document.failed_steps();
    failed.retain(|step| fault != "leak" || !step.ends_with("behind it leads somewhere"));
    failed.sort();
    let mut expected: Vec<String> = expected.iter().map(|&step| step.to_owned()).collect();
    expected.sort();
    assert_eq!(failed, expected, "{text}");
    let (_, code) = DIAGNOSED.iter().find(|(name, _)| *name == fault).unwrap();
    let diagnosis = &document.0["diagnosis"];
    assert_eq!(diagnosis["code"], *code, "{text}");
    assert!(diagnosis["evidence"].as_array().is_some_and(|lines| !lines.is_empty()), "{text}");
    assert!(diagnosis["advice"].as_array().is_some_and(|lines| !lines.is_empty()), "{text}");
    assert_eq!(text.matches(code).count(), 1, "the cause is told once\n{text}");
}

macro_rules! faults {
    ($($test:ident $fault:literal;)*) => {
        $(fn $test() {
            assert_pointed_at($fault);
        })*

        both_browsers! {
            $($test)*
            the_whole_site_is_green_and_the_report_is_short
        }

        #[test]
        fn every_fault_has_a_test() {
            let tested = [$($fault),*];
            let all: Vec<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
            assert_eq!(all, tested);
        }
    };
}

faults! {
    a_stylesheet_that_is_missing "css-missing";
    a_stylesheet_that_is_a_page "css-as-html";
    a_stylesheet_of_another_type "css-wrong-type";
    a_stylesheet_that_is_cut_short "css-truncated";
    an_image_that_is_missing "image-missing";
    a_font_that_is_missing "font-missing";
    a_script_of_another_build "integrity";
    a_script_that_throws "script-throws";
    a_database_that_was_not_migrated "schema-behind";
    a_write_that_is_lost "write-lost";
    forms_that_are_refused "csrf-broken";
    visitors_who_see_each_others_lists "leak";
    debug_mode "debug-page";
    the_web_servers_welcome_page "default-page";
    an_application_that_is_down "bad-gateway";
    an_api_that_is_down "api-down";
    a_page_that_is_slow "slow";
}

fn the_whole_site_is_green_and_the_report_is_short() {
    let (code, text, document) = run_demo(None);
    assert_eq!(code, 0, "{text}");
    assert_eq!(document.0["verdict"], "passed");
    assert_eq!(document.0["diagnosis"], serde_json::Value::Null);
    assert_eq!(document.0["counts"]["passed"], 6);
    let cleanup = document.scenarios().iter().flat_map(|scenario| scenario["cleanup"].as_array().unwrap());
    assert!(cleanup.filter(|step| step["verdict"] == "passed").count() >= 3, "cleanups ran");
    assert!(text.lines().count() < 15, "{text}");
}

#[test]
fn a_fault_that_does_not_exist_is_a_usage_error() {
    let output = smokegate(["demo", "--fault", "css-mising"]).run();
    assert_eq!(output.code, 2, "{}", output.stdout);
    assert!(output.stderr.contains("did you mean `css-missing`?"), "{}", output.stderr);
}

#[test]
fn keep_running_leaves_the_site_up_until_it_is_interrupted() {
    let mut child = smokegate(["demo", "--keep-running"]).spawn();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let note = lines.next().unwrap().unwrap();
    let url = note.split("is up at ").nth(1).and_then(|rest| rest.split(',').next()).unwrap().to_owned();
    let answered = std::net::TcpStream::connect(url.trim_start_matches("http://").trim_end_matches('/'));
    assert!(answered.is_ok(), "{note}");
    let started = Instant::now();
    signal(&child, "INT");
    child.wait().unwrap();
    let mut rest = String::new();
    let _ = child.stdout.take().unwrap().read_to_string(&mut rest);
    assert!(started.elapsed() < Duration::from_secs(5));
}
