//! The house keeps its floors: every room imports only from rooms below it, and each outside thing has one place.

use std::path::{Path, PathBuf};

/// The rooms from the ground up.
const FLOORS: [&str; 12] = [
    "source", "evidence", "expect", "spec", "plan", "verdict", "diagnose", "event", "run", "report", "demo",
    "cli",
];

/// What may stand only in files whose path begins so.
const PLACES: [(&str, &[&str]); 9] = [
    ("reqwest::", &["run/http/"]),
    ("fantoccini::", &["run/browser/"]),
    ("tokio_tungstenite::", &["run/browser/"]),
    ("rusqlite::", &["run/database/", "demo/"]),
    ("mysql_async::", &["run/database/mariadb/"]),
    ("tokio_postgres::", &["run/database/postgresql/"]),
    ("env::var", &["cli/env.rs"]),
    ("print!(", &["report/", "cli/"]),
    ("println!(", &["report/", "cli/"]),
];

/// What is wrong in one file, `path` being relative to `src`.
fn find_violations(path: &str, text: &str) -> Vec<String> {
    let mut violations = Vec::new();
    if !text.starts_with("//!") {
        violations.push(format!("{path}: begins without a module doc"));
    }
    let room = path.split('/').next().unwrap_or_default().trim_end_matches(".rs");
    let floor = FLOORS.iter().position(|name| *name == room);
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
        for import in line.split("crate::").skip(1).flat_map(list_names) {
            let below = FLOORS.iter().position(|name| *name == import);
            let allowed =
                import == room || below.is_some() && below < floor && (room, import) != ("report", "run");
            if floor.is_some() && !allowed {
                violations.push(format!("{path}:{}: {room} must not import {import}", number + 1));
            }
        }
    }
    for (number, line) in product_lines(text) {
        for (word, places) in PLACES {
            if mentions(line, word) && !places.iter().any(|place| path.starts_with(place)) {
                violations.push(format!("{path}:{number}: {word} belongs in {places:?}"));
            }
        }
    }
    violations
}

/// The rooms that what stands after `crate::` names: one, or several in braces.
fn list_names(after: &str) -> Vec<&str> {
    let Some(group) = after.strip_prefix('{') else {
        return vec![first_name(after)];
    };
    let mut depth = 1;
    let parts = group.split(|character| {
        depth += match character {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        depth == 1 && character == ',' || depth == 0
    });
    parts.map(|part| first_name(part.trim())).filter(|name| !name.is_empty()).collect()
}

fn first_name(text: &str) -> &str {
    text.split(|character: char| !character.is_alphanumeric() && character != '_').next().unwrap_or_default()
}

/// Whether a line has the word, not as the end of a longer name (`eprint!` counts as `print!`).
fn mentions(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].trim_end_matches('e').chars().next_back();
        !before.is_some_and(|character| character.is_alphanumeric() || character == '_')
    })
}

/// Lines with their numbers, without comments, blank lines, and items that are for unit tests alone.
fn product_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    let mut test_item = Part::Outside;
    numbered
        .filter(move |(_, line)| {
            let (is_product, next) = match test_item {
                Part::Outside if *line == "#[cfg(test)]" => (false, Part::Beginning),
                Part::Outside => (true, Part::Outside),
                Part::Beginning if line.starts_with("#[") => (false, Part::Beginning),
                Part::Beginning if line.ends_with(';') || line.ends_with('}') => (false, Part::Outside),
                Part::Inside if *line == "}" => (false, Part::Outside),
                Part::Beginning | Part::Inside => (false, Part::Inside),
            };
            test_item = next;
            is_product
        })
        .filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with("//"))
}

/// Where a line stands to an item that is for unit tests alone.
#[derive(Clone, Copy)]
enum Part {
    Outside,
    Beginning,
    Inside,
}

