//! Forms of real pages on loopback, sent.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::run_submit;
use crate::evidence::{Evidence, Exchange, Submission};
use crate::expect::Locator;
use crate::run::http::test_server::{Answer, Asked, TestServer, answer};
use crate::run::http::{HttpClient, HttpSettings};
use crate::spec::action::{RequestCall, SubmitCall};
use crate::verdict::Origin;

const PAGE: &str =
    "<form action=/save method=post><input type=hidden name=csrf value=t1><input name=item></form>";

fn serve(asked: &Asked) -> Answer {
    match asked.path.as_str() {
        "/" => answer(200, "Content-Type: text/html\nSet-Cookie: csrf=t1", PAGE),
        "/save" => answer(303, "Location: /done", ""),
        "/broken" => answer(500, "Content-Type: text/html", PAGE),
        "/png" => answer(200, "Content-Type: image/png", "x"),
        _ => answer(200, "", format!("{} {:?}", asked.method, asked.header("origin"))),
    }
}

async fn submit(
    page: Option<&str>,
    last: Option<&Exchange>,
    client: &HttpClient,
) -> crate::run::outcome::Outcome {
    let call = SubmitCall {
        form: Locator::parse("form").unwrap(),
        page: page.map(str::to_owned),
        fields: vec![("item".to_owned(), "Buy milk".to_owned())],
        button: None,
    };
    run_submit(client, &call, last, Instant::now() + Duration::from_secs(10)).await
}

async fn start() -> (TestServer, HttpClient) {
    let server = TestServer::start(|asked| serve(&asked)).await;
    let settings = HttpSettings::new(server.url("/"), "smokegate/test");
    let client = HttpClient::new(Arc::new(settings)).unwrap();
    (server, client)
}

fn submission(evidence: Option<Evidence>) -> Submission {
    match evidence {
        Some(Evidence::Submission(submission)) => submission,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_form_is_sent_with_its_hidden_fields_its_cookie_and_where_it_comes_from() {
    let (server, client) = start().await;
    let outcome = submit(Some("/"), None, &client).await;
    assert_eq!(outcome.error, None);
    let seen = submission(outcome.evidence);
    assert_eq!(seen.page.as_ref().unwrap().url(), server.url("/").as_str());
    assert_eq!(seen.fields[0], ("csrf".to_owned(), "t1".to_owned()));
    let sent = &seen.answer.hops[0].request;
    assert_eq!((sent.method.as_str(), sent.body.excerpt.as_str()), ("POST", "csrf=t1&item=Buy+milk"));
    assert_eq!(sent.headers.get("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(sent.headers.get("referer"), Some(server.url("/").as_str()));
    assert_eq!(sent.headers.get("origin"), Some(server.url("/").as_str().trim_end_matches('/')));
    assert_eq!(sent.headers.get("cookie"), Some("csrf=t1"));
    let answer = seen.answer.response().unwrap();
    assert_eq!(answer.text.as_deref(), Some("GET None"), "the redirect is a GET without Origin");

    let again = submit(None, seen.page.as_ref(), &client).await;
    assert!(submission(again.evidence).page.is_none());
}

#[tokio::test]
async fn a_form_that_is_not_there_fails_with_the_page_as_evidence() {
    let (_server, client) = start().await;
    for (path, message) in [
        ("/broken", "the page with the form answered status 500"),
        ("/png", "the page with the form is no HTML but image/png"),
        ("/none", "no form matches form: the page has no form"),
    ] {
        let outcome = submit(Some(path), None, &client).await;
        let error = outcome.error.unwrap();
        assert_eq!(
            (error.origin, error.cause.name(), error.message.as_str()),
            (Origin::Target, "form", message)
        );
        assert!(matches!(outcome.evidence, Some(Evidence::Exchange(_))));
    }
    let outcome = submit(None, None, &client).await;
    assert_eq!(outcome.error.unwrap().origin, Origin::Harness);
    let page =
        client.run(&RequestCall::get("http://127.0.0.1:1/"), Instant::now() + Duration::from_secs(5)).await;
    let failed = submit(Some("http://127.0.0.1:1/"), None, &client).await;
    assert_eq!(failed.error, page.error);
}
