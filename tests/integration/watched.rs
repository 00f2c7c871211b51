//! What is watched while a browser does its steps: each fault on a page that has exactly that fault, and its twin without.

mod browser {
    use std::fmt::Write as _;

    use axum::Router;
    use axum::http::{StatusCode, header};
    use axum::response::IntoResponse as _;
    use axum::routing::get;

    use crate::support::{Document, Site, TlsSite, both_browsers, folder_with, judge_all, page, smokegate};

    both_browsers! {
        each_fault_of_a_page_is_told_and_its_healthy_twin_passes
        a_secure_page_is_told_what_it_asks_for_by_plain_http
        what_happens_between_steps_is_told_with_the_step_that_sees_it_once
        patterns_allow_what_they_are_found_in_and_no_more
    }

    /// What a page has in its head or body, and the same in order.
    struct Fault {
        name: &'static str,
        broken: &'static str,
        healthy: &'static str,
        /// The subject that fails, with what it tells.
        subject: &'static str,
        told: &'static [&'static str],
        /// The diagnosis; empty where there is none.
        code: &'static str,
    }

    const fn fault(
        name: &'static str,
        [broken, healthy]: [&'static str; 2],
        subject: &'static str,
        told: &'static [&'static str],
        code: &'static str,
    ) -> Fault {
        Fault { name, broken, healthy, subject, told, code }
    }

    const FAULTS: &[Fault] = &[
        fault("document", ["", ""], "status", &["404"], ""),
        fault(
            "frame missing",
            ["<iframe src=/gone></iframe>", "<iframe src=/ok.html></iframe>"],
            "requests.failed",
            &["404 ", "/gone"],
            "",
        ),
        fault(
            "frame broken",
            ["<iframe src=/error></iframe>", "<iframe src=/ok.html></iframe>"],
            "requests.failed",
            &["500 ", "/error"],
            "application.error",
        ),
        fault(
            "console",
            [
                "<script>\nconsole.error('broken widget')</script>",
                "<script>console.warn('old widget')</script>",
            ],
            "console.errors",
            &["broken widget", ":2:"],
            "",
        ),
        fault(
            "exception",
            ["<script src=/throws.js></script>", "<script src=/catches.js></script>"],
            "console.errors",
            &["Error: boom", "/throws.js:2:"],
            "script.exception",
        ),
        fault(
            "exception in a frame",
            ["<iframe src=/throws.html></iframe>", "<iframe src=/ok.html></iframe>"],
            "console.errors",
            &["Error: boom", "/throws.js:2:"],
            "script.exception",
        ),
        fault(
            "syntax",
            ["<script src=/syntax.js></script>", "<script src=/ok.js></script>"],
            "console.errors",
            &["SyntaxError", "/syntax.js:2:"],
            "script.exception",
        ),
        fault(
            "rejection",
            [
                "<script src=/rejects.js></script>",
                "<script>Promise.reject(new Error('lost')).catch(() => {})</script>",
            ],
            "console.errors",
            &["Error: lost promise", "/rejects.js:2:"],
            "script.exception",
        ),
        fault(
            "rejection of a text",
            ["<script>Promise.reject('lost text')</script>", "<script>Promise.resolve('text')</script>"],
            "console.errors",
            &["lost text"],
            "script.exception",
        ),
        fault(
            "stylesheet missing",
            ["<link rel=stylesheet href=/gone.css>", "<link rel=stylesheet href=/ok.css>"],
            "requests.failed",
            &["404 ", "/gone.css"],
            "static.missing",
        ),
        fault(
            "stylesheet html",
            ["<link rel=stylesheet href=/ok.html>", "<link rel=stylesheet href=/ok.css>"],
            "requests.failed",
            &["text/html ", "/ok.html"],
            "static.html_instead",
        ),
        fault(
            "stylesheet plain",
            ["<link rel=stylesheet href=/plain>", "<link rel=stylesheet href=/ok.css>"],
            "requests.failed",
            &["text/plain ", "/plain"],
            "static.wrong_type",
        ),
        fault(
            "stylesheet nosniff",
            ["<link rel=stylesheet href=/nosniff>", "<link rel=stylesheet href=/ok.css>"],
            "requests.failed",
            // Chromium does not tell the type of what it refuses.
            &["/nosniff"],
            "static.wrong_type",
        ),
        fault(
            "script missing",
            ["<script src=/gone.js></script>", "<script src=/ok.js></script>"],
            "requests.failed",
            &["404 ", "/gone.js"],
            "static.missing",
        ),
        fault(
            "script html",
            ["<script src=/ok.html></script>", "<script src=/plain></script>"],
            "requests.failed",
            &["text/html ", "/ok.html"],
            "static.html_instead",
        ),
        fault(
            "script nosniff",
            ["<script src=/nosniff></script>", "<script src=/ok.js></script>"],
            "requests.failed",
            &["text/plain ", "/nosniff"],
            "static.wrong_type",
        ),
        fault(
            "module html",
            ["<script type=module src=/ok.html></script>", "<script type=module src=/ok.js></script>"],
            "requests.failed",
            &["text/html ", "/ok.html"],
            "static.html_instead",
        ),
        fault(
            "script integrity",
            [
                "<script src=/ok.js integrity=sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=></script>",
                "<script src=/ok.js integrity=sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s=></script>",
            ],
            "requests.failed",
            &["integrity hash does not match", "/ok.js"],
            "static.integrity",
        ),
        fault(
            "image missing",
            ["<img alt=x src=/gone.png>", "<img alt=x src=/ok.svg>"],
            "requests.failed",
            &["404 ", "/gone.png"],
            "static.missing",
        ),
        fault(
            "image broken",
            ["<img alt=x src=/broken.png>", "<img alt=x src=/ok.svg>"],
            "requests.failed",
            &["broken image", "/broken.png"],
            "static.truncated",
        ),
        fault(
            "image html",
            ["<img alt=x src=/ok.html>", "<img alt=x src=/ok.svg>"],
            "requests.failed",
            &["text/html ", "/ok.html"],
            "static.html_instead",
        ),
        fault(
            "background request",
            ["<script>fetch('/error')</script>", "<script>fetch('/ok.html')</script>"],
            "requests.failed",
            &["500 ", "/error"],
            "application.error",
        ),
        fault(
            "policy forbids an image",
            [
                "<meta http-equiv=Content-Security-Policy content=\"img-src 'none'\"><img alt=x src=/ok.svg>",
                "<meta http-equiv=Content-Security-Policy content=\"img-src 'self' data:\"><img alt=x src=/ok.svg>",
            ],
            "csp",
            &["img-src ", "/ok.svg"],
            "static.csp",
        ),
        fault(
            "policy forbids a script",
            [
                "<meta http-equiv=Content-Security-Policy content=\"script-src 'self'\"><script>1</script>",
                "<meta http-equiv=Content-Security-Policy content=\"script-src 'self'\"><script src=/ok.js></script>",
            ],
            "csp",
            &["script-src-elem inline"],
            "static.csp",
        ),
    ];

    /// A page with this in its head, where policies are heard: a browser closes the head itself.
    fn document(content: &str) -> String {
        format!("<!doctype html><html lang=en><head><title>page</title><link rel=icon href=data:,>{content}")
    }

    fn files() -> Router {
        let file = |media_type: &'static str, body: &'static [u8]| {
            get(move || async move { ([(header::CONTENT_TYPE, media_type)], body) })
        };
        let nosniff = get(|| async {
            ([(header::CONTENT_TYPE, "text/plain"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], "a{}")
        });
        Router::new()
            .route("/ok.html", get(|| async { page("fine") }))
            .route("/error", get(|| async { (StatusCode::INTERNAL_SERVER_ERROR, page("broken")) }))
            .route("/throws.html", get(|| async { page("<script src=/throws.js></script>") }))
            .route("/throws.js", file("text/javascript", b"'use strict'\nthrow new Error('boom')"))
            .route("/catches.js", file("text/javascript", b"try { throw new Error('boom') } catch { }"))
            .route(
                "/rejects.js",
                file("text/javascript", b"'use strict'\nPromise.reject(new Error('lost promise'))"),
            )
            .route("/syntax.js", file("text/javascript", b"'use strict'\nlet = }"))
            .route("/ok.js", file("text/javascript", b"1"))
            .route("/ok.css", file("text/css", b"a {}"))
            .route(
                "/ok.svg",
                file("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"),
            )
            .route("/broken.png", file("image/png", b"\x89PNG\r\n\x1a\n"))
            .route("/plain", file("text/plain", b"0"))
            .route("/nosniff", nosniff)
    }

    #[test]
    fn every_fault_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<&str> = FAULTS.iter().map(|fault| fault.name).collect();
        assert_eq!(names.len(), FAULTS.len());
    }

    fn each_fault_of_a_page_is_told_and_its_healthy_twin_passes() {
        let mut router = files();
        for (index, fault) in FAULTS.iter().enumerate() {
            let (broken, healthy) = (document(fault.broken), document(fault.healthy));
            let status = if fault.subject == "status" { StatusCode::NOT_FOUND } else { StatusCode::OK };
            router = router
                .route(
                    &format!("/broken/{index}"),
                    get(move || async move { (status, axum::response::Html(broken)) }),
                )
                .route(
                    &format!("/healthy/{index}"),
                    get(move || async move { axum::response::Html(healthy) }),
                );
        }
        let site = Site::start(router);
        let open = |kind: &str| -> Vec<String> {
            let specs = FAULTS.iter().enumerate();
            specs
                .map(|(index, fault)| {
                    format!(
                        "name = \"{}\"\n[[step]]\nname = \"look\"\nopen = \"/{kind}/{index}\"\n",
                        fault.name
                    )
                })
                .collect()
        };
        let (code, text, _) = judge_all(&site.url(), &open("healthy"));
        assert_eq!(code, 0, "{text}");
        let (code, text, report) = judge_all(&site.url(), &open("broken"));
        assert_eq!(code, 1, "{text}");
        let mut wrong = String::new();
        for fault in FAULTS {
            if let Some(what) = find_wrong(fault, &report) {
                writeln!(wrong, "{}: {what}", fault.name).unwrap();
            }
        }
        assert_eq!(wrong, "", "{text}");
    }

    /// What is told otherwise than expected.
    fn find_wrong(fault: &Fault, report: &Document) -> Option<String> {
        let scenario = report.scenarios().iter().find(|scenario| scenario["name"] == fault.name)?;
        let checks = scenario["steps"][0]["checks"].as_array()?;
        let is_told = checks.iter().any(|check| {
            let actual = check["actual"].as_str().unwrap_or_default();
            check["subject"] == fault.subject && fault.told.iter().all(|told| actual.contains(told))
        });
        if !is_told {
            return Some(format!("not told {} {:?}: {}", fault.subject, fault.told, scenario["steps"][0]));
        }
        let code = scenario["diagnosis"]["code"].as_str().unwrap_or_default();
        (code != fault.code && !fault.code.is_empty())
            .then(|| format!("{code:?}, not {:?}: {}", fault.code, scenario["diagnosis"]))
    }

    fn a_secure_page_is_told_what_it_asks_for_by_plain_http() {
        let plain = Site::start(files());
        let port = plain.url().rsplit(':').next().unwrap().to_owned();
        let kinds = [
            ("script", "<script src=FILE/ok.js></script>", "/ok.js"),
            ("stylesheet", "<link rel=stylesheet href=FILE/ok.css>", "/ok.css"),
            ("image", "<img alt=x src=FILE/ok.svg>", "/ok.svg"),
            ("frame", "<iframe src=FILE/ok.html></iframe>", "/ok.html"),
            ("fetch", "<script>fetch('FILE/ok.js').catch(() => {})</script>", "/ok.js"),
        ];
        let mut answers = vec![
            ("/ok.js".to_owned(), "text/javascript", "1".to_owned()),
            ("/ok.css".to_owned(), "text/css", "a {}".to_owned()),
            ("/ok.svg".to_owned(), "image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>".to_owned()),
            ("/ok.html".to_owned(), "text/html", document("")),
        ];
        let mut specs = Vec::new();
        for (name, body, _) in kinds {
            let mixed = body.replace("FILE", &format!("http://shop.test:{port}"));
            answers.push((format!("/mixed/{name}"), "text/html", document(&mixed)));
            answers.push((format!("/secure/{name}"), "text/html", document(&body.replace("FILE", ""))));
            for kind in ["mixed", "secure"] {
                let spec = format!("name = \"{kind} {name}\"\n[[step]]\nopen = \"/{kind}/{name}\"\n");
                specs.push((format!("specs/{kind}-{name}.toml"), spec));
            }
        }
        let certificates = tempfile::tempdir().unwrap();
        let secure = TlsSite::start_with_answers(certificates.path(), answers);
        let project = format!(
            "[target.shop]\nurl = \"https://shop.test:{}\"\nresolve = \"127.0.0.1\"\ninsecure = true\n",
            secure.port()
        );
        let mut files = vec![("smokegate.toml", project.as_str())];
        files.extend(specs.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        let folder = folder_with(&files);
        let output =
            smokegate(["run", "--target", "shop", "--report", "json=report.json"]).folder(&folder).run();
        let report = Document::read(&folder.path().join("report.json"));
        for scenario in report.scenarios() {
            let name = scenario["name"].as_str().unwrap();
            let Some(kind) = name.strip_prefix("mixed ") else {
                assert_eq!(scenario["verdict"], "passed", "{name}: {}", output.stdout);
                continue;
            };
            let (_, _, file) = kinds.iter().find(|(name, ..)| *name == kind).unwrap();
            let checks = scenario["steps"][0]["checks"].as_array().unwrap();
            let told = format!("http://shop.test:{port}{file}");
            let is_told =
                checks.iter().any(|check| check["subject"] == "mixed_content" && check["actual"] == *told);
            assert!(is_told, "{name}: {}", output.stdout);
            assert_eq!(scenario["diagnosis"]["code"], "static.mixed_content", "{name}: {}", output.stdout);
        }
    }

    fn what_happens_between_steps_is_told_with_the_step_that_sees_it_once() {
        let body = "<button onclick=\"setTimeout(() => { throw new Error('late') }); done.hidden = false\">go</button>\
            <p id=done hidden>done</p>";
        let site =
            Site::start(Router::new().route("/", get(move || async move { page(body).into_response() })));
        let spec = "[[step]]\nname = \"open\"\nopen = \"/\"\n[[step]]\nname = \"click\"\nclick = \"button\"\noptional = true\nexpect.element.\"#done\".visible = true\n\
            [[step]]\nname = \"after\"\nexpect.title = \"page\"\n";
        let (code, text, report) = judge_all(&site.url(), &[spec.to_owned()]);
        assert_eq!(code, 0, "{text}");
        let told = |name: &str| {
            let checks = report.step(name)["checks"].as_array().unwrap();
            checks.iter().filter(|check| check["subject"] == "console.errors").count()
        };
        assert_eq!((told("open"), told("click"), told("after")), (0, 1, 0), "{text}");
    }

    fn patterns_allow_what_they_are_found_in_and_no_more() {
        let body = "<script>console.error('widget 7 is old'); fetch('/gone/analytics')</script><img alt=x src=/gone.png>";
        let site =
            Site::start(files().route("/", get(move || async move { axum::response::Html(document(body)) })));
        let judge = |allow: &str| {
            judge_all(&site.url(), &[format!("[[step]]\nname = \"look\"\nopen = \"/\"\nallow = {allow}\n")])
        };
        let all =
            "[{ console = \"^widget \\\\d+\" }, { request = \"/analytics$\" }, { request = '/gone\\.png' }]";
        let (code, text, _) = judge(all);
        assert_eq!(code, 0, "{text}");
        let (code, text, report) = judge("[{ console = \"nothing\", request = \"png\" }]");
        assert_eq!(code, 1, "{text}");
        let checks = report.step("look")["checks"].as_array().unwrap().clone();
        let told: Vec<&str> = checks.iter().map(|check| check["actual"].as_str().unwrap()).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with("widget 7 is old") && told[1].ends_with("/gone/analytics"), "{told:?}");
    }
}

#[test]
fn a_bad_pattern_is_told_when_the_spec_is_loaded() {
    use crate::support::{folder_with, smokegate};
    for (allow, told) in [
        ("[{ console = \"(\" }]", "not a regular expression: unclosed group"),
        ("[{}]", "this allows nothing"),
        ("[{ console = 1 }]", "`console` must be a text"),
        ("[1]", "`allow` must be a list of names and patterns"),
    ] {
        let folder = folder_with(&[("specs/x.toml", &format!("[[step]]\nopen = \"/\"\nallow = {allow}\n"))]);
        let output = smokegate(["check"]).folder(&folder).run();
        assert_eq!(output.code, 2, "{allow}");
        assert!(
            output.stderr.contains(told) && output.stderr.contains("x.toml:3:"),
            "{allow}: {}",
            output.stderr
        );
    }
}
