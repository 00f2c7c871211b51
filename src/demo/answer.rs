//! Pages and cookies.

use std::sync::LazyLock;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use minijinja::{Environment, Value};

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    for (name, text) in [
        ("base.html", include_str!("templates/base.html")),
        ("home.html", include_str!("templates/home.html")),
        ("list.html", include_str!("templates/list.html")),
        ("login.html", include_str!("templates/login.html")),
        ("account.html", include_str!("templates/account.html")),
        ("not_found.html", include_str!("templates/not_found.html")),
    ] {
        // A template that does not parse shows as a page with status 500, and the demo's own specs find it.
        let _ = templates.add_template(name, text);
    }
    templates
});

/// A page of the site.
pub(super) fn page(status: StatusCode, template: &str, values: Value) -> Response {
    match TEMPLATES.get_template(template).and_then(|template| template.render(values)) {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => server_error(),
    }
}

/// What Django shows where `DEBUG` is off.
pub(super) fn server_error() -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, Html(include_str!("templates/server_error.html"))).into_response()
}

/// A redirect after a form, with status 302.
pub(super) fn redirect(address: &str) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, address.to_owned())]).into_response()
}

/// The same answer with one more cookie.
pub(super) fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}
