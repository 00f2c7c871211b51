//! Statements on real files.

use std::time::Duration;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::*;
use crate::evidence::{Evidence, Phase};
use crate::run::database::Databases;
use crate::verdict::Origin;

struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn new(schema: &str) -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap() };
        create(&site.path(), schema);
        site
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("app.db")
    }

    fn databases(&self, writable: bool) -> Databases {
        self.databases_at("sqlite:app.db", writable)
    }

    fn databases_at(&self, url: &str, writable: bool) -> Databases {
        Databases::new(vec![DatabaseSettings {
            name: "app".to_owned(),
            url: url.to_owned(),
            writable,
            folder: self.folder.path().to_owned(),
        }])
    }
}

fn create(path: &Path, schema: &str) {
    Connection::open(path).unwrap().execute_batch(schema).unwrap();
}

fn call(sql: &str, params: &[(&str, Value)]) -> SqlCall {
    let params = params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    SqlCall { sql: sql.to_owned(), database: None, params }
}

fn soon(milliseconds: u64) -> tokio::time::Instant {
    tokio::time::Instant::now() + Duration::from_millis(milliseconds)
}

async fn run(databases: &Databases, sql: &str, params: &[(&str, Value)]) -> Result<Rows, StepError> {
    let outcome = databases.run(&call(sql, params), soon(5_000)).await;
    match (outcome.evidence, outcome.error) {
        (Some(Evidence::Rows(rows)), None) => Ok(rows),
        (None, Some(error)) => Err(error),
        other => panic!("{other:?}"),
    }
}

async fn fail(databases: &Databases, sql: &str) -> (Origin, String, StepError) {
    let error = run(databases, sql, &[]).await.unwrap_err();
    let code = match &error.cause {
        Cause::Sql { state: None, code, .. } => code.clone(),
        other => other.name().to_owned(),
    };
    (error.origin, code, error)
}

const ITEMS: &str = "create table item (id integer primary key, text varchar(50) not null, done boolean);
    insert into item (text, done) values ('Buy feathers', 0), ('Make a fly', 1)";

#[tokio::test]
async fn rows_come_with_their_columns_types_and_time() {
    let databases = Site::new(ITEMS);
    let rows = run(
        &databases.databases(false),
        "select id, text, done, id * 1.5 as x from item where text = :text",
        &[("text", Value::text("Make a fly"))],
    )
    .await
    .unwrap();
    let columns: Vec<_> =
        rows.columns.iter().map(|column| (column.name.as_str(), column.data_type.as_str())).collect();
    assert_eq!(columns, [("id", "INTEGER"), ("text", "varchar(50)"), ("done", "boolean"), ("x", "")]);
    let expected = [Value::Integer(2), Value::text("Make a fly"), Value::Bool(true), Value::Float(3.0)];
    assert_eq!(rows.rows, [expected]);
    assert_eq!((rows.count, rows.affected, rows.database.as_str()), (1, None, "app"));
    assert!(rows.total_ms > 0.0);
}

#[tokio::test]
async fn every_stored_type_becomes_a_value() {
    let site = Site::new(
        "create table t (i integer, r real, s text, b blob, n text, d decimal(5,2), two boolean, bad text);
         insert into t values (-9223372036854775808, 1.25, 'é', x'00ff', null, '1.10', 2, cast(x'ff' as text))",
    );
    let rows = run(&site.databases(false), "select * from t", &[]).await.unwrap();
    let binary = |length: u64, sha256: &str| Value::Binary { length, sha256: sha256.to_owned() };
    let expected = [
        Value::Integer(i64::MIN),
        Value::Float(1.25),
        Value::text("é"),
        binary(2, "06eb7d6a69ee19e5fbdf749018d3d2abfa04bcbd1365db312eb86dc7169389b8"),
        Value::Null,
        Value::Float(1.1),
        Value::Integer(2),
        binary(1, "a8100ae6aa1940d0b663bb31cd466142ebbdbd5187131b92d93818987832eb89"),
    ];
    assert_eq!(rows.rows, [expected]);
}

#[tokio::test]
async fn every_kind_of_parameter_is_bound() {
    let site = Site::new("");
    let databases = site.databases(false);
    for (value, kind, seen) in [
        (Value::Null, "null", Value::Null),
        (Value::Bool(true), "integer", Value::Integer(1)),
        (Value::Integer(-3), "integer", Value::Integer(-3)),
        (Value::Unsigned(7), "integer", Value::Integer(7)),
        (Value::Float(0.5), "real", Value::Float(0.5)),
        (Value::text("'; drop"), "text", Value::text("'; drop")),
        (Value::Decimal { decimal: "1.10".to_owned() }, "text", Value::text("1.10")),
        (Value::Size { bytes: 9 }, "integer", Value::Integer(9)),
        (Value::Duration { ms: 12.0 }, "real", Value::Float(12.0)),
        (Value::List(vec![Value::Integer(1), Value::Null]), "text", Value::text("[1,null]")),
    ] {
        let rows = run(&databases, "select typeof(:v), :v", &[("v", value)]).await.unwrap();
        assert_eq!(rows.rows, [[Value::text(kind), seen]]);
    }
    let error = run(&databases, "select :v", &[("v", Value::Unsigned(u64::MAX))]).await.unwrap_err();
    assert!(error.message.contains("`params.v` is 18446744073709551615"), "{}", error.message);
}

