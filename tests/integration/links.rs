//! `links` in specs, through the program.

use axum::Router;
use axum::response::Html;
use axum::routing::get;

use crate::support::{Demo, Site, folder_with, smokegate};

/// Runs a spec of one step: exit code, what is told, the evidence.
fn run(spec: &str, url: &str) -> (i32, String, serde_json::Value) {
    let folder = folder_with(&[("specs/a.toml", spec)]);
    let output = smokegate(["run", "--url", url, "--report", "jsonl=events.jsonl"]).folder(&folder).run();
    let events = std::fs::read_to_string(folder.path().join("events.jsonl")).unwrap();
    let mut events = events.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let finished = events.find(|event| event["event"] == "step_finished").unwrap();
    (output.code, output.stdout, finished["outcome"]["evidence"].clone())
}

#[test]
fn the_built_in_site_has_no_broken_link() {
    let demo = Demo::start(None);
    let spec =
        "[[step]]\nlinks = \"/\"\ndepth = 3\nexpect.links.at_least = 2\nexpect.title = \"To-Do lists\"\n";
    let (code, output, evidence) = run(spec, &demo.url());
    assert_eq!(code, 0, "{output}");
    assert_eq!(evidence["kind"], "links");
    assert_eq!(evidence["broken_count"], 0);
}

#[test]
fn every_broken_link_is_one_line_with_what_names_it() {
    let shop = "<a href='/'>Home</a><a href='/#prices'>Prices</a><a href='/cart'>Cart</a>";
    let many: Vec<String> =
        (0..80).map(|number| format!("<a href='/gone/{number}'>Item {number}</a>")).collect();
    let many = many.concat();
    let site = Site::start(
        Router::new()
            .route("/", get(|| async { Html("<title>Shop</title><a href='/shop'>To the shop</a>") }))
            .route("/shop", get(move || async move { Html(shop) }))
            .route("/many", get(move || async move { Html(many) })),
    );
    let (code, output, _) = run("[[step]]\nlinks = \"/\"\ndepth = 2\n", &site.url());
    assert_eq!(code, 1, "{output}");
    let line = |words: &[&str]| output.lines().any(|line| words.iter().all(|word| line.contains(word)));
    assert!(line(&["404", "/cart", "named by /shop <a> \"Cart\""]), "{output}");
    assert!(line(&["/#prices", "no element of that page has the id \"prices\""]), "{output}");
    assert!(output.contains("broken: 2, followed: 3, on 2 pages"), "{output}");

    let (code, output, evidence) = run("[[step]]\nlinks = \"/many\"\n", &site.url());
    assert_eq!(code, 1, "{output}");
    assert_eq!(evidence["broken_count"], 80);
    assert_eq!(evidence["broken"].as_array().unwrap().len(), 50, "what is reported is bounded");
    assert!(output.contains("… 68 more"), "{output}");

    let (code, output, _) =
        run("[[step]]\nlinks = \"/many\"\nallow = [\"links\"]\nexpect.links = 0\n", &site.url());
    assert_eq!(code, 0, "{output}");
    let (code, output, _) = run("[[step]]\nlinks = \"/many\"\nexclude = [\"/gone/**\"]\n", &site.url());
    assert_eq!(code, 0, "{output}");
}

#[test]
fn wrong_keys_beside_links_are_told_when_the_spec_is_loaded() {
    for (lines, told) in [
        ("depth = 0", "expected 1 or more"),
        ("depth = -1", "a whole number"),
        ("exclude = [\"[\"]", "not a glob"),
        ("extrenal = true", "did you mean `external`?"),
        ("expect.css = 1", "css"),
    ] {
        let folder = folder_with(&[("specs/a.toml", &format!("[[step]]\nlinks = \"/\"\n{lines}\n"))]);
        let output = smokegate(["check"]).folder(&folder).run();
        assert_eq!(output.code, 2, "{lines}\n{}", output.stdout);
        assert!(output.stderr.contains(told), "{lines}\n{}", output.stderr);
    }
}
