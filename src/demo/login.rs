//! Logging in: the account page is for Edith alone.

use axum::extract::Form;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use minijinja::context;
use serde::Deserialize;

use super::State;
use super::answer::{page, redirect, with_cookie};
use super::lists::{csrf_failure, is_own_form, with_session};
use super::sessions::{CSRF, new_token, read_cookie};

/// The one account of the demo.
const USER: &str = "edith";
/// Its password: there is nothing to protect.
const PASSWORD: &str = "peacock";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LoginForm {
    user: String,
    password: String,
    csrfmiddlewaretoken: String,
}

pub(super) async fn form(headers: HeaderMap) -> Response {
    render_form(&headers, StatusCode::OK, None)
}

fn render_form(headers: &HeaderMap, status: StatusCode, error: Option<&str>) -> Response {
    let known = read_cookie(headers, CSRF);
    let token = known.clone().unwrap_or_else(new_token);
    let response = page(status, "login.html", context! { csrf => token.clone(), error });
    if known.is_some() { response } else { with_cookie(response, &format!("{CSRF}={token}; Path=/; SameSite=Lax")) }
}

pub(super) async fn log_in(
    axum::extract::State(shared): State,
    headers: HeaderMap,
    Form(form): Form<LoginForm>,
) -> Response {
    if !is_own_form(&headers, &form.csrfmiddlewaretoken) {
        return csrf_failure();
    }
    if form.user != USER || form.password != PASSWORD {
        return render_form(&headers, StatusCode::UNAUTHORIZED, Some("This user and this password do not fit."));
    }
    let session = shared.sessions.change(&headers, |session| session.user = Some(USER.to_owned()));
    with_session(redirect("/account"), &session)
}

pub(super) async fn log_out(
    axum::extract::State(shared): State,
    headers: HeaderMap,
    Form(form): Form<LoginForm>,
) -> Response {
    if !is_own_form(&headers, &form.csrfmiddlewaretoken) {
        return csrf_failure();
    }
    shared.sessions.change(&headers, |session| session.user = None);
    redirect("/")
}

pub(super) async fn account(axum::extract::State(shared): State, headers: HeaderMap) -> Response {
    match shared.sessions.find(&headers).and_then(|(_, session)| session.user) {
        Some(user) => {
            let csrf = read_cookie(&headers, CSRF).unwrap_or_default();
            page(StatusCode::OK, "account.html", context! { user, csrf })
        }
        None => redirect("/login"),
    }
}
