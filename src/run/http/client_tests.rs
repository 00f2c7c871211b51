//! Requests against servers on loopback, whole ones and broken ones.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_compression::tokio::write::GzipEncoder;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::time::Instant;
use url::Url;

use super::test_server::{Answer, TestServer, answer};
use super::{HttpClient, HttpSettings};
use crate::evidence::{BodyEnd, Cause, Evidence, Exchange, Phase, Response};
use crate::run::outcome::Outcome;
use crate::spec::action::{CallBody, MultipartPart, RequestCall};
use crate::verdict::Origin;

pub(super) fn settings(base: Url) -> HttpSettings {
    HttpSettings::new(base, "smokegate/test")
}

pub(super) fn client(base: Url) -> HttpClient {
    HttpClient::new(Arc::new(settings(base))).unwrap()
}

pub(super) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

fn in_ms(milliseconds: u64) -> Instant {
    Instant::now() + Duration::from_millis(milliseconds)
}

pub(super) fn exchange(outcome: &Outcome) -> &Exchange {
    match outcome.evidence.as_ref().unwrap() {
        Evidence::Exchange(exchange) => exchange,
        other => panic!("{other:?}"),
    }
}

pub(super) fn response(outcome: &Outcome) -> &Response {
    exchange(outcome).response().unwrap()
}

/// The cause of an error that is the target's, the same as on the last hop where the hop has one.
pub(super) fn cause(outcome: &Outcome) -> Cause {
    let error = outcome.error.as_ref().unwrap();
    assert_eq!(error.origin, Origin::Target);
    if let Some(cause) = &exchange(outcome).last().unwrap().cause {
        assert_eq!(*cause, error.cause);
    }
    error.cause.clone()
}

pub(super) async fn get(client: &HttpClient, url: &str) -> Outcome {
    client.run(&RequestCall::get(url), soon()).await
}

/// Names what was asked, one line each: method, path, some headers, body.
fn echo(asked: &super::test_server::Asked) -> Answer {
    let header = |name| asked.header(name).unwrap_or("-");
    let text = format!(
        "{} {} auth={} key={} cookie={} type={} ua={} body={}",
        asked.method,
        asked.path,
        header("authorization"),
        header("x-key"),
        header("cookie"),
        header("content-type"),
        header("user-agent"),
        asked.body
    );
    answer(200, "Content-Type: text/plain", text)
}

#[tokio::test]
async fn a_plain_request_is_seen_with_times_address_and_text() {
    let server =
        TestServer::start(|_| answer(201, "Content-Type: text/html; charset=latin1\nX-A: 1", b"K\xE4se"))
            .await;
    let client = client(server.url("/app/"));
    let outcome = get(&client, "page?x=1").await;
    assert_eq!(outcome.error, None);
    let first = exchange(&outcome);
    assert_eq!(first.url(), server.url("/app/page?x=1").as_str());
    let (hop, response) = (first.last().unwrap(), first.response().unwrap());
    assert_eq!((response.status, response.version.as_str()), (201, "HTTP/1.1"));
    assert_eq!(response.text.as_deref(), Some("Käse"));
    assert_eq!((response.body.size, response.body.end), (4, BodyEnd::Complete));
    assert_eq!(response.headers.get("X-A"), Some("1"));
    assert_eq!(hop.address, Some(server.address.to_string()));
    assert!(hop.timings.connect_ms.is_some() && hop.timings.tls_ms.is_none() && hop.timings.dns_ms.is_none());
    assert!(hop.timings.first_byte_ms.unwrap() <= hop.timings.total_ms);
    assert_eq!(hop.request.headers.get("user-agent"), Some("smokegate/test"));

    let again = get(&client, "/page").await;
    let hop = exchange(&again).last().unwrap();
    assert_eq!(exchange(&again).url(), server.url("/page").as_str(), "/x is absolute on the origin");
    assert_eq!(hop.timings.connect_ms, None, "the connection was kept alive");
}

