//! What a gate sees: each exit code, through the binary.

use axum::Router;
use axum::routing::get;

use crate::support::{Site, folder_with, smokegate};

fn site() -> Site {
    Site::start(Router::new().route("/", get(|| async { "hello" })))
}

const GREEN: &str = "[[step]]\nget = \"/\"\nexpect.body = \"hello\"\n";
const RED: &str = "[[step]]\nget = \"/\"\nexpect.body = \"bye\"\n";
const SQL: &str = "[[step]]\nsql = \"select 1 as one\"\nexpect.row.one = 1\n";

#[test]
fn zero_when_every_scenario_passed() {
    let (site, folder) = (site(), folder_with(&[("specs/green.toml", GREEN)]));
    let output = smokegate(["run", "--url", &site.url()]).folder(&folder).run();
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    assert_eq!(output.stderr, "");
}

#[test]
fn one_when_the_site_is_wrong_even_if_something_could_not_be_looked_at() {
    let (site, folder) = (site(), folder_with(&[("specs/red.toml", RED), ("specs/sql.toml", SQL)]));
    let output = smokegate(["run", "--url", &site.url()]).folder(&folder).run();
    assert_eq!(output.code, 1, "{}{}", output.stdout, output.stderr);
    assert!(output.stdout.trim_end().ends_with("specs/red.toml specs/sql.toml"), "{}", output.stdout);
}

#[test]
fn two_when_the_command_line_or_a_spec_is_wrong() {
    let folder = folder_with(&[("specs/green.toml", GREEN)]);
    for arguments in [
        &["run", "--url", "http://127.0.0.1:1", "--no-such-flag"][..],
        &["run"],
        &["run", "--url", "ftp://127.0.0.1"],
        &["run", "--url", "http://127.0.0.1:1", "--target", "staging"],
        &["run", "--url", "http://127.0.0.1:1", "--report", "jnuit=x.xml"],
        &["run", "--url", "http://127.0.0.1:1", "nowhere.toml"],
    ] {
        let output = smokegate(arguments).folder(&folder).run();
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{arguments:?}: {}", output.stderr);
        assert!(output.stderr.contains("error:"), "{arguments:?}: {}", output.stderr);
    }
    let output =
        smokegate(["run", "--url", "http://127.0.0.1:1", "--report", "jnuit=x.xml"]).folder(&folder).run();
    assert!(output.stderr.contains("did you mean `junit`?"), "{}", output.stderr);
}

#[test]
fn three_when_we_could_not_look() {
    let (site, folder) = (site(), folder_with(&[("specs/green.toml", GREEN), ("specs/sql.toml", SQL)]));
    let output = smokegate(["run", "--url", &site.url()]).folder(&folder).run();
    assert_eq!(output.code, 3, "{}{}", output.stdout, output.stderr);
    assert!(output.stdout.contains("[target.NAME.database.app]"), "{}", output.stdout);
}

#[test]
fn three_and_the_remedy_when_there_is_no_browser() {
    let (site, folder) = (site(), folder_with(&[("specs/open.toml", "[[step]]\nopen = \"/\"\n")]));
    let output = smokegate(["run", "--url", &site.url()]).folder(&folder).env("PATH", "/nowhere").run();
    assert_eq!(output.code, 3, "{}{}", output.stdout, output.stderr);
    assert!(output.stdout.contains("smokegate setup --install"), "{}", output.stdout);
}

#[test]
fn five_when_no_scenario_is_selected() {
    let (site, folder) = (site(), folder_with(&[("specs/green.toml", GREEN)]));
    let output = smokegate(["run", "--url", &site.url(), "--tag", "nobody"]).folder(&folder).run();
    assert_eq!(output.code, 5, "{}{}", output.stdout, output.stderr);
}

#[test]
fn the_address_comes_from_the_environment_too_and_a_bare_host_means_http() {
    let (site, folder) = (site(), folder_with(&[("specs/green.toml", GREEN)]));
    let host = site.url().replace("http://", "");
    for name in ["SMOKEGATE_URL", "STAGING_SERVER"] {
        let output = smokegate(["run"]).folder(&folder).env(name, &host).run();
        assert_eq!(output.code, 0, "{name}: {}{}", output.stdout, output.stderr);
    }
    let output = smokegate(["run", "--url", &site.url()])
        .folder(&folder)
        .env("SMOKEGATE_URL", "http://127.0.0.1:1")
        .run();
    assert_eq!(output.code, 0, "the command line wins: {}{}", output.stdout, output.stderr);
}

#[test]
fn nothing_listens_is_told_once_and_quickly() {
    let specs = env!("CARGO_MANIFEST_DIR").to_owned() + "/specs/demo";
    let started = std::time::Instant::now();
    let output = smokegate(["run", &specs, "--url", "http://127.0.0.1:1"]).run();
    assert_eq!(output.code, 1, "{}{}", output.stdout, output.stderr);
    assert_eq!(output.stdout.matches("nothing listens on 127.0.0.1:1").count(), 1, "{}", output.stdout);
    assert!(started.elapsed().as_secs() < 10);
}
