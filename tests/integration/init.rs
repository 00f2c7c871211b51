//! `smokegate init`: what it writes passes at once, and fails once something is broken.

use std::path::Path;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{Html, Redirect};
use axum::routing::get;

use crate::support::{Demo, Nginx, Output, Site, folder_with, smokegate};

fn init(url: &str, folder: &Path) -> Output {
    smokegate(["init", url]).folder(folder).run()
}

fn run(folder: &Path, url: Option<&str>) -> Output {
    let arguments = ["run"].into_iter().chain(url.into_iter().flat_map(|url| ["--url", url]));
    smokegate(arguments).folder(folder).run()
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[test]
fn specs_of_the_demo_site_pass_at_once_and_fail_with_its_faults() {
    let demo = Demo::start(None);
    let folder = tempfile::tempdir().unwrap();
    let written = init(&demo.url(), folder.path());
    assert_eq!((written.code, written.stderr.as_str()), (0, ""), "{}", written.stdout);
    let before = demo.items();
    let good = run(folder.path(), None);
    assert_eq!(good.code, 0, "{}{}", good.stdout, good.stderr);
    assert_eq!(demo.items(), before, "something was written");
    let forms = read(folder.path(), "specs/forms.toml");
    assert!(forms.contains("when = false") && forms.contains("text = \"smokegate {{ run.id }}\""), "{forms}");
    assert!(!forms.contains("\nwrites"), "{forms}");
    let faults = [
        "css-missing",
        "css-as-html",
        "css-wrong-type",
        "css-truncated",
        "image-missing",
        "font-missing",
        "integrity",
        "csrf-broken",
        "debug-page",
        "default-page",
        "bad-gateway",
        "slow",
    ];
    for fault in faults {
        let broken = Demo::start(Some(fault));
        let output = run(folder.path(), Some(&broken.url()));
        assert_eq!(output.code, 1, "{fault}: {}{}", output.stdout, output.stderr);
    }
}

#[test]
fn a_form_that_is_switched_on_is_sent() {
    let demo = Demo::start(None);
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(init(&demo.url(), folder.path()).code, 0);
    let forms = read(folder.path(), "specs/forms.toml");
    let first = forms.find("when = false\npage = \"/\"").expect("the form of the home page is there");
    let switched = format!("{}{}", &forms[..first], &forms[first..].replacen("when = false\n", "", 1))
        .replacen("tags =", "writes = true\ntags =", 1);
    std::fs::write(folder.path().join("specs/forms.toml"), switched).unwrap();
    let project = read(folder.path(), "smokegate.toml");
    let refused = run(folder.path(), None);
    assert_eq!(refused.code, 2, "{}{}", refused.stdout, refused.stderr);
    std::fs::write(folder.path().join("smokegate.toml"), project.replace("writes = false", "writes = true"))
        .unwrap();
    let before = demo.items();
    let output = run(folder.path(), None);
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    assert_eq!(demo.items(), before + 1);
}

const STATIC: &[(&str, &str)] = &[
    (
        "site/index.html",
        "<!doctype html><title>Peacock & Sons</title><link rel=stylesheet href=/site.css><h1>Peacocks</h1>\
         <a href=about.html>About</a> <a href=/contact.html#top>Contact</a> <a href=/logout.html>Log out</a>\
         <img src=img/logo.svg alt=''>",
    ),
    ("site/about.html", "<!doctype html><title>About {{ us }}</title><p>About"),
    (
        "site/contact.html",
        "<!doctype html><title>Contact</title><form action=/send method=post id=contact>\
         <input name=email type=email><input type=password name=password></form>",
    ),
    ("site/site.css", "h1 { color: #036 }"),
    ("site/img/logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
    ("site/robots.txt", "User-agent: *\nDisallow: /private/\n"),
];

#[test]
fn specs_of_three_static_pages_behind_nginx_pass_at_once_and_fail_after_one_fault() {
    let Some(nginx) = Nginx::start(STATIC) else { return };
    let folder = tempfile::tempdir().unwrap();
    let written = init(&nginx.url(), folder.path());
    assert_eq!((written.code, written.stderr.as_str()), (0, ""), "{}", written.stdout);
    let good = run(folder.path(), None);
    assert_eq!(good.code, 0, "{}{}", good.stdout, good.stderr);
    let pages = read(folder.path(), "specs/pages.toml");
    for expected in
        ["get = \"/about.html\"", "get = \"/contact.html\"", "get = \"/robots.txt\"", "expect.status = 404"]
    {
        assert!(pages.contains(expected), "{expected} is not in\n{pages}");
    }
    assert!(!pages.contains("logout"), "{pages}");
    let forms = read(folder.path(), "specs/forms.toml");
    assert!(forms.contains("submit = \"form#contact\"\nwhen = false"), "{forms}");
    let faults: [(&str, Option<&str>); 5] = [
        ("site.css", None),
        ("img/logo.svg", Some("<!doctype html><title>Not found</title>")),
        ("about.html", Some("<title>Welcome to nginx!</title>")),
        ("contact.html", Some("<!doctype html><title>Contact</title><p>soon")),
        ("robots.txt", Some("User-agent: *\nDisallow: /\n")),
    ];
    for (name, broken) in faults {
        let path = nginx.file(name);
        let whole = std::fs::read(&path).unwrap();
        match broken {
            Some(text) => std::fs::write(&path, text).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        let output = run(folder.path(), None);
        assert_eq!(output.code, 1, "{name}: {}{}", output.stdout, output.stderr);
        std::fs::write(&path, whole).unwrap();
    }
    assert_eq!(run(folder.path(), None).code, 0);
}

#[test]
fn a_file_that_is_there_is_not_written_over_and_nothing_is_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let folder = folder_with(&[("specs/home.toml", "mine")]);
    let refused = init(&format!("http://{}", listener.local_addr().unwrap()), folder.path());
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("specs/home.toml is there already: --force writes over them"),
        "{}",
        refused.stderr
    );
    assert_eq!(read(folder.path(), "specs/home.toml"), "mine");
    assert!(listener.accept().is_err(), "somebody connected");
    let site = Site::start(Router::new().route("/", get(|| async { Html("<title>New</title>") })));
    let forced = smokegate(["init", &site.url(), "--force"]).folder(&folder).run();
    assert_eq!(forced.code, 0, "{}", forced.stderr);
    assert!(read(folder.path(), "specs/home.toml").contains("expect.title = \"New\""));
}

#[test]
fn a_site_that_does_not_answer_well_is_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = init(&format!("http://127.0.0.1:{port}"), folder.path());
    assert_eq!(nobody.code, 3, "{}", nobody.stderr);
    assert!(
        nobody.stderr.contains("cannot be looked at") && nobody.stderr.contains("refused"),
        "{}",
        nobody.stderr
    );
    let down = Site::start(Router::new().fallback(|| async { StatusCode::BAD_GATEWAY }));
    let output = init(&down.url(), folder.path());
    assert_eq!(output.code, 3);
    assert!(output.stderr.contains("its home page answers with status 502"), "{}", output.stderr);
    let wrong = init("ftp://a.example", folder.path());
    assert_eq!(wrong.code, 2, "{}", wrong.stderr);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_changes_with_each_visit_and_what_is_broken_already_is_not_expected() {
    let visits = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let home = move || {
        let number = visits.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let page = format!(
            "<title>Visit {number}</title><link rel=stylesheet href='/gone[1].css'><script src=/app.js></script>\
             <form><input name=q></form>"
        );
        let cookie = if number.is_multiple_of(2) { "even=1" } else { "odd=1" };
        async move { ([(header::SET_COOKIE, cookie)], Html(page)) }
    };
    let script = || async { ([(header::CONTENT_TYPE, "text/javascript")], "1") };
    let router = Router::new()
        .route("/start/", get(home))
        .route("/", get(|| async { Redirect::temporary("/start/") }))
        .route("/app.js", get(script));
    let site = Site::start(router);
    let folder = tempfile::tempdir().unwrap();
    let written = smokegate(["init", &site.url(), "--dir", "checks"]).folder(&folder).run();
    assert_eq!(written.code, 0, "{}", written.stderr);
    assert!(
        written.stderr.contains("does not load, and is left out") && written.stderr.contains("gone"),
        "{}",
        written.stderr
    );
    assert!(written.stdout.contains("run them with: smokegate run checks/specs"), "{}", written.stdout);
    let spec = read(folder.path(), "checks/specs/home.toml");
    assert!(!spec.contains("expect.title") && !spec.contains("expect.cookie"), "{spec}");
    let output = smokegate(["run", "checks/specs"]).folder(&folder).run();
    assert_eq!(output.code, 0, "{spec}\n{}{}", output.stdout, output.stderr);
}
