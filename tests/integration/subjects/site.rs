//! The servers and files that the samples look at.

use std::path::Path;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName, LOCATION, SET_COOKIE};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::support::{Site, folder_with};

const PAGE: &str = "<!doctype html><html lang=en><head><title>Teas of\n the world</title></head><body><h1>Teas</h1>\
    <ul><li>Green tea</li><li>Oolong <b>tea</b></li></ul>\
    <form><label for=name>Your name</label><input id=name autofocus placeholder=Edith value=Francis>\
    <select name=size><option>pot<option selected>cup</select>\
    <label><input type=checkbox id=milk> Milk</label>\
    <button data-testid=brew aria-label='Brew it'>Brew</button></form>\
    <div id=box style='position:absolute;left:100px;top:50px;width:40px;height:20px'></div>\
    <div id=edge style='position:absolute;left:-30px;top:52px;width:40px;height:20px'></div>\
    <p id=hidden hidden>Nothing</p></body></html>";

const DRESSED: &str = "<!doctype html><html><head><title>Dressed</title><link rel=stylesheet href=/site.css>\
    <script src=/app.js></script></head><body><p>Hello<img src=/dot.svg alt=dot><img src=/missing.png alt=no></body></html>";

const BROKEN: &str = "<!doctype html><title>Broken</title><p>Hello<script>console.error('spilt')</script>\
    <img src=/missing.png alt=no>";

const JSON: &str = r#"{"name":"green tea","price":3,"hot":true,"none":null,"tags":["leaf","cup"],"pots":[{"size":1},{"size":2}]}"#;

const XML: &str = "<?xml version=\"1.0\"?><shop xmlns=\"urn:shop\" xmlns:x=\"urn:x\"><pot size=\"11\">small</pot>\
    <pot size=\"22\">large</pot><x:lid>round</x:lid></shop>";

/// A font that begins as WOFF2 does.
const FONT: &[u8] = include_bytes!("../../../src/demo/static/pixel.woff2");

fn router() -> Router {
    let page = || async {
        let headers = [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (HeaderName::from_static("x-colour"), "green"),
            (SET_COOKIE, "taste=sweet"),
        ];
        let mut answer = (headers, PAGE).into_response();
        for value in ["one", "two"] {
            answer.headers_mut().append("x-twice", value.parse().unwrap());
        }
        answer
    };
    let typed = |content_type: &'static str, body: &'static [u8]| {
        get(move || async move { ([(CONTENT_TYPE, content_type)], body) })
    };
    Router::new()
        .route("/page", get(page))
        .route("/moved", get(|| async { (StatusCode::FOUND, [(LOCATION, "/page")]) }))
        .route("/plain", typed("text/plain", b"tea and \"cake\""))
        .route("/binary", typed("application/octet-stream", b"\x00\xff\xfe\x80"))
        .route("/empty", typed("application/json", b""))
        .route("/day", typed("text/html", b"<!doctype html><title>Day</title>"))
        .route(
            "/night",
            typed("text/html", b"<!doctype html><title>Night</title><body style='background:black'>"),
        )
        .route("/bare", typed("text/html", b"<p>bare &amp; plain"))
        .route(
            "/linked",
            typed("text/html", b"<title>Linked</title><a href=/page>one</a> <a href=/plain>two</a>"),
        )
        .route("/broken", typed("text/html", BROKEN.as_bytes()))
        .route("/data.json", typed("application/json", JSON.as_bytes()))
        .route("/data.xml", typed("application/xml", XML.as_bytes()))
        .route("/dressed", typed("text/html", DRESSED.as_bytes()))
        .route(
            "/site.css",
            typed("text/css", b"@font-face { font-family: p; src: url(/p.woff2) } p { color: green }"),
        )
        .route("/app.js", typed("text/javascript", b"document.title;"))
        .route(
            "/dot.svg",
            typed("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'><path d='M0 0h1'/></svg>"),
        )
        .route("/p.woff2", typed("font/woff2", FONT))
}

/// A site, a database and a folder of specs about them.
pub(super) struct Stage {
    site: Site,
    folder: tempfile::TempDir,
}

impl Stage {
    pub(super) fn start() -> Self {
        let site = Site::start(router());
        let folder = folder_with(&[
            (
                "specs/tea.schema.json",
                r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","$ref":"parts/tea.json"}"#,
            ),
            (
                "specs/parts/tea.json",
                r#"{"type":"object","required":["name"],"properties":{"price":{"type":"integer"}}}"#,
            ),
            (
                "specs/coffee.schema.json",
                r#"{"required":["beans"],"properties":{"name":{"type":"integer"},"tags":{"prefixItems":[{"const":"bean"}]}}}"#,
            ),
        ]);
        let database = folder.path().join("shop.sqlite");
        rusqlite::Connection::open(&database)
            .unwrap()
            .execute_batch(
                "create table tea (id integer, name text, note text, price text);
                 insert into tea values (1, 'green', null, '1.50'), (2, 'oolong', null, '2.50');",
            )
            .unwrap();
        let project = format!(
            "[defaults]\ntarget = \"shop\"\n[target.shop]\nurl = \"{}\"\nwrites = true\n\
             [target.shop.database.app]\nurl = \"sqlite:{}\"\nwritable = true\n",
            site.url(),
            database.display()
        );
        std::fs::write(folder.path().join("smokegate.toml"), project).unwrap();
        Self { site, folder }
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    pub(super) fn url(&self) -> String {
        self.site.url()
    }
}
