//! Pages for browser tests: each is served at its own address.

use axum::Router;
use axum::response::Html;
use axum::routing::get;

use super::{Document, Site, folder_with, smokegate};

/// A page with this body.
pub(crate) fn page(body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=en><title>page</title><link rel=icon href=data:,><body>{body}</body></html>"
    ))
}

/// Routes that serve these pages.
pub(crate) fn pages(pages: &[(&str, &str)]) -> Router {
    pages.iter().fold(Router::new(), |router, (path, body)| {
        let body = page(body);
        router.route(path, get(move || async move { body }))
    })
}

/// Runs one spec against routes; gives back the exit code, the terminal's text and the document.
pub(crate) fn judge(router: Router, spec: &str) -> (i32, String, Document) {
    let site = Site::start(router);
    judge_at(&site.url(), spec)
}

/// Runs one spec against an address.
pub(crate) fn judge_at(url: &str, spec: &str) -> (i32, String, Document) {
    judge_all(url, &[spec.to_owned()])
}

/// Runs several specs, one scenario each, in one run: browsers are started once.
pub(crate) fn judge_all(url: &str, specs: &[String]) -> (i32, String, Document) {
    let names: Vec<String> = (0..specs.len()).map(|index| format!("specs/{index:02}.toml")).collect();
    // A browser on a machine that does other things, too, takes its time.
    let project = ("smokegate.toml", "[defaults]\ntimeout = \"30s\"\n");
    let files: Vec<(&str, &str)> =
        names.iter().map(String::as_str).zip(specs.iter().map(String::as_str)).chain([project]).collect();
    let folder = folder_with(&files);
    let report = folder.path().join("report.json");
    let option = format!("json={}", report.display());
    let output = smokegate(["run", "--url", url, "--report", &option]).folder(&folder).run();
    assert_eq!(output.stderr, "", "{}", output.stdout);
    (output.code, output.stdout, Document::read(&report))
}

/// A page, an action that cannot be done on it, and what is told of it.
pub(crate) type Hindrance<'a> = (&'a str, &'a str, &'a str);

/// Each action fails on its page with its message, and so does the run.
pub(crate) fn assert_told(hindrances: &[Hindrance]) {
    let paths: Vec<String> = (0..hindrances.len()).map(|index| format!("/{index}")).collect();
    let bodies: Vec<(&str, &str)> =
        paths.iter().map(String::as_str).zip(hindrances.iter().map(|(body, ..)| *body)).collect();
    let specs: Vec<String> = paths
        .iter()
        .zip(hindrances)
        .map(|(path, (_, action, _))| {
            format!(
                "[[step]]\nopen = \"{path}\"\n[[step]]\nname = \"act {path}\"\n{action}\ntimeout = \"1200ms\"\n"
            )
        })
        .collect();
    let site = Site::start(pages(&bodies));
    let (code, text, document) = judge_all(&site.url(), &specs);
    assert_eq!(code, 1, "{text}");
    for (path, (body, action, told)) in paths.iter().zip(hindrances) {
        let error = &document.step(&format!("act {path}"))["error"];
        let said = ["message", "help"].map(|part| error[part].as_str().unwrap_or("")).join("\nhelp: ");
        assert!(said.contains(told), "{body} {action}\n{told:?}: {said}");
    }
}
