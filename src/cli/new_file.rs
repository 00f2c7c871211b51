//! Files that a command writes for a person: never over one that is there, unless asked to.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use super::options::{Refused, refuse};

/// Writes a file, and the folders above it; one that is there already is refused unless `force` is set.
pub(super) fn write_new(path: &Path, text: &str, force: bool) -> Result<(), Refused> {
    let shown = path.display();
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|error| refuse(&format!("{} cannot be made: {error}", folder.display())))?;
    }
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => refuse(&format!("{shown} is there already: --force writes over it")),
        _ => refuse(&format!("{shown} cannot be written: {error}")),
    })
}
