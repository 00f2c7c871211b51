//! A browser that somebody watches, and a browser that is told how a target is reached.

mod browser {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use axum::Router;
    use axum::routing::get;

    use crate::kill::processes_that_know;
    use crate::support::{
        Display, Judged, Site, TlsSite, both_browsers, browser, folder_with, page, run_with_reports, signal,
        smokegate,
    };

    both_browsers! {
        open_shows_a_target_with_its_access_and_leaves_nothing_behind
        a_run_that_is_watched_is_slow_and_waits_where_it_fails
    }

    fn home() -> Router {
        let answer = || async { page("<h1>here</h1><button>go</button>") };
        Router::new().route("/", get(answer)).route("/second", get(answer))
    }

    fn project(url: &str) -> String {
        format!(
            "[target.staging]\nurl = \"{url}\"\nheaders = {{ \"X-Staging-Key\" = \"open sesame\" }}\n\
             basic_auth = {{ user = \"team\", password = \"swordfish\" }}\n"
        )
    }

    fn open_shows_a_target_with_its_access_and_leaves_nothing_behind() {
        let display = Display::start();
        let (site, log) = Site::start_with_log(home());
        let folder = folder_with(&[("smokegate.toml", &project(&site.url()))]);
        // By its name, and by an address of it.
        for place in ["staging", &format!("{}/second", site.url())] {
            let temporary = tempfile::tempdir().unwrap();
            let child = smokegate(["open", place])
                .folder(&folder)
                .env("DISPLAY", display.name())
                .env("TMPDIR", temporary.path().to_str().unwrap())
                .spawn();
            let path = if place == "staging" { "/" } else { "/second" };
            log.wait_for("GET", path);
            let asked = log.all().into_iter().find(|asked| asked.path == path).unwrap();
            assert_eq!(asked.header("x-staging-key"), "open sesame");
            assert_eq!(asked.header("authorization"), "Basic dGVhbTpzd29yZGZpc2g=");
            wait_for_window(&display);
            signal(&child, "INT");
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{output:?}");
            assert!(!String::from_utf8_lossy(&output.stderr).contains("swordfish"));
            assert_clean(temporary.path());
        }
    }

    /// Waits until the page's window is there, and is the only one.
    fn wait_for_window(display: &Display) {
        let started = Instant::now();
        loop {
            let windows = display.windows();
            if let [title] = windows.as_slice()
                && title.starts_with("page")
            {
                return;
            }
            assert!(started.elapsed().as_secs() < 30, "{windows:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn assert_clean(folder: &Path) {
        let started = Instant::now();
        while !processes_that_know(folder).is_empty() || folder.read_dir().unwrap().count() > 0 {
            assert!(started.elapsed().as_secs() < 10, "left behind: {:?}", processes_that_know(folder));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[test]
    fn without_a_display_there_is_no_window_and_the_remedy_is_told() {
        let site = Site::start(home());
        let folder = folder_with(&[("specs/a.toml", "[[step]]\nopen = \"/\"\n")]);
        let judged = run_with_reports(&folder, &["--url", &site.url(), "--headed"], &[]);
        judged.assert_code(3);
        assert!(judged.json.contains("harness.no_display"), "{}", judged.output.stdout);
        assert!(judged.output.stdout.contains("xvfb-run"), "{}", judged.output.stdout);
        let output = smokegate(["open", &site.url()]).folder(&folder).run();
        assert_eq!(output.code, 3, "{}", output.stderr);
        assert!(output.stderr.contains("xvfb-run"), "{}", output.stderr);
        for (options, reason) in [
            (vec!["--pause-on-failure"], "needs --headed"),
            (vec!["--pause-on-failure", "--headed"], "needs a terminal"),
            (vec!["--slow-mo", "soon"], "expected a duration"),
        ] {
            let options = [vec!["--url", "http://127.0.0.1:1"], options].concat();
            let judged = run_with_reports(&folder, &options, &[]);
            judged.assert_code(2);
            assert!(judged.output.stderr.contains(reason), "{}", judged.output.stderr);
        }
    }

    fn a_run_that_is_watched_is_slow_and_waits_where_it_fails() {
        let display = Display::start();
        let site = Site::start(home());
        let spec = r#"
            [[step]]
            open = "/"
            [[step]]
            click = "button"
            [[step]]
            name = "never there"
            timeout = "1s"
            expect.text.contains = "never"
        "#;
        let folder = folder_with(&[("specs/a.toml", spec)]);
        let run = format!(
            "{} run --url {} --browser {} --headed --slow-mo 700ms --pause-on-failure",
            env!("CARGO_BIN_EXE_smokegate"),
            site.url(),
            browser()
        );
        let started = Instant::now();
        // `script` gives it a terminal.
        let mut child = Command::new("script")
            .args(["-qec", &run, "/dev/null"])
            .current_dir(&folder)
            .env("DISPLAY", display.name())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut told = Vec::new();
        for line in lines {
            if line.contains("press Enter") {
                assert!(line.contains(&format!("paused at {}/: never there", site.url())), "{line}");
                assert!(started.elapsed() > Duration::from_millis(2_100 + 1_000), "it did not wait");
                child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
            }
            told.push(line);
        }
        assert_eq!(child.wait().unwrap().code(), Some(1), "{}", told.join("\n"));
        assert!(told.iter().any(|line| line.contains("press Enter")), "{}", told.join("\n"));
    }

    /// A site that only its own authority vouches for.
    fn judge_shop(ca: &str, browser: &str) -> Judged {
        let folder = folder_with(&[(
            "specs/a.toml",
            "[[step]]\nopen = \"/\"\ntimeout = \"60s\"\nexpect.text.contains = \"secret\"\n",
        )]);
        let site = TlsSite::start_open(folder.path());
        let project = format!(
            "[target.shop]\nurl = \"https://shop.test:{}\"\nresolve = \"127.0.0.1\"\n{ca}",
            site.port()
        );
        std::fs::write(folder.path().join("smokegate.toml"), project).unwrap();
        run_with_reports(&folder, &["--browser", browser], &[])
    }

    #[test]
    fn a_private_authority_is_trusted_in_the_browser_where_the_target_names_it() {
        for browser in ["chromium", "firefox"] {
            let judged = judge_shop("ca = \"ca.pem\"\n", browser);
            judged.assert_code(0);
            let told = judged.output.stdout.contains("firefox cannot be given the certificates");
            assert_eq!(told, browser == "firefox", "{}", judged.output.stdout);
            let judged = judge_shop("", browser);
            judged.assert_code(1);
            assert!(judged.json.contains("tls.untrusted"), "{browser}: {}", judged.output.stdout);
        }
    }
}
