//! `assets`: a page and all that it names.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::Html;
use axum::routing::get;

use crate::support::{Site, folder_with, run_with_reports};

const PAGE: &str = "<!doctype html><title>Shop</title><link rel=stylesheet href=/site.css>\
    <link rel=stylesheet href=/gone.css><script src=/app.js></script>\
    <script src=http://cdn.invalid/lib.js></script><img src=/logo.png>";

fn site() -> Site {
    Site::start(
        Router::new()
            .route("/", get(|| async { Html(PAGE) }))
            .route(
                "/site.css",
                get(|| async { ([(CONTENT_TYPE, "text/css")], "p { background: url(dots.png) }") }),
            )
            .route("/app.js", get(|| async { Html("<!doctype html><title>Log in</title>") }))
            .route("/logo.png", get(|| async { ([(CONTENT_TYPE, "image/png")], "") })),
    )
}

#[test]
fn each_bad_asset_is_one_line_with_what_named_it() {
    let site = site();
    let folder = folder_with(&[("specs/a.toml", "[[step]]\nassets = \"/\"\n")]);
    let judged = run_with_reports(&folder, &["--url", &site.url()], &[]);
    judged.assert_code(1);
    let lines: Vec<&str> =
        judged.output.stdout.lines().map(str::trim).filter(|line| line.contains("named by")).collect();
    assert_eq!(
        lines,
        [
            "404  /dots.png  named by /site.css url()",
            "404  /gone.css  named by / <link rel=\"stylesheet\">",
            "200  /app.js  an HTML page came instead  named by / <script>",
            "200  /logo.png  empty  named by / <img>",
        ]
    );
    assert!(judged.output.stdout.contains("4 of 6 do not load"), "{}", judged.output.stdout);
    let document = judged.document();
    let checks = document.scenarios()[0]["steps"][0]["checks"].as_array().unwrap().clone();
    assert_eq!(checks.len(), 4, "{checks:?}");
}

#[test]
fn what_is_excluded_or_another_kind_is_not_judged_and_what_was_not_fetched_does_not_count() {
    let site = site();
    let folder = folder_with(&[
        (
            "good/a.toml",
            "[[step]]\nassets = \"/\"\nkinds = [\"css\"]\nexclude = [\"/gone.*\"]\nexpect.css = 1\n\n\
             [[step]]\nassets = \"/\"\nexclude = [\"/gone.*\", \"/app.*\", \"/*.png\"]\nexpect.all = 1\n\
             expect.js = 0\nexpect.third_party = 1\n",
        ),
        (
            "bad/a.toml",
            "[[step]]\nassets = \"/\"\nkinds = [\"js\"]\nexclude = [\"/app.*\"]\nexpect.js.at_least = 1\n",
        ),
    ]);
    run_with_reports(&folder, &["good", "--url", &site.url()], &[]).assert_code(0);
    run_with_reports(&folder, &["bad", "--url", &site.url()], &[]).assert_code(1);
}
