//! A WebDriver that somebody else runs: a driver on another machine, or a Selenium Grid.
//!
//! fantoccini opens sessions without telling their errors apart and closes them without credentials; both are sent
//! here as commands of our own. Credentials go to the host of the address that was given, and nowhere else.
//!
//! | file | what it does |
//! | --- | --- |
//! | `slots` | several of them: who gets the next free slot |
//! | `room` | how many slots one has |
//! | `socket` | the connection for BiDi, with TLS and credentials |
//! | `file` | files for its browsers |

pub(super) mod file;
mod room;
pub(super) mod slots;
pub(super) mod socket;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::Client;
use fantoccini::error::{CmdError, ErrorStatus};
use fantoccini::wd::WebDriverCompatibleCommand;
use hyper::Method;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use percent_encoding::percent_decode_str;
use rustls::ClientConfig;
use serde_json::{Map, Value, json};
use tokio::time::{sleep, timeout};
use url::{ParseError, Url};

use crate::evidence::{Cause, Phase};
use crate::run::browser::failure::first_line;
use crate::run::http::{HttpSettings, ShownCertificates, build_config, read_cause};
use crate::verdict::StepError;

/// How long a session may take to close.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// How long after a try that failed it is closed once more.
const CLOSE_PAUSE: Duration = Duration::from_millis(300);

/// How often a session is asked whether its browser is there.
const PULSE: Duration = Duration::from_secs(1);

/// How long after a bad answer it is asked once more.
const SECOND_PULSE: Duration = Duration::from_millis(300);

/// How long a session may take to say that its browser is there, once something went wrong in it.
const PULSE_LIMIT: Duration = Duration::from_secs(3);

/// Drivers that run already, and how to reach them.
#[derive(Clone, Default)]
pub struct RemoteSettings {
    /// Their addresses: `http` or `https`, with user and password where they ask for them. None to start a driver
    /// of our own.
    pub urls: Vec<Url>,
    /// A PEM file of certificates to trust for them beside the machine's own.
    pub ca: Option<PathBuf>,
}

impl RemoteSettings {
    /// Users and passwords in the addresses: they are kept out of every report.
    pub fn credentials(&self) -> impl Iterator<Item = (String, String)> {
        self.urls.iter().filter_map(read_credentials)
    }
}

impl fmt::Debug for RemoteSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places: Vec<String> = self.urls.iter().map(write_place).collect();
        f.debug_struct("RemoteSettings").field("urls", &places).field("ca", &self.ca).finish()
    }
}

/// User and password of an address.
fn read_credentials(url: &Url) -> Option<(String, String)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let password = url.password().unwrap_or("");
    (!url.username().is_empty() || !password.is_empty()).then(|| (decode(url.username()), decode(password)))
}

/// An address as messages show it: without user and password.
fn write_place(url: &Url) -> String {
    let mut url = url.clone();
    // Both fail for addresses without a host only, which are refused before.
    let _ = (url.set_username(""), url.set_password(None));
    url.as_str().trim_end_matches('/').to_owned()
}

/// One of these drivers.
#[derive(Clone)]
pub(in crate::run::browser) struct Remote {
    /// Its address, for messages.
    pub(in crate::run::browser) place: String,
    url: Url,
    connector: HttpsConnector<HttpConnector>,
    tls: Arc<ClientConfig>,
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Remote").field(&self.place).finish()
    }
}

/// A session at a WebDriver that somebody else runs.
#[derive(Clone, Debug)]
pub(in crate::run::browser) struct RemoteSession {
    /// Sends its commands.
    pub(in crate::run::browser) client: Client,
    /// What New Session answered (W3C WebDriver, section 8.1).
    pub(in crate::run::browser) capabilities: Map<String, Value>,
    /// Whose it is.
    pub(in crate::run::browser) remote: Remote,
    id: String,
}

