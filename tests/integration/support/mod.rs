//! The program under test, and the real servers that it judges.

mod both_browsers;
mod browser_page;
mod database_data;
mod database_server;
mod demo;
mod display;
mod document;
mod gate;
mod grid;
mod name_server;
mod nginx;
mod program;
mod relay;
mod site;
mod tls_site;

use std::path::Path;

pub(crate) use both_browsers::{both_browsers, browser, in_browser};
pub(crate) use browser_page::{assert_told, judge, judge_all, judge_at, page, pages};
pub(crate) use database_server::{DatabaseServer, Kind, PASSWORD, PLAIN_PASSWORD};
pub(crate) use demo::Demo;
pub(crate) use display::Display;
pub(crate) use document::Document;
pub(crate) use gate::Gate;
pub(crate) use grid::{Grid, GridOptions};
pub(crate) use name_server::NameServer;
pub(crate) use nginx::Nginx;
pub(crate) use program::{Output, Running, find_program, golden, signal, smokegate, write_program};
pub(crate) use relay::Relay;
pub(crate) use site::{Log, Site};
pub(crate) use tls_site::TlsSite;

/// A folder with these spec files in it.
pub(crate) fn folder_with<N: AsRef<Path>>(files: &[(N, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// So many spec files with the same text.
pub(crate) fn copies(count: usize, spec: &str) -> Vec<(String, &str)> {
    (0..count).map(|index| (format!("specs/{index:02}.toml"), spec)).collect()
}

/// Runs all specs of a folder with every report; gives back what was printed, the document, and all text there is.
pub(crate) fn run_with_reports(
    folder: &tempfile::TempDir,
    options: &[&str],
    variables: &[(&str, &str)],
) -> Judged {
    let mut arguments: Vec<String> =
        ["run", "--verbose"].iter().chain(options).map(ToString::to_string).collect();
    let files =
        ["json", "jsonl", "junit"].map(|format| (format, folder.path().join(format!("report.{format}"))));
    for (format, path) in &files {
        arguments.extend(["--report".to_owned(), format!("{format}={}", path.display())]);
    }
    let program =
        variables.iter().fold(smokegate(&arguments), |program, (name, value)| program.env(name, value));
    let output = program.folder(folder).run();
    let [json, jsonl, junit] = files.map(|(_, path)| std::fs::read_to_string(path).unwrap_or_default());
    Judged { output, json, jsonl, junit }
}

/// What came of judging a site.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) output: Output,
    pub(crate) json: String,
    pub(crate) jsonl: String,
    pub(crate) junit: String,
}

impl Judged {
    /// The exit code; what was printed is shown if it is another.
    #[track_caller]
    pub(crate) fn assert_code(&self, code: i32) {
        assert_eq!(self.output.code, code, "{}{}", self.output.stdout, self.output.stderr);
    }

    /// Everything that left the program.
    pub(crate) fn texts(&self) -> [&str; 5] {
        [&self.output.stdout, &self.output.stderr, &self.json, &self.jsonl, &self.junit]
    }

    pub(crate) fn document(&self) -> Document {
        Document(serde_json::from_str(&self.json).unwrap())
    }

    /// The outcomes of the steps, with their evidence, as the events tell them.
    pub(crate) fn outcomes(&self) -> Vec<serde_json::Value> {
        let events = self.jsonl.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        events
            .filter(|event| event["event"] == "step_finished")
            .map(|event| event["outcome"].clone())
            .collect()
    }
}

/// Copies a folder and all that is in it.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}
