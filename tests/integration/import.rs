//! Other tools' files into specs: what is written is taken by the reader, runs, and holds no secret.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use insta::{assert_snapshot, with_settings};
use smokegate::cli::import::{HURL_WORDS, WordKind};
use smokegate::expect::Subject;
use smokegate::spec::action::ACTIONS;

use crate::support::{Site, folder_with, golden, smokegate};

const SECRETS: [&str; 9] = [
    "TOKEN",
    "TOKEN_2",
    "PASSWORD",
    "PASSWORD_2",
    "COOKIE",
    "COOKIE_2",
    "CSRFTOKEN",
    "API_KEY",
    "SESSION_TOKEN",
];

/// Imports a golden input; gives the spec and what was told.
fn import(format: &str, file: &str) -> (String, String) {
    let output = smokegate(["import", format, file]).folder(golden().join("import")).run();
    assert_eq!(output.code, 0, "{}", output.stderr);
    (output.stdout, output.stderr)
}

fn assert_golden(name: &str, spec: &str, told: &str) {
    with_settings!({ snapshot_path => golden().join("import"), prepend_module_to_snapshot => false, omit_expression => true }, {
        assert_snapshot!(name, format!("{spec}--- told ---\n{told}"));
    });
}

/// The reader takes a spec that was written.
fn assert_checks(spec: &str) {
    let folder = folder_with(&[("spec.toml", spec), ("note.txt", "a note")]);
    let mut program = smokegate(["check", "spec.toml"]).folder(&folder);
    for name in SECRETS {
        program = program.env(name, "value");
    }
    let output = program.run();
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{spec}");
}

#[test]
fn every_word_of_hurl_is_translated_or_told() {
    let (spec, told) = import("hurl", "words.hurl");
    assert_checks(&spec);
    assert_golden("hurl", &spec, &told);
    let text = std::fs::read_to_string(golden().join("import/words.hurl")).unwrap();
    let noted: BTreeSet<usize> = told
        .lines()
        .filter_map(|line| line.strip_prefix("words.hurl:")?.split(':').next()?.parse().ok())
        .collect();
    for word in HURL_WORDS {
        let uses = |line: &str| match word.kind {
            WordKind::Query => line.split(' ').next() == Some(word.name),
            WordKind::Filter | WordKind::Predicate => line.split(' ').skip(1).any(|part| part == word.name),
        };
        let lines: Vec<usize> =
            text.lines().enumerate().filter(|(_, line)| uses(line)).map(|(index, _)| index + 1).collect();
        assert!(!lines.is_empty(), "{} is not in the file", word.name);
        let is_told = lines.iter().all(|line| noted.contains(line));
        match word.counterpart {
            None => assert!(is_told, "{} has no counterpart, and that is not told", word.name),
            Some(_) if is_there(word.name) => assert!(!is_told, "{} was not carried over\n{told}", word.name),
            Some(_) => {}
        }
    }
}

/// Whether the spec language has what the counterpart is made of.
fn is_there(word: &str) -> bool {
    match word {
        "xpath" => Subject::parse("xml.//a").is_ok(),
        "certificate" | "daysAfterNow" => {
            ACTIONS.iter().flat_map(|definition| definition.keys).any(|action| action.key.name == "tls")
        }
        _ => true,
    }
}

#[test]
fn curl_commands_as_browsers_and_people_write_them_become_steps() {
    let (spec, told) = import("curl", "browser.curl");
    assert_checks(&spec);
    assert_golden("curl", &spec, &told);
    for secret in ["eyJhbGciOi", "abc123", "hunter22", "pa55word"] {
        assert!(!spec.contains(secret) && !told.contains(secret), "{secret} is in\n{spec}\n{told}");
    }
}

#[test]
fn a_recorded_visit_becomes_steps() {
    let (spec, told) = import("har", "recorded.har");
    assert_checks(&spec);
    assert_golden("har", &spec, &told);
    for secret in ["hunter22", "abcdefghij", "k3y-k3y-k3y", "theme=dark"] {
        assert!(!spec.contains(secret) && !told.contains(secret), "{secret} is in\n{spec}\n{told}");
    }
}

/// What a request was, in a few words.
type Seen = Arc<Mutex<Vec<String>>>;

/// A shop whose title is `title`; it keeps what it was sent.
fn shop(title: &'static str) -> (Site, Seen) {
    let seen = Seen::default();
    let answer = move |State(seen): State<Seen>, request: Request| async move {
        let (head, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 10_000).await.unwrap();
        let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("-");
        let line = format!(
            "{} {} {} {} {}",
            head.method,
            head.uri,
            header("authorization"),
            header("content-type"),
            String::from_utf8_lossy(&body)
        );
        seen.lock().unwrap().push(line);
        answer_to(&head.method, head.uri.path(), title)
    };
    let site = Site::start(Router::new().fallback(answer).with_state(Arc::clone(&seen)));
    (site, seen)
}

fn answer_to(method: &Method, path: &str, title: &str) -> Response {
    let json = |text: String| ([("content-type", "application/json")], text);
    match (method, path) {
        (&Method::POST, "/api/items") => {
            let body = format!("{{\"id\": 7, \"name\": \"{title}\"}}");
            (StatusCode::CREATED, [("location", "/items/7")], json(body)).into_response()
        }
        (_, "/items/7") => {
            let page = format!("<!doctype html><title>{title}</title><p>tea, {title}, Version 12</p>");
            ([("content-type", "text/html")], page).into_response()
        }
        _ => (StatusCode::NOT_FOUND, "no such page").into_response(),
    }
}