#[tokio::test]
async fn bodies_queries_and_credentials_are_sent_as_said() {
    let server = TestServer::start(|asked| echo(&asked)).await;
    let client = client(server.url("/"));
    let mut call = RequestCall { method: "POST".to_owned(), ..RequestCall::get("/x?a=1") };
    call.query = vec![("q".to_owned(), "ä b&c".to_owned())];
    call.bearer = Some("T".to_owned());
    call.body = CallBody::Form(vec![("item".to_owned(), "a b".to_owned())]);
    let sent = response(&client.run(&call, soon()).await).text.clone().unwrap();
    assert_eq!(
        sent,
        "POST /x?a=1&q=%C3%A4+b%26c auth=Bearer T key=- cookie=- type=application/x-www-form-urlencoded \
         ua=smokegate/test body=item=a+b"
    );
    call.body = CallBody::Json(serde_json::json!({"a": 1}));
    call.headers = vec![("Content-Type".to_owned(), "application/vnd.api+json".to_owned())];
    call.bearer = None;
    call.basic_auth = Some(("me".to_owned(), "pw".to_owned()));
    let sent = response(&client.run(&call, soon()).await).text.clone().unwrap();
    assert!(sent.contains("auth=Basic bWU6cHc= "), "{sent}");
    assert!(sent.contains("type=application/vnd.api+json ua=smokegate/test body={\"a\":1}"), "{sent}");
    let part = MultipartPart {
        name: "file".to_owned(),
        value: String::new(),
        file: Some(PathBuf::from("/nowhere/x.png")),
        content_type: None,
    };
    call.body = CallBody::Multipart(vec![part]);
    let error = client.run(&call, soon()).await.error.unwrap();
    assert_eq!(error.origin, Origin::Harness);
    assert_eq!(error.cause, Cause::File { path: "/nowhere/x.png".to_owned(), error: "NotFound".to_owned() });
}

#[tokio::test]
async fn redirects_are_followed_hop_by_hop_with_cookies_and_rewritten_methods() {
    let server = TestServer::start(|asked| match asked.path.as_str() {
        "/login" => answer(302, "Location: /in?a=1\nSet-Cookie: session=s1; Path=/", "moved"),
        "/keep" => answer(307, "Location: /in", ""),
        _ => echo(&asked),
    })
    .await;
    let client = client(server.url("/"));
    let mut call = RequestCall { method: "POST".to_owned(), ..RequestCall::get("/login") };
    call.body = CallBody::Text("secret".to_owned());
    let outcome = client.run(&call, soon()).await;
    let seen = exchange(&outcome);
    assert_eq!(seen.redirects(), 1);
    assert_eq!(seen.hops[0].response.as_ref().unwrap().text.as_deref(), Some("moved"));
    assert_eq!(seen.hops[1].request.headers.get("cookie"), Some("session=s1"));
    let text = response(&outcome).text.clone().unwrap();
    assert!(text.starts_with("GET /in?a=1 auth=- key=- cookie=session=s1 type=- "), "{text}");
    assert!(text.ends_with("body="), "{text}");
    call.url = "/keep".to_owned();
    let text = response(&client.run(&call, soon()).await).text.clone().unwrap();
    assert!(text.starts_with("POST /in ") && text.ends_with("body=secret"), "{text}");
    call.redirects = 0;
    let outcome = client.run(&call, soon()).await;
    assert_eq!((response(&outcome).status, &outcome.error), (307, &None));
}

#[tokio::test]
async fn endless_and_wrong_redirects_are_told_and_kept_as_evidence() {
    let server = TestServer::start(|asked| match asked.path.as_str() {
        "/a" => answer(302, "Location: /b", ""),
        "/b" => answer(302, "Location: /a", ""),
        "/mail" => answer(302, "Location: mailto:x@example.com", ""),
        path => answer(302, &format!("Location: {path}x"), ""),
    })
    .await;
    let client = client(server.url("/"));
    let outcome = get(&client, "/a").await;
    assert_eq!(cause_of_end(&outcome), Cause::RedirectLoop { followed: 2 });
    assert_eq!(exchange(&outcome).hops.len(), 3);
    let outcome = client.run(&RequestCall { redirects: 4, ..RequestCall::get("/x") }, soon()).await;
    assert_eq!(cause_of_end(&outcome), Cause::RedirectLoop { followed: 4 });
    let outcome = get(&client, "/mail").await;
    assert_eq!(cause_of_end(&outcome), Cause::BadRedirect { location: "mailto:x@example.com".to_owned() });
}

fn cause_of_end(outcome: &Outcome) -> Cause {
    let error = outcome.error.as_ref().unwrap();
    assert_eq!(error.origin, Origin::Target);
    error.cause.clone()
}