/// Every file of `src` with its path relative to it.
fn read_sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                sources.push((name, std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    assert!(sources.len() > 30, "the sources were not found");
    sources
}

#[test]
fn every_room_imports_only_from_below() {
    let violations: Vec<String> =
        read_sources().iter().flat_map(|(path, text)| find_violations(path, text)).collect();
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

/// Files whose tests are known to nextest by their own names, and one whose tests end before a browser starts.
const KNOWN: [&str; 4] = ["browser.rs", "demo.rs", "kill.rs", "harness.rs"];

#[test]
fn tests_that_start_browsers_stand_where_nextest_counts_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() || KNOWN.contains(&name.as_str()) {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let starts = [concat!("both_browsers", "! {"), concat!("\"--", "browser\"")];
        let is_counted = text.contains("\nmod browser {") || !starts.iter().any(|sign| text.contains(sign));
        assert!(
            is_counted,
            "{name}: tests that start a browser stand in a module `browser` (.config/nextest.toml)"
        );
    }
}

#[test]
fn files_stay_short() {
    let mut lengths: Vec<(usize, String)> = read_sources()
        .into_iter()
        .filter(|(path, _)| !path.ends_with("tests.rs") && !path.contains("/tests/"))
        .map(|(path, text)| (product_lines(&text).count(), path))
        .collect();
    lengths.sort();
    let (median, _) = lengths[lengths.len() / 2];
    let long: Vec<_> = lengths.iter().filter(|(length, _)| *length > 400).collect();
    assert!(median <= 150, "the median file has {median} lines of code");
    assert!(
        long.len() * 20 <= lengths.len(),
        "more than 5 % of the files are over 400 lines of code: {long:?}"
    );
}

#[test]
fn a_planted_violation_is_caught() {
    let only = |path: &str, line: &str| find_violations(path, &format!("//! Doc.\n{line}\n")).join("; ");
    assert_eq!(only("run/http/client.rs", "use reqwest::Client; use crate::evidence::Body;"), "");
    assert_eq!(
        only("evidence/page.rs", "use crate::run::Outcome;"),
        "evidence/page.rs:2: evidence must not import run"
    );
    assert_eq!(
        only("report/junit.rs", "x: crate::run::Plan"),
        "report/junit.rs:2: report must not import run"
    );
    assert!(
        only("run/dispatcher.rs", "use crate::report::Reporter;").ends_with("run must not import report")
    );
    assert!(
        only("spec/mod.rs", "use crate::{source::{Span, Place}, verdict::Verdict};").ends_with("verdict")
    );
    assert!(only("verdict.rs", "use crate::event;").ends_with("verdict must not import event"));
    assert!(only("cli/mod.rs", "use crate::helpers::x;").ends_with("cli must not import helpers"));
    assert!(only("run/page/mod.rs", "reqwest::get(url)").contains("reqwest:: belongs in"));
    assert!(only("plan/mod.rs", "rusqlite::Connection").contains("rusqlite:: belongs in"));
    assert!(only("run/actor.rs", "std::env::var(\"HOME\")").contains("env::var belongs in"));
    assert!(only("run/actor.rs", "eprintln!(\"x\")").contains("println!( belongs in"));
    assert_eq!(only("run/actor.rs", "my_println!(\"x\"); // or println!"), "");
    assert_eq!(only("run/actor.rs", "// use crate::cli::x;\n#[cfg(test)]\nprintln!(\"x\");"), "");
    for tests in ["mod tests;", "#[path = \"x\"]\nmod tests;", "mod tests {\n    println!(\"x\");\n}"] {
        let text = format!("#[cfg(test)]\n{tests}\nuse x;\nprintln!(\"x\");");
        let found = only("run/actor.rs", &text);
        assert_eq!(found.matches("belongs in").count(), 1, "{tests}: {found}");
    }
    assert_eq!(find_violations("lib.rs", "pub mod run;"), ["lib.rs: begins without a module doc"]);
}
