//! From evidence to codes, one case after the other.

use super::*;
use crate::diagnose::{Certainty, Meant};
use crate::evidence::{
    Asset, AssetFault, AssetKind, AssetSweep, Body, Cause, Certificate, ConsoleMessage, Evidence, Exchange,
    Header, Headers, Hop, Lookup, PageState, Phase, Request, Response, Rows, SubResource, Submission,
    Timings, TlsReason, Value,
};
use crate::expect::{Check, Term, Terms};
use crate::source::Place;
use crate::spec::Allow;
use crate::verdict::StepError;

pub(super) fn exchange_of(
    method: &str,
    url: &str,
    status: u16,
    headers: &[(&str, &str)],
    text: &str,
) -> Exchange {
    let headers = headers
        .iter()
        .map(|(name, value)| Header { name: (*name).to_owned(), value: (*value).to_owned() })
        .collect();
    let response = Response {
        status,
        version: "HTTP/1.1".to_owned(),
        headers: Headers(headers),
        body: Body::of_text(text),
        text: Some(text.to_owned()),
    };
    let request = Request {
        method: method.to_owned(),
        url: url.to_owned(),
        headers: Headers::default(),
        body: Body::default(),
    };
    let hop = Hop {
        request,
        response: Some(response),
        cause: None,
        timings: Timings::default(),
        address: None,
        certificate: None,
    };
    Exchange { hops: vec![hop], total_ms: 1.0 }
}

pub(super) const HTML: (&str, &str) = ("content-type", "text/html");

pub(super) fn get(status: u16, text: &str) -> Evidence {
    Evidence::Exchange(exchange_of("GET", "http://shop.example/x", status, &[HTML], text))
}

pub(super) fn form(status: u16, text: &str) -> Evidence {
    let page =
        exchange_of("GET", "http://shop.example/", 200, &[HTML], "<title>Shop</title><form method=post>");
    let answer = exchange_of("POST", "http://shop.example/new", status, &[HTML], text);
    let fields = vec![("text".to_owned(), "Buy milk 7abc".to_owned())];
    Evidence::Submission(Submission { page: Some(page), fields, answer })
}

pub(super) fn page(text: &str) -> PageState {
    PageState {
        url: "http://shop.example/".to_owned(),
        title: "Shop".to_owned(),
        status: Some(200),
        text: text.to_owned(),
        html: format!("<title>Shop</title><body>{text}"),
        ..PageState::default()
    }
}

pub(super) fn rows(count: i64) -> Evidence {
    let rows = vec![vec![Value::Integer(count)]];
    Evidence::Rows(Rows { database: "app".to_owned(), rows, count: 1, ..Rows::default() })
}

pub(super) fn failed(subject: &str, expected: &str, actual: &str) -> Vec<Check> {
    vec![Check {
        subject: subject.to_owned(),
        holds: false,
        expected: expected.to_owned(),
        actual: actual.to_owned(),
        place: Some(place()),
        history: None,
        terms: read_terms(expected, actual),
    }]
}

fn place() -> Place {
    Place { file: "a.toml".to_owned(), line: 1, column: 1, length: 1, text: String::new() }
}

/// The values of an expectation that is told as reports tell it.
fn read_terms(expected: &str, actual: &str) -> Terms {
    let read = |text: &str| serde_json::from_str(text).ok().map(|value| Value::from_json(&value));
    let terms = |text: &str| -> Vec<Term> {
        let options = text.strip_prefix("one of ").map(|list| list.split(", ").collect());
        let options: Vec<&str> = options.unwrap_or_else(|| vec![text]);
        options.into_iter().filter_map(read).map(Term::Value).collect()
    };
    let seen = read(actual).into_iter().collect();
    let pattern = |text: &str| vec![Term::Pattern(text.trim_matches('/').to_owned())];
    match expected.strip_prefix("does not contain ") {
        Some(text) => Terms { unwanted: terms(text), seen, ..Terms::default() },
        None => match expected.strip_prefix("does not match ") {
            Some(text) => Terms { unwanted: pattern(text), seen, ..Terms::default() },
            None => {
                let wanted = terms(expected.strip_prefix("contains ").unwrap_or(expected));
                Terms { wanted, seen, ..Terms::default() }
            }
        },
    }
}

