//! What must not be named, or not for certain: a wrong name is worse than none.

use super::tests::{
    HTML, Step, code, code_after, diagnose_after, exchange_of, failed, form, get, is, page, resource, rows,
};
use super::*;
use crate::diagnose::Certainty::{Certain, Probable};
use crate::diagnose::explain_by_refusal;
use crate::evidence::{BodyEnd, Cause, ConsoleMessage, Evidence, PageState, Phase, Submission, Violation};
use crate::spec::Allow;
use crate::verdict::StepError;

fn io(error: &str) -> Cause {
    let place = "203.0.113.7:5432".to_owned();
    Cause::Io { error: error.to_owned(), phase: Phase::Connect, place }
}

fn found(before: &[Step], step: &Step) -> (String, crate::diagnose::Certainty) {
    let diagnosis = diagnose_after(before, step).unwrap();
    (diagnosis.code, diagnosis.certainty)
}

fn asked(method: &str, url: &str, status: u16, body: &str, text: &str) -> Evidence {
    let mut exchange = exchange_of(method, &format!("http://shop.example{url}"), status, &[], text);
    exchange.hops[0].request.body = crate::evidence::Body::of_text(body);
    Evidence::Exchange(exchange)
}

#[test]
fn a_database_that_is_out_of_our_reach_is_not_the_sites() {
    let host = || "db.example".to_owned();
    let causes = [
        io("ConnectionRefused"),
        io("TimedOut"),
        Cause::Timeout { phase: Phase::Connect, limit_ms: 9.0 },
        Cause::NoAddress { host: host() },
        Cause::Lookup { host: host(), detail: "so".to_owned() },
        Cause::Closed,
    ];
    for cause in causes {
        let step = Step { action: "sql", ..Step::erring(StepError::harness(cause)) };
        is(code(&step), "harness.database_unreachable");
    }
}

#[test]
fn no_way_out_from_here_is_ours() {
    let cases = [
        Cause::Lookup { host: "shop.example".to_owned(), detail: "no answer".to_owned() },
        Cause::Timeout { phase: Phase::Lookup, limit_ms: 9.0 },
        Cause::Io {
            error: "ConnectionRefused".to_owned(),
            phase: Phase::Lookup,
            place: "192.0.2.53:53".to_owned(),
        },
        io("NetworkUnreachable"),
    ];
    for cause in cases {
        let error = StepError::reaching(cause);
        assert_eq!(error.origin, crate::verdict::Origin::Harness);
        is(code(&Step::erring(error)), "harness.offline");
    }
    let broken = StepError::reaching(Cause::NameServer { host: "shop.example".to_owned() });
    assert_eq!(broken.origin, crate::verdict::Origin::Target);
    assert_eq!(found(&[], &Step::erring(broken)), ("dns.broken".to_owned(), Probable));
}

#[test]
fn what_a_step_allows_is_no_cause() {
    let violation =
        || Violation::Csp { directive: "script-src".to_owned(), url: "inline".to_owned(), source: None };
    let thrown = ConsoleMessage {
        level: "error".to_owned(),
        uncaught: true,
        text: "x is not defined".to_owned(),
        source: None,
    };
    let state = PageState {
        violations: vec![violation()],
        resources: vec![resource("script", 404, "text/html"), resource("", 500, "application/json")],
        console: vec![thrown],
        ..page("Hello")
    };
    let step = |allowed: &[&str]| Step {
        allow: Allow::of(allowed),
        ..Step::failing(Evidence::Page(state.clone()), "text", "contains \"another\"", "\"Hello\"")
    };
    assert_eq!(code(&step(&["csp", "requests.failed", "console.errors"])), None);
    // Beside a text that is missing it is a guess.
    assert_eq!(
        found(&[], &step(&["requests.failed", "console.errors"])),
        ("static.csp".to_owned(), Probable)
    );
    let judged = Step { checks: failed("csp", "nothing", "script-src inline"), ..step(&["requests.failed"]) };
    assert_eq!(found(&[], &judged).1, Certain);
}

#[test]
fn a_write_that_is_not_there_comes_before_files_that_nobody_judged() {
    let state =
        PageState { violations: vec![Violation::MixedContent { url: "http://x/".to_owned() }], ..page("") };
    let look = Step::failing(Evidence::Page(state), "text", "contains \"Buy milk 7abc\"", "\"\"");
    is(code_after(&[Step::saw(form(200, "<p>Buy milk 7abc"))], &look), "database.write_lost");
}

#[test]
fn a_request_that_fails_points_at_the_schema_only_where_it_is_to_make_something() {
    let post = |expected: &str| {
        Step::failing(asked("POST", "/v1/tokens", 500, "{}", "{}"), "status", expected, "500")
    };
    let read = |url: &str| Step::saw(asked("GET", url, 200, "", "[]"));
    is(code_after(&[read("/healthz")], &post("200")), "application.error");
    assert_eq!(found(&[read("/healthz")], &post("201")), ("database.schema".to_owned(), Probable));
    assert_eq!(code(&post("201")).as_deref(), Some("application.error"), "nothing was read yet");
    is(code_after(&[read("/v1/tokens/7")], &post("200")), "database.schema");
}

