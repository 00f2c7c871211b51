//! One cause for a whole run, and what follows from it.

use super::code::{CODES, find_code};
use super::{Certainty, Diagnosis};

/// Layers below everything: while one of them is broken, nothing above it can be judged.
const GROUND: &[&str] = &["dns", "network", "tls", "proxy", "access", "harness"];

/// The root cause of a run: the deepest one, the certain before the probable. `failed` are the scenarios that did not
/// pass, each with its diagnosis if it has one.
pub fn find_root_cause(failed: &[Option<&Diagnosis>]) -> Option<Diagnosis> {
    let known = failed.iter().copied().flatten();
    let root =
        known.min_by_key(|diagnosis| (depth(diagnosis), diagnosis.certainty == Certainty::Probable))?;
    let mut cause = root.clone();
    let follow = failed.iter().filter(|other| other.is_some_and(|other| is_consequence(other, root))).count();
    if failed.len() > 1 {
        cause = cause.seen(tell_extent(follow, failed.len()));
    }
    Some(cause)
}

/// Whether a diagnosis is the same cause, or what follows from it.
pub fn is_consequence(other: &Diagnosis, root: &Diagnosis) -> bool {
    let is_above = match root.layer.as_str() {
        "static" => other.layer == "script",
        "database" | "dependency" => other.code == "application.error",
        layer => GROUND.contains(&layer) && layer != "proxy" && depth(other) >= depth(root),
    };
    other.layer == root.layer || is_above
}

fn tell_extent(follow: usize, failed: usize) -> String {
    match (follow, failed) {
        (follow, failed) if follow == failed => format!("{failed} scenarios failed, one cause"),
        (1, failed) => format!(
            "1 of {failed} scenarios that failed; the others have causes of their own, or unknown ones"
        ),
        (follow, failed) => format!("{follow} of {failed} scenarios that failed, one cause"),
    }
}

fn depth(diagnosis: &Diagnosis) -> usize {
    find_code(&diagnosis.code).map_or(CODES.len() + 1, super::CodeDefinition::depth)
}
