//! Scripts of the page.

use super::{Certainty, Diagnosis, Memory, StepFacts};
use crate::evidence::Evidence;

/// An exception that nothing catches.
pub(super) fn diagnose_script(step: &StepFacts<'_>, _: &Memory) -> Option<Diagnosis> {
    let Some(Evidence::Page(page)) = step.evidence else {
        return None;
    };
    let thrown = page.console.iter().find(|message| message.uncaught)?;
    let place = thrown.source.as_deref().unwrap_or(&page.url);
    let first_line = thrown.text.lines().next().unwrap_or_default();
    let diagnosis = Diagnosis::of("script.exception", Certainty::Certain, first_line).seen(place);
    // A page whose scripts throw elsewhere may still fail for another reason.
    let is_judged = step.failed_checks().any(|check| check.subject == "console.errors");
    Some(if is_judged { diagnosis } else { Diagnosis { certainty: Certainty::Probable, ..diagnosis } })
}
