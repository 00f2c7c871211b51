//! Cleanup: after a failure, when it fails itself, and when a run is interrupted.

use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{delete, get, post};

use crate::support::{Log, Site, folder_with, run_with_reports, signal, smokegate};

const SPEC: &str = "writes = true\n[[step]]\npost = \"/things\"\ncapture.thing = \"header.location\"\n\n\
    [[step]]\nname = \"looks at it\"\nget = \"/slow\"\n\n[[step]]\nname = \"never\"\nget = \"/never\"\n\n\
    [[cleanup]]\nname = \"deletes it\"\ndelete = \"{{ thing }}\"\n\n[[cleanup]]\nname = \"and the rest\"\ndelete = \"/rest\"\n";

/// Makes a thing; `/slow` answers after `pause` with `status`; the thing can be deleted if `is_kind`.
fn site(pause: Duration, status: StatusCode, is_kind: bool) -> (Site, Log) {
    let deleted = if is_kind { StatusCode::NO_CONTENT } else { StatusCode::CONFLICT };
    let slow = move || async move {
        tokio::time::sleep(pause).await;
        status
    };
    Site::start_with_log(
        Router::new()
            .route("/things", post(|| async { (StatusCode::CREATED, [("location", "/things/7")]) }))
            .route("/slow", get(slow))
            .route("/things/7", delete(move || async move { deleted }))
            .route("/rest", delete(|| async { StatusCode::NO_CONTENT })),
    )
}

#[test]
fn cleanup_runs_after_a_failure_and_sees_what_was_captured() {
    let (site, log) = site(Duration::ZERO, StatusCode::BAD_GATEWAY, true);
    let folder = folder_with(&[("specs/a.toml", SPEC)]);
    let judged = run_with_reports(&folder, &["--url", &site.url()], &[]);
    judged.assert_code(1);
    assert!(
        log.has("DELETE", "/things/7") && log.has("DELETE", "/rest") && !log.has("GET", "/never"),
        "{log:?}"
    );
    assert!(!judged.output.stdout.contains("left behind"), "{}", judged.output.stdout);
}

#[test]
fn a_cleanup_that_fails_is_told_as_data_left_behind_and_the_others_run() {
    let (site, log) = site(Duration::ZERO, StatusCode::OK, false);
    let spec = SPEC.replace("/never", "/slow");
    let folder = folder_with(&[("specs/a.toml", &spec)]);
    let judged = run_with_reports(&folder, &["--url", &site.url()], &[]);
    judged.assert_code(3);
    assert!(log.has("DELETE", "/rest"), "{log:?}");
    assert!(judged.output.stdout.contains("data left behind: deletes it"), "{}", judged.output.stdout);
    let cleanup = judged.document().scenarios()[0]["cleanup"].clone();
    assert_eq!((&cleanup[0]["verdict"], &cleanup[1]["verdict"]), (&"failed".into(), &"passed".into()));
}

#[test]
fn an_optional_cleanup_that_fails_does_not_count() {
    let (site, log) = site(Duration::ZERO, StatusCode::OK, false);
    let spec = SPEC.replace("/never", "/slow").replace("\"deletes it\"", "\"deletes it\"\noptional = true");
    let folder = folder_with(&[("specs/a.toml", &spec)]);
    let judged = run_with_reports(&folder, &["--url", &site.url()], &[]);
    judged.assert_code(0);
    assert!(log.has("DELETE", "/rest"), "{log:?}");
    assert!(!judged.output.stdout.contains("left behind"), "{}", judged.output.stdout);
    let cleanup = judged.document().scenarios()[0]["cleanup"].clone();
    assert_eq!(cleanup[0]["verdict"], "failed");
    assert_eq!(cleanup[0]["note"], "optional step: not counted");
}

#[test]
fn nothing_is_cleaned_up_that_was_never_made() {
    let site = Site::start(Router::new());
    let folder = folder_with(&[("specs/a.toml", SPEC)]);
    let judged = run_with_reports(&folder, &["--url", &site.url()], &[]);
    judged.assert_code(1);
    assert!(judged.output.stdout.contains("`thing` was never captured"), "{}", judged.output.stdout);
}

#[test]
fn a_second_interrupt_ends_a_cleanup_that_hangs() {
    let hang = || async {
        tokio::time::sleep(Duration::from_mins(1)).await;
        StatusCode::OK
    };
    let (site, log) = Site::start_with_log(
        Router::new()
            .route("/things", post(|| async { (StatusCode::CREATED, [("location", "/things/7")]) }))
            .route("/slow", get(hang))
            .route("/things/7", delete(hang)),
    );
    let folder = folder_with(&[("specs/a.toml", SPEC)]);
    let mut child = smokegate(["run", "--url", &site.url()]).folder(&folder).spawn();
    log.wait_for("GET", "/slow");
    signal(&child, "INT");
    log.wait_for("DELETE", "/things/7");
    let started = Instant::now();
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(started.elapsed().as_secs() < 2, "it took {:?}", started.elapsed());
}

#[test]
fn ten_seconds_after_an_interrupt_a_cleanup_that_hangs_is_given_up_however_long_it_has_hung() {
    let hang = || async {
        tokio::time::sleep(Duration::from_mins(1)).await;
        StatusCode::OK
    };
    let (site, log) =
        Site::start_with_log(Router::new().route("/a", get(|| async { "a" })).route("/rest", delete(hang)));
    let folder = folder_with(&[(
        "specs/a.toml",
        "writes = true\n[[step]]\nget = \"/a\"\n\
         [[cleanup]]\ndelete = \"/rest\"\ntimeout = \"50s\"\n",
    )]);
    let child = smokegate(["run", "--url", &site.url()]).folder(&folder).spawn();
    log.wait_for("DELETE", "/rest");
    std::thread::sleep(Duration::from_secs(3));
    signal(&child, "INT");
    let started = Instant::now();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!((9..14).contains(&started.elapsed().as_secs()), "it took {:?}", started.elapsed());
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("data left behind: delete /rest"), "{told}");
}

/// Ends a run while a step waits; gives back the exit code, what was printed, and what the site was asked.
fn end_by(name: &str) -> (Option<i32>, String, Log) {
    let (site, log) = site(Duration::from_mins(1), StatusCode::OK, true);
    let folder = folder_with(&[("specs/a.toml", SPEC)]);
    let child = smokegate(["run", "--url", &site.url()]).folder(&folder).spawn();
    log.wait_for("GET", "/slow");
    let started = Instant::now();
    signal(&child, name);
    let output = child.wait_with_output().unwrap();
    assert!(started.elapsed().as_secs() < 5, "it took {:?}", started.elapsed());
    (output.status.code(), String::from_utf8(output.stdout).unwrap(), log)
}

#[test]
fn an_interrupt_cleans_up_and_exits_130() {
    let (code, told, log) = end_by("INT");
    assert_eq!(code, Some(130), "{told}");
    assert!(log.has("DELETE", "/things/7") && log.has("DELETE", "/rest"), "{log:?}");
    assert!(!log.has("GET", "/never"));
    assert!(told.contains("interrupted at step 2: looks at it"), "{told}");
    assert_eq!(told.matches("the run was interrupted").count(), 1, "{told}");
}

#[test]
fn a_kill_by_term_cleans_up_and_exits_143() {
    let (code, told, log) = end_by("TERM");
    assert_eq!(code, Some(143), "{told}");
    assert!(log.has("DELETE", "/things/7") && log.has("DELETE", "/rest"), "{log:?}");
}
