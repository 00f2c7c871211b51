//! The project file `smokegate.toml`: targets, how to reach them, what is allowed there.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::key::{KeyDefinition, KeyKind, key};
use super::names::Names;
use super::node::{Entry, NodeValue, parse_toml};
use super::read_scenario::BROWSERS;
use super::reader::{Keys, Reader};
use super::template::{Environment, Scope, Template, ValueTemplate};
use crate::source::{Diagnostic, Place, SourceFile};

/// The project file's name.
pub const PROJECT_FILE: &str = "smokegate.toml";

/// The tables of a project file.
pub const PROJECT_KEYS: &[KeyDefinition] = &[
    key("defaults", KeyKind::Table, "what holds unless a spec or the command line says otherwise"),
    key("target", KeyKind::Table, "the deployments under test, by name"),
];

/// The keys of `[defaults]`.
pub const DEFAULT_KEYS: &[KeyDefinition] = &[
    key("target", KeyKind::Name, "the target that is judged without --target"),
    key("timeout", KeyKind::Duration, "how long a step may take, its waiting included (10s)"),
    key("browser", KeyKind::Name, "chromium or firefox"),
    key("window", KeyKind::Name, "the inner viewport, exact: 1024x768"),
];

/// The keys of `[target.NAME]`.
pub const TARGET_KEYS: &[KeyDefinition] = &[
    key("url", KeyKind::Url, "its base address"),
    key("writes", KeyKind::Flag, "whether specs that leave data behind may run there (false)"),
    key("headers", KeyKind::Fields, "sent to this origin alone, by HTTP and browser alike"),
    key("basic_auth", KeyKind::Credentials, "user and password, sent to this origin alone"),
    key("resolve", KeyKind::Text, "reach this address whatever DNS says"),
    key("ca", KeyKind::Text, "a PEM file with certificates to trust"),
    key("insecure", KeyKind::Flag, "certificates are not verified; every report repeats it"),
    key("database", KeyKind::Table, "its databases, by name"),
    key("vars", KeyKind::Values, "names and values for templates"),
];

