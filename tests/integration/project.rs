//! The project file: targets and what they extend, how they are reached, secrets, defaults.

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;

use crate::support::{Document, Output, Site, TlsSite, folder_with, smokegate};

/// Tells the headers that it got, and the path of an absolute address as a proxy gets it.
fn header_site() -> Site {
    let tell = |headers: HeaderMap| async move {
        let get = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("-").to_owned();
        format!("key={} auth={} host={}", get("x-key"), get("authorization"), get("host"))
    };
    Site::start(Router::new().route("/", get(tell)).route(
        "/slow",
        get(|| async {
            tokio::time::sleep(std::time::Duration::from_secs(2)).await;
            "late"
        }),
    ))
}

fn run(folder: &tempfile::TempDir, arguments: &[&str]) -> Output {
    let arguments = ["run", "--report", "json=report.json"].iter().chain(arguments);
    smokegate(arguments).folder(folder).env("TEAM_KEY", "k3y-from-environment").run()
}

/// What `check` says about a project file.
fn problems(project: &str) -> String {
    let folder = folder_with(&[("smokegate.toml", project), ("specs/a.toml", "[[step]]\nget = \"/\"\n")]);
    let output = smokegate(["check"]).folder(&folder).run();
    assert_eq!(output.code, 2, "{project}\n{}{}", output.stdout, output.stderr);
    output.stderr
}

#[test]
fn a_target_has_what_it_extends_and_its_own_goes_first() {
    let site = header_site();
    let project = format!(
        "[defaults]\ntarget = \"preview\"\n\n[target.base]\nheaders = {{ X-Key = \"base\", X-Other = \"o\" }}\n\
         basic_auth = {{ user = \"u\", password = \"p\" }}\nvars = {{ greeting = \"hello\", who = \"{{{{ greeting }}}} world\" }}\n\n\
         [target.staging]\nextends = \"base\"\nheaders = {{ X-Key = \"{{{{ secret.TEAM_KEY }}}}\" }}\n\n\
         [target.preview]\nextends = \"staging\"\nurl = \"{}\"\nvars.greeting = \"hi\"\n",
        site.url()
    );
    let spec = "[[step]]\nget = \"/\"\nexpect.body.contains = \"key={{ secret.TEAM_KEY }} auth=Basic dTpw\"\n\n\
                [[step]]\nget = \"/\"\nquery = { q = \"{{ who }}\" }\nexpect.url.ends_with = \"q=hi+world\"\n";
    let folder = folder_with(&[("smokegate.toml", &project), ("specs/a.toml", spec)]);
    let output = run(&folder, &[]);
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    assert_eq!(run(&folder, &["--target", "base"]).code, 2, "it has no address");
}

#[test]
fn extending_in_a_circle_or_what_is_not_there_is_told() {
    let told = problems("[target.a]\nurl = \"http://a\"\nextends = \"b\"\n[target.b]\nextends = \"a\"\n");
    assert!(told.contains("targets extend each other in a circle: a → b → a"), "{told}");
    let told = problems(
        "[target.a]\nurl = \"http://a\"\nextends = \"stagin\"\n[target.staging]\nurl = \"http://b\"\n",
    );
    assert!(told.contains("there is no target `stagin` to extend"), "{told}");
    assert!(told.contains("did you mean `staging`?"), "{told}");
    let told = problems("[target.a]\nurl = \"http://a\"\nextends = \"a\"\n");
    assert!(told.contains("circle: a → a"), "{told}");
}

