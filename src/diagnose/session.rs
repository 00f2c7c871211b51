//! Sessions: cookies that do not come back, and visitors who see each other's data.

use url::{Host, Url};

use super::facts::quoted;
use super::{Certainty, Diagnosis, Memory, StepFacts};
use crate::evidence::Exchange;

/// A page that shows one actor what another one has written, where the spec says that it must not.
pub(super) fn diagnose_leak(step: &StepFacts<'_>, before: &Memory) -> Option<Diagnosis> {
    let leaked = step.failed_checks().filter(|check| check.expected.starts_with("does not contain"));
    leaked.into_iter().find_map(|check| {
        let needle = quoted(&check.expected)?;
        let owner = before.steps.iter().find(|other| other.actor != step.actor && other.knows(&needle))?;
        Some(
            Diagnosis::of("session.leak", Certainty::Certain, "")
                .seen(format!("{}: {} wrote or saw {needle:?}", owner.name, owner.actor))
                .seen(format!("{}: {} sees it too", step.name, step.actor)),
        )
    })
}

/// A page that is for its owner alone and that another visitor gets.
pub(super) fn diagnose_trespass(step: &StepFacts<'_>, before: &Memory) -> Option<Diagnosis> {
    let let_in = step.failed_checks().find(|check| {
        check.subject == "status"
            && matches!(check.expected.as_str(), "401" | "403")
            && check.actual.starts_with('2')
    })?;
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

/// A cookie that cannot come back, where a step failed for want of it.
pub(super) fn diagnose_cookie(step: &StepFacts<'_>, _: &Memory) -> Option<Diagnosis> {
    let wants_cookie = step.failed_checks().any(|check| {
        check.subject.starts_with("cookie") || check.subject == "url" || check.actual.starts_with("403")
    });
    let lost = find_lost_cookies(step);
    if !wants_cookie || lost.is_empty() {
        return None;
    }
    let diagnosis = Diagnosis::of("session.cookie_lost", Certainty::Probable, "");
    Some(lost.into_iter().fold(diagnosis, Diagnosis::seen))
}

/// A page that no longer knows its visitor, where the cookie by which it would was never sent back.
pub(super) fn diagnose_forgotten(step: &StepFacts<'_>, before: &Memory) -> Option<Diagnosis> {
    let is_look = step.error.is_none() && !step.is_write() && step.failed_checks().next().is_some();
    let dropped = before.dropped_cookies(step.actor);
    if !is_look || dropped.is_empty() || step.page()?.status != Some(200) {
        return None;
    }
    let wants_something = step.failed_checks().any(|check| quoted(&check.expected).is_some());
    wants_something.then(|| {
        let diagnosis = Diagnosis::of("session.cookie_lost", Certainty::Probable, "");
        let diagnosis = dropped.into_iter().fold(diagnosis, Diagnosis::seen);
        diagnosis.seen(format!("{}: the site does not know {} any more", step.name, step.actor))
    })
}

/// The cookies that browsers drop at once, wherever the next request goes, a line for each.
pub fn find_dropped_cookies(exchange: &Exchange) -> Vec<String> {
    list_cookies(exchange, why_dropped)
}

/// The cookies of a step's answers that browsers drop, or do not send to where its form goes.
pub(super) fn find_lost_cookies(step: &StepFacts<'_>) -> Vec<String> {
    let goal =
        step.exchanges().last().and_then(|exchange| Url::parse(&exchange.hops.first()?.request.url).ok());
    step.exchanges().flat_map(|exchange| find_lost(exchange, goal.as_ref())).collect()
}

fn find_lost(exchange: &Exchange, goal: Option<&Url>) -> Vec<String> {
    list_cookies(exchange, |cookie, url| {
        why_dropped(cookie, url).or_else(|| why_not_sent(cookie, goal.unwrap_or(url)))
    })
}

/// The cookies that are set and for which there is a reason; those that are being deleted are left out.
fn list_cookies(
    exchange: &Exchange,
    reason: impl Fn(&cookie::Cookie<'_>, &Url) -> Option<String>,
) -> Vec<String> {
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
                lost.push(format!("cookie {} of {url}: {reason}", cookie.name()));
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