/// The keys of `[target.NAME.database.NAME]`.
pub const DATABASE_KEYS: &[KeyDefinition] = &[
    key("url", KeyKind::Text, "mysql:// mariadb:// postgres:// sqlite:"),
    key("writable", KeyKind::Flag, "without it connections are opened read only"),
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
    /// A PEM file with certificates to trust.
    pub ca: Option<PathBuf>,
    /// Whether certificates are not verified.
    pub insecure: bool,
    /// Its databases.
    pub databases: Vec<Database>,
    /// Names and values for templates.
    pub vars: Vec<(String, ValueTemplate)>,
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
            ca: None,
            insecure: false,
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

/// Reads a project file.
pub fn read_project(file: &Arc<SourceFile>, environment: &Environment) -> Result<Project, Vec<Diagnostic>> {
    let table = parse_toml(file)?;
    let mut reading = Reading { reader: Reader::new(file), names: Names::new(environment, []), environment };
    let keys = reading.reader.check_table(&table, &refs(PROJECT_KEYS), "in a project file");
    let defaults = reading.read_defaults(&keys);
    let targets = reading.read_targets(&keys);
    if let (Some(wanted), Some(entry)) =
        (&defaults.target, keys.table("defaults").and_then(|table| table.get("target")))
        && !targets.iter().any(|target| target.name.as_ref() == Some(wanted))
        && reading.reader.problems.is_empty()
    {
        let known = targets.iter().filter_map(|target| target.name.as_deref());
        reading.reader.unknown(entry.node.span, format!("there is no target `{wanted}`"), wanted, known);
    }
    if !reading.reader.problems.is_empty() {
        return Err(reading.reader.problems);
    }
    Ok(Project { defaults, targets, secrets: reading.names.secrets, path: Some(file.path.clone()) })
}

fn refs(definitions: &'static [KeyDefinition]) -> Vec<&'static KeyDefinition> {
    definitions.iter().collect()
}

struct Reading<'a> {
    reader: Reader,
    names: Names<'a>,
    environment: &'a Environment,
}

impl Reading<'_> {
    fn read_defaults(&mut self, keys: &Keys) -> Defaults {
        let Some(table) = keys.table("defaults") else {
            return Defaults::default();
        };
        let keys = self.reader.check_table(table, &refs(DEFAULT_KEYS), "in [defaults]");
        if let (Some(name), Some(entry)) = (keys.name("browser"), keys.entry("browser"))
            && !BROWSERS.contains(&name)
        {
            let message = format!("there is no browser `{name}`: expected {}", BROWSERS.join(" or "));
            self.reader.unknown(entry.node.span, message, name, BROWSERS.iter().copied());
        }
        Defaults {
            target: keys.name("target").map(str::to_owned),
            timeout: keys.duration("timeout"),
            browser: keys.name("browser").map(str::to_owned),
            window: self.read_window(&keys),
        }
    }

    fn read_window(&mut self, keys: &Keys) -> Option<(u32, u32)> {
        let (text, entry) = (keys.name("window")?, keys.entry("window")?);
        let size = text
            .split_once('x')
            .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
        if size.is_none_or(|(width, height): (u32, u32)| {
            width == 0 || height == 0 || width > 10_000 || height > 10_000
        }) {
            self.reader.problem(entry.node.span, "expected width and height in pixels, such as \"1024x768\"");
            return None;
        }
        size
    }

    fn read_targets(&mut self, keys: &Keys) -> Vec<Target> {
        let Some(table) = keys.table("target") else {
            return Vec::new();
        };
        let entries: Vec<Entry> = table.entries.clone();
        entries.iter().filter_map(|entry| self.read_target(entry)).collect()
    }

    fn read_target(&mut self, entry: &Entry) -> Option<Target> {
        let NodeValue::Table(table) = &entry.node.value else {
            let message = format!("a target is a table: [target.{}]", entry.key);
            self.reader.problem(entry.node.span, message);
            return None;
        };
        let keys = self.reader.check_table(table, &refs(TARGET_KEYS), "in a target");
        for inner in table.entries.iter().filter(|inner| inner.key != "vars") {
            self.names.check_node(&mut self.reader, &inner.node);
        }
        if !self.reader.problems.is_empty() {
            return None;
        }
        let scope = self.scope();
        let writes_span = keys.entry("writes").map_or(entry.key_span, Entry::span);
        Some(Target {
            name: Some(entry.key.clone()),
            url: self.read_url(&keys, entry, &scope),
            writes: keys.flag("writes").unwrap_or(false),
            writes_place: Some(self.reader.file.place(writes_span)),
            headers: self.render_fields(&keys.fields("headers"), &scope),
            basic_auth: keys
                .credentials("basic_auth")
                .map(|(user, password)| (self.render(&user, &scope), self.render(&password, &scope))),
            resolve: self.read_resolve(&keys, &scope),
            ca: self.read_ca(&keys, &scope),
            insecure: keys.flag("insecure").unwrap_or(false),
            databases: self.read_databases(&keys, &scope),
            vars: keys
                .fields("vars")
                .into_iter()
                .map(|(name, value)| (name.source().to_owned(), value))
                .collect(),
        })
    }

    fn scope(&self) -> Scope {
        let mut scope = Scope::default();
        scope.set_table("env", self.environment.variables());
        scope.set_table(
            "secret",
            self.names.secrets.iter().map(|(name, value)| (name.as_str(), value.as_str())),
        );
        scope
    }

    fn render(&mut self, template: &Template, scope: &Scope) -> String {
        template.render(scope).unwrap_or_else(|error| {
            self.reader.problem(template.span(), error.message);
            String::new()
        })
    }

    fn render_fields(
        &mut self,
        fields: &[(Template, ValueTemplate)],
        scope: &Scope,
    ) -> Vec<(String, String)> {
        let mut rendered = Vec::new();
        for (name, value) in fields {
            match value.render(scope) {
                Ok(value) => rendered.push((name.source().to_owned(), value.to_text())),
                Err(error) => self.reader.problem(name.span(), error.message),
            }
        }
        rendered
    }

    fn read_url(&mut self, keys: &Keys, entry: &Entry, scope: &Scope) -> Option<Url> {
        let Some(template) = keys.template("url") else {
            let message = format!("the target `{}` needs its address", entry.key);
            self.reader.problem_with_help(entry.key_span, message, "write it there: url = \"https://...\"");
            return None;
        };
        let text = self.render(&template, scope);
        match parse_base_url(&text) {
            Ok(url) => Some(url),
            Err(reason) => {
                self.reader.problem(template.span(), reason);
                None
            }
        }
    }

    fn read_resolve(&mut self, keys: &Keys, scope: &Scope) -> Option<IpAddr> {
        let template = keys.template("resolve")?;
        let text = self.render(&template, scope);
        let address = text.parse().ok();
        if address.is_none() {
            self.reader.problem(template.span(), "expected an IP address, such as \"203.0.113.7\"");
        }
        address
    }

    fn read_ca(&mut self, keys: &Keys, scope: &Scope) -> Option<PathBuf> {
        let template = keys.template("ca")?;
        let name = self.render(&template, scope);
        let path = self.reader.file.folder().join(name);
        if !path.is_file() {
            self.reader.problem(template.span(), format!("there is no file {}", path.display()));
        }
        Some(path)
    }

    fn read_databases(&mut self, keys: &Keys, scope: &Scope) -> Vec<Database> {
        let entries = keys.table("database").map(|table| table.entries.clone()).unwrap_or_default();
        entries.iter().filter_map(|entry| self.read_database(entry, scope)).collect()
    }

    fn read_database(&mut self, entry: &Entry, scope: &Scope) -> Option<Database> {
        let NodeValue::Table(table) = &entry.node.value else {
            let message = format!("a database is a table: [target.NAME.database.{}]", entry.key);
            self.reader.problem(entry.node.span, message);
            return None;
        };
        let keys = self.reader.check_table(table, &refs(DATABASE_KEYS), "in a database");
        let Some(url) = keys.template("url") else {
            let message = format!("the database `{}` needs its address", entry.key);
            self.reader.problem_with_help(
                entry.key_span,
                message,
                "write it there: url = \"postgres://...\"",
            );
            return None;
        };
        Some(Database {
            name: entry.key.clone(),
            url: self.render(&url, scope),
            writable: keys.flag("writable").unwrap_or(false),
            folder: self.reader.file.folder().to_owned(),
        })
    }
}

/// Reads a target's address; a bare host means http. The error says what is wrong with it.
pub fn parse_base_url(text: &str) -> Result<Url, String> {
    let text = text.trim();
    let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&full).map_err(|error| format!("{text:?} is no address: {error}"))?;
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
