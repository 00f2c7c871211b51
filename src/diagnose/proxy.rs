//! What stands before the application: redirects, known pages, gateway errors, login walls.

use url::Url;

use super::development_host::{find_development_host, is_loopback};
use super::fingerprint::{recognise_page, tell};
use super::page::Page;
use super::{Certainty, Diagnosis, Memory, StepFacts, session};
use crate::evidence::{Cause, Evidence, Exchange};

/// The code of a login that stands before the site.
pub(super) const LOGIN_WALL: &str = "access.login_wall";

/// Redirects in a circle, and those to somebody's own machine.
pub(super) fn diagnose_redirects(step: &StepFacts<'_>, before: &Memory) -> Option<Diagnosis> {
    let exchanges: Vec<&Exchange> = step.exchanges().collect();
    let astray = exchanges.iter().find_map(|exchange| find_astray(exchange));
    if let Some((certainty, told)) = astray.or_else(|| find_astray_in_browser(step, before)) {
        return Some(Diagnosis::of("proxy.redirect_astray", certainty, "").seen(told));
    }
    if let Some(nowhere) = exchanges.iter().find_map(|exchange| find_nowhere(exchange)) {
        let diagnosis = Diagnosis::of("proxy.redirect_astray", Certainty::Probable, "nobody answers there");
        let is_elsewhere =
            step.exchanges().last().is_some_and(|exchange| before.is_elsewhere(exchange.url()));
        return Some(Diagnosis { is_elsewhere, ..diagnosis.seen(nowhere) });
    }
    let is_loop = |cause: &Cause| {
        matches!(cause, Cause::RedirectLoop { .. })
            || matches!(cause, Cause::Navigation { code } if code.contains("TOO_MANY_REDIRECTS") || code.contains("REDIRECT_LOOP"))
    };
    let error = step.error.filter(|error| is_loop(&error.cause))?;
    let mut diagnosis = Diagnosis::of("proxy.redirect_loop", Certainty::Certain, "");
    for exchange in exchanges {
        let first: Vec<&str> = exchange.hops.iter().take(3).map(|hop| hop.request.url.as_str()).collect();
        diagnosis = diagnosis.seen(format!("{} → …", first.join(" → ")));
    }
    Some(diagnosis.seen(error.message.clone()))
}

/// The hop to somebody's own machine, or into a private network where nobody answers us: others may be at home there.
fn find_astray(exchange: &Exchange) -> Option<(Certainty, String)> {
    let first = Url::parse(&exchange.hops.first()?.request.url).ok()?;
    exchange.hops.iter().enumerate().find_map(|(index, hop)| {
        let response = hop.response.as_ref()?;
        let location = response.headers.get("location").filter(|_| (300..400).contains(&response.status))?;
        let to = Url::parse(&hop.request.url).ok()?.join(location).ok()?;
        find_development_host(&first, &to)?;
        let is_answered = exchange.hops.get(index + 1).is_some_and(|next| next.response.is_some());
        let told = format!("{} → {}, location: {location}", hop.request.url, response.status);
        judge_astray(&to, is_answered).map(|certainty| (certainty, told))
    })
}

fn judge_astray(to: &Url, is_answered: bool) -> Option<Certainty> {
    match (is_loopback(to), is_answered) {
        (true, _) => Some(Certainty::Certain),
        (false, false) => Some(Certainty::Probable),
        (false, true) => None,
    }
}

