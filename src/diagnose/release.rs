//! The release: a revision other than the expected one.

use super::{Certainty, Diagnosis, Memory, StepFacts};
use crate::expect::Check;

/// Words by which a value is known to be a revision.
const WORDS: &[&str] = &["revision", "rev", "sha", "commit", "release", "build", "git"];

/// A value that tells the release, and tells another one than expected. Whether some of the workers are of the expected
/// one is seen only when the site is asked again.
pub(super) fn diagnose_release(step: &StepFacts<'_>, _: &Memory) -> Option<Diagnosis> {
    let (check, expected, actual) = find_other_revision(step)?;
    let exchange = step.exchanges().last()?;
    let what = format!("{actual}, not {expected}");
    let seen = format!("{} → {} is {:?}, {expected:?} is expected", exchange.url(), check.subject, actual);
    Some(Diagnosis::of("release.stale", Certainty::Probable, &what).seen(seen))
}

/// The check on a revision that does not hold, what it expects and what is there instead.
pub(super) fn find_other_revision<'a>(step: &StepFacts<'a>) -> Option<(&'a Check, String, String)> {
    if step.error.is_some() || step.is_write() || !matches!(step.action, "get" | "head") {
        return None;
    }
    step.failed_checks().find_map(|check| {
        is_revision(&check.subject).then_some(())?;
        let (expected, actual) = (unquote(&check.expected)?, unquote(&check.actual)?);
        (!expected.is_empty() && !actual.is_empty()).then_some((check, expected, actual))
    })
}

/// Whether a subject is named as a revision is: `json."$.git_sha"`, `header.x-release`.
fn is_revision(subject: &str) -> bool {
    let is_observed = subject.starts_with("json") || subject.starts_with("header.");
    let mut words = subject.split(|character: char| !character.is_ascii_alphanumeric());
    is_observed && words.any(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// A text that stands there alone, in quotation marks.
fn unquote(text: &str) -> Option<String> {
    serde_json::from_str(text.trim()).ok()
}
