//! `sql` on SQLite.

use std::path::Path;

use tempfile::TempDir;

use crate::support::{Judged, folder_with, run_with_reports};

/// A folder with a database of one table, a project that names it, and this spec.
fn folder(spec: &str, is_writable: bool) -> TempDir {
    let project = format!(
        "[target.local]\nurl = \"http://127.0.0.1:1\"\nwrites = true\n\n\
         [target.local.database.app]\nurl = \"sqlite:shop.sqlite3\"\nwritable = {is_writable}\n"
    );
    let folder = folder_with(&[("smokegate.toml", &project), ("specs/a.toml", spec)]);
    let database = open(folder.path());
    database
        .execute_batch(
            "create table item (id integer primary key, name text, price real, sold integer, picture blob);
             insert into item values (1, 'feather', 2.5, null, x'00ff'), (2, 'fly', 4, 1, null);",
        )
        .unwrap();
    folder
}

fn open(folder: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(folder.join("shop.sqlite3")).unwrap()
}

fn names(folder: &TempDir) -> i64 {
    open(folder.path()).query_row("select count(*) from item", [], |row| row.get(0)).unwrap()
}

fn run(folder: &TempDir) -> Judged {
    run_with_reports(folder, &["--target", "local"], &[])
}

#[test]
fn rows_columns_and_parameters_are_seen_with_their_types() {
    let folder = folder(
        "[[step]]\nsql = \"select * from item where name = :name and id >= :least\"\n\
         params = { name = \"feather\", least = 1 }\nexpect.rows = 1\nexpect.row.id = 1\nexpect.row.price = 2.5\n\
         expect.row.sold.type = \"null\"\nexpect.row.picture.type = \"binary\"\ncapture.id = \"row.id\"\n\n\
         [[step]]\nsql = \"select name from item where id > :id order by id\"\nparams = { id = \"{{ id }}\" }\n\
         expect.column.name = [\"fly\"]\n\n\
         [[step]]\nsql = \"select name from item where name = :name\"\nparams = { name = \"' or 1=1 --\" }\nexpect.rows = 0\n",
        false,
    );
    run(&folder).assert_code(0);
}

#[test]
fn a_row_that_is_not_as_expected_fails_and_the_rows_are_shown() {
    let folder = folder("[[step]]\nsql = \"select id, name from item\"\nexpect.row.name = \"hook\"\n", false);
    let judged = run(&folder);
    judged.assert_code(1);
    assert!(judged.output.stdout.contains("id = 1, name = \"feather\""), "{}", judged.output.stdout);
}

#[test]
fn nothing_is_written_unless_the_target_says_writable() {
    let spec =
        "writes = true\n[[step]]\nsql = \"insert into item (name) values ('hook')\"\nexpect.affected = 1\n";
    let read_only = folder(spec, false);
    let judged = run(&read_only);
    judged.assert_code(3);
    assert_eq!(names(&read_only), 2);
    assert!(judged.output.stdout.contains("writable = true"), "the remedy: {}", judged.output.stdout);
    let writable = folder(spec, true);
    run(&writable).assert_code(0);
    assert_eq!(names(&writable), 3);
}

#[test]
fn a_missing_table_is_the_sites_fault_and_a_missing_file_ours() {
    let missing_table = folder("[[step]]\nsql = \"select * from order_line\"\n", false);
    let judged = run(&missing_table);
    judged.assert_code(1);
    assert!(judged.output.stdout.contains("order_line"), "{}", judged.output.stdout);
    let missing_file = folder("[[step]]\nsql = \"select * from item\"\n", false);
    std::fs::remove_file(missing_file.path().join("shop.sqlite3")).unwrap();
    let judged = run(&missing_file);
    assert_ne!(judged.output.code, 0, "{}", judged.output.stdout);
    assert!(!missing_file.path().join("shop.sqlite3").exists(), "it must not be made by looking at it");
}