#[tokio::test]
async fn credentials_stay_on_their_origin() {
    let other = TestServer::start(|asked| match asked.path.as_str() {
        "/back" => answer(302, &format!("Location: {}", asked.header("x-back").unwrap()), ""),
        _ => echo(&asked),
    })
    .await;
    let away = other.url("/away").to_string();
    let back = other.url("/back").to_string();
    let server = TestServer::start(move |asked| match asked.path.as_str() {
        "/away" => answer(302, &format!("Location: {away}"), ""),
        "/round" => answer(302, &format!("Location: {back}"), ""),
        _ => echo(&asked),
    })
    .await;
    let mut settings = settings(server.url("/"));
    settings.base.set_username("team").unwrap();
    settings.base.set_password(Some("p%40ss")).unwrap();
    settings.headers = vec![("X-Key".to_owned(), "k".to_owned())];
    let client = HttpClient::new(Arc::new(settings)).unwrap();
    let text = response(&get(&client, "/").await).text.clone().unwrap();
    assert!(text.starts_with("GET / auth=Basic dGVhbTpwQHNz key=k "), "{text}");
    let text = response(&get(&client, "/away").await).text.clone().unwrap();
    assert!(text.starts_with("GET /away auth=- key=- "), "{text}");

    let mut call = RequestCall { bearer: Some("T".to_owned()), ..RequestCall::get("/round") };
    call.headers = vec![
        ("X-Back".to_owned(), server.url("/home").to_string()),
        ("Cookie".to_owned(), "mine=1".to_owned()),
    ];
    let outcome = client.run(&call, soon()).await;
    assert_eq!(exchange(&outcome).hops[0].request.headers.get("authorization"), Some("Bearer T"));
    let text = response(&outcome).text.clone().unwrap();
    assert!(text.starts_with("GET /home auth=Basic dGVhbTpwQHNz key=k cookie=- "), "{text}");
    let foreign = RequestCall { url: other.url("/x").to_string(), ..call };
    let text = response(&client.run(&foreign, soon()).await).text.clone().unwrap();
    assert!(text.starts_with("GET /x auth=Bearer T key=- cookie=mine=1 "), "what a step says itself: {text}");
}

#[tokio::test]
async fn actors_share_connections_and_not_cookies() {
    let server = TestServer::start(|asked| {
        answer(
            200,
            "Set-Cookie: a=1",
            format!("{} {}", asked.connection, asked.header("cookie").unwrap_or("-")),
        )
    })
    .await;
    let edith = client(server.url("/"));
    let francis = edith.for_another_actor();
    get(&edith, "/").await;
    assert_eq!(response(&get(&edith, "/").await).text.as_deref(), Some("0 a=1"));
    assert_eq!(response(&get(&francis, "/").await).text.as_deref(), Some("0 -"));
    assert_eq!(edith.jar().matching(&server.url("/")), [("a".to_owned(), "1".to_owned())]);
}

async fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzipEncoder::new(Vec::new());
    encoder.write_all(text.as_bytes()).await.unwrap();
    encoder.shutdown().await.unwrap();
    encoder.into_inner()
}

#[tokio::test]
async fn encoded_bodies_are_decoded_and_their_headers_kept() {
    let body = gzip(&"text ".repeat(1000)).await;
    let wire = body.len() as u64;
    let server =
        TestServer::start(move |_| answer(200, "Content-Encoding: gzip\nContent-Type: text/plain", &body))
            .await;
    let outcome = get(&client(server.url("/")), "/").await;
    let response = response(&outcome);
    assert_eq!((response.body.size, response.body.wire_size), (5000, Some(wire)));
    assert_eq!(response.headers.get("content-encoding"), Some("gzip"));
    assert_eq!(response.headers.get("content-length"), Some(wire.to_string().as_str()));
}

