//! `sql` on real MariaDB and PostgreSQL servers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::{
    DatabaseServer, Judged, Kind, PASSWORD, PLAIN_PASSWORD, Site, folder_with, run_with_reports,
};

/// A folder with this spec and a project whose database has the secret as its address.
fn folder(spec: &str, writable: bool) -> TempDir {
    let project = format!(
        "[target.local]\nurl = \"http://127.0.0.1:1\"\nwrites = true\n\n\
         [target.local.database.app]\nurl = \"{{{{ secret.DATABASE_URL }}}}\"\nwritable = {writable}\n"
    );
    folder_with(&[("smokegate.toml", &project), ("specs/a.toml", spec)])
}

fn judge_at(url: &str, spec: &str, writable: bool) -> Judged {
    let folder = folder(spec, writable);
    let judged = run_with_reports(&folder, &["--target", "local"], &[("DATABASE_URL", url)]);
    for text in judged.texts() {
        assert!(!text.contains(PASSWORD) && !text.contains(PLAIN_PASSWORD), "the password is told: {text}");
    }
    judged
}

fn judge(server: &DatabaseServer, spec: &str, writable: bool) -> Judged {
    judge_at(&server.url("app", ""), spec, writable)
}

/// What a spec that only asks this gets back: the first row of its only step.
fn first_row(server: &DatabaseServer, sql: &str) -> serde_json::Value {
    let judged = judge(server, &format!("[[step]]\nsql = '''{sql}'''\n"), false);
    judged.assert_code(0);
    judged.outcomes()[0]["evidence"]["rows"][0].clone()
}

fn mariadb() -> Arc<DatabaseServer> {
    DatabaseServer::shared(Kind::MariaDb)
}

fn postgresql() -> Arc<DatabaseServer> {
    DatabaseServer::shared(Kind::PostgreSql)
}

fn both() -> [Arc<DatabaseServer>; 2] {
    [mariadb(), postgresql()]
}

#[test]
fn every_type_of_mariadb_is_a_value() {
    let server = mariadb();
    server.execute(
        "create table kind (a tinyint(1), b bigint unsigned, c decimal(30,10), d float, e double, f date, g datetime(6), \
         h timestamp null, i time(3), j year, k json, l blob, m varchar(20), n text, o enum('red','blue'), p set('x','y'), \
         q bit(1), r bit(12), s uuid, t inet6, u varbinary(8), v char(4), w longtext, x int, y geometry); \
         insert into kind values (true, 18446744073709551615, 12345678901234567890.0123456789, 1.1, 0.1, '2026-11-21', \
         '2026-11-21 09:08:38.120000', '2026-11-21 09:08:38', '-838:59:58.500', 2026, '{\"a\": [1, null]}', x'00ff', 'straße', \
         'long', 'blue', 'x,y', b'1', b'101', '123e4567-e89b-12d3-a456-426655440000', '2001:db8::1', 'abc', 'ab', '[1]', null, \
         point(1, 2))",
    );
    let row = first_row(&server, "select * from kind");
    assert_eq!(row[0], true);
    assert_eq!(row[1], u64::MAX);
    assert_eq!(row[2], serde_json::json!({"decimal": "12345678901234567890.0123456789"}));
    assert_eq!(row[3], 1.1);
    assert_eq!(row[4], 0.1);
    assert_eq!(row[5], "2026-11-21");
    assert_eq!(row[6], "2026-11-21T09:08:38.12");
    assert_eq!(row[7], "2026-11-21T09:08:38");
    assert_eq!(row[8], "-838:59:58.5");
    assert_eq!(row[9], 2026);
    assert_eq!(row[10], serde_json::json!({"a": [1, null]}));
    assert_eq!(row[11]["length"], 2);
    assert_eq!(row[11]["sha256"], "06eb7d6a69ee19e5fbdf749018d3d2abfa04bcbd1365db312eb86dc7169389b8");
    assert_eq!(row[12], "straße");
    assert_eq!(row[13], "long");
    assert_eq!(row[14], "blue");
    assert_eq!(row[15], "x,y");
    assert_eq!(row[16], true);
    assert_eq!(row[17], 5);
    assert_eq!(row[18], "123e4567-e89b-12d3-a456-426655440000");
    assert_eq!(row[19], "2001:db8::1");
    assert_eq!(row[20]["length"], 3);
    assert_eq!(row[21], "ab");
    assert_eq!(row[22], "[1]", "a text is a text, whatever stands in it");
    assert_eq!(row[23], serde_json::Value::Null);
    assert_eq!(row[24]["length"], 25);
}

