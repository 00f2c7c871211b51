//! Sessions: cookies that do not come back, and visitors who see each other's data.

use url::{Host, Url};

use super::facts::{TELLING, find_sent, wanted_texts};
use super::page::{Page, path_of};
use super::{Certainty, Diagnosis, Memory, StepFacts};
use crate::evidence::{Evidence, Exchange, Value};
use crate::expect::{Check, Term, build_regex};

/// Parts of the names of cookies by which sites know their visitors.
const VISITOR: &[&str] = &[
    "sess", "sid", "csrf", "xsrf", "auth", "token", "login", "logged", "remember", "jwt", "identity", "user",
    "account",
];

/// A cookie that no browser keeps.
#[derive(Clone, Debug)]
pub(super) struct DroppedCookie {
    name: String,
    /// The cookie, who gave it, and why it is dropped.
    pub(super) told: String,
}

impl DroppedCookie {
    /// Whether a site knows its visitor by it, as far as its name says so. Load balancers and statistics have cookies
    /// of their own, for want of which nothing fails.
    pub(super) fn tells_visitor(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        VISITOR.iter().any(|part| name.contains(part))
    }
}

/// A page that shows one actor what another one has written, where the spec says that it must not.
pub(super) fn diagnose_leak(step: &StepFacts<'_>, before: &Memory) -> Option<Diagnosis> {
    let others = || before.steps.iter().filter(|other| other.actor != step.actor);
    let leak = |certainty| Diagnosis::of("session.leak", certainty, "");
    let sees = format!("{}: {} sees it too", step.name, step.actor);
    let unwanted = || step.failed_checks().flat_map(|check| &check.terms.unwanted);
    let sent = unwanted().find_map(|term| {
        others().find_map(|other| {
            let value =
                other.sent.iter().find(|value| is_told_by(term, value) && is_shown(step, term, value))?;
            Some(leak(Certainty::Certain).seen(format!("{}: {} wrote {value:?}", other.name, other.actor)))
        })
    });
    // What the other one merely saw may stand on every page.
    let seen = || {
        let mut texts = unwanted().filter_map(Term::text).filter(|text| text.chars().count() >= TELLING);
        texts.find_map(|text| {
            let owner = others().find(|other| other.text.contains(text))?;
            Some(leak(Certainty::Probable).seen(format!("{}: {} saw {text:?}", owner.name, owner.actor)))
        })
    };
    Some(sent.or_else(seen)?.seen(sees))
}

/// Whether what must not be there is a value that was sent.
fn is_told_by(term: &Term, value: &str) -> bool {
    match term {
        Term::Value(Value::Text(text)) => text.chars().count() >= TELLING && value.contains(text.as_str()),
        Term::Value(_) => false,
        Term::Pattern(pattern) => build_regex(pattern).is_ok_and(|pattern| pattern.is_match(value)),
    }
}

/// Whether a page shows it: a pattern may be found in other texts than the one that was sent.
fn is_shown(step: &StepFacts<'_>, term: &Term, value: &str) -> bool {
    let shows = |page: Page<'_>| page.body().contains(value) || page.text().contains(value);
    matches!(term, Term::Value(_)) || step.page().is_some_and(shows)
}

/// A page that is for its owner alone and that another visitor gets.
pub(super) fn diagnose_trespass(step: &StepFacts<'_>, before: &Memory) -> Option<Diagnosis> {
    let wants_refusal = |check: &&Check| {
        let wanted = &check.terms.wanted;
        let is_refusal = |term: &Term| matches!(term.integer(), Some(401 | 403));
        check.subject == "status" && !wanted.is_empty() && wanted.iter().all(is_refusal)
    };
    step.page().filter(|page| matches!(page.status, Some(200..300)))?;
    let let_in = step.failed_checks().find(wants_refusal)?;
    let owner = before.steps.iter().find(|other| other.actor != step.actor && other.is_write)?;
    let told = format!(
        "{}: {} is let in: {}, {} is expected",
        step.name, step.actor, let_in.actual, let_in.expected
    );
    Some(
        Diagnosis::of("session.leak", Certainty::Probable, "")
            .seen(format!("{}: {} wrote it", owner.name, owner.actor))
            .seen(told),
    )
}

/// A cookie that cannot come back, where a step failed for want of it: of that very one, or of one by which the site
/// would know its visitor.
pub(super) fn diagnose_cookie(step: &StepFacts<'_>, _: &Memory) -> Option<Diagnosis> {
    let is_forbidden = step.page().is_some_and(|page| page.status == Some(403));
    let is_asked_for = |cookie: &DroppedCookie| {
        step.failed_checks().any(|check| check.subject.strip_prefix("cookie.") == Some(cookie.name.as_str()))
    };
    let mut failed = step.failed_checks();
    let may_be_session = failed.any(|check| check.subject == "url" || is_forbidden);
    let lost = list_lost(step);
    let mut lost = lost
        .into_iter()
        .filter(|cookie| is_asked_for(cookie) || may_be_session && cookie.tells_visitor())
        .peekable();
    lost.peek()?;
    let diagnosis = Diagnosis::of("session.cookie_lost", Certainty::Probable, "");
    Some(lost.fold(diagnosis, |diagnosis, cookie| diagnosis.seen(cookie.told)))
}