#[test]
fn every_wrong_value_of_a_project_file_is_told_at_its_place() {
    for (lines, told) in [
        ("ulr = \"http://a\"", "did you mean `url`?"),
        ("url = \"ftp://a\"", "begins with http:// or https://"),
        ("resolve = \"here\"", "expected an IP address"),
        ("addresses = { \"cdn.test\" = \"1.2.3\" }", "expected an IP address"),
        ("addresses = { \"http://cdn.test\" = \"1.2.3.4\" }", "expected the name of a host"),
        ("proxy = \"gopher://p\"", "expected the address of a proxy"),
        ("proxy = \"http://p.test\"\nresolve = \"127.0.0.1\"", "`resolve` has no effect behind this proxy"),
        ("no_proxy = [\"a b\"]", "expected a host, a .domain or a network"),
        ("ca = \"missing.pem\"", "there is no file"),
        ("ca = [\"smokegate.toml\"]", "there is no certificate in this file"),
        ("client_certificate = \"smokegate.toml\"", "there is no certificate in this file"),
        ("client_key = \"key.pem\"", "`client_key` stands beside `client_certificate`"),
        ("headers = { A = \"{{ secret.NOWHERE }}\" }", "neither NOWHERE nor NOWHERE_FILE is set"),
        ("basic_auth = { user = \"a\" }", "must be { user ="),
        ("database.app.url = \"mongodb://a\"", "this is not the address of a database"),
        ("database.app.wirtable = true\ndatabase.app.url = \"sqlite:a\"", "did you mean `writable`?"),
        ("revision = { get = \"/version\" }", "`revision` needs an address and what"),
        ("vars = { run = \"a\" }", "`run` is the name of something that is always there"),
    ] {
        let url =
            if lines.starts_with("url") || lines.starts_with("ulr") { "" } else { "url = \"http://a\"\n" };
        let project = format!("[target.a]\n{url}{lines}\n");
        let stderr = problems(&project);
        assert!(stderr.contains(told), "{project}{stderr}");
        assert!(stderr.contains("smokegate.toml:"), "{stderr}");
    }
    let told = problems("[defaults]\ntarget = \"stagin\"\n[target.staging]\nurl = \"http://a\"\n");
    assert!(told.contains("did you mean `staging`?"), "{told}");
    let told = problems("[defaults]\nbrowser = \"chrom\"\nwindow = \"10\"\ntimeout = \"soon\"\n");
    assert!(told.contains("3 problems"), "{told}");
}

#[test]
fn secrets_come_from_the_environment_a_file_or_the_dotenv_file() {
    let site = header_site();
    let project = format!(
        "[secrets]\nfile = \".env.staging\"\n\n[target.staging]\nurl = \"{}\"\n\
         headers = {{ X-Key = \"{{{{ secret.TEAM_KEY }}}} {{{{ secret.FILED }}}} {{{{ secret.DOTTED }}}}\" }}\n",
        site.url()
    );
    let spec = "[[step]]\nget = \"/\"\nexpect.body.contains = \"key=k3y-from-environment filed-value-1 dotted value 2 \"\n";
    let folder = folder_with(&[
        ("smokegate.toml", &project),
        ("specs/a.toml", spec),
        ("filed", "filed-value-1\n"),
        (".env.staging", "# a comment\nexport DOTTED=\"dotted value 2\"\nTEAM_KEY=not-this-one\n"),
    ]);
    let call = |file: &str| {
        let arguments = ["run", "--report", "json=report.json", "--verbose"];
        smokegate(arguments)
            .folder(&folder)
            .env("TEAM_KEY", "k3y-from-environment")
            .env("FILED_FILE", file)
            .run()
    };
    let output = call("filed");
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    let all = output.stdout + &std::fs::read_to_string(folder.path().join("report.json")).unwrap();
    for secret in ["k3y-from-environment", "filed-value-1", "dotted value 2"] {
        assert!(!all.contains(secret), "{secret}: {all}");
    }
    let output = call("nowhere");
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("FILED_FILE names nowhere, which cannot be read"), "{}", output.stderr);

    std::fs::write(folder.path().join(".env.staging"), "A=1\nhush hush \"\n").unwrap();
    let output = call("filed");
    assert_eq!(output.code, 2);
    assert!(
        output.stderr.contains(".env.staging, line 2: expected lines of the form NAME=value"),
        "{}",
        output.stderr
    );
    assert!(!output.stderr.contains("hush"), "{}", output.stderr);
    std::fs::remove_file(folder.path().join(".env.staging")).unwrap();
    let output = call("filed");
    assert!(output.stderr.contains("and there is no file .env.staging"), "{}", output.stderr);
}

