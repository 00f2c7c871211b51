//! What stays behind when a run is killed or interrupted: nothing.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;

use crate::support::{Demo, Document, Running, Site, both_browsers, browser, folder_with, signal, smokegate};

both_browsers! {
    killed_twenty_times_at_any_moment_it_leaves_no_process_and_no_file
    an_interrupt_ends_the_browser_and_runs_the_cleanup
    a_driver_that_is_killed_is_our_fault_and_leaves_nothing
    a_browser_that_is_killed_is_our_fault_and_leaves_nothing
}

/// A browser scenario that writes and then waits for what never comes.
const SPEC: &str = r##"
writes = true
timeout = "60s"

[vars]
item = "left by {{ run.id }}"

[[step]]
as = "edith"
open = "/"

[[step]]
as = "edith"
fill = { "#id_new_item" = "{{ item }}" }
press = "Enter"
expect.url.matches = "/lists/\\d+/$"

[[step]]
as = "francis"
timeout = "60s"
open = "/"
expect.text.contains = "never"

[[cleanup]]
sql = "delete from lists_item where text = :item"
params = { item = "{{ item }}" }
"##;

/// What Chromium's own process is called: its headless shell where that is installed.
const CHROMIUM: &[&str] = &["headless-shell", "headless_shell", "chromium"];

/// A run whose processes and files can be told from all others: they know this folder.
struct Marked {
    demo: Demo,
    folder: tempfile::TempDir,
    temporary: tempfile::TempDir,
    home: tempfile::TempDir,
}

impl Marked {
    fn new() -> Self {
        let demo = Demo::start(None);
        let folder = folder_with(&[("smokegate.toml", &demo.project()), ("specs/a.toml", SPEC)]);
        let [temporary, home] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
        Self { demo, folder, temporary, home }
    }

    fn start(&self) -> Running {
        let [temporary, home] = [&self.temporary, &self.home].map(|folder| folder.path().to_str().unwrap());
        smokegate(["run", "--report", "json=report.json"])
            .folder(&self.folder)
            .env("TMPDIR", temporary)
            .env("HOME", home)
            .spawn()
    }

    fn processes(&self) -> Vec<String> {
        processes_that_know(self.temporary.path())
    }

