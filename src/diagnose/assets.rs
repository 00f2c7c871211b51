//! Static files: what `assets` fetched, what a browser's page loaded, where links lead.

use super::code::find_code;
use super::page::path_of;
use url::Url;

use super::development_host::find_development_host;
use super::proxy::code_of_status;
use super::{Certainty, Diagnosis, Memory, StepFacts};
use crate::evidence::{
    AssetFault, Evidence, INTEGRITY_MISMATCH, LinkFault, PageState, REFUSED_TYPE, SubResource, Violation,
};

/// How many files are named.
const NAMED: usize = 3;

/// A file that does not load, with what is said of it.
struct Bad {
    code: &'static str,
    url: String,
    told: String,
}

/// The deepest fault of the files that do not load, where that is what failed.
pub(super) fn diagnose_assets(step: &StepFacts<'_>, _: &Memory) -> Option<Diagnosis> {
    let is_about_assets = |subject: &str| {
        matches!(subject, "assets" | "requests.failed" | "links" | "console.errors" | "csp" | "mixed_content")
            || matches!(subject, "css" | "js" | "images" | "fonts" | "all")
    };
    let is_browser = matches!(step.evidence, Some(Evidence::Page(_)));
    let is_judged = step.failed_checks().any(|check| is_about_assets(&check.subject));
    if is_judged || is_browser && step.error.is_some() { diagnose_sweep(step) } else { None }
}

/// The same of a page in a browser of which something else failed: it may come from that.
pub(super) fn diagnose_other_files(step: &StepFacts<'_>, _: &Memory) -> Option<Diagnosis> {
    let is_browser = matches!(step.evidence, Some(Evidence::Page(_)));
    step.failed_checks().next().filter(|_| is_browser)?;
    Some(Diagnosis { certainty: Certainty::Probable, ..diagnose_sweep(step)? })
}

/// The same of a sweep that nobody judged.
pub(super) fn diagnose_sweep(step: &StepFacts<'_>) -> Option<Diagnosis> {
    let bad = find_bad(step);
    let depth = |bad: &&Bad| find_code(bad.code).map_or(usize::MAX, super::CodeDefinition::depth);
    let deepest = bad.iter().min_by_key(depth)?;
    let mut alike: Vec<&Bad> = bad.iter().filter(|other| other.code == deepest.code).collect();
    alike.sort_by_key(|one| (rank_kind(&one.url), &one.url));
    let what = match alike.as_slice() {
        [only] => path_of(&only.url).to_owned(),
        [first, rest @ ..] => format!("{} and {} more", path_of(&first.url), rest.len()),
        [] => return None,
    };
    let mut diagnosis = Diagnosis::of(deepest.code, Certainty::Certain, &what);
    for one in alike.iter().take(NAMED) {
        diagnosis = diagnosis.seen(format!("{}: {}", one.url, one.told));
    }
    Some(advise(diagnosis, path_of(&deepest.url)))
}

/// What a page looks and works by comes first: its stylesheets, its scripts, the rest.
fn rank_kind(url: &str) -> u8 {
    let path = path_of(url);
    match path.rsplit_once('.') {
        Some((_, "css")) => 0,
        Some((_, "js" | "mjs")) => 1,
        _ => 2,
    }
}

fn advise(diagnosis: Diagnosis, path: &str) -> Diagnosis {
    if diagnosis.code != "static.missing" {
        return diagnosis;
    }
    let folder = path.rsplit_once('/').map_or("/", |(folder, _)| folder);
    let top = folder.trim_start_matches('/').split('/').next().unwrap_or_default();
    let location = if top.is_empty() { "/".to_owned() } else { format!("/{top}/") };
    diagnosis
        .advise(format!("is the file on the server? Build or collect it (Django: `manage.py collectstatic`; Vite: `vite build`) and look at the web server's location for {location}"))
}

/// What does not load and is not let pass.
fn find_bad(step: &StepFacts<'_>) -> Vec<Bad> {
    match step.evidence {
        Some(Evidence::Assets(_)) if step.lets_pass("assets", "", &[]) => Vec::new(),
        Some(Evidence::Links(_)) if step.lets_pass("links", "", &[]) => Vec::new(),
        Some(Evidence::Assets(sweep)) => sweep
            .assets
            .iter()
            .flat_map(|asset| {
                asset.faults.iter().filter_map(|fault| {
                    let told = format!("{fault}, asked for by {}", asset.named_by);
                    Some(Bad { code: code_of_fault(fault)?, url: asset.url.clone(), told })
                })
            })
            .collect(),
        Some(Evidence::Links(sweep)) => sweep
            .broken
            .iter()
            .filter_map(|link| {
                let code = match &link.fault {
                    LinkFault::DevAddress { .. } => "static.dev_address",
                    LinkFault::Status { status } if *status >= 500 => code_of_server_error(*status),
                    _ => return None,
                };
                let told = format!("{}, asked for by {}", link.fault, link.named_by);
                Some(Bad { code, url: link.url.clone(), told })
            })
            .collect(),
        Some(Evidence::Page(page)) => page
            .resources
            .iter()
            .filter(|resource| resource.url != page.url && !is_led_to_login(page, resource))
            .filter(|resource| !step.lets_pass("requests.failed", "request", &[&resource.url]))
            .filter_map(|resource| {
                code_of_dev_resource(resource, &page.url).or_else(|| code_of_resource(resource))
            })
            .chain(
                page.violations.iter().filter(|one| !is_violation_allowed(step, one)).map(code_of_violation),
            )
            .collect(),
        _ => Vec::new(),
    }
}

