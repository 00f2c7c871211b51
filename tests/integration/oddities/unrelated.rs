//! What fails on an odd page for another reason is `unknown`: nothing that is merely there is named.

use axum::http::Method;

use super::ARTICLE;
use super::hosts::{folder_for, serve};
use crate::support::run_with_reports;

const DEBUG: &str = include_str!("../../../src/demo/templates/django_debug_404.html");

fn answer(_: &Method, host: &str, path: &str) -> (u16, &'static str, &'static str) {
    match (host, path) {
        ("shop.example", "/apex") => (301, "http://www.shop.example:PORT/plain", ""),
        (_, "/plain") => (200, "", "<title>Shop</title><h1>Welcome</h1><p>Bread, milk and tea"),
        (_, "/nginx") => (200, "", ARTICLE),
        (_, "/balanced") => (200, "", "<title>Shop</title><p>behind a balancer"),
        ("debug.example", _) => (404, "", DEBUG),
        (_, "/") => (200, "", "<title>Shop</title><h1>Welcome</h1>"),
        _ => (404, "", "<title>Not here</title>"),
    }
}

/// The diagnosis of a spec's failure.
fn judge(host: &str, spec: &str) -> (String, String) {
    let site = serve(answer);
    let folder = folder_for(&site, host, spec);
    let judged = run_with_reports(&folder, &["--target", "site"], &[]);
    judged.assert_code(1);
    let code = judged.document().0["diagnosis"]["code"].as_str().unwrap_or_default().to_owned();
    (code, judged.output.stdout.clone())
}

fn wanting(path: &str) -> String {
    format!("[[step]]\nget = \"{path}\"\nexpect.text.contains = \"Our basket of the week\"\n")
}

#[test]
fn a_text_that_is_missing_on_an_odd_page_is_unknown() {
    for (host, path) in [("shop.example", "/nginx"), ("shop.example", "/apex"), ("debug.example", "/plain")] {
        let (code, text) = judge(host, &wanting(path));
        assert_eq!(code, "unknown", "{host}{path}: {text}");
    }
}

#[test]
fn a_debug_mode_that_has_nothing_to_do_with_it_is_told_beside() {
    let (code, text) = judge("debug.example", &wanting("/plain"));
    assert_eq!(code, "unknown", "{text}");
    assert!(text.contains("apart from that: debug mode is on"), "{text}");
}

/// A load balancer's second cookie, which plain http drops, is no session.
#[test]
fn a_cookie_that_a_load_balancer_loses_is_no_cause() {
    let spec = format!("[[step]]\nget = \"/balanced\"\n\n{}", wanting("/plain"));
    let (code, text) = judge("shop.example", &spec);
    assert_eq!(code, "unknown", "{text}");
}

mod browser {
    use axum::Router;
    use axum::response::Html;
    use axum::routing::get;

    use crate::support::{Site, both_browsers, judge_all};

    both_browsers! {
        an_error_on_the_console_that_is_allowed_is_no_cause
    }

    fn an_error_on_the_console_that_is_allowed_is_no_cause() {
        let page = "<!doctype html><link rel=icon href=data:,><title>Shop</title><p>Welcome<script>console.error('widget 7 is old')</script>";
        let site = Site::start(Router::new().route("/", get(move || async move { Html(page) })));
        let spec = "[[step]]\nopen = \"/\"\nallow = [{ console = \"^widget\" }]\ntimeout = \"6s\"\n\
            expect.text.contains = \"Our basket of the week\"\n";
        let (code, text, document) = judge_all(&site.url(), &[spec.to_owned()]);
        assert_eq!(code, 1, "{text}");
        assert_eq!(document.0["diagnosis"]["code"], "unknown", "{text}");
    }
}
