//! How steps and scenarios run: captures, variables, waiting, conditions, fragments, cases, needs, retries, secrets.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::{get, post};
use serde_json::Value;

use crate::support::{Document, Site, copies, folder_with, smokegate};

fn echo_site() -> Site {
    let counter = Arc::new(AtomicUsize::new(0));
    let count = move || {
        let counter = Arc::clone(&counter);
        async move { counter.fetch_add(1, Ordering::SeqCst).to_string() }
    };
    let headers = |headers: HeaderMap| async move { format!("{headers:?}") };
    Site::start(
        Router::new()
            .route("/count", get(count))
            .route("/headers", get(headers))
            .route("/item/{id}", get(|axum::extract::Path(id): axum::extract::Path<String>| async move { format!("item {id}") }))
            .route("/make", post(|| async { ([("location", "/item/42")], "made") }))
            .route("/echo", post(|body: String| async move { body })),
    )
}

#[test]
fn a_capture_is_a_variable_from_the_next_step_on() {
    let folder = folder_with(&[(
        "specs/a.toml",
        "[vars]\nword = \"tea {{ run.id }}\"\n\n\
         [[step]]\npost = \"/make\"\ncapture.id = { from = \"header.location\", pattern = \"/item/(\\\\d+)\" }\n\n\
         [[step]]\nget = \"/item/{{ id }}\"\nexpect.body = \"item 42\"\n\n\
         [[step]]\npost = \"/echo\"\njson = { word = \"{{ word }}\", number = 3, list = [1, \"{{ id }}\"] }\n\
         expect.json.\"$.word\".matches = \"^tea [0-9a-z]{10}$\"\nexpect.json.\"$.number\" = 3\nexpect.json.\"$.list[1]\" = \"42\"\n",
    )]);
    let site = echo_site();
    let output = smokegate(["run", "--url", &site.url()]).folder(&folder).run();
    assert_eq!(output.code, 0, "{}", output.stdout);
}

#[test]
fn scenarios_get_their_places_in_the_order_of_the_plan() {
    let files = copies(40, "[[step]]\nget = \"/count\"\n");
    let folder = folder_with(&files);
    let site = echo_site();
    let report = folder.path().join("report.jsonl");
    let option = format!("jsonl={}", report.display());
    let output =
        smokegate(["run", "--jobs", "1", "--url", &site.url(), "--report", &option]).folder(&folder).run();
    assert_eq!(output.code, 0, "{}", output.stdout);
    let events = std::fs::read_to_string(report).unwrap();
    let events = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let started: Vec<u64> = events
        .filter(|event| event["event"] == "scenario_started")
        .map(|event| event["scenario"].as_u64().unwrap())
        .collect();
    assert_eq!(started, (0..40).collect::<Vec<u64>>());
}

#[test]
fn within_repeats_a_harmless_action_until_it_holds_and_tells_what_it_saw() {
    let folder = folder_with(&[
        ("specs/good.toml", "[[step]]\nget = \"/count\"\nwithin = \"5s\"\nexpect.body = \"3\"\n"),
        ("later/bad.toml", "[[step]]\nget = \"/count\"\nwithin = \"1500ms\"\nexpect.body = \"x\"\n"),
    ]);
    let site = echo_site();
    let output = smokegate(["run", "--url", &site.url()]).folder(&folder).run();
    assert_eq!(output.code, 0, "{}", output.stdout);
    let output = smokegate(["run", "later", "--url", &site.url()]).folder(&folder).run();
    assert_eq!(output.code, 1);
    assert!(output.stdout.contains("then"), "the history is missing: {}", output.stdout);
}

#[test]
fn fragments_run_with_their_parameters_and_their_captures_are_seen_afterwards() {
    let folder = folder_with(&[
        (
            "specs/a.toml",
            "[[step]]\nuse = \"make\"\nwith = { what = \"cake\" }\n\n\
             [[step]]\nget = \"/item/{{ made }}\"\nexpect.body = \"item 42\"\n",
        ),
        (
            "specs/shared/make.toml",
            "parameters = [\"what\"]\n\n[[step]]\npost = \"/echo\"\nbody = \"{{ what }}\"\nexpect.body = \"cake\"\n\n\
             [[step]]\npost = \"/make\"\ncapture.made = { from = \"header.location\", pattern = \"\\\\d+\" }\n",
        ),
    ]);
    let site = echo_site();
    let output = smokegate(["run", "--url", &site.url()]).folder(&folder).run();
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
}

#[test]
fn a_fragment_that_is_used_wrongly_is_a_load_error() {
    for (spec, told) in [
        ("[[step]]\nuse = \"mkae\"\n", "there is no fragment `mkae`"),
        ("[[step]]\nuse = \"make\"\n", "needs a value for `what`"),
        ("[[step]]\nuse = \"make\"\nwith = { waht = \"x\", what = \"y\" }\n", "did you mean `what`?"),
        ("[[step]]\nuse = \"loop\"\n", "in a circle"),
    ] {
        let folder = folder_with(&[
            ("specs/a.toml", spec),
            (
                "specs/shared/make.toml",
                "parameters = [\"what\"]\n[[step]]\npost = \"/echo\"\nbody = \"{{ what }}\"\n",
            ),
            ("specs/shared/loop.toml", "[[step]]\nuse = \"loop\"\n"),
        ]);
        let output = smokegate(["check"]).folder(&folder).run();
        assert_eq!(output.code, 2);
        assert!(output.stderr.contains(told), "{told}: {}", output.stderr);
    }
}