/// Imports this text for a site, and runs it there.
fn import_and_run(format: &str, text: &str, site: &Site) -> (i32, String) {
    let folder = folder_with(&[("input", &text.replace("SITE", &site.url()))]);
    let output = smokegate(["import", format, "input", "--out", "specs/imported.toml"]).folder(&folder).run();
    assert_eq!((output.code, output.stdout.as_str()), (0, ""), "{}", output.stderr);
    let mut program = smokegate(["run", "--url", &site.url()]).folder(&folder);
    for name in SECRETS {
        program = program.env(name, "s3cr3t-value");
    }
    let run = program.run();
    (run.code, format!("{}{}", run.stdout, run.stderr))
}

const HURL: &str = r#"POST SITE/api/items?page=1
Authorization: Bearer abcdefgh
[Options]
variable: title=teapot
{ "name": "{{title}}", "tags": ["a"], "n": 1.5, "none": null }
HTTP/1.1 201
[Captures]
item: jsonpath "$.id"
place: header "Location" regex "/items/(\\d+)"
[Asserts]
jsonpath "$.name" == "{{title}}"
jsonpath "$.id" toString == "7"
header "Location" regex "/(\\d+)$" == "7"

GET SITE/items/{{place}}
HTTP 200
[Asserts]
url == "SITE/items/7"
body contains "tea,"
body contains "{{title}}"
regex "Version (\\d+)" == "12"
duration < 9000
bytes count > 10
jsonpath "$.x" not exists

GET SITE/missing
HTTP 404

PUT SITE/other
{ "id": {{item}}, "quoted": "{{item}}", "title": "{{title}}" }
HTTP *

PUT SITE/other
{ "id": {{item}}, "none": null }
"#;

#[test]
fn an_imported_hurl_file_sends_and_expects_the_same() {
    let (site, seen) = shop("teapot");
    let (code, told) = import_and_run("hurl", HURL, &site);
    assert_eq!(code, 0, "{told}");
    let seen = seen.lock().unwrap();
    let expected = "POST /api/items?page=1 Bearer s3cr3t-value application/json \
                    {\"name\":\"teapot\",\"tags\":[\"a\"],\"n\":1.5,\"none\":null}";
    assert_eq!(seen[0], expected);
    // Once more for the second `contains`.
    assert_eq!(seen.iter().filter(|line| line.starts_with("GET /items/7")).count(), 2);
    assert!(seen.contains(
        &"PUT /other - application/json {\"id\":7,\"quoted\":\"7\",\"title\":\"teapot\"}".to_owned()
    ));
    assert!(seen.contains(&"PUT /other - application/json {\"id\":7,\"none\":null}".to_owned()), "{seen:?}");
    let (other, _) = shop("kettle");
    let (code, told) = import_and_run("hurl", HURL, &other);
    assert_eq!(code, 1, "{told}");
}

#[test]
fn an_imported_curl_command_sends_the_same() {
    let (site, seen) = shop("teapot");
    let command = "curl 'SITE/api/items' -u ann:hunter22 --json '{\"a\": [1, null]}'\n\
                   curl -d 'a=1&b=x%20y' SITE/api/items\n";
    let (code, told) = import_and_run("curl", command, &site);
    assert_eq!(code, 0, "{told}");
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0], "POST /api/items Basic YW5uOnMzY3IzdC12YWx1ZQ== application/json {\"a\":[1,null]}");
    assert_eq!(seen[1], "POST /api/items - application/x-www-form-urlencoded a=1&b=x+y");
}

#[test]
fn a_file_that_is_there_is_not_written_over() {
    let folder = folder_with(&[("input", "curl http://127.0.0.1:1/"), ("out.toml", "mine")]);
    let refused = smokegate(["import", "curl", "input", "--out", "out.toml"]).folder(&folder).run();
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("out.toml is there already: --force writes over it"),
        "{}",
        refused.stderr
    );
    assert_eq!(std::fs::read_to_string(folder.path().join("out.toml")).unwrap(), "mine");
    let forced = smokegate(["import", "curl", "input", "--out", "out.toml", "--force"]).folder(&folder).run();
    assert_eq!(forced.code, 0, "{}", forced.stderr);
}

#[test]
fn what_is_no_such_file_is_refused_with_its_place() {
    let cases = [
        ("curl", "", "expected a curl command"),
        ("curl", "curl 'http://a", "line 1: a quotation mark is not closed"),
        ("curl", "curl -X", "line 1: -X needs a value"),
        ("curl", "curl -s", "line 1: the command has no address"),
        ("har", "{}", "not a HAR file: expected `log.entries`"),
        ("har", "{\n x", "line 2: not JSON"),
        ("har", "{\"log\": {\"entries\": [1]}}", "nothing in it can be carried over"),
        ("hurl", "", "there is no request in it"),
        ("hurl", "GET\n", "line 1:"),
        (
            "hurl",
            "GET http://a/\nHTTP 200\n[Asserts]\nstatus equals 200\n",
            "line 4: there is no predicate `equals`",
        ),
        ("hurl", "GET http://a/\nHTTP 200\n[Asserts]\nbody contains \"x\n", "this string is not closed"),
        ("hurl", "GET http://a/\n{ \"a\": }\n", "line 2: expected a JSON value"),
        ("hurl", "GET http://a/\nHTTP x\n", "line 2: expected a status"),
    ];
    for (format, text, expected) in cases {
        let folder = folder_with(&[("input", text)]);
        let output = smokegate(["import", format, "input"]).folder(&folder).run();
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{text:?}");
        assert!(output.stderr.contains(expected), "{text:?}: {}", output.stderr);
        assert!(output.stderr.contains("input"), "{text:?}: {}", output.stderr);
    }
    let missing = smokegate(["import", "hurl", "nowhere.hurl"]).run();
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("nowhere.hurl cannot be read"), "{}", missing.stderr);
}
