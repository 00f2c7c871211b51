//! The JSON API, and what release is served.

use axum::Json;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::{Fault, State};

fn problem(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": message }))).into_response()
}

fn unauthorized() -> Response {
    let challenge = [(header::WWW_AUTHENTICATE, "Bearer realm=\"demo\"")];
    (StatusCode::UNAUTHORIZED, challenge, Json(json!({ "error": "a token is needed" }))).into_response()
}

pub(super) async fn version() -> Json<Value> {
    Json(json!({ "name": "smokegate demo", "version": env!("CARGO_PKG_VERSION") }))
}

pub(super) async fn token(axum::extract::State(shared): State, Json(login): Json<Value>) -> Response {
    if login["user"] != "edith" || login["password"] != "peacock" {
        return problem(StatusCode::BAD_REQUEST, "this user and this password do not fit");
    }
    Json(json!({ "token": shared.sessions.issue_token(), "type": "Bearer" })).into_response()
}

pub(super) async fn me(axum::extract::State(shared): State, headers: HeaderMap) -> Response {
    if !shared.sessions.has_token(&headers) {
        return unauthorized();
    }
    Json(json!({ "user": "edith", "roles": ["editor", "reader"] })).into_response()
}

pub(super) async fn lists(axum::extract::State(shared): State) -> Response {
    match shared.store.lists() {
        Ok(lists) => {
            let lists: Vec<Value> = lists.into_iter().map(|(id, first)| json!({ "id": id, "first": first })).collect();
            Json(json!({ "lists": lists })).into_response()
        }
        Err(_) => problem(StatusCode::INTERNAL_SERVER_ERROR, "internal error"),
    }
}

pub(super) async fn create(
    axum::extract::State(shared): State,
    headers: HeaderMap,
    Json(list): Json<Value>,
) -> Response {
    if !shared.sessions.has_token(&headers) {
        return unauthorized();
    }
    let Some(text) = list["text"].as_str().map(str::trim).filter(|text| !text.is_empty()) else {
        return problem(StatusCode::BAD_REQUEST, "`text` is missing");
    };
    let is_lost = shared.has(Fault::WriteLost);
    match if is_lost { shared.store.create_empty_list() } else { shared.store.create_list(text) } {
        Ok(id) => {
            let location = [(header::LOCATION, format!("/api/lists/{id}"))];
            (StatusCode::CREATED, location, Json(json!({ "id": id, "items": [text] }))).into_response()
        }
        Err(_) => problem(StatusCode::INTERNAL_SERVER_ERROR, "internal error"),
    }
}

pub(super) async fn show(axum::extract::State(shared): State, Path(id): Path<i64>) -> Response {
    match shared.store.items(id) {
        Ok(Some(items)) => Json(json!({ "id": id, "items": items })).into_response(),
        Ok(None) => problem(StatusCode::NOT_FOUND, "there is no such list"),
        Err(_) => problem(StatusCode::INTERNAL_SERVER_ERROR, "internal error"),
    }
}

pub(super) async fn delete(
    axum::extract::State(shared): State,
    headers: HeaderMap,
    Path(id): Path<i64>,
) -> Response {
    if !shared.sessions.has_token(&headers) {
        return unauthorized();
    }
    match shared.store.delete_list(id) {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        Ok(false) => problem(StatusCode::NOT_FOUND, "there is no such list"),
        Err(_) => problem(StatusCode::INTERNAL_SERVER_ERROR, "internal error"),
    }
}
