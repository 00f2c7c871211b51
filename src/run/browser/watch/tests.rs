//! Events as browsers send them, and what is remembered of them.

use serde_json::json;

use super::*;

fn completed(context: &str, url: &str, status: u16) -> Value {
    let request = json!({ "request": url, "url": url, "method": "GET", "destination": "style" });
    json!({ "context": context, "request": request, "response": { "status": status, "mimeType": "text/css; charset=utf-8" } })
}

fn watch() -> Watch {
    let watch = Watch::new(BrowserKind::Chromium, &Url::parse("http://127.0.0.1:1/").unwrap());
    watch.note("browsingContext.contextCreated", &json!({ "context": "page", "parent": null }));
    watch
}

/// A request for a document of the page, with an answer of this status.
fn going(navigation: &str, path: &str, status: u16) -> Value {
    let mut event = completed("page", &format!("http://127.0.0.1:1{path}"), status);
    event["navigation"] = json!(navigation);
    event["request"]["destination"] = json!("document");
    event
}

#[test]
fn what_a_frame_does_belongs_to_its_page() {
    let watch = watch();
    watch.note("browsingContext.contextCreated", &json!({ "context": "frame", "parent": "page" }));
    watch.note("network.responseCompleted", &completed("frame", "http://127.0.0.1:1/a.css", 404));
    let seen = watch.seen("page");
    assert_eq!(seen.resources.len(), 1);
    assert_eq!(seen.resources[0].media_type, "text/css");
    assert!(seen.resources[0].same_origin);
}

#[test]
fn neither_an_icon_that_nobody_asked_for_nor_a_request_given_up_is_a_failure() {
    let watch = watch();
    watch.note("network.responseCompleted", &completed("page", "http://127.0.0.1:1/favicon.ico", 404));
    let mut given_up = completed("page", "http://127.0.0.1:1/poll", 200);
    given_up["response"] = Value::Null;
    given_up["errorText"] = json!("net::ERR_ABORTED");
    given_up["request"]["destination"] = json!("");
    watch.note("network.fetchError", &given_up);
    assert_eq!(watch.seen("page").resources, []);
}

#[test]
fn a_stylesheet_that_was_refused_is_one_unless_the_page_was_left_meanwhile() {
    let watch = watch();
    let mut refused = completed("page", "http://127.0.0.1:1/site.css", 200);
    refused["response"] = Value::Null;
    refused["errorText"] = json!("net::ERR_ABORTED");
    watch.note("network.beforeRequestSent", &refused);
    watch.note("network.fetchError", &refused);
    assert!(watch.seen("page").resources[0].is_failed());
    watch.begin_navigation("page");
    watch.note("network.beforeRequestSent", &refused);
    let mut next = completed("page", "http://127.0.0.1:1/next", 200);
    next["navigation"] = json!("n2");
    watch.note("network.beforeRequestSent", &next);
    watch.note("network.fetchError", &refused);
    assert_eq!(watch.seen("page").resources, []);
}

#[test]
fn what_was_answered_and_did_not_end_is_a_failure() {
    let watch = watch();
    let mut event = completed("page", "http://127.0.0.1:1/site.css", 200);
    watch.note("network.responseCompleted", &event);
    event["response"] = Value::Null;
    event["errorText"] = json!("net::ERR_CONTENT_LENGTH_MISMATCH");
    watch.note("network.fetchError", &event);
    let seen = watch.seen("page");
    assert_eq!((seen.resources.len(), seen.resources[0].is_failed()), (1, true));
}

#[test]
fn what_failed_is_known_from_its_first_byte_and_told_once() {
    let watch = watch();
    let mut event = completed("page", "http://127.0.0.1:1/api/notes", 500);
    event["request"]["destination"] = json!("");
    watch.note("network.beforeRequestSent", &event);
    watch.note("network.responseStarted", &event);
    assert_eq!(watch.seen("page").resources[0].status, Some(500));
    event["response"] = Value::Null;
    event["errorText"] = json!("net::ERR_ABORTED");
    watch.begin_step("page");
    watch.note("network.fetchError", &event);
    assert_eq!(watch.seen("page").resources, []);
    let mut guarded = completed("page", "http://127.0.0.1:1/own", 401);
    guarded["navigation"] = json!("n1");
    watch.note("network.responseStarted", &guarded);
    assert_eq!(watch.seen("page").resources, [], "a login may follow");
    guarded["navigation"] = Value::Null;
    guarded["request"]["destination"] = json!("");
    watch.note("network.responseStarted", &guarded);
    watch.note("network.responseStarted", &guarded);
    assert_eq!(watch.seen("page").resources.len(), 1);
}

