//! What a page does between steps and after them, on the way to another page, and on a page that talks a lot: it is
//! told, once, and with its step.

mod browser {
    use std::sync::Arc;
    use std::time::Duration;

    use axum::Router;
    use axum::http::StatusCode;
    use axum::response::{Html, IntoResponse as _};
    use axum::routing::get;
    use serde_json::Value;
    use tokio::sync::Notify;

    use crate::support::{Document, Site, both_browsers, judge, judge_all, page, pages};

    both_browsers! {
        a_chatty_page_hides_neither_its_errors_nor_its_failures
        what_comes_after_a_step_is_told_with_the_next_or_at_the_end
        a_page_that_comes_slowly_is_waited_for_after_a_key
        a_document_on_the_way_fails_unless_it_is_allowed_or_asks_for_a_password
        each_kind_is_told_with_the_step_in_which_it_happened
        what_a_worker_throws_is_told
    }

    /// What does not hold of a step, as `subject: actual`.
    fn told(step: &Value) -> Vec<String> {
        let checks = step["checks"].as_array().unwrap().iter().filter(|check| check["holds"] == false);
        let read = |check: &Value, key: &str| check[key].as_str().unwrap().to_owned();
        checks.map(|check| format!("{}: {}", read(check, "subject"), read(check, "actual"))).collect()
    }

    fn a_chatty_page_hides_neither_its_errors_nor_its_failures() {
        let logs = "for (let i = 0; i < 150; i++) console.log(i);";
        let images =
            (0..600).map(|number| format!("<img alt=x src=/dot.svg?{number}>")).collect::<Vec<_>>().concat();
        let talks = format!("<script>{logs}</script>");
        let throws = format!("<script>{logs} throw new Error('boom')</script>");
        let misses = format!("{images}<img alt=x src=/gone.png>");
        let dot = || async {
            (
                [("content-type", "image/svg+xml")],
                "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
            )
        };
        let router = pages(&[
            ("/talks", talks.as_str()),
            ("/throws", throws.as_str()),
            ("/images", images.as_str()),
            ("/misses", misses.as_str()),
        ]);
        let site = Site::start(router.route("/dot.svg", get(dot)));
        let specs = ["talks", "throws", "images", "misses"]
            .map(|name| format!("[[step]]\nname = \"{name}\"\nopen = \"/{name}\"\ntimeout = \"60s\"\n"));
        let (code, text, report) = judge_all(&site.url(), &specs);
        assert_eq!(code, 1, "{text}");
        assert_eq!(told(report.step("talks")), [""; 0], "{text}");
        assert_eq!(told(report.step("images")), [""; 0], "{text}");
        assert!(told(report.step("throws"))[0].contains("boom"), "{text}");
        assert!(told(report.step("misses"))[0].contains("/gone.png"), "{text}");
        assert!(text.contains("left out") && text.contains("50 messages"), "{text}");
    }

    /// A page whose button throws once `/release` was asked for; who asks for `/settled` comes after that.
    fn late() -> Router {
        let released = Arc::new(Notify::new());
        let held = Arc::clone(&released);
        let button = "<button onclick=\"fetch('/held').then(() => { throw new Error('late') })\">go</button>";
        pages(&[("/", button), ("/next", "next")])
            .route(
                "/held",
                get(move || async move {
                    held.notified().await;
                    "now"
                }),
            )
            .route(
                "/release",
                get(move || async move {
                    released.notify_one();
                    "released"
                }),
            )
            .route(
                "/settled",
                get(|| async {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    "settled"
                }),
            )
    }

