//! The home page, lists at their own addresses, and their form.

use std::sync::Arc;

use axum::extract::{Form, Path};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse as _, Response};
use minijinja::context;
use serde::Deserialize;

use super::answer::{page, redirect, server_error, with_cookie};
use super::sessions::{CSRF, SESSION, new_token, read_cookie};
use super::{Fault, Shared, State};

/// What the page says about an item without text.
const EMPTY_ITEM: &str = "You can't have an empty list item";

/// The form of the home page and of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ItemForm {
    text: String,
    csrfmiddlewaretoken: String,
}

pub(super) async fn home(axum::extract::State(shared): State, headers: HeaderMap) -> Response {
    render_home(&shared, &headers, None)
}

fn render_home(shared: &Arc<Shared>, headers: &HeaderMap, error: Option<&str>) -> Response {
    let Ok(all) = shared.store.lists() else { return server_error() };
    let own = shared.sessions.find(headers).map(|(_, session)| session.lists).unwrap_or_default();
    let shown: Vec<_> =
        all.into_iter().filter(|(id, _)| own.contains(id) || shared.has(Fault::Leak)).map(|(id, text)| context! { id, text }).collect();
    let integrity = super::statics::script_integrity(shared.fault);
    let (token, is_new) = csrf_token(headers);
    let values = context! { lists => shown, csrf => token.clone(), error, integrity };
    give_token(shared, page(StatusCode::OK, "home.html", values), &token, is_new)
}

fn csrf_token(headers: &HeaderMap) -> (String, bool) {
    read_cookie(headers, CSRF).map_or_else(|| (new_token(), true), |token| (token, false))
}

fn give_token(shared: &Arc<Shared>, response: Response, token: &str, is_new: bool) -> Response {
    if !is_new {
        return response;
    }
    let path = if shared.has(Fault::CsrfBroken) { "/app/" } else { "/" };
    with_cookie(response, &format!("{CSRF}={token}; Path={path}; SameSite=Lax; Max-Age=31449600"))
}

/// Whether the form carries the token of the visitor's cookie: the double submit pattern.
pub(super) fn is_own_form(headers: &HeaderMap, token: &str) -> bool {
    read_cookie(headers, CSRF).is_some_and(|cookie| !cookie.is_empty() && cookie == token)
}

pub(super) fn csrf_failure() -> Response {
    (StatusCode::FORBIDDEN, Html(include_str!("templates/csrf_failure.html"))).into_response()
}

pub(super) async fn create(
    axum::extract::State(shared): State,
    headers: HeaderMap,
    Form(form): Form<ItemForm>,
) -> Response {
    if !is_own_form(&headers, &form.csrfmiddlewaretoken) {
        return csrf_failure();
    }
    let text = form.text.trim();
    if text.is_empty() {
        return render_home(&shared, &headers, Some(EMPTY_ITEM));
    }
    let is_lost = shared.has(Fault::WriteLost);
    let created = if is_lost { shared.store.create_empty_list() } else { shared.store.create_list(text) };
    let Ok(id) = created else { return server_error() };
    let session = shared.sessions.change(&headers, |session| {
        session.lists.push(id);
        if is_lost {
            session.unwritten.push((id, text.to_owned()));
        }
    });
    with_session(redirect(&format!("/lists/{id}/")), &session)
}

/// The session's cookie: hidden from scripts, not sent by forms of other sites.
pub(super) fn with_session(response: Response, session: &str) -> Response {
    with_cookie(response, &format!("{SESSION}={session}; Path=/; HttpOnly; SameSite=Lax"))
}

pub(super) async fn show(
    axum::extract::State(shared): State,
    headers: HeaderMap,
    Path(id): Path<String>,
    uri: Uri,
) -> Response {
    match id.parse() {
        Ok(id) => render_list(&shared, &headers, id, None),
        Err(_) => not_found(axum::extract::State(shared), uri).await,
    }
}

pub(super) async fn add(
    axum::extract::State(shared): State,
    headers: HeaderMap,
    Path(id): Path<i64>,
    Form(form): Form<ItemForm>,
) -> Response {
    if !is_own_form(&headers, &form.csrfmiddlewaretoken) {
        return csrf_failure();
    }
    let text = form.text.trim();
    if text.is_empty() {
        return render_list(&shared, &headers, id, Some(EMPTY_ITEM));
    }
    if shared.has(Fault::WriteLost) {
        shared.sessions.change(&headers, |session| session.unwritten.push((id, text.to_owned())));
        return redirect(&format!("/lists/{id}/"));
    }
    match shared.store.add_item(id, text) {
        Ok(()) => redirect(&format!("/lists/{id}/")),
        Err(_) => server_error(),
    }
}

fn render_list(shared: &Arc<Shared>, headers: &HeaderMap, id: i64, error: Option<&str>) -> Response {
    let items = match shared.store.items(id) {
        Ok(Some(items)) => items,
        Ok(None) => return page(StatusCode::NOT_FOUND, "not_found.html", context! { path => format!("/lists/{id}/") }),
        Err(_) => return server_error(),
    };
    let session = shared.sessions.find(headers).map(|(_, session)| session).unwrap_or_default();
    let unwritten = session.unwritten.into_iter().filter(|(list, _)| *list == id).map(|(_, text)| text);
    let items: Vec<String> = items.into_iter().chain(unwritten).collect();
    let integrity = super::statics::script_integrity(shared.fault);
    let (token, is_new) = csrf_token(headers);
    let values = context! { id, items, csrf => token.clone(), error, integrity };
    give_token(shared, page(StatusCode::OK, "list.html", values), &token, is_new)
}

/// Any address that does not exist.
pub(super) async fn not_found(axum::extract::State(shared): State, uri: Uri) -> Response {
    if shared.has(Fault::DebugPage) {
        let page = include_str!("templates/django_debug_404.html").replace("{path}", uri.path());
        return (StatusCode::NOT_FOUND, Html(page)).into_response();
    }
    page(StatusCode::NOT_FOUND, "not_found.html", context! { path => uri.path() })
}
