//! The process that ends a browser when we are gone, however we went.
//!
//! A driver that is our plain child outlives us when we are killed, and its browser with it. So our own binary is
//! started once more: it starts the driver in a process group of its own with a temporary folder of its own, and
//! blocks on a pipe from us. When the pipe ends, because we closed it or because we are no more, it kills the group
//! and deletes the folder.

use std::ffi::OsString;
use std::io::{Read as _, stdin};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

/// How long the processes of a killed group are looked after: where nobody reaps them they stay for ever, dead.
const KILL_LIMIT: Duration = Duration::from_secs(1);

/// How long deleting the folder may take.
const DELETE_LIMIT: Duration = Duration::from_secs(5);

/// Starts a driver and waits until standard input ends; then ends it and everything that it started.
///
/// Gives back whether the driver could be started. Its standard output is ours.
pub fn run_guard(program: &Path, arguments: &[OsString]) -> bool {
    let Ok(folder) = tempfile::Builder::new().prefix("smokegate-browser-").tempdir() else {
        return false;
    };
    let driver = Command::new(program)
        .args(arguments)
        .env("TMPDIR", folder.path())
        .stdin(Stdio::null())
        .process_group(0)
        .spawn();
    let Ok(mut driver) = driver else {
        return false;
    };
    // A read that fails is an end too.
    let _ = stdin().read_to_end(&mut Vec::new());
    end_group(&mut driver);
    delete_folder(folder.path());
    true
}

/// The driver is waited for last: until then its id, which is the group's, cannot be given to anybody else.
fn end_group(driver: &mut Child) {
    let group = i32::try_from(driver.id()).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        let limit = Instant::now() + KILL_LIMIT;
        // A process that is just being forked can miss the first signal.
        while kill_process_group(group, Signal::KILL).is_ok() && Instant::now() < limit {
            if !has_others(group, driver) {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    let _ = driver.wait();
}

/// Whether the group has processes beside the driver itself.
fn has_others(group: Pid, driver: &mut Child) -> bool {
    // Once the driver is reaped, the group is there only as long as others are in it.
    matches!(driver.try_wait(), Ok(None)) || test_kill_process_group(group).is_ok()
}

/// What the browser wrote while it died can come after the first attempt.
fn delete_folder(folder: &Path) {
    let limit = Instant::now() + DELETE_LIMIT;
    while folder.exists() && std::fs::remove_dir_all(folder).is_err() && Instant::now() < limit {
        std::thread::sleep(Duration::from_millis(10));
    }
}