#[tokio::test]
async fn parameters_that_do_not_fit_name_the_nearest() {
    let site = Site::new(ITEMS);
    let databases = site.databases(false);
    let error =
        run(&databases, "select 1 where 'a' = :item", &[("itme", Value::text("a"))]).await.unwrap_err();
    assert_eq!(error.message, "the statement names `:item`, which `params` does not give");
    assert_eq!(error.help.as_deref(), Some("did you mean `:itme`?"));
    let error = run(&databases, "select 1", &[("item", Value::Null)]).await.unwrap_err();
    assert_eq!(error.message, "`params` gives `item`, which the statement does not name");
    for sql in ["select ?", "select ?1", "select @item", "select $item"] {
        let error = run(&databases, sql, &[("item", Value::Null)]).await.unwrap_err();
        assert!(error.help.unwrap().starts_with("write `:name`"), "{sql}");
    }
}

#[tokio::test]
async fn a_database_that_is_not_declared_writable_cannot_be_written_to() {
    let site = Site::new(ITEMS);
    let before = std::fs::read(site.path()).unwrap();
    for databases in [site.databases(false), site.databases_at("sqlite:app.db?mode=ro", true)] {
        run(&databases, "pragma query_only = off", &[]).await.unwrap();
        let (origin, code, error) = fail(&databases, "delete from item").await;
        assert_eq!((origin, code.as_str()), (Origin::Harness, "SQLITE_READONLY"));
        assert!(error.help.unwrap().contains("writable = true"));
    }
    let copy = format!("vacuum into '{}'", site.folder.path().join("copy.db").display());
    for sql in ["create temp table t (a)", copy.as_str()] {
        assert_eq!(fail(&site.databases(false), sql).await.1, "SQLITE_READONLY", "{sql}");
    }
    assert_eq!(std::fs::read_dir(site.folder.path()).unwrap().count(), 1);
    assert_eq!(std::fs::read(site.path()).unwrap(), before);
}

#[tokio::test]
async fn a_writable_database_tells_how_many_rows_changed() {
    let site = Site::new(ITEMS);
    let databases = site.databases(true);
    let affected = async |sql: &str| run(&databases, sql, &[]).await.unwrap().affected;
    assert_eq!(affected("update item set done = 1").await, Some(2));
    assert_eq!(affected("create table other (a)").await, Some(0));
    assert_eq!(affected("select * from item").await, None);
    assert_eq!(affected("delete from item where id = 9").await, Some(0));
    let rows = run(&databases, "delete from item where id = 1 returning text", &[]).await.unwrap();
    assert_eq!((rows.affected, rows.rows), (Some(1), vec![vec![Value::text("Buy feathers")]]));
    let (origin, code, _) = fail(&databases, "insert into item (id, text) values (2, 'x')").await;
    assert_eq!((origin, code.as_str()), (Origin::Target, "SQLITE_CONSTRAINT_PRIMARYKEY"));
}

#[tokio::test]
async fn one_step_is_one_statement_and_one_transaction() {
    let site = Site::new(ITEMS);
    let databases = site.databases(true);
    for sql in ["select 1; select 2", "create table a (b); insert into a values (1)"] {
        assert_eq!(fail(&databases, sql).await.2.message, "`sql` holds more than one statement");
    }
    assert_eq!(run(&databases, "select 1; -- that is all", &[]).await.unwrap().count, 1);
    assert_eq!(fail(&databases, " -- nothing").await.2.message, "`sql` holds no statement");
    let (origin, _, error) = fail(&databases, "begin immediate").await;
    assert_eq!(origin, Origin::Harness);
    assert!(error.message.contains("leaves a transaction open"));
    assert_eq!(run(&databases, "delete from item", &[]).await.unwrap().affected, Some(2));
}

