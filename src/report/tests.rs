//! Whole runs, replayed into every reporter and compared with golden files.

use std::time::Duration;

use insta::{Settings, assert_snapshot};

use super::scene::*;
use super::{Format, JSON_SCHEMA, TerminalOptions};
use crate::diagnose::{Certainty, Diagnosis};
use crate::event::{Event, StepOutcome, TargetInfo};
use crate::evidence::{
    Asset, AssetFault, AssetKind, AssetSweep, Cause, Column, ConsoleMessage, Evidence, Hop, PageState, Phase,
    Rows, SubResource, Timings, TlsReason, Value,
};
use crate::expect::History;
use crate::verdict::{StepError, Verdict};

const BASE: &str = "https://staging.example.com";
const SERVER_ERROR: &str = "<!doctype html><html><head><title>Server Error (500)</title><style>b{}</style></head>\
    <body><h1>Server Error (500)</h1><p>Something went wrong on our side. We were told about it and look into it. \
    Please try again in a few minutes, or write to us if it keeps happening.</p></body></html>";

fn green() -> Vec<Event> {
    let mut scene = Scene::new(staging());
    scene.play(Act::new(
        "The API answers",
        "specs/api.toml",
        Verdict::Passed,
        vec![step("version", "get", 121.0)],
    ));
    let steps =
        vec![step("the home page is served", "get", 88.0), step("every asset loads", "assets", 1_420.0)];
    scene.play(Act::new("A visitor starts a to-do list", "specs/todo.toml", Verdict::Passed, steps));
    let mut login =
        Act::new("Log in", "specs/login.toml", Verdict::Passed, vec![step("log in", "submit", 240.0)]);
    login.case = Some("edith");
    scene.play(login);
    scene.end(None)
}

fn failed_status() -> StepOutcome {
    let text = "expect.status = 200";
    let sent = [
        ("user-agent", "smokegate/0.1.0 (run 01KAJ5Z0)"),
        ("x-staging-key", "{{ secret.STAGING_KEY }}"),
        ("authorization", "Basic {{ secret.STAGING_PASSWORD }}"),
        ("cookie", "sessionid=verysecret; csrftoken=alsosecret"),
    ];
    let hops = vec![
        hop(request("GET", &format!("{BASE}/"), &sent, ""), 302, "text/html", "", 31.0),
        hop(
            request("GET", &format!("{BASE}/home/"), &sent, ""),
            500,
            "text/html; charset=utf-8",
            SERVER_ERROR,
            312.4,
        ),
    ];
    step("the home page is served", "get", 345.0)
        .failing(check("status", "200", "500", place(12, text)))
        .failing(check(
            "title",
            "contains \"To-Do\"",
            "\"Server Error (500)\"",
            place(13, "expect.title.contains = \"To-Do\""),
        ))
        .seeing(Evidence::Exchange(exchange(hops)))
}

fn failed_texts() -> Vec<StepOutcome> {
    let expected = "{\n  \"name\": \"edith\",\n  \"lists\": 2,\n  \"admin\": false\n}\n";
    let actual = "{\n  \"name\": \"edith\",\n  \"lists\": 3,\n  \"admin\": true\n}\n";
    let sent = [("accept", "application/json"), ("content-type", "application/json")];
    let body = r#"{"user": "edith", "password": "{{ secret.EDITH }}"}"#;
    let seen = exchange(vec![hop(
        request("POST", &format!("{BASE}/api/me?x=1&y=2"), &sent, body),
        200,
        "application/json",
        actual,
        1_204.0,
    )]);
    let long = "the quick brown fox jumps over the lazy dog and goes home to read a book about ";
    vec![
        step("who is edith", "post", 1_204.0)
            .failing(check(
                "body",
                &format!("{expected:?}"),
                &format!("{actual:?}"),
                place(18, "expect.body = '''"),
            ))
            .seeing(Evidence::Exchange(seen.clone())),
        step("a long line", "get", 20.0)
            .failing(check(
                "json.\"$.story\"",
                &format!("{:?}", format!("{long}spring in Tokyo.")),
                &format!("{:?}", format!("{long}autumn in Tokyo.")),
                place(24, "expect.json.\"$.story\" = \"{{ story }}\""),
            ))
            .failing(check("time", "at most 800ms", "1204ms", place(25, "expect.time.at_most = \"800ms\"")))
            .seeing(Evidence::Exchange(seen)),
    ]
}

