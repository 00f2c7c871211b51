//! Connections to one file, opened when they are needed and used again.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, ffi};

use super::super::stop::Stop;
use super::fault::{sql_cause, statement_error};
use super::snapshot::{Snapshot, immutable_uri};
use crate::verdict::StepError;

/// How many connections are kept while nobody uses them.
const KEPT: usize = 4;

/// How many instructions of SQLite's machine pass between two looks at [`Stop`]: well under a millisecond.
const INSTRUCTIONS: i32 = 1_000;

/// How long a statement sleeps between two attempts to get a lock.
const LOCK_PAUSE: Duration = Duration::from_millis(5);

/// The connections to one file.
pub(super) struct Pool {
    path: PathBuf,
    /// Whether its connections may write.
    pub(super) writable: bool,
    idle: Mutex<Vec<PooledConnection>>,
}

/// A connection, and the file that it was opened on.
pub(super) struct PooledConnection {
    /// The connection.
    pub(super) connection: Connection,
    file: FileIdentity,
    /// The file's state before it was read without locks; none where locks are used.
    snapshot: Option<Snapshot>,
}

/// Tells a file from another one that was put in its place.
type FileIdentity = (u64, u64);

impl Pool {
    /// A pool without connections.
    pub(super) fn new(path: PathBuf, writable: bool) -> Self {
        Self { path, writable, idle: Mutex::default() }
    }

    /// A connection that obeys `stop`. Never creates a file.
    pub(super) fn take(&self, stop: &Stop) -> Result<PooledConnection, StepError> {
        let file = identify(&self.path).map_err(|error| self.cannot_open(&error))?;
        let kept = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            // A deployment may have put a new file in the old one's place: open connections still see the old one.
            idle.retain(|pooled| pooled.file == file);
            idle.pop()
        };
        let mut pooled = match kept {
            Some(pooled) => pooled,
            None => self.open(file, stop)?,
        };
        obey(&mut pooled.connection, stop).map_err(|error| statement_error(&error, stop))?;
        Ok(pooled)
    }

    /// Whether somebody wrote while the connection read without locks, so that what it read does not count.
    pub(super) fn is_outdated(&self, pooled: &PooledConnection) -> bool {
        pooled.snapshot.is_some() && pooled.snapshot != Snapshot::find(&self.path)
    }

    /// Keeps a connection for the next statement, unless it would not see what is written until then.
    pub(super) fn give_back(&self, pooled: PooledConnection) {
        if pooled.snapshot.is_some() {
            return;
        }
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(pooled);
        }
    }

    fn open(&self, file: FileIdentity, stop: &Stop) -> Result<PooledConnection, StepError> {
        let snapshot = if self.writable { None } else { Snapshot::find(&self.path) };
        let access = match (self.writable, &snapshot) {
            (true, _) => OpenFlags::SQLITE_OPEN_READ_WRITE,
            (false, None) => OpenFlags::SQLITE_OPEN_READ_ONLY,
            (false, Some(_)) => OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI,
        };
        let path = match &snapshot {
            Some(_) => PathBuf::from(immutable_uri(&self.path)),
            None => self.path.clone(),
        };
        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(path, flags).map_err(|error| {
                match std::fs::File::open(&self.path) {
                    Err(reason) => self.cannot_open(&reason),
                    Ok(_) => statement_error(&error, stop),
                }
            })?;
        if !self.writable {
            connection
                .pragma_update(None, "query_only", true)
                .map_err(|error| statement_error(&error, stop))?;
        }
        Ok(PooledConnection { connection, file, snapshot })
    }

    fn cannot_open(&self, error: &std::io::Error) -> StepError {
        let path = self.path.display();
        let (detail, help) = match error.kind() {
            ErrorKind::NotFound => (
                format!("there is no file {path}"),
                "a relative path in the address is relative to the project file's folder".to_owned(),
            ),
            ErrorKind::PermissionDenied => (
                format!("this user may not open {path}"),
                "run smokegate as a user who may read the file and pass through its folders".to_owned(),
            ),
            _ => (format!("{path} cannot be opened: {error}"), "name the database's file".to_owned()),
        };
        StepError::harness(sql_cause(ffi::SQLITE_CANTOPEN, detail.clone()))
            .message(format!("the database cannot be opened: {detail}"))
            .help(help)
    }
}

/// Makes every wait and every computation of a connection end when `stop` is due.
fn obey(connection: &mut Connection, stop: &Stop) -> rusqlite::Result<()> {
    let computing = stop.clone();
    connection.progress_handler(INSTRUCTIONS, Some(move || computing.is_due()))?;
    let waiting = stop.clone();
    connection.busy_handler(Some(move |_attempts| {
        std::thread::sleep(LOCK_PAUSE);
        !waiting.is_due()
    }))
}

fn identify(path: &Path) -> std::io::Result<FileIdentity> {
    use std::os::unix::fs::MetadataExt as _;

    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(std::io::Error::from(ErrorKind::IsADirectory));
    }
    Ok((metadata.dev(), metadata.ino()))
}
