//! Who is who: sessions by cookie, CSRF tokens, API tokens. In memory, gone with the site.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use axum::http::HeaderMap;
use cookie::Cookie;

/// The session cookie's name.
pub(super) const SESSION: &str = "sessionid";
/// The CSRF cookie's name.
pub(super) const CSRF: &str = "csrftoken";

/// What is known of visitors.
#[derive(Default)]
pub(super) struct Sessions {
    known: Mutex<BTreeMap<String, Session>>,
    tokens: Mutex<BTreeSet<String>>,
}

/// What is known of one visitor.
#[derive(Clone, Debug, Default)]
pub(super) struct Session {
    pub(super) user: Option<String>,
    pub(super) lists: Vec<i64>,
    /// Items that were never written, for the fault that loses writes.
    pub(super) unwritten: Vec<(i64, String)>,
}

/// A cookie of a request.
pub(super) fn read_cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(axum::http::header::COOKIE);
    let texts = all.iter().filter_map(|value| value.to_str().ok());
    let mut cookies = texts.flat_map(|text| Cookie::split_parse(text.to_owned()).flatten());
    cookies.find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}

/// A new value that nobody can guess in a demo.
pub(super) fn new_token() -> String {
    ulid::Ulid::generate().to_string().to_lowercase()
}

impl Sessions {
    /// The session of a request; none if it has no valid one.
    pub(super) fn find(&self, headers: &HeaderMap) -> Option<(String, Session)> {
        let id = read_cookie(headers, SESSION)?;
        let known = self.known.lock().ok()?;
        known.get(&id).cloned().map(|session| (id, session))
    }

    /// Changes a session, a new one if the request has none; gives back its id.
    pub(super) fn change(&self, headers: &HeaderMap, change: impl FnOnce(&mut Session)) -> String {
        let id = self.find(headers).map_or_else(new_token, |(id, _)| id);
        if let Ok(mut known) = self.known.lock() {
            change(known.entry(id.clone()).or_default());
        }
        id
    }

    /// A new token for the API.
    pub(super) fn issue_token(&self) -> String {
        let token = new_token();
        if let Ok(mut tokens) = self.tokens.lock() {
            tokens.insert(token.clone());
        }
        token
    }

    /// Whether a request has a valid token for the API.
    pub(super) fn has_token(&self, headers: &HeaderMap) -> bool {
        let header = headers.get(axum::http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer "));
        token.is_some_and(|token| self.tokens.lock().is_ok_and(|tokens| tokens.contains(token)))
    }
}
