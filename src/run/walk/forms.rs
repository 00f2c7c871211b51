//! The forms of a page, looked at and not sent.

use url::Url;

use super::{Look, guess};
use crate::diagnose::{Diagnosis, find_development_host, find_dropped_cookies};
use crate::evidence::Exchange;
use crate::expect::Check;
use crate::run::implicit::implicit;
use crate::run::page::{FormOutline, read_outline};

/// How hidden fields are called that prove where a form comes from.
const TOKENS: [&str; 6] = ["csrf", "xsrf", "_token", "authenticity", "requestverification", "formtoken"];

/// What can be seen of the forms without sending one: where they go, whether by a safe way, and whether the cookie that
/// belongs to their token will come back.
pub(super) fn look_at_forms(page: &Exchange) -> Look {
    let (Ok(address), Some(text)) =
        (Url::parse(page.url()), page.response().and_then(|response| response.text.as_deref()))
    else {
        return Look { action: "get", ..Look::default() };
    };
    let forms = read_outline(text, &address).forms;
    let mut look = Look { action: "get", ..Look::default() };
    let dropped = find_dropped_cookies(page);
    for form in &forms {
        if let Some((check, diagnosis)) = judge_form(form, &address, &dropped) {
            look.checks.push(check);
            look.diagnosis.get_or_insert(diagnosis);
        }
    }
    let told: Vec<String> = forms.iter().map(|form| tell_form(form, &address, page)).collect();
    look.note = if told.is_empty() { "it has none".to_owned() } else { told.join("; ") };
    look
}

fn judge_form(form: &FormOutline, page: &Url, dropped: &[String]) -> Option<(Check, Diagnosis)> {
    let name = form.selector.as_deref().unwrap_or("form");
    let seen = format!("{page}: {name} goes to {}", form.action);
    if let Some(host) = find_development_host(page, &form.action) {
        let check =
            implicit("form", "an address that visitors reach", format!("{name} goes to {}", form.action));
        return Some((check, guess("static.dev_address", &host, &[seen])));
    }
    if page.scheme() == "https" && form.action.scheme() == "http" {
        let check = implicit("form", "https", format!("{name} goes to {}", form.action));
        return Some((check, guess("static.mixed_content", "a form goes by plain http", &[seen])));
    }
    if form.is_get || !has_token(form) || dropped.is_empty() {
        return None;
    }
    let is_token = |line: &&String| {
        line.to_ascii_lowercase().contains("csrf") || line.to_ascii_lowercase().contains("xsrf")
    };
    let code =
        if dropped.iter().any(|line| is_token(&line)) { "session.csrf" } else { "session.cookie_lost" };
    let check = implicit("form", "cookies that come back", dropped.join("; "));
    Some((check, guess(code, "no browser keeps its cookie", dropped)))
}

fn has_token(form: &FormOutline) -> bool {
    let is_token = |name: &str| {
        let name = name.to_ascii_lowercase();
        TOKENS.iter().any(|token| name.contains(token))
    };
    form.fields.iter().any(|field| field.kind == "hidden" && is_token(&field.name))
}

fn tell_form(form: &FormOutline, page: &Url, exchange: &Exchange) -> String {
    let method = if form.is_get { "GET" } else { "POST" };
    let goal = if form.action.origin() == page.origin() { form.action.path() } else { form.action.as_str() };
    let visible = form.fields.iter().filter(|field| field.kind != "hidden").count();
    let fields = if visible == 1 { "1 field".to_owned() } else { format!("{visible} fields") };
    let has_cookie = exchange
        .hops
        .iter()
        .filter_map(|hop| hop.response.as_ref())
        .any(|response| response.headers.get("set-cookie").is_some());
    let token = match (form.is_get, has_token(form), has_cookie) {
        (true, ..) => "",
        (false, true, true) => ", with token and cookie",
        (false, true, false) => ", with token, without cookie",
        (false, false, _) => ", without token",
    };
    format!("{method} {goal}, {fields}{token}")
}
