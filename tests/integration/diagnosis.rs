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
    let page = "<title>Welcome to nginx!</title><h1>We met nginx</h1>";
    let site = Site::start(Router::new().route("/article", get(move || async move { Html(page) })));
    let (code, text, document) =
        judge("[[step]]\nget = \"/article\"\nexpect.title = \"Shop\"\n", &site.url());
    assert_eq!(code, 1, "{text}");
    assert_eq!(document.0["diagnosis"]["code"], "unknown", "a wrong name is worse than none: {text}");
    assert!(text.contains("asked afterwards: "), "{text}");
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

#[test]
fn diagnose_tells_each_layer_and_goes_on_past_a_broken_one() {
    let demo = Demo::start(None);
    let output = smokegate(["diagnose", &demo.url()]).run();
    assert_eq!(output.code, 0, "{}", output.stdout);
    for told in [
        "DNS: the name has an address  127.0.0.1 is an address",
        "TCP: something listens",
        "no login stands",
        "its forms are whole  POST /",
        "8 × 200",
    ] {
        assert!(output.stdout.contains(told), "{told}: {}", output.stdout);
    }
    let demo = Demo::start(Some("css-missing"));
    let output = smokegate(["diagnose", &demo.url()]).run();
    assert!(output.stdout.contains("8 × 200"), "what lies above was looked at: {}", output.stdout);
}

/// Answers in turns, as workers do.
fn take_turns(path: &str, answers: [&'static str; 2]) -> Site {
    let turn = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let answer = move || {
        let turn = turn.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        async move { ([("content-type", "application/json")], answers[turn % 2]) }
    };
    Site::start(Router::new().route(path, get(answer)))
}

const PROJECT: &str =
    "[target.site]\nurl = \"{url}\"\nrevision = { get = \"/version\", from = \"json.$.sha\" }\n";

#[test]
fn an_expected_revision_is_asked_for_on_every_worker() {
    for (answers, code, expected) in [
        ([r#"{"sha":"new"}"#; 2], 0, None),
        ([r#"{"sha":"old"}"#; 2], 1, Some("release.stale")),
        ([r#"{"sha":"new"}"#, r#"{"sha":"old"}"#], 1, Some("release.mixed")),
    ] {
        let site = take_turns("/version", answers);
        let project = PROJECT.replace("{url}", &site.url());
        let spec = "[[step]]\nget = \"/version\"\n";
        let folder = folder_with(&[("smokegate.toml", &project), ("specs/a.toml", spec)]);
        let judged = run_with_reports(&folder, &["--revision", "new"], &[]);
        assert_eq!(judged.output.code, code, "{}{}", judged.output.stdout, judged.output.stderr);
        assert_eq!(judged.document().0["diagnosis"]["code"].as_str(), expected, "{}", judged.output.stdout);
        assert!(!judged.output.stdout.contains("smokegate run --revision"), "{}", judged.output.stdout);
        let by_environment = run_with_reports(&folder, &[], &[("SMOKEGATE_REVISION", "new")]);
        assert_eq!(by_environment.output.code, code);
    }
    let site = site();
    let folder = folder_with(&[("specs/a.toml", "[[step]]\nget = \"/article\"\n")]);
    let judged = run_with_reports(&folder, &["--url", &site.url(), "--revision", "new"], &[]);
    assert_eq!(judged.output.code, 2);
    assert!(
        judged.output.stderr.contains("does not say where its revision is seen"),
        "{}",
        judged.output.stderr
    );
}

const MARK: &str = "[target.site]\nurl = \"{url}\"\n\n[[mark]]\nname = \"our maintenance page\"\ncode = \"proxy.unavailable\"\n\
    what = \"our maintenance page, until {until}\"\ntitle = \"^Example Ltd: back soon$\"\n\
    text = 'back at (?P<until>\\d\\d:\\d\\d)'\nadvice = [\"run `deploy maintenance off`\"]\n";

#[test]
fn a_page_that_a_team_knows_is_named_by_its_own_mark() {
    let page = "<title>Example Ltd: back soon</title><h1>Back soon</h1><p>We are back at 17:30.";
    let site = Site::start(Router::new().route("/", get(move || async move { Html(page) })));
    let project = MARK.replace("{url}", &site.url());
    let spec = "[[step]]\nget = \"/\"\nexpect.status = 200\n";
    let folder = folder_with(&[("smokegate.toml", &project), ("specs/a.toml", spec)]);
    let judged = run_with_reports(&folder, &[], &[]);
    assert_eq!(judged.output.code, 1, "{}{}", judged.output.stdout, judged.output.stderr);
    let diagnosis = &judged.document().0["diagnosis"];
    assert_eq!(diagnosis["code"], "proxy.unavailable");
    assert_eq!(diagnosis["advice"][0], "run `deploy maintenance off`");
    assert!(judged.output.stdout.contains("our maintenance page, until 17:30"), "{}", judged.output.stdout);
}

#[test]
fn every_mistake_in_a_mark_is_told_at_its_place() {
    for (from, to, told) in [
        ("proxy.unavailable", "proxy.unavailabel", "did you mean `proxy.unavailable`?"),
        ("title =", "titel =", "did you mean `title`?"),
        ("(?P<until>", "(?P<until", "not a regular expression"),
        ("name =", "judged = \"allways\"\nname =", "did you mean `always`?"),
        ("code = \"proxy.unavailable\"\n", "", "a mark needs a name and the diagnosis"),
    ] {
        let project = MARK.replace("{url}", "http://127.0.0.1:9").replace(from, to);
        let folder =
            folder_with(&[("smokegate.toml", &project), ("specs/a.toml", "[[step]]\nget = \"/\"\n")]);
        let output = smokegate(["check"]).folder(&folder).run();
        assert_eq!(output.code, 2, "{project}");
        assert!(
            output.stderr.contains(told) && output.stderr.contains("smokegate.toml:"),
            "{told}: {}",
            output.stderr
        );
    }
}
