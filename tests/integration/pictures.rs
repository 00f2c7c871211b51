//! Pictures of pages: taken, kept when a step goes wrong, compared with a baseline.

mod browser {
    use std::path::Path;

    use axum::Router;

    use crate::support::{Judged, Site, both_browsers, folder_with, pages, run_with_reports};

    both_browsers! {
        a_browser_step_that_goes_wrong_leaves_picture_document_and_console_without_secrets
        of_a_page_that_does_not_answer_there_is_no_picture_and_that_is_said
        pictures_are_written_and_named_in_every_report_without_secrets
        what_is_masked_is_covered_in_the_picture_and_not_on_the_page
    }

    /// Names and contents of the files in a folder, sorted.
    fn files_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<(String, Vec<u8>)> = entries
            .map(|path| {
                (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap())
            })
            .collect();
        files.sort();
        files
    }

    /// Judges a site with a folder of specs.
    fn judge(folder: &tempfile::TempDir, router: Router, options: &[&str]) -> Judged {
        let site = Site::start(router);
        let url = site.url();
        run_with_reports(folder, &[&["--url", &url], options].concat(), &[("CODE", "hush-42")])
    }

    /// The kinds and the names of the artifacts of a step in the document.
    fn artifacts_of(step: &serde_json::Value) -> Vec<(String, String)> {
        let read = |artifact: &serde_json::Value, key: &str| artifact[key].as_str().unwrap().to_owned();
        let artifacts = step["artifacts"].as_array().cloned().unwrap_or_default();
        artifacts.iter().map(|artifact| (read(artifact, "kind"), read(artifact, "path"))).collect()
    }

    fn a_browser_step_that_goes_wrong_leaves_picture_document_and_console_without_secrets() {
        let body = "<h1>Welcome</h1><form><input id=code><input id=key type=password value=typed-before></form>\
        <script>code.oninput = () => { code.setAttribute('value', code.value); console.warn('got ' + code.value) }</script>";
        let spec = "[[step]]\nopen = \"/\"\n[[step]]\nname = \"says\"\nfill = { \"#code\" = \"{{ secret.CODE }}\" }\n\
        timeout = \"1s\"\nexpect.title = \"shop\"\n";
        let folder = folder_with(&[("specs/home.toml", spec)]);
        let judged = judge(&folder, pages(&[("/", body)]), &[]);
        judged.assert_code(1);
        let files = files_in(&folder.path().join("smokegate-artifacts/specs-home"));
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["failed-step-2.console.txt", "failed-step-2.html", "failed-step-2.png"]);
        let [console, html] = [0, 1].map(|index| String::from_utf8(files[index].1.clone()).unwrap());
        assert!(console.contains("warning   got {{ secret.CODE }}"), "{console}");
        assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"), "{html}");
        assert!(html.contains("value=\"{{ secret.CODE }}\"") && html.contains("<h1>Welcome</h1>"), "{html}");
        assert!(!html.contains("typed-before"), "{html}");
        assert!(judged.texts().iter().all(|text| !text.contains("hush-42")));
        assert_eq!(&files[2].1[..4], b"\x89PNG");
        let stem = "smokegate-artifacts/specs-home/failed-step-2";
        let line = format!("files     {stem}.{{png,html,console.txt}}\n");
        assert!(judged.output.stdout.contains(&line), "{}", judged.output.stdout);
        let document = judged.document();
        let expected = [("picture", "png"), ("html", "html"), ("console", "console.txt")]
            .map(|(kind, extension)| (kind.to_owned(), format!("{stem}.{extension}")));
        assert_eq!(artifacts_of(document.step("says")), expected);
        assert_eq!(artifacts_of(&judged.outcomes()[1]), expected);
        let attachments = expected.map(|(_, path)| format!("[[ATTACHMENT|{path}]]")).join("\n");
        assert!(
            judged.junit.contains(&format!("<system-out>{attachments}\n</system-out>")),
            "{}",
            judged.junit
        );
    }

    #[test]
    fn a_retried_scenario_leaves_the_pictures_of_each_try() {
        let spec = "retries = 1\n[[step]]\nopen = \"/\"\ntimeout = \"1s\"\nexpect.title = \"shop\"\n";
        let folder = folder_with(&[("specs/home.toml", spec)]);
        let judged = judge(&folder, pages(&[("/", "x")]), &[]);
        judged.assert_code(1);
        let files = files_in(&folder.path().join("smokegate-artifacts/specs-home"));
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        let stems = ["failed-step-1-2", "failed-step-1"];
        let expected: Vec<String> = stems
            .iter()
            .flat_map(|stem| ["console.txt", "html", "png"].map(|extension| format!("{stem}.{extension}")))
            .collect();
        assert_eq!(names, expected);
        assert_eq!(judged.junit.matches("[[ATTACHMENT|").count(), 6, "{}", judged.junit);
    }

    fn of_a_page_that_does_not_answer_there_is_no_picture_and_that_is_said() {
        let spec =
            "[[step]]\nopen = \"/\"\n[[step]]\nname = \"stuck\"\ntimeout = \"1s\"\nscript = \"for (;;);\"\n";
        let folder = folder_with(&[("specs/home.toml", spec)]);
        let judged = judge(&folder, pages(&[("/", "x")]), &[]);
        judged.assert_code(1);
        let document = judged.document();
        let step = document.step("stuck");
        assert!(step["note"].as_str().unwrap().starts_with("no picture of the page: "), "{step}");
        assert!(judged.output.stdout.contains("no picture of the page: "), "{}", judged.output.stdout);
    }

    /// Judges a page that is taller than the window.
    fn take(folder: &tempfile::TempDir, options: &[&str]) -> Judged {
        let body = "<style>body { margin: 0 } #top { height: 100px; background: #0f0 } #tall { height: 2000px }</style>\
        <div id=top></div><div id=tall></div>";
        judge(folder, pages(&[("/", body)]), options)
    }

    fn size_of(path: &Path) -> (u32, u32) {
        let bytes = std::fs::read(path).unwrap();
        assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
        let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        (number(16), number(20))
    }

    fn pictures_are_written_and_named_in_every_report_without_secrets() {
        let spec = "[[step]]\nopen = \"/\"\n[[step]]\nscreenshot = \"of {{ secret.CODE }}\"\n\
        [[step]]\nscreenshot = \"whole\"\nfull_page = true\n[[step]]\nscreenshot = \"whole\"\n";
        let folder = folder_with(&[("specs/home.toml", spec), ("smokegate.toml", "")]);
        let judged = take(&folder, &[]);
        judged.assert_code(0);
        let pictures = folder.path().join("smokegate-artifacts/specs-home");
        assert_eq!(size_of(&pictures.join("whole.png")), (1024, 2100));
        assert_eq!(size_of(&pictures.join("whole-2.png")), (1024, 768));
        assert_eq!(size_of(&pictures.join("of-secret-CODE.png")), (1024, 768));
        assert_eq!(std::fs::read_dir(&pictures).unwrap().count(), 3);
        for text in [&judged.output.stdout, &judged.json, &judged.jsonl, &judged.junit] {
            assert!(text.contains("specs-home/whole-2.png"), "{text}");
        }
        assert!(judged.texts().iter().all(|text| !text.contains("hush-42")));
        let outcomes = judged.outcomes();
        let artifact = &outcomes[2]["artifacts"][0];
        assert!(artifact["path"].as_str().unwrap().ends_with("smokegate-artifacts/specs-home/whole.png"));
        assert_eq!(
            (&artifact["kind"], &artifact["size"]),
            (&"picture".into(), &serde_json::json!([1024, 2100]))
        );
    }

    #[test]
    fn the_folder_for_pictures_is_made_when_there_is_one_and_where_it_is_wanted() {
        let folder = folder_with(&[("specs/home.toml", "[[step]]\nopen = \"/\"\n")]);
        take(&folder, &["--artifacts", "pictures"]).assert_code(0);
        assert!(!folder.path().join("pictures").exists());
        let spec = "[[step]]\nopen = \"/\"\n[[step]]\nscreenshot = \"home\"\n[[case]]\nname = \"a/b\"\n";
        std::fs::write(folder.path().join("specs/home.toml"), spec).unwrap();
        take(&folder, &["--artifacts", "pictures"]).assert_code(0);
        assert!(folder.path().join("pictures/specs-home/a-b/home.png").is_file());
        std::fs::write(folder.path().join("taken"), "").unwrap();
        let judged = take(&folder, &["--artifacts", "taken"]);
        judged.assert_code(3);
        assert!(judged.output.stdout.contains("home.png cannot be written"), "{}", judged.output.stdout);
    }

    fn what_is_masked_is_covered_in_the_picture_and_not_on_the_page() {
        let spec = "[[step]]\nopen = \"/\"\n[[step]]\nscreenshot = \"plain\"\n\
        [[step]]\nscreenshot = \"masked\"\nmask = [\"#top\", \"#none\"]\n\
        expect.element.\"html > div\".count = 0\n[[step]]\nscreenshot = \"again\"\nfull_page = false\n";
        let folder = folder_with(&[("specs/home.toml", spec)]);
        take(&folder, &[]).assert_code(0);
        let read = |name: &str| {
            std::fs::read(folder.path().join(format!("smokegate-artifacts/specs-home/{name}.png"))).unwrap()
        };
        assert_ne!(read("plain"), read("masked"));
        assert_eq!(read("plain"), read("again"));
    }

    /// A spec that compares the picture of the page at `/`.
    fn comparing(keys: &str) -> String {
        format!("[[step]]\nopen = \"/\"\n[[step]]\nname = \"compare\"\nscreenshot = \"home\"\n{keys}\n")
    }

    /// Judges pages one after the other with the spec that stands there.
    struct Comparison {
        folder: tempfile::TempDir,
        browser: &'static str,
    }

    impl Comparison {
        fn new(keys: &str) -> Self {
            let browser = "chromium";
            Self {
                folder: folder_with(&[("specs/home.toml", &comparing(keys)), ("smokegate.toml", "")]),
                browser,
            }
        }

        fn rewrite(&self, keys: &str) {
            std::fs::write(self.folder.path().join("specs/home.toml"), comparing(keys)).unwrap();
        }

        fn judge(&self, body: &str, options: &[&str]) -> Judged {
            let _ = std::fs::remove_dir_all(self.folder.path().join("smokegate-artifacts"));
            judge(&self.folder, pages(&[("/", body)]), &[&["--browser", self.browser], options].concat())
        }

        fn baseline(&self) -> std::path::PathBuf {
            let name = format!("specs/__screens__/home-{}-{}.png", self.browser, std::env::consts::OS);
            self.folder.path().join(name)
        }

        /// The names of the artifacts.
        fn left(&self) -> Vec<String> {
            let folder = self.folder.path().join("smokegate-artifacts/specs-home");
            files_in(&folder).into_iter().map(|(name, _)| name).collect()
        }
    }

    const WORDS: &str =
        "<h1>Green tea</h1><p>Two cups a day, <span id=clock>12:00</span></p><input autofocus value=cup>";

    #[test]
    fn a_picture_is_compared_with_its_baseline_and_what_differs_is_shown() {
        let comparison = Comparison::new("expect.differs = 0");
        let judged = comparison.judge(WORDS, &[]);
        judged.assert_code(1);
        let told = judged.document().step("compare")["checks"][0]["actual"].clone();
        let file = format!("specs/__screens__/home-chromium-{}.png", std::env::consts::OS);
        assert_eq!(told, format!("there is no baseline {file}: `smokegate run --update-screens` writes it"));
        assert!(!comparison.baseline().exists());

        let judged = comparison.judge(WORDS, &["--update-screens"]);
        judged.assert_code(0);
        assert!(judged.output.stdout.contains("1 baseline written"), "{}", judged.output.stdout);
        assert_eq!(size_of(&comparison.baseline()), (1024, 768));
        let baseline = std::fs::read(comparison.baseline()).unwrap();

        for _ in 0..2 {
            let judged = comparison.judge(WORDS, &[]);
            judged.assert_code(0);
            assert_eq!(judged.document().step("compare")["checks"][0]["actual"], "0%");
            assert_eq!(comparison.left(), ["home.png"]);
        }

        let judged = comparison.judge(&WORDS.replace("Green", "Black"), &[]);
        judged.assert_code(1);
        let document = judged.document();
        let step = document.step("compare");
        let kinds: Vec<String> = artifacts_of(step).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, ["picture", "expected", "difference", "picture", "html", "console"]);
        assert_eq!(comparison.left()[3..], ["home.difference.png", "home.expected.png", "home.png"]);
        assert!(judged.output.stdout.contains(" of 786432 pixels differ"), "{}", judged.output.stdout);
        assert_eq!(judged.junit.matches("[[ATTACHMENT|").count(), 6, "{}", judged.junit);
        if let Ok(folder) = std::env::var("KEEP_PICTURES") {
            let from = comparison.folder.path().join("smokegate-artifacts/specs-home");
            crate::support::copy_folder(&from, Path::new(&folder));
        }

        let judged = comparison.judge(&WORDS.replace("Green", "Black"), &["--update-screens"]);
        judged.assert_code(0);
        assert_ne!(std::fs::read(comparison.baseline()).unwrap(), baseline);
        comparison.judge(&WORDS.replace("Green", "Black"), &["--update-screens"]).assert_code(0);
    }

    #[test]
    fn small_differences_can_be_allowed_and_places_left_out() {
        let comparison = Comparison::new("expect.differs.at_most = \"0.1%\"");
        comparison.judge(WORDS, &["--update-screens"]).assert_code(0);
        let later = WORDS.replace("12:00", "13:45");
        comparison.judge(&later, &[]).assert_code(0);
        comparison.rewrite("");
        let judged = comparison.judge(&later, &[]);
        judged.assert_code(1);
        assert!(judged.output.stdout.contains("like "), "{}", judged.output.stdout);
        comparison.rewrite("allow = [\"differs\"]");
        comparison.judge(&later, &[]).assert_code(0);
        comparison.rewrite("threshold = 1");
        comparison.judge(&later, &[]).assert_code(0);
        comparison.rewrite("mask = [\"#clock\"]\nexpect.differs = false");
        comparison.judge(WORDS, &["--update-screens"]).assert_code(0);
        comparison.judge(&later, &[]).assert_code(0);
        let judged = comparison.judge(&later.replace("Two", "Ten"), &[]);
        judged.assert_code(1);
        comparison.rewrite("full_page = true\nexpect.differs = 0");
        let judged = comparison.judge(&format!("{WORDS}<div style='height:2000px'>"), &[]);
        judged.assert_code(1);
        let told = "the baseline 1024 x 768";
        assert!(
            judged.output.stdout.contains("the sizes differ: the picture has 1024 x "),
            "{}",
            judged.output.stdout
        );
        assert!(judged.output.stdout.contains(told), "{}", judged.output.stdout);
    }

    const MOVING: &str = "<style>@keyframes turn { to { transform: rotate(1turn) } } @keyframes grow { from { width: 10px } }\
        #wheel { width: 80px; height: 40px; background: green; animation: turn 0.7s linear infinite }\
        #bar { height: 20px; width: 300px; background: blue; animation: grow 9s }</style>\
        <div id=wheel></div><div id=bar></div><textarea autofocus>text</textarea>\
        <svg width=60 height=60><circle r=20 cx=30 cy=30><animate attributeName=r values='5;25;5' dur=0.5s repeatCount=indefinite></circle></svg>";

    #[test]
    fn animations_are_held_still_and_go_on_afterwards() {
        let comparison = Comparison::new("expect.differs = 0");
        comparison.judge(MOVING, &["--update-screens"]).assert_code(0);
        let keys = "expect.differs = 0\n[[step]]\nscript = \"const turn = () => document.querySelector('#wheel').getAnimations()[0].currentTime; \
        const before = turn(); await new Promise(done => setTimeout(done, 200)); return turn() - before\"\nexpect.result.above = 50\n\
        [[step]]\nscript = \"return [document.adoptedStyleSheets.length, document.querySelector('svg').animationsPaused()]\"\nexpect.result = [0, false]";
        comparison.rewrite(keys);
        for _ in 0..2 {
            comparison.judge(MOVING, &[]).assert_code(0);
        }
    }

    #[test]
    fn firefox_compares_pictures_too() {
        let changed = WORDS.replace("Green", "Black");
        let router = || pages(&[("/", WORDS), ("/moving", MOVING), ("/changed", &changed)]);
        let shot = |path: &str, name: &str, more: &str| {
            format!(
                "[[step]]\nopen = \"{path}\"\n[[step]]\nscreenshot = \"{name}\"\nexpect.differs = 0\n{more}\n"
            )
        };
        let spec = shot("/", "home", "name = \"same\"") + &shot("/moving", "moving", "name = \"moving\"");
        let folder = folder_with(&[("specs/home.toml", &spec)]);
        let judged = judge(&folder, router(), &["--browser", "firefox", "--update-screens"]);
        judged.assert_code(0);
        assert!(judged.output.stdout.contains("2 baselines written"), "{}", judged.output.stdout);
        let spec = spec + &shot("/changed", "home", "name = \"changed\"\noptional = true");
        std::fs::write(folder.path().join("specs/home.toml"), spec).unwrap();
        let judged = judge(&folder, router(), &["--browser", "firefox"]);
        judged.assert_code(0);
        let document = judged.document();
        for name in ["same", "moving"] {
            assert_eq!(document.step(name)["checks"][0]["actual"], "0%", "{name}");
        }
        assert_eq!(document.step("changed")["verdict"], "failed");
        assert_eq!(artifacts_of(document.step("changed")).len(), 6);
    }

    #[test]
    fn a_page_that_does_not_come_to_rest_is_told_with_what_moves() {
        let body = "<canvas id=c width=90 height=90></canvas><script>const draw = () => { const at = c.getContext('2d');\
        at.fillStyle = `rgb(${[0, 0, 0].map(() => Math.random() * 255)})`; at.fillRect(0, 0, 90, 90); requestAnimationFrame(draw) };\
        draw()</script>";
        let comparison = Comparison::new("timeout = \"2s\"\nexpect.differs = 0");
        let judged = comparison.judge(body, &[]);
        judged.assert_code(1);
        let told = judged.output.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            told.contains("the page does not come to rest: of ")
                && told.contains("the last two differ in 8100 pixels"),
            "{told}"
        );
        assert_eq!(comparison.left()[3..], ["home.difference.png", "home.png"]);
        comparison.rewrite("mask = [\"#c\"]\nexpect.differs = 0");
        comparison.judge(body, &["--update-screens"]).assert_code(0);
        comparison.judge(body, &[]).assert_code(0);
    }
}
