//! Real MariaDB and PostgreSQL servers on free loopback ports, with their data in temporary folders.
//!
//! The tests of a process share one server of each kind: it starts with the first that needs it and ends with the last.
//! Its data are a copy of those that [`database_data`](super::database_data) made once, for other processes too.

use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::database_data;

/// The password of every login, as an address writes it.
pub(crate) const PASSWORD: &str = "geheim%20w0rt%2F1";
/// The same, plain.
pub(crate) const PLAIN_PASSWORD: &str = "geheim w0rt/1";

/// Whom a server runs as where the tests run as root: `nobody`. PostgreSQL refuses root.
const NOBODY: u32 = 65_534;

/// Which kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    MariaDb,
    PostgreSql,
}

/// A server that is up as long as this lives.
pub(crate) struct DatabaseServer {
    pub(crate) kind: Kind,
    process: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl DatabaseServer {
    /// The server of this kind that the tests share.
    pub(crate) fn shared(kind: Kind) -> Arc<Self> {
        static MARIADB: Mutex<Weak<DatabaseServer>> = Mutex::new(Weak::new());
        static POSTGRESQL: Mutex<Weak<DatabaseServer>> = Mutex::new(Weak::new());
        let place = if kind == Kind::MariaDb { &MARIADB } else { &POSTGRESQL };
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        place.upgrade().unwrap_or_else(|| {
            let started = Arc::new(Self::start(kind));
            *place = Arc::downgrade(&started);
            started
        })
    }

    fn start(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        database_data::copy_data(kind, folder.path());
        Self::start_in(kind, folder)
    }

    /// Starts a server on the data in a folder.
    pub(super) fn start_in(kind: Kind, folder: tempfile::TempDir) -> Self {
        write_certificates(folder.path());
        give_away(folder.path());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = match kind {
            Kind::MariaDb => start_mariadb(folder.path(), port),
            Kind::PostgreSql => start_postgresql(folder.path(), port),
        };
        let mut server = Self { kind, process, port, folder };
        server.wait();
        server
    }

    /// Ends it in order, so that its data are whole; gives back the folder with them.
    pub(super) fn end_in_order(mut self) -> tempfile::TempDir {
        let signal = match self.kind {
            Kind::MariaDb => rustix::process::Signal::TERM,
            Kind::PostgreSql => rustix::process::Signal::INT,
        };
        self.signal(signal);
        self.process.wait().unwrap();
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    fn signal(&self, signal: rustix::process::Signal) {
        if let Some(pid) = i32::try_from(self.process.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(pid, signal);
        }
    }

    fn wait(&mut self) {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let is_up = match self.kind {
                Kind::MariaDb => TcpStream::connect(("127.0.0.1", self.port)).is_ok(),
                Kind::PostgreSql => self.try_administer("postgres", "select 1").is_some(),
            };
            if is_up {
                return;
            }
            let log = || std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(self.process.try_wait().unwrap().is_none(), "the server ended: {}", log());
            assert!(Instant::now() < deadline, "the server does not listen: {}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Its address for a login, with `?…` or nothing at the end.
    pub(crate) fn url(&self, user: &str, options: &str) -> String {
        let scheme = if self.kind == Kind::MariaDb { "mariadb" } else { "postgres" };
        format!("{scheme}://{user}:{PASSWORD}@127.0.0.1:{}/shop{options}", self.port)
    }

    /// Its address by its Unix socket.
    pub(crate) fn socket_url(&self) -> String {
        let folder = self.folder.path().display();
        match self.kind {
            Kind::MariaDb => format!("mysql://app:{PASSWORD}@localhost/shop?socket={folder}/socket"),
            Kind::PostgreSql => {
                format!("postgres://app:{PASSWORD}@localhost:{}/shop?host={folder}", self.port)
            }
        }
    }

    /// The port that it listens on.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The authority of its certificate, which is made out to `127.0.0.1`.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Runs statements in the database of the tests with the server's own client; in PostgreSQL as the owner `app`.
    pub(crate) fn execute(&self, sql: &str) {
        let role = if self.kind == Kind::PostgreSql { "set role app; " } else { "" };
        self.administer("shop", &format!("{role}{sql}"));
    }

    /// How many connections the tests' login has.
    pub(crate) fn count_connections(&self) -> usize {
        let (database, table, user) = match self.kind {
            Kind::MariaDb => ("mysql", "information_schema.processlist", "user"),
            Kind::PostgreSql => ("postgres", "pg_stat_activity", "usename"),
        };
        let told = self.administer(database, &format!("select count(*) from {table} where {user} = 'app'"));
        told.trim().parse().unwrap()
    }

    /// Runs statements as the one who may do everything, and tells what came back.
    pub(super) fn administer(&self, database: &str, sql: &str) -> String {
        self.try_administer(database, sql).unwrap_or_else(|| panic!("{sql}"))
    }

    fn try_administer(&self, database: &str, sql: &str) -> Option<String> {
        let mut command = match self.kind {
            Kind::MariaDb => {
                let mut command = Command::new("mariadb");
                command
                    .args(["--no-defaults", "--user=root", "--socket"])
                    .arg(self.folder.path().join("socket"));
                command.args(["-N", "-B", database, "--execute", sql]);
                command
            }
            Kind::PostgreSql => {
                let mut command = Command::new(postgresql_program("psql"));
                command.env("PGPASSWORD", PLAIN_PASSWORD).args([
                    "-X",
                    "-q",
                    "-t",
                    "-A",
                    "-v",
                    "ON_ERROR_STOP=1",
                ]);
                command.args(["-h", "127.0.0.1", "-U", "chief", "-p", &self.port.to_string()]);
                command.args(["-d", database, "-c", sql]);
                command
            }
        };
        let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    }
}

impl Drop for DatabaseServer {
    fn drop(&mut self) {
        // PostgreSQL's other processes end when they see that the first one is gone; SIGQUIT tells them.
        if self.process.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.signal(match self.kind {
                Kind::MariaDb => rustix::process::Signal::KILL,
                Kind::PostgreSql => rustix::process::Signal::QUIT,
            });
        }
        let _ = self.process.wait();
    }
}

fn start_mariadb(folder: &Path, port: u16) -> Child {
    let file = |name: &str| folder.join(name).display().to_string();
    unprivileged("mariadbd", folder)
        .args(["--no-defaults", "--bind-address=127.0.0.1", "--innodb-log-file-size=4M"])
        .args(["--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve", "--innodb-use-native-aio=0"])
        .arg(format!("--datadir={}", file("data")))
        .arg(format!("--port={port}"))
        .arg(format!("--socket={}", file("socket")))
        .arg(format!("--pid-file={}", file("pid")))
        .arg(format!("--ssl-cert={}", file("server.pem")))
        .arg(format!("--ssl-key={}", file("server-key.pem")))
        .spawn()
        .unwrap()
}

fn start_postgresql(folder: &Path, port: u16) -> Child {
    let file = |name: &str| folder.join(name).display().to_string();
    let mut server = unprivileged(postgresql_program("postgres"), folder);
    server.args(["-D", &file("data"), "-p", &port.to_string(), "-k", &file("")]);
    for setting in [
        "listen_addresses=127.0.0.1".to_owned(),
        "fsync=off".to_owned(),
        "ssl=on".to_owned(),
        format!("ssl_cert_file={}", file("server.pem")),
        format!("ssl_key_file={}", file("server-key.pem")),
    ] {
        server.args(["-c", &setting]);
    }
    server.spawn().unwrap()
}

/// A program of PostgreSQL: Debian keeps the server's apart, by version.
pub(super) fn postgresql_program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("postgresql is installed");
    let mut programs: Vec<PathBuf> = versions
        .map(|version| version.unwrap().path().join("bin").join(name))
        .filter(|path| path.is_file())
        .collect();
    programs.sort();
    programs.pop().unwrap_or_else(|| panic!("there is no {name} in /usr/lib/postgresql"))
}

/// A program that runs in a folder and writes to its `log`, as `nobody` where we are root.
pub(super) fn unprivileged(program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    let log = std::fs::File::options().create(true).append(true).open(folder.join("log")).unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    command.current_dir(folder).env("PATH", format!("{path}:/usr/sbin:/sbin")).env("HOME", folder);
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Gives a folder and the files in it to the user that the server runs as.
pub(super) fn give_away(folder: &Path) {
    if is_root() {
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        for path in files.chain([folder.to_owned()]) {
            std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
}

fn write_certificates(folder: &Path) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let server = params.signed_by(&key, &authority).unwrap();
    for (name, text) in
        [("ca.pem", authority.pem()), ("server.pem", server.pem()), ("server-key.pem", key.serialize_pem())]
    {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}
