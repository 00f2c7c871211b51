//! The data that a database server begins with: an empty database and the logins. They take seconds to make, so they are
//! made once, kept beside what Cargo builds, and copied for each server; a process that needs them meanwhile waits.

use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::database_server::{PLAIN_PASSWORD, give_away, postgresql_program, unprivileged};
use super::{DatabaseServer, Kind};

/// Copies the data for a server of this kind into a folder, as `data`.
pub(super) fn copy_data(kind: Kind, folder: &Path) {
    copy(&prepare(kind), &folder.join("data"));
}

/// The prepared data; they are made anew where the server or what is said to it is another.
fn prepare(kind: Kind) -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let lock = File::create(place.join(format!("database-{kind:?}.lock"))).unwrap();
    lock.lock().unwrap();
    let mut hasher = DefaultHasher::new();
    (version(kind), statements(kind)).hash(&mut hasher);
    let goal = place.join(format!("database-{kind:?}-{:x}", hasher.finish()));
    if !goal.is_dir() {
        let made = make(kind);
        // What breaks off half-way does not stand under the name that is looked for.
        let copied = place.join(format!("database-{kind:?}.part"));
        let _ = std::fs::remove_dir_all(&copied);
        copy(&made.path().join("data"), &copied);
        std::fs::rename(copied, &goal).unwrap();
    }
    goal
}

/// A folder with new data in it.
fn make(kind: Kind) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("password"), PLAIN_PASSWORD).unwrap();
    give_away(folder.path());
    match kind {
        Kind::MariaDb => run(unprivileged("mariadb-install-db", folder.path())
            .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
            .args(["--innodb-log-file-size=4M", "--innodb-flush-log-at-trx-commit=0"])
            .arg(format!("--datadir={}", folder.path().join("data").display()))
            .env("TMPDIR", folder.path())),
        Kind::PostgreSql => run(unprivileged(postgresql_program("initdb"), folder.path())
            .args(["--no-sync", "-A", "scram-sha-256", "-U", "chief", "-E", "UTF8", "--no-locale"])
            .args(["--pwfile", "password", "-D", "data"])),
    }
    let server = DatabaseServer::start_in(kind, folder);
    for statement in statements(kind) {
        server.administer(if kind == Kind::MariaDb { "mysql" } else { "postgres" }, &statement);
    }
    server.end_in_order()
}

/// What makes the database `shop`, its owner `app`, and in MariaDB `reader`, who may only read.
fn statements(kind: Kind) -> Vec<String> {
    match kind {
        Kind::MariaDb => vec![
            "create database shop".to_owned(),
            "delete from mysql.global_priv where User = ''; flush privileges".to_owned(),
            format!("create user app identified by '{PLAIN_PASSWORD}'; grant all on shop.* to app"),
            format!("create user reader identified by '{PLAIN_PASSWORD}'; grant select on shop.* to reader"),
        ],
        Kind::PostgreSql => vec![
            format!("create role app login password '{PLAIN_PASSWORD}'"),
            "create database shop owner app".to_owned(),
        ],
    }
}

fn version(kind: Kind) -> Vec<u8> {
    let program = match kind {
        Kind::MariaDb => PathBuf::from("mariadbd"),
        Kind::PostgreSql => postgresql_program("postgres"),
    };
    let output = unprivileged(program, &std::env::temp_dir())
        .arg("--version")
        .stdout(std::process::Stdio::piped())
        .output();
    output.expect("a database server is installed").stdout
}

/// A copy with owners and rights: PostgreSQL insists on them.
fn copy(from: &Path, to: &Path) {
    run(Command::new("cp").arg("-a").arg(from).arg(to));
}

fn run(command: &mut Command) {
    let status = command.status().unwrap();
    let log = command.get_current_dir().map(|folder| folder.join("log")).unwrap_or_default();
    assert!(status.success(), "{command:?}: {}", std::fs::read_to_string(log).unwrap_or_default());
}
