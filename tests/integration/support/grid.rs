//! A Selenium Grid on a loopback port, with Chromium and Firefox.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::{Value, json};

use super::browser;

/// A Grid that is up as long as this lives, and its browsers with it.
pub(crate) struct Grid {
    port: u16,
    folder: tempfile::TempDir,
    // `smokegate guard`: it ends everything that was started when its standard input ends.
    guard: Child,
}

/// A session of somebody else's; closed when it is dropped.
pub(crate) struct Held<'a> {
    grid: &'a Grid,
    session: String,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.grid.ask("DELETE", &format!("/session/{}", self.session), "");
    }
}

/// How a Grid is started.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct GridOptions {
    /// It asks for the user `team` with this password.
    pub(crate) password: Option<&'static str>,
    /// It speaks TLS, with a certificate of an authority that nobody knows: `ca.pem` in its folder.
    pub(crate) tls: bool,
    /// Sessions side by side.
    pub(crate) slots: usize,
    /// The program that is its Chromium, where it is not the one that the driver finds.
    pub(crate) chromium: Option<&'static str>,
}

impl Grid {
    /// Starts one; it takes sessions once this returns.
    pub(crate) fn start(options: GridOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("grid.toml"), write_settings(options)).unwrap();
        let ports = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let [port, publish, subscribe] = ports.each_ref().map(|port| port.local_addr().unwrap().port());
        drop(ports);
        let mut guard = Command::new(env!("CARGO_BIN_EXE_smokegate"));
        // Its heap and its compiler are kept small: it is up for seconds.
        guard.args(["guard", "java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar"]);
        guard.arg(find_jar()).args(["standalone", "--config", "grid.toml", "--host", "127.0.0.1"]);
        guard.args(["--selenium-manager", "false", "--port", &port.to_string()]);
        guard.args(["--publish-events", &format!("tcp://127.0.0.1:{publish}")]);
        guard.args(["--subscribe-events", &format!("tcp://127.0.0.1:{subscribe}")]);
        if let Some(password) = options.password {
            guard.args(["--username", "team", "--password", password]);
        }
        if options.tls {
            write_certificates(folder.path());
            guard.args(["--https-certificate", "grid.pem", "--https-private-key", "grid-key.pem"]);
        }
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        guard.stdin(Stdio::piped()).stdout(log.try_clone().unwrap()).stderr(log);
        let guard = guard.current_dir(folder.path()).spawn().unwrap();
        let grid = Self { port, folder, guard };
        grid.wait_until_up();
        grid
    }

    /// `host:port`.
    pub(crate) fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Its address, over http.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.authority())
    }

    /// A file in its folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What it printed.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.file("log")).unwrap_or_default()
    }

    fn wait_until_up(&self) {
        let started = Instant::now();
        while !self.log().contains("Started Selenium Standalone")
            || TcpStream::connect(("127.0.0.1", self.port)).is_err()
        {
            assert!(started.elapsed() < Duration::from_mins(1), "no Grid: {}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until so many sessions are open or being opened.
    #[track_caller]
    pub(crate) fn wait_for_sessions(&self, count: usize) {
        let started = Instant::now();
        while self.sessions() < count {
            assert!(started.elapsed().as_secs() < 60, "{count} sessions were not asked for");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until no session is open any more: it frees a slot a moment after it has answered.
    #[track_caller]
    pub(crate) fn assert_all_free(&self) {
        let started = Instant::now();
        while self.sessions() > 0 {
            assert!(started.elapsed().as_secs() < 10, "sessions are left in the Grid");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Sessions that are open or being opened; for a Grid without TLS and password.
    pub(crate) fn sessions(&self) -> usize {
        self.status()["value"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|node| node["slots"].as_array().unwrap())
            .filter(|slot| !slot["session"].is_null())
            .count()
    }

    fn status(&self) -> Value {
        self.ask("GET", "/status", "")
    }

    /// Opens a session as somebody else does, who keeps it for a while.
    pub(crate) fn hold_a_slot(&self) -> Held<'_> {
        let options = json!({ "args": ["--headless=new", "--no-sandbox"] });
        let wanted = json!({ "browserName": "chrome", "goog:chromeOptions": options });
        let body = json!({ "capabilities": { "alwaysMatch": wanted } }).to_string();
        let answer = self.ask("POST", "/session", &body);
        Held { grid: self, session: answer["value"]["sessionId"].as_str().unwrap().to_owned() }
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let length = body.len();
        write!(stream, "{method} {path} HTTP/1.0\r\nHost: grid\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }

    /// Kills one browser of the test's kind that it runs, as the system does where memory is short. Its driver stays.
    pub(crate) fn kill_a_browser(&self) {
        let browser = self.find_browser().expect("the Grid runs a browser");
        let browser = rustix::process::Pid::from_raw(browser).unwrap();
        rustix::process::kill_process(browser, rustix::process::Signal::KILL).unwrap();
    }

    /// A browser's main process: the child of a driver that is a child of ours.
    fn find_browser(&self) -> Option<i32> {
        let name = if browser() == "firefox" { "firefox" } else { "chrom" };
        let java = children(i32::try_from(self.guard.id()).unwrap()).into_iter().next()?;
        let drivers = children(java).into_iter();
        drivers.flat_map(children).find(|pid| name_of(*pid).contains(name))
    }
}

impl Drop for Grid {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

fn children(pid: i32) -> Vec<i32> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>())
        .collect()
}

fn name_of(pid: i32) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default()
}

/// Put there by `tests/run`.
fn find_jar() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/selenium/package/jar");
    let jar = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
    jar.into_iter()
        .find(|path| path.extension().is_some_and(|extension| extension == "jar"))
        .unwrap_or_else(|| panic!("no Selenium Grid in {}: tests/run gets one", folder.display()))
}

fn write_settings(options: GridOptions) -> String {
    let slots = options.slots;
    let driver = |name: &str, stereotype: &Value, program: &str| {
        format!(
            "[[node.driver-configuration]]\ndisplay-name = \"{name}\"\nstereotype = '{stereotype}'\n\
             webdriver-executable = \"{}\"\nmax-sessions = {slots}\n",
            find_program(program).display()
        )
    };
    let mut chromium = json!({ "browserName": "chrome" });
    if let Some(program) = options.chromium {
        chromium["goog:chromeOptions"] = json!({ "binary": program });
    }
    format!(
        "[node]\ndetect-drivers = false\nselenium-manager = false\noverride-max-sessions = true\n\
         max-sessions = {slots}\n{}{}",
        driver("Chromium", &chromium, "chromedriver"),
        driver("Firefox", &json!({ "browserName": "firefox" }), "geckodriver"),
    )
}

fn find_program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("there is no {name}"))
}

fn write_certificates(folder: &Path) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
    let own = params.signed_by(&key, &authority).unwrap();
    for (name, text) in
        [("ca.pem", authority.pem()), ("grid.pem", own.pem()), ("grid-key.pem", key.serialize_pem())]
    {
        std::fs::write(folder.join(name), text).unwrap();
    }
}