#[test]
fn every_type_of_postgresql_is_a_value() {
    let server = postgresql();
    server.execute("create type mood as enum ('sad', 'glad'); create type pair as (a int, b text)");
    let sql = "select true, 9223372036854775807, 12345678901234567890.0123456789::numeric, 1.1::float4, 0.1::float8, \
        date '2026-11-21', timestamp '2026-11-21 09:08:38.12', timestamptz '2026-11-21 09:08:38+02', time '09:08:38.5', \
        interval '1 year 2 mons 3 days -4:05:06.7', '{\"a\": [1, null]}'::jsonb, '\\x00ff'::bytea, 'ab'::char(4), \
        'glad'::mood, row(1, 'x')::pair, array[1,null,3], array[['a','b'],['c','d']], \
        '123e4567-e89b-12d3-a456-426655440000'::uuid, '10.0.0.0/8'::cidr, '2001:db8::1'::inet, b'1011', '$1,234.50'::money, \
        int4range(1, 5), null::int, timestamptz 'infinity', date '0044-03-15 BC', 'NaN'::numeric, '-0.000123'::numeric, \
        '08:00:2b:01:02:03'::macaddr, point(1, 2.5), to_tsvector('simple', 'a cat'), timetz '09:08:38+05:30', \
        array[]::text[], '[1]'::json, '16/B374D848'::pg_lsn";
    let row = first_row(&server, sql);
    assert_eq!(
        row,
        serde_json::json!([
            true,
            i64::MAX,
            {"decimal": "12345678901234567890.0123456789"},
            1.1,
            0.1,
            "2026-11-21",
            "2026-11-21T09:08:38.12",
            "2026-11-21T07:08:38Z",
            "09:08:38.5",
            "P1Y2M3DT-4H-5M-6.7S",
            {"a": [1, null]},
            {"length": 2, "sha256": "06eb7d6a69ee19e5fbdf749018d3d2abfa04bcbd1365db312eb86dc7169389b8"},
            "ab",
            "glad",
            {"a": 1, "b": "x"},
            [1, null, 3],
            [["a", "b"], ["c", "d"]],
            "123e4567-e89b-12d3-a456-426655440000",
            "10.0.0.0/8",
            "2001:db8::1",
            "1011",
            {"decimal": "1234.50"},
            "[1,5)",
            null,
            "infinity",
            "-0043-03-15",
            "NaN",
            {"decimal": "-0.000123"},
            "08:00:2b:01:02:03",
            "(1,2.5)",
            "'a':1 'cat':2",
            "09:08:38+05:30",
            [],
            [1],
            "16/B374D848",
        ])
    );
}

#[test]
fn parameters_are_values_and_never_a_part_of_the_statement() {
    for server in both() {
        server.execute("create table fish (id int, name varchar(40), price decimal(9,2), sold boolean)");
        server.execute("insert into fish values (1, 'pike', 2.50, true), (2, 'eel', 4, null)");
        let spec = "[[step]]\nsql = \"select id, ':name' as quoted from fish where name = :name and id >= :least and price = :price \
            and sold = :sold and name = :name -- :no\"\n\
            params = { name = \"pike\", least = 1, price = 2.5, sold = true }\n\
            expect.rows = 1\nexpect.row.id = 1\nexpect.row.quoted = \":name\"\ncapture.id = \"row.id\"\n\n\
            [[step]]\nsql = \"select name, sold, price from fish where id > :id\"\nparams = { id = \"{{ id }}\" }\n\
            expect.column.name = [\"eel\"]\nexpect.row.sold.type = \"null\"\nexpect.row.price = 4\n\n\
            [[step]]\nsql = \"select name from fish where name = :name\"\nparams = { name = \"' or 1=1 --\" }\nexpect.rows = 0\n";
        judge(&server, spec, false).assert_code(0);
        let judged = judge(&server, "[[step]]\nsql = \"select 1 where 1 = :a\"\nparams = { b = 1 }\n", false);
        judged.assert_code(3);
        assert!(judged.output.stdout.contains(":a"), "{}", judged.output.stdout);
    }
}

#[test]
fn nothing_is_written_unless_the_database_is_writable_and_cleanup_takes_it_back() {
    for server in both() {
        server.execute("create table note (id int primary key, text varchar(40))");
        let spec = "writes = true\n[[step]]\nsql = \"insert into note values (1, :text)\"\nparams = { text = \"so\" }\n\
            expect.affected = 1\n\n[[step]]\nsql = \"update note set text = 'so' where id = 1\"\nexpect.affected = 1\n\n\
            [[step]]\nsql = \"select text from note\"\nexpect.row.text = \"so\"\n\n\
            [[cleanup]]\nsql = \"delete from note where id = 1\"\nexpect.affected = 1\n";
        let refused = judge(&server, spec, false);
        refused.assert_code(3);
        let error = &refused.outcomes()[0]["error"];
        assert_eq!(error["cause"]["state"], "25006");
        assert!(refused.output.stdout.contains("writable = true"), "{}", refused.output.stdout);
        judge(&server, spec, true).assert_code(0);
        let rows = first_row(&server, "select count(*) from note");
        assert_eq!(rows[0], 0);
        for ddl in ["drop table note", "create table other (id int)"] {
            judge(&server, &format!("writes = true\n[[step]]\nsql = \"{ddl}\"\n"), false).assert_code(3);
        }
        first_row(&server, "select count(*) from note");
    }
}

