//! Sites of several hosts, and pages that not everybody sees.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, Response};
use axum::routing::any;

use crate::support::{Document, Judged, Site, TlsSite, folder_with, run_with_reports, smokegate};

/// From method, host without port, and path to status, location and body; `PORT` stands for the port in a location.
type Answer = fn(&Method, &str, &str) -> (u16, &'static str, &'static str);

/// A site that answers under every name.
pub(super) fn serve(answer: Answer) -> Site {
    let reply = move |request: Request| async move {
        let host = request.headers()["host"].to_str().unwrap().to_owned();
        let (name, port) = host.rsplit_once(':').unwrap();
        let (status, location, body) = answer(request.method(), name, request.uri().path());
        let mut response =
            Response::builder().status(status).header("content-type", "text/html; charset=utf-8");
        match status {
            301..=303 => response = response.header("location", location.replace("PORT", port)),
            401 => response = response.header("www-authenticate", location),
            _ => {}
        }
        if name == "vercel.example" && status == 404 {
            response = response.header("x-vercel-error", "NOT_FOUND");
        }
        if body.contains("balancer") {
            response = response.header("set-cookie", "AWSALBCORS=x; Path=/; SameSite=None; Secure");
        }
        response.body(Body::from(body)).unwrap()
    };
    Site::start(Router::new().fallback(any(reply)))
}

/// A folder with the target `site` and this spec.
pub(super) fn folder_for(site: &Site, host: &str, spec: &str) -> tempfile::TempDir {
    let port = site.url().rsplit(':').next().unwrap().to_owned();
    let names = ["www.shop.example", "accounts.shop.example", "login.corp.example"];
    let others: Vec<String> = names.iter().map(|name| format!("\"{name}\" = \"127.0.0.1\"")).collect();
    let project = format!(
        "[target.site]\nurl = \"http://{host}:{port}\"\nwrites = true\nresolve = \"127.0.0.1\"\naddresses = {{ {} }}\n",
        others.join(", ")
    );
    folder_with(&[("smokegate.toml", &project), ("specs/a.toml", spec)])
}

fn judge(site: &Site, host: &str, spec: &str) -> Judged {
    run_with_reports(&folder_for(site, host, spec), &["--target", "site"], &[])
}

/// Exit code and code of the diagnosis, empty where there is none, with how sure it is; and what was printed.
fn diagnose(site: &Site, host: &str) -> (i32, String, String) {
    let folder = folder_for(site, host, "");
    let output =
        smokegate(["diagnose", "--target", "site", "--report", "json=report.json"]).folder(&folder).run();
    let document = Document::read(&folder.path().join("report.json"));
    (output.code, tell(&document), output.stdout)
}

fn tell(document: &Document) -> String {
    let part = |name: &str| document.0["diagnosis"][name].as_str().unwrap_or_default().to_owned();
    format!("{} {}", part("code"), part("certainty")).trim().to_owned()
}

fn newsletter(_: &Method, host: &str, path: &str) -> (u16, &'static str, &'static str) {
    match (host, path) {
        ("shop.example", "/") => (301, "http://www.shop.example:PORT/accounts/", ""),
        ("shop.example", _) => (301, "http://www.shop.example:PORT/nowhere", ""),
        (_, "/accounts/") => (
            200,
            "",
            "<title>Shop</title><h1>Accounts for everybody</h1><form action=/news><input type=email name=e></form>",
        ),
        _ => (404, "", "<title>Not here</title>"),
    }
}

#[test]
fn a_newsletter_on_the_www_host_is_no_login() {
    let site = serve(newsletter);
    let (code, found, text) = diagnose(&site, "shop.example");
    assert_eq!((code, found.as_str()), (0, ""), "{text}");
    let judged = judge(&site, "shop.example", "[[step]]\nget = \"/\"\nexpect.title = \"Shop\"\n");
    judged.assert_code(0);
    let judged = judge(&site, "shop.example", "[[step]]\nget = \"/\"\nexpect.title = \"Store\"\n");
    assert_eq!(tell(&judged.document()), "unknown probable", "{}", judged.output.stdout);
}

const SIGN_IN: &str = "<title>Sign in</title><form action=/in method=post><input type=email name=e><input type=password name=p></form>";

fn members(_: &Method, host: &str, path: &str) -> (u16, &'static str, &'static str) {
    match (host, path) {
        ("shop.example", "/") => (200, "", "<title>Shop</title><h1>Welcome</h1>"),
        ("shop.example", "/members") => (302, "http://accounts.shop.example:PORT/login", ""),
        ("shop.example", "/staff") => (302, "http://login.corp.example:PORT/sign-in", ""),
        ("shop.example", "/keys") => (401, "Basic realm=\"Keys\"", "<title>401</title>"),
        ("accounts.shop.example" | "login.corp.example", _) => (200, "", SIGN_IN),
        _ => (404, "", "<title>Not here</title>"),
    }
}

#[test]
fn a_login_that_the_spec_expects_passes() {
    let steps: Vec<String> = ["/members", "/staff"]
        .iter()
        .map(|path| format!("[[step]]\nget = \"{path}\"\nexpect.title = \"Sign in\"\nexpect.redirects = 1\n"))
        .collect();
    let judged = judge(&serve(members), "shop.example", &steps.concat());
    judged.assert_code(0);
    assert_eq!(tell(&judged.document()), "");
}

