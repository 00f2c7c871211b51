//! How a target that wants a password or a header is reached in the browser, and what is told where that is wrong.

mod browser {
    use axum::Router;
    use axum::http::{HeaderMap, StatusCode, header};
    use axum::response::{Html, IntoResponse as _, Response};
    use axum::routing::get;

    use crate::support::{Judged, Log, Site, both_browsers, browser, folder_with, page, run_with_reports};

    both_browsers! {
        who_has_no_password_or_a_wrong_one_is_told_of_a_login_at_once
        who_has_the_password_clicks_on_and_sends_cookies_along
        a_header_that_the_browser_does_not_send_is_told_at_once
    }

    /// What nobody is to wait for: a browser that asks for a password would until the step's time is over.
    const AT_ONCE_MS: f64 = 20_000.0;

    /// Basic authentication of `team` with `swordfish`.
    const KEY: &str = "Basic dGVhbTpzd29yZGZpc2g=";

    /// Every page but `/` wants the password.
    fn guarded() -> Router {
        let enter = |headers: HeaderMap| async move {
            if headers.get(header::AUTHORIZATION).is_some_and(|value| value == KEY) {
                let body = page("<a href=/inside/further>further</a><script>fetch('/inside/data')</script>");
                ([(header::SET_COOKIE, "visit=42; Path=/; HttpOnly")], body).into_response()
            } else {
                refuse()
            }
        };
        let outside = || async {
            page(
                "<a href=/inside>in</a><button onclick=\"fetch('/inside/data').then((it) => done.textContent = it.status)\">ask</button><p id=done>…</p>",
            )
        };
        Router::new()
            .route("/", get(outside))
            .route("/inside", get(enter))
            .route("/inside/{*rest}", get(enter))
    }

    /// What nginx says to who brings no password.
    fn refuse() -> Response {
        let body = "<html>\n<head><title>401 Authorization Required</title></head>\n<body>\n\
            <center><h1>401 Authorization Required</h1></center>\n<hr><center>nginx</center>\n</body>\n</html>";
        let head = [(header::WWW_AUTHENTICATE, "Basic realm=\"staging\"")];
        (StatusCode::UNAUTHORIZED, head, Html(body)).into_response()
    }

    /// Runs a spec against a guarded site whose target has these lines.
    fn run(target: &str, spec: &str) -> (Judged, Log) {
        let (site, log) = Site::start_with_log(guarded());
        let project =
            format!("[defaults]\ntimeout = \"60s\"\n[target.t]\nurl = \"{}\"\n{target}\n", site.url());
        let folder = folder_with(&[("smokegate.toml", &project), ("specs/a.toml", spec)]);
        (run_with_reports(&folder, &["--target", "t"], &[]), log)
    }

    fn who_has_no_password_or_a_wrong_one_is_told_of_a_login_at_once() {
        let open = "[[step]]\nname = \"in\"\nopen = \"/inside\"\n";
        let click = "[[step]]\nopen = \"/\"\n[[step]]\nname = \"in\"\nclick = \"a\"\n";
        let ask = "[[step]]\nopen = \"/\"\n[[step]]\nname = \"in\"\nclick = \"button\"\nexpect.element.\"#done\".text = \"401\"\n";
        let wrong = "basic_auth = { user = \"team\", password = \"wrong\" }";
        for (target, spec) in [("", open), ("", click), ("", ask), (wrong, open), (wrong, click)] {
            let (judged, _) = run(target, spec);
            judged.assert_code(1);
            let document = judged.document();
            let step = document.step("in");
            assert!(
                step["duration_ms"].as_f64().unwrap() < AT_ONCE_MS,
                "{target} {spec}: {}",
                judged.output.stdout
            );
            let told = step["checks"].to_string();
            assert!(step["error"].is_null() && told.contains("401"), "{target} {spec}: {told}");
            if spec != ask {
                let code = &document.scenarios()[0]["diagnosis"]["code"];
                assert_eq!(code, "access.login_wall", "{target} {spec}: {}", judged.output.stdout);
            }
        }
    }

    fn who_has_the_password_clicks_on_and_sends_cookies_along() {
        let spec = "[[step]]\nopen = \"/inside\"\n[[step]]\nname = \"click\"\nclick = \"a\"\nexpect.url.ends_with = \"/inside/further\"\n\
            [[step]]\nback = true\nexpect.url.ends_with = \"/inside\"\n[[step]]\nreload = true\n";
        let target =
            "headers = { X-Key = \"a\" }\nbasic_auth = { user = \"team\", password = \"swordfish\" }";
        let (judged, log) = run(target, spec);
        judged.assert_code(0);
        let asked: Vec<_> = log.all().into_iter().filter(|asked| asked.path != "/favicon.ico").collect();
        assert!(asked.iter().all(|one| one.header("x-key") == "a"), "{asked:?}");
        for path in ["/inside/further", "/inside/data"] {
            let one = asked.iter().find(|one| one.path == path).unwrap();
            assert_eq!((one.header("cookie"), one.header("authorization")), ("visit=42", KEY), "{path}");
        }
    }

    fn a_header_that_the_browser_does_not_send_is_told_at_once() {
        let (judged, _) =
            run("headers = { Host = \"other.test\" }", "[[step]]\nname = \"home\"\nopen = \"/\"\n");
        // Firefox sends it.
        if browser() == "firefox" {
            return;
        }
        judged.assert_code(3);
        let document = judged.document();
        let step = document.step("home");
        assert!(step["duration_ms"].as_f64().unwrap() < AT_ONCE_MS, "{}", judged.output.stdout);
        let said = step["error"]["message"].as_str().unwrap();
        assert!(said.contains("does not send the target's headers: Unsafe header: Host"), "{said}");
    }
}
