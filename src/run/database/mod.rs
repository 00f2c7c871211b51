//! The target's databases: one statement in, rows out. The only user of SQL clients under `run`.
//!
//! Each kind of database is a file of its own here; [`Engine`] tells by the address which one is meant.
//! Connections are read only by the database's own means unless the target declares the database writable.

mod answer;
mod engine;
mod mariadb;
mod postgresql;
mod server;
mod sqlite;
mod statement;
mod stop;

use std::path::PathBuf;

use tokio::time::Instant;

use crate::evidence::{Cause, Evidence, Rows};
use crate::run::outcome::Outcome;
use crate::source::nearest;
use crate::spec::action::SqlCall;
use crate::verdict::StepError;

use engine::Engine;
use mariadb::MariaDatabase;
use postgresql::PostgresDatabase;
use sqlite::SqliteDatabase;

/// A database as the target declares it.
#[derive(Clone)]
pub struct DatabaseSettings {
    /// The name in `[target.NAME.database.…]`.
    pub name: String,
    /// Its address; it may hold a password and is never shown.
    pub url: String,
    /// Whether statements may write.
    pub writable: bool,
    /// What a relative path in the address is relative to: the project file's folder.
    pub folder: PathBuf,
}

/// The databases of a target, with the connections that are open to them.
pub struct Databases {
    databases: Vec<Database>,
}

struct Database {
    name: String,
    is_writable: bool,
    /// A declaration that does not hold is told when a step uses it, so that the others can be used.
    connection: Result<Connection, StepError>,
}

/// A database by its kind.
enum Connection {
    Sqlite(SqliteDatabase),
    MariaDb(MariaDatabase),
    PostgreSql(PostgresDatabase),
}

impl Databases {
    /// Takes the declarations; opens nothing.
    pub fn new(settings: Vec<DatabaseSettings>) -> Self {
        let databases = settings
            .into_iter()
            .map(|settings| Database {
                connection: prepare(&settings),
                is_writable: settings.writable,
                name: settings.name,
            })
            .collect();
        Self { databases }
    }

    /// Their names, in the order declared.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.databases.iter().map(|database| database.name.as_str())
    }

    /// Whether the database that a statement is for is declared writable; the only one where none is named.
    pub fn is_writable(&self, wanted: Option<&str>) -> bool {
        let mut named = self.databases.iter().filter(|one| wanted.is_none_or(|name| one.name == name));
        named.next().is_some_and(|database| database.is_writable)
    }

    /// Runs one statement and gives its rows as [`Evidence::Rows`].
    ///
    /// The statement is really stopped, and what it wrote is rolled back, when the deadline comes or the future is
    /// dropped. An error is the target's where the database is not as the statement expects it (no such table,
    /// corrupt, locked, no answer in time), and ours where we could not ask (no file, no permission, no valid SQL,
    /// a write to a database that is not declared writable).
    pub async fn run(&self, call: &SqlCall, deadline: Instant) -> Outcome {
        let rows = match self.find(call.database.as_deref()) {
            Ok((name, database)) => database.run(name, call, deadline).await,
            Err(error) => Err(error),
        };
        match rows {
            Ok(rows) => Outcome::seen(Evidence::Rows(rows)),
            Err(error) => Outcome::error(error),
        }
    }

    fn find(&self, wanted: Option<&str>) -> Result<(&str, &Connection), StepError> {
        let found = match (wanted, self.databases.as_slice()) {
            (_, []) => return Err(none_declared()),
            (None, [only]) => only,
            (None, several) => return Err(several_declared(several)),
            (Some(name), several) => several
                .iter()
                .find(|database| database.name == name)
                .ok_or_else(|| unknown_database(name, several))?,
        };
        match &found.connection {
            Ok(database) => Ok((&found.name, database)),
            Err(error) => Err(error.clone()),
        }
    }
}