/// A step of a scenario with two actors.
pub(super) struct Step {
    pub(super) action: &'static str,
    pub(super) actor: &'static str,
    pub(super) checks: Vec<Check>,
    pub(super) error: Option<StepError>,
    pub(super) evidence: Option<Evidence>,
    pub(super) allow: Allow,
    pub(super) values: Vec<String>,
}

impl Step {
    pub(super) fn saw(evidence: Evidence) -> Self {
        Self {
            action: "get",
            actor: "edith",
            checks: Vec::new(),
            error: None,
            evidence: Some(evidence),
            allow: Allow::default(),
            values: Vec::new(),
        }
    }

    pub(super) fn failing(evidence: Evidence, subject: &str, expected: &str, actual: &str) -> Self {
        Self { checks: failed(subject, expected, actual), ..Self::saw(evidence) }
    }

    pub(super) fn erring(error: StepError) -> Self {
        Self { error: Some(error), evidence: None, ..Self::saw(rows(0)) }
    }

    pub(super) fn by(self, actor: &'static str) -> Self {
        Self { actor, ..self }
    }

    pub(super) fn asking(self, values: &[&str]) -> Self {
        let values = values.iter().map(|&value| value.to_owned()).collect();
        Self { action: "sql", values, ..self }
    }

    pub(super) fn facts(&self) -> StepFacts<'_> {
        StepFacts {
            name: "the step",
            action: self.action,
            actor: self.actor,
            checks: &self.checks,
            error: self.error.as_ref(),
            evidence: self.evidence.as_ref(),
            meant: Meant { allow: Some(&self.allow), values: &self.values },
        }
    }
}

pub(super) fn diagnose_after(before: &[Step], step: &Step) -> Option<Diagnosis> {
    let mut memory = Memory::new("shop.example");
    for one in before {
        memory.note(&one.facts());
    }
    diagnose_step(&step.facts(), &memory)
}

pub(super) fn code_after(before: &[Step], step: &Step) -> Option<String> {
    diagnose_after(before, step).map(|diagnosis| {
        assert!(!diagnosis.evidence.is_empty() && !diagnosis.advice.is_empty(), "{diagnosis:?}");
        diagnosis.code
    })
}

pub(super) fn code(step: &Step) -> Option<String> {
    code_after(&[], step)
}

#[expect(clippy::needless_pass_by_value, reason = "reads well where it is called")]
pub(super) fn is(found: Option<String>, expected: &str) {
    assert_eq!(found.as_deref(), Some(expected));
}

#[test]
fn causes_of_the_network_have_their_names() {
    let io = |error: &str| Cause::Io {
        error: error.to_owned(),
        phase: Phase::Connect,
        place: "203.0.113.7:443".to_owned(),
    };
    let tls = |reason| Cause::Tls { reason, detail: "invalid peer certificate".to_owned() };
    let host = || "shop.example".to_owned();
    let cases = [
        (Cause::NoAddress { host: host() }, "dns.no_record"),
        (Cause::NameServer { host: host() }, "dns.broken"),
        (io("ConnectionRefused"), "network.refused"),
        (io("ConnectionReset"), "network.reset"),
        (io("TimedOut"), "network.timeout"),
        (Cause::Timeout { phase: Phase::Connect, limit_ms: 9.0 }, "network.timeout"),
        (Cause::Closed, "network.closed"),
        (tls(TlsReason::Expired), "tls.expired"),
        (tls(TlsReason::WrongName), "tls.wrong_name"),
        (tls(TlsReason::Untrusted), "tls.untrusted"),
        (Cause::RedirectLoop { followed: 10 }, "proxy.redirect_loop"),
        (Cause::Navigation { code: "net::ERR_EMPTY_RESPONSE".to_owned() }, "network.closed"),
        (Cause::Body { end: crate::evidence::BodyEnd::TooLarge, size: 9, limit: 8 }, "network.endless"),
    ];
    for (cause, expected) in cases {
        is(code(&Step::erring(StepError::target(cause))), expected);
    }
    let unknown = Cause::Tls { reason: TlsReason::Alert, detail: "alert".to_owned() };
    assert_eq!(code(&Step::erring(StepError::target(unknown))), None);
}

