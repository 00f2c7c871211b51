//! The reference: its tables are those of the program, its guide and its recipes run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use smokegate::cli::reference::{PROJECT_EXAMPLE, fill_tables};
use tempfile::TempDir;

use crate::support::{Demo, Site, copy_folder, folder_with, page, smokegate};

fn specs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("specs")
}

#[test]
fn the_tables_are_those_of_the_program() {
    let path = specs().join("README.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let filled = fill_tables(&page).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &filled).unwrap();
    }
    assert!(
        page == filled || std::env::var_os("UPDATE").is_some(),
        "specs/README.md is out of date: run `UPDATE=1 cargo test --test integration reference::` and commit it"
    );
}

/// A block of a page: the file that it names, and its text.
struct Block {
    section: String,
    file: String,
    text: String,
}

/// The TOML and CSV blocks of a page. One without a file's name in its first line is a file of its own.
fn read_blocks(page: &str) -> Vec<Block> {
    let text = std::fs::read_to_string(specs().join(page)).unwrap();
    let mut blocks: Vec<Block> = Vec::new();
    let mut section = String::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => open = Some((language.to_owned(), String::new())),
            (Some((language, text)), Some(_)) => {
                let named = text.lines().next().and_then(|line| line.strip_prefix("# ")).map(str::to_owned);
                let file = named.unwrap_or_else(|| format!("specs/pages.{language}"));
                if language == "toml" || language == "csv" {
                    blocks.push(Block { section: section.clone(), file, text: text.clone() });
                }
                open = None;
            }
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {
                if let Some(title) = line.strip_prefix('#') {
                    title.trim_start_matches('#').trim().clone_into(&mut section);
                }
            }
        }
    }
    blocks
}

/// The sections of a page that have blocks, each as a folder.
fn read_sections(page: &str) -> BTreeMap<String, TempDir> {
    let mut sections: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for block in read_blocks(page) {
        sections.entry(block.section).or_default().push((block.file, block.text));
    }
    sections
        .into_iter()
        .map(|(section, files)| {
            let files: Vec<(&str, &str)> =
                files.iter().map(|(file, text)| (file.as_str(), text.as_str())).collect();
            let folder = folder_with(&files);
            // A section with a project file alone is loaded with any spec.
            if !folder.path().join("specs").exists() {
                std::fs::create_dir_all(folder.path().join("specs")).unwrap();
                std::fs::write(folder.path().join("specs/any.toml"), "[[step]]\nget = \"/\"\n").unwrap();
            }
            std::fs::write(
                folder.path().join("specs/peacock.svg"),
                "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            )
            .unwrap();
            (section, folder)
        })
        .collect()
}

const SECRETS: &[(&str, &str)] = &[
    ("SITE_PASSWORD", "peacock"),
    ("STAGING_PASSWORD", "hush"),
    ("STAGING_DATABASE_URL", "sqlite:none.sqlite3"),
    ("STAGING_URL", "http://127.0.0.1:1"),
];

/// Runs the program in a folder with everything that the pages take from the environment.
fn call(folder: &TempDir, arguments: &[&str], environment: &[(&str, &str)]) -> crate::support::Output {
    let mut program = smokegate(arguments).folder(folder);
    for (name, value) in SECRETS.iter().chain(environment) {
        program = program.env(name, value);
    }
    program.run()
}

#[test]
fn every_block_of_the_guide_and_the_recipes_loads() {
    for page in ["README.md", "recipes.md"] {
        let sections = read_sections(page);
        assert!(sections.len() >= 7, "{page} has lost its blocks");
        for (section, folder) in sections {
            let output = call(&folder, &["check"], &[]);
            assert_eq!(output.code, 0, "{page}, {section}: {}", output.stderr);
        }
    }
}

/// What the demo site has not: pictures, jobs, a door.
fn other_site() -> Site {
    let asked = Arc::new(AtomicUsize::new(0));
    let state = move || {
        let asked = Arc::clone(&asked);
        async move {
            let state = if asked.fetch_add(1, Ordering::SeqCst) < 2 { "running" } else { "done" };
            ([("content-type", "application/json")], format!("{{\"state\": \"{state}\"}}"))
        }
    };
    let take = |headers: HeaderMap, body: String| async move {
        let is_form = headers["content-type"].to_str().unwrap().starts_with("multipart/form-data; boundary=");
        let is_whole = body.contains("filename=\"peacock.svg\"")
            && body.contains("image/svg+xml")
            && body.contains("<svg");
        let is_browser =
            headers.get("accept").is_some_and(|value| value.to_str().unwrap().contains("text/html"));
        let status = match is_form && is_whole {
            true if is_browser => StatusCode::SEE_OTHER,
            true => StatusCode::CREATED,
            false => StatusCode::BAD_REQUEST,
        };
        (status, [("location", "/pictures/7")])
    };
    let picture = get(|| async { ([("content-type", "image/svg+xml")], "<svg/>") })
        .delete(|| async { StatusCode::NO_CONTENT });
    let form = || async {
        page(
            "<form method=post enctype=multipart/form-data><label>Title <input name=title></label>\
             <label>Picture <input type=file name=picture hidden></label><button>Send</button></form>",
        )
    };
    let door = |headers: HeaderMap| async move {
        // `team:hush`
        let is_team = headers.get("authorization").is_some_and(|value| value == "Basic dGVhbTpodXNo");
        if is_team { (StatusCode::OK, "this is staging") } else { (StatusCode::UNAUTHORIZED, "who are you?") }
    };
    Site::start(
        Router::new()
            .route("/", get(door))
            .route("/pictures", post(take).get(form))
            .route("/pictures/7", picture)
            .route("/jobs", post(|| async { (StatusCode::ACCEPTED, [("location", "/jobs/1")]) }))
            .route("/jobs/1", get(state)),
    )
}

/// The recipes that start a browser.
const UPLOAD: &str = "A form with an upload";
const LOOK: &str = "A page that must look as it did";

/// A section, arguments, and what the environment says.
type Recipe<'a> = (&'a str, &'a [&'a str], &'a [(&'a str, &'a str)]);