    /// What is in the temporary folder and in the home of who runs it.
    fn files(&self) -> Vec<String> {
        let folders = [&self.temporary, &self.home];
        let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder.path()).unwrap());
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }

    /// Waits until nothing is left; panics after two seconds.
    fn assert_clean(&self, when: &str) {
        let limit = Instant::now() + Duration::from_secs(2);
        loop {
            let (processes, files) = (self.processes(), self.files());
            if processes.is_empty() && files.is_empty() {
                return;
            }
            assert!(Instant::now() < limit, "{when}: left behind {processes:?} {files:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the item is written and the second visitor waits.
    fn wait_until_written(&self, child: &mut Running) {
        let limit = Instant::now() + Duration::from_mins(1);
        while self.demo.items() == 0 {
            assert!(Instant::now() < limit, "the item was never written");
            assert!(child.try_wait().unwrap().is_none(), "the run ended before");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Command lines of living processes with a path in their environment or their arguments.
pub(crate) fn processes_that_know(path: &Path) -> Vec<String> {
    let path = path.to_str().unwrap().as_bytes();
    let knows = |bytes: &[u8]| bytes.windows(path.len()).any(|window| window == path);
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let read = |name: &str| std::fs::read(entry.path().join(name)).unwrap_or_default();
        let arguments = read("cmdline");
        if !arguments.is_empty() && (knows(&read("environ")) || knows(&arguments)) {
            found.push(String::from_utf8_lossy(&arguments).replace('\0', " "));
        }
    }
    found
}

fn killed_twenty_times_at_any_moment_it_leaves_no_process_and_no_file() {
    let marked = Marked::new();
    let mut with_browser = 0;
    for round in 0..20_u64 {
        let mut child = marked.start();
        // Spread over the start of the guard, the driver, the browser, and the steps.
        std::thread::sleep(Duration::from_millis(15 + round * round * 9));
        with_browser += usize::from(marked.processes().iter().any(|command| command.contains(browser())));
        child.kill().unwrap();
        child.wait().unwrap();
        marked.assert_clean(&format!("round {round}"));
    }
    assert!(with_browser >= 8, "only {with_browser} of the rounds had a browser");
}

fn an_interrupt_ends_the_browser_and_runs_the_cleanup() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let marked = Marked::new();
        let mut child = marked.start();
        marked.wait_until_written(&mut child);
        signal(&child, name);
        let started = Instant::now();
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(code), "SIG{name}");
        assert!(started.elapsed() < Duration::from_secs(15), "SIG{name}");
        assert_eq!(marked.demo.items(), 0, "SIG{name}: the row is still there");
        marked.assert_clean(name);
    }
}

fn a_driver_that_is_killed_is_our_fault_and_leaves_nothing() {
    assert_survived(&[driver()]);
}

fn a_browser_that_is_killed_is_our_fault_and_leaves_nothing() {
    assert_survived(if browser() == "firefox" { &["firefox-esr", "firefox"] } else { CHROMIUM });
}

/// Waits until it is told to go on, then looks at the site in a browser.
const NEXT: &str = r#"
[[step]]
get = "GO"
within = "60s"

[[step]]
name = "looks"
open = "/"
timeout = "30s"
"#;

/// Kills a program in the middle of a run: its scenario errs at once and cleans up, and the next one has a new browser.
fn assert_survived(programs: &[&str]) {
    let marked = Marked::new();
    let may_go_on = Arc::new(AtomicBool::new(false));
    let answer = {
        let may_go_on = Arc::clone(&may_go_on);
        move || async move {
            if may_go_on.load(Ordering::Relaxed) { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
        }
    };
    let gate = Site::start(Router::new().route("/go", get(answer)));
    let next = NEXT.replace("GO", &format!("{}/go", gate.url()));
    std::fs::write(marked.folder.path().join("specs/b.toml"), next).unwrap();
    let mut child = marked.start();
    marked.wait_until_written(&mut child);
    let find = |program: &&str| find_process(marked.temporary.path(), program);
    let process = programs.iter().find_map(find).expect("it runs");
    let pid = rustix::process::Pid::from_raw(process).unwrap();
    let started = Instant::now();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    may_go_on.store(true, Ordering::Relaxed);
    assert_eq!(child.wait().unwrap().code(), Some(3));
    assert!(started.elapsed() < Duration::from_secs(40), "it waited for its time-out");
    let report = Document::read(&marked.folder.path().join("report.json"));
    let [killed, next] = report.scenarios() else { panic!("two scenarios ran: {}", report.0) };
    assert_eq!(killed["diagnosis"]["code"], "harness.driver_died", "{killed}");
    assert!(killed["diagnosis"]["advice"].to_string().contains("memory"), "{killed}");
    assert_eq!(next["verdict"], "passed", "{next}");
    assert_eq!(marked.demo.items(), 0, "the row is still there");
    marked.assert_clean(programs[0]);
}

/// The program that drives this test's browser.
fn driver() -> &'static str {
    if browser() == "firefox" { "geckodriver" } else { "chromedriver" }
}

/// The id of a process whose program has this name and which knows this path.
fn find_process(path: &Path, program: &str) -> Option<i32> {
    let path = path.to_str().unwrap();
    std::fs::read_dir("/proc").unwrap().flatten().find_map(|entry| {
        let read = |name: &str| std::fs::read(entry.path().join(name)).unwrap_or_default();
        let arguments = String::from_utf8_lossy(&read("cmdline")).into_owned();
        let is_it = arguments.split('\0').next()?.ends_with(program);
        let knows = String::from_utf8_lossy(&read("environ")).contains(path);
        (is_it && knows).then(|| entry.file_name().to_str()?.parse().ok()).flatten()
    })
}