#[test]
fn a_public_leaf_that_is_sent_alone_is_an_incomplete_chain() {
    let judge = |issuer: &str| {
        let mut exchange = exchange_of("GET", "https://shop.example/", 200, &[], "");
        exchange.hops[0].response = None;
        exchange.hops[0].certificate = Some(Certificate {
            subject: "CN=shop.example".to_owned(),
            issuer: issuer.to_owned(),
            names: vec!["shop.example".to_owned()],
            not_before: String::new(),
            not_after: String::new(),
            chain_length: 1,
        });
        let cause = Cause::Tls { reason: TlsReason::Untrusted, detail: "UnknownIssuer".to_owned() };
        let step = Step { error: Some(StepError::target(cause)), ..Step::saw(Evidence::Exchange(exchange)) };
        code(&step)
    };
    is(judge("C=US, O=Let's Encrypt, CN=R11"), "tls.incomplete_chain");
    is(judge("CN=Acme Intermediate CA 1"), "tls.incomplete_chain");
    is(judge("CN=shop.example"), "tls.untrusted");
    is(judge("CN=Acme Root"), "tls.untrusted");
}

#[test]
fn our_own_side_is_told_apart() {
    let sql = |code: &str, state: Option<&str>| Cause::Sql {
        state: state.map(str::to_owned),
        code: code.to_owned(),
        detail: "refused".to_owned(),
    };
    let cases = [
        (Cause::BrowserMissing, Some("harness.browser_missing")),
        (Cause::NoDisplay, Some("harness.no_display")),
        (Cause::DriverMismatch, Some("harness.driver_mismatch")),
        (Cause::DriverDied, Some("harness.driver_died")),
        (sql("1045", Some("28000")), Some("harness.database_login")),
        (sql("SQLITE_CANTOPEN", None), Some("harness.database_file")),
        (sql("1142", Some("42000")), Some("harness.database_denied")),
        (sql("42501", Some("42501")), Some("harness.database_denied")),
        (sql("1290", Some("HY000")), Some("harness.database_denied")),
        (sql("1040", Some("08004")), Some("harness.database_unreachable")),
        (sql("57P03", Some("57P03")), Some("harness.database_unreachable")),
        (
            Cause::File { path: "/tmp/x".to_owned(), error: "StorageFull".to_owned() },
            Some("harness.disk_full"),
        ),
        (Cause::Spec { detail: "no such database".to_owned() }, None),
        (Cause::Interrupted, None),
    ];
    for (cause, expected) in cases {
        assert_eq!(code(&Step::erring(StepError::harness(cause))).as_deref(), expected);
    }
}

#[test]
fn a_statement_that_the_database_refuses_is_named_by_its_state() {
    let cases = [
        (Some("42S02"), "1146", "Table 'app.items' doesn't exist", "database.schema"),
        (Some("42P01"), "42P01", "relation \"items\" does not exist", "database.schema"),
        (None, "SQLITE_ERROR", "no such table: items", "database.schema"),
        (None, "SQLITE_BUSY", "database is locked", "database.locked"),
        (None, "SQLITE_FULL", "database or disk is full", "database.full"),
    ];
    for (state, number, detail, expected) in cases {
        let cause = Cause::Sql {
            state: state.map(str::to_owned),
            code: number.to_owned(),
            detail: detail.to_owned(),
        };
        is(code(&Step::erring(StepError::target(cause))), expected);
    }
}