#[test]
fn a_variable_that_only_another_target_has_is_refused_before_anything_is_sent() {
    let project = "[target.staging]\nurl = \"http://127.0.0.1:1\"\nvars = { shop = \"s\" }\n\n\
                   [target.production]\nurl = \"http://127.0.0.1:1\"\n";
    let spec = "[[step]]\nget = \"/\"\n\n[[step]]\nget = \"/{{ shop }}\"\n";
    let folder = folder_with(&[("smokegate.toml", project), ("specs/a.toml", spec)]);
    assert_eq!(run(&folder, &["--target", "staging"]).code, 1);
    let output = run(&folder, &["--target", "production"]);
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("`shop` has no value here"), "{}", output.stderr);
    assert!(output.stderr.contains("specs/a.toml:5:1"), "{}", output.stderr);
    assert!(output.stderr.contains("[target.production.vars]"), "{}", output.stderr);
}

#[test]
fn defaults_hold_where_a_spec_says_nothing() {
    let site = header_site();
    let project = format!(
        "[defaults]\ntarget = \"one\"\ntimeout = \"300ms\"\nretries = 1\n\n[target.one]\nurl = \"{}\"\n\n[target.two]\nurl = \"http://a\"\n",
        site.url()
    );
    let folder =
        folder_with(&[("smokegate.toml", &project), ("specs/a.toml", "[[step]]\nget = \"/slow\"\n")]);
    let output = run(&folder, &[]);
    assert_eq!(output.code, 1, "{}{}", output.stdout, output.stderr);
    let document = Document::read(&folder.path().join("report.json"));
    assert_eq!(document.step("get /slow")["error"]["kind"], "timeout");
}

#[test]
fn addresses_and_proxies_of_the_environment_are_honoured() {
    let site = header_site();
    let port = site.url().rsplit_once(':').unwrap().1.to_owned();
    let spec = "[[step]]\nget = \"/\"\nexpect.body.contains = \"host=shop.test\"\n";
    let project = format!(
        "[target.fixed]\nurl = \"http://shop.test:{port}\"\nresolve = \"127.0.0.1\"\n\n\
         [target.mapped]\nurl = \"http://www.test:{port}\"\naddresses = {{ \"shop.test\" = \"127.0.0.1\" }}\n\n\
         [target.far]\nurl = \"http://shop.test\"\n"
    );
    let other = spec.replace("\"/\"", &format!("\"http://shop.test:{port}/\""));
    let folder =
        folder_with(&[("smokegate.toml", &project), ("specs/a.toml", spec), ("specs/b.toml", &other)]);
    let output = run(&folder, &["specs/a.toml", "--target", "fixed"]);
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    let output = run(&folder, &["specs/b.toml", "--target", "mapped"]);
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);

    // The site answers as a proxy would: what it gets is the absolute address.
    let call = |proxy: &str| {
        smokegate(["run", "specs/a.toml", "--target", "far"]).folder(&folder).env("http_proxy", proxy).run()
    };
    let output = call(&site.url());
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    let output = call("http://127.0.0.1:1");
    assert_eq!(output.code, 3, "a proxy of ours is not the site: {}", output.stdout);
    assert!(output.stdout.contains("the proxy 127.0.0.1:1 does not lead there"), "{}", output.stdout);
    let output = call("gopher://a");
    assert_eq!(output.code, 2);
    assert!(
        output.stderr.contains("http_proxy in the environment is not the URL of a proxy"),
        "{}",
        output.stderr
    );
}

