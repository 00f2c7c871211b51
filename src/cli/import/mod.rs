//! Other tools' files into specs: curl commands, HAR files. What has no counterpart is told, never dropped in
//! silence, and secrets leave no trace in what is written.

mod curl;
mod curl_option;
mod model;
mod request;
mod secrets;
mod shell;
mod write;

use std::path::Path;

pub(super) use model::{
    ImportError, Imported, ImportedSpec, ImportedStep, ImportedVariable, escape_template,
};
pub(super) use write::write_spec;

/// Where a spec can come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A curl command, as people and browsers write it.
    Curl,
}

/// Reads a text; files that it names are looked for in `folder`.
pub(super) fn import_text(source: Source, text: &str, folder: &Path) -> Result<Imported, ImportError> {
    let read_file = |name: &str| std::fs::read(folder.join(name)).ok();
    match source {
        Source::Curl => curl::import_curl_text(text, &read_file),
    }
}
