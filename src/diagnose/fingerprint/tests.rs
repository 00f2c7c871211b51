//! Every stored page that a real program gave is recognised, and no healthy one is.

use super::*;
use crate::evidence::{Body, Header, Headers, Response};

fn answer(status: u16, headers: &[(&str, &str)], text: &str) -> Response {
    let headers =
        headers.iter().map(|(name, value)| Header { name: name.to_lowercase(), value: (*value).to_owned() });
    Response {
        status,
        version: "HTTP/1.1".to_owned(),
        headers: Headers(headers.collect()),
        body: Body::of_text(text),
        text: Some(text.to_owned()),
    }
}

/// An answer as `curl -i` wrote it, its lines ending as git likes them.
fn read_answer(raw: &str) -> Response {
    let (head, body) = raw.split_once("\n\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(&str, &str)> = lines.map(|line| line.split_once(": ").unwrap()).collect();
    answer(status, &headers, body)
}

fn recognise(url: &str, response: &Response) -> Option<String> {
    recognise_page(&Page::of_response(url, response)).map(|one| one.mark.code.clone())
}

fn html(status: u16, text: &str) -> Response {
    answer(status, &[("content-type", "text/html; charset=utf-8")], text)
}

fn read_folder(name: &str) -> Vec<(String, Response)> {
    let folder = format!("{}/tests/golden/pages/{name}", env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<(String, Response)> = entries
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, read_answer(&String::from_utf8_lossy(&std::fs::read(path).unwrap())))
        })
        .collect();
    pages.sort_by(|one, other| one.0.cmp(&other.0));
    pages
}

#[test]
fn the_file_of_marks_can_be_read() {
    let marks = read_marks(include_str!("../fingerprints.toml")).unwrap();
    assert!(marks.len() >= 60, "{}", marks.len());
    for mark in &marks {
        assert!(find_code(&mark.code).is_some(), "{}: {}", mark.name, mark.code);
        assert!(!mark.advice.is_empty(), "{}", mark.name);
        assert_eq!(marks.iter().filter(|other| other.name == mark.name).count(), 1, "{}", mark.name);
        let patterns = [&mark.media, &mark.title, &mark.heading, &mark.headline, &mark.text, &mark.body];
        let patterns: Vec<&Pattern> = patterns.into_iter().flatten().chain(mark.header.values()).collect();
        assert!(!patterns.is_empty(), "{}", mark.name);
        for pattern in patterns {
            assert!(pattern.compiled().is_some(), "{}: {}", mark.name, pattern.source);
        }
    }
}

#[test]
fn pages_of_real_programs_are_recognised() {
    for (name, response) in read_folder("broken") {
        let (code, _) = name.split_once("--").unwrap();
        assert_eq!(recognise("http://site.example/here", &response).as_deref(), Some(code), "{name}");
    }
}

#[test]
fn healthy_pages_of_real_programs_are_not() {
    for (name, response) in read_folder("healthy") {
        assert_eq!(recognise("http://site.example/here", &response), None, "{name}");
    }
}

#[test]
fn pages_of_the_demo_site_are_recognised() {
    let cases = [
        (200, include_str!("../../demo/templates/welcome_to_nginx.html"), Some("proxy.default_page")),
        (502, include_str!("../../demo/templates/bad_gateway.html"), Some("proxy.bad_gateway")),
        (403, include_str!("../../demo/templates/csrf_failure.html"), Some("session.csrf")),
        (404, include_str!("../../demo/templates/django_debug_404.html"), Some("application.debug_page")),
        (500, include_str!("../../demo/templates/server_error.html"), None),
    ];
    for (status, body, code) in cases {
        assert_eq!(recognise("http://site.example/", &html(status, body)).as_deref(), code, "{body}");
    }
}

