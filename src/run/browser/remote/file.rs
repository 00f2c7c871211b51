//! Files for a field of a browser that runs elsewhere: sent there first, as Selenium's `se/file` wants them, in an
//! archive.

use std::io::ErrorKind;
use std::path::Path;

use super::RemoteSession;
use crate::evidence::Cause;
use crate::verdict::StepError;

/// Sends a file to where the browser is; gives back its path there. None where files cannot be sent.
pub(in crate::run::browser) async fn send_file(
    session: &RemoteSession,
    file: &str,
) -> Result<Option<String>, StepError> {
    let content = tokio::fs::read(file).await.map_err(|error| file_error(file, error.kind()))?;
    let name = Path::new(file).file_name().and_then(|name| name.to_str()).unwrap_or("file");
    let archive = build_archive(name, &content).ok_or_else(|| file_error(file, ErrorKind::FileTooLarge))?;
    session.send_file(&archive).await
}

fn file_error(path: &str, kind: ErrorKind) -> StepError {
    StepError::harness(Cause::File { path: path.to_owned(), error: format!("{kind:?}") })
}

/// A ZIP archive with one file, stored as it is (PKWARE APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16). None for more
/// than 4 GiB.
fn build_archive(name: &str, content: &[u8]) -> Option<Vec<u8>> {
    // Version 2.0, UTF-8 names, stored, 1 January 1980.
    let mut about = vec![20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0];
    let size = u32::try_from(content.len()).ok()?.to_le_bytes();
    about.extend(crc32fast::hash(content).to_le_bytes());
    about.extend(size);
    about.extend(size);
    about.extend(u16::try_from(name.len()).ok()?.to_le_bytes());
    about.extend([0, 0]);
    let mut archive = b"PK\x03\x04".to_vec();
    archive.extend(&about);
    archive.extend(name.as_bytes());
    archive.extend(content);
    let directory = u32::try_from(archive.len()).ok()?.to_le_bytes();
    let mut entry = b"PK\x01\x02\x14\x00".to_vec();
    entry.extend(&about);
    // No comment, first disk, no attributes, at the beginning.
    entry.extend([0; 14]);
    entry.extend(name.as_bytes());
    let entry_size = u32::try_from(entry.len()).ok()?.to_le_bytes();
    archive.extend(entry);
    archive.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    archive.extend(entry_size);
    archive.extend(directory);
    archive.extend([0, 0]);
    Some(archive)
}

#[cfg(test)]
mod tests {
    use super::build_archive;

    /// Where there is no Python, a Grid reads one in `browser_remote`.
    #[test]
    fn an_archive_is_read_by_others() {
        let folder = tempfile::tempdir().unwrap();
        let archive = build_archive("übersicht.txt", b"twelve bytes").unwrap();
        std::fs::write(folder.path().join("a.zip"), archive).unwrap();
        let script = "import zipfile; z = zipfile.ZipFile('a.zip'); assert z.testzip() is None; \
                      assert z.namelist() == ['\\u00fcbersicht.txt']; print(z.read(z.namelist()[0]).decode())";
        let mut python = std::process::Command::new("python3");
        let Ok(read) = python.args(["-c", script]).current_dir(folder.path()).output() else { return };
        assert_eq!(String::from_utf8_lossy(&read.stdout), "twelve bytes\n", "{read:?}");
    }
}
