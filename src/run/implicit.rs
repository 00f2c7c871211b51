//! What holds without being asked.

use crate::diagnose::{Page, recognise_broken_page};
use crate::evidence::{
    AssetSweep, ComparisonOutcome, Evidence, Exchange, LinkSweep, Lookup, PageState, PictureComparison,
    Violation,
};
use crate::expect::{Check, Expectation, Subject, Terms};
use crate::spec::{Allow, Step};

/// What a step lets pass of what nobody asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Leniency {
    allow: Allow,
    /// The subjects of which something is expected.
    expected: Vec<&'static str>,
}

impl Leniency {
    /// What this step allows, and what it expects instead.
    pub(super) fn of(step: &Step, expectations: &[std::sync::Arc<Expectation>]) -> Self {
        let expected = expectations.iter().filter_map(|expectation| match expectation.subject {
            Subject::Plain(name) => Some(name),
            _ => None,
        });
        Self { allow: step.allow.clone(), expected: expected.collect() }
    }

    /// Whether this is not judged at all.
    fn is_off(&self, name: &str) -> bool {
        self.allow.allows(name) || self.expected.contains(&name)
    }
}

/// Who says what of a page may pass: the step, and for what came before it the one before, too.
#[derive(Clone, Copy)]
struct Judges<'a> {
    own: &'a Leniency,
    before: &'a Leniency,
}

impl Judges<'_> {
    /// Whether something may pass; the first `before` of its kind came before the step.
    fn let_pass(self, index: usize, before: usize, passes: impl Fn(&Leniency) -> bool) -> bool {
        passes(self.own) || (index < before && passes(self.before))
    }
}

/// Says of what came before the step that it did.
fn place_in_time(index: usize, before: usize) -> &'static str {
    if index < before { ", before this step" } else { "" }
}

/// The checks that nobody wrote and that do not hold, beside those that somebody wrote.
pub(super) fn check_implicit(
    step: &Step,
    expectations: &[std::sync::Arc<Expectation>],
    written: &[Check],
    evidence: &Evidence,
    before: &Leniency,
) -> Vec<Check> {
    let own = Leniency::of(step, expectations);
    let is_off = |name: &str| own.is_off(name);
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
            checks.extend(check_page(page, Judges { own: &own, before }));
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

fn check_page(page: &PageState, judges: Judges<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    if let (Some(status), false) = (page.status.filter(|status| *status >= 400), judges.own.is_off("status"))
    {
        checks.push(implicit("status", "below 400", status.to_string()));
    }
    checks.extend(check_seen(page, judges));
    checks
}

/// What pages did after the last step of their actor had been judged.
pub(super) fn check_afterwards(page: &PageState, leniency: &Leniency) -> Vec<Check> {
    check_seen(page, Judges { own: leniency, before: leniency })
}

/// What was seen of a page meanwhile, in whatever document.
fn check_seen(page: &PageState, judges: Judges<'_>) -> Vec<Check> {
    let mut checks = check_passed_documents(page, judges);
    checks.extend(check_violations(page, judges));
    checks.extend(check_console(page, judges));
    checks.extend(check_resources(page, judges));
    checks
}

/// The documents that were there on the way to the page's own. Who is asked for a password may give it, in whatever way.
fn check_passed_documents(page: &PageState, judges: Judges<'_>) -> Vec<Check> {
    let documents = || page.resources.iter().enumerate().filter(|(_, one)| one.destination == "document");
    let last = documents().next_back().map(|(index, _)| index);
    let passed = documents().filter_map(|(index, one)| {
        let status = one.status.filter(|status| *status >= 400 && !matches!(status, 401 | 407))?;
        let is_shown = Some(index) == last && page.status == Some(status);
        let lets_pass =
            |leniency: &Leniency| leniency.is_off("status") || leniency.allow.matches("request", &[&one.url]);
        let before = page.before.requests;
        if is_shown || !one.same_origin || judges.let_pass(index, before, lets_pass) {
            return None;
        }
        let when = place_in_time(index, before);
        Some(implicit("status", "below 400 on the way, too", format!("{status} {}{when}", one.url)))
    });
    passed.collect()
}

fn check_console(page: &PageState, judges: Judges<'_>) -> impl Iterator<Item = Check> {
    let before = page.before.messages;
    let errors = page.console.iter().enumerate().filter(|(_, message)| message.is_error());
    errors.filter_map(move |(index, message)| {
        let source = message.source.as_deref().unwrap_or_default();
        let lets_pass = |leniency: &Leniency| {
            leniency.is_off("console.errors") || leniency.allow.matches("console", &[&message.text, source])
        };
        if judges.let_pass(index, before, lets_pass) {
            return None;
        }
        let expected = if message.uncaught { "no uncaught exception" } else { "no error on the console" };
        let place = if source.is_empty() { String::new() } else { format!("  ({source})") };
        let when = place_in_time(index, before);
        Some(implicit("console.errors", expected, format!("{}{place}{when}", message.text)))
    })
}

fn check_violations(page: &PageState, judges: Judges<'_>) -> Vec<Check> {
    let before = page.before.violations;
    let violations = page.violations.iter().enumerate().filter_map(|(index, violation)| {
        let (subject, expected, what, place) = match violation {
            Violation::Csp { directive, url, source } => {
                let place = source.as_ref().map(|source| format!("  ({source})")).unwrap_or_default();
                let expected = "nothing that the content security policy forbids";
                ("csp", expected, format!("{directive} {url}"), place)
            }
            Violation::MixedContent { url } => {
                ("mixed_content", "no plain http on a secure page", url.clone(), String::new())
            }
        };
        let lets_pass =
            |leniency: &Leniency| leniency.is_off(subject) || leniency.allow.matches(subject, &[&what]);
        if judges.let_pass(index, before, lets_pass) {
            return None;
        }
        let when = place_in_time(index, before);
        Some(implicit(subject, expected, format!("{what}{place}{when}")))
    });
    violations.collect()
}

fn check_resources(page: &PageState, judges: Judges<'_>) -> impl Iterator<Item = Check> {
    let before = page.before.requests;
    // The status of documents is told as `status`; what the page's policy forbids as that.
    let failed = page.resources.iter().enumerate().filter(move |(index, one)| {
        let lets_pass = |leniency: &Leniency| {
            leniency.is_off("requests.failed") || leniency.allow.matches("request", &[&one.url])
        };
        one.same_origin
            && one.destination != "document"
            && !page.violations.iter().any(|violation| violation.url() == one.url)
            && !judges.let_pass(*index, before, lets_pass)
    });
    failed.filter_map(move |(index, resource)| {
        let fault = resource.fault()?;
        let when = place_in_time(index, before);
        Some(implicit("requests.failed", "no failed request", format!("{fault} {}{when}", resource.url)))
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
