//! Browsers that run elsewhere: a Selenium Grid, with a password, behind TLS, with a browser that dies.

mod browser {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    use axum::Router;
    use axum::routing::get;

    use crate::support::{
        Grid, GridOptions, Running, Site, folder_with, page, run_with_reports, signal, smokegate,
    };

    /// Twelve scenarios, each with two pages.
    fn twelve(step: &str) -> Vec<(String, String)> {
        let spec = |index: usize| {
            let text = format!("name = \"visit {index}\"\n[[step]]\nopen = \"/\"\ntimeout = \"60s\"\n{step}");
            (format!("specs/{index:02}.toml"), text)
        };
        (0..12).map(spec).collect()
    }

    /// A page that takes a while; counts how many ask for it at the same time.
    fn slow_page(delay: Duration) -> (Router, Arc<AtomicUsize>) {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&most);
        let visit = move || async move {
            counted.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(delay).await;
            now.fetch_sub(1, Ordering::SeqCst);
            page("<h1>here</h1>")
        };
        (Router::new().route("/", get(visit)), most)
    }

    fn borrowed(files: &[(String, String)]) -> Vec<(&str, &str)> {
        files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
    }

    /// The Grid frees a slot a moment after it has answered.
    fn assert_all_free(grid: &Grid) {
        let started = Instant::now();
        while grid.sessions() > 0 {
            assert!(started.elapsed().as_secs() < 10, "sessions are left in the Grid");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Both browsers share four slots; a Grid is slow to start, so that much is asked of one.
    #[test]
    fn twelve_scenarios_use_the_four_slots_of_a_grid_at_once() {
        let grid = Grid::start(GridOptions { slots: 4, ..GridOptions::default() });
        let (router, most) = slow_page(Duration::from_millis(1500));
        let site = Site::start(router);
        let specs = twelve("expect.element.h1.text = \"here\"\n");
        let folder = folder_with(&borrowed(&specs));
        let judged = run_with_reports(&folder, &["--url", &site.url(), "--webdriver", &grid.url()], &[]);
        judged.assert_code(0);
        assert_eq!(most.load(Ordering::SeqCst), 4, "{}", judged.output.stdout);
        assert_all_free(&grid);
        files_and_pictures_go_through_the_grid(&grid);
        firefox_runs_in_the_grid(&grid, &site);
    }

    fn files_and_pictures_go_through_the_grid(grid: &Grid) {
        let site = Site::start(Router::new().route("/", get(|| async { page("<input type=file id=f>") })));
        let spec = r##"
            [[step]]
            open = "/"
            [[step]]
            upload = { "#f" = "note.txt" }
            [[step]]
            script = "return document.querySelector('#f').files[0].text()"
            expect.result = "twelve bytes"
            [[step]]
            screenshot = "field"
        "##;
        let folder = folder_with(&[("specs/a.toml", spec), ("specs/note.txt", "twelve bytes")]);
        let judged = run_with_reports(&folder, &["--url", &site.url(), "--webdriver", &grid.url()], &[]);
        judged.assert_code(0);
        assert_all_free(grid);
    }

    fn firefox_runs_in_the_grid(grid: &Grid, site: &Site) {
        let folder = folder_with(&[(
            "specs/a.toml",
            "[[step]]\nopen = \"/\"\ntimeout = \"60s\"\nexpect.element.h1.text = \"here\"\n",
        )]);
        let options = ["--url", &site.url(), "--webdriver", &grid.url(), "--browser", "firefox"];
        run_with_reports(&folder, &options, &[]).assert_code(0);
        assert_all_free(grid);
    }

    #[test]
    fn a_grid_behind_tls_and_a_password_is_used_and_the_password_is_told_to_nobody() {
        let grid = Grid::start(GridOptions { slots: 1, tls: true, password: Some("gr1d-s3cret") });
        let (router, _) = slow_page(Duration::ZERO);
        let site = Site::start(router);
        let folder = folder_with(&[("specs/a.toml", "[[step]]\nopen = \"/\"\ntimeout = \"60s\"\n")]);
        let ca = grid.file("ca.pem").display().to_string();
        let (own, target) = (format!("https://team:gr1d-s3cret@{}", grid.authority()), site.url());
        // There is one slot: the second run would wait for it if the first one had left its session.
        for _ in 0..2 {
            let options = ["--url", &target, "--webdriver", &own, "--webdriver-ca", &ca];
            let judged = run_with_reports(&folder, &options, &[]);
            judged.assert_code(0);
            assert!(judged.texts().iter().all(|text| !text.contains("gr1d-s3cret")));
        }
        let nowhere = format!("http://127.0.0.1:1 {own}");
        let variables = [("SMOKEGATE_WEBDRIVER", nowhere.as_str()), ("SMOKEGATE_WEBDRIVER_CA", &ca)];
        let judged = run_with_reports(&folder, &["--url", &target], &variables);
        judged.assert_code(0);
        assert!(
            judged.output.stdout.contains("http://127.0.0.1:1 cannot be used"),
            "{}",
            judged.output.stdout
        );
        for (options, reason) in [
            (vec!["--webdriver", &own], "not trusted"),
            (vec!["--webdriver", &own.replace("s3cret", "guess"), "--webdriver-ca", &ca], "USER:PASSWORD"),
        ] {
            let options = [vec!["--url", &target], options].concat();
            let judged = run_with_reports(&folder, &options, &[]);
            judged.assert_code(3);
            assert!(judged.json.contains("harness.webdriver"), "{}", judged.output.stdout);
            assert!(judged.output.stdout.contains(reason), "{}", judged.output.stdout);
            assert!(judged.texts().iter().all(|text| !text.contains("gr1d-")));
        }
    }

    /// A run that is under way.
    fn start_run(folder: &tempfile::TempDir, site: &Site, grid: &Grid) -> Running {
        let report = format!("jsonl={}", folder.path().join("report.jsonl").display());
        smokegate(["run", "--url", &site.url(), "--webdriver", &grid.url(), "--report", &report])
            .folder(folder)
            .spawn()
    }

    /// Waits until so many browsers at once have asked for the page.
    fn wait_until_asked(most: &AtomicUsize, browsers: usize) {
        let started = Instant::now();
        while most.load(Ordering::SeqCst) < browsers {
            assert!(started.elapsed().as_secs() < 60, "{browsers} at once did not ask for the page");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[test]
    fn killing_a_browser_of_the_grid_fails_nothing_and_an_interrupt_leaves_nothing_there() {
        let grid = Grid::start(GridOptions { slots: 4, ..GridOptions::default() });
        let (router, most) = slow_page(Duration::from_secs(4));
        let site = Site::start(router);
        let folder = folder_with(&borrowed(&twelve("")));
        let run = start_run(&folder, &site, &grid);
        // Whichever is killed, a scenario uses it.
        wait_until_asked(&most, 4);
        grid.kill_a_browser();
        let output = run.wait_with_output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{told}");
        assert!(told.contains("its browser session was lost, so it was run again in another one"), "{told}");
        assert!(told.contains("12 passed"), "{told}");
        let report = std::fs::read_to_string(folder.path().join("report.jsonl")).unwrap();
        assert!(report.contains("its browser session was lost"));
        assert_all_free(&grid);
        what_may_have_been_written_is_not_repeated(&grid);
        an_interrupt_leaves_no_session(&grid);
    }

    fn what_may_have_been_written_is_not_repeated(grid: &Grid) {
        let (router, most) = slow_page(Duration::from_secs(3));
        let home = page("<a href=/slow>go</a>");
        let site = Site::start(Router::new().nest("/slow", router).route("/", get(|| async { home })));
        let spec = "writes = true\n[[step]]\nopen = \"/\"\ntimeout = \"60s\"\n[[step]]\nclick = \"a\"\ntimeout = \"60s\"\nexpect.text.contains = \"here\"\n";
        let folder = folder_with(&[("specs/a.toml", spec)]);
        let run = start_run(&folder, &site, grid);
        wait_until_asked(&most, 1);
        grid.kill_a_browser();
        let output = run.wait_with_output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(3), "{told}");
        assert!(told.contains("not run again"), "{told}");
        assert_all_free(grid);
    }

    fn an_interrupt_leaves_no_session(grid: &Grid) {
        let (router, most) = slow_page(Duration::from_secs(30));
        let site = Site::start(router);
        let folder = folder_with(&[("specs/a.toml", "[[step]]\nopen = \"/\"\ntimeout = \"60s\"\n")]);
        let run = start_run(&folder, &site, grid);
        wait_until_asked(&most, 1);
        signal(&run, "INT");
        let output = run.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{output:?}");
        assert_all_free(grid);
    }
}
