//! Browsers that run elsewhere: a Selenium Grid, with a password, behind TLS, with a browser that dies.

mod browser {

    use axum::Router;
    use axum::http::header::CONTENT_DISPOSITION;
    use axum::routing::get;

    use crate::support::{
        Gate, Grid, GridOptions, Running, Site, both_browsers, browser, copies, folder_with, page, pages,
        run_with_reports, signal, smokegate,
    };

    both_browsers! {
        twelve_scenarios_use_the_four_slots_of_a_grid_at_once
        killing_a_browser_of_the_grid_fails_nothing_and_an_interrupt_leaves_nothing_there
    }

    const OPEN: &str = "[[step]]\nopen = \"/\"\ntimeout = \"60s\"\nexpect.element.h1.text = \"here\"\n";

    /// A run of the specs in a folder that is under way.
    fn start_run(folder: &tempfile::TempDir, site: &Site, grid: &Grid) -> Running {
        let report = format!("jsonl={}", folder.path().join("report.jsonl").display());
        let (target, webdriver) = (site.url(), grid.url());
        let where_to = ["--url", &target, "--webdriver", &webdriver];
        smokegate(["run", "--report", &report].iter().chain(&where_to)).folder(folder).spawn()
    }

    /// Its exit code, and what it told.
    fn end_of(run: Running) -> (Option<i32>, String) {
        let output = run.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    }

    /// A Grid is slow to start, so that much is asked of one.
    fn twelve_scenarios_use_the_four_slots_of_a_grid_at_once() {
        let grid = Grid::start(GridOptions { slots: 4, ..GridOptions::default() });
        let gate = Gate::new();
        let site = Site::start(gate.router());
        let folder = folder_with(&copies(12, OPEN));
        let run = start_run(&folder, &site, &grid);
        gate.wait_for(4);
        gate.open();
        let (code, told) = end_of(run);
        assert_eq!((code, gate.most()), (Some(0), 4), "{told}");
        assert!(told.contains("12 passed"), "{told}");
        grid.assert_all_free();
        files_and_pictures_go_through_the_grid(&grid);
        of_a_download_only_the_name_is_known(&grid);
    }

    fn files_and_pictures_go_through_the_grid(grid: &Grid) {
        let site = Site::start(pages(&[("/", "<input type=file id=f>")]));
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
        grid.assert_all_free();
    }

    fn of_a_download_only_the_name_is_known(grid: &Grid) {
        let file = || async { ([(CONTENT_DISPOSITION, "attachment; filename=\"report.csv\"")], "a,b") };
        let home = || async { page("<a href=/file>report</a>") };
        let site = Site::start(Router::new().route("/", get(home)).route("/file", get(file)));
        let spec = r#"
            [[step]]
            open = "/"
            [[step]]
            click = "a"
            expect.download.name = "report.csv"
            [[step]]
            click = "a"
            expect.download.size = 3
        "#;
        let folder = folder_with(&[("specs/a.toml", spec)]);
        let judged = run_with_reports(&folder, &["--url", &site.url(), "--webdriver", &grid.url()], &[]);
        judged.assert_code(1);
        let verdicts: Vec<_> = judged.outcomes().iter().map(|outcome| outcome["verdict"].clone()).collect();
        assert_eq!(verdicts, ["passed", "passed", "failed"], "{}", judged.output.stdout);
        let reason = "not observable: the file is on the machine of the browser";
        assert!(judged.output.stdout.contains(reason), "{}", judged.output.stdout);
        grid.assert_all_free();
    }

    #[test]
    fn a_grid_behind_tls_and_a_password_is_used_and_the_password_is_told_to_nobody() {
        let options =
            GridOptions { slots: 1, tls: true, password: Some("gr1d-s3cret"), ..GridOptions::default() };
        let grid = Grid::start(options);
        let site = Site::start(pages(&[("/", "<h1>here</h1>")]));
        let folder = folder_with(&[("specs/a.toml", OPEN)]);
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

    fn killing_a_browser_of_the_grid_fails_nothing_and_an_interrupt_leaves_nothing_there() {
        let grid = Grid::start(GridOptions { slots: 4, ..GridOptions::default() });
        let gate = Gate::new();
        let site = Site::start(gate.router());
        // Firefox is slow to start.
        let (scenarios, at_once) = if browser() == "firefox" { (2, 2) } else { (12, 4) };
        let folder = folder_with(&copies(scenarios, OPEN));
        let run = start_run(&folder, &site, &grid);
        // Whichever is killed, a scenario uses it.
        gate.wait_for(at_once);
        grid.kill_a_browser();
        gate.wait_for_fewer(at_once);
        gate.open();
        let (code, told) = end_of(run);
        assert_eq!(code, Some(0), "{told}");
        assert!(told.contains("its browser session was lost, so it was run again in another one"), "{told}");
        assert!(told.contains(&format!("{scenarios} passed")), "{told}");
        let report = std::fs::read_to_string(folder.path().join("report.jsonl")).unwrap();
        assert!(report.contains("its browser session was lost"));
        grid.assert_all_free();
        what_may_have_been_written_is_not_repeated(&grid);
        an_interrupt_leaves_no_session(&grid);
        an_interrupt_while_a_session_opens_leaves_none(&grid);
    }

    fn what_may_have_been_written_is_not_repeated(grid: &Grid) {
        let gate = Gate::new();
        let home = || async { page("<a href=/slow>go</a>") };
        let site = Site::start(Router::new().nest("/slow", gate.router()).route("/", get(home)));
        let spec = "writes = true\n[[step]]\nopen = \"/\"\ntimeout = \"60s\"\n\
                    [[step]]\nclick = \"a\"\ntimeout = \"60s\"\nexpect.text.contains = \"here\"\n";
        let folder = folder_with(&[("specs/a.toml", spec)]);
        let run = start_run(&folder, &site, grid);
        gate.wait_for(1);
        grid.kill_a_browser();
        let (code, told) = end_of(run);
        assert_eq!(code, Some(3), "{told}");
        assert!(told.contains("not run again"), "{told}");
        grid.assert_all_free();
    }

    fn an_interrupt_leaves_no_session(grid: &Grid) {
        let gate = Gate::new();
        let site = Site::start(gate.router());
        let folder = folder_with(&[("specs/a.toml", OPEN)]);
        let run = start_run(&folder, &site, grid);
        gate.wait_for(1);
        signal(&run, "INT");
        let (code, told) = end_of(run);
        assert_eq!(code, Some(130), "{told}");
        grid.assert_all_free();
    }

    fn an_interrupt_while_a_session_opens_leaves_none(grid: &Grid) {
        let site = Site::start(pages(&[("/", "<h1>here</h1>")]));
        let folder = folder_with(&[("specs/a.toml", OPEN)]);
        // The slot is taken from the moment when the session is asked for, and a browser takes a while to start.
        let run = start_run(&folder, &site, grid);
        grid.wait_for_sessions(1);
        signal(&run, "INT");
        let (code, told) = end_of(run);
        assert_eq!(code, Some(130), "{told}");
        grid.assert_all_free();
    }
}
