//! Files that a page gives. They stand in the browser's own folder and vanish with it.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use crate::evidence::{Cause, Download};
use crate::run::browser::visitor::Visitor;
use crate::run::browser::watch::encounter::{ArrivalEnd, Arriving};
use crate::run::browser::worker::Worker;
use crate::verdict::StepError;

/// How large a file may be whose content is a subject.
const TEXT_LIMIT: usize = 1024 * 1024;

/// How much of a file is read at once.
const CHUNK: usize = 64 * 1024;

/// The folder for a browser's downloads, from the capabilities that its session was given. A browser without a window
/// that is told none breaks downloads off.
pub(in crate::run::browser) fn find_folder(given: &Map<String, Value>) -> Option<PathBuf> {
    let chromium = given.get("chrome").and_then(|chrome| chrome["userDataDir"].as_str());
    let profile = chromium.or_else(|| given.get("moz:profile")?.as_str())?;
    Some(Path::new(profile).join("smokegate-downloads"))
}

/// The parameters of `browser.setDownloadBehavior` for a visitor. Each has a folder, so that names do not meet.
pub(in crate::run::browser) fn behavior(folder: &Path, user_context: &str) -> Value {
    json!({
        "downloadBehavior": { "type": "allowed", "destinationFolder": folder.join(user_context) },
        "userContexts": [user_context],
    })
}

/// Waits for the step's download to come to its end, and reads it.
pub(in crate::run::browser) async fn take_download(
    worker: &Worker,
    visitor: &Visitor,
    deadline: Instant,
) -> Result<Download, StepError> {
    let user = &visitor.user_context;
    let ended = |arriving: Arriving| arriving.end.clone().map(|end| (arriving, end));
    let found =
        worker.encounters.wait_for(deadline, |encounters| ended(encounters.last_arriving(user)?)).await;
    let Some((arriving, end)) = found else {
        let begun = worker.encounters.last_arriving(user);
        return Err(failed(match begun {
            Some(arriving) => format!("{} did not come to its end", arriving.name),
            None => "no download began".to_owned(),
        }));
    };
    let path = match end {
        ArrivalEnd::Complete(path) => path.filter(|_| worker.remote().is_none()),
        ArrivalEnd::Canceled => return Err(failed(format!("{} was broken off", arriving.name))),
    };
    let mut download =
        Download { name: arriving.name, url: arriving.url, size: None, sha256: None, text: None };
    if let Some(path) = path {
        let read = tokio::task::spawn_blocking(move || read_file(Path::new(&path), download)).await;
        download = match read {
            Ok(Ok(download)) => download,
            Ok(Err(error)) => return Err(failed(format!("the file cannot be read: {error}"))),
            Err(error) => return Err(failed(error.to_string())),
        };
    }
    Ok(download)
}

/// Reads a file and removes it, so that the next one of its name gets that name.
fn read_file(path: &Path, mut download: Download) -> std::io::Result<Download> {
    use std::io::Read as _;
    let mut file = std::fs::File::open(path)?;
    let (mut hash, mut size, mut text) = (Sha256::new(), 0, Vec::new());
    let mut chunk = vec![0; CHUNK];
    loop {
        let count = file.read(&mut chunk)?;
        if count == 0 {
            break;
        }
        hash.update(&chunk[..count]);
        size += count as u64;
        if text.len() <= TEXT_LIMIT {
            text.extend_from_slice(&chunk[..count]);
        }
    }
    std::fs::remove_file(path)?;
    download.size = Some(size);
    download.sha256 = Some(to_hex(&hash.finalize()));
    download.text = (text.len() <= TEXT_LIMIT).then(|| String::from_utf8(text).ok()).flatten();
    Ok(download)
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn failed(reason: String) -> StepError {
    StepError::target(Cause::Element { locator: "download".to_owned(), reason })
}
