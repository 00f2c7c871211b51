//! The address of a database server: who, where, which database, and how safely.

use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use url::Url;

use super::super::engine::Engine;
use super::super::{DatabaseSettings, spec_error};
use crate::verdict::StepError;

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Place {
    /// TCP.
    Network {
        /// A name or an address, without brackets.
        host: String,
        /// The port.
        port: u16,
    },
    /// A Unix socket: MariaDB's is a file, PostgreSQL's the folder that it lies in.
    Socket(PathBuf),
}

/// How safe the way to the server must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum TlsMode {
    /// No TLS.
    Disable,
    /// TLS where the server has it; nobody looks at its certificate.
    Prefer,
    /// TLS; nobody looks at the certificate.
    Require,
    /// TLS with a certificate that is trusted and made out to the host.
    Verify,
}

/// What the address of a server says. No `Debug`: it holds the password.
pub(in super::super) struct ServerAddress {
    /// The server.
    pub(in super::super) place: Place,
    /// The port; PostgreSQL's sockets have it in their names.
    pub(in super::super) port: u16,
    /// Who logs in.
    pub(in super::super) user: String,
    /// The password, if there is one.
    pub(in super::super) password: Option<String>,
    /// The database; the server's choice where none is named.
    pub(in super::super) database: Option<String>,
    /// How safe the way must be.
    pub(in super::super) tls: TlsMode,
    /// A file of certificates that are trusted instead of the machine's.
    pub(in super::super) roots: Option<PathBuf>,
    /// How long connecting may take, where that is less than the step has.
    pub(in super::super) connect_timeout: Option<Duration>,
}

impl ServerAddress {
    /// Reads `scheme://user:password@host:port/database?option=value`.
    pub(in super::super) fn read(settings: &DatabaseSettings, engine: Engine) -> Result<Self, StepError> {
        // The parser's own error is not told: it could quote a part of the password.
        let url = Url::parse(&fill_in_host(&settings.url)).map_err(|_| {
            bad_address(settings, engine, "it is not a valid URL; is its password percent-encoded?")
        })?;
        let text = |part: &str| percent_decode_str(part).decode_utf8().map(std::borrow::Cow::into_owned);
        let (Ok(user), Ok(password), Ok(database), Ok(host)) = (
            text(url.username()),
            url.password().map(text).transpose(),
            text(url.path().trim_start_matches('/')),
            text(url.host_str().unwrap_or_default()),
        ) else {
            return Err(bad_address(settings, engine, "it is not UTF-8 once percent encoding is undone"));
        };
        if user.is_empty() {
            return Err(bad_address(settings, engine, "it names no user"));
        }
        let host = if host.is_empty() { "localhost" } else { host.trim_matches(['[', ']']) };
        let port = url.port().unwrap_or(if engine == Engine::PostgreSql { 5432 } else { 3306 });
        let mut address = Self {
            place: Place::Network { host: host.to_owned(), port },
            port,
            user,
            password,
            database: Some(database).filter(|database| !database.is_empty()),
            tls: TlsMode::Prefer,
            roots: None,
            connect_timeout: None,
        };
        let mut mode = None;
        for (name, value) in url.query_pairs() {
            address
                .read_option(&name, &value, settings, &mut mode)
                .map_err(|reason| bad_address(settings, engine, &reason))?;
        }
        address.tls = match (mode, &address.roots) {
            // Who names the authority wants it to be looked at, as in PostgreSQL's own clients.
            (None | Some(TlsMode::Require), Some(_)) => TlsMode::Verify,
            (mode, _) => mode.unwrap_or(TlsMode::Prefer),
        };
        Ok(address)
    }

    fn read_option(
        &mut self,
        name: &str,
        value: &str,
        settings: &DatabaseSettings,
        mode: &mut Option<TlsMode>,
    ) -> Result<(), String> {
        let squeeze = |text: &str| text.to_ascii_lowercase().replace(['-', '_'], "");
        match squeeze(name).as_str() {
            "sslmode" => {
                *mode = Some(match squeeze(value).as_str() {
                    "disable" | "disabled" => TlsMode::Disable,
                    "allow" | "prefer" | "preferred" => TlsMode::Prefer,
                    "require" | "required" => TlsMode::Require,
                    "verifyca" | "verifyfull" | "verifyidentity" => TlsMode::Verify,
                    _ => {
                        return Err(format!(
                            "its sslmode is none of disable, prefer, require, verify-full: `{value}`"
                        ));
                    }
                });
            }
            "sslrootcert" | "sslca" => self.roots = Some(settings.folder.join(value)),
            "connecttimeout" => match value.parse() {
                Ok(seconds) if seconds > 0 => self.connect_timeout = Some(Duration::from_secs(seconds)),
                _ => return Err(format!("its connect_timeout is not a number of seconds: `{value}`")),
            },
            "socket" | "unixsocket" => self.place = Place::Socket(settings.folder.join(value)),
            "host" if value.starts_with('/') => self.place = Place::Socket(PathBuf::from(value)),
            // We speak UTF-8 in any case.
            "charset" | "clientencoding" if value.to_ascii_lowercase().starts_with("utf") => {}
            _ => {
                return Err(format!(
                    "its option `{name}` is not supported; there are sslmode, sslrootcert, connect_timeout and socket"
                ));
            }
        }
        Ok(())
    }