/// Pages of programs that are not at hand here, as their sources and manuals print them.
#[test]
#[expect(clippy::too_many_lines, reason = "a table: one page after the other")]
fn pages_known_from_their_sources_are_recognised() {
    let plain = |status, text| answer(status, &[("content-type", "text/plain")], text);
    let cases = [
        (html(200, "<html><body><h1>It works!</h1></body></html>\n"), "proxy.default_page"),
        (
            html(
                503,
                "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n",
            ),
            "proxy.unavailable",
        ),
        (
            html(
                502,
                "<html><body><h1>502 Bad Gateway</h1>\nThe server returned an invalid or incomplete response.\n</body></html>\n",
            ),
            "proxy.bad_gateway",
        ),
        (
            html(
                504,
                "<html><body><h1>504 Gateway Time-out</h1>\nThe server didn't respond in time.\n</body></html>\n",
            ),
            "proxy.timeout",
        ),
        (
            html(
                502,
                "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>502 Proxy Error</title>\n</head><body>\n<h1>Proxy Error</h1>\n<p>The proxy server received an invalid\r\nresponse from an upstream server.<br />",
            ),
            "proxy.bad_gateway",
        ),
        (
            html(
                503,
                "<html><head>\n<title>503 Service Unavailable</title>\n</head><body>\n<h1>Service Unavailable</h1>\n<p>The server is temporarily unable to service your\nrequest due to maintenance downtime or capacity\nproblems. Please try again later.</p>",
            ),
            "proxy.unavailable",
        ),
        (plain(502, "Bad Gateway"), "proxy.bad_gateway"),
        (plain(503, "no available server"), "proxy.unavailable"),
        (
            plain(
                503,
                "upstream connect error or disconnect/reset before headers. reset reason: connection failure",
            ),
            "proxy.unavailable",
        ),
        (plain(504, "upstream request timeout"), "proxy.timeout"),
        (answer(502, &[("server", "Caddy")], ""), "proxy.bad_gateway"),
        (
            answer(
                503,
                &[("server", "awselb/2.0"), ("content-type", "text/html")],
                "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>",
            ),
            "proxy.unavailable",
        ),
        (
            html(
                503,
                "<!DOCTYPE html><html><head><title>Application Error</title></head><body><iframe src=\"//www.herokucdn.com/error-pages/application-error.html\"></iframe></body></html>",
            ),
            "proxy.unavailable",
        ),
        (
            html(
                521,
                "<!DOCTYPE html><html><head><title>shop.example | 521: Web server is down</title></head><body>cloudflare</body></html>",
            ),
            "proxy.bad_gateway",
        ),
        (
            html(
                503,
                "<!DOCTYPE html><html><head><title>503 Backend fetch failed</title></head><body><h1>Error 503 Backend fetch failed</h1><p>Backend fetch failed</p><h3>Guru Meditation:</h3></body></html>",
            ),
            "proxy.unavailable",
        ),
        (
            html(
                500,
                "<!DOCTYPE html><html><head><title>Database Error</title></head><body><div class=\"wp-die-message\"><h1>Error establishing a database connection</h1></div></body></html>",
            ),
            "database.unreachable",
        ),
        (
            html(
                500,
                "<h1>Whitelabel Error Page</h1><p>This application has no explicit mapping for /error</p>",
            ),
            "application.debug_page",
        ),
        (html(403, "<h1>Blocked hosts: shop.example</h1>"), "application.host_not_allowed"),
        (
            plain(403, "Blocked request. This host (\"shop.example\") is not allowed."),
            "application.host_not_allowed",
        ),
        (
            answer(
                404,
                &[("x-vercel-error", "DEPLOYMENT_NOT_FOUND")],
                "The deployment could not be found on Vercel.",
            ),
            "proxy.default_page",
        ),
        (plain(404, "default backend - 404"), "proxy.default_page"),
        (html(200, "<title>Caddy works!</title><h1>Congratulations</h1>"), "proxy.default_page"),
        (html(200, "<title>shop.example is for sale</title><p>Buy it"), "content.parking_page"),
        (
            html(
                200,
                "<title>shop.example</title><script src=\"https://img1.wsimg.com/parking-lander/static/js/main.js\"></script>",
            ),
            "content.parking_page",
        ),
        (html(200, "<?php\nrequire 'index.inc';"), "content.unrendered"),
        (
            html(
                200,
                "<br />\n<b>Fatal error</b>:  Uncaught Error: Class \"Monolog\\Logger\" not found in /srv/a.php:3\nStack trace: thrown in <b>/srv/a.php</b> on line <b>3</b>",
            ),
            "dependency.missing",
        ),
        (
            html(500, "SQLSTATE[42S02]: Base table or view not found: 1146 Table 'shop.items' doesn't exist"),
            "database.schema",
        ),
        (
            plain(
                500,
                "pymysql.err.OperationalError: (1045, \"Access denied for user 'app'@'10.0.0.2' (using password: YES)\")",
            ),
            "database.login",
        ),
        (
            plain(500, "(1044, \"Access denied for user 'app'@'10.0.0.2' to database 'shop'\")"),
            "database.denied",
        ),
        (
            plain(500, "connection to server at \"10.0.0.9\", port 5432 failed: Connection refused"),
            "database.unreachable",
        ),
        (
            answer(
                500,
                &[("content-type", "application/json")],
                "{\"detail\":\"relation \\\"posts\\\" does not exist\"}",
            ),
            "database.schema",
        ),
        (html(419, "<title>Page Expired</title><div>419</div>"), "session.csrf"),
    ];
    for (response, code) in cases {
        let found = recognise("http://shop.example/x", &response);
        assert_eq!(found.as_deref(), Some(code), "{:?}", response.text);
    }
}