fn asset(path: &str, kind: AssetKind, status: Option<u16>, named_by: &str, faults: Vec<AssetFault>) -> Asset {
    Asset {
        url: if path.starts_with('/') { format!("{BASE}{path}") } else { path.to_owned() },
        kind,
        named_by: named_by.to_owned(),
        third_party: !path.starts_with('/'),
        status,
        media_type: None,
        size: 100,
        total_ms: 10.0,
        faults,
    }
}

fn failed_assets() -> StepOutcome {
    let page =
        exchange(vec![hop(request("GET", &format!("{BASE}/"), &[], ""), 200, "text/html", "<p>Hi", 40.0)]);
    let link = "/ <link rel=\"stylesheet\">";
    let refused = Cause::Io {
        error: "ConnectionRefused".to_owned(),
        phase: Phase::Connect,
        place: "198.51.100.9:443".to_owned(),
    };
    let assets = vec![
        asset("/static/ok.css", AssetKind::Css, Some(200), link, vec![]),
        asset("/static/site.css", AssetKind::Css, Some(404), link, vec![AssetFault::Status { status: 404 }]),
        asset("/static/app.js", AssetKind::Js, Some(200), "/ <script>", vec![AssetFault::HtmlInstead]),
        asset(
            "/static/wide.woff2",
            AssetKind::Font,
            Some(200),
            "/static/ok.css @font-face",
            vec![AssetFault::WrongType {
                media_type: "text/plain".to_owned(),
                expected: "font/woff2".to_owned(),
                nosniff: true,
            }],
        ),
        asset(
            "https://cdn.example.net/logo.svg",
            AssetKind::Image,
            None,
            "/ <img>",
            vec![AssetFault::Unreachable { cause: refused }],
        ),
    ];
    let mut unasked = check("assets", "all load", "4 of 5 do not", place(7, "assets = \"/\""));
    unasked.place = None;
    step("every stylesheet, script, image and font it names loads", "assets", 480.0)
        .failing(unasked)
        .failing(check("css", "at least 2", "1", place(17, "expect.css.at_least = 2")))
        .seeing(Evidence::Assets(AssetSweep { page, assets }))
}

fn failed_page() -> StepOutcome {
    let mut rows = check(
        "element.\"#id_list_table tr\".count",
        "3",
        "0",
        place(31, "expect.element.\"#id_list_table tr\".count = 3"),
    );
    rows.history = Some(History {
        states: vec![(9, "0 elements".to_owned()), (1, "2 elements".to_owned())],
        left_out: 0,
        waited_ms: 10_004.0,
    });
    let mut errors = check("console.errors", "0", "2", place(7, "open = \"/\""));
    errors.place = None;
    let error = |uncaught, text: &str, source: Option<&str>| ConsoleMessage {
        level: "error".to_owned(),
        uncaught,
        text: text.to_owned(),
        source: source.map(str::to_owned),
    };
    let failed = |path: &str, destination: &str, status, error: Option<&str>| SubResource {
        url: format!("{BASE}{path}"),
        method: "GET".to_owned(),
        destination: destination.to_owned(),
        status,
        media_type: String::new(),
        error: error.map(str::to_owned),
        same_origin: true,
    };
    let page = PageState {
        url: format!("{BASE}/lists/5/"),
        title: "To-Do lists".to_owned(),
        status: Some(200),
        excerpt: "Your To-Do list\n\nEnter a to-do item".to_owned(),
        console: vec![
            error(
                true,
                "TypeError: $ is not a function\n    at start (app.js:3:14)",
                Some("https://staging.example.com/static/app.js:3:14"),
            ),
            error(false, "could not load the list", None),
        ],
        resources: vec![
            failed("/api/lists/5", "", Some(503), None),
            failed("/static/wide.woff2", "font", None, Some("net::ERR_CONNECTION_RESET")),
        ],
        viewport: (1024, 768),
        ..PageState::default()
    };
    step("edith sees her items", "open", 10_240.0)
        .by("edith")
        .failing(errors)
        .failing(rows)
        .seeing(Evidence::Page(page))
}