#[test]
fn what_is_missing_in_the_schema_is_the_sites_fault() {
    for server in both() {
        server.execute("create table pond (id int primary key)");
        server.execute("insert into pond values (1)");
        let state = |sql: &str, code: i32| {
            let judged = judge(&server, &format!("writes = true\n[[step]]\nsql = \"{sql}\"\n"), true);
            judged.assert_code(code);
            let told =
                judged.outcomes()[0]["error"]["cause"]["state"].as_str().unwrap_or_default().to_owned();
            (told, judged.output.stdout)
        };
        let (told, output) = state("select * from lake", 1);
        assert!(["42S02", "42P01"].contains(&told.as_str()), "{told}");
        assert!(output.contains("pond"), "which tables there are: {output}");
        assert!(["42S22", "42703"].contains(&state("select depth from pond", 1).0.as_str()));
        assert!(["23000", "23505"].contains(&state("insert into pond values (1)", 1).0.as_str()));
        assert!(["42000", "42601"].contains(&state("selec 1", 3).0.as_str()));
        state("select 1; drop table pond", 3);
        state("set names 'x'", 3);
    }
}

#[test]
fn a_login_that_is_refused_and_a_server_that_is_not_there_are_ours() {
    for server in both() {
        let spec = "[[step]]\nsql = \"select 1\"\n";
        let good = server.url("app", "");
        for (url, part) in [
            (good.replace(PASSWORD, "wrong"), "refused the login"),
            (good.replace("/shop", "/pond"), "pond"),
            (good.replace("127.0.0.1", "db.invalid"), "db.invalid"),
            (good.replace(&server.port().to_string(), "1"), "nothing listens on 127.0.0.1:1"),
        ] {
            let judged = judge_at(&url, spec, false);
            judged.assert_code(3);
            assert!(judged.output.stdout.contains(part), "{part}: {}", judged.output.stdout);
        }
    }
    let server = mariadb();
    server.execute("create table if not exists shelf (id int)");
    let judged =
        judge_at(&server.url("reader", ""), "writes = true\n[[step]]\nsql = \"delete from shelf\"\n", true);
    judged.assert_code(3);
    assert!(judged.output.stdout.contains("may not do that"), "{}", judged.output.stdout);
}