#[test]
fn certificates_of_the_project_file_are_trusted_and_shown() {
    let tls = "[[step]]\ntls = \"\"\nexpect.days_left.at_least = 14\nexpect.names.contains = \"shop.test\"\n\
               expect.protocol = \"TLSv1.3\"\nexpect.issuer.exists = true\nexpect.address = \"127.0.0.1\"\n";
    let folder = folder_with(&[
        ("specs/a.toml", "[[step]]\nget = \"/\"\nexpect.body = \"secret\"\n"),
        ("specs/b.toml", tls),
    ]);
    let site = TlsSite::start(folder.path());
    let base = format!("url = \"https://shop.test:{}\"\nresolve = \"127.0.0.1\"\n", site.port());
    let project = format!(
        "[target.base]\n{base}ca = \"ca.pem\"\n\n\
         [target.known]\nextends = \"base\"\nclient_certificate = \"client.pem\"\nclient_key = \"client-key.pem\"\n\n\
         [target.careless]\nextends = \"known\"\nca = []\ninsecure = true\n\n\
         [target.strict]\nextends = \"known\"\nca = []\n"
    );
    std::fs::write(folder.path().join("smokegate.toml"), project).unwrap();
    for (target, code, told) in [
        ("known", 0, "2 passed"),
        ("base", 1, "the server refused the TLS handshake"),
        ("strict", 1, "the certificate's issuer is not trusted"),
        ("careless", 0, "2 passed"),
    ] {
        let output = run(&folder, &["--target", target]);
        assert_eq!(output.code, code, "{target}: {}{}", output.stdout, output.stderr);
        assert!(output.stdout.contains(told), "{target}: {}", output.stdout);
    }
}

#[test]
fn a_target_names_its_own_proxy_or_none_at_all() {
    let site = header_site();
    let port = site.url().rsplit_once(':').unwrap().1.to_owned();
    let project = format!(
        "[target.own]\nurl = \"http://shop.test\"\nproxy = \"{0}\"\n\n\
         [target.past]\nextends = \"own\"\nurl = \"http://127.0.0.1:{port}\"\nproxy = \"http://127.0.0.1:1\"\n\
         no_proxy = [\"127.0.0.0/8\"]\n\n\
         [target.none]\nurl = \"http://shop.test:{port}\"\nresolve = \"127.0.0.1\"\nproxy = \"\"\n",
        site.url()
    );
    let folder = folder_with(&[("smokegate.toml", &project), ("specs/a.toml", "[[step]]\nget = \"/\"\n")]);
    for target in ["own", "past", "none"] {
        let output = smokegate(["run", "--target", target])
            .folder(&folder)
            .env("http_proxy", "http://127.0.0.1:1")
            .env("no_proxy", "")
            .run();
        assert_eq!(output.code, 0, "{target}: {}{}", output.stdout, output.stderr);
    }
}

#[test]
fn databases_are_inherited_and_read_only_unless_they_are_writable() {
    let folder = folder_with(&[(
        "specs/a.toml",
        "writes = true\n[[step]]\nsql = \"insert into t values (2)\"\nexpect.affected = 1\n",
    )]);
    let database = rusqlite::Connection::open(folder.path().join("app.db")).unwrap();
    database.execute_batch("create table t (n integer); insert into t values (1);").unwrap();
    let project = "[target.base]\nurl = \"http://127.0.0.1:1\"\nwrites = true\n\n\
                   [target.base.database.app]\nurl = \"sqlite:app.db\"\n\n\
                   [target.reader]\nextends = \"base\"\n\n\
                   [target.writer]\nextends = \"base\"\ndatabase.app.writable = true\n";
    std::fs::write(folder.path().join("smokegate.toml"), project).unwrap();
    assert_eq!(run(&folder, &["--target", "writer"]).code, 0);
    let output = run(&folder, &["--target", "reader"]);
    assert_ne!(output.code, 0, "{}", output.stdout);
    let count: i64 = database.query_row("select count(*) from t", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 2);
}

#[test]
fn a_variable_that_a_target_has_already_is_told_with_where_it_is() {
    let folder = folder_with(&[
        ("smokegate.toml", "[target.a]\nurl = \"http://a\"\nvars = { shop = \"s\" }\n"),
        ("specs/a.toml", "[vars]\nshop = \"t\"\n\n[[step]]\nget = \"/\"\n"),
    ]);
    let output = smokegate(["check"]).folder(&folder).run();
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("a target's `vars` in the project file give it one"), "{}", output.stderr);
}