impl Connection {
    async fn run(&self, name: &str, call: &SqlCall, deadline: Instant) -> Result<Rows, StepError> {
        match self {
            Self::Sqlite(database) => database.run(name, call, deadline).await,
            Self::MariaDb(database) => database.run(name, call, deadline).await,
            Self::PostgreSql(database) => database.run(name, call, deadline).await,
        }
    }
}

fn prepare(settings: &DatabaseSettings) -> Result<Connection, StepError> {
    Ok(match Engine::of_url(&settings.url) {
        Some(Engine::Sqlite) => Connection::Sqlite(SqliteDatabase::new(settings)?),
        Some(Engine::MariaDb) => Connection::MariaDb(MariaDatabase::new(settings)?),
        Some(Engine::PostgreSql) => Connection::PostgreSql(PostgresDatabase::new(settings)?),
        None => {
            return Err(spec_error(format!(
                "the address of the database `{}` begins with none of the supported schemes",
                settings.name
            ))
            .help("it begins with mysql:// mariadb:// postgres:// or sqlite:"));
        }
    })
}

fn spec_error(detail: impl Into<String>) -> StepError {
    StepError::harness(Cause::Spec { detail: detail.into() })
}

fn none_declared() -> StepError {
    spec_error("the target declares no database").help(
        "declare it in smokegate.toml: [target.NAME.database.app] with url = \"sqlite:path/to/file.db\"",
    )
}

fn several_declared(databases: &[Database]) -> StepError {
    spec_error("the target declares several databases, and the step does not say which it means")
        .help(format!("add database = \"NAME\" to the step; there are: {}", list_names(databases)))
}

fn unknown_database(name: &str, databases: &[Database]) -> StepError {
    let meant = nearest(name, databases.iter().map(|database| database.name.as_str()));
    let error = spec_error(format!("the target declares no database `{name}`"));
    let names = list_names(databases);
    error.help(match meant {
        Some(meant) => format!("did you mean `{meant}`? there are: {names}"),
        None => format!("there are: {names}"),
    })
}

fn list_names(databases: &[Database]) -> String {
    databases.iter().map(|database| database.name.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::verdict::Origin;

    fn settings(name: &str, url: &str) -> DatabaseSettings {
        DatabaseSettings {
            name: name.to_owned(),
            url: url.to_owned(),
            writable: false,
            folder: PathBuf::new(),
        }
    }

    async fn fail(databases: &Databases, database: Option<&str>) -> StepError {
        let call =
            SqlCall { sql: "select 1".to_owned(), database: database.map(str::to_owned), params: Vec::new() };
        let error = databases.run(&call, Instant::now() + Duration::from_secs(5)).await.error.unwrap();
        assert_eq!(error.origin, Origin::Harness);
        error
    }

    #[tokio::test]
    async fn a_target_without_databases_says_how_to_declare_one() {
        let error = fail(&Databases::new(Vec::new()), None).await;
        assert_eq!(error.message, "the target declares no database");
        assert!(error.help.unwrap().contains("[target.NAME.database.app]"));
    }

    #[tokio::test]
    async fn a_step_that_could_mean_several_databases_lists_them() {
        let databases = Databases::new(vec![settings("app", "sqlite:a.db"), settings("log", "sqlite:b.db")]);
        assert!(fail(&databases, None).await.help.unwrap().ends_with("there are: app, log"));
        let error = fail(&databases, Some("apq")).await;
        assert_eq!(error.message, "the target declares no database `apq`");
        assert_eq!(error.help.unwrap(), "did you mean `app`? there are: app, log");
    }

    #[tokio::test]
    async fn an_address_that_is_not_supported_is_told_without_its_password() {
        let error = fail(&Databases::new(vec![settings("app", "oracle://u:geheim@h/db")]), None).await;
        assert!(error.message.contains("none of the supported schemes"), "{}", error.message);
        assert!(!format!("{error:?}").contains("geheim"));
        assert!(error.help.unwrap().contains("sqlite:"));
    }
}
