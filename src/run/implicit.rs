//! What holds without being asked.

use crate::diagnose::{Page, recognise_broken_page};
use crate::evidence::{AssetSweep, Evidence, Exchange, LinkSweep, Lookup, PageState};
use crate::expect::{Check, Expectation, Subject};
use crate::spec::Step;

/// The checks that nobody wrote and that do not hold, beside those that somebody wrote.
pub(super) fn check_implicit(
    step: &Step,
    expectations: &[std::sync::Arc<Expectation>],
    written: &[Check],
    evidence: &Evidence,
) -> Vec<Check> {
    let is_off = |name: &str| {
        step.allow.iter().any(|allowed| allowed == name)
            || expectations.iter().any(|expectation| expectation.subject == Subject::Plain(plain(name)))
    };
    let mut checks = Vec::new();
    if !step.allow.iter().any(|allowed| allowed == "mark") {
        checks.extend(Page::of(evidence).and_then(|page| check_mark(&page, written)));
    }
    match evidence {
        Evidence::Exchange(_) | Evidence::Submission(_) | Evidence::Assets(_) | Evidence::Links(_)
            if !is_off("status") =>
        {
            checks.extend(evidence.exchange().and_then(check_status));
        }
        Evidence::Page(page) if page.error.is_none() => checks.extend(check_page(page, &is_off)),
        _ => {}
    }
    // What is expected of `links` is their number: that none is broken holds beside it.
    let are_broken_allowed = step.allow.iter().any(|allowed| allowed == "links");
    if let (Evidence::Links(sweep), false) = (evidence, are_broken_allowed) {
        checks.extend(check_links(sweep));
    }
    if let (Evidence::Lookup(lookup), false) = (evidence, is_off("addresses")) {
        checks.extend(check_addresses(lookup));
    }
    if let (Evidence::Assets(sweep), false) = (evidence, is_off("assets")) {
        checks.extend(check_assets(sweep));
    }
    checks
}

fn plain(name: &str) -> &'static str {
    Subject::definition_of(name).map_or("", |definition| definition.name)
}

pub(super) fn implicit(subject: &str, expected: &str, actual: String) -> Check {
    Check {
        subject: subject.to_owned(),
        holds: false,
        expected: expected.to_owned(),
        actual,
        place: None,
        history: None,
    }
}

/// A page that no site means to show, whatever was expected but for that very status.
pub(super) fn check_mark(page: &Page<'_>, written: &[Check]) -> Option<Check> {
    let is_expected = page.is_error() && written.iter().any(|check| check.subject == "status" && check.holds);
    if is_expected {
        return None;
    }
    let recognised = recognise_broken_page(page)?;
    Some(implicit("mark", "a page of the site", recognised.what))
}

fn check_status(exchange: &Exchange) -> Option<Check> {
    let status = exchange.response()?.status;
    (status >= 400).then(|| implicit("status", "below 400", status.to_string()))
}

fn check_page(page: &PageState, is_off: &dyn Fn(&str) -> bool) -> Vec<Check> {
    let mut checks = Vec::new();
    if let (Some(status), false) = (page.status.filter(|status| *status >= 400), is_off("status")) {
        checks.push(implicit("status", "below 400", status.to_string()));
    }
    if !is_off("console.errors") {
        let errors = page.console.iter().filter(|message| message.level == "error" || message.uncaught);
        checks.extend(errors.map(|message| {
            let expected = if message.uncaught { "no uncaught exception" } else { "no error on the console" };
            implicit("console.errors", expected, message.text.clone())
        }));
    }
    if !is_off("requests.failed") {
        // The document's own status is told once, as `status`.
        let failed = page.resources.iter().filter(|one| {
            one.same_origin && one.is_failed() && one.url != page.url && one.destination != "document"
        });
        checks.extend(failed.map(|resource| {
            let outcome = match (resource.status, &resource.error) {
                (Some(status), _) if status >= 400 => status.to_string(),
                (_, Some(error)) => error.clone(),
                (_, None) => resource.media_type.clone(),
            };
            implicit("requests.failed", "no failed request", format!("{outcome} {}", resource.url))
        }));
    }
    checks
}

/// One check for all of them: the evidence lists each with what names it.
fn check_links(sweep: &LinkSweep) -> Option<Check> {
    let first = sweep.broken.first()?;
    let told = format!("{}: {}, named by {}", first.url, first.fault, first.named_by);
    let more = match sweep.broken_count {
        1 => String::new(),
        count => format!(", and {} more", count - 1),
    };
    Some(implicit("links", "all lead somewhere", told + &more))
}

pub(super) fn check_addresses(lookup: &Lookup) -> Option<Check> {
    let cause = lookup.cause.as_ref().filter(|_| lookup.addresses.is_empty())?;
    Some(implicit("addresses", "an address", cause.to_string()))
}

pub(super) fn check_assets(sweep: &AssetSweep) -> Vec<Check> {
    let bad = sweep.assets.iter().filter(|asset| !asset.faults.is_empty());
    bad.map(|asset| {
        let faults: Vec<String> = asset.faults.iter().map(ToString::to_string).collect();
        let actual = format!("{}: {}, named by {}", asset.url, faults.join("; "), asset.named_by);
        implicit("assets", "loads", actual)
    })
    .collect()
}
