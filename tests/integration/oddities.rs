//! Healthy sites with odd but legal ways: none of them fails, and none is diagnosed.
//!
//! | file | what is odd |
//! | --- | --- |
//! | here | pages, by their text, status or encoding |
//! | `hosts` | redirects to other hosts, logins, what is hidden |
//! | `in_browser` | what a browser sees |
//! | `unrelated` | pages that fail for another reason than the one that they look like |

mod hosts;
mod in_browser;
mod unrelated;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Response, Uri};
use axum::routing::any;

use crate::support::{Document, Site, folder_with, run_with_reports, smokegate};

const ARTICLE: &str = "<!doctype html><title>How we broke nginx</title><h1>How we broke nginx</h1><p>Then the page said:</p>\
    <blockquote><h1>Welcome to nginx!</h1><p>If you see this page, the nginx web server is successfully installed and \
    working.</p></blockquote><pre>Traceback (most recent call last):\n  File \"views.py\", line 7\n\
    django.db.utils.OperationalError: no such table: lists_item\nYou're seeing this error because you have DEBUG = True \
    in your Django settings file.</pre><p>502 Bad Gateway nginx/1.22.1. ModuleNotFoundError: No module named 'django'. \
    Error establishing a database connection.</p><pre>&lt;?php echo 1; ?&gt; {{ title }} {% block %}</pre>";

/// A page: its path, status, headers, body, and the steps of the spec that it passes.
struct Oddity {
    path: &'static str,
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: Vec<u8>,
    steps: String,
}

const HTML: (&str, &str) = ("content-type", "text/html; charset=utf-8");

fn page(path: &'static str, status: u16, body: &str, expects: &str) -> Oddity {
    answer(path, status, &[HTML], body.as_bytes(), expects)
}

fn answer(
    path: &'static str,
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: &[u8],
    expects: &str,
) -> Oddity {
    let steps = format!("[[step]]\nget = \"{path}\"\n{expects}\n");
    Oddity { path, status, headers, body: body.to_vec(), steps }
}

