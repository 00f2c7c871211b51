//! Requests over HTTP: hops, encodings, limits, time, credentials.

use std::time::{Duration, Instant};

use async_compression::tokio::write::{BrotliEncoder, GzipEncoder};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use tokio::io::AsyncWriteExt as _;

use crate::support::{Site, folder_with, run_with_reports};

#[test]
fn every_hop_of_a_redirect_is_recorded_with_its_times() {
    let router = Router::new()
        .route("/a", post(|| async { Redirect::to("/b") }))
        .route("/b", get(|| async { Redirect::permanent("/c?x=1#y") }))
        .route("/c", get(|| async { "here" }));
    let site = Site::start(router);
    let folder = folder_with(&[(
        "specs/a.toml",
        "[[step]]\npost = \"/a\"\nform = { q = \"1\" }\nexpect.status = 200\nexpect.redirects = 2\n\
         expect.url.ends_with = \"/c?x=1#y\"\nexpect.body = \"here\"\n\n\
         [[step]]\nget = \"/b\"\nredirects = false\nexpect.status = 308\nexpect.header.location = \"/c?x=1#y\"\n",
    )]);
    let judged = run_with_reports(&folder, &["--url", &site.url()], &[]);
    judged.assert_code(0);
    let hops = judged.outcomes()[0]["evidence"]["hops"].clone();
    let hops: Vec<String> = hops
        .as_array()
        .unwrap()
        .iter()
        .map(|hop| {
            assert!(hop["timings"]["first_byte_ms"].as_f64().unwrap() > 0.0, "{hop}");
            format!("{} {}", hop["request"]["method"].as_str().unwrap(), hop["response"]["status"])
        })
        .collect();
    assert_eq!(hops, ["POST 303", "GET 308", "GET 200"]);
}

#[test]
fn a_loop_of_redirects_ends() {
    let site = Site::start(Router::new().route("/", get(|| async { Redirect::to("/") })));
    let folder = folder_with(&[("specs/a.toml", "[[step]]\nget = \"/\"\n")]);
    let judged = run_with_reports(&folder, &["--url", &site.url()], &[]);
    judged.assert_code(1);
    assert!(judged.output.stdout.contains("redirect"), "{}", judged.output.stdout);
}

fn encoded(encoding: &'static str, body: Vec<u8>) -> Response {
    ([(header::CONTENT_ENCODING, encoding), (header::CONTENT_TYPE, "text/plain")], body).into_response()
}

async fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzipEncoder::new(Vec::new());
    encoder.write_all(text.as_bytes()).await.unwrap();
    encoder.shutdown().await.unwrap();
    encoder.into_inner()
}

async fn brotli(text: &str) -> Vec<u8> {
    let mut encoder = BrotliEncoder::new(Vec::new());
    encoder.write_all(text.as_bytes()).await.unwrap();
    encoder.shutdown().await.unwrap();
    encoder.into_inner()
}

#[test]
fn encoded_bodies_are_decoded_and_their_headers_stay() {
    let router = Router::new()
        .route("/gzip", get(|| async { encoded("gzip", gzip("as gzip").await) }))
        .route("/br", get(|| async { encoded("br", brotli("as brotli").await) }))
        .route("/broken", get(|| async { ([(header::CONTENT_ENCODING, "gzip")], "not gzip") }));
    let site = Site::start(router);
    let folder = folder_with(&[
        (
            "specs/good.toml",
            "[[step]]\nget = \"/gzip\"\nexpect.body = \"as gzip\"\nexpect.size = \"7B\"\n\
             expect.header.content-encoding = \"gzip\"\n\n[[step]]\nget = \"/br\"\nexpect.body = \"as brotli\"\n",
        ),
        ("bad/broken.toml", "[[step]]\nget = \"/broken\"\nexpect.status = 200\n"),
    ]);
    run_with_reports(&folder, &["--url", &site.url()], &[]).assert_code(0);
    let judged = run_with_reports(&folder, &["bad", "--url", &site.url()], &[]);
    judged.assert_code(1);
    assert!(judged.output.stdout.contains("does not decode"), "{}", judged.output.stdout);
}

#[test]
fn a_body_without_end_is_read_up_to_the_limit_only() {
    let endless = || async {
        let chunks = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b'x'; 65_536]));
        Response::new(Body::from_stream(chunks))
    };
    let site = Site::start(Router::new().route("/", get(endless)));
    let folder = folder_with(&[("specs/a.toml", "[[step]]\nget = \"/\"\nexpect.status = 200\n")]);
    let judged = run_with_reports(&folder, &["--url", &site.url()], &[]);
    judged.assert_code(1);
    assert!(judged.output.stdout.contains("16 MiB"), "{}", judged.output.stdout);
}