#[test]
fn a_chatty_page_hides_neither_its_errors_nor_its_failures() {
    let watch = watch();
    let message = |level: &str, text: &str| json!({ "source": { "context": "page" }, "type": "console", "level": level, "text": text });
    for number in 0..150 {
        watch.note("log.entryAdded", &message("info", &number.to_string()));
    }
    watch.note("log.entryAdded", &message("error", "boom"));
    for number in 0..600 {
        let url = format!("http://127.0.0.1:1/{number}.css");
        watch.note("network.responseCompleted", &completed("page", &url, 200));
    }
    watch.note("network.responseCompleted", &completed("page", "http://127.0.0.1:1/gone.css", 404));
    let seen = watch.seen("page");
    assert_eq!((seen.console.len(), seen.left_out.messages), (101, 50));
    assert_eq!(seen.console[100].text, "boom");
    assert_eq!((seen.resources.len(), seen.left_out.requests), (501, 100));
    assert_eq!(seen.resources[500].status, Some(404));
}

#[test]
fn what_nobody_judged_is_kept_and_known_to_have_come_before() {
    let watch = watch();
    watch.note("network.responseCompleted", &completed("page", "http://127.0.0.1:1/a.css", 404));
    assert_eq!(watch.seen("page").before.requests, 0);
    watch.note("network.responseCompleted", &completed("page", "http://127.0.0.1:1/b.css", 404));
    watch.begin_navigation("page");
    watch.note("network.responseCompleted", &completed("page", "http://127.0.0.1:1/c.css", 404));
    let seen = watch.seen("page");
    assert_eq!((seen.resources.len(), seen.before.requests), (2, 1));
}

#[test]
fn a_page_is_on_its_way_until_its_document_is_whole_or_will_not_come() {
    let watch = watch();
    let begin = |event: &Value| watch.note("network.beforeRequestSent", event);
    let end = |method: &str, navigation: &str| {
        watch.note(method, &json!({ "context": "page", "navigation": navigation, "url": "" }));
    };
    begin(&going("n1", "/next", 200));
    assert!(watch.is_arriving("page") && !watch.is_loading("page"));
    end("browsingContext.navigationCommitted", "n1");
    assert!(watch.is_loading("page"));
    end("browsingContext.load", "n1");
    assert!(!watch.is_arriving("page"));
    // Chromium may tell late that the request was sent.
    begin(&going("n1", "/next", 200));
    assert!(!watch.is_arriving("page"));
    begin(&going("n2", "/slow", 200));
    let mut given_up = going("n2", "/slow", 200);
    given_up["response"] = Value::Null;
    given_up["errorText"] = json!("NS_BINDING_ABORTED");
    watch.note("network.fetchError", &given_up);
    assert!(!watch.is_arriving("page"));
    begin(&going("n3", "/file", 200));
    end("browsingContext.downloadWillBegin", "n3");
    assert!(!watch.is_arriving("page"));
}

#[test]
fn a_document_on_the_way_is_kept_and_only_the_last_one_is_the_pages_own() {
    let watch = watch();
    let (first, second) = (going("n1", "/broken", 500), going("n2", "/fine", 200));
    watch.note("network.responseStarted", &first);
    watch.note("network.beforeRequestSent", &first);
    watch.note("network.beforeRequestSent", &second);
    watch.note("network.responseStarted", &second);
    // Chromium names the new navigation with the old one's end.
    let mut late = going("n2", "/broken", 500);
    late["request"]["request"] = first["request"]["request"].clone();
    watch.note("network.responseCompleted", &late);
    watch.note("network.responseCompleted", &second);
    let seen = watch.seen("page");
    assert_eq!(seen.document.unwrap().status, Some(200));
    let statuses: Vec<_> = seen.resources.iter().map(|one| (one.destination.as_str(), one.status)).collect();
    assert_eq!(statuses, [("document", Some(500)), ("document", Some(200))]);
}

#[test]
fn what_comes_after_its_page_is_forgotten_is_not_kept() {
    let watch = watch();
    watch.forget("page");
    watch.note("network.responseCompleted", &completed("page", "http://127.0.0.1:1/a.css", 404));
    assert!(watch.lock().records.is_empty());
}

#[test]
fn what_is_asked_for_is_pending_until_it_comes() {
    let watch = watch();
    let mut event = completed("page", "http://127.0.0.1:1/slow.js", 200);
    watch.note("network.beforeRequestSent", &event);
    assert_eq!(watch.pending("page"), ["http://127.0.0.1:1/slow.js"]);
    event["response"]["status"] = json!(200);
    watch.note("network.responseCompleted", &event);
    assert_eq!(watch.pending("page"), [""; 0]);
}
