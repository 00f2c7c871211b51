//! Reports of real runs: the promised shapes, and no secret in any of them.

use std::process::Command;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use serde_json::Value;
use smokegate::event::Event;

use crate::support::{Demo, Judged, Site, folder_with, run_with_reports};

fn schema() -> jsonschema::Validator {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/specs/report.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[track_caller]
fn assert_well_formed(judged: &Judged, folder: &tempfile::TempDir) {
    let document: Value = serde_json::from_str(&judged.json).unwrap();
    let problems: Vec<String> = schema().iter_errors(&document).map(|problem| problem.to_string()).collect();
    assert!(problems.is_empty(), "{problems:?}\n{}", judged.json);
    assert_eq!(document["exit_code"], judged.output.code);
    for line in judged.jsonl.lines() {
        let event: Event = serde_json::from_str(line).unwrap();
        assert_eq!(
            serde_json::to_value(&event).unwrap(),
            serde_json::from_str::<Value>(line).unwrap(),
            "both ways"
        );
    }
    let lint =
        Command::new("xmllint").arg("--noout").arg(folder.path().join("report.junit")).output().unwrap();
    assert!(lint.status.success(), "{}\n{}", String::from_utf8_lossy(&lint.stderr), judged.junit);
}

#[test]
fn documents_of_real_runs_have_the_promised_shape() {
    let specs = ["pages", "assets", "api", "forms"].map(|name| {
        let path = format!("{}/specs/demo/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        (format!("specs/{name}.toml"), std::fs::read_to_string(path).unwrap())
    });
    for (fault, code, failed) in [
        (None, 0, 0),
        (Some("css-as-html"), 1, 1),
        (Some("schema-behind"), 1, 2),
        (Some("bad-gateway"), 1, 4),
    ] {
        let demo = Demo::start(fault);
        let project = demo.project();
        let mut files = vec![("smokegate.toml", project.as_str())];
        files.extend(specs.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        let folder = folder_with(&files);
        let judged = run_with_reports(&folder, &[], &[]);
        judged.assert_code(code);
        assert_well_formed(&judged, &folder);
        assert_eq!(judged.document().0["counts"]["failed"], failed, "{fault:?}: {}", judged.output.stdout);
    }
}

#[test]
fn errored_skipped_and_awkward_scenarios_have_the_promised_shape_too() {
    let site = Site::start(Router::new().route("/", get(|| async { "a \u{1} <b> & ]]> \u{fffe} ü" })));
    let folder = folder_with(&[
        ("specs/sql.toml", "name = \"asks <the> & \\\"database\\\"\"\n[[step]]\nsql = \"select 1\"\n"),
        ("specs/needs.toml", "needs = [\"sql\"]\n[[step]]\nget = \"/\"\n"),
        ("specs/odd.toml", "[[case]]\nx = 1\n[[step]]\nget = \"/?{{ case.x }}\"\nexpect.body = \"]]>\"\n"),
    ]);
    let judged = run_with_reports(&folder, &["--url", &site.url()], &[]);
    judged.assert_code(1);
    assert_well_formed(&judged, &folder);
    assert!(judged.junit.contains("<error"), "{}", judged.junit);
    let folder = folder_with(&[("specs/a.toml", "[[step]]\nget = \"/\"\n")]);
    let judged = run_with_reports(&folder, &["--url", "http://127.0.0.1:1"], &[]);
    judged.assert_code(1);
    assert_well_formed(&judged, &folder);
}

#[test]
fn a_secret_stands_in_no_report_whichever_way_the_site_sends_it_back() {
    let echo = |headers: HeaderMap| async move {
        let key = headers.get("x-key").map_or("", |value| value.to_str().unwrap()).to_owned();
        let json = serde_json::to_string(&key).unwrap();
        // The end of an excerpt cuts the last one in two.
        let lines = format!("{key}\n{json}\n{}\n", serde_json::to_string(&json).unwrap());
        format!("{lines}{}{key}", "x".repeat(2_000 - lines.chars().count() - 12))
    };
    let site = Site::start(Router::new().route("/", get(echo)));
    let folder = folder_with(&[(
        "specs/a.toml",
        "[[step]]\nget = \"/\"\nheaders = { x-key = \"{{ secret.KEY }}\" }\nquery = { key = \"{{ secret.KEY }}\" }\n\
         bearer = \"{{ secret.KEY }}\"\nexpect.status = 201\nexpect.body = \"{{ secret.KEY }}\"\n\
         expect.header.nothing = \"{{ secret.KEY }}\"\n",
    )]);
    let judged =
        run_with_reports(&folder, &["--url", &site.url()], &[("KEY", "Tr0ub4dor \"&3\" zebra-crossing")]);
    judged.assert_code(1);
    for text in judged.texts() {
        for part in ["Tr0ub", "zebra", "0ub4"] {
            assert!(!text.contains(part), "{part} leaks in {text}");
        }
    }
    assert!(judged.jsonl.contains("{{ secret.KEY }}"));
    assert_well_formed(&judged, &folder);
}
