//! Time, where everything else holds.

use super::{Certainty, Diagnosis, Memory, StepFacts};

/// Nothing is wrong but a time that is over its limit.
pub(super) fn diagnose_speed(step: &StepFacts<'_>, _: &Memory) -> Option<Diagnosis> {
    if step.error.is_some() {
        return None;
    }
    let mut slow = Vec::new();
    for check in step.failed_checks() {
        if !matches!(check.subject.as_str(), "time" | "first_byte") {
            return None;
        }
        slow.push(format!(
            "{}: {} of {}, {} allowed",
            step.name, check.subject, check.actual, check.expected
        ));
    }
    let what = slow.first()?.clone();
    let address = step.page().map(|page| page.url.to_owned()).unwrap_or_default();
    Some(Diagnosis::of("speed.slow", Certainty::Certain, &address).seen(what))
}
