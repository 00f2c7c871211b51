//! The project file `smokegate.toml`: targets, how to reach them, what is allowed there.
//!
//! | file | what it does |
//! | --- | --- |
//! | `read` | the file as a whole: defaults, secrets, the list of targets |
//! | `extend` | targets that extend others |
//! | `read_target` | one target |
//! | `read_mark` | pages that a team knows |
//! | `read_access` | how a target is reached: certificates, proxy, addresses |

mod extend;
mod read;
mod read_access;
mod read_mark;
mod read_target;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::key::{KeyDefinition, KeyKind, key};
use super::template::ValueTemplate;
use crate::expect::Subject;
use crate::source::{Place, SourceFile, Span};

pub use read::read_project;

/// The project file's name.
pub const PROJECT_FILE: &str = "smokegate.toml";

/// The tables of a project file.
pub const PROJECT_KEYS: &[KeyDefinition] = &[
    key("defaults", KeyKind::Table, "what holds unless a spec or the command line says otherwise"),
    key("target", KeyKind::Table, "the deployments under test, by name"),
    key("secrets", KeyKind::Table, "where secrets are found beside the environment"),
    key("mark", KeyKind::Tables, "pages of your own that tell what is broken, such as a maintenance page"),
];

/// The keys of `[secrets]`.
pub const SECRET_KEYS: &[KeyDefinition] = &[key(
    "file",
    KeyKind::Name,
    "a dotenv file beside the project file; what the environment says goes before it",
)];

/// The keys of `[defaults]`.
pub const DEFAULT_KEYS: &[KeyDefinition] = &[
    key("target", KeyKind::Name, "the target that is judged without --target"),
    key("timeout", KeyKind::Duration, "how long a step may take, its waiting included (10s)"),
    key(
        "scenario_timeout",
        KeyKind::Duration,
        "how long a scenario may take, its cleanup and its wait for a browser left out (no limit)",
    ),
    key("retries", KeyKind::Number, "how often a scenario is tried again when it fails (0)"),
    key("browser", KeyKind::Name, "chromium or firefox"),
    key("window", KeyKind::Name, "the inner viewport, exact: 1024x768"),
];

/// The keys of `[target.NAME]`.
pub const TARGET_KEYS: &[KeyDefinition] = &[
    key("extends", KeyKind::Name, "another target, whose values hold where this one says nothing"),
    key("url", KeyKind::Url, "its base address"),
    key("writes", KeyKind::Flag, "whether specs that leave data behind may run there (false)"),
    key("headers", KeyKind::Fields, "sent to this origin alone, by HTTP and browser alike"),
    key("basic_auth", KeyKind::Credentials, "user and password, sent to this origin alone"),
    key("resolve", KeyKind::Text, "reach this address whatever DNS says"),
    key(
        "addresses",
        KeyKind::Fields,
        "other hosts and the addresses that are reached for them, whatever DNS says",
    ),
    key(
        "proxy",
        KeyKind::Text,
        "http://, https:// or socks5:// address of a proxy, or \"\" for none (what the environment says)",
    ),
    key("no_proxy", KeyKind::Names, "hosts and networks that are reached without the proxy"),
    key("ca", KeyKind::TextOrTexts, "PEM files with certificates to trust beside the machine's own"),
    key(
        "client_certificate",
        KeyKind::Text,
        "a PEM file with the certificate that we show to its host, its chain behind it",
    ),
    key(
        "client_key",
        KeyKind::Text,
        "a PEM file with the certificate's key; may be left out where it stands in `client_certificate`",
    ),
    key("insecure", KeyKind::Flag, "certificates are not verified; every report repeats it"),
    key("revision", KeyKind::Table, "where the site says which release it is"),
    key("database", KeyKind::Table, "its databases, by name"),
    key("vars", KeyKind::Values, "names and values for templates"),
];

/// The keys of `[target.NAME.database.NAME]`.
pub const DATABASE_KEYS: &[KeyDefinition] = &[
    key("url", KeyKind::Text, "mysql:// mariadb:// postgres:// sqlite:"),
    key("writable", KeyKind::Flag, "without it connections are opened read only"),
];