    fn what_comes_after_a_step_is_told_with_the_next_or_at_the_end() {
        let spec = |allow: &str, rest: &str| {
            format!(
                "[[step]]\nopen = \"/\"\n[[step]]\nname = \"click\"\nclick = \"button\"\n{allow}\n[[step]]\nget = \"/release\"\n\
                 [[step]]\nget = \"/settled\"\n{rest}"
            )
        };
        let next = "[[step]]\nname = \"next\"\nopen = \"/next\"\n";
        let (code, text, report) = judge(late(), &spec("", next));
        assert_eq!(code, 1, "{text}");
        assert_eq!(report.step("click")["verdict"], "passed", "{text}");
        let said = told(report.step("next"));
        assert!(said.len() == 1 && said[0].contains("Error: late"), "{said:?}");
        assert!(said[0].ends_with(", before this step"), "{said:?}");

        let (code, text, report) = judge(late(), &spec("", ""));
        assert_eq!(code, 1, "{text}");
        assert!(told(report.step("click, afterwards"))[0].contains("Error: late"), "{text}");
        assert_eq!(report.0["counts"]["failed"], 1, "{text}");

        // What the step allows is allowed afterwards, too.
        for rest in [next, ""] {
            let (code, text, report) = judge(late(), &spec("allow = [{ console = \"late\" }]", rest));
            assert_eq!(code, 0, "{text}");
            assert!(!text.contains("afterwards"), "{text}");
            assert_eq!(told(report.step("click")), [""; 0], "{text}");
        }
    }

    fn a_page_that_comes_slowly_is_waited_for_after_a_key() {
        let form = "<form action=/slow><input name=q></form>";
        let router = pages(&[("/", form), ("/next", "next")]).route(
            "/slow",
            get(|| async {
                tokio::time::sleep(Duration::from_millis(800)).await;
                (StatusCode::INTERNAL_SERVER_ERROR, page("broken")).into_response()
            }),
        );
        let spec = "[[step]]\nopen = \"/\"\n[[step]]\nname = \"enter\"\nfill = { input = \"x\" }\npress = \"Enter\"\n[[step]]\nopen = \"/next\"\n";
        let (code, text, report) = judge(router, spec);
        assert_eq!(code, 1, "{text}");
        assert_eq!(told(report.step("enter")), ["status: 500"], "{text}");
    }

    fn a_document_on_the_way_fails_unless_it_is_allowed_or_asks_for_a_password() {
        let leads = |status: u16| {
            let status = StatusCode::from_u16(status).unwrap();
            get(move || async move {
                let body = "<!doctype html><title>page</title><link rel=icon href=data:,><script>location.replace('/end')</script>";
                (status, Html(body))
            })
        };
        let router = || {
            pages(&[("/", "<a href=/500>go</a>"), ("/end", "end")])
                .route("/200", leads(200))
                .route("/401", leads(401))
                .route("/500", leads(500))
        };
        let open = |path: &str, allow: &str| {
            format!(
                "[[step]]\nname = \"{path}\"\nopen = \"{path}\"\n{allow}\nexpect.url.ends_with = \"/end\"\n"
            )
        };
        let click = "[[step]]\nopen = \"/\"\n[[step]]\nname = \"click\"\nclick = \"a\"\nexpect.url.ends_with = \"/end\"\n";
        let site = Site::start(router());
        let specs = [
            open("/200", ""),
            open("/401", ""),
            open("/500", "allow = [\"status\"]"),
            open("/500", "allow = [{ request = \"/500$\" }]"),
        ];
        let (code, text, _) = judge_all(&site.url(), &specs);
        assert_eq!(code, 0, "{text}");
        let (code, text, report) = judge_all(&site.url(), &[open("/500", ""), click.to_owned()]);
        assert_eq!(code, 1, "{text}");
        for step in ["/500", "click"] {
            assert_eq!(told(report.step(step)), [format!("status: 500 {}/500", site.url())], "{text}");
        }
    }