#[test]
fn a_request_in_the_background_is_no_write_and_no_schema() {
    let mut beacon = resource("", 204, "text/plain");
    beacon.method = "POST".to_owned();
    let click = Step {
        action: "click",
        ..Step::saw(Evidence::Page(PageState { resources: vec![beacon], ..page("Hello") }))
    };
    let count = Step::failing(rows(0), "row.n", "1", "0");
    assert_eq!(code_after(&[click], &count), None, "nothing was written");
}

#[test]
fn the_write_that_is_missing_is_the_one_that_sent_the_value() {
    let sent = |text: &str, url: &str, answer: &str| {
        let answer = exchange_of("POST", &format!("http://shop.example{url}"), 200, &[HTML], answer);
        let fields = vec![("text".to_owned(), text.to_owned())];
        Step::saw(Evidence::Submission(Submission { page: None, fields, answer }))
    };
    let steps = [sent("Buy milk", "/new", "<p>Buy milk"), sent("Make tea", "/other", "<p>Make tea")];
    let count = Step::failing(rows(0), "row.n", "1", "0").asking(&["Buy milk"]);
    let diagnosis = diagnose_after(&steps, &count).unwrap();
    assert!(diagnosis.evidence[0].ends_with("http://shop.example/new"), "{diagnosis:?}");
    let again =
        "<form method=post><input name=text value=''></form><p class=error>You can't have an empty item";
    let refused = [sent("", "/new", again)];
    assert_eq!(code_after(&refused, &count), None, "what was refused was not written");
    let shown = [sent("Buy milk", "/new", "<form method=post><input name=text></form><p>Buy milk")];
    is(code_after(&shown, &count), "database.write_lost");
    let mut made = exchange_of("POST", "http://shop.example/new", 302, &[("location", "/lists/7/")], "");
    made.hops.extend(exchange_of("GET", "http://shop.example/lists/7/", 200, &[HTML], "<p>Buy milk").hops);
    let fields = vec![("text".to_owned(), "Buy milk".to_owned())];
    let made = Step::saw(Evidence::Submission(Submission { page: None, fields, answer: made }));
    let twice = "<form method=post><input name=text></form><p>Buy milk<p>You've already got this";
    let steps = [made, sent("Buy milk", "/lists/7/add", twice)];
    let diagnosis = diagnose_after(&steps, &count).unwrap();
    assert!(diagnosis.evidence[0].ends_with("http://shop.example/lists/7/"), "{diagnosis:?}");
}

#[test]
fn an_item_with_a_not_in_it_is_looked_for_too() {
    let mut write = form(200, "<p>do not forget milk");
    if let Evidence::Submission(submission) = &mut write {
        submission.fields = vec![("text".to_owned(), "do not forget milk".to_owned())];
    }
    let look =
        Step::failing(get(200, "<p>Nothing"), "text", "contains \"do not forget milk\"", "\"Nothing\"");
    is(code_after(&[Step::saw(write)], &look), "database.write_lost");
}

#[test]
fn an_account_that_is_to_be_confirmed_is_not_lost() {
    let body = r#"{"email":"edith@shop.example","password":"secret-7abc"}"#;
    let made = || Step::saw(asked("POST", "/accounts", 201, body, "{}"));
    let login = |body: &str, told: &str| {
        Step::failing(asked("POST", "/login", 401, body, told), "status", "200", "401")
    };
    assert_eq!(code_after(&[made()], &login(body, "verify your address first")), None);
    let mistyped = r#"{"email":"edith@shop.example","password":"secret-8abc"}"#;
    assert_eq!(code_after(&[made()], &login(mistyped, "no")), None);
    assert_eq!(found(&[made()], &login(body, "no")), ("database.write_lost".to_owned(), Probable));
}

#[test]
fn a_cookie_that_does_not_tell_the_visitor_is_not_missed() {
    let given = |cookie: &str| {
        let headers = [HTML, ("set-cookie", cookie)];
        Step::saw(Evidence::Exchange(exchange_of("GET", "http://shop.example/", 200, &headers, "<p>Hello")))
    };
    let look = || Step::failing(get(200, "<p>Hello"), "text", "contains \"Welcome\"", "\"Hello\"");
    assert_eq!(code_after(&[given("AWSALBCORS=1; Secure")], &look()), None);
    assert_eq!(found(&[given("sessionid=1; Secure")], &look()), ("session.cookie_lost".to_owned(), Probable));
    let forbidden = |cookie: &str| {
        let headers = [HTML, ("set-cookie", cookie)];
        let answer = exchange_of("GET", "http://shop.example/", 403, &headers, "<p>No");
        code(&Step::failing(Evidence::Exchange(answer), "status", "200", "403"))
    };
    assert_eq!(forbidden("AWSALBCORS=1; Secure"), None);
    is(forbidden("sessionid=1; Secure"), "session.cookie_lost");
    // Another cause that is seen comes before a cookie that may be one.
    let write = Step::saw(form(200, "<p>Buy milk 7abc")).by("francis");
    let leak = Step::failing(
        get(200, "<p>Buy milk 7abc"),
        "text",
        "does not contain \"Buy milk 7abc\"",
        "\"Buy milk 7abc\"",
    );
    is(code_after(&[given("sessionid=1; Secure"), write], &leak), "session.leak");
}

