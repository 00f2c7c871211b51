//! The demo's browser specs hundreds of times in one run: none fails, nothing grows, nothing stays.
//!
//! `SMOKEGATE_SOAK=500 cargo test --release --test integration soak -- --ignored --nocapture`, in the browser that
//! `SMOKEGATE_SOAK_BROWSER` names.

mod browser {
    use std::fmt::Write as _;
    use std::path::Path;
    use std::time::Duration;

    use crate::kill::processes_that_know;
    use crate::support::{Demo, browser, folder_with, in_browser, smokegate};

    /// How many runs at the beginning and at the end are compared.
    const WINDOW: usize = 50;

    /// What was seen of the runner at a moment.
    struct Sample {
        /// Runs that had ended.
        runs: usize,
        /// Pages of memory that it held.
        memory: u64,
        /// Processes of drivers and browsers.
        processes: usize,
    }

    /// The specs with a browser, each so many times.
    fn write_specs(times: usize) -> Vec<(String, String)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/demo");
        let specs = ["first_list.toml", "login.toml"].map(|name| {
            let spec = std::fs::read_to_string(folder.join(name)).unwrap();
            // The cases of one run stand side by side in the same database.
            let mut spec = spec.replace("{{ item }}", "{{ item }} {{ case.row }}.");
            for row in 0..times {
                write!(spec, "\n[[case]]\nrow = {row}\n").unwrap();
            }
            (format!("specs/{name}"), spec)
        });
        specs.into()
    }

    fn look(pid: u32, events: &Path, temporary: &Path) -> Option<Sample> {
        let told = std::fs::read_to_string(events).unwrap_or_default();
        let memory = std::fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
        Some(Sample {
            runs: told.matches("\"scenario_finished\"").count() / 2,
            memory: memory.split(' ').nth(1)?.parse().ok()?,
            processes: processes_that_know(temporary).len(),
        })
    }

    fn median(mut values: Vec<u64>) -> u64 {
        values.sort_unstable();
        values[values.len() / 2]
    }

    #[expect(clippy::print_stderr, reason = "the figures are what the soak is for")]
    fn run_often(times: usize) {
        let demo = Demo::start(None);
        let mut files = write_specs(times);
        files.push(("smokegate.toml".to_owned(), demo.project()));
        let files: Vec<(&str, &str)> =
            files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let folder = folder_with(&files);
        let temporary = tempfile::tempdir().unwrap();
        let events = folder.path().join("events.jsonl");
        let child = smokegate(["run", "--report", "jsonl=events.jsonl"])
            .folder(&folder)
            .env("TMPDIR", temporary.path().to_str().unwrap())
            .spawn();
        let pid = child.id();
        let run = std::thread::spawn(move || child.wait_with_output().unwrap());
        let mut samples = Vec::new();
        while !run.is_finished() {
            std::thread::sleep(Duration::from_millis(200));
            samples.extend(look(pid, &events, temporary.path()));
        }
        let output = run.join().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let last: Vec<&str> = text.lines().rev().take(40).collect();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{last:#?}\n{said}");
        assert!(text.contains(&format!("{} passed in ", 2 * times)), "{last:?}");
        assert_eq!(demo.items(), 0, "rows are left");
        assert_eq!(processes_that_know(temporary.path()), Vec::<String>::new());
        assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0, "files are left");

        let within = |from: usize, to: usize, read: fn(&Sample) -> u64| {
            let chosen = samples.iter().filter(|sample| (from..to).contains(&sample.runs));
            median(chosen.map(read).collect())
        };
        let compare =
            |read: fn(&Sample) -> u64| [within(1, WINDOW, read), within(times - WINDOW, times, read)];
        let processes = compare(|sample| sample.processes as u64);
        let memory = compare(|sample| sample.memory).map(|pages| pages * 4 / 1024);
        let name = browser();
        eprintln!(
            "{times} runs in {name}: all passed; memory {} MB in the first {WINDOW}, {} MB in the last; \
             processes {} and {}",
            memory[0], memory[1], processes[0], processes[1]
        );
        assert!(memory[1] <= memory[0] + memory[0] / 10, "the memory grows");
        assert!(processes[1] <= processes[0] + 1, "browsers collect what they should have forgotten");
    }

    #[test]
    #[ignore = "takes minutes"]
    fn the_demo_runs_hundreds_of_times_and_nothing_grows() {
        let is_firefox = std::env::var("SMOKEGATE_SOAK_BROWSER").is_ok_and(|name| name == "firefox");
        in_browser(if is_firefox { "firefox" } else { "chromium" }, || {
            let times = std::env::var("SMOKEGATE_SOAK").ok().and_then(|text| text.parse().ok());
            run_often(times.unwrap_or(500));
        });
    }
}
