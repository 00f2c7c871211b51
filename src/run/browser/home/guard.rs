//! The process that ends a browser when we are gone, however we went.
//!
//! A driver that is our plain child outlives us when we are killed, and its browser with it. So our own binary is
//! started once more: it starts the driver in a process group of its own with a temporary folder of its own, and
//! blocks on a pipe from us. When the pipe ends, because we closed it or because we are no more, or when the driver ends
//! by itself, it kills the group and deletes the folder.

use std::ffi::OsString;
use std::io::{Read as _, stdin};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process, kill_process_group, wait, waitid,
};

/// What the names of browsers' folders begin with; six random characters follow.
const FOLDER_PREFIX: &str = "smokegate-";

/// How long the path of the folder may be, those six characters and a slash left out: Chromium adds 44 of its own.
const LONGEST_FOLDER: usize = 107 - 44 - 7 - 2;

/// How long the processes of a killed group are looked after.
const KILL_LIMIT: Duration = Duration::from_secs(1);

/// How long deleting the folder may take.
const DELETE_LIMIT: Duration = Duration::from_secs(5);

/// Starts a driver and waits until standard input or the driver ends; then ends it and everything that it started.
///
/// Its standard output and its standard error are ours.
///
/// # Errors
/// The driver cannot be started, or there is no room for its folder.
pub fn run_guard(program: &Path, arguments: &[OsString]) -> std::io::Result<()> {
    let folder = make_folder()?;
    name_downloads(folder.path())?;
    adopt_orphans();
    let driver = Command::new(program)
        .args(arguments)
        .env("TMPDIR", folder.path())
        // Chromium keeps crash reports and folders of its own there, and would leave them in the home of whoever runs us.
        .env("XDG_CONFIG_HOME", folder.path())
        .env("XDG_CACHE_HOME", folder.path())
        .stdin(Stdio::null())
        .process_group(0)
        .spawn()?;
    wait_for_end(driver.id());
    end_processes(driver.id());
    delete_folder(folder.path());
    Ok(())
}

/// Waits until standard input or the driver ends: then our own end tells that nobody writes to standard output any more.
fn wait_for_end(driver: u32) {
    let (over, ends) = channel();
    let driver_over = over.clone();
    std::thread::spawn(move || {
        // A read that fails is an end too.
        let _ = stdin().read_to_end(&mut Vec::new());
        let _ = over.send(());
    });
    std::thread::spawn(move || {
        if let Some(driver) = i32::try_from(driver).ok().and_then(Pid::from_raw) {
            // It stays a zombie, so that its number is nobody else's until its group is killed.
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while waitid(WaitId::Pid(driver), options).is_err_and(|error| error == rustix::io::Errno::INTR) {}
            let _ = driver_over.send(());
        }
    });
    let _ = ends.recv();
}

/// A folder for everything that the browser writes. Chromium puts a socket into a folder in it, and the address of a
/// socket has 107 bytes at most (`unix(7)`): where the usual place is too deep, it is `/tmp`.
fn make_folder() -> std::io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    let usual = std::env::temp_dir();
    let is_short = usual.as_os_str().len() + FOLDER_PREFIX.len() < LONGEST_FOLDER;
    if is_short {
        builder.prefix(FOLDER_PREFIX).tempdir_in(usual)
    } else {
        builder.prefix(FOLDER_PREFIX).tempdir_in("/tmp")
    }
}

/// Firefox makes the folder of downloads when it starts; without this it would be in the home of whoever runs us
/// (freedesktop.org, xdg-user-dirs).
fn name_downloads(folder: &Path) -> std::io::Result<()> {
    let line = format!("XDG_DOWNLOAD_DIR=\"{}\"\n", folder.join("downloads").display());
    std::fs::write(folder.join("user-dirs.dirs"), line)
}

/// Kills the group and whatever left it, and waits until all of it is gone.
fn end_processes(driver: u32) {
    let group = i32::try_from(driver).ok().and_then(Pid::from_raw);
    let limit = Instant::now() + KILL_LIMIT;
    while let Some(group) = group.filter(|_| Instant::now() < limit) {
        let _ = kill_process_group(group, Signal::KILL);
        for stray in read_children() {
            let _ = kill_process(stray, Signal::KILL);
        }
        if !reap() {
            return;
        }
        // A process that was just being forked missed the signal.
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Collects those who ended; gives back whether others still run.
fn reap() -> bool {
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some(_)) => {}
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

/// Our children: the driver, and on Linux every process whose parent has ended.
fn read_children() -> Vec<Pid> {
    let path = format!("/proc/self/task/{}/children", rustix::process::getpid().as_raw_nonzero());
    let children = std::fs::read_to_string(path).unwrap_or_default();
    children.split_whitespace().filter_map(|id| id.parse().ok().and_then(Pid::from_raw)).collect()
}

/// Makes orphans of the driver and the browser our children instead of those of the system's first process, which in
/// a container may never look after them.
fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    {
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    }
}

/// What the browser wrote while it died can come after the first attempt.
fn delete_folder(folder: &Path) {
    let limit = Instant::now() + DELETE_LIMIT;
    while folder.exists() && std::fs::remove_dir_all(folder).is_err() && Instant::now() < limit {
        std::thread::sleep(Duration::from_millis(10));
    }
}