#[tokio::test]
async fn a_schema_that_is_behind_is_the_targets_fault() {
    let site = Site::new(ITEMS);
    let databases = site.databases(true);
    let (origin, code, error) = fail(&databases, "select * from items").await;
    assert_eq!((origin, code.as_str()), (Origin::Target, "SQLITE_ERROR"));
    assert_eq!(error.message, "the database said: no such table: items");
    assert_eq!(error.help.as_deref(), Some("there are: item"));
    for sql in
        ["select owner from item", "insert into item (owner) values (1)", "insert into item values (1)"]
    {
        assert_eq!(fail(&databases, sql).await.0, Origin::Target, "{sql}");
    }
    assert_eq!(fail(&databases, "drop view lists").await.2.origin, Origin::Target);
}

#[tokio::test]
async fn bad_sql_is_ours_and_its_place_is_told() {
    let site = Site::new(ITEMS);
    let databases = site.databases(false);
    let (origin, code, error) = fail(&databases, "select * frm item").await;
    assert_eq!((origin, code.as_str()), (Origin::Harness, "SQLITE_ERROR"));
    assert_eq!(
        error.message,
        "the statement is not valid for SQLite: near \"frm\": syntax error, at column 10 of the statement"
    );
    assert_eq!(fail(&databases, "select now()").await.0, Origin::Harness);
}