#[test]
fn every_case_runs_the_scenario_once_from_rows_and_from_csv() {
    let spec = "[[step]]\nget = \"/item/{{ case.id }}\"\nexpect.body = \"item {{ case.shown }}\"\n";
    let folder = folder_with(&[
        (
            "specs/rows.toml",
            &format!("[[case]]\nid = 1\nshown = 1\n[[case]]\nid = \"two\"\nshown = \"two\"\n{spec}"),
        ),
        ("specs/csv.toml", &format!("case.file = \"ids.csv\"\n{spec}")),
        ("specs/ids.csv", "id,shown\n7,7\n\"a b\",a b\n"),
    ]);
    let site = echo_site();
    let report = folder.path().join("report.json");
    let report_option = format!("json={}", report.display());
    let output = smokegate(["run", "--url", &site.url(), "--report", &report_option]).folder(&folder).run();
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    let cases: Vec<String> =
        Document::read(&report).scenarios().iter().map(|one| one["case"].to_string()).collect();
    assert_eq!(cases, ["\"id=7\"", "\"id=a b\"", "\"id=1\"", "\"id=two\""]);
}

#[test]
fn what_needs_another_spec_waits_for_it_and_is_skipped_when_it_fails() {
    let folder = folder_with(&[
        ("specs/a_later.toml", "needs = [\"first\"]\n[[step]]\nget = \"/count\"\n"),
        ("specs/first.toml", "name = \"the first\"\n[[step]]\nget = \"/nothing\"\n"),
    ]);
    let site = echo_site();
    let output = smokegate(["run", "specs/a_later.toml", "--url", &site.url()]).folder(&folder).run();
    assert_eq!(output.code, 1, "{}{}", output.stdout, output.stderr);
    assert!(output.stdout.contains("it needs `the first`, which was failed"), "{}", output.stdout);
}

#[test]
fn a_scenario_that_passes_on_a_retry_is_flaky_and_exits_zero() {
    let folder =
        folder_with(&[("specs/a.toml", "retries = 3\n[[step]]\nget = \"/count\"\nexpect.body = \"2\"\n")]);
    let site = echo_site();
    let report = folder.path().join("report.json");
    let report_option = format!("json={}", report.display());
    let output = smokegate(["run", "--url", &site.url(), "--report", &report_option]).folder(&folder).run();
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    let document = Document::read(&report);
    assert_eq!(document.0["counts"]["flaky"], 1);
    assert_eq!(document.scenarios()[0]["steps"].as_array().unwrap().len(), 1, "earlier tries do not count");

    let strict = smokegate(["run", "--url", &echo_site().url(), "--fail-on-flaky"]).folder(&folder).run();
    assert_eq!(strict.code, 1, "{}{}", strict.stdout, strict.stderr);
}

#[test]
fn a_step_runs_when_its_condition_is_true_and_an_optional_one_does_not_count() {
    let folder = folder_with(&[(
        "specs/a.toml",
        "[[step]]\nname = \"never\"\nget = \"/nothing\"\nwhen = \"target.host == 'example.com'\"\n\n\
         [[step]]\nname = \"maybe\"\nget = \"/nothing\"\noptional = true\n\n[[step]]\nget = \"/count\"\n",
    )]);
    let site = echo_site();
    let report = folder.path().join("report.json");
    let report_option = format!("json={}", report.display());
    let output = smokegate(["run", "--url", &site.url(), "--report", &report_option]).folder(&folder).run();
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    let document = Document::read(&report);
    assert_eq!(document.step("never")["verdict"], "skipped");
    assert_eq!(document.step("maybe")["verdict"], "failed");
}

#[test]
fn a_secret_appears_in_no_output() {
    let folder = folder_with(&[(
        "specs/a.toml",
        "[[step]]\nget = \"/headers\"\nheaders = { x-key = \"{{ secret.API_KEY }}\" }\nquery = { key = \"{{ secret.API_KEY }}\" }\n\
         expect.body = \"something else\"\n\n",
    )]);
    let site = echo_site();
    let paths = ["jsonl", "json", "junit"].map(|format| folder.path().join(format));
    let mut arguments = vec!["run".to_owned(), "--url".to_owned(), site.url(), "--verbose".to_owned()];
    for path in &paths {
        arguments.push("--report".to_owned());
        arguments.push(format!("{}={}", path.file_name().unwrap().to_str().unwrap(), path.display()));
    }
    let secret = "Tr0ub4dor&3 \"quoted\"";
    let output = smokegate(&arguments).folder(&folder).env("API_KEY", secret).run();
    assert_eq!(output.code, 1, "{}{}", output.stdout, output.stderr);
    let mut all = vec![output.stdout, output.stderr];
    all.extend(paths.iter().map(|path| std::fs::read_to_string(path).unwrap()));
    for text in &all {
        assert!(!text.contains("Tr0ub4dor"), "{text}");
    }
    assert!(all[2].contains("{{ secret.API_KEY }}"));
}

#[test]
fn writes_are_refused_where_the_target_forbids_them() {
    let folder = folder_with(&[
        ("smokegate.toml", "[target.production]\nurl = \"http://127.0.0.1:1\"\n"),
        ("specs/a.toml", "writes = true\n[[step]]\npost = \"/make\"\n"),
    ]);
    let output = smokegate(["run", "--target", "production"]).folder(&folder).run();
    assert_eq!(output.code, 2, "{}{}", output.stdout, output.stderr);
    assert!(output.stderr.contains("specs/a.toml:1:1"), "{}", output.stderr);
    assert!(output.stderr.contains("smokegate.toml:1:"), "both places are named: {}", output.stderr);
    let folder = folder_with(&[("specs/a.toml", "writes = true\n[[step]]\npost = \"/make\"\n")]);
    let output = smokegate(["run", "--url", "http://203.0.113.7", "specs"]).folder(&folder).run();
    assert_eq!(output.code, 2, "{}{}", output.stdout, output.stderr);
    assert!(output.stderr.contains("--allow-writes"), "{}", output.stderr);
}
