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

/// A page as `tests/sites/capture` stored it: lines that say where it is from, then the answer.
struct Stored {
    name: String,
    /// The mark that it bears; none of a healthy page.
    mark: Option<String>,
    /// The program that sent it, or where a text says that it does.
    origin: String,
    /// The address from which it came.
    url: String,
    response: Response,
}

fn read_stored(name: &str, raw: &str) -> Stored {
    let (head, body) = raw.split_once("\n\n").unwrap();
    let told = |key: &str| {
        let mut lines = head.lines().filter_map(|line| line.strip_prefix("# ")?.strip_prefix(key));
        lines.next().map(str::to_owned)
    };
    let mut lines = head.lines().filter(|line| !line.starts_with('#'));
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(&str, &str)> = lines.map(|line| line.split_once(": ").unwrap()).collect();
    Stored {
        name: name.to_owned(),
        mark: told("mark: "),
        url: told("url: ").unwrap_or_else(|| "http://site.example/here".to_owned()),
        origin: told("program: ").or_else(|| told("source: ")).unwrap_or_default(),
        response: answer(status, &headers, body),
    }
}

fn recognise(url: &str, response: &Response) -> Option<String> {
    recognise_page(&Page::of_response(url, response)).map(|one| one.mark.code.clone())
}

fn html(status: u16, text: &str) -> Response {
    answer(status, &[("content-type", "text/html; charset=utf-8")], text)
}

fn read_folder(name: &str) -> Vec<Stored> {
    let folder = format!("{}/tests/golden/pages/{name}", env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<Stored> = entries
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            read_stored(&name, &String::from_utf8_lossy(&std::fs::read(path).unwrap()))
        })
        .collect();
    pages.sort_by(|one, other| one.name.cmp(&other.name));
    pages
}

/// What is wrong with how a page is recognised: its code stands in its name, its mark in its first lines.
fn find_misnamed(stored: &Stored) -> Option<String> {
    let (code, _) = stored.name.split_once("--").unwrap();
    let page = Page::of_response(&stored.url, &stored.response);
    let found = recognise_page(&page).map(|one| (one.mark.code.as_str(), one.mark.name.as_str(), one.what));
    let is_right = found.as_ref().is_some_and(|(given, mark, what)| {
        *given == code && Some(*mark) == stored.mark.as_deref() && !what.is_empty()
    });
    (!is_right).then(|| format!("{}: {:?}, not {:?}", stored.name, found, stored.mark))
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
            assert!(pattern.compiled().is_some(), "{}: {}", mark.name, pattern.source());
        }
    }
}

#[test]
fn pages_of_real_programs_are_recognised() {
    let pages = read_folder("broken");
    assert!(pages.iter().all(|page| !page.origin.is_empty()), "each names its program");
    let wrong: Vec<String> = pages.iter().filter_map(find_misnamed).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Pages of programs that are not at hand here, as their sources and manuals print them.
#[test]
fn pages_that_others_quote_are_recognised() {
    let pages = read_folder("quoted");
    assert!(pages.iter().all(|page| !page.origin.is_empty()), "each names its source");
    let wrong: Vec<String> = pages.iter().filter_map(find_misnamed).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_mark_has_a_page_that_bears_it() {
    let marks = read_marks(include_str!("../fingerprints.toml")).unwrap();
    let pages: Vec<Stored> = ["broken", "quoted"].into_iter().flat_map(read_folder).collect();
    let bare: Vec<&str> = marks
        .iter()
        .map(|mark| mark.name.as_str())
        .filter(|name| !pages.iter().any(|page| page.mark.as_deref() == Some(name)))
        .collect();
    assert!(bare.is_empty(), "{bare:#?}");
}

#[test]
fn healthy_pages_of_real_programs_are_not() {
    for stored in read_folder("healthy") {
        assert_eq!(recognise("http://site.example/here", &stored.response), None, "{}", stored.name);
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
    let stored =
        read_folder("broken").into_iter().find(|page| page.name.ends_with("listing--nginx")).unwrap();
    let listing = stored.response;
    assert!(recognise_broken_page(&Page::of_response("http://a.example/files/", &listing)).is_none());
    assert!(recognise_broken_page(&Page::of_response("http://a.example", &listing)).is_some());
}

#[test]
fn pages_about_domains_and_accounts_bear_no_mark() {
    let cases = [
        html(200, "<title>Buy Node.js in Action</title><h1>Buy Node.js in Action</h1>"),
        html(
            200,
            "<title>Figma.com is for sale, says report</title><h1>Figma.com is for sale, says report</h1>",
        ),
        html(200, "<title>figma.com is for sale</title><p>says a report"),
        html(
            200,
            "<title>Parked domains: how to add one</title><p>This domain is parked, says the registrar then.",
        ),
        html(200, "<title>Your new domain, step by step</title>"),
        html(200, "<title>Your new domain</title><p>A guide in five steps."),
        html(
            200,
            "<title>Account suspended</title><h1>Account suspended</h1><p>Write to us to be let in again.",
        ),
        html(
            200,
            "<title>Parking</title><p>We compared <a href=https://bodis.com/>Bodis</a> with data-adblockkey=\"x\"",
        ),
        answer(404, &[("x-vercel-error", "NOT_FOUND")], "The page could not be found\n\nNOT_FOUND"),
    ];
    for response in cases {
        let found = recognise("http://blog.example/posts/1", &response);
        assert_eq!(found, None, "{:?}", response.text);
    }
}

#[test]
fn a_page_that_sells_its_own_name_is_parked() {
    let page = html(200, "<title>shop.example is for sale!</title><p>Make an offer");
    assert_eq!(recognise("http://www.shop.example/x", &page).as_deref(), Some("content.parking_page"));
    assert_eq!(recognise("http://blog.example/x", &page), None);
    assert_eq!(recognise("http://workshop.example/x", &page), None);
    let empty = answer(404, &[("x-vercel-error", "NOT_FOUND")], "The page could not be found");
    assert_eq!(recognise("https://shop.example/", &empty).as_deref(), Some("proxy.default_page"));
}

#[test]
fn what_a_page_says_keeps_its_braces() {
    let groups = BTreeMap::from([("what".to_owned(), "no such table: {a}".to_owned())]);
    assert_eq!(fill("{what}, {none}told { as it is", &groups), "no such table: {a}, told { as it is");
}

#[test]
fn what_was_recognised_is_told() {
    let page = html(500, "no such table: lists_item");
    let found = recognise_page(&Page::of_response("http://a.example/lists/new", &page)).unwrap();
    assert_eq!(found.what, "no such table: lists_item");
    assert_eq!(found.seen, "http://a.example/lists/new → 500, \"no such table: lists_item\"");
}
