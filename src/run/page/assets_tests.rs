//! Pages with good and bad assets, on loopback.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::run_assets;
use crate::evidence::{Asset, AssetFault, AssetKind, AssetSweep, Cause, Evidence};
use crate::run::http::test_server::{Answer, TestServer, answer};
use crate::run::http::{HttpClient, HttpSettings};
use crate::run::outcome::Outcome;
use crate::spec::action::AssetsCall;

const PAGE: &str = "<link rel=stylesheet href=/good.css><link rel=stylesheet href=/html.css>\
    <link rel=stylesheet href=/plain.css><link rel=stylesheet href=/gone.css>\
    <script src=/empty.js></script><script src=/disguised.js></script><script src=/json.js></script>\
    <script src=/sri.js integrity='sha256-AAAA'></script>\
    <img src=/good.png><img src=/cut.png><img src=/gzip.png><img src=/large.png><img src=/closed.png>\
    <img src=/redirected.png><img src=/good.png><img src=/skip/this.png><video src=/film.mp4></video>\
    <link rel=manifest href=/site.webmanifest>";

const GOOD_CSS: &str =
    "@import 'more.css'; @font-face { src: url(font.woff2) } p { background: url(/bg.png) }";

fn serve(path: &str) -> Answer {
    match path {
        "/" => answer(200, "Content-Type: text/html", PAGE),
        "/broken" => answer(500, "Content-Type: text/html", PAGE),
        "/good.css" => answer(200, "Content-Type: text/css", GOOD_CSS),
        "/more.css" => answer(
            200,
            "Content-Type: text/css",
            "@import 'good.css'; @import 'more.css'; p{cursor:url(nope.cur)}",
        ),
        "/html.css" => answer(200, "Content-Type: text/html", "<!doctype html><p>Not found"),
        "/plain.css" => answer(200, "Content-Type: text/plain\nX-Content-Type-Options: nosniff", "p {}"),
        "/empty.js" => answer(200, "Content-Type: text/javascript", ""),
        "/disguised.js" => answer(200, "Content-Type: text/javascript", " <!DOCTYPE html><title>Log in"),
        "/json.js" => answer(200, "Content-Type: application/json", "{}"),
        "/sri.js" => answer(200, "Content-Type: text/javascript", "x()"),
        "/good.png" | "/bg.png" | "/icon.png" => answer(200, "Content-Type: image/png", "\u{89}PNG"),
        "/cut.png" => Answer::Close(
            b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 90\r\n\r\nx".to_vec(),
        ),
        "/gzip.png" => answer(200, "Content-Type: image/png\nContent-Encoding: gzip", "not gzip"),
        "/large.png" => answer(200, "Content-Type: image/png", "x".repeat(200_000)),
        "/film.mp4" => answer(206, "Content-Type: video/mp4", "x".repeat(200_000)),
        "/closed.png" => Answer::Close(Vec::new()),
        "/redirected.png" => answer(302, "Location: /good.png", ""),
        "/font.woff2" => answer(200, "Content-Type: application/octet-stream", "wOF2...."),
        "/site.webmanifest" => {
            answer(200, "Content-Type: application/manifest+json", r#"{"icons":[{"src":"icon.png"}]}"#)
        }
        _ => answer(404, "Content-Type: text/html", "<!doctype html>no"),
    }
}

async fn sweep(call: &AssetsCall, server: &TestServer) -> Outcome {
    let settings =
        HttpSettings { body_limit: 100_000, ..HttpSettings::new(server.url("/"), "smokegate/test") };
    let client = HttpClient::new(Arc::new(settings)).unwrap();
    run_assets(&client, call, Instant::now() + Duration::from_secs(10)).await
}

fn call() -> AssetsCall {
    AssetsCall {
        url: "/".to_owned(),
        kinds: Vec::new(),
        exclude: vec!["/skip/**".to_owned()],
        third_party: false,
    }
}

fn seen(outcome: &Outcome) -> &AssetSweep {
    match outcome.evidence.as_ref().unwrap() {
        Evidence::Assets(sweep) => sweep,
        other => panic!("{other:?}"),
    }
}

fn paths(assets: &[Asset]) -> Vec<&str> {
    assets.iter().map(|asset| asset.url.rsplit_once('/').unwrap().1).collect()
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one page with one asset of each kind of fault")]
async fn each_asset_is_fetched_once_and_judged() {
    let server = TestServer::start(|asked| serve(&asked.path)).await;
    let outcome = sweep(&call(), &server).await;
    assert_eq!(outcome.error, None);
    let assets = &seen(&outcome).assets;
    assert_eq!(
        paths(assets),
        [
            "good.css",
            "more.css",
            "nope.cur",
            "font.woff2",
            "bg.png",
            "html.css",
            "plain.css",
            "gone.css",
            "empty.js",
            "disguised.js",
            "json.js",
            "sri.js",
            "good.png",
            "cut.png",
            "gzip.png",
            "large.png",
            "closed.png",
            "redirected.png",
            "film.mp4",
            "site.webmanifest",
            "icon.png"
        ]
    );
    let faults = |name: &str| {
        assets.iter().find(|asset| asset.url.ends_with(&format!("/{name}"))).unwrap().faults.clone()
    };
    for good in
        ["good.css", "more.css", "font.woff2", "bg.png", "good.png", "redirected.png", "film.mp4", "icon.png"]
    {
        assert_eq!(faults(good), [], "{good}");
    }
    let wrong = |media_type: &str, expected: &str, nosniff| {
        vec![AssetFault::WrongType {
            media_type: media_type.to_owned(),
            expected: expected.to_owned(),
            nosniff,
        }]
    };
    assert_eq!(faults("nope.cur"), [AssetFault::Status { status: 404 }]);
    assert_eq!(faults("html.css"), [AssetFault::HtmlInstead]);
    assert_eq!(faults("plain.css"), wrong("text/plain", "text/css", true));
    assert_eq!(faults("gone.css"), [AssetFault::Status { status: 404 }]);
    assert_eq!(faults("empty.js"), [AssetFault::Empty]);
    assert_eq!(faults("disguised.js"), [AssetFault::HtmlInstead]);
    assert_eq!(faults("json.js"), wrong("application/json", "text/javascript", false));
    assert!(matches!(faults("sri.js")[..], [AssetFault::Integrity { .. }]));
    assert_eq!(faults("cut.png"), [AssetFault::Truncated]);
    assert_eq!(faults("gzip.png"), [AssetFault::Undecodable]);
    assert_eq!(faults("large.png"), [AssetFault::TooLarge]);
    assert_eq!(faults("closed.png"), [AssetFault::Unreachable { cause: Cause::Closed }]);
    let by = |position: usize| assets[position].named_by.as_str();
    assert_eq!(
        (by(0), by(1), by(3)),
        ("/ <link rel=\"stylesheet\">", "/good.css @import", "/good.css @font-face")
    );
    assert!(assets[0].total_ms > 0.0 && assets[0].status == Some(200));
}

#[tokio::test]
async fn kinds_are_chosen_and_found_through_stylesheets() {
    let server = TestServer::start(|asked| serve(&asked.path)).await;
    let fonts = AssetsCall { kinds: vec![AssetKind::Font], ..call() };
    let outcome = sweep(&fonts, &server).await;
    assert_eq!(paths(&seen(&outcome).assets), ["font.woff2"]);
}

#[tokio::test]
async fn other_origins_are_listed_and_fetched_only_on_demand() {
    let cdn = TestServer::start(|_| answer(404, "", "")).await;
    let address = cdn.url("/lib.js");
    let page = format!("<script src={address}></script><script src=/own.js></script>");
    let server = TestServer::start(move |asked| match asked.path.as_str() {
        "/" => answer(200, "Content-Type: text/html", &page),
        _ => answer(200, "Content-Type: text/javascript", asked.header("referer").unwrap_or("none")),
    })
    .await;
    let outcome = sweep(&call(), &server).await;
    let listed: Vec<(bool, Option<u16>, usize)> = seen(&outcome)
        .assets
        .iter()
        .map(|asset| (asset.third_party, asset.status, asset.faults.len()))
        .collect();
    assert_eq!(listed, [(true, None, 0), (false, Some(200), 0)]);
    let loading = seen(&outcome).assets.iter().filter(|asset| asset.loads());
    assert_eq!(loading.count(), 1, "what was not fetched is not known to load");
    assert_eq!(
        seen(&outcome).assets[1].size,
        server.url("/").as_str().len() as u64,
        "the page is the referrer"
    );
    let all = AssetsCall { third_party: true, ..call() };
    let outcome = sweep(&all, &server).await;
    assert_eq!(seen(&outcome).assets[0].faults, [AssetFault::Status { status: 404 }]);
}

#[tokio::test]
async fn a_page_that_does_not_come_has_no_assets() {
    let server = TestServer::start(|asked| serve(&asked.path)).await;
    let outcome = sweep(&AssetsCall { url: "/broken".to_owned(), ..call() }, &server).await;
    assert_eq!(outcome.error, None, "the status is for the checks to judge");
    assert_eq!((seen(&outcome).page.response().unwrap().status, seen(&outcome).assets.len()), (500, 0));
    let outcome = sweep(&AssetsCall { url: "http://127.0.0.1:1/".to_owned(), ..call() }, &server).await;
    assert_eq!(outcome.error.unwrap().cause.name(), "io");
    let outcome = sweep(&AssetsCall { exclude: vec!["[".to_owned()], ..call() }, &server).await;
    assert!(outcome.evidence.is_none() && outcome.error.is_some());
}

#[tokio::test]
async fn what_does_not_come_in_time_is_unreachable() {
    let server = TestServer::start(|asked| match asked.path.as_str() {
        "/" => answer(200, "Content-Type: text/html", "<img src=/slow.png>"),
        _ => Answer::Hang(Vec::new()),
    })
    .await;
    let client = HttpClient::new(Arc::new(HttpSettings::new(server.url("/"), "smokegate/test"))).unwrap();
    let outcome = run_assets(&client, &call(), Instant::now() + Duration::from_millis(300)).await;
    assert!(matches!(
        seen(&outcome).assets[0].faults[..],
        [AssetFault::Unreachable { cause: Cause::Timeout { .. } }]
    ));
}
