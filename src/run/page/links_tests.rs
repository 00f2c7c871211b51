//! Links of sites on loopback: good ones, broken ones, circles, other origins.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use super::run_links;
use crate::evidence::{Cause, Evidence, LinkFault, LinkSweep};
use crate::run::http::test_server::{Answer, Asked, TestServer, answer};
use crate::run::http::{HttpClient, HttpSettings};
use crate::run::outcome::Outcome;
use crate::spec::action::LinksCall;
use crate::verdict::Origin;

fn call(depth: usize) -> LinksCall {
    LinksCall { url: "/".to_owned(), depth, exclude: vec!["/logout*".to_owned()], external: false }
}

async fn follow(base: url::Url, call: &LinksCall, limit: Duration) -> Outcome {
    let client = HttpClient::new(Arc::new(HttpSettings::new(base, "smokegate/test"))).unwrap();
    run_links(&client, call, Instant::now() + limit).await
}

async fn sweep(server: &TestServer, call: &LinksCall) -> LinkSweep {
    let outcome = follow(server.url("/"), call, Duration::from_secs(10)).await;
    assert_eq!(outcome.error, None);
    links(outcome)
}

fn links(outcome: Outcome) -> LinkSweep {
    match outcome.evidence {
        Some(Evidence::Links(sweep)) => sweep,
        other => panic!("{other:?}"),
    }
}

/// Path with fragment, what is wrong, who names it.
fn list_broken(sweep: &LinkSweep, server: &TestServer) -> Vec<String> {
    let origin = server.url("/").to_string();
    let line = |link: &crate::evidence::Link| {
        let url = link.url.strip_prefix(origin.trim_end_matches('/')).unwrap_or(&link.url);
        format!("{url} | {} | {}", link.fault, link.named_by)
    };
    sweep.broken.iter().map(line).collect()
}

const HOME: &str = "<a href=/about>About</a><a href='/about#team'>Team</a><a href='/about#nobody'>Nobody</a>\
    <a href='#here'>Here</a><a href='#there'>There</a><i id=here></i><a href=/gone>Gone</a><a href=/gone>Again</a>\
    <a href=/moved#team>Moved</a><a href=/file.pdf>File</a><a href=/closed>Closed</a><a href=/logout>Out</a>\
    <a href=mailto:a@b.test>Mail</a><a href='http://[bad'>Bad</a>";

fn serve(asked: &Asked) -> Answer {
    let page = |body: &str| answer(200, "Content-Type: text/html", body);
    match asked.path.as_str() {
        "/" => page(HOME),
        "/about" => {
            page("<h1 id=team></h1><a href=/deep>Deep</a><a href=/>Home</a><a href='/#nowhere'>x</a>")
        }
        "/deep" => page("<a href=/deeper>Deeper</a><a href=/lost>Lost</a>"),
        "/deeper" => page("<a href=/never-read>x</a>"),
        "/moved" => answer(301, "Location: /about", ""),
        "/file.pdf" => answer(200, "Content-Type: application/pdf", "x".repeat(5_000_000)),
        "/closed" => Answer::Close(Vec::new()),
        _ => answer(404, "Content-Type: text/html", "no"),
    }
}

#[tokio::test]
async fn broken_links_and_missing_places_are_found_with_what_names_them() {
    let server = TestServer::start(|asked| serve(&asked)).await;
    let found = sweep(&server, &call(1)).await;
    assert_eq!(
        list_broken(&found, &server),
        [
            "http://[bad | this is not a valid URL | / <a> \"Bad\"",
            "/#there | no element of that page has the id \"there\" | / <a> \"There\"",
            "/about#nobody | no element of that page has the id \"nobody\" | / <a> \"Nobody\"",
            "/gone | status 404 | / <a> \"Gone\"",
            "/closed | the connection was closed without an answer | / <a> \"Closed\"",
        ]
    );
    assert_eq!((found.broken_count, found.pages, found.external, found.left_out), (5, 1, 0, 0));
    assert_eq!(found.followed, 6, "the page itself, about, gone, moved, file, closed");
}

#[tokio::test]
async fn what_is_deleted_between_page_and_link_is_not_broken() {
    let looks = AtomicUsize::new(0);
    let server = TestServer::start(move |asked| {
        let page = |body: &str| answer(200, "Content-Type: text/html", body);
        match asked.path.as_str() {
            "/" => match looks.fetch_add(1, Ordering::SeqCst) {
                0 => page("<a href=/deleted>1</a><a href=/forgotten>2</a><a href=/in-turns>3</a>"),
                2 => page("<a href=/forgotten>2</a><a href=/in-turns>3</a>"),
                _ => page("<a href=/forgotten>2</a>"),
            },
            _ => answer(404, "Content-Type: text/html", "no"),
        }
    })
    .await;
    let found = sweep(&server, &call(1)).await;
    assert_eq!(
        list_broken(&found, &server),
        ["/forgotten | status 404 | / <a> \"2\"", "/in-turns | status 404 | / <a> \"3\""]
    );
    assert_eq!(found.followed, 2);
}

