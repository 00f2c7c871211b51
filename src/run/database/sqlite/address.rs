//! Where an SQLite database lies: the forms of its address.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;

use super::super::{DatabaseSettings, spec_error};
use crate::verdict::StepError;

/// A file, and whether the address itself asks for reading only.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// Absolute, or relative to the working directory as the settings' folder is.
    pub(super) path: PathBuf,
    /// `?mode=ro`.
    pub(super) read_only: bool,
}

/// Reads `sqlite:relative.db`, `sqlite://relative.db`, `sqlite:/absolute.db`, `sqlite:///absolute.db`, with percent
/// encoding and an optional `?mode=ro` or `?mode=rw`. Nothing else of SQLite's URI options is taken: they could make
/// it create a file, or not see a change.
pub(super) fn read_address(settings: &DatabaseSettings) -> Result<Address, StepError> {
    let (_, rest) = settings.url.split_once(':').unwrap_or_default();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = path.strip_prefix("//").unwrap_or(path);
    let Ok(path) = percent_decode_str(path).decode_utf8() else {
        return Err(bad_address(settings, "its path is not UTF-8 once percent encoding is undone"));
    };
    if path.is_empty() || path == ":memory:" {
        return Err(bad_address(settings, "it names no file"));
    }
    let mut read_only = false;
    for option in query.split('&').filter(|option| !option.is_empty()) {
        match option {
            "mode=ro" => read_only = true,
            "mode=rw" => {}
            other => return Err(bad_address(settings, &format!("its option `{other}` is not supported"))),
        }
    }
    Ok(Address { path: settings.folder.join(&*path), read_only })
}

fn bad_address(settings: &DatabaseSettings, reason: &str) -> StepError {
    spec_error(format!("the address of the database `{}` cannot be used: {reason}", settings.name))
        .help("write url = \"sqlite:path/to/file.db\", or \"sqlite:/absolute/path.db\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<Address, StepError> {
        read_address(&DatabaseSettings {
            name: "app".to_owned(),
            url: url.to_owned(),
            writable: true,
            folder: PathBuf::from("/project"),
        })
    }

    #[test]
    fn every_form_of_address_names_its_file() {
        for (url, path, read_only) in [
            ("sqlite:a.db", "/project/a.db", false),
            ("sqlite:db/a.db?mode=ro", "/project/db/a.db", true),
            ("sqlite://a.db?mode=rw", "/project/a.db", false),
            ("sqlite:/srv/a.db", "/srv/a.db", false),
            ("sqlite:///srv/my%20site.db", "/srv/my site.db", false),
        ] {
            assert_eq!(read(url).unwrap(), Address { path: PathBuf::from(path), read_only }, "{url}");
        }
    }

    #[test]
    fn an_address_that_would_create_something_is_refused() {
        for url in ["sqlite::memory:", "sqlite:", "sqlite:a.db?mode=rwc", "sqlite:a.db?vfs=unix-none"] {
            let error = read(url).unwrap_err();
            assert!(error.message.contains("`app` cannot be used"), "{}", error.message);
        }
    }
}