#[test]
fn a_known_page_is_the_cause_of_what_failed_on_it() {
    let welcome = include_str!("../../demo/templates/welcome_to_nginx.html");
    let mut step = Step::saw(get(200, welcome));
    step.error = Some(StepError::target(Cause::Form { detail: "no form matches form.item".to_owned() }));
    let diagnosis = diagnose_after(&[], &step).unwrap();
    assert_eq!((diagnosis.code.as_str(), diagnosis.certainty), ("proxy.default_page", Certainty::Certain));
    assert_eq!(diagnosis.evidence.len(), 2, "the page, and what failed on it: {diagnosis:?}");
    is(code(&Step::failing(get(502, "<h1>Oops</h1>"), "status", "below 400", "502")), "proxy.bad_gateway");
    is(code(&Step::failing(get(503, ""), "status", "below 400", "503")), "proxy.unavailable");
}

#[test]
fn redirects_to_a_development_host_and_to_a_login_are_seen() {
    let hops = |from: &str, to: &str, text: &str| {
        let mut first = exchange_of("GET", from, 302, &[("location", to)], "");
        first.hops.extend(exchange_of("GET", to, 200, &[HTML], text).hops);
        Step::failing(Evidence::Exchange(first), "title", "contains \"Shop\"", "\"Sign in\"")
    };
    is(code(&hops("https://shop.example/", "http://localhost:8000/", "")), "proxy.redirect_astray");
    let login = "<title>Sign in</title><input type=password>";
    is(code(&hops("https://shop.example/", "https://sso.corp.example/login?x", login)), "access.login_wall");
    assert_eq!(code(&hops("https://shop.example/", "https://shop.example/login", login)), None);
    assert_eq!(code(&hops("https://shop.example/", "https://www.shop.example/", "<p>Hello")), None);
    assert_eq!(code(&hops("http://127.0.0.1:8000/", "http://localhost:8000/", "<p>Hello")), None);
}

#[test]
fn a_redirect_to_where_nobody_answers_is_no_site_that_is_down() {
    let refused = |from: &str, to: &str| {
        let mut exchange = exchange_of("GET", from, 302, &[("location", to)], "");
        let mut hop = exchange_of("GET", to, 200, &[], "").hops.remove(0);
        let cause = Cause::Io {
            error: "ConnectionRefused".to_owned(),
            phase: Phase::Connect,
            place: "127.0.0.1:8000".to_owned(),
        };
        (hop.response, hop.cause) = (None, Some(cause.clone()));
        exchange.hops.push(hop);
        code(&Step { error: Some(StepError::target(cause)), ..Step::saw(Evidence::Exchange(exchange)) })
    };
    is(refused("http://shop.example/", "http://localhost:8000/lists/1/"), "proxy.redirect_astray");
    is(refused("http://shop.example/", "http://old.example/"), "proxy.redirect_astray");
    is(refused("http://shop.example/", "https://shop.example/"), "network.refused");
}

#[test]
fn a_page_that_the_site_named_after_a_write_and_that_is_not_there_is_a_lost_write() {
    let mut answer = exchange_of("POST", "http://shop.example/new", 302, &[("location", "/lists/7/")], "");
    answer.hops.extend(exchange_of("GET", "http://shop.example/lists/7/", 404, &[HTML], "Not found").hops);
    let fields = vec![("text".to_owned(), "Buy milk 7abc".to_owned())];
    let sent = Evidence::Submission(Submission { page: None, fields, answer });
    is(code(&Step::failing(sent, "status", "below 400", "404")), "database.write_lost");
    let direct = Step::failing(form(404, "Not found"), "status", "below 400", "404");
    assert_eq!(code(&direct), None, "the form's own address may be wrong");
    let look = |url: &str| {
        let page = Evidence::Exchange(exchange_of("GET", url, 404, &[HTML], "Not found"));
        code_after(&[Step::saw(form(200, "<p>Buy milk"))], &Step::failing(page, "status", "200", "404"))
    };
    is(look("http://shop.example/new"), "database.write_lost");
    assert_eq!(look("http://shop.example/about"), None);
    let again = Step::failing(form(404, "Not found"), "status", "below 400", "404");
    is(code_after(&[Step::saw(form(200, "<p>Buy milk"))], &again), "database.write_lost");
    let made = exchange_of("POST", "http://shop.example/notes", 201, &[], "{\"code\":\"Zd_S-onc\"}");
    let gone = exchange_of("GET", "http://shop.example/notes/Zd_S-onc", 404, &[], "{}");
    let gone = Step::failing(Evidence::Exchange(gone), "status", "200", "404").by("francis");
    is(code_after(&[Step::saw(Evidence::Exchange(made))], &gone), "database.write_lost");
}

