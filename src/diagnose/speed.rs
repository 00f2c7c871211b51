//! Time, where everything else holds.

use super::{Certainty, Diagnosis, Memory, StepFacts};

/// What is not over any limit, in milliseconds, is a cold start only if it takes so long.
pub(super) const COLD_MS: f64 = 3_000.0;
/// How much faster later answers must be for the first one to have been a cold start.
const COLD_FACTOR: f64 = 3.0;

/// Tells of a first answer that took `least_ms` and several times as long as all later ones; all in milliseconds.
pub(super) fn tell_cold_start(first_ms: f64, later_ms: f64, least_ms: f64) -> Option<String> {
    (first_ms > least_ms && later_ms * COLD_FACTOR < first_ms)
        .then(|| format!("{first_ms:.0}ms the first time, {later_ms:.0}ms at most afterwards"))
}

/// The page that was slow the first time alone, of pages with how long each took: the first time, and the longest of the
/// later ones.
pub fn find_cold_start<'a>(times: impl IntoIterator<Item = (&'a str, f64, Option<f64>)>) -> Option<String> {
    times.into_iter().find_map(|(url, first, later)| {
        Some(format!("{url} took {}", tell_cold_start(first, later?, COLD_MS)?))
    })
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_answer_is_cold_where_it_is_long_and_later_ones_are_far_below() {
        let find = |first, later| find_cold_start([("http://a.example/", first, later)]);
        assert_eq!(
            find(9_000.0, Some(20.0)).unwrap(),
            "http://a.example/ took 9000ms the first time, 20ms at most afterwards"
        );
        for (first, later) in [(9_000.0, None), (9_000.0, Some(4_000.0)), (900.0, Some(20.0))] {
            assert_eq!(find(first, later), None);
        }
        assert!(tell_cold_start(900.0, 20.0, 0.0).is_some());
    }
}
