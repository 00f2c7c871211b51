//! Static files: stylesheets, a script, images and a font of the site's own.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse as _, Response};
use base64::Engine as _;
use sha2::{Digest as _, Sha256};

use super::{Fault, State};

const FILES: &[(&str, &str, &[u8])] = &[
    ("site.css", "text/css; charset=utf-8", include_bytes!("static/site.css")),
    ("base.css", "text/css; charset=utf-8", include_bytes!("static/base.css")),
    ("app.js", "text/javascript; charset=utf-8", include_bytes!("static/app.js")),
    ("logo.svg", "image/svg+xml", include_bytes!("static/logo.svg")),
    ("dots.png", "image/png", include_bytes!("static/dots.png")),
    ("favicon.png", "image/png", include_bytes!("static/favicon.png")),
    // Drawn for this site on a grid of five by seven; under the licences of the whole.
    ("pixel.woff2", "font/woff2", include_bytes!("static/pixel.woff2")),
];

/// What the script becomes when it throws.
const THROWING: &[u8] = b"\"use strict\";\nconst settings = window.demoSettings;\nsettings.colours.forEach(console.log);\n";

/// The integrity attribute of the script that the page names (W3C Subresource Integrity).
pub(super) fn script_integrity(fault: Option<Fault>) -> String {
    let script: &[u8] = match fault {
        Some(Fault::Integrity) => b"another build",
        Some(Fault::ScriptThrows) => THROWING,
        _ => include_bytes!("static/app.js"),
    };
    format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(script)))
}

pub(super) async fn serve(axum::extract::State(shared): State, Path(name): Path<String>, uri: Uri) -> Response {
    let Some((_, media_type, bytes)) = FILES.iter().find(|(known, _, _)| *known == name) else {
        return super::lists::not_found(axum::extract::State(shared), uri).await;
    };
    match (shared.fault, name.as_str()) {
        (Some(Fault::CssMissing), "site.css") | (Some(Fault::ImageMissing), "logo.svg") | (Some(Fault::FontMissing), "pixel.woff2") => {
            super::lists::not_found(axum::extract::State(shared), uri).await
        }
        (Some(Fault::CssAsHtml), "site.css") => {
            (StatusCode::OK, Html("<!doctype html><title>To-Do lists</title><h1>Your To-Do list</h1>")).into_response()
        }
        (Some(Fault::CssWrongType), "site.css") => send("text/plain; charset=utf-8", bytes),
        (Some(Fault::CssTruncated), "site.css") => cut_short(media_type, bytes),
        (Some(Fault::ScriptThrows), "app.js") => send(media_type, THROWING),
        _ => send(media_type, bytes),
    }
}

fn send(media_type: &'static str, bytes: &'static [u8]) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000"));
    (headers, bytes).into_response()
}

/// Promises all bytes, sends half of them, and breaks the connection.
fn cut_short(media_type: &'static str, bytes: &'static [u8]) -> Response {
    let parts = [Ok(&bytes[..bytes.len() / 2]), Err(std::io::Error::other("cut short"))];
    let body = axum::body::Body::from_stream(futures_util::stream::iter(parts));
    let headers = [(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_LENGTH, bytes.len().to_string())];
    (headers, body).into_response()
}
