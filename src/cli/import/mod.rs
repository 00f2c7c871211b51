//! Other tools' files into specs: curl commands, HAR files, Hurl files. What has no counterpart is told, never dropped in
//! silence, and secrets leave no trace in what is written.

mod curl;
mod curl_option;
mod fit;
mod har;
mod hurl;
mod model;
mod request;
mod secrets;
mod shell;
mod write;

use std::path::Path;

pub use hurl::{HURL_WORDS, HurlWord, WordKind};

pub(super) use model::{ImportError, Imported};
pub(super) use write::write_spec;

/// What `init` writes specs with.
pub(super) mod writer {
    pub(in crate::cli) use super::model::{ImportedSpec, ImportedStep, escape_template};
    pub(in crate::cli) use super::secrets::{is_secret_name, secret_name};
}

/// Where a spec can come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A curl command, as people and browsers write it.
    Curl,
    /// A HAR file, as browsers save it.
    Har,
    /// A Hurl file.
    Hurl,
}

/// Reads a text; files that it names are looked for in `folder`.
pub(super) fn import_text(source: Source, text: &str, folder: &Path) -> Result<Imported, ImportError> {
    let read_file = |name: &str| std::fs::read(folder.join(name)).ok();
    let mut imported = match source {
        Source::Curl => curl::import_curl_text(text, &read_file),
        Source::Har => har::import_har(text),
        Source::Hurl => hurl::import_hurl(text, &read_file),
    }?;
    let written = write_spec(&imported.spec);
    imported.secrets.retain(|name| written.contains(&format!("secret.{name} ")));
    Ok(imported)
}
