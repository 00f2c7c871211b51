//! What is wrong on our own side with browsers and drivers: the run errs, says what is missing and what to do.

use crate::support::{
    Document, Site, both_browsers, browser, find_program, folder_with, pages, smokegate, write_program,
};

both_browsers! {
    without_a_browser_it_says_what_to_install
    without_a_driver_it_says_what_to_install
    a_driver_that_ends_at_once_is_told_with_what_it_said
    a_driver_that_does_not_answer_has_died
    a_window_needs_a_display
}

fn driver() -> &'static str {
    if browser() == "firefox" { "geckodriver" } else { "chromedriver" }
}

/// Runs a browser step where nothing but these programs can be found; gives back the report.
fn run_with(programs: &[(&str, &str)], options: &[&str]) -> (String, Document) {
    let site = Site::start(pages(&[("/", "fine")]));
    let folder =
        folder_with(&[("specs/a.toml", "[[step]]\nname = \"look\"\nopen = \"/\"\n"), ("bin/none", "")]);
    let path = folder.path().join("bin");
    for (name, script) in programs {
        write_program(&path, name, script);
    }
    let url = site.url();
    let arguments = [&["run", "--url", &url, "--report", "json=report.json"][..], options].concat();
    let output = smokegate(arguments)
        .folder(&folder)
        .env("PATH", path.to_str().unwrap())
        .env("DISPLAY", "")
        .env("WAYLAND_DISPLAY", "")
        .run();
    assert_eq!(output.code, 3, "{}{}", output.stdout, output.stderr);
    (output.stdout, Document::read(&folder.path().join("report.json")))
}

/// The step erred for this reason, and it is said what to do.
#[track_caller]
fn assert_told(ran: &(String, Document), code: &str, message: &str, remedy: &str) {
    let (text, report) = ran;
    let step = report.step("look");
    assert_eq!(
        (&step["verdict"], &step["error"]["origin"]),
        (&"errored".into(), &"harness".into()),
        "{text}"
    );
    assert_eq!(report.0["diagnosis"]["code"], code, "{text}");
    let told = step["error"]["message"].as_str().unwrap();
    assert!(told.contains(message), "{told}");
    let advice = report.0["diagnosis"]["advice"].to_string();
    assert!(advice.contains(remedy), "{advice}");
}

fn without_a_browser_it_says_what_to_install() {
    let ran = run_with(&[(driver(), "exit 0")], &[]);
    let message = format!("no {} was found on this machine", browser());
    assert_told(&ran, "harness.browser_missing", &message, "install");
}

fn without_a_driver_it_says_what_to_install() {
    let ran = run_with(&[(browser(), "exit 0")], &[]);
    let message = format!("{} was found, but no {} to drive it", browser(), driver());
    assert_told(&ran, "harness.browser_missing", &message, "install");
}

fn a_driver_that_ends_at_once_is_told_with_what_it_said() {
    let ran =
        run_with(&[(browser(), "exit 0"), (driver(), "echo cannot open shared object >&2; exit 127")], &[]);
    let message = format!("{} ended at once and said: cannot open shared object", driver());
    assert_told(&ran, "harness.driver_died", &message, "memory");
}

fn a_driver_that_does_not_answer_has_died() {
    let listens = "echo Listening on 127.0.0.1:9; echo started successfully on port 9.; exit 0";
    let ran = run_with(&[(browser(), "exit 0"), (driver(), listens)], &[]);
    assert_told(&ran, "harness.driver_died", "the browser does not start", "memory");
}

fn a_window_needs_a_display() {
    let ran = run_with(&[(browser(), "exit 0"), (driver(), "exit 0")], &["--headed"]);
    assert_told(&ran, "harness.no_display", "there is no display", "without `--headed`");
}

#[test]
fn versions_that_do_not_fit_are_told() {
    let driver = format!(
        "if [ \"$1\" = --version ]; then echo 'ChromeDriver 99.0.1 (abc)'; else exec '{}' \"$@\"; fi",
        find_program("chromedriver")
    );
    let browser = "if [ \"$1\" = --version ]; then echo 'Chromium 156.0.1'; else exit 1; fi";
    let ran = run_with(&[("chromium", browser), ("chromedriver", &driver)], &[]);
    assert_told(
        &ran,
        "harness.driver_mismatch",
        "Chromium 156.0.1 and ChromeDriver 99.0.1 do not fit",
        "same version",
    );
}

#[test]
fn who_wants_firefox_is_told_how_to_get_it_and_its_driver() {
    let folder = folder_with(&[("bin/none", ""), ("specs/a.toml", "[[step]]\nopen = \"/\"\n")]);
    let bin = folder.path().join("bin");
    write_program(&bin, "apt-get", "exit 0");
    for command in [
        vec!["setup", "--install", "--browser", "firefox"],
        vec!["demo", "--browser", "firefox", "--install-browser"],
    ] {
        let output = smokegate(&command).folder(&folder).env("PATH", bin.to_str().unwrap()).run();
        assert_eq!(output.code, 3, "{}{}", output.stdout, output.stderr);
        let told = format!("{}{}", output.stdout, output.stderr);
        assert!(told.contains("firefox") && !told.contains("chromium-driver"), "{told}");
        let is_root = rustix::process::geteuid().is_root();
        assert!(!is_root || told.contains("cargo install geckodriver --locked"), "{told}");
    }
}
