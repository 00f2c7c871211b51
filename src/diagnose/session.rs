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

/// The cookies of a step's answers that browsers drop, or do not send to where its form goes.
pub(super) fn find_lost_cookies(step: &StepFacts<'_>) -> Vec<String> {
    let goal =
        step.exchanges().last().and_then(|exchange| Url::parse(&exchange.hops.first()?.request.url).ok());
    step.exchanges().flat_map(|exchange| find_lost(exchange, goal.as_ref())).collect()
}

fn find_lost(exchange: &Exchange, goal: Option<&Url>) -> Vec<String> {
    let mut lost = Vec::new();
    for hop in &exchange.hops {
        let (Ok(url), Some(response)) = (Url::parse(&hop.request.url), hop.response.as_ref()) else {
            continue;
        };
        for text in response.headers.get_all("set-cookie") {
            let Ok(cookie) = cookie::Cookie::parse(text) else { continue };
            if let Some(reason) = why_lost(&cookie, &url, goal.unwrap_or(&url)) {
                lost.push(format!("cookie {} of {url}: {reason}", cookie.name()));
            }
        }
    }
    lost
}

/// RFC 6265, section 5.3: which cookies are dropped, section 5.4: which are not sent.
fn why_lost(cookie: &cookie::Cookie<'_>, url: &Url, goal: &Url) -> Option<String> {
    let host = url.host_str().unwrap_or_default();
    let is_local =
        matches!(url.host(), Some(Host::Ipv4(address)) if address.is_loopback()) || host == "localhost";
    if cookie.secure() == Some(true) && url.scheme() == "http" && !is_local {
        return Some("Secure, over http".to_owned());
    }
    let domain = cookie.domain().map(|domain| domain.trim_start_matches('.').to_ascii_lowercase());
    if let Some(domain) = domain.filter(|domain| host != domain && !host.ends_with(&format!(".{domain}"))) {
        return Some(format!("for the domain {domain}"));
    }
    let path = cookie.path().filter(|path| path.starts_with('/'))?;
    let covers = goal.path() == path
        || goal.path().starts_with(path)
            && (path.ends_with('/') || goal.path()[path.len()..].starts_with('/'));
    (!covers).then(|| format!("for the path {path}, and the next request goes to {}", goal.path()))
}