/// The keys of `[target.NAME.revision]`.
pub const REVISION_KEYS: &[KeyDefinition] = &[
    key("get", KeyKind::Url, "the address that is asked"),
    key("from", KeyKind::Name, "the subject that is the revision, such as json.$.sha or header.x-revision"),
    key(
        "expected",
        KeyKind::Text,
        "the revision that must be there, on every worker; --revision and SMOKEGATE_REVISION go before it",
    ),
];

/// The keys of `[[mark]]`.
pub const MARK_KEYS: &[KeyDefinition] = &[
    key("name", KeyKind::Name, "what the page is, such as \"our maintenance page\""),
    key("code", KeyKind::Name, "the diagnosis that it gives, such as proxy.unavailable"),
    key("what", KeyKind::Name, "what is told of it (its name); {group} is a named group of an expression"),
    key("status", KeyKind::Names, "one of these, such as [\"503\"]; x stands for any digit"),
    key("header", KeyKind::Fields, "expressions on headers, by their names"),
    key("media", KeyKind::Name, "expression on the media type"),
    key("title", KeyKind::Name, "expression on the title"),
    key("heading", KeyKind::Name, "expression on the first <h1>"),
    key(
        "headline",
        KeyKind::Name,
        "expression on title, headings and what frameworks print of an exception; the whole text where that is short",
    ),
    key("text", KeyKind::Name, "expression on the visible text"),
    key("body", KeyKind::Name, "expression on the source"),
    key(
        "max_text",
        KeyKind::Number,
        "the most characters of visible text: the page says this and nothing else",
    ),
    key(
        "judged",
        KeyKind::Name,
        "always (such a page fails whatever was expected), home (at / only) or never (it explains a failure)",
    ),
    key("certainty", KeyKind::Name, "certain or probable (certain)"),
    key("advice", KeyKind::Names, "what to do next, one line each"),
];

/// What a project file says.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// `[defaults]`.
    pub defaults: Defaults,
    /// The targets in the order written.
    pub targets: Vec<Target>,
    /// Secrets that it uses, with their values.
    pub secrets: BTreeMap<String, String>,
    /// Pages that the team knows.
    pub marks: Vec<OwnMark>,
    /// What its dotenv file says, used or not.
    pub secrets_file: SecretsFile,
    /// Where the file lies.
    pub path: Option<PathBuf>,
}

/// What holds unless a spec or the command line says otherwise.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    /// The target's name.
    pub target: Option<String>,
    /// Of a step.
    pub timeout: Option<Duration>,
    /// Of a scenario, cleanup left out.
    pub scenario_timeout: Option<Duration>,
    /// How often a scenario is tried again when it fails.
    pub retries: Option<usize>,
    /// `chromium` or `firefox`.
    pub browser: Option<String>,
    /// Inner width and height in CSS pixels.
    pub window: Option<(u32, u32)>,
}

/// A deployment under test.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its name; none for a bare address.
    pub name: Option<String>,
    /// Its base address.
    pub url: Option<Url>,
    /// Whether specs that leave data behind may run there.
    pub writes: bool,
    /// Where that is said, or where its table begins.
    pub writes_place: Option<Place>,
    /// Sent to its origin alone.
    pub headers: Vec<(String, String)>,
    /// User and password.
    pub basic_auth: Option<(String, String)>,
    /// Reached instead of what DNS says.
    pub resolve: Option<IpAddr>,
    /// Other hosts, and what is reached for them instead of what DNS says.
    pub addresses: Vec<(String, IpAddr)>,
    /// The way to everything.
    pub proxy: ProxyChoice,
    /// Hosts, `.domains` and networks that are reached without a proxy; none where nothing is said about them.
    pub no_proxy: Option<Vec<String>>,
    /// PEM files with certificates to trust.
    pub ca: Vec<PathBuf>,
    /// What we show to its host.
    pub client_identity: Option<ClientIdentity>,
    /// Whether certificates are not verified.
    pub insecure: bool,
    /// Where it says which release it is.
    pub revision: Option<Revision>,
    /// Its databases.
    pub databases: Vec<Database>,
    /// Names and values for templates.
    pub vars: Vec<(String, ValueTemplate)>,
}

