//! The application itself: an error without a known page.

use super::fingerprint::tell;
use super::{Certainty, Diagnosis, Memory, StepFacts, proxy};
use crate::evidence::Evidence;

/// A status of 500 on the step's own page, on a page that led to it, or on a request that a browser's page made in the background.
pub(super) fn diagnose_error(step: &StepFacts<'_>, _: &Memory) -> Option<Diagnosis> {
    if let Some(page) = step.page().filter(|page| page.status.is_some_and(|status| status >= 500)) {
        let certainty = if page.status == Some(500) { Certainty::Certain } else { Certainty::Probable };
        return Some(Diagnosis::of("application.error", certainty, "").seen(tell(&page)));
    }
    let Some(Evidence::Page(page)) = step.evidence else {
        return None;
    };
    page.resources.iter().find_map(|resource| {
        let status = resource.status.filter(|status| *status >= 500 && resource.same_origin)?;
        matches!(resource.destination.as_str(), "" | "document" | "iframe" | "frame").then_some(())?;
        if step.lets_pass("requests.failed", "request", &[&resource.url]) {
            return None;
        }
        let code = proxy::code_of_status(status).unwrap_or("application.error");
        let seen = format!("{} {} → {status}, asked for by {}", resource.method, resource.url, page.url);
        Some(Diagnosis::of(code, Certainty::Probable, "").seen(seen))
    })
}