impl Remote {
    /// All of them. The error is ours: the file of trusted certificates cannot be read.
    pub(in crate::run::browser) fn all(settings: &RemoteSettings) -> Result<Vec<Self>, StepError> {
        let Some(first) = settings.urls.first() else { return Ok(Vec::new()) };
        let mut http = HttpSettings::new(first.clone(), "");
        http.ca = settings.ca.iter().cloned().collect();
        let mut tls = build_config(&http, &Arc::new(ShownCertificates::default()))?;
        // The connector says itself which versions of HTTP it speaks.
        tls.alpn_protocols.clear();
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls.clone());
        let connector = connector.https_or_http().enable_http1().build();
        let tls = Arc::new(tls);
        let build = |url: &Url| {
            let mut base = url.clone();
            // Commands are appended to it.
            base.set_path(&format!("{}/", url.path().trim_end_matches('/')));
            let (connector, tls) = (connector.clone(), Arc::clone(&tls));
            Self { place: write_place(url), url: base, connector, tls }
        };
        Ok(settings.urls.iter().map(build).collect())
    }

    /// What it says of itself (W3C WebDriver, section 8.3).
    pub(in crate::run::browser) async fn status(&self) -> Result<Value, StepError> {
        let client = self.client("").await?;
        client.issue_cmd(Plain::get("status")).await.map_err(|error| self.error(&error))
    }

    /// Opens a session.
    pub(in crate::run::browser) async fn open(
        &self,
        capabilities: Map<String, Value>,
    ) -> Result<RemoteSession, StepError> {
        let client = self.client("").await?;
        let body = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let mut answer =
            client.issue_cmd(Plain::post("session", &body)).await.map_err(|error| self.error(&error))?;
        let (Some(id), Value::Object(capabilities)) =
            (answer["sessionId"].as_str().map(str::to_owned), answer["capabilities"].take())
        else {
            return Err(self.unusable("its answer to New Session has no session in it"));
        };
        let client = self.client(&id).await?;
        Ok(RemoteSession { client, capabilities, remote: self.clone(), id })
    }

    /// A client that closes nothing by itself: what fantoccini sends then has no credentials.
    async fn client(&self, session: &str) -> Result<Client, StepError> {
        let connected =
            Client::with_existing_session(self.url.as_str(), session, self.connector.clone()).await;
        let client = connected.map_err(|error| self.unusable(&error.to_string()))?;
        client.persist().await.map_err(|error| self.error(&error))?;
        Ok(client)
    }

    /// Where the events of a session are to be had: at the Grid that we were named where the address is a Grid's,
    /// which knows itself by a name of its own (behind a proxy, in a container).
    pub(in crate::run::browser) fn socket_url(&self, given: &str) -> Option<Url> {
        let mut socket = Url::parse(given).ok()?;
        if socket.path().ends_with("/se/bidi") {
            socket.set_scheme(if self.url.scheme() == "https" { "wss" } else { "ws" }).ok()?;
            socket.set_host(self.url.host_str()).ok()?;
            socket.set_port(self.url.port()).ok()?;
        }
        Some(socket)
    }

    /// The value of `Authorization` (RFC 7617, section 2) for an address, if it is on the host that we were named.
    pub(in crate::run::browser) fn authorization_for(&self, socket: &Url) -> Option<String> {
        let (user, password) = read_credentials(&self.url)?;
        (socket.host() == self.url.host())
            .then(|| format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
    }

    /// How its certificate is verified.
    pub(in crate::run::browser) fn tls(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.tls)
    }

    /// It cannot be used, for this reason.
    pub(in crate::run::browser) fn unusable(&self, reason: &str) -> StepError {
        let cause = Cause::Remote { place: self.place.clone(), detail: reason.to_owned() };
        StepError::harness(cause)
    }

    fn error(&self, error: &CmdError) -> StepError {
        let detail = match error {
            CmdError::Standard(answer) => first_line(&answer.message).to_owned(),
            CmdError::NotJson(_) | CmdError::Json(_) | CmdError::NotW3C(_) => {
                let help = "a user and a password belong into the address: https://USER:PASSWORD@HOST:PORT";
                return self.unusable("it does not answer as a WebDriver does").help(help);
            }
            CmdError::FailedC(error) => self.read_failure(error),
            CmdError::Failed(error) => self.read_failure(error),
            other => other.to_string(),
        };
        self.unusable(&detail)
    }

    fn read_failure(&self, error: &(dyn std::error::Error + 'static)) -> String {
        let host = self.url.host_str().unwrap_or("");
        let place = format!("{host}:{}", self.url.port_or_known_default().unwrap_or(0));
        read_cause(error, Phase::Connect, &place).to_string()
    }
}

impl RemoteSession {
    /// Sends a file to where the browser is; gives back its path there. None where that is not offered, as by a
    /// geckodriver without a Grid.
    pub(in crate::run::browser) async fn send_file(
        &self,
        archive: &[u8],
    ) -> Result<Option<String>, StepError> {
        let path = format!("session/{}/se/file", self.id);
        let body = json!({ "file": STANDARD.encode(archive) });
        match self.client.issue_cmd(Plain::post(&path, &body)).await {
            Ok(place) => Ok(place.as_str().map(str::to_owned)),
            Err(CmdError::Standard(answer)) if answer.error.description() == "unknown command" => Ok(None),
            Err(error) => Err(self.remote.error(&error)),
        }
    }

