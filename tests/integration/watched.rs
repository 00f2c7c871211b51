//! What is watched while a browser does its steps: each fault on a page that has exactly that fault, and its twin without.

mod faults;

mod browser {
    use std::fmt::Write as _;
    use std::time::Duration;

    use axum::Router;
    use axum::body::Body;
    use axum::http::{StatusCode, header};
    use axum::response::{IntoResponse as _, Response};
    use axum::routing::get;
    use futures_util::StreamExt as _;

    use super::faults::{FAULTS, Fault};
    use crate::support::{Document, Site, TlsSite, both_browsers, folder_with, judge_all, page, smokegate};

    both_browsers! {
        each_fault_of_a_page_is_told_and_its_healthy_twin_passes
        each_fault_of_what_a_page_asks_for_is_told_and_its_healthy_twin_passes
        a_secure_page_is_told_what_it_asks_for_by_plain_http
        what_happens_between_steps_is_told_with_the_step_that_sees_it_once
        patterns_allow_what_they_are_found_in_and_no_more
    }

    /// A page with this in its head, where policies are heard: a browser closes the head itself.
    fn document(content: &str) -> String {
        format!("<!doctype html><html lang=en><head><title>page</title><link rel=icon href=data:,>{content}")
    }

    /// Leads to another page.
    const LEADS_ON: &str = "<script>location.replace('/ok.html')</script>";

    /// The beginning of a file, and then nothing more.
    fn cut_off(media_type: &'static str) -> Response {
        let parts = [Ok("1"), Err(std::io::Error::other("cut off"))];
        // Each part is on its way before the next one is made.
        let parts = futures_util::stream::iter(parts).then(|part| async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            part
        });
        let body = Body::from_stream(parts);
        ([(header::CONTENT_TYPE, media_type), (header::CONTENT_LENGTH, "5000")], body).into_response()
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
            .route("/cut.js", get(|| async { cut_off("text/javascript") }))
            .route("/leads/error", get(|| async { (StatusCode::INTERNAL_SERVER_ERROR, page(LEADS_ON)) }))
            .route("/leads/ok", get(|| async { page(LEADS_ON) }))
            .route("/plain", file("text/plain", b"0"))
            .route("/nosniff", nosniff)
    }

    #[test]
    fn every_fault_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<&str> = FAULTS.iter().map(|fault| fault.name).collect();
        assert_eq!(names.len(), FAULTS.len());
    }

    fn each_fault_of_a_page_is_told_and_its_healthy_twin_passes() {
        judge_faults(&FAULTS[..FAULTS.len() / 2]);
    }

    fn each_fault_of_what_a_page_asks_for_is_told_and_its_healthy_twin_passes() {
        judge_faults(&FAULTS[FAULTS.len() / 2..]);
    }

    fn judge_faults(faults: &[Fault]) {
        let mut router = files();
        for (index, fault) in faults.iter().enumerate() {
            let (broken, healthy) = (document(fault.broken), document(fault.healthy));
            let status = if fault.name == "document" { StatusCode::NOT_FOUND } else { StatusCode::OK };
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
            let specs = faults.iter().enumerate();
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
        for fault in faults {
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
            "[defaults]\ntimeout = \"30s\"\n[target.shop]\nurl = \"https://shop.test:{}\"\nresolve = \"127.0.0.1\"\ninsecure = true\n",
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