#[test]
fn a_login_before_one_page_is_no_wall_before_the_site() {
    let site = serve(members);
    for path in ["/members", "/staff"] {
        let spec = format!("[[step]]\nget = \"{path}\"\nexpect.title = \"Members\"\n");
        let judged = judge(&site, "shop.example", &spec);
        assert_eq!(tell(&judged.document()), "unknown probable", "{}", judged.output.stdout);
    }
    let judged = judge(&site, "shop.example", "[[step]]\nget = \"/keys\"\n");
    assert_eq!(tell(&judged.document()), "access.login_wall probable", "{}", judged.output.stdout);
    let (code, found, text) = diagnose(&site, "shop.example");
    assert_eq!((code, found.as_str()), (0, ""), "{text}");
}

fn walled(_: &Method, host: &str, path: &str) -> (u16, &'static str, &'static str) {
    match (host, path) {
        ("shop.example", _) => (302, "http://accounts.shop.example:PORT/login", ""),
        ("staging.example", _) => (401, "Basic realm=\"Staging\"", "<title>401</title>"),
        _ => (200, "", SIGN_IN),
    }
}

#[test]
fn a_login_before_every_page_is_a_wall() {
    let site = serve(walled);
    for (host, expected) in
        [("shop.example", "access.login_wall probable"), ("staging.example", "access.login_wall certain")]
    {
        let judged = judge(&site, host, "[[step]]\nget = \"/about\"\nexpect.title = \"About\"\n");
        assert_eq!(tell(&judged.document()), expected, "{}", judged.output.stdout);
        let (code, found, text) = diagnose(&site, host);
        assert_eq!((code, found.as_str()), (1, expected), "{text}");
    }
}

fn app_behind_login(_: &Method, host: &str, path: &str) -> (u16, &'static str, &'static str) {
    match (host, path) {
        ("shop.example", "/") => (302, "http://accounts.shop.example:PORT/login", ""),
        ("accounts.shop.example", "/login") => (200, "", SIGN_IN),
        _ => (404, "", "<title>Not here</title>"),
    }
}

#[test]
fn a_login_that_is_the_first_page_of_a_site_is_none() {
    let (code, found, text) = diagnose(&serve(app_behind_login), "shop.example");
    assert_eq!((code, found.as_str()), (0, ""), "{text}");
}

fn on_vercel(_: &Method, _: &str, path: &str) -> (u16, &'static str, &'static str) {
    match path {
        "/" => (200, "", "<title>Shop</title><h1>Welcome</h1>"),
        _ => (404, "", "The page could not be found\n\nNOT_FOUND"),
    }
}

#[test]
fn the_404_of_a_cloud_is_no_missing_deployment() {
    let (code, found, text) = diagnose(&serve(on_vercel), "vercel.example");
    assert_eq!((code, found.as_str()), (0, ""), "{text}");
}

#[test]
fn a_redirect_to_https_is_followed() {
    let certificates = tempfile::tempdir().unwrap();
    let page = "<title>Shop</title><h1>Welcome</h1>".to_owned();
    let secure = TlsSite::start_with_answers(certificates.path(), vec![("/".to_owned(), "text/html", page)]);
    let to = format!("https://shop.test:{}/", secure.port());
    let plain = Site::start(Router::new().fallback(any(move || {
        let response = Response::builder().status(301).header("location", &to).body(Body::empty()).unwrap();
        async move { response }
    })));
    let port = plain.url().rsplit(':').next().unwrap().to_owned();
    let ca = certificates.path().join("ca.pem");
    let project = format!(
        "[target.shop]\nurl = \"http://shop.test:{port}\"\nresolve = \"127.0.0.1\"\nca = \"{}\"\n",
        ca.display()
    );
    let spec = "[[step]]\nget = \"/\"\nexpect.redirects = 1\nexpect.title = \"Shop\"\n";
    let folder = folder_with(&[("smokegate.toml", &project), ("specs/a.toml", spec)]);
    let judged = run_with_reports(&folder, &["--target", "shop"], &[]);
    judged.assert_code(0);
    assert_eq!(tell(&judged.document()), "");
    let output = smokegate(["diagnose", "--target", "shop"]).folder(&folder).run();
    assert_eq!(output.code, 0, "{}", output.stdout);
}

#[test]
fn an_entry_that_others_see_once_it_is_approved_is_not_lost() {
    let entries = Arc::new(Mutex::new(Vec::<String>::new()));
    let answer = move |request: Request| {
        let entries = Arc::clone(&entries);
        async move {
            let own = request.headers().get("cookie").is_some();
            let is_post = request.method() == Method::POST;
            let body = axum::body::to_bytes(request.into_body(), 4096).await.unwrap();
            if is_post {
                entries.lock().unwrap().push(String::from_utf8_lossy(&body).replace("text=", ""));
            }
            let shown =
                if own { entries.lock().unwrap().join(", ").replace('+', " ") } else { String::new() };
            let thanks = if is_post { "<p>It waits for approval" } else { "" };
            Response::builder()
                .header("content-type", "text/html")
                .header("set-cookie", "visitor=1; Path=/")
                .body(Body::from(format!("<title>Guests</title><p>{shown}{thanks}")))
                .unwrap()
        }
    };
    let site = Site::start(Router::new().fallback(any(answer)));
    let spec = "writes = true\n[[step]]\nget = \"/\"\n\
        [[step]]\npost = \"/\"\nform = { text = \"Buy milk and bread\" }\nexpect.text.contains = \"approval\"\n\
        [[step]]\nget = \"/\"\nexpect.text.contains = \"Buy milk and bread\"\n\
        [[step]]\nas = \"other\"\nget = \"/\"\nexpect.text.not_contains = \"Buy milk and bread\"\n";
    let folder = folder_with(&[("specs/a.toml", spec)]);
    let judged = run_with_reports(&folder, &["--url", &site.url()], &[]);
    judged.assert_code(0);
    assert_eq!(tell(&judged.document()), "");
}