    /// Whether statements go over TCP, and to where, for messages: `host:port` or the socket.
    pub(in super::super) fn write_place(&self) -> String {
        match &self.place {
            Place::Network { host, port } if host.contains(':') => format!("[{host}]:{port}"),
            Place::Network { host, port } => format!("{host}:{port}"),
            Place::Socket(path) => path.display().to_string(),
        }
    }
}

/// An address of a socket may have a user and no host, which the rules of URLs do not allow.
fn fill_in_host(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if authority.ends_with('@') { format!("{scheme}://{authority}localhost{path}") } else { url.to_owned() }
}

fn bad_address(settings: &DatabaseSettings, engine: Engine, reason: &str) -> StepError {
    let scheme = if engine == Engine::PostgreSql { "postgres" } else { "mysql" };
    spec_error(format!("the address of the database `{}` cannot be used: {reason}", settings.name))
        .help(format!("write url = \"{scheme}://user:password@host/database?sslmode=verify-full\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<ServerAddress, StepError> {
        let settings = DatabaseSettings {
            name: "app".to_owned(),
            url: url.to_owned(),
            writable: false,
            folder: PathBuf::from("/project"),
        };
        ServerAddress::read(&settings, Engine::of_url(url).unwrap())
    }

    #[test]
    fn the_parts_of_an_address_are_read() {
        let address =
            read("postgresql://a%40b:p%2Fw%20d@[::1]:5433/shop?sslmode=require&connect_timeout=3").unwrap();
        assert_eq!((address.user.as_str(), address.password.as_deref()), ("a@b", Some("p/w d")));
        assert_eq!((address.database.as_deref(), address.tls), (Some("shop"), TlsMode::Require));
        assert_eq!(address.write_place(), "[::1]:5433");
        assert_eq!(address.connect_timeout, Some(Duration::from_secs(3)));
        let address = read("mysql+pymysql://u@db_1/?ssl-mode=VERIFY_IDENTITY&charset=utf8mb4").unwrap();
        assert_eq!((address.write_place().as_str(), address.tls), ("db_1:3306", TlsMode::Verify));
        assert_eq!((address.database, address.password), (None, None));
        let address = read("postgres://u@/shop?host=/run/postgresql").unwrap();
        assert_eq!(address.place, Place::Socket(PathBuf::from("/run/postgresql")));
    }

    #[test]
    fn who_names_an_authority_wants_it_to_be_verified() {
        for (query, mode) in [
            ("", TlsMode::Prefer),
            ("?sslrootcert=ca.pem", TlsMode::Verify),
            ("?sslmode=require&ssl-ca=ca.pem", TlsMode::Verify),
            ("?sslmode=disable", TlsMode::Disable),
        ] {
            let address = read(&format!("mysql://u@h/d{query}")).unwrap();
            assert_eq!(address.tls, mode, "{query}");
            assert!(address.roots.is_none_or(|path| path == std::path::Path::new("/project/ca.pem")));
        }
    }

    #[test]
    fn what_cannot_be_used_is_told_without_the_password() {
        for (url, part) in [
            ("mysql://h/db", "names no user"),
            ("mysql://u:geheim@h:99999/db", "not a valid URL"),
            ("postgres://u:geheim@h/db?sslmode=perhaps", "sslmode is none of"),
            ("postgres://u:geheim@h/db?pool=3", "`pool` is not supported"),
            ("postgres://u:geheim@h/db?connect_timeout=soon", "not a number of seconds"),
        ] {
            let error = read(url).err().unwrap();
            assert!(error.message.contains(part), "{}", error.message);
            assert!(!format!("{error:?}").contains("geheim"));
        }
    }
}