fn failed_rows() -> StepOutcome {
    let rows = Rows {
        sql: "select count(*) as n,\n       max(text) as latest\n  from lists_item\n where text = :item"
            .to_owned(),
        database: "app".to_owned(),
        columns: ["n", "latest"]
            .map(|name| Column { name: name.to_owned(), data_type: String::new() })
            .to_vec(),
        rows: vec![vec![Value::Integer(0), Value::Null]],
        count: 1,
        affected: None,
        total_ms: 2.4,
    };
    step("the row is really in the database", "sql", 4.0)
        .failing(check("row.n", "1", "0", place(44, "expect.row.n = 1")))
        .seeing(Evidence::Rows(rows))
}

fn left_behind() -> StepOutcome {
    let cause = Cause::Sql {
        state: Some("25006".to_owned()),
        code: "1792".to_owned(),
        detail: "cannot execute DELETE in a read-only transaction".to_owned(),
    };
    let error = StepError::harness(cause).help("say `writable = true` in [target.staging.database.app]");
    step("delete from lists_item where text = :item", "sql", 3.0).erring(error).into_cleanup()
}

fn skipped(name: &str) -> StepOutcome {
    StepOutcome { verdict: Verdict::Skipped, ..step(name, "get", 0.0) }
}

fn behind() -> Diagnosis {
    Diagnosis {
        layer: "database".to_owned(),
        code: "database.schema_behind".to_owned(),
        certainty: Certainty::Probable,
        summary: "the application runs, but its database lacks the newest migrations".to_owned(),
        evidence: vec![
            "GET /home/ answered 500 while /version answered 200".to_owned(),
            "lists_item has no column `due`".to_owned(),
        ],
        advice: vec!["run the migrations of this release: `./manage.py migrate`".to_owned()],
        is_elsewhere: false,
        is_of_rows: false,
    }
}