#[test]
fn a_visitor_whose_cookie_no_browser_keeps_is_forgotten() {
    let login = |cookie: &str| {
        Step::saw(Evidence::Exchange(exchange_of(
            "POST",
            "http://shop.example/new",
            200,
            &[HTML, ("set-cookie", cookie)],
            "<p>Buy milk 7abc",
        )))
    };
    let look = Step::failing(get(200, "<p>Nothing"), "text", "contains \"Buy milk 7abc\"", "\"Nothing\"");
    is(code_after(&[login("sessionid=1; Secure")], &look), "session.cookie_lost");
    is(code_after(&[login("sessionid=1; Domain=www.other.example")], &look), "session.cookie_lost");
    let kept = code_after(&[login("sessionid=1; Path=/account"), login("old=; Max-Age=0; Secure")], &look);
    assert_ne!(kept.as_deref(), Some("session.cookie_lost"));
}

#[test]
fn another_revision_is_an_old_release_and_another_value_is_not() {
    let version = |subject: &str, expected: &str, actual: &str| {
        let answer = exchange_of("GET", "http://shop.example/version", 200, &[], "{}");
        code(&Step::failing(Evidence::Exchange(answer), subject, expected, actual))
    };
    is(version("json.\"$.revision\"", "\"new\"", "\"old\""), "release.stale");
    is(version("header.x-git-sha", "\"b2\"", "\"a1\""), "release.stale");
    assert_eq!(version("json.\"$.revision\"", "\"new\"", "none"), None);
    assert_eq!(version("json.\"$.city\"", "\"Berlin\"", "\"Bonn\""), None);
}

#[test]
fn a_write_that_is_a_plain_500_points_at_the_schema() {
    let plain = "<title>Server Error (500)</title><h1>Server Error (500)</h1>";
    let step = Step::failing(form(500, plain), "status", "below 400", "500");
    let diagnosis = diagnose_after(&[], &step).unwrap();
    assert_eq!((diagnosis.code.as_str(), diagnosis.certainty), ("database.schema", Certainty::Probable));
    let marked = Step::failing(form(500, "no such table: lists_item"), "status", "below 400", "500");
    assert_eq!(diagnose_after(&[], &marked).unwrap().certainty, Certainty::Certain);
    is(code(&Step::failing(get(500, plain), "status", "below 400", "500")), "application.error");
}

#[test]
fn a_write_that_is_not_there_afterwards_is_lost() {
    let write = || Step::saw(form(200, "<p>Buy milk 7abc"));
    let count = Step::failing(rows(0), "row.n", "1", "0");
    is(code_after(&[write()], &count), "database.write_lost");
    assert_eq!(code_after(&[], &count), None, "nothing was written");
    assert_eq!(code_after(&[write()], &Step::failing(rows(2), "row.n", "1", "2")), None);
    let seen = Step::saw(get(200, "<p>Buy milk 7abc")).by("francis");
    is(code_after(&[write(), seen], &count), "database.other_database");
    let look = Step::failing(get(200, "<p>Nothing"), "text", "contains \"Buy milk 7abc\"", "\"Nothing\"");
    is(code_after(&[write()], &look), "database.write_lost");
    assert_eq!(code_after(&[write()], &look.by("francis")), None, "it may be hidden from others");
}

#[test]
fn one_visitors_data_on_anothers_page_is_a_leak() {
    let write = || Step::saw(form(200, "<p>Buy milk 7abc"));
    let look = || {
        Step::failing(
            get(200, "<p>Buy milk 7abc"),
            "text",
            "does not contain \"Buy milk 7abc\"",
            "\"Buy milk 7abc\"",
        )
    };
    is(code_after(&[write()], &look().by("francis")), "session.leak");
    assert_eq!(code_after(&[write()], &look()), None, "it is her own");
}