#[test]
fn a_step_that_takes_too_long_fails_when_its_time_is_over() {
    let slow = || async {
        tokio::time::sleep(Duration::from_mins(1)).await;
        "late"
    };
    let site = Site::start(Router::new().route("/", get(slow)));
    let folder = folder_with(&[("specs/a.toml", "[[step]]\ntimeout = \"300ms\"\nget = \"/\"\n")]);
    let started = Instant::now();
    let judged = run_with_reports(&folder, &["--url", &site.url()], &[]);
    judged.assert_code(1);
    assert!(started.elapsed().as_secs() < 5);
    assert!(
        judged.output.stdout.contains("300ms") || judged.output.stdout.contains("0.3"),
        "{}",
        judged.output.stdout
    );
}

/// Says what it was sent, and that this is not enough.
async fn refuse(headers: HeaderMap) -> Response {
    let sent = headers.get(header::AUTHORIZATION).map_or("", |value| value.to_str().unwrap()).to_owned();
    let encoded = base64::engine::general_purpose::STANDARD.encode("team:p:w-hunter2");
    let status = if sent == format!("Basic {encoded}") { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
    (status, format!("you sent {sent}")).into_response()
}

#[test]
fn basic_auth_of_a_target_and_of_a_step_is_sent_and_never_shown() {
    let (site, log) = Site::start_with_log(Router::new().route("/", get(refuse)));
    let project = format!(
        "[target.staging]\nurl = {:?}\nbasic_auth = {{ user = \"team\", password = \"p:w-{{{{ secret.PASSWORD }}}}\" }}\n",
        site.url()
    );
    let folder = folder_with(&[
        ("smokegate.toml", &project),
        (
            "specs/a.toml",
            "[[step]]\nget = \"/\"\nexpect.status = 200\n\n[[step]]\nget = \"/\"\n\
             basic_auth = { user = \"{{ secret.USER_KEY }}\", password = \"\" }\nexpect.body = \"something else\"\n",
        ),
    ]);
    let variables = [("PASSWORD", "hunter2"), ("USER_KEY", "sk_live_0815")];
    let judged = run_with_reports(&folder, &["--target", "staging"], &variables);
    judged.assert_code(1);
    let sent: Vec<String> = log.all().iter().map(|asked| asked.header("authorization").to_owned()).collect();
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let hidden = [encode("team:p:w-hunter2"), encode("sk_live_0815:")];
    let [team, key] = hidden.clone().map(|encoded| format!("Basic {encoded}"));
    assert_eq!(sent[..2], [team.clone(), key]);
    // What is asked after the failure is asked as the target says.
    assert!(sent[2..].iter().all(|value| *value == team), "{sent:?}");
    for secret in hidden.iter().map(String::as_str).chain(["hunter2", "sk_live_0815"]) {
        for text in judged.texts() {
            assert!(!text.contains(secret), "{secret} leaks in {text}");
        }
    }
}

#[test]
fn credentials_in_the_address_are_sent_and_never_shown() {
    let (site, log) = Site::start_with_log(Router::new().route("/", get(refuse)));
    let folder =
        folder_with(&[("specs/a.toml", "[[step]]\nget = \"/\"\nexpect.body = \"something else\"\n")]);
    let url = site.url().replace("http://", "http://team:p%3Aw-hunter2@");
    let judged = run_with_reports(&folder, &["--url", &url], &[]);
    judged.assert_code(1);
    let encoded = base64::engine::general_purpose::STANDARD.encode("team:p:w-hunter2");
    assert_eq!(log.all()[0].header("authorization"), format!("Basic {encoded}"));
    for text in judged.texts() {
        assert!(!text.contains("hunter2") && !text.contains(&encoded), "{text}");
    }
}

#[test]
fn headers_and_credentials_of_a_target_do_not_go_to_another_origin() {
    let (other, other_log) = Site::start_with_log(Router::new().route("/there", get(|| async { "there" })));
    let away = format!("{}/there", other.url());
    let (site, log) = Site::start_with_log(
        Router::new().route("/", get(move || async move { Redirect::temporary(&away) })),
    );
    let project = format!(
        "[target.staging]\nurl = {:?}\nheaders = {{ \"X-Staging-Key\" = \"k1\" }}\n\
         basic_auth = {{ user = \"team\", password = \"pw\" }}\n",
        site.url()
    );
    let spec = format!(
        "[[step]]\nget = \"/\"\nexpect.body = \"there\"\n\n[[step]]\nget = \"{}/there\"\nexpect.body = \"there\"\n",
        other.url()
    );
    let folder = folder_with(&[("smokegate.toml", &project), ("specs/a.toml", &spec)]);
    run_with_reports(&folder, &["--target", "staging"], &[]).assert_code(0);
    assert!(log.all().iter().all(|asked| asked.header("x-staging-key") == "k1"), "{log:?}");
    assert!(log.all().iter().all(|asked| asked.header("authorization").starts_with("Basic ")), "{log:?}");
    assert_eq!(other_log.all().len(), 2);
    for asked in other_log.all() {
        assert_eq!((asked.header("x-staging-key"), asked.header("authorization")), ("", ""));
        assert!(asked.header("user-agent").starts_with("smokegate/"), "{asked:?}");
    }
}