fn red() -> Vec<Event> {
    let mut scene = Scene::new(TargetInfo { insecure: true, ..staging() });
    scene.notice("no .env file here: secrets come from the environment alone");
    scene.play(Act::new(
        "The API answers",
        "specs/api.toml",
        Verdict::Passed,
        vec![step("version", "get", 121.0)],
    ));
    let steps = vec![failed_status(), failed_assets(), skipped("a"), skipped("b"), left_behind()];
    let mut todo = Act::new("A visitor starts a to-do list", "specs/todo.toml", Verdict::Failed, steps);
    todo.diagnosis = Some(behind());
    scene.play(todo);
    scene.play(Act::new("Texts, short and long", "specs/my texts.toml", Verdict::Failed, failed_texts()));
    let steps = vec![step("francis looks", "open", 300.0).by("francis"), failed_page(), failed_rows()];
    scene.play(Act::new("Edith and Francis", "specs/todo.toml", Verdict::Failed, steps));
    let missing = StepError::harness(Cause::BrowserMissing).help("run `smokegate setup --install`");
    let steps = vec![step("the page opens", "open", 0.4).erring(missing)];
    scene.play(Act::new("The page opens in a browser", "specs/browser.toml", Verdict::Errored, steps));
    let expired = StepError::target(Cause::Tls {
        reason: TlsReason::Expired,
        detail: "invalid peer certificate: Expired".to_owned(),
    });
    let steps = vec![step("the shop is up", "get", 33.0).erring(expired)];
    let mut shop = Act::new("The shop", "specs/shop.toml", Verdict::Failed, steps);
    shop.diagnosis = Some(Diagnosis {
        layer: "tls".to_owned(),
        code: "tls.expired".to_owned(),
        certainty: Certainty::Certain,
        summary: "the certificate ended yesterday, and nothing renewed it".to_owned(),
        evidence: vec!["not_after 2026-11-20T23:59:59Z, issued by R11".to_owned()],
        advice: vec!["look why the renewal did not run: `systemctl status certbot.timer`".to_owned()],
        is_elsewhere: false,
        is_of_rows: false,
    });
    scene.play(shop);
    let mut retried =
        Act::new("Search", "specs/search.toml", Verdict::Flaky, vec![step("search", "get", 51.0)]);
    retried.case = Some("by author");
    scene.play(retried);
    let mut admin = Act::new("Admin pages", "specs/admin.toml", Verdict::Skipped, vec![]);
    admin.note = Some("needs specs/login.toml, which failed");
    scene.play(admin);
    let mut optional = failed_status();
    optional.note = Some("optional".to_owned());
    let steps = vec![optional, step("clean", "sql", 1.0), left_behind()];
    scene.play(Act::new("Passed with blemishes", "specs/blemish.toml", Verdict::Passed, steps));
    scene.end(Some(behind()))
}

fn refused() -> StepError {
    StepError::target(Cause::Io {
        error: "ConnectionRefused".to_owned(),
        phase: Phase::Connect,
        place: "127.0.0.1:1".to_owned(),
    })
}

fn unreachable() -> Vec<Event> {
    let target = TargetInfo { name: None, url: "http://127.0.0.1:1".to_owned(), insecure: false };
    let mut scene = Scene::new(target);
    let dead = |name: &str| {
        let cause = refused().cause;
        let sent = request("GET", "http://127.0.0.1:1/", &[], "");
        let hop = Hop {
            request: sent,
            response: None,
            cause: Some(cause),
            timings: Timings { total_ms: 0.4, ..Timings::default() },
            address: None,
            certificate: None,
        };
        step(name, "get", 0.5).erring(refused()).seeing(Evidence::Exchange(exchange(vec![hop])))
    };
    for (name, file) in [
        ("The API answers", "specs/api.toml"),
        ("A visitor starts a to-do list", "specs/to-do/first.toml"),
        ("Log in", "specs/login.toml"),
    ] {
        let steps = vec![dead("the home page is served"), skipped("more"), dead("delete it").into_cleanup()];
        scene.play(Act::new(name, file, Verdict::Failed, steps));
    }
    scene.end(None)
}

fn hostile() -> Vec<Event> {
    let evil = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\r\u{202e}gpj\u{0}\u{8}平仮名 👩\u{200d}💻\n::error::x\n##[error]y";
    let json = serde_json::to_value(red()).unwrap();
    let mut scene: Vec<Event> = serde_json::from_value(json).unwrap();
    for event in &mut scene {
        let mut json = serde_json::to_value(&*event).unwrap();
        poison(&mut json, evil);
        *event = serde_json::from_value(json).unwrap();
    }
    scene
}

/// Puts a text into every text of an event that is not a word of our own.
fn poison(json: &mut serde_json::Value, evil: &str) {
    const OWN: &[&str] =
        &["event", "kind", "verdict", "origin", "phase", "reason", "end", "certainty", "at", "level"];
    match json {
        serde_json::Value::String(text) => text.push_str(evil),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| poison(item, evil)),
        serde_json::Value::Object(map) => {
            for (key, item) in map.iter_mut().filter(|(key, _)| !OWN.contains(&key.as_str())) {
                let _ = key;
                poison(item, evil);
            }
        }
        _ => {}
    }
}