#[tokio::test]
async fn pages_are_read_as_deep_as_is_said_and_each_once() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let server = TestServer::start(move |asked| {
        seen.lock().unwrap().push(asked.path.clone());
        serve(&asked)
    })
    .await;
    let found = sweep(&server, &call(2)).await;
    assert_eq!(found.pages, 2);
    let broken = list_broken(&found, &server);
    assert!(
        broken.iter().any(|line| line.starts_with("/#nowhere") && line.ends_with("/about <a> \"x\"")),
        "{broken:?}"
    );
    assert!(!broken.iter().any(|line| line.contains("/lost")));
    let found = sweep(&server, &call(3)).await;
    assert!(list_broken(&found, &server).contains(&"/lost | status 404 | /deep <a> \"Lost\"".to_owned()));
    let found = sweep(&server, &call(9)).await;
    assert!(
        list_broken(&found, &server).contains(&"/never-read | status 404 | /deeper <a> \"x\"".to_owned())
    );
    let asked = asked.lock().unwrap();
    assert!(!asked.iter().any(|path| path == "/logout"));
    // Thrice over, "about" is fetched by itself and behind the redirect.
    assert_eq!(asked.iter().filter(|path| *path == "/about").count(), 6);
    assert_eq!(asked.iter().filter(|path| *path == "/gone").count(), 3);
}

#[tokio::test]
async fn other_origins_are_followed_only_when_asked_and_never_read() {
    let hits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&hits);
    let other = TestServer::start(move |asked| {
        counted.fetch_add(1, Ordering::SeqCst);
        match asked.path.as_str() {
            "/ok" => answer(200, "Content-Type: text/html", "<a href=/more>x</a>"),
            "/busy" => answer(429, "", ""),
            _ => answer(410, "", ""),
        }
    })
    .await;
    let page = ["/ok", "/busy", "/old"].map(|path| format!("<a href='{}'>x</a>", other.url(path))).concat();
    let server = TestServer::start(move |_| answer(200, "Content-Type: text/html", &page)).await;
    let found = sweep(&server, &call(3)).await;
    assert_eq!((found.external, found.broken_count, hits.load(Ordering::SeqCst)), (3, 0, 0));
    let found = sweep(&server, &LinksCall { external: true, ..call(3) }).await;
    assert_eq!((found.external, found.broken_count, hits.load(Ordering::SeqCst)), (0, 1, 3));
    assert_eq!(found.broken[0].fault, LinkFault::Status { status: 410 });
}

#[tokio::test]
async fn a_site_too_large_for_the_time_is_our_error_and_a_link_that_hangs_is_the_sites() {
    let server = TestServer::start(|asked| {
        if asked.path == "/" {
            let all: Vec<String> = (0..500).map(|number| format!("<a href=/{number}>x</a>")).collect();
            return answer(200, "Content-Type: text/html", all.concat());
        }
        std::thread::sleep(Duration::from_millis(30));
        answer(200, "", "")
    })
    .await;
    let outcome = follow(server.url("/"), &call(1), Duration::from_millis(600)).await;
    let error = outcome.error.clone().unwrap();
    assert_eq!(error.origin, Origin::Harness);
    assert!(error.message.contains("of 500 links were followed"), "{error:?}");
    let found = links(outcome);
    assert!(found.followed > 0 && found.left_out > 0 && found.broken_count == 0);

    let server = TestServer::start(|asked| match asked.path.as_str() {
        "/" => answer(200, "Content-Type: text/html", "<a href=/slow>Slow</a>"),
        _ => Answer::Hang(Vec::new()),
    })
    .await;
    let found = links(follow(server.url("/"), &call(1), Duration::from_millis(3_300)).await);
    assert!(
        matches!(&found.broken[0].fault, LinkFault::Unreachable { cause: Cause::Timeout { .. } }),
        "{:?}",
        found.broken
    );
}

#[tokio::test]
async fn a_page_that_is_no_page_has_no_links() {
    let server = TestServer::start(|_| answer(500, "Content-Type: text/html", "<a href=/x>x</a>")).await;
    let found = sweep(&server, &call(1)).await;
    assert_eq!((found.pages, found.followed), (0, 0));
}
