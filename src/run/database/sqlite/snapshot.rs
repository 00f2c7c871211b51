//! Looking at a database in WAL mode that nobody has open.
//!
//! A reader of such a file has to create its `-wal` and `-shm` files, cannot delete them again if it opened the file
//! for reading only, and cannot read at all where it may not create them (SQLite, "Write-Ahead Logging", section 5).
//! A smoke test must not leave files of its own user beside a site's database: the site might then not be able to
//! write. So the file is read as it is, without locks, and looked at again afterwards: if somebody wrote meanwhile, the
//! answer does not count.

use std::ffi::OsString;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::SystemTime;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// What stays plain in the path of a `file:` URI.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// The state of a file that nobody has open.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Snapshot {
    modified: SystemTime,
    length: u64,
}

impl Snapshot {
    /// The state of a database in WAL mode without a `-wal` file; none for any other.
    pub(super) fn find(path: &Path) -> Option<Self> {
        let mut name = OsString::from(path);
        name.push("-wal");
        if Path::new(&name).exists() {
            return None;
        }
        let mut file = std::fs::File::open(path).ok()?;
        let mut header = [0; 20];
        file.read_exact(&mut header).ok()?;
        // Bytes 18 and 19: the versions of the format that a writer and a reader need; 2 is WAL.
        if header[18..] != [2, 2] {
            return None;
        }
        let metadata = file.metadata().ok()?;
        Some(Self { modified: metadata.modified().ok()?, length: metadata.len() })
    }
}

/// The URI under which SQLite reads a file without locks and without creating anything.
pub(super) fn immutable_uri(path: &Path) -> String {
    format!("file:{}?immutable=1", percent_encode(path.as_os_str().as_bytes(), ENCODED))
}
