//! The database: lists and their items, in an SQLite file of a temporary folder.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rusqlite::{Connection, OptionalExtension as _};
use tempfile::TempDir;

/// The tables as the application's models need them.
const SCHEMA: &str = "
    create table lists_list (id integer primary key autoincrement, created text not null default current_timestamp);
    create table lists_item (
        id integer primary key autoincrement,
        text text not null,
        list_id integer not null references lists_list (id),
        done boolean not null default 0
    );
    create index lists_item_list on lists_item (list_id);";

/// What an older release left behind: it knew nothing of `done`.
const OLDER: &str = "alter table lists_item drop column done";

/// The database.
pub(super) struct Store {
    path: PathBuf,
    folder: Mutex<Option<TempDir>>,
    connection: Mutex<Connection>,
}

impl Store {
    /// Creates an empty database; one that lacks the latest migration if asked.
    pub(super) fn create(is_behind: bool) -> Result<Self, rusqlite::Error> {
        let unusable = |error: std::io::Error| rusqlite::Error::ToSqlConversionFailure(Box::new(error));
        let folder = tempfile::Builder::new().prefix("smokegate-demo-").tempdir().map_err(unusable)?;
        let path = folder.path().join("demo.sqlite3");
        let connection = Connection::open(&path)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.execute_batch(SCHEMA)?;
        if is_behind {
            connection.execute_batch(OLDER)?;
        }
        Ok(Self { path, folder: Mutex::new(Some(folder)), connection: Mutex::new(connection) })
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Deletes the temporary folder.
    pub(super) fn delete(&self) {
        if let Some(folder) = self.folder.lock().ok().and_then(|mut folder| folder.take()) {
            let _ = folder.close();
        }
    }

    fn with<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let connection = self.connection.lock().map_err(|_| rusqlite::Error::InvalidQuery)?;
        work(&connection)
    }

    /// Adds a list with its first item; gives back its id. Both are written, or none.
    pub(super) fn create_list(&self, text: &str) -> rusqlite::Result<i64> {
        self.with(|connection| {
            let transaction = connection.unchecked_transaction()?;
            transaction.execute("insert into lists_list default values", [])?;
            let id = transaction.last_insert_rowid();
            transaction.execute("insert into lists_item (text, list_id, done) values (?1, ?2, 0)", (text, id))?;
            transaction.commit()?;
            Ok(id)
        })
    }

    /// Adds a list without items.
    pub(super) fn create_empty_list(&self) -> rusqlite::Result<i64> {
        self.with(|connection| {
            connection.execute("insert into lists_list default values", [])?;
            Ok(connection.last_insert_rowid())
        })
    }

    /// Adds an item.
    pub(super) fn add_item(&self, list: i64, text: &str) -> rusqlite::Result<()> {
        self.with(|connection| {
            connection.execute("insert into lists_item (text, list_id, done) values (?1, ?2, 0)", (text, list))?;
            Ok(())
        })
    }

    /// The items of a list; none if there is no such list.
    pub(super) fn items(&self, list: i64) -> rusqlite::Result<Option<Vec<String>>> {
        self.with(|connection| {
            let found = connection.query_row("select 1 from lists_list where id = ?1", [list], |_| Ok(())).optional()?;
            if found.is_none() {
                return Ok(None);
            }
            let mut statement = connection.prepare("select text from lists_item where list_id = ?1 order by id")?;
            let items = statement.query_map([list], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            Ok(Some(items))
        })
    }

    /// All lists with their first items, the newest first, at most fifty.
    pub(super) fn lists(&self) -> rusqlite::Result<Vec<(i64, String)>> {
        self.with(|connection| {
            let mut statement = connection.prepare(
                "select list_id, text from lists_item group by list_id having id = min(id) order by list_id desc limit 50",
            )?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
    }

    /// Deletes a list with its items; false if there is none.
    pub(super) fn delete_list(&self, list: i64) -> rusqlite::Result<bool> {
        self.with(|connection| {
            connection.execute("delete from lists_item where list_id = ?1", [list])?;
            Ok(connection.execute("delete from lists_list where id = ?1", [list])? > 0)
        })
    }
}
