//! `smokegate diagnose`: with a target's access, its databases and a team's own marks, and what it leaves alone.

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{any, get};

use crate::support::{Document, Output, Site, folder_with, run_with_reports, smokegate};

const HOME: &str = "<title>Shop</title><h1>Shop</h1><a href=/write>write</a> <a href=/export>all</a>";
const FORM: &str = "<title>Write</title><form method=post action=/write><input name=title><input type=hidden name=csrf_token></form>";

/// A folder with a project file whose target `site` is this site, and specs.
fn project(site: &Site, more: &str, spec: &str) -> tempfile::TempDir {
    let text = format!("[target.site]\nurl = \"{}\"\n{more}", site.url());
    folder_with(&[("smokegate.toml", &text), ("specs/a.toml", spec)])
}

/// What came of a walk, the code of its diagnosis, empty where there is none, and what was printed.
fn walk(folder: &tempfile::TempDir, arguments: &[&str]) -> (Output, String) {
    let options = [&["diagnose"], arguments, &["--report", "json=walk.json"]].concat();
    let output = smokegate(options).folder(folder).run();
    let report = folder.path().join("walk.json");
    let code = report.exists().then(|| Document::read(&report).0["diagnosis"]["code"].clone());
    let code = code.and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default();
    (output, code)
}

async fn behind_a_password(request: Request) -> Response {
    let header = |name: &str| request.headers().get(name).is_some();
    if header("authorization") && header("x-staging") {
        Html(HOME).into_response()
    } else {
        (StatusCode::UNAUTHORIZED, [("www-authenticate", "Basic realm=\"Staging\"")], "no").into_response()
    }
}

#[test]
fn a_target_lends_its_access() {
    let site = Site::start(Router::new().fallback(any(behind_a_password)));
    let access =
        "basic_auth = { user = \"tester\", password = \"pass word\" }\nheaders = { X-Staging = \"1\" }\n";
    let folder = project(&site, access, "");
    for arguments in [&["--target", "site"][..], &[], &[&site.url()]] {
        let (output, code) = walk(&folder, arguments);
        assert_eq!((output.code, code.as_str()), (0, ""), "{}{}", output.stdout, output.stderr);
        assert!(!output.stdout.contains("pass word"), "{}", output.stdout);
    }
    let (output, _) = walk(&folder, &["--target", "sit"]);
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("did you mean `site`?"), "{}", output.stderr);
    let elsewhere = tempfile::tempdir().unwrap();
    let (output, code) = walk(&elsewhere, &[&site.url()]);
    assert_eq!((output.code, code.as_str()), (1, "access.login_wall"), "{}", output.stdout);
    let (output, _) = walk(&elsewhere, &[]);
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("which site?"), "{}", output.stderr);
}

#[test]
fn a_team_s_own_mark_is_known() {
    let page = "<title>Example Ltd: back soon</title>";
    let site = Site::start(Router::new().fallback(any(move || async move { Html(page) })));
    let mark =
        "[[mark]]\nname = \"our maintenance page\"\ncode = \"proxy.unavailable\"\ntitle = \"back soon\"\n";
    let folder = project(&site, mark, "");
    let (output, code) = walk(&folder, &[&site.url()]);
    assert_eq!((output.code, code.as_str()), (1, "proxy.unavailable"), "{}", output.stdout);
}

