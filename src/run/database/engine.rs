//! Which kind of database an address means.

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    /// A file.
    Sqlite,
    /// MariaDB and MySQL: one protocol.
    MariaDb,
    /// PostgreSQL.
    PostgreSql,
}

impl Engine {
    /// The kind by the address's scheme, also in the form `postgresql+driver:`; none for another scheme.
    pub(super) fn of_url(url: &str) -> Option<Self> {
        let (scheme, _) = url.split_once(':')?;
        let scheme = scheme.to_ascii_lowercase();
        match scheme.split('+').next().unwrap_or_default() {
            "sqlite" | "sqlite3" => Some(Self::Sqlite),
            "mysql" | "mariadb" => Some(Self::MariaDb),
            "postgres" | "postgresql" => Some(Self::PostgreSql),
            _ => None,
        }
    }

    /// The kind in messages.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::MariaDb => "MariaDB or MySQL",
            Self::PostgreSql => "PostgreSQL",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Engine;

    #[test]
    fn the_scheme_names_the_engine() {
        assert_eq!(Engine::of_url("sqlite:a.db"), Some(Engine::Sqlite));
        assert_eq!(Engine::of_url("MariaDB://h/db"), Some(Engine::MariaDb));
        assert_eq!(Engine::of_url("postgresql+psycopg2://h/db"), Some(Engine::PostgreSql));
        assert_eq!(Engine::of_url("/var/lib/app.db"), None);
    }
}