fn cut() -> Vec<Event> {
    let mut events = red();
    // In the middle of the fourth scenario.
    let at = events
        .iter()
        .position(|event| serde_json::to_string(event).unwrap().contains("\"scenario\":3,\"outcome\""))
        .unwrap();
    events.truncate(at + 2);
    events
}

fn plain() -> TerminalOptions {
    TerminalOptions::default()
}

fn coloured() -> TerminalOptions {
    // What the program does once at its start; reporters without colours do not look at it.
    colored::control::set_override(true);
    TerminalOptions { colour: true, ..plain() }
}

fn compare(name: &str, text: &str) {
    let mut settings = Settings::clone_current();
    settings.set_snapshot_path("../../tests/golden/report");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| assert_snapshot!(name, text));
}

#[test]
fn a_green_run_is_a_few_lines() {
    let text = replay(Format::Terminal, &green(), plain());
    assert!(text.lines().count() <= 7, "{text}");
    compare("green.terminal", &text);
    compare("green.terminal-colour", &replay(Format::Terminal, &green(), coloured()));
}

#[test]
fn a_red_run_tells_every_failure_in_full() {
    compare("red.terminal", &replay(Format::Terminal, &red(), plain()));
    compare("red.terminal-colour", &replay(Format::Terminal, &red(), coloured()));
}

#[test]
fn a_narrow_terminal_without_unicode_is_served_too() {
    let options =
        TerminalOptions { width: 60, unicode: false, verbose: true, slow: Duration::from_secs(5), ..plain() };
    compare("red.terminal-narrow", &replay(Format::Terminal, &red(), options));
}

#[test]
fn a_target_that_cannot_be_reached_is_told_once() {
    let text = replay(Format::Terminal, &unreachable(), plain());
    assert_eq!(text.matches("nothing listens on").count(), 1, "{text}");
    compare("unreachable.terminal", &text);
}

#[test]
fn a_run_that_was_cut_is_reported_as_far_as_it_came() {
    compare("cut.terminal", &replay(Format::Terminal, &cut(), plain()));
    compare("cut.junit", &replay(Format::Junit, &cut(), plain()));
    let json: serde_json::Value = serde_json::from_str(&replay(Format::Json, &cut(), plain())).unwrap();
    assert_eq!((&json["complete"], &json["exit_code"]), (&false.into(), &serde_json::Value::Null));
    let verdicts: Vec<&str> =
        json["scenarios"].as_array().unwrap().iter().map(|one| one["verdict"].as_str().unwrap()).collect();
    let expected =
        ["passed", "failed", "failed", "errored", "skipped", "skipped", "skipped", "skipped", "skipped"];
    assert_eq!(verdicts, expected);
}

#[test]
fn a_pipe_gets_neither_colours_nor_carriage_returns() {
    for events in [green(), red(), unreachable(), cut(), hostile()] {
        let text = replay(Format::Terminal, &events, TerminalOptions { live: true, ..plain() });
        assert!(!text.contains(['\r', '\u{1b}']), "{text:?}");
    }
}

#[test]
fn a_page_under_test_cannot_write_to_the_terminal() {
    let text = replay(Format::Terminal, &hostile(), coloured());
    let ours = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    let rest = ours.replace_all(&text, "");
    let bad: Vec<char> =
        rest.chars().filter(|one| one.is_control() && *one != '\n' || *one == '\u{202e}').collect();
    assert!(bad.is_empty(), "{bad:?} in {rest}");
    assert!(!rest.lines().any(|line| line.trim_start().starts_with("::")) && !rest.contains("##["), "{rest}");
}