fn encode(encoding: &'static encoding_rs::Encoding, text: &str) -> Vec<u8> {
    encoding.encode(text).0.into_owned()
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn list_pages() -> Vec<Oddity> {
    let expected = |title: &str| format!("expect.status = 200\nexpect.title = \"{title}\"");
    vec![
        page(
            "/",
            404,
            "<title>Nothing at the top</title><h1>404</h1><p>The shops are below.",
            "expect.status = 404",
        ),
        page("/article", 200, ARTICLE, &expected("How we broke nginx")),
        page("/article-gone", 404, ARTICLE, "expect.status = 404"),
        page(
            "/502",
            200,
            "<title>502 things to do</title><h1>502 things to do</h1><p>Bad Gateway is a town.",
            &expected("502 things to do"),
        ),
        page(
            "/errors",
            200,
            "<title>Error handling</title><h1>500 Internal Server Error</h1><p>is what we avoid, and this is how we do it in our shop.",
            &expected("Error handling"),
        ),
        page("/gone", 410, "<title>Gone</title><h1>410</h1>", "expect.status = 410"),
        page(
            "/missing",
            404,
            "<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center><hr><center>nginx/1.22.1</center></body></html>",
            "expect.status = 404",
        ),
        page(
            "/maintenance-by-plan",
            503,
            "<title>503 Service Temporarily Unavailable</title><h1>503 Service Temporarily Unavailable</h1>",
            "expect.status = 503",
        ),
        page("/untitled", 200, "<title></title><p>A page without a title", "expect.title = \"\""),
        page(
            "/nearly-empty",
            200,
            "<title>Canvas</title><canvas width=9 height=9></canvas>",
            &expected("Canvas"),
        ),
        page(
            "/shell",
            200,
            "<title>App</title><div id=app></div><script>let started = true</script>",
            &expected("App"),
        ),
        page(
            "/braces",
            200,
            "<title>Handlebars for beginners</title><h1>Mustaches</h1><p>Write <code>{{ name }}</code> and <code>&lt;%= name %&gt;</code>.",
            "expect.text.contains = \"{{ '{{' }} name\"",
        ),
        page(
            "/sale",
            200,
            "<title>House is for sale</title><h1>This house is for sale</h1><p>Buy this domain of wine.",
            &expected("House is for sale"),
        ),
        page(
            "/book",
            200,
            "<title>Buy Node.js in Action</title><h1>Buy Node.js in Action</h1><p>A book.",
            &expected("Buy Node.js in Action"),
        ),
        page(
            "/news",
            200,
            "<title>Figma.com is for sale, says report</title><h1>Figma.com is for sale, says report</h1>",
            &expected("Figma.com is for sale, says report"),
        ),
        page(
            "/help/parked",
            200,
            "<title>Parked domains: how to add one</title><p>This domain is parked, its registrar says until then.",
            &expected("Parked domains: how to add one"),
        ),
        page(
            "/help/new",
            200,
            "<title>Your new domain, step by step</title><h1>Your new domain</h1>",
            &expected("Your new domain, step by step"),
        ),
        page(
            "/suspended",
            200,
            "<title>Account suspended</title><h1>Account suspended</h1><p>You owe us 5 books. <a href=/>Home</a>",
            &expected("Account suspended"),
        ),
        page(
            "/works",
            200,
            "<title>It works!</title><h1>It works!</h1><p>Our new product works. Buy it now for a small sum, and be glad.",
            &expected("It works!"),
        ),
        page(
            "/index-of",
            200,
            "<title>Index of refraction</title><h1>Index of refraction</h1><p>of water is 1.33",
            &expected("Index of refraction"),
        ),
        page(
            "/maintenance",
            200,
            "<title>Maintenance of bicycles</title><h1>Maintenance</h1><p>Oil the chain; we are in maintenance mode all the time.",
            &expected("Maintenance of bicycles"),
        ),
        page(
            "/debug",
            200,
            "<title>Debug mode</title><h1>Debugger</h1><p>Werkzeug Debugger, a lecture",
            &expected("Debug mode"),
        ),
        page(
            "/no-button",
            200,
            "<title>Search</title><form action=/found method=get><input name=q></form>",
            &expected("Search"),
        ),
        page(
            "/sign-in",
            200,
            "<title>Sign in</title><form action=/sso method=post><input type=email name=e><input type=password name=p></form>",
            &expected("Sign in"),
        ),
        page("/members", 403, "<title>Forbidden</title><h1>Members only</h1>", "expect.status = 403"),
        answer("/empty", 204, &[], b"", "expect.status = 204\nexpect.body = \"\""),
        answer(
            "/korean",
            200,
            &[("content-type", "text/html; charset=euc-kr")],
            &encode(encoding_rs::EUC_KR, "<title>오류 처리</title><h1>안녕하세요</h1><p>502 오류"),
            &expected("오류 처리"),
        ),
        answer(
            "/japanese",
            200,
            &[("content-type", "text/html; charset=Shift_JIS")],
            &encode(encoding_rs::SHIFT_JIS, "<title>エラー処理</title><h1>こんにちは</h1>"),
            &expected("エラー処理"),
        ),
        answer(
            "/japanese-by-meta",
            200,
            &[("content-type", "text/html")],
            &encode(
                encoding_rs::SHIFT_JIS,
                "<meta charset=shift_jis><title>エラー処理</title><h1>こんにちは</h1>",
            ),
            &expected("エラー処理"),
        ),
        answer(
            "/latin",
            200,
            &[("content-type", "text/html; charset=iso-8859-1")],
            &encode(
                encoding_rs::WINDOWS_1252,
                "<title>Café in Köln</title><p>Â is a letter of Portuguese: Âmbar",
            ),
            &expected("Café in Köln"),
        ),
        answer(
            "/api/error",
            400,
            &[("content-type", "application/json")],
            b"{\"error\":\"the token is invalid\"}",
            "expect.status = 400",
        ),
        answer(
            "/api/missing",
            404,
            &[("content-type", "application/json")],
            b"{\"error\":\"no such table: seat 5 is gone\"}",
            "expect.status = 404",
        ),
        answer(
            "/api/quote",
            200,
            &[("content-type", "application/json")],
            b"{\"text\":\"<?php relation \\\"x\\\" does not exist\"}",
            "expect.json.\"$.text\".contains = \"php\"",
        ),
        answer("/api/token", 401, &[("www-authenticate", "Bearer")], b"", "expect.status = 401"),
        answer(
            "/staff",
            401,
            &[HTML, ("www-authenticate", "Basic realm=\"Staff\"")],
            b"<title>401 Authorization Required</title><h1>401</h1>",
            "expect.status = 401",
        ),
        answer(
            "/moved",
            301,
            &[("location", "/article")],
            b"",
            "expect.redirects = 1\nexpect.title = \"How we broke nginx\"",
        ),
        answer(
            "/old-name",
            308,
            &[("location", "https://www.example.com/")],
            b"",
            "redirects = false\nexpect.status = 308",
        ),
        answer("/login-first", 302, &[("location", "/sign-in")], b"", "expect.title = \"Sign in\""),
        answer(
            "/cookie",
            200,
            &[
                HTML,
                ("set-cookie", "theme=dark; Path=/shop"),
                ("set-cookie", "old=; Max-Age=0; Domain=www.example.com"),
            ],
            b"<title>Cookies</title><p>eaten",
            &expected("Cookies"),
        ),
        answer(
            "/feed",
            200,
            &[("content-type", "application/rss+xml")],
            b"<?xml version=\"1.0\"?><rss><channel><title>502 Bad Gateway</title></channel></rss>",
            "expect.status = 200",
        ),
        answer(
            "/robots.txt",
            200,
            &[("content-type", "text/plain")],
            b"User-agent: *\nDisallow: /phpmyadmin\n# no available server is harmed\n",
            "expect.status = 200",
        ),
    ]
}

fn list_writes() -> Vec<Oddity> {
    let post = |path, status, headers, body: &str, expects: &str| Oddity {
        steps: format!(
            "[[step]]\npost = \"{path}\"\nform = {{ text = \"Buy milk and bread\" }}\n{expects}\n"
        ),
        ..answer(path, status, headers, body.as_bytes(), "")
    };
    vec![
        post(
            "/write/here",
            200,
            &[HTML],
            "<title>Thank you</title><p>It waits for approval",
            "expect.title = \"Thank you\"",
        ),
        post(
            "/write/soon",
            429,
            &[HTML, ("retry-after", "9")],
            "<title>Too many requests</title>",
            "expect.status = 429",
        ),
        post(
            "/write/refused",
            422,
            &[("content-type", "application/json")],
            "{\"error\":\"the text is empty\"}",
            "expect.status = 422",
        ),
    ]
}

fn serve(pages: Vec<Oddity>) -> Site {
    let pages = Arc::new(pages);
    let find = move |uri: Uri| {
        let found = pages.iter().find(|page| page.path == uri.path());
        let mut response = Response::builder().status(found.map_or(404, |page| page.status));
        for (name, value) in found.map_or(&[HTML][..], |page| page.headers) {
            response = response.header(*name, *value);
        }
        let body = found.map_or_else(|| b"<title>Not here</title>".to_vec(), |page| page.body.clone());
        let response = response.body(Body::from(body)).unwrap();
        async move { response }
    };
    Site::start(Router::new().fallback(any(find)))
}

#[test]
fn healthy_oddities_pass_and_are_not_diagnosed() {
    let pages: Vec<Oddity> = list_pages().into_iter().chain(list_writes()).collect();
    assert!(pages.len() >= 25, "{}", pages.len());
    // One spec for each: what one of them says of the site must not explain another.
    let specs: Vec<(String, String)> = pages
        .iter()
        .enumerate()
        .map(|(number, page)| (format!("specs/{number:02}.toml"), format!("writes = true\n\n{}", page.steps)))
        .collect();
    let files: Vec<(&str, &str)> = specs.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let folder = folder_with(&files);
    let site = serve(pages);
    let judged = run_with_reports(&folder, &["--url", &site.url()], &[]);
    assert_eq!(judged.output.code, 0, "{}{}", judged.output.stdout, judged.output.stderr);
    assert_eq!(judged.document().0["diagnosis"], serde_json::Value::Null);
}

#[test]
fn a_walk_past_healthy_oddities_finds_nothing() {
    for mut home in list_pages() {
        // A login, a redirect to another host and an error page that nobody expects are no healthy home.
        if matches!(home.status, 401 | 403 | 410 | 503 | 308)
            || home.path == "/moved"
            || home.path == "/login-first"
        {
            continue;
        }
        let name = home.path;
        home.path = "/";
        let site = serve(vec![home]);
        let folder = tempfile::tempdir().unwrap();
        let report = folder.path().join("report.json");
        let option = format!("json={}", report.display());
        let output = smokegate(["diagnose", &site.url(), "--report", &option]).run();
        assert_eq!(output.code, 0, "{name}: {}{}", output.stdout, output.stderr);
        assert_eq!(Document::read(&report).0["diagnosis"], serde_json::Value::Null, "{name}");
    }
}