    /// Ends once the session is lost. A Grid does not tell: it keeps the connection for events open when the browser
    /// behind it has died, and whoever waits for the browser's answer would wait until the deadline.
    pub(in crate::run::browser) fn until_lost(&self) -> impl Future<Output = ()> + use<> {
        let (remote, id) = (self.remote.clone(), self.id.clone());
        async move {
            let Ok(client) = remote.client(&id).await else { return };
            loop {
                sleep(PULSE).await;
                if fails_twice(&client, &id).await {
                    return;
                }
            }
        }
    }

    /// Whether the session says that it is lost. One that is busy says nothing.
    pub(in crate::run::browser) async fn is_lost(&self) -> bool {
        let Ok(client) = self.remote.client(&self.id).await else { return false };
        timeout(PULSE_LIMIT, fails_twice(&client, &self.id)).await.unwrap_or(false)
    }

    /// Closes the session and waits for that. The error is why it may still be open.
    pub(in crate::run::browser) async fn close(&self) -> Result<(), String> {
        match timeout(CLOSE_LIMIT, self.try_to_close()).await {
            Ok(closed) => closed.map_err(|error| self.remote.error(&error).message),
            Err(_) => Err(format!("not closed in {} s", CLOSE_LIMIT.as_secs())),
        }
    }

    /// Tries it twice: what is no answer of a driver's may be a proxy's.
    async fn try_to_close(&self) -> Result<(), CmdError> {
        if self.delete().await.is_ok() {
            return Ok(());
        }
        sleep(CLOSE_PAUSE).await;
        self.delete().await
    }

    /// Delete Session (W3C WebDriver, section 8.2). One that is gone already has nothing to close.
    async fn delete(&self) -> Result<(), CmdError> {
        match self.client.issue_cmd(Plain::delete(&format!("session/{}", self.id))).await {
            Err(CmdError::Standard(answer)) if answer.error == ErrorStatus::InvalidSessionId => Ok(()),
            answer => answer.map(drop),
        }
    }
}

/// Whether a session cannot say which windows it has, and neither a moment later: a single bad answer may be that of a
/// proxy on the way. One that is busy answers later.
async fn fails_twice(client: &Client, id: &str) -> bool {
    let path = format!("session/{id}/window/handles");
    if client.issue_cmd(Plain::get(&path)).await.is_ok() {
        return false;
    }
    sleep(SECOND_PULSE).await;
    client.issue_cmd(Plain::get(&path)).await.is_err()
}

/// A command by its method and path.
#[derive(Debug)]
struct Plain {
    method: Method,
    path: String,
    body: Option<String>,
}

impl Plain {
    fn get(path: &str) -> Self {
        Self { method: Method::GET, path: path.to_owned(), body: None }
    }

    fn post(path: &str, body: &Value) -> Self {
        Self { method: Method::POST, path: path.to_owned(), body: Some(body.to_string()) }
    }

    fn delete(path: &str) -> Self {
        Self { method: Method::DELETE, path: path.to_owned(), body: None }
    }
}

impl WebDriverCompatibleCommand for Plain {
    fn endpoint(&self, base_url: &Url, _: Option<&str>) -> Result<Url, ParseError> {
        base_url.join(&self.path)
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (self.method.clone(), self.body.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(url: &str) -> Remote {
        let urls = vec![Url::parse(url).unwrap()];
        Remote::all(&RemoteSettings { urls, ca: None }).unwrap().remove(0)
    }

    #[test]
    fn no_message_shows_a_password() {
        let url = "https://team:s%40cret@grid.test:4444/wd/hub";
        let remote = remote(url);
        assert_eq!(remote.place, "https://grid.test:4444/wd/hub");
        let settings = RemoteSettings { urls: vec![Url::parse(url).unwrap()], ca: None };
        assert!(!format!("{settings:?} {remote:?}").contains("cret"));
        assert_eq!(settings.credentials().collect::<Vec<_>>(), [("team".to_owned(), "s@cret".to_owned())]);
    }

    #[test]
    fn a_grid_is_reached_by_the_name_that_was_given() {
        let remote = remote("https://team:secret@grid.test/hub");
        let socket = remote.socket_url("ws://172.17.0.2:4444/hub/session/1/se/bidi").unwrap();
        assert_eq!(socket.as_str(), "wss://grid.test/hub/session/1/se/bidi");
        assert_eq!(remote.authorization_for(&socket).unwrap(), "Basic dGVhbTpzZWNyZXQ=");
        let elsewhere = remote.socket_url("ws://192.0.2.1:9222/session/1").unwrap();
        assert_eq!(elsewhere.as_str(), "ws://192.0.2.1:9222/session/1");
        assert_eq!(remote.authorization_for(&elsewhere), None);
    }
}