#[test]
fn no_report_for_people_shows_cookies_credentials_or_secrets() {
    let mut events = red();
    for event in &mut events {
        let text = serde_json::to_string(event).unwrap();
        let text = text.replace(r#""subject":"title""#, r#""subject":"header.set-cookie""#);
        let text = text.replace(r#"\"Server Error (500)\""#, r#"\"sessionid=verysecret; HttpOnly\""#);
        *event = serde_json::from_str(&text).unwrap();
    }
    for format in [Format::Terminal, Format::Json, Format::Junit] {
        let text = replay(format, &events, plain());
        assert!(!text.contains("verysecret") && !text.contains("alsosecret"), "{format}: {text}");
        assert!(text.contains("sessionid=…; HttpOnly"), "{format}: {text}");
    }
}

#[test]
fn json_lines_are_the_events() {
    let events = red();
    let text = replay(Format::Jsonl, &events, plain());
    let read: Vec<Event> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read.len(), events.len());
    assert_eq!(replay(Format::Terminal, &read, plain()), replay(Format::Terminal, &events, plain()));
}

#[test]
fn the_document_is_what_its_schema_promises() {
    let mut schema: serde_json::Value = serde_json::from_str(JSON_SCHEMA).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    // Readers may meet more fields one day; what is written today is all in the schema.
    close_objects(&mut schema);
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for (name, events) in [
        ("green", green()),
        ("red", red()),
        ("unreachable", unreachable()),
        ("cut", cut()),
        ("hostile", hostile()),
    ] {
        let document: serde_json::Value =
            serde_json::from_str(&replay(Format::Json, &events, plain())).unwrap();
        let problems: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{name} {}: {error}", error.instance_path()))
            .collect();
        assert!(problems.is_empty(), "{problems:#?}");
    }
    let empty: serde_json::Value = serde_json::from_str(&replay(Format::Json, &[], plain())).unwrap();
    assert!(validator.is_valid(&empty), "{empty}");
    let mut wrong: serde_json::Value =
        serde_json::from_str(&replay(Format::Json, &green(), plain())).unwrap();
    wrong["scenarios"][0]["steps"][0]["verdict"] = "fine".into();
    assert!(!validator.is_valid(&wrong));
}

fn close_objects(schema: &mut serde_json::Value) {
    match schema {
        serde_json::Value::Array(items) => items.iter_mut().for_each(close_objects),
        serde_json::Value::Object(map) => {
            map.values_mut().for_each(close_objects);
            if map.get("properties").is_some_and(serde_json::Value::is_object) && map.contains_key("required")
            {
                map.insert("additionalProperties".to_owned(), false.into());
            }
        }
        _ => {}
    }
}

#[test]
fn the_document_and_the_suites_read_well() {
    compare("red.json", &replay(Format::Json, &red(), plain()));
    compare("red.junit", &replay(Format::Junit, &red(), plain()));
    compare("unreachable.junit", &replay(Format::Junit, &unreachable(), plain()));
}

#[test]
fn suites_count_what_stands_in_them() {
    for events in [green(), red(), unreachable(), cut(), hostile()] {
        let text = replay(Format::Junit, &events, plain());
        let mut reader = quick_xml::Reader::from_str(&text);
        let (mut found, mut promised) = ([0; 4], [0; 4]);
        loop {
            let event = reader.read_event().unwrap();
            match &event {
                quick_xml::events::Event::Eof => break,
                quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                    match tag.name().as_ref() {
                        b"testsuite" => {
                            for (index, name) in ["tests", "failures", "errors", "skipped"].iter().enumerate()
                            {
                                let value =
                                    tag.try_get_attribute(name).unwrap().unwrap().unescape_value().unwrap();
                                promised[index] += value.parse::<usize>().unwrap();
                            }
                        }
                        b"testcase" => found[0] += 1,
                        b"failure" => found[1] += 1,
                        b"error" => found[2] += 1,
                        b"skipped" => found[3] += 1,
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        assert_eq!(found, promised, "{text}");
        assert!(!text.chars().any(|one| one.is_control() && one != '\n'), "{text:?}");
    }
}