fn shop() -> Router {
    Router::new()
        .route("/", get(|| async { Html(HOME) }))
        .route("/write", get(|| async { Html(FORM) }))
        .route("/export", get(|| async { (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error") }))
}

#[test]
fn forms_of_linked_pages_are_looked_at_and_what_may_do_something_is_not_asked_for() {
    let (site, log) = Site::start_with_log(shop());
    let (output, _) = walk(&tempfile::tempdir().unwrap(), &[&site.url()]);
    assert_eq!(output.code, 0, "{}", output.stdout);
    assert!(output.stdout.contains("its forms are whole  POST /write"), "{}", output.stdout);
    assert!(log.has("GET", "/write") && !log.has("GET", "/export"), "{:?}", log.all());
}

#[test]
fn where_nothing_listens_the_cause_is_told_and_not_the_step() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (output, code) = walk(&tempfile::tempdir().unwrap(), &[&format!("127.0.0.1:{port}")]);
    assert_eq!((output.code, code.as_str()), (1, "network.refused"));
    let told = format!("seen      connection refused at 127.0.0.1:{port}");
    assert!(output.stdout.contains(&told), "{}", output.stdout);
}

/// The home page fails as an application does that shows nothing of why.
#[test]
fn what_the_target_says_of_its_release_is_asked_for() {
    let revision = "revision = { get = \"/version\", from = \"json.$.sha\" }\n";
    let page = |text: &'static str| get(move || async move { Html(text) });
    let site = Site::start(
        Router::new()
            .route("/", page(HOME))
            .route("/version", get(|| async { axum::Json(serde_json::json!({ "sha": "9f2c1ab" })) })),
    );
    let (output, code) = walk(&project(&site, revision, ""), &[]);
    assert_eq!((output.code, code.as_str()), (0, ""), "{}", output.stdout);
    assert!(output.stdout.contains("it says which release it serves"), "{}", output.stdout);
    assert!(output.stdout.contains("9f2c1ab"), "{}", output.stdout);

    // The catch-all of a front end, where an API is meant to be.
    let site = Site::start(Router::new().fallback(page(HOME)));
    let (output, code) = walk(&project(&site, revision, ""), &[]);
    assert_eq!((output.code, code.as_str()), (1, "static.html_instead"), "{}", output.stdout);
    let (output, code) = walk(&project(&site, "", ""), &[]);
    assert_eq!((output.code, code.as_str()), (0, ""), "{}", output.stdout);
    assert!(!output.stdout.contains("which release"), "{}", output.stdout);
}

fn failing() -> Router {
    let error = "<title>500 Internal Server Error</title><h1>Internal Server Error</h1>";
    Router::new()
        .route("/", get(move || async move { (StatusCode::INTERNAL_SERVER_ERROR, Html(error)) }))
        .route("/write", get(|| async { Html(FORM) }))
}

const SPEC: &str = "[[step]]\nget = \"/\"\n\n[[step]]\nsql = \"select title from post where id = 1\"\n";

#[test]
fn a_table_that_the_specs_name_and_the_database_has_not_is_told_as_run_tells_it() {
    let site = Site::start(failing());
    let folder = project(&site, "[target.site.database.app]\nurl = \"sqlite:site.sqlite3\"\n", SPEC);
    let database = rusqlite::Connection::open(folder.path().join("site.sqlite3")).unwrap();
    database.execute_batch("create table post_old (id integer, title text)").unwrap();
    let (output, code) = walk(&folder, &["--target", "site"]);
    assert_eq!((output.code, code.as_str()), (1, "database.schema"), "{}", output.stdout);
    for told in
        ["select 1 from post where 1 = 0: the database said: no such table: post", "→ 500, \"500 Internal"]
    {
        assert!(output.stdout.contains(told), "{told}: {}", output.stdout);
    }
    // With the table there, what is known is that the application fails.
    database.execute_batch("alter table post_old rename to post").unwrap();
    let (output, code) = walk(&folder, &["--target", "site"]);
    assert_eq!((output.code, code.as_str()), (1, "application.error"), "{}", output.stdout);
    assert!(output.stdout.contains("the database `app` lets us read"), "{}", output.stdout);
}

#[test]
fn a_database_that_lets_us_not_in_is_our_own_side() {
    let site = Site::start(shop());
    let folder = project(&site, "[target.site.database.app]\nurl = \"sqlite:gone/site.sqlite3\"\n", SPEC);
    let (output, _) = walk(&folder, &["--target", "site"]);
    assert_eq!(output.code, 3, "{}", output.stdout);
}

#[test]
fn an_address_that_may_do_something_is_not_asked_for_again() {
    let page = || async { Html("<title>Thanks</title><p>It was sent") };
    let (site, log) = Site::start_with_log(Router::new().route("/send/letter", get(page).post(page)));
    let spec = "writes = true\n[[step]]\npost = \"/send/letter\"\nform = { text = \"Buy milk and bread\" }\n\
        expect.text.contains = \"Buy milk and bread\"\n";
    let folder = folder_with(&[("specs/a.toml", spec)]);
    let judged = run_with_reports(&folder, &["--url", &site.url()], &[]);
    judged.assert_code(1);
    assert!(log.has("POST", "/send/letter") && !log.has("GET", "/send/letter"), "{:?}", log.all());
}