/// The same in a browser, which tells where it ended.
fn find_astray_in_browser(step: &StepFacts<'_>, before: &Memory) -> Option<(Certainty, String)> {
    let Some(Evidence::Page(page)) = step.evidence else {
        return None;
    };
    let home = Url::parse(&format!("http://{}/", before.host())).ok()?;
    let to = Url::parse(&page.url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    page.error.as_ref()?;
    find_development_host(&home, &to)?;
    Some((judge_astray(&to, false)?, format!("{}: the browser was led to {to}", step.name)))
}

/// The redirect to another host that cannot be reached.
fn find_nowhere(exchange: &Exchange) -> Option<String> {
    let [.., from, to] = exchange.hops.as_slice() else { return None };
    let host = |url: &str| Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let is_other = host(&from.request.url) != host(&to.request.url);
    let cause = to.cause.as_ref().filter(|cause| is_other && cause.is_unreachable())?;
    Some(format!("{} → {}: {cause}", from.request.url, to.request.url))
}

/// A page that is known, be it the step's own or the one on which it looked for its form.
pub(super) fn diagnose_mark(step: &StepFacts<'_>, _: &Memory) -> Option<Diagnosis> {
    let form = match step.evidence {
        Some(Evidence::Submission(submission)) => submission.page.as_ref().and_then(Page::of_exchange),
        _ => None,
    };
    let mut pages = form.into_iter().chain(step.page());
    let recognised = pages.find_map(|page| recognise_page(&page))?;
    let mut diagnosis = recognised.diagnosis();
    // A page that asks for a login is no wall before the others.
    if diagnosis.code == LOGIN_WALL && step.page().is_some_and(|page| page.path() != "/") {
        diagnosis.certainty = Certainty::Probable;
    }
    if diagnosis.layer == "session" {
        for line in session::find_lost_cookies(step) {
            diagnosis = diagnosis.seen(line);
        }
    }
    Some(add_failure(diagnosis, step))
}

/// What failed because of it, as evidence.
fn add_failure(diagnosis: Diagnosis, step: &StepFacts<'_>) -> Diagnosis {
    match step.error {
        Some(error) => diagnosis.seen(format!("{}: {}", step.name, error.message)),
        None => diagnosis,
    }
}

/// 502, 503 and 504 with a page that nobody knows.
pub(super) fn diagnose_gateway(step: &StepFacts<'_>, _: &Memory) -> Option<Diagnosis> {
    let page = step.page()?;
    let code = code_of_status(page.status?)?;
    Some(Diagnosis::of(code, Certainty::Probable, "").seen(tell(&page)))
}

/// The code that a proxy's status stands for.
pub(super) fn code_of_status(status: u16) -> Option<&'static str> {
    Some(match status {
        502 => "proxy.bad_gateway",
        503 => "proxy.unavailable",
        504 => "proxy.timeout",
        _ => return None,
    })
}

/// A redirect to the login of another host, where the step failed because of it.
pub(super) fn diagnose_login(step: &StepFacts<'_>, _: &Memory) -> Option<Diagnosis> {
    let exchange = step.exchanges().last()?;
    find_login(exchange)?;
    let (first, last) = (exchange.hops.first()?.request.url.as_str(), exchange.url());
    Some(Diagnosis::of(LOGIN_WALL, Certainty::Probable, "").seen(format!("{first} → {last}")))
}

/// The host to whose login a request was led, from another one. Within a family of hosts, such as `example.com` and
/// `www.example.com`, only a page that asks for a password is a login: others ask for an address to write to.
pub(super) fn find_login(exchange: &Exchange) -> Option<String> {
    let first = Url::parse(&exchange.hops.first()?.request.url).ok()?;
    let last = Url::parse(exchange.url()).ok()?;
    let (from, to) = (first.host_str()?, last.host_str()?);
    if from == to || !is_login_address(&last) {
        return None;
    }
    let is_family = family_of(from) == family_of(to);
    let asks = if is_family { "input[type=password]" } else { "input[type=password], input[type=email]" };
    Page::of_exchange(exchange)?.has(asks).then(|| to.to_owned())
}

/// Whether two requests were led to the login of the same other host: it stands before both pages.
pub fn is_led_to_same_login(one: &Exchange, other: &Exchange) -> bool {
    find_login(one).is_some_and(|login| find_login(other) == Some(login))
}

fn is_login_address(url: &Url) -> bool {
    let names =
        ["login", "signin", "sign-in", "sso", "oauth", "auth", "accounts", "saml", "cloudflareaccess"];
    let address = url.as_str().to_ascii_lowercase();
    let mut words = address.split(|one: char| !one.is_ascii_alphanumeric() && one != '-');
    words.any(|word| names.contains(&word))
}

/// The end of a name that somebody registered, as far as its form tells: `example.com`, `example.co.uk`.
fn family_of(host: &str) -> &str {
    let labels: Vec<&str> = host.split('.').collect();
    let is_country =
        labels.len() > 2 && labels[labels.len() - 1].len() == 2 && labels[labels.len() - 2].len() <= 3;
    let kept: usize =
        labels.iter().rev().take(if is_country { 3 } else { 2 }).map(|label| label.len() + 1).sum();
    &host[host.len().saturating_sub(kept.saturating_sub(1))..]
}
