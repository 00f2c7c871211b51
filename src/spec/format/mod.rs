//! The canonical form of specs, fragments and project files: keys in the order of their tables, one way of spacing,
//! comments where they were.
//!
//! Works on the tokens of the file and not on a tree: values stay as they are written, and dotted keys too.
//! What is written is read again and compared, so that no file ever changes its meaning.

mod item;
mod order;
mod value;

use std::path::Path;
use std::sync::Arc;

use super::fragment::FRAGMENT_FOLDER;
use super::node::parse_toml;
use super::project::PROJECT_FILE;
use crate::source::{Diagnostic, SourceFile};
use item::{Comment, Document, Entry, Section, read_document};
use order::{sort_entries, sort_sections};

/// What a file is, which decides the order of its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A spec.
    Spec,
    /// `shared/NAME.toml`.
    Fragment,
    /// `smokegate.toml`.
    Project,
}

impl FileKind {
    /// What a file is by its name and its folder.
    pub fn of_path(path: &Path) -> Self {
        let is_shared = path.parent().and_then(Path::file_name).is_some_and(|name| name == FRAGMENT_FOLDER);
        match path.file_name() {
            Some(name) if name == PROJECT_FILE => Self::Project,
            _ if is_shared => Self::Fragment,
            _ => Self::Spec,
        }
    }
}

/// The file in its canonical form, or what keeps it from being read as TOML.
pub fn format_file(file: &Arc<SourceFile>, kind: FileKind) -> Result<String, Vec<Diagnostic>> {
    parse_toml(file)?;
    let formatted = format_text(&file.text, kind);
    if means_the_same(&file.text, &formatted) {
        return Ok(formatted);
    }
    let message =
        "it cannot be brought into canonical form without changing its meaning: please report this file";
    Err(vec![Diagnostic::of_file(file, message)])
}

fn means_the_same(before: &str, after: &str) -> bool {
    match (before.parse::<toml::Table>(), after.parse::<toml::Table>()) {
        (Ok(before), Ok(after)) => before == after,
        _ => false,
    }
}

/// An entry that comes to the top brings its comments there, where some are read as comments about the file: it may
/// take a second look until nothing moves any more.
const LOOKS: usize = 4;

fn format_text(text: &str, kind: FileKind) -> String {
    let mut formatted = format_once(text, kind);
    for _ in 1..LOOKS {
        let again = format_once(&formatted, kind);
        if again == formatted {
            break;
        }
        formatted = again;
    }
    formatted
}

fn format_once(text: &str, kind: FileKind) -> String {
    let mut document = read_document(text);
    sort_entries(&mut document.top.entries, &[], kind);
    for section in &mut document.sections {
        sort_entries(&mut section.entries, &section.path, kind);
    }
    sort_sections(&mut document.sections, kind);
    let formatted = render(&document);
    let first_line = text.find('\n').map(|end| &text[..end]);
    if first_line.is_some_and(|line| line.ends_with('\r')) {
        return formatted.replace("\r\n", "\n").replace('\n', "\r\n");
    }
    formatted
}

fn render(document: &Document) -> String {
    let mut out = String::new();
    render_comments(&document.head, &mut out);
    if document.has_blank_after_head {
        separate(&mut out);
    }
    render_section(&document.top, &mut out);
    for section in &document.sections {
        separate(&mut out);
        render_section(section, &mut out);
    }
    out
}

/// A blank line, but none at the top of the file.
fn separate(out: &mut String) {
    if !out.is_empty() && !out.ends_with("\n\n") {
        out.push('\n');
    }
}

fn render_section(section: &Section, out: &mut String) {
    if let Some(header) = &section.header {
        render_entry(header, out);
    }
    for (position, entry) in section.entries.iter().enumerate() {
        if entry.has_blank_before && position > 0 {
            separate(out);
        }
        render_entry(entry, out);
    }
    if !section.tail.is_empty() {
        if section.has_blank_before_tail {
            separate(out);
        }
        render_comments(&section.tail, out);
    }
}

fn render_entry(entry: &Entry, out: &mut String) {
    render_comments(&entry.comments, out);
    out.push_str(&entry.text);
    if let Some((space, comment)) = &entry.trailing {
        out.push_str(&" ".repeat(*space));
        out.push_str(comment);
    }
    out.push('\n');
}

fn render_comments(comments: &[Comment], out: &mut String) {
    for comment in comments {
        if comment.has_blank_before {
            separate(out);
        }
        out.push_str(&comment.text);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests;