fn code_of_fault(fault: &AssetFault) -> Option<&'static str> {
    Some(match fault {
        AssetFault::Status { status } => code_of_file_status(*status)?,
        AssetFault::HtmlInstead => "static.html_instead",
        AssetFault::WrongType { .. } => "static.wrong_type",
        AssetFault::Empty => "static.empty",
        AssetFault::Truncated | AssetFault::Undecodable => "static.truncated",
        AssetFault::TooLarge => "network.endless",
        AssetFault::Integrity { .. } => "static.integrity",
        AssetFault::DevAddress { .. } => "static.dev_address",
        AssetFault::MixedContent => "static.mixed_content",
        AssetFault::Unreachable { .. } => return None,
    })
}

fn code_of_file_status(status: u16) -> Option<&'static str> {
    Some(match status {
        404 | 410 => "static.missing",
        401 | 403 => "static.forbidden",
        status if status >= 500 => code_of_server_error(status),
        _ => return None,
    })
}

fn code_of_server_error(status: u16) -> &'static str {
    code_of_status(status).unwrap_or("application.error")
}

fn is_violation_allowed(step: &StepFacts<'_>, violation: &Violation) -> bool {
    match violation {
        Violation::Csp { directive, url, .. } => {
            step.lets_pass("csp", "csp", &[&format!("{directive} {url}")])
        }
        Violation::MixedContent { url } => step.lets_pass("mixed_content", "mixed_content", &[url]),
    }
}

fn code_of_violation(violation: &Violation) -> Bad {
    let (code, told) = match violation {
        Violation::Csp { directive, source, .. } => {
            let place = source.as_ref().map(|source| format!(", asked for at {source}")).unwrap_or_default();
            ("static.csp", format!("forbidden by {directive}{place}"))
        }
        Violation::MixedContent { .. } => ("static.mixed_content", "http on an https page".to_owned()),
    };
    Bad { code, url: violation.url().to_owned(), told }
}

/// Whether a login stands where a file was asked for: its visitor is not known there, and the file is not at fault.
pub(super) fn is_led_to_login(page: &PageState, resource: &SubResource) -> bool {
    let is_redirect = |one: &SubResource| one.status.is_some_and(|status| (300..400).contains(&status));
    page.resources.iter().filter(|from| is_redirect(from) && from.destination == resource.destination).any(
        |from| {
            let is_goal = |to: &SubResource| {
                to.destination == from.destination && names_way_back(&to.url, path_of(&from.url))
            };
            is_goal(resource) || (from.url == resource.url && page.resources.iter().any(is_goal))
        },
    )
}

/// Whether an address says where to go on afterwards, as that of a login does: `/login/?next=/data.js`.
fn names_way_back(url: &str, path: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    path != "/" && url.query_pairs().any(|(_, value)| path_of(&value) == path)
}

/// A request of the page to somebody's own machine, which did not come to anything.
fn code_of_dev_resource(resource: &SubResource, page: &str) -> Option<Bad> {
    let (page, url) = (Url::parse(page).ok()?, Url::parse(&resource.url).ok()?);
    let error = resource.error.as_deref().filter(|_| find_development_host(&page, &url).is_some())?;
    Some(Bad { code: "static.dev_address", url: resource.url.clone(), told: error.to_owned() })
}

fn code_of_resource(resource: &SubResource) -> Option<Bad> {
    let path = path_of(&resource.url);
    let is_script =
        resource.destination == "script" || [".js", ".mjs"].iter().any(|ending| path.ends_with(ending));
    if is_script && resource.same_origin && resource.status == Some(200) && resource.media_type == "text/html"
    {
        let told = "an HTML page came instead".to_owned();
        return Some(Bad { code: "static.html_instead", url: resource.url.clone(), told });
    }
    if !resource.same_origin || !resource.is_failed() {
        return None;
    }
    let is_file = matches!(
        resource.destination.as_str(),
        "style" | "script" | "image" | "font" | "manifest" | "audio" | "video" | "track"
    );
    let error = resource.error.as_deref().unwrap_or_default();
    let (code, told) = match resource.status {
        Some(status) if status >= 400 && is_file => {
            (code_of_file_status(status)?, format!("status {status}"))
        }
        _ if !is_file => return None,
        _ if error.contains("CONTENT_LENGTH_MISMATCH")
            || error.contains("INCOMPLETE_CHUNKED")
            || error.contains("CONTENT_DECODING_FAILED")
            || error.contains("PARTIAL_TRANSFER") =>
        {
            ("static.truncated", error.to_owned())
        }
        Some(_) if error == INTEGRITY_MISMATCH => ("static.integrity", error.to_owned()),
        Some(_) if resource.has_wrong_type() && resource.media_type == "text/html" => {
            ("static.html_instead", "an HTML page came instead".to_owned())
        }
        Some(_) if resource.has_wrong_type() => {
            ("static.wrong_type", format!("{} is the wrong type", resource.media_type))
        }
        Some(_) if resource.destination == "image" && resource.is_failed() => {
            ("static.truncated", error.to_owned())
        }
        None if error == REFUSED_TYPE => ("static.wrong_type", error.to_owned()),
        _ => return None,
    };
    Some(Bad { code, url: resource.url.clone(), told })
}