#[test]
fn every_recipe_runs() {
    let (demo, other) = (Demo::start(None), other_site());
    let (demo_url, other_url) = (demo.url(), other.url());
    let new_server = demo_url.replace("127.0.0.1", "shop.example");
    let mut sections = read_sections("recipes.md");
    let recipes: [Recipe; 6] = [
        ("Log in once", &["--url", &demo_url], &[]),
        ("An API with a token", &["--url", &demo_url], &[]),
        ("Waiting for a job", &["--url", &other_url], &[]),
        ("Checking before a DNS switch", &["--url", &new_server], &[]),
        ("A staging site behind basic auth", &[], &[("STAGING_URL", &other_url)]),
        ("Data from CSV fixtures", &["--url", &demo_url], &[]),
    ];
    for (section, arguments, environment) in recipes {
        let folder = sections.remove(section).unwrap_or_else(|| panic!("there is no recipe {section:?}"));
        let output = call(&folder, &[&["run"], arguments].concat(), environment);
        assert_eq!(output.code, 0, "{section}: {}{}", output.stdout, output.stderr);
    }
    let left: Vec<&String> = sections.keys().collect();
    assert_eq!(left, [UPLOAD, LOOK], "these recipes do not run, or in a browser");
}

#[test]
fn the_project_file_with_one_of_everything_loads() {
    let (name, text) = PROJECT_EXAMPLE;
    let signed = rcgen::generate_simple_self_signed(["www.example.com".to_owned()]).unwrap();
    let (certificate, key) = (signed.cert.pem(), signed.signing_key.serialize_pem());
    let folder = folder_with(&[
        (name, text),
        ("ca.pem", &certificate),
        ("client.pem", &certificate),
        ("client-key.pem", &key),
        (".env", "STAGING_KEY=k\n"),
        ("specs/any.toml", "[[step]]\nget = \"/\"\n"),
    ]);
    let environment = [("STAGING_DATABASE", "sqlite:none.sqlite3")];
    let output = call(&folder, &["check"], &environment);
    assert_eq!(output.code, 0, "{}", output.stderr);
}

/// Those that start a browser.
mod browser {
    use super::*;

    #[test]
    fn the_recipe_with_an_upload_runs() {
        let site = other_site();
        let folder = read_sections("recipes.md").remove(UPLOAD).unwrap();
        let output = call(&folder, &["run", "--url", &site.url()], &[]);
        assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    }

    #[test]
    fn the_recipe_with_a_picture_runs() {
        let demo = Demo::start(None);
        let folder = read_sections("recipes.md").remove(LOOK).unwrap();
        for options in [&["--update-screens"][..], &[]] {
            let output = call(&folder, &[&["run", "--url", &demo.url()], options].concat(), &[]);
            assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
        }
    }

    #[test]
    fn the_guide_runs_against_the_demo_site() {
        let demo = Demo::start(None);
        for (section, folder) in read_sections("README.md") {
            if section == "Targets" {
                continue;
            }
            std::fs::write(folder.path().join("smokegate.toml"), demo.project()).unwrap();
            let output = call(&folder, &["run"], &[]);
            assert_eq!(output.code, 0, "{section}: {}{}", output.stdout, output.stderr);
        }
    }

    #[test]
    fn the_specs_with_one_of_everything_run_against_the_demo_site() {
        let demo = Demo::start(None);
        let folder = folder_with(&[("smokegate.toml", &demo.project())]);
        copy_folder(&specs().join("reference"), &folder.path().join("specs"));
        let before = demo.items();
        let output = call(&folder, &["run", "--update-screens"], &[]);
        assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
        assert_eq!(demo.items(), before, "they leave nothing behind");
    }
}