/// A page that no longer knows its visitor, where the cookie by which it would was never sent back: it asks for a
/// login, or does not show what the visitor has written.
pub(super) fn diagnose_forgotten(step: &StepFacts<'_>, before: &Memory) -> Option<Diagnosis> {
    let own = || before.steps.iter().filter(|other| other.actor == step.actor);
    let mut missing = step.failed_checks().flat_map(wanted_texts);
    let wants_own = missing.any(|text| own().any(|other| find_sent(other, text).is_some()));
    if is_stopped_by_login(step) || wants_own { diagnose_lost_session(step, before) } else { None }
}

/// The same of a page that lacks something else.
pub(super) fn diagnose_lost_session(step: &StepFacts<'_>, before: &Memory) -> Option<Diagnosis> {
    let is_look = step.error.is_none() && !step.is_write() && step.failed_checks().next().is_some();
    let dropped = before.dropped_sessions(step.actor);
    let status = step.page()?.status;
    if !is_look || dropped.is_empty() || !matches!(status, Some(200 | 401 | 403)) {
        return None;
    }
    let wants_something = step.failed_checks().any(|check| wanted_texts(check).next().is_some());
    (wants_something || status != Some(200)).then(|| {
        let diagnosis = Diagnosis::of("session.cookie_lost", Certainty::Probable, "");
        let diagnosis = dropped.into_iter().fold(diagnosis, Diagnosis::seen);
        diagnosis.seen(format!("{}: the site does not know {} any more", step.name, step.actor))
    })
}

/// Whether the site asks for a login where another page was expected.
fn is_stopped_by_login(step: &StepFacts<'_>) -> bool {
    let Some(page) = step.page() else { return false };
    let is_redirect = match step.evidence {
        Some(Evidence::Page(_)) => true,
        _ => step.exchanges().last().is_some_and(|exchange| exchange.redirects() > 0),
    };
    let is_named_so = ["login", "signin", "sign-in"].iter().any(|name| path_of(page.url).contains(name));
    matches!(page.status, Some(401 | 403)) || is_redirect && (is_named_so || asks_for_password(&page))
}

fn asks_for_password(page: &Page<'_>) -> bool {
    page.has("input[type=password]")
}

/// The cookies that browsers drop at once, wherever the next request goes, a line for each.
pub fn find_dropped_cookies(exchange: &Exchange) -> Vec<String> {
    list_dropped(exchange).into_iter().map(|cookie| cookie.told).collect()
}

/// The same with their names.
pub(super) fn list_dropped(exchange: &Exchange) -> Vec<DroppedCookie> {
    list_cookies(exchange, why_dropped)
}

/// The cookies of a step's answers that browsers drop, or do not send to where its form goes.
pub(super) fn find_lost_cookies(step: &StepFacts<'_>) -> Vec<String> {
    list_lost(step).into_iter().map(|cookie| cookie.told).collect()
}

fn list_lost(step: &StepFacts<'_>) -> Vec<DroppedCookie> {
    let goal =
        step.exchanges().last().and_then(|exchange| Url::parse(&exchange.hops.first()?.request.url).ok());
    step.exchanges().flat_map(|exchange| find_lost(exchange, goal.as_ref())).collect()
}

fn find_lost(exchange: &Exchange, goal: Option<&Url>) -> Vec<DroppedCookie> {
    list_cookies(exchange, |cookie, url| {
        why_dropped(cookie, url).or_else(|| why_not_sent(cookie, goal.unwrap_or(url)))
    })
}

/// The cookies that are set and for which there is a reason; those that are being deleted are left out.
fn list_cookies(
    exchange: &Exchange,
    reason: impl Fn(&cookie::Cookie<'_>, &Url) -> Option<String>,
) -> Vec<DroppedCookie> {
    let mut lost = Vec::new();
    for hop in &exchange.hops {
        let (Ok(url), Some(response)) = (Url::parse(&hop.request.url), hop.response.as_ref()) else {
            continue;
        };
        for text in response.headers.get_all("set-cookie") {
            let Ok(cookie) = cookie::Cookie::parse(text) else { continue };
            let is_deleted =
                cookie.value().is_empty() || cookie.max_age().is_some_and(cookie::time::Duration::is_zero);
            if let Some(reason) = reason(&cookie, &url).filter(|_| !is_deleted) {
                let name = cookie.name().to_owned();
                lost.push(DroppedCookie { told: format!("cookie {name} of {url}: {reason}"), name });
            }
        }
    }
    lost
}

/// RFC 6265, section 5.3: which cookies are dropped.
fn why_dropped(cookie: &cookie::Cookie<'_>, url: &Url) -> Option<String> {
    let host = url.host_str().unwrap_or_default();
    let is_local =
        matches!(url.host(), Some(Host::Ipv4(address)) if address.is_loopback()) || host == "localhost";
    if cookie.secure() == Some(true) && url.scheme() == "http" && !is_local {
        return Some("Secure, over http".to_owned());
    }
    let domain = cookie.domain().map(|domain| domain.trim_start_matches('.').to_ascii_lowercase());
    let domain = domain.filter(|domain| host != domain && !host.ends_with(&format!(".{domain}")))?;
    Some(format!("for the domain {domain}"))
}

/// RFC 6265, section 5.4: which cookies are not sent.
fn why_not_sent(cookie: &cookie::Cookie<'_>, goal: &Url) -> Option<String> {
    let path = cookie.path().filter(|path| path.starts_with('/'))?;
    let covers = goal.path() == path
        || goal.path().starts_with(path)
            && (path.ends_with('/') || goal.path()[path.len()..].starts_with('/'));
    (!covers).then(|| format!("for the path {path}, and the next request goes to {}", goal.path()))
}
