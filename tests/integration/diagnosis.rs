//! What is broken is named: by pages that bear its mark, once for a run, and in every report.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;

use crate::support::{Demo, Document, Site, folder_with, run_with_reports, smokegate};

const WELCOME: &str = include_str!("../../src/demo/templates/welcome_to_nginx.html");
const BAD_GATEWAY: &str = include_str!("../../src/demo/templates/bad_gateway.html");

fn site() -> Site {
    Site::start(
        Router::new()
            .route("/", get(|| async { Html(WELCOME) }))
            .route("/gone", get(|| async { (StatusCode::BAD_GATEWAY, Html(BAD_GATEWAY)) }))
            .route(
                "/article",
                get(|| async { Html("<title>Welcome to nginx!</title><h1>We met nginx</h1>") }),
            ),
    )
}

fn judge(steps: &str, url: &str) -> (i32, String, Document) {
    let folder = folder_with(&[("specs/a.toml", steps)]);
    let judged = run_with_reports(&folder, &["--url", url], &[]);
    (judged.output.code, judged.output.stdout.clone(), judged.document())
}

#[test]
fn a_page_with_the_mark_of_a_broken_deployment_fails_whatever_was_expected() {
    let site = site();
    let (code, text, document) =
        judge("[[step]]\nget = \"/\"\nexpect.status = 200\nexpect.title.exists = true\n", &site.url());
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("nginx's welcome page"), "{text}");
    assert_eq!(document.0["diagnosis"]["code"], "proxy.default_page");
    assert_eq!(document.0["diagnosis"]["layer"], "proxy");
    assert_eq!(document.0["diagnosis"]["certainty"], "certain");
    assert_eq!(document.scenarios()[0]["diagnosis"]["code"], "proxy.default_page");
}

#[test]
fn it_passes_where_that_very_status_is_expected_or_the_mark_is_allowed() {
    let site = site();
    for steps in [
        "[[step]]\nget = \"/gone\"\nexpect.status = 502\n",
        "[[step]]\nget = \"/\"\nallow = [\"mark\"]\nexpect.status = 200\n",
        "[[step]]\nget = \"/article\"\nexpect.status = 200\n",
    ] {
        let (code, text, document) = judge(steps, &site.url());
        assert_eq!(code, 0, "{text}");
        assert_eq!(document.0["diagnosis"], serde_json::Value::Null);
    }
}

#[test]
fn a_form_that_is_not_there_is_explained_by_the_page_that_is() {
    let site = site();
    let (code, text, document) = judge(
        "writes = true\n[[step]]\nsubmit = \"form\"\npage = \"/\"\nfields = { text = \"x\" }\n",
        &site.url(),
    );
    assert_eq!(code, 1, "{text}");
    assert_eq!(document.0["diagnosis"]["code"], "proxy.default_page", "{text}");
}

#[test]
fn what_cannot_be_reached_is_named_and_what_is_only_wrong_is_not() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (code, text, document) = judge("[[step]]\nget = \"/\"\n", &format!("http://127.0.0.1:{port}"));
    assert_eq!(code, 1, "{text}");
    assert_eq!(document.0["diagnosis"]["code"], "network.refused", "{text}");
    let site = site();
    let (code, text, document) =
        judge("[[step]]\nget = \"/article\"\nexpect.title = \"Shop\"\n", &site.url());
    assert_eq!(code, 1, "{text}");
    assert_eq!(document.0["diagnosis"], serde_json::Value::Null, "a wrong name is worse than none: {text}");
}

#[test]
fn explain_knows_every_code() {
    for known in smokegate::diagnose::CODES {
        let output = smokegate(["explain", known.code]).run();
        assert_eq!(output.code, 0, "{}", output.stderr);
        assert!(
            output.stdout.contains(known.meaning) && output.stdout.contains(known.sign),
            "{}",
            output.stdout
        );
    }
    let output = smokegate(["explain", "database.shema"]).run();
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("did you mean `database.schema`?"), "{}", output.stderr);
}

#[test]
fn diagnose_walks_the_layers_without_a_spec() {
    let site = site();
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    let option = format!("json={}", report.display());
    let output = smokegate(["diagnose", &site.url(), "--report", &option]).run();
    assert_eq!(output.code, 1, "{}", output.stdout);
    assert!(output.stdout.contains("TCP: something listens"), "{}", output.stdout);
    assert_eq!(Document::read(&report).0["diagnosis"]["code"], "proxy.default_page", "{}", output.stdout);
    for (fault, expected) in [
        (None, None),
        (Some("css-missing"), Some("static.missing")),
        (Some("debug-page"), Some("application.debug_page")),
        (Some("bad-gateway"), Some("proxy.bad_gateway")),
    ] {
        let demo = Demo::start(fault);
        let output = smokegate(["diagnose", &demo.url(), "--report", &option]).run();
        assert_eq!(output.code, i32::from(fault.is_some()), "{fault:?}\n{}", output.stdout);
        assert_eq!(Document::read(&report).0["diagnosis"]["code"].as_str(), expected, "{}", output.stdout);
    }
}