/// Which proxy is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ProxyChoice {
    /// What the environment says.
    #[default]
    Environment,
    /// None.
    Direct,
    /// This one: `http:`, `https:`, `socks5:` (names are looked up here) or `socks5h:` (there); user and password may
    /// stand in it.
    Through(Url),
}

impl ProxyChoice {
    /// How a proxy's address may begin.
    const SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];

    /// Reads the address of a proxy; a bare host means http, as curl has it.
    pub fn parse(text: &str) -> Option<Url> {
        let text = text.trim();
        let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        Url::parse(&full).ok().filter(|url| {
            Self::SCHEMES.contains(&url.scheme()) && url.host_str().is_some_and(|host| !host.is_empty())
        })
    }
}

/// A certificate of our own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientIdentity {
    /// A PEM file with the certificate, its chain behind it.
    pub certificate: PathBuf,
    /// A PEM file with its key.
    pub key: PathBuf,
}

/// Where a site says which release it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// The address that is asked.
    pub get: String,
    /// What in its answer is the revision.
    pub from: Subject,
    /// The revision that must be there; none where any will do.
    pub expected: Option<String>,
}

/// A page that a team knows: `[[mark]]`.
#[derive(Clone, Debug)]
pub struct OwnMark {
    /// What the page is.
    pub name: String,
    /// The diagnosis that it gives.
    pub code: String,
    /// Where that stands.
    pub code_span: Span,
    /// The file in which it stands.
    pub file: Arc<SourceFile>,
    /// What is told of it.
    pub what: String,
    /// One of these; `x` stands for any digit; any where it is empty.
    pub status: Vec<String>,
    /// Headers in lower case, and the expressions on them.
    pub header: Vec<(String, String)>,
    /// `media`, `title`, `heading`, `headline`, `text`, `body`, and the expressions on them.
    pub patterns: Vec<(&'static str, String)>,
    /// The most characters of visible text.
    pub max_text: Option<usize>,
    /// `always`, `home` or `never`.
    pub judged: Option<String>,
    /// `certain` or `probable`.
    pub certainty: Option<String>,
    /// What to do next, one line each.
    pub advice: Vec<String>,
}

/// What a dotenv file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretsFile {
    /// The file as the project names it; none where it names none.
    pub name: Option<String>,
    /// Whether it is there.
    pub exists: bool,
    /// Names and values.
    pub values: BTreeMap<String, String>,
}

/// A database of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// Its name.
    pub name: String,
    /// Its address.
    pub url: String,
    /// Whether statements may write.
    pub writable: bool,
    /// The folder that a relative file is in.
    pub folder: PathBuf,
}

impl Target {
    /// A target that is nothing but an address.
    pub fn bare(url: Url) -> Self {
        Self {
            name: None,
            url: Some(url),
            writes: false,
            writes_place: None,
            headers: Vec::new(),
            basic_auth: None,
            resolve: None,
            addresses: Vec::new(),
            proxy: ProxyChoice::Environment,
            no_proxy: None,
            ca: Vec::new(),
            client_identity: None,
            insecure: false,
            revision: None,
            databases: Vec::new(),
            vars: Vec::new(),
        }
    }
}

/// Finds the project file for a spec: in its folder or above it.
pub fn find_project_file(start: &Path) -> Option<PathBuf> {
    let start = std::path::absolute(start).ok()?;
    start.ancestors().map(|folder| folder.join(PROJECT_FILE)).find(|path| path.is_file())
}

/// Reads a target's address; a bare host means http. The error says what is wrong with it.
pub fn parse_base_url(text: &str) -> Result<Url, String> {
    let text = text.trim();
    let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&full).map_err(|error| format!("{text:?} is not a valid URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!(
            "a target's address begins with http:// or https://, not with {}:",
            url.scheme()
        ));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(format!("{text:?} names no host"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_host_means_http() {
        assert_eq!(parse_base_url("staging.example.com").unwrap().as_str(), "http://staging.example.com/");
        assert_eq!(parse_base_url("127.0.0.1:8000").unwrap().as_str(), "http://127.0.0.1:8000/");
        assert_eq!(parse_base_url("https://a.example/x").unwrap().as_str(), "https://a.example/x");
        assert!(parse_base_url("ftp://a.example").is_err());
        assert!(parse_base_url("http://").is_err());
        assert!(parse_base_url("a b").is_err());
    }
}