    fn each_kind_is_told_with_the_step_in_which_it_happened() {
        let body = "<p id=done></p>\
            <button id=console onclick=\"console.error('odd'); done.textContent = 'console'\">c</button>\
            <button id=exception onclick=\"setTimeout(() => { done.textContent = 'exception'; throw new Error('boom') })\">e</button>\
            <button id=rejection onclick=\"Promise.reject(new Error('lost')); setTimeout(() => done.textContent = 'rejection', 50)\">r</button>\
            <button id=request onclick=\"fetch('/error').then(() => done.textContent = 'request')\">f</button>\
            <button id=image onclick=\"const i = new Image(); i.onerror = () => done.textContent = 'image'; i.src = '/gone.png'; document.body.append(i)\">i</button>\
            <button id=policy onclick=\"document.addEventListener('securitypolicyviolation', () => done.textContent = 'policy'); document.body.append(Object.assign(document.createElement('iframe'), { src: '/framed' }))\">p</button>\
            <a id=document href=/error>d</a>";
        let html = format!(
            "<!doctype html><html lang=en><head><title>page</title><link rel=icon href=data:,>\
             <meta http-equiv=Content-Security-Policy content=\"frame-src 'none'\"></head><body>{body}</body></html>"
        );
        let router = Router::new()
            .route("/", get(move || async move { Html(html) }))
            .route("/error", get(|| async { (StatusCode::INTERNAL_SERVER_ERROR, page("broken")) }));
        let kinds = [
            ("console", "console.errors: odd"),
            ("exception", "console.errors: Error: boom"),
            ("rejection", "console.errors: Error: lost"),
            ("request", "requests.failed: 500 "),
            ("image", "requests.failed: 404 "),
            ("policy", "csp: frame-src "),
            ("document", "status: 500"),
        ];
        let steps = kinds.map(|(kind, _)| {
            let done = format!("expect.element.\"#done\".text = \"{kind}\"\n");
            let seen = if kind == "document" { "" } else { done.as_str() };
            format!(
                "[[step]]\nname = \"{kind}\"\nclick = \"#{kind}\"\noptional = true\n{seen}\
                 [[step]]\nname = \"after {kind}\"\nexpect.title = \"page\"\nallow = [\"status\"]\n"
            )
        });
        let (_, text, report) = judge(router, &format!("[[step]]\nopen = \"/\"\n{}", steps.concat()));
        for (kind, expected) in kinds {
            let mut said = told(report.step(kind));
            // What fails for its fault does not wait on for the text that comes with it.
            said.retain(|check| !check.starts_with("element."));
            assert!(said.len() == 1 && said[0].starts_with(expected), "{kind}: {said:?}\n{text}");
            assert_eq!(told(report.step(&format!("after {kind}"))), [""; 0], "{kind}: {text}");
        }
    }

    fn what_a_worker_throws_is_told() {
        let script =
            |text: &'static str| get(move || async move { ([("content-type", "text/javascript")], text) });
        let starts = |file: &str| {
            format!(
                "<p id=p>…</p><script>const w = new Worker('{file}'); w.onmessage = () => p.textContent = 'done'; \
                 w.onerror = () => p.textContent = 'done'</script>"
            )
        };
        let (broken, healthy, missing) = (starts("/throws.js"), starts("/fine.js"), starts("/gone.js"));
        let router = pages(&[("/broken", &broken), ("/healthy", &healthy), ("/missing", &missing)])
            .route("/throws.js", script("throw new Error('in the worker')"))
            .route("/fine.js", script("postMessage(1)"));
        let site = Site::start(router);
        let specs = ["broken", "healthy", "missing"].map(|name| {
            format!(
                "[[step]]\nname = \"{name}\"\nopen = \"/{name}\"\nexpect.element.\"#p\".text = \"done\"\n"
            )
        });
        let (_, text, report): (_, _, Document) = judge_all(&site.url(), &specs);
        assert_eq!(told(report.step("healthy")), [""; 0], "{text}");
        assert!(told(report.step("broken"))[0].contains("in the worker"), "{text}");
        assert!(told(report.step("missing"))[0].starts_with("requests.failed: 404 "), "{text}");
    }
}
