//! Faults that can be switched on, each a state in which real deployments are found.

use std::time::Duration;

use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};

use super::State;

/// How slow the slow page is.
const SLOW: Duration = Duration::from_millis(2_500);

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// See [`Fault::doc`].
    CssMissing,
    /// See [`Fault::doc`].
    CssAsHtml,
    /// See [`Fault::doc`].
    CssWrongType,
    /// See [`Fault::doc`].
    CssTruncated,
    /// See [`Fault::doc`].
    ImageMissing,
    /// See [`Fault::doc`].
    FontMissing,
    /// See [`Fault::doc`].
    Integrity,
    /// See [`Fault::doc`].
    ScriptThrows,
    /// See [`Fault::doc`].
    SchemaBehind,
    /// See [`Fault::doc`].
    WriteLost,
    /// See [`Fault::doc`].
    CsrfBroken,
    /// See [`Fault::doc`].
    Leak,
    /// See [`Fault::doc`].
    DebugPage,
    /// See [`Fault::doc`].
    DefaultPage,
    /// See [`Fault::doc`].
    BadGateway,
    /// See [`Fault::doc`].
    ApiDown,
    /// See [`Fault::doc`].
    Slow,
}

const TABLE: &[(Fault, &str, &str)] = &[
    (Fault::CssMissing, "css-missing", "the stylesheet is not found: static files were not collected"),
    (Fault::CssAsHtml, "css-as-html", "the application answers for the stylesheet, with a page and status 200"),
    (Fault::CssWrongType, "css-wrong-type", "the stylesheet is sent as text/plain, and nosniff makes browsers refuse it"),
    (Fault::CssTruncated, "css-truncated", "the stylesheet ends in the middle: the disk was full when it was copied"),
    (Fault::ImageMissing, "image-missing", "the logo is not found"),
    (Fault::FontMissing, "font-missing", "the font that the stylesheet names is not found"),
    (Fault::Integrity, "integrity", "the script is of another build than the page: its integrity hash does not match"),
    (Fault::ScriptThrows, "script-throws", "the script throws when it loads"),
    (Fault::SchemaBehind, "schema-behind", "the database was not migrated: reads work, a write is a plain 500"),
    (Fault::WriteLost, "write-lost", "the form answers well and shows the item, and nothing is in the database"),
    (Fault::CsrfBroken, "csrf-broken", "the CSRF cookie is set for another path: forms are refused with 403"),
    (Fault::Leak, "leak", "visitors see each other's lists"),
    (Fault::DebugPage, "debug-page", "debug mode is on: an address that does not exist shows the settings"),
    (Fault::DefaultPage, "default-page", "the web server's welcome page answers for everything"),
    (Fault::BadGateway, "bad-gateway", "the application is down: the proxy answers 502"),
    (Fault::ApiDown, "api-down", "the JSON API answers 503"),
    (Fault::Slow, "slow", "the home page takes two and a half seconds"),
];

impl Fault {
    /// All faults.
    pub const ALL: &[Self] = &{
        let mut all = [Self::CssMissing; TABLE.len()];
        let mut index = 0;
        while index < TABLE.len() {
            all[index] = TABLE[index].0;
            index += 1;
        }
        all
    };

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// What it is, in one line.
    pub fn doc(self) -> &'static str {
        self.row().2
    }

    /// The fault of a name.
    pub fn parse(name: &str) -> Option<Self> {
        TABLE.iter().find(|(_, known, _)| *known == name).map(|(fault, _, _)| *fault)
    }

    fn row(self) -> &'static (Self, &'static str, &'static str) {
        TABLE.iter().find(|(fault, _, _)| *fault == self).unwrap_or(&TABLE[0])
    }
}

/// Faults that stand before the application: a proxy, a slow machine.
pub(super) async fn break_site(
    axum::extract::State(shared): State,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    match shared.fault {
        Some(Fault::DefaultPage) => Html(include_str!("templates/welcome_to_nginx.html")).into_response(),
        Some(Fault::BadGateway) if !path.starts_with("/static/") => {
            (StatusCode::BAD_GATEWAY, Html(include_str!("templates/bad_gateway.html"))).into_response()
        }
        Some(Fault::ApiDown) if path.starts_with("/api/") => {
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "30")], "service unavailable").into_response()
        }
        Some(Fault::Slow) if path == "/" => {
            tokio::time::sleep(SLOW).await;
            next.run(request).await
        }
        _ => next.run(request).await,
    }
}