#[test]
fn a_cookie_that_cannot_come_back_is_seen() {
    let step = |cookie: &str| {
        let answer = exchange_of(
            "GET",
            "http://shop.example/account",
            200,
            &[HTML, ("set-cookie", cookie)],
            "<p>Hello",
        );
        Step::failing(Evidence::Exchange(answer), "cookie.sessionid", "exists", "nothing there")
    };
    for cookie in ["sessionid=1; Secure", "sessionid=1; Domain=other.example", "sessionid=1; Path=/admin"] {
        is(code(&step(cookie)), "session.cookie_lost");
    }
    for cookie in ["sessionid=1; Path=/; HttpOnly", "sessionid=1; Domain=.shop.example; Path=/account"] {
        assert_eq!(code(&step(cookie)), None, "{cookie}");
    }
}

#[test]
fn faults_of_assets_have_their_names() {
    let cases = [
        (AssetFault::Status { status: 404 }, "static.missing"),
        (AssetFault::Status { status: 403 }, "static.forbidden"),
        (AssetFault::Status { status: 502 }, "proxy.bad_gateway"),
        (AssetFault::HtmlInstead, "static.html_instead"),
        (
            AssetFault::WrongType { media_type: String::new(), expected: String::new(), nosniff: true },
            "static.wrong_type",
        ),
        (AssetFault::Empty, "static.empty"),
        (AssetFault::Truncated, "static.truncated"),
        (AssetFault::Undecodable, "static.truncated"),
        (AssetFault::Integrity { expected: String::new(), actual: String::new() }, "static.integrity"),
        (AssetFault::DevAddress { host: "localhost".to_owned() }, "static.dev_address"),
        (AssetFault::MixedContent, "static.mixed_content"),
    ];
    for (fault, expected) in cases {
        let asset = Asset {
            url: "http://shop.example/static/site.css".to_owned(),
            kind: AssetKind::Css,
            named_by: "/ <link>".to_owned(),
            third_party: false,
            status: Some(200),
            media_type: None,
            size: 0,
            total_ms: 1.0,
            faults: vec![fault],
        };
        let page = exchange_of("GET", "http://shop.example/", 200, &[HTML], "<p>Hello");
        let sweep = Evidence::Assets(AssetSweep { page, assets: vec![asset] });
        is(code(&Step::failing(sweep, "assets", "loads", "…")), expected);
    }
}

pub(super) fn resource(destination: &str, status: u16, media_type: &str) -> SubResource {
    SubResource {
        url: "http://shop.example/static/site.css".to_owned(),
        method: "GET".to_owned(),
        destination: destination.to_owned(),
        status: Some(status),
        media_type: media_type.to_owned(),
        error: None,
        same_origin: true,
    }
}

#[test]
fn a_login_in_place_of_a_script_is_no_wrong_file_and_no_exception() {
    let at = |url: &str, status: u16| SubResource {
        url: format!("http://shop.example{url}"),
        error: Some("not run".to_owned()),
        ..resource("script", status, "text/html")
    };
    let thrown = ConsoleMessage {
        level: "error".to_owned(),
        uncaught: true,
        text: "ReferenceError: interpolate is not defined".to_owned(),
        source: None,
    };
    let judge = |resources: Vec<SubResource>| {
        let state = PageState { console: vec![thrown.clone()], resources, ..page("Hello") };
        code(&Step::failing(Evidence::Page(state), "console.errors", "no uncaught exception", "…"))
    };
    assert_eq!(judge(vec![at("/words.js", 302), at("/login/?next=/words.js", 200)]), None);
    is(judge(vec![at("/words.js", 302), at("/start", 200)]), "static.html_instead");
    is(judge(vec![at("/words.js", 200)]), "static.html_instead");
}

