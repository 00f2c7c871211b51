//! Files for an `<input type=file>`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::json;
use tokio::time::Instant;

use super::interaction::{element_of, go_on_or_fail, wait_until_ready};
use super::probe;
use crate::evidence::Cause;
use crate::expect::Locator;
use crate::run::browser::remote::file::send_file;
use crate::run::browser::worker::Worker;
use crate::verdict::StepError;

/// Gives files to a field in place of those that it has.
pub(in crate::run::browser) async fn upload(
    worker: &mut Worker,
    locator: &Locator,
    files: &[PathBuf],
    deadline: Instant,
) -> Result<(), StepError> {
    let mut paths = files.iter().map(|file| absolute(file)).collect::<Result<Vec<_>, _>>()?;
    if let Some(session) = worker.remote_session() {
        for path in &mut paths {
            if let Some(there) = send_file(session, path).await? {
                *path = there;
            }
        }
    }
    // WebDriver, "Element Send Keys": several files are separated by line feeds.
    let keys = paths.join("\n");
    loop {
        let ready = wait_until_ready(worker, locator, probe::UPLOAD, &json!(paths), deadline).await?;
        let field = element_of(worker.client(), &ready)?;
        match worker.classic(deadline, field.send_keys(&keys)).await {
            Ok(()) => return Ok(()),
            Err(error) => go_on_or_fail(worker, error, locator, deadline)?,
        }
    }
}

/// The driver knows nothing of our working folder.
fn absolute(file: &Path) -> Result<String, StepError> {
    let path = file.display().to_string();
    let fault = |kind: ErrorKind, reason: &str| {
        let message = format!("the file {path} cannot be uploaded: {reason}");
        StepError::harness(Cause::File { path: path.clone(), error: format!("{kind:?}") }).message(message)
    };
    let found = std::fs::canonicalize(file).map_err(|error| fault(error.kind(), &error.to_string()))?;
    if !found.is_file() {
        return Err(fault(ErrorKind::InvalidInput, "it is no file"));
    }
    let path = found.into_os_string().into_string();
    path.map_err(|_| fault(ErrorKind::InvalidData, "its path is not UTF-8"))
}