#[test]
fn only_the_last_name_of_a_path_tells_a_revision() {
    let version = |subject: &str| {
        code(&Step::failing(asked("GET", "/version", 200, "", "{}"), subject, "\"new\"", "\"old\""))
    };
    for subject in ["json.\"$.release.title\"", "json.\"$.commit.author\"", "json.\"$['build']['host']\""] {
        assert_eq!(version(subject), None, "{subject}");
    }
    for subject in ["json.\"$.app.git_sha\"", "json.\"$['release']\"", "header.x-release"] {
        is(version(subject), "release.stale");
    }
    let step =
        Step::failing(asked("GET", "/version", 200, "", "{}"), "json.\"$.version\"", "\"new\"", "\"old\"");
    let memory = Memory::new("shop.example").with_revision(Some("json.\"$.version\"".to_owned()));
    assert_eq!(diagnose_step(&step.facts(), &memory).unwrap().code, "release.stale");
}

#[test]
fn what_another_visitor_merely_saw_may_stand_on_every_page() {
    let seen = || Step::saw(get(200, "<p>Log out")).by("francis");
    let look =
        || Step::failing(get(200, "<p>Log out"), "text", "does not contain \"Log out\"", "\"Log out\"");
    assert_eq!(found(&[seen()], &look()), ("session.leak".to_owned(), Probable));
    let write = || Step::saw(form(200, "<p>Buy milk 7abc")).by("francis");
    let shown = || get(200, "<p>Buy milk 7abc");
    let pattern = Step::failing(shown(), "text", "does not match /milk \\w+/", "\"Buy milk 7abc\"");
    assert_eq!(found(&[write()], &pattern), ("session.leak".to_owned(), Certain));
    let let_in = Step::failing(shown(), "status", "one of 401, 403", "200");
    is(code_after(&[write()], &let_in), "session.leak");
}

#[test]
fn an_answer_that_says_how_long_it_is_has_an_end() {
    let slow = |headers: &[(&str, &str)]| {
        let cause = Cause::Body { end: BodyEnd::TimedOut, size: 9, limit: 99 };
        let exchange = exchange_of("GET", "http://shop.example/", 200, headers, "part");
        Step { error: Some(StepError::target(cause)), ..Step::saw(Evidence::Exchange(exchange)) }
    };
    assert_eq!(found(&[], &slow(&[("content-length", "99")])), ("speed.slow".to_owned(), Probable));
    assert_eq!(found(&[], &slow(&[])), ("network.endless".to_owned(), Probable));
}

#[test]
fn a_redirect_into_a_private_network_is_astray_only_where_nobody_answers() {
    let judge = |from: &str, to: &str, is_answered: bool| {
        let mut exchange = exchange_of("GET", from, 302, &[("location", to)], "");
        if is_answered {
            exchange.hops.extend(exchange_of("GET", to, 200, &[HTML], "<p>Hello").hops);
        }
        let step =
            Step { checks: failed("title", "\"Shop\"", "\"\""), ..Step::saw(Evidence::Exchange(exchange)) };
        diagnose_after(&[], &step).map(|found| (found.code, found.certainty))
    };
    let astray = |certainty| Some(("proxy.redirect_astray".to_owned(), certainty));
    assert_eq!(judge("https://shop.example/", "https://shop.internal/", true), None);
    assert_eq!(judge("https://shop.example/", "https://10.0.0.7/", false), astray(Probable));
    assert_eq!(judge("https://shop.example/", "http://localhost:8000/", true), astray(Certain));
    assert_eq!(judge("https://shop.internal/", "https://web.internal/", false), None);
}

#[test]
fn what_a_database_refuses_to_a_cleanup_it_refuses_to_the_site_where_its_writes_fail() {
    let refused = |code: &str, state: &str| {
        StepError::harness(Cause::Sql {
            state: Some(state.to_owned()),
            code: code.to_owned(),
            detail: "no".to_owned(),
        })
    };
    let schema = Diagnosis::of("database.schema", Probable, "").seen("POST → 500");
    for (code, state, wanted) in [
        ("1290", "HY000", "database.read_only"),
        ("25006", "25006", "database.read_only"),
        ("1142", "42000", "database.denied"),
        ("42501", "42501", "database.denied"),
        ("1064", "42000", "database.schema"),
    ] {
        let judged = explain_by_refusal(schema.clone(), "cleanup", &refused(code, state));
        assert_eq!((judged.code.as_str(), judged.certainty), (wanted, Probable), "{code}");
        assert!(judged.evidence.contains(&"POST → 500".to_owned()), "{code}");
    }
    let missing = Diagnosis::of("static.missing", Certain, "");
    assert_eq!(explain_by_refusal(missing.clone(), "cleanup", &refused("1290", "HY000")), missing);
}