#[test]
fn what_a_script_sent_well_and_does_not_find_again_is_a_lost_write() {
    let at = |method: &str, url: &str, status: u16| SubResource {
        url: format!("http://shop.example{url}"),
        method: method.to_owned(),
        ..resource("", status, "application/json")
    };
    let judge = |resources: Vec<SubResource>| {
        let state = PageState { resources, ..page("Hello") };
        code(&Step::failing(Evidence::Page(state), "text", "contains \"Buy milk\"", "\"Hello\""))
    };
    is(judge(vec![at("POST", "/notes", 201), at("GET", "/notes/7", 404)]), "database.write_lost");
    assert_eq!(judge(vec![at("POST", "/notes", 201), at("GET", "/notes", 404)]), None);
    assert_eq!(judge(vec![at("POST", "/notes", 201), at("GET", "/notesbook/7", 404)]), None);
    assert_eq!(judge(vec![at("POST", "/notes", 400), at("GET", "/notes/7", 404)]), None);
}

#[test]
fn a_browsers_page_tells_files_scripts_and_background_requests() {
    let judge = |resources: Vec<SubResource>, console: Vec<ConsoleMessage>| {
        let state = PageState { console, resources, ..page("Hello") };
        code(&Step::failing(Evidence::Page(state), "requests.failed", "no failed request", "…"))
    };
    is(judge(vec![resource("style", 404, "text/html")], Vec::new()), "static.missing");
    is(judge(vec![resource("style", 200, "text/html")], Vec::new()), "static.html_instead");
    is(judge(vec![resource("style", 200, "text/plain")], Vec::new()), "static.wrong_type");
    is(judge(vec![resource("", 502, "text/html")], Vec::new()), "proxy.bad_gateway");
    is(judge(vec![resource("", 500, "text/html")], Vec::new()), "application.error");
    assert_eq!(judge(vec![resource("", 404, "text/html")], Vec::new()), None);
    let thrown = ConsoleMessage {
        level: "error".to_owned(),
        uncaught: true,
        text: "TypeError: x is undefined".to_owned(),
        source: None,
    };
    is(judge(Vec::new(), vec![thrown.clone()]), "script.exception");
    is(judge(vec![resource("script", 404, "text/html")], vec![thrown]), "static.missing");
}

#[test]
fn content_and_speed_are_named_last() {
    let on =
        |text: &str, actual: &str| code(&Step::failing(get(200, text), "title", "contains \"Shop\"", actual));
    is(on("", ""), "content.empty");
    is(on("<title>{{ title }}</title><p>Hello", ""), "content.unrendered");
    is(on("<title>CafÃ©</title><p>Hello", "\"CafÃ©\""), "content.encoding");
    assert_eq!(on("<title>Another</title><p>Hello", "\"Another\""), None, "a wrong name is worse than none");
    assert_eq!(on("<title>App</title><script src=/app.js></script>", ""), None);
    is(code(&Step::failing(get(200, "<p>Hello"), "time", "at most 800ms", "2.5s")), "speed.slow");
    let mut both = Step::failing(get(200, "<p>Hello"), "time", "at most 800ms", "2.5s");
    both.checks.extend(failed("title", "contains \"Shop\"", "none"));
    assert_eq!(code(&both), None);
}

#[test]
fn a_name_without_address_and_one_that_leads_elsewhere() {
    let lookup = |addresses: &[&str], cause| {
        Evidence::Lookup(Lookup {
            host: "shop.example".to_owned(),
            server: None,
            addresses: addresses.iter().map(|&one| one.to_owned()).collect(),
            aliases: Vec::new(),
            cause,
            total_ms: 1.0,
        })
    };
    let none = lookup(&[], Some(Cause::NoAddress { host: "shop.example".to_owned() }));
    is(code(&Step::failing(none, "addresses", "an address", "none")), "dns.no_record");
    let other = lookup(&["192.0.2.1"], None);
    is(
        code(&Step::failing(other, "addresses", "contains \"203.0.113.7\"", "[\"192.0.2.1\"]")),
        "dns.elsewhere",
    );
}
