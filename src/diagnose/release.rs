//! The release: a revision other than the expected one.

use super::{Certainty, Diagnosis, Memory, StepFacts};
use crate::evidence::Value;
use crate::expect::{Check, Term};

/// Words by which a value is known to be a revision.
const WORDS: &[&str] = &["revision", "rev", "sha", "commit", "release", "build", "git"];

/// A value that tells the release, and tells another one than expected. Whether some of the workers are of the expected
/// one is seen only when the site is asked again.
pub(super) fn diagnose_release(step: &StepFacts<'_>, before: &Memory) -> Option<Diagnosis> {
    let other = find_other_revision(step, before)?;
    let exchange = step.exchanges().last()?;
    let OtherRevision { check, expected, actual } = other;
    let what = format!("{actual}, not {expected}");
    let seen = format!("{} → {} is {actual:?}, {expected:?} is expected", exchange.url(), check.subject);
    Some(Diagnosis::of("release.stale", Certainty::Probable, &what).seen(seen))
}

/// A revision that is not the expected one.
pub(super) struct OtherRevision<'a> {
    /// The check that does not hold.
    pub(super) check: &'a Check,
    /// The revision that is to be there.
    pub(super) expected: &'a str,
    /// The one that is.
    pub(super) actual: &'a str,
}

/// The check on a revision that does not hold, what it expects and what is there instead.
pub(super) fn find_other_revision<'a>(step: &StepFacts<'a>, before: &Memory) -> Option<OtherRevision<'a>> {
    if step.error.is_some() || step.is_write() || !matches!(step.action, "get" | "head") {
        return None;
    }
    step.failed_checks().find_map(|check| {
        let is_meant = before.revision() == Some(check.subject.as_str()) || is_revision(&check.subject);
        let ([expected], [actual]) = (check.terms.wanted.as_slice(), check.terms.seen.as_slice()) else {
            return None;
        };
        let (Term::Value(Value::Text(expected)), Value::Text(actual)) = (expected, actual) else {
            return None;
        };
        let is_told = is_meant && !expected.is_empty() && !actual.is_empty();
        is_told.then_some(OtherRevision { check, expected, actual })
    })
}

/// Whether a subject is named as a revision is: `json."$.git_sha"`, `header.x-release`. Of a path its last name counts:
/// a release has a title, and a commit an author.
fn is_revision(subject: &str) -> bool {
    let leaf = if let Some(header) = subject.strip_prefix("header.") {
        header
    } else if subject.starts_with("json") {
        subject.rsplit(['.', '[', '$']).next().unwrap_or_default()
    } else {
        return false;
    };
    let mut words = leaf.split(|character: char| !character.is_ascii_alphanumeric());
    words.any(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}