#[tokio::test]
async fn a_body_that_does_not_end_well_is_kept_as_far_as_it_came() {
    let good = gzip(&"text ".repeat(1000)).await;
    let server = TestServer::start(move |asked| match asked.path.as_str() {
        "/short" => Answer::Close(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this".to_vec()),
        "/chunked" => Answer::Close(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nonly\r\n9\r\nth".to_vec(),
        ),
        "/gzip" => answer(200, "Content-Encoding: gzip", "not gzip at all"),
        "/bomb" => answer(200, "Content-Encoding: gzip", &good),
        "/large" => answer(200, "", "x".repeat(5000)),
        _ => Answer::Hang(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nstart".to_vec()),
    })
    .await;
    let settings = HttpSettings { body_limit: 1000, ..settings(server.url("/")) };
    let client = HttpClient::new(Arc::new(settings)).unwrap();
    for (path, end, size) in [
        ("/short", BodyEnd::Truncated, 9),
        ("/chunked", BodyEnd::Truncated, 6),
        ("/gzip", BodyEnd::Undecodable, 0),
        ("/bomb", BodyEnd::TooLarge, 1000),
        ("/large", BodyEnd::TooLarge, 1000),
        ("/hang", BodyEnd::TimedOut, 5),
    ] {
        let outcome = client.run(&RequestCall::get(path), in_ms(300)).await;
        assert_eq!(cause(&outcome), Cause::Body { end, size, limit: 1000 }, "{path}");
        assert_eq!((response(&outcome).body.end, response(&outcome).body.size), (end, size), "{path}");
    }
}

#[tokio::test]
async fn what_does_not_answer_is_told_by_type_and_phase() {
    let server = TestServer::start(|asked| match asked.path.as_str() {
        "/closed" => Answer::Close(Vec::new()),
        "/half" => Answer::Close(b"HTTP/1.1 200 OK\r\nContent-".to_vec()),
        "/odd" => Answer::Close(b"SSH-2.0-OpenSSH_9.2\r\n\r\n".to_vec()),
        _ => Answer::Hang(Vec::new()),
    })
    .await;
    let client = client(server.url("/"));
    assert_eq!(cause(&get(&client, "/closed").await), Cause::Closed);
    assert_eq!(cause(&get(&client, "/half").await), Cause::Closed);
    assert!(matches!(cause(&get(&client, "/odd").await), Cause::Protocol { .. }));
    let outcome = client.run(&RequestCall::get("/hang"), in_ms(200)).await;
    match cause(&outcome) {
        Cause::Timeout { phase: Phase::Answer, limit_ms } => assert!((150.0..=200.0).contains(&limit_ms)),
        other => panic!("{other:?}"),
    }
    let refused = cause(&get(&client, "http://localhost:1/").await);
    let place = "127.0.0.1:1".to_owned();
    assert_eq!(refused, Cause::Io { error: "ConnectionRefused".to_owned(), phase: Phase::Connect, place });
    let nowhere = cause(&get(&client, "http://nowhere.invalid/").await);
    match nowhere {
        // A machine without any DNS cannot say that the name does not exist.
        Cause::NoAddress { host } | Cause::Lookup { host, .. } => assert_eq!(host, "nowhere.invalid"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_deadline_before_the_connection_names_the_connection() {
    // A backlog that is full: the kernel answers no further connection.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    for _ in 0..8 {
        waiting.push(tokio::spawn(tokio::net::TcpStream::connect(address)));
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let client = client(Url::parse(&format!("http://{address}/")).unwrap());
    let outcome = client.run(&RequestCall::get("/"), in_ms(200)).await;
    assert!(matches!(cause(&outcome), Cause::Timeout { phase: Phase::Connect, .. }), "{outcome:?}");
    // A listener that accepts and says nothing: the handshake is what does not come.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", silent.local_addr().unwrap());
    let outcome = client.run(&RequestCall::get(url), in_ms(200)).await;
    assert!(matches!(cause(&outcome), Cause::Timeout { phase: Phase::Tls, .. }), "{outcome:?}");
    for task in waiting {
        task.abort();
    }
}

#[tokio::test]
async fn a_kept_alive_connection_that_was_closed_is_replaced() {
    let asked_once = AtomicUsize::new(0);
    let server = TestServer::start(move |asked| match (asked.path.as_str(), answer(200, "", "ok")) {
        // The promise of keeping the connection is broken.
        ("/close-next", Answer::Keep(bytes)) => Answer::Close(bytes),
        ("/once", _) if asked_once.fetch_add(1, Ordering::SeqCst) == 0 => Answer::Close(Vec::new()),
        ("/never", _) => Answer::Close(Vec::new()),
        (_, whole) => whole,
    })
    .await;
    let client = client(server.url("/"));
    for _ in 0..20 {
        assert_eq!(get(&client, "/close-next").await.error, None);
    }
    get(&client, "/").await;
    assert_eq!(get(&client, "/once").await.error, None);
    assert_eq!(cause(&get(&client, "/never").await), Cause::Closed);
    get(&client, "/").await;
    let post = RequestCall { method: "POST".to_owned(), ..RequestCall::get("/never") };
    assert_eq!(cause(&client.run(&post, soon()).await), Cause::Closed, "a POST is not sent twice");
}

#[tokio::test]
async fn what_cannot_be_sent_is_our_own_error() {
    let client = client(Url::parse("http://127.0.0.1:1/").unwrap());
    for call in [
        RequestCall::get("mailto:x@example.com"),
        RequestCall { method: "G E T".to_owned(), ..RequestCall::get("/") },
        RequestCall { headers: vec![("X-A".to_owned(), "a\nb".to_owned())], ..RequestCall::get("/") },
    ] {
        let error = client.run(&call, soon()).await.error.unwrap();
        assert_eq!((error.origin, error.cause.name()), (Origin::Harness, "template"));
    }
}
