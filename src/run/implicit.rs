//! What holds without being asked.

use crate::diagnose::{Page, recognise_broken_page};
use crate::evidence::{
    AssetSweep, ComparisonOutcome, Evidence, Exchange, LinkSweep, Lookup, PageState, PictureComparison,
    Violation,
};
use crate::expect::{Check, Expectation, Subject, Terms};
use crate::spec::{Allow, Step};

/// The checks that nobody wrote and that do not hold, beside those that somebody wrote.
pub(super) fn check_implicit(
    step: &Step,
    expectations: &[std::sync::Arc<Expectation>],
    written: &[Check],
    evidence: &Evidence,
) -> Vec<Check> {
    let is_off = |name: &str| {
        step.allow.allows(name)
            || expectations.iter().any(|expectation| expectation.subject == Subject::Plain(plain(name)))
    };
    let mut checks = Vec::new();
    if !step.allow.allows("mark") {
        checks.extend(Page::of(evidence).and_then(|page| check_mark(&page, written)));
    }
    match evidence {
        Evidence::Exchange(_) | Evidence::Submission(_) | Evidence::Assets(_) | Evidence::Links(_)
            if !is_off("status") =>
        {
            checks.extend(evidence.exchange().and_then(check_status));
        }
        Evidence::Page(page) if page.error.is_none() => {
            checks.extend(check_page(page, &step.allow, &is_off));
            if !is_off("differs") {
                checks.extend(page.comparison.as_ref().and_then(check_picture));
            }
        }
        _ => {}
    }
    // What is expected of `links` is their number: that none is broken holds beside it.
    let are_broken_allowed = step.allow.allows("links");
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
        terms: Terms::default(),
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

fn check_page(page: &PageState, allow: &Allow, is_off: &dyn Fn(&str) -> bool) -> Vec<Check> {
    let mut checks = Vec::new();
    if let (Some(status), false) = (page.status.filter(|status| *status >= 400), is_off("status")) {
        checks.push(implicit("status", "below 400", status.to_string()));
    }
    checks.extend(check_violations(page, allow, is_off));
    if !is_off("console.errors") {
        checks.extend(check_console(page, allow));
    }
    if !is_off("requests.failed") {
        checks.extend(check_resources(page, allow));
    }
    checks
}

fn check_console(page: &PageState, allow: &Allow) -> impl Iterator<Item = Check> {
    let errors = page.console.iter().filter(|message| message.level == "error" || message.uncaught);
    errors.filter_map(|message| {
        let source = message.source.as_deref().unwrap_or_default();
        if allow.matches("console", &[&message.text, source]) {
            return None;
        }
        let expected = if message.uncaught { "no uncaught exception" } else { "no error on the console" };
        let place = if source.is_empty() { String::new() } else { format!("  ({source})") };
        Some(implicit("console.errors", expected, format!("{}{place}", message.text)))
    })
}

fn check_violations(page: &PageState, allow: &Allow, is_off: &dyn Fn(&str) -> bool) -> Vec<Check> {
    let violations = page.violations.iter().filter_map(|violation| match violation {
        Violation::Csp { directive, url, source } => {
            let what = format!("{directive} {url}");
            let is_allowed = is_off("csp") || allow.matches("csp", &[&what]);
            let place = source.as_ref().map(|source| format!("  ({source})")).unwrap_or_default();
            let expected = "nothing that the content security policy forbids";
            (!is_allowed).then(|| implicit("csp", expected, what + &place))
        }
        Violation::MixedContent { url } => {
            let is_allowed = is_off("mixed_content") || allow.matches("mixed_content", &[url]);
            (!is_allowed).then(|| implicit("mixed_content", "no plain http on a secure page", url.clone()))
        }
    });
    violations.collect()
}

fn check_resources(page: &PageState, allow: &Allow) -> impl Iterator<Item = Check> {
    // The document's own status is told once, as `status`; what the page's policy forbids as that.
    let failed = page.resources.iter().filter(|one| {
        one.same_origin
            && one.url != page.url
            && one.destination != "document"
            && !page.violations.iter().any(|violation| violation.url() == one.url)
            && !allow.matches("request", &[&one.url])
    });
    failed.filter_map(|resource| {
        let fault = resource.fault()?;
        Some(implicit("requests.failed", "no failed request", format!("{fault} {}", resource.url)))
    })
}

/// Where there is a baseline, the picture is like it.
fn check_picture(comparison: &PictureComparison) -> Option<Check> {
    let (expected, outcome) = (format!("like {}", comparison.baseline), comparison.outcome);
    match outcome {
        ComparisonOutcome::Pixels { differing: 0, .. } | ComparisonOutcome::Written => None,
        _ => Some(implicit("differs", &expected, outcome.to_string())),
    }
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