#[tokio::test]
async fn a_file_that_is_not_there_is_not_created() {
    let site = Site::new(ITEMS);
    for writable in [false, true] {
        let databases = site.databases_at("sqlite:data/none.db", writable);
        let (origin, code, error) = fail(&databases, "select 1").await;
        assert_eq!((origin, code.as_str()), (Origin::Harness, "SQLITE_CANTOPEN"));
        assert!(error.message.ends_with("data/none.db"), "{}", error.message);
        let (_, code, _) = fail(&site.databases_at("sqlite:.", writable), "select 1").await;
        assert_eq!(code, "SQLITE_CANTOPEN");
    }
    assert_eq!(std::fs::read_dir(site.folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_file_without_permission_is_ours() {
    let site = Site::new(ITEMS);
    std::fs::set_permissions(site.path(), std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(site.path()).is_ok() {
        return; // root may read everything
    }
    let (origin, code, error) = fail(&site.databases(false), "select 1").await;
    assert_eq!((origin, code.as_str()), (Origin::Harness, "SQLITE_CANTOPEN"));
    assert!(error.message.contains("may not open"), "{}", error.message);
}

#[tokio::test]
async fn a_damaged_file_is_the_targets_fault() {
    let site = Site::new(ITEMS);
    std::fs::write(site.path(), b"no database at all, only text".repeat(99)).unwrap();
    let (origin, code, _) = fail(&site.databases(false), "select 1 from item").await;
    assert_eq!((origin, code.as_str()), (Origin::Target, "SQLITE_NOTADB"));

    let site = Site::new(ITEMS);
    let mut bytes = std::fs::read(site.path()).unwrap();
    bytes[4096..].fill(0xee);
    std::fs::write(site.path(), bytes).unwrap();
    let (origin, code, _) = fail(&site.databases(false), "select * from item").await;
    assert_eq!((origin, code.as_str()), (Origin::Target, "SQLITE_CORRUPT"));
}

const ENDLESS: &str =
    "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n";

#[tokio::test]
async fn a_statement_ends_at_its_deadline() {
    let site = Site::new(ITEMS);
    let databases = site.databases(false);
    let begun = Instant::now();
    let error = databases.run(&call(ENDLESS, &[]), soon(200)).await.error.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(error.origin, Origin::Target);
    let Cause::Timeout { phase: Phase::Statement, limit_ms } = error.cause else { panic!("{error:?}") };
    assert!((150.0..=200.0).contains(&limit_ms), "{limit_ms}");
}

#[tokio::test]
async fn a_dropped_statement_stops_and_is_rolled_back() {
    let site = Site::new(ITEMS);
    let databases = site.databases(true);
    let sql = format!("update item set text = ({ENDLESS})");
    let statement = call(&sql, &[]);
    let abandoned =
        tokio::time::timeout(Duration::from_millis(200), databases.run(&statement, soon(600_000)));
    assert!(abandoned.await.is_err());
    let rows = run(&databases, "update item set done = 1 where text = 'Make a fly'", &[]).await.unwrap();
    assert_eq!(rows.affected, Some(1), "its lock is gone, and its text is as it was");
}

#[tokio::test]
async fn a_lock_is_waited_for_until_the_deadline() {
    let site = Site::new(ITEMS);
    let holder = Connection::open(site.path()).unwrap();
    holder.execute_batch("begin exclusive").unwrap();
    let databases = site.databases(true);
    let error = databases.run(&call("select * from item", &[]), soon(200)).await.error.unwrap();
    assert!(matches!(&error.cause, Cause::Sql { code, .. } if code == "SQLITE_BUSY"), "{error:?}");
    assert_eq!(error.origin, Origin::Target);

    let waiting = tokio::spawn(async move { run(&databases, "delete from item", &[]).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    holder.execute_batch("rollback").unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().affected, Some(2));
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_refused_with_advice() {
    let site = Site::new("");
    let databases = site.databases(false);
    let numbers = |limit: usize| {
        format!(
            "with recursive n(i) as (select 1 union all select i + 1 from n limit {limit}) select i from n"
        )
    };
    assert_eq!(run(&databases, &numbers(10_000), &[]).await.unwrap().count, 10_000);
    let (origin, code, error) = fail(&databases, &numbers(10_001)).await;
    assert_eq!((origin, code.as_str()), (Origin::Harness, "SQLITE_TOOBIG"));
    assert!(error.help.unwrap().contains("select count(*)"));
    let wide = "select hex(zeroblob(1048576)) from (values (1), (2), (3), (4), (5), (6), (7), (8), (9))";
    assert_eq!(fail(&databases, wide).await.1, "SQLITE_TOOBIG");
}

#[tokio::test]
async fn connections_are_used_again_and_follow_a_file_that_was_replaced() {
    let site = Site::new(ITEMS);
    let databases = site.databases(true);
    run(&databases, "pragma case_sensitive_like = on", &[]).await.unwrap();
    let rows = run(&databases, "select 'a' like 'A' as same, count(*) as n from item", &[]).await.unwrap();
    assert_eq!(rows.rows, [[Value::Integer(1), Value::Integer(2)]], "a pragma ends with its step");

    let replacement = site.folder.path().join("new.db");
    create(&replacement, "create table item (id); insert into item values (1)");
    std::fs::rename(&replacement, site.path()).unwrap();
    let rows = run(&databases, "select count(*) as n from item", &[]).await.unwrap();
    assert_eq!(rows.rows, [[Value::Integer(1)]], "the new file is seen, not the one that is gone");
}

#[tokio::test]
async fn steps_side_by_side_each_get_an_answer() {
    let site = Site::new(ITEMS);
    let databases = Arc::new(site.databases(true));
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let databases = Arc::clone(&databases);
            tokio::spawn(async move { run(&databases, "insert into item (text) values ('x')", &[]).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap().affected, Some(1));
    }
    let rows = run(&databases, "select count(*) as n from item", &[]).await.unwrap();
    assert_eq!(rows.rows, [[Value::Integer(22)]]);
}

#[tokio::test]
async fn a_database_in_wal_mode_is_read_while_the_site_writes() {
    let site = Site::new("pragma journal_mode = wal");
    let writer = Connection::open(site.path()).unwrap();
    writer.execute_batch("create table a (b); begin; insert into a values (1)").unwrap();
    let databases = site.databases(false);
    let count = "select count(*) as n from a";
    assert_eq!(run(&databases, count, &[]).await.unwrap().rows, [[Value::Integer(0)]]);
    writer.execute_batch("commit").unwrap();
    assert_eq!(run(&databases, count, &[]).await.unwrap().rows, [[Value::Integer(1)]]);
}

#[tokio::test]
async fn looking_at_a_database_in_wal_mode_that_nobody_has_open_leaves_nothing_behind() {
    let site = Site::new("pragma journal_mode = wal; create table a (b)");
    let before = std::fs::read(site.path()).unwrap();
    let databases = site.databases(false);
    assert_eq!(run(&databases, "select * from a", &[]).await.unwrap().count, 0);
    assert_eq!(fail(&databases, "insert into a values (1)").await.1, "SQLITE_READONLY");
    assert_eq!(std::fs::read(site.path()).unwrap(), before);
    assert_eq!(std::fs::read_dir(site.folder.path()).unwrap().count(), 1, "no -wal and no -shm");

    create(&site.path(), "insert into a values (1)");
    assert_eq!(run(&databases, "select * from a", &[]).await.unwrap().count, 1, "a later write is seen");
}

#[tokio::test]
async fn what_was_read_without_locks_while_somebody_wrote_does_not_count() {
    let site = Site::new("pragma journal_mode = wal; create table a (b); insert into a values (1), (2)");
    let databases = site.databases(false);
    let path = site.path();
    let slow = "with recursive n(i) as (select 1 union all select i + 1 from n limit 300000)
        select (select max(i) from n) as top, (select count(*) from a) as n";
    let writer = std::thread::spawn(move || {
        for _ in 0..5 {
            create(&path, "insert into a values (3)");
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    let seen = run(&databases, slow, &[]).await.unwrap().rows[0][1].clone();
    assert!(matches!(seen, Value::Integer(2..=7)), "{seen}");
    writer.join().unwrap();
    assert_eq!(
        run(&databases, "select count(*) as n from a", &[]).await.unwrap().rows,
        [[Value::Integer(7)]]
    );
}
