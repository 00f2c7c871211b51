//! The forms of pages, looked at and not sent.

use url::Url;

use super::Look;
use crate::diagnose::{FormFacts, FormFault, find_development_host, find_dropped_cookies, judge_form};
use crate::evidence::Exchange;
use crate::run::implicit::implicit;
use crate::run::page::{FormOutline, read_outline};

/// How hidden fields are called that prove where a form comes from.
const TOKENS: [&str; 6] = ["csrf", "xsrf", "_token", "authenticity", "requestverification", "formtoken"];

/// What can be seen of the forms of some pages without sending one: where they go, whether by a safe way, and whether the
/// cookie that belongs to their token will come back. A form that several pages have is told once.
pub(super) fn look_at_forms<'a>(pages: impl IntoIterator<Item = &'a Exchange>) -> Look {
    let mut look = Look { action: "get", ..Look::default() };
    let mut known: Vec<FormOutline> = Vec::new();
    let mut told = Vec::new();
    for page in pages {
        let text = page.response().and_then(|response| response.text.as_deref());
        let (Ok(address), Some(text)) = (Url::parse(page.url()), text) else { continue };
        for form in read_outline(text, &address).forms {
            if known.iter().any(|other| other.action == form.action && other.selector == form.selector) {
                continue;
            }
            if let Some(fault) = judge(&form, &address, page) {
                look.checks.push(implicit("form", fault.expected, fault.actual));
                look.diagnosis.get_or_insert(fault.diagnosis);
            }
            told.push(tell_form(&form, &address, page));
            known.push(form);
        }
    }
    look.note = if told.is_empty() { "there are none".to_owned() } else { told.join("; ") };
    look
}

fn judge(form: &FormOutline, page: &Url, exchange: &Exchange) -> Option<FormFault> {
    judge_form(&FormFacts {
        name: form.selector.as_deref().unwrap_or("form"),
        page,
        action: &form.action,
        is_get: form.is_get,
        has_token: has_token(form),
        development_host: find_development_host(page, &form.action).as_deref(),
        dropped: &find_dropped_cookies(exchange),
    })
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