#[test]
fn a_database_that_cannot_be_reached_does_not_stop_what_is_asked_of_the_site() {
    let site = Site::start(axum::Router::new().route("/", axum::routing::get(|| async { "hello" })));
    let project = format!(
        "[target.local]\nurl = {:?}\n\n[target.local.database.app]\nurl = \"postgres://app@127.0.0.1:1/shop\"\n",
        site.url()
    );
    let folder = folder_with(&[
        ("smokegate.toml", &project),
        ("specs/a.toml", "name = \"the database\"\n[[step]]\nsql = \"select 1\"\n"),
        ("specs/b.toml", "name = \"the site\"\n[[step]]\nget = \"/\"\n"),
    ]);
    let judged = run_with_reports(&folder, &["--target", "local", "--jobs", "1"], &[]);
    judged.assert_code(3);
    let document = judged.document();
    let verdicts: Vec<_> =
        document.scenarios().iter().map(|scenario| scenario["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["errored", "passed"]);
}

#[test]
fn a_unix_socket_is_a_way_to_a_server_too() {
    for server in both() {
        let sql = if server.kind == Kind::MariaDb {
            "select 1 as one"
        } else {
            "select 1 as one, inet_client_addr() as a"
        };
        let none = if server.kind == Kind::MariaDb { "" } else { "expect.row.a.type = \"null\"\n" };
        let spec = format!("[[step]]\nsql = \"{sql}\"\nexpect.row.one = 1\n{none}");
        judge_at(&server.socket_url(), &spec, false).assert_code(0);
    }
}

#[test]
fn a_statement_ends_with_its_steps_time() {
    for server in both() {
        let sleep = if server.kind == Kind::MariaDb { "sleep(20)" } else { "pg_sleep(20)" };
        let begun = Instant::now();
        // The connection is there when the time begins.
        let spec = format!(
            "[[step]]\nsql = \"select 1\"\n\n[[step]]\nsql = \"select {sleep}\"\ntimeout = \"700ms\"\n"
        );
        let judged = judge(&server, &spec, false);
        judged.assert_code(1);
        assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
        let cause = &judged.outcomes()[1]["error"]["cause"];
        assert_eq!((cause["kind"].as_str(), cause["phase"].as_str()), (Some("timeout"), Some("statement")));
    }
}

#[test]
fn a_server_that_takes_connections_and_says_nothing_is_not_waited_for() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap();
    for scheme in ["mysql", "postgres"] {
        let url = format!("{scheme}://app:{PASSWORD}@{place}/shop?connect_timeout=1");
        let judged = judge_at(&url, "[[step]]\nsql = \"select 1\"\n", false);
        judged.assert_code(3);
        let cause = &judged.outcomes()[0]["error"]["cause"];
        assert_eq!((cause["kind"].as_str(), cause["phase"].as_str()), (Some("timeout"), Some("connect")));
    }
}

#[test]
fn the_steps_of_a_run_share_a_connection_that_is_whole() {
    for server in both() {
        let id = if server.kind == Kind::MariaDb { "connection_id()" } else { "pg_backend_pid()" };
        // The third comes after a statement that failed.
        let spec = format!(
            "[[step]]\nsql = \"select {id} as id\"\ncapture.id = \"row.id\"\n\n\
             [[step]]\nsql = \"select {id} as id\"\nexpect.row.id = \"{{{{ id }}}}\"\n\n\
             [[step]]\nsql = \"select nothing from nowhere\"\n\n[[cleanup]]\nsql = \"select 1 as one\"\nexpect.row.one = 1\n"
        );
        let judged = judge(&server, &spec, false);
        judged.assert_code(1);
        let document = judged.document();
        let scenario = &document.scenarios()[0];
        let verdicts = |list: &str| -> Vec<String> {
            let steps = scenario[list].as_array().unwrap().iter();
            steps.map(|step| step["verdict"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(verdicts("steps"), ["passed", "passed", "failed"], "{}", judged.output.stdout);
        assert_eq!(verdicts("cleanup"), ["passed"], "{}", judged.output.stdout);
    }
}

#[test]
fn within_asks_again_until_the_row_is_there() {
    for server in both() {
        server.execute("create table late (id int)");
        let other = Arc::clone(&server);
        let writer = std::thread::spawn(move || {
            // It was asked once when the login has come and some time has gone.
            let limit = Instant::now() + Duration::from_secs(30);
            while other.count_connections() == 0 {
                assert!(Instant::now() < limit, "nobody asks");
                std::thread::sleep(Duration::from_millis(20));
            }
            std::thread::sleep(Duration::from_secs(1));
            other.execute("insert into late values (7)");
        });
        let spec = "[[step]]\nsql = \"select id from late\"\nwithin = \"30s\"\nexpect.row.id = 7\n";
        let judged = judge(&server, spec, false);
        judged.assert_code(0);
        writer.join().unwrap();
        let attempts = judged.outcomes()[0]["attempts"].as_u64().unwrap();
        assert!(attempts > 1, "{attempts} attempts");
    }
}

#[test]
fn tls_is_verified_against_a_private_authority() {
    for server in both() {
        let sql = if server.kind == Kind::MariaDb {
            "select variable_value <> '' as safe from information_schema.session_status where variable_name = 'Ssl_cipher'"
        } else {
            "select ssl::int as safe from pg_stat_ssl where pid = pg_backend_pid()"
        };
        let spec = |safe: i32| format!("[[step]]\nsql = \"{sql}\"\nexpect.row.safe = {safe}\n");
        let authority = server.authority().display().to_string();
        for options in [
            String::new(),
            "?sslmode=require".to_owned(),
            format!("?ssl-mode=VERIFY_IDENTITY&ssl-ca={authority}"),
            format!("?sslrootcert={authority}"),
        ] {
            judge_at(&server.url("app", &options), &spec(1), false).assert_code(0);
        }
        judge_at(&server.url("app", "?sslmode=disable"), &spec(0), false).assert_code(0);
        for (options, host) in [
            ("?sslmode=verify-full".to_owned(), "127.0.0.1"),
            (format!("?sslrootcert={authority}"), "localhost"),
        ] {
            let url = server.url("app", &options).replace("127.0.0.1", host);
            let judged = judge_at(&url, &spec(1), false);
            judged.assert_code(3);
            assert_eq!(judged.outcomes()[0]["error"]["cause"]["kind"], "tls", "{}", judged.output.stdout);
        }
    }
}