#[test]
fn healthy_oddities_bear_no_mark() {
    let article = "<title>How we broke nginx</title><h1>How we broke nginx</h1><p>Then the page said:</p>\
        <blockquote><h1>Welcome to nginx!</h1><p>If you see this page, the nginx web server is successfully installed\
        </p></blockquote><pre>Traceback (most recent call last):\ndjango.db.utils.OperationalError: no such table: \
        lists_item\nDEBUG = True in your Django settings file</pre><p>502 Bad Gateway nginx/1.22.1 \
        ModuleNotFoundError: No module named 'django'";
    let long = format!(
        "<title>Welcome to nginx!</title><h1>Welcome to nginx!</h1><p>{}",
        "A word on it. ".repeat(200)
    );
    let (korean, _, _) = encoding_rs::EUC_KR.encode("<title>오류 처리</title><h1>안녕하세요</h1><p>502 오류");
    let (japanese, _, _) = encoding_rs::SHIFT_JIS.encode("<title>エラー処理</title><h1>こんにちは</h1>");
    let json = [("content-type", "application/json")];
    let cases = [
        html(200, article),
        html(200, &long),
        html(404, article),
        html(200, "<title>502 things to do</title><h1>502 things to do</h1><p>Bad Gateway is a town"),
        html(200, "<title>Error handling</title><h1>Error handling</h1><p>500 Internal Server Error"),
        html(200, "<title>Sign in</title><form action=/sso><input type=password></form>"),
        html(404, "<title>Not found</title><h1>Not found</h1>"),
        html(404, "<html><head><title>404 Not Found</title></head><center><h1>404 Not Found</h1></center>"),
        html(200, ""),
        answer(204, &[], ""),
        html(200, &encoding_rs::EUC_KR.decode(&korean).0),
        html(200, &encoding_rs::SHIFT_JIS.decode(&japanese).0),
        html(200, &String::from_utf8_lossy(&korean)),
        html(200, "<title></title><p>no title"),
        html(200, "<title>Welcome page</title><h1>Welcome to the museum</h1>"),
        html(200, "<title>Domains for sale</title><h1>We buy and sell houses</h1>"),
        html(200, "<title>House is for sale</title>"),
        html(200, "<title>Express</title><h1>Our express trains</h1>"),
        html(200, "<title>Laravel</title><h1>A meetup on Laravel</h1>"),
        html(
            200,
            "<title>It works!</title><h1>It works!</h1><p>Our new product works. Buy it now for a small sum.",
        ),
        html(200, "<title>Index of refraction</title><h1>Index of refraction</h1>"),
        html(200, "<title>PHP</title><pre>&lt;?php echo 1;</pre>"),
        html(500, "<title>Server Error (500)</title><h1>Server Error (500)</h1>"),
        html(429, "<title>Too many requests</title>"),
        html(401, "<title>Log in first</title>"),
        html(403, "<title>Forbidden</title><h1>Members only</h1>"),
        answer(401, &[("www-authenticate", "Bearer")], ""),
        answer(400, &json, "{\"error\":\"the token is invalid\"}"),
        answer(404, &json, "{\"error\":\"no such table: seat 5 is gone\"}"),
        answer(200, &json, "{\"text\":\"<?php relation \\\"x\\\" does not exist\"}"),
        answer(200, &[("content-type", "text/css")], "body { }"),
    ];
    for response in cases {
        let found = recognise("http://blog.example/posts/1", &response);
        assert_eq!(found, None, "{:?}", response.text);
    }
}

#[test]
fn a_listing_is_wrong_as_the_home_page_only() {
    let (_, listing) =
        read_folder("broken").into_iter().find(|(name, _)| name.ends_with("listing--nginx")).unwrap();
    assert!(recognise_broken_page(&Page::of_response("http://a.example/files/", &listing)).is_none());
    assert!(recognise_broken_page(&Page::of_response("http://a.example", &listing)).is_some());
}

#[test]
fn what_was_recognised_is_told() {
    let page = html(500, "no such table: lists_item");
    let found = recognise_page(&Page::of_response("http://a.example/lists/new", &page)).unwrap();
    assert_eq!(found.what, "no such table: lists_item");
    assert_eq!(found.seen, "http://a.example/lists/new → 500, \"no such table: lists_item\"");
}
