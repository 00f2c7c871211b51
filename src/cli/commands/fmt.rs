//! `smokegate fmt`: specs and project files in canonical form.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::args::FmtArguments;
use crate::cli::env::{Surroundings, print_line};
use crate::cli::exit_code;
use crate::cli::options::{Refused, refuse, refuse_specs};
use crate::source::SourceFile;
use crate::spec::project::{PROJECT_FILE, find_project_file};
use crate::spec::{FileKind, format_file, read_file};

/// Runs the command; gives back the exit code.
pub(in crate::cli) fn fmt(arguments: &FmtArguments, surroundings: &Surroundings) -> u8 {
    format_all(arguments, surroundings).unwrap_or_else(|refused| refused.0)
}

/// A file that is not in canonical form, and that form.
struct Change {
    file: Arc<SourceFile>,
    formatted: String,
}

fn format_all(arguments: &FmtArguments, surroundings: &Surroundings) -> Result<u8, Refused> {
    let files = find_files(&arguments.paths)?;
    let mut changes = Vec::new();
    let mut problems = Vec::new();
    for path in &files {
        let kind = FileKind::of_path(path);
        let formatted = read_file(path)
            .map_err(|problem| vec![problem])
            .and_then(|file| Ok((format_file(&file, kind)?, file)));
        match formatted {
            Ok((formatted, file)) if formatted != file.text => changes.push(Change { file, formatted }),
            Ok(_) => {}
            Err(mut found) => problems.append(&mut found),
        }
    }
    if !problems.is_empty() {
        return Err(refuse_specs(&problems, surroundings));
    }
    if arguments.check {
        for change in &changes {
            print_line(&format!("not in canonical form: {}", change.file.name));
        }
        return Ok(if changes.is_empty() { exit_code::PASSED } else { exit_code::FAILED });
    }
    for change in &changes {
        let name = &change.file.name;
        std::fs::write(&change.file.path, &change.formatted)
            .map_err(|error| refuse(&format!("{name} cannot be written: {error}")))?;
        print_line(&format!("formatted {name}"));
    }
    Ok(exit_code::PASSED)
}

/// The files that were named, and those in folders; where none is named, those of `specs` with their project file.
fn find_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Refused> {
    let mut files = Vec::new();
    if paths.is_empty() {
        let specs = Path::new("specs");
        if !specs.is_dir() {
            return Err(refuse("which files? name files or folders: there is no folder `specs` here"));
        }
        if find_project_file(Path::new(".")).is_some_and(|path| path.parent() == here().as_deref()) {
            files.push(PathBuf::from(PROJECT_FILE));
        }
        collect(specs, &mut files)?;
    }
    for path in paths {
        if path.is_dir() {
            collect(path, &mut files)?;
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn here() -> Option<PathBuf> {
    std::path::absolute(".").ok()
}

/// All files of a folder that are specs, fragments or project files; other TOML, such as `Cargo.toml`, is not ours.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Refused> {
    let unreadable = |error: std::io::Error| refuse(&format!("{} cannot be read: {error}", folder.display()));
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    let mut inside: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    inside.sort();
    for path in inside {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            if !matches!(name.as_str(), "target" | "node_modules") {
                collect(&path, files)?;
            }
        } else if name == PROJECT_FILE || is_toml(&path) && has_steps(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

/// Whether a file has steps, or may have them: one that cannot be read is not passed over in silence.
fn has_steps(path: &Path) -> bool {
    let text = std::fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.parse::<toml::Table>().map_or_else(|_| text.contains("[[step]]"), |table| table.contains_key("step"))
}
