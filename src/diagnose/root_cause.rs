//! One cause for a whole run, and what follows from it.

use super::code::{CODES, find_code};
use super::{Certainty, Diagnosis};

/// Layers below everything: while one of them is broken, nothing above it can be judged.
const GROUND: &[&str] = &["dns", "network", "tls", "proxy", "access", "harness"];

/// The root cause of a run. `failed` are the scenarios that did not pass, each with its diagnosis if it has one.
///
/// What is about the target comes before what is about other hosts, a cause before a symptom, what is sure before what
/// only fits, what most scenarios name before the rest. Among equals the deepest is first.
pub fn find_root_cause(failed: &[Option<&Diagnosis>]) -> Option<Diagnosis> {
    let failed = &judge_database(failed);
    let known: Vec<&Diagnosis> = failed.iter().flatten().collect();
    let root = *known.iter().min_by_key(|diagnosis| weigh(diagnosis, &known))?;
    let mut cause = root.clone();
    let other_ways = known.iter().filter(|other| other.code == root.code && other.summary != root.summary);
    if let Some(other) = other_ways.min_by_key(|other| other.is_of_rows == root.is_of_rows) {
        cause = add_witness(cause, other);
    }
    let is_explained = |other: &&&Diagnosis| is_consequence(other, root);
    let follow = known.iter().filter(is_explained).count();
    let open = failed.len() - follow;
    if failed.len() > 1 {
        cause = cause.seen(tell_extent(follow, open));
    }
    Some(cause)
}

/// A database that we do not reach, beside a site that fails as sites without their database do: then it is the site's
/// fault, most likely. By itself it says nothing of the site.
fn judge_database(failed: &[Option<&Diagnosis>]) -> Vec<Option<Diagnosis>> {
    let is_failing = |one: &&Diagnosis| {
        let is_write_failing = one.code == "database.schema" && one.certainty == Certainty::Probable;
        matches!(one.code.as_str(), "application.error" | "database.unreachable") || is_write_failing
    };
    let site = failed.iter().copied().flatten().find(is_failing);
    let judge = |one: &Diagnosis| match site {
        Some(site) if one.code == "harness.database_unreachable" => {
            let what = "the site fails, and nothing reaches its database from here either";
            let cause = Diagnosis::of("database.unreachable", Certainty::Probable, what);
            let seen = one.evidence.iter().chain(&site.evidence);
            seen.fold(cause, Diagnosis::seen).with_advice()
        }
        _ => one.clone(),
    };
    failed.iter().map(|one| one.map(judge)).collect()
}

/// How late a cause comes: the smallest is first.
fn weigh(diagnosis: &Diagnosis, known: &[&Diagnosis]) -> impl Ord + use<> {
    let alike = || known.iter().filter(|other| other.code == diagnosis.code);
    let causes = known.iter().filter(|other| !other.is_symptom()).count();
    let named = alike().count();
    let is_seen = |other: &&Diagnosis| other.certainty == Certainty::Certain;
    let was_seen = alike().any(is_seen);
    // A shape that fits yields to what was seen in its own layer, however many name it.
    let is_outdone = !was_seen && known.iter().any(|other| other.layer == diagnosis.layer && is_seen(other));
    let is_common = !is_outdone && named > 1 && named * 2 > causes;
    let is_sure = is_common || was_seen;
    let is_ours = diagnosis.layer == "harness";
    let is_guess = diagnosis.certainty == Certainty::Probable;
    let is_named_better = known.iter().any(|other| names_better(other, diagnosis));
    let is_symptom = diagnosis.is_symptom() || is_named_better;
    let standing = (is_ours, diagnosis.is_elsewhere, is_symptom, rank(diagnosis));
    (standing, !is_sure, !is_common, depth(diagnosis), is_guess)
}

/// Whether what one way of looking found tells why another one found this: a chain that is cut short is why nobody
/// trusts it, and a script throws when the database behind its requests is seen to fail.
fn names_better(other: &Diagnosis, diagnosis: &Diagnosis) -> bool {
    match diagnosis.code.as_str() {
        "tls.untrusted" => other.code == "tls.incomplete_chain",
        "database.schema" if diagnosis.certainty == Certainty::Probable => {
            other.code == "database.unreachable"
        }
        "script.exception" => is_seen_database(other),
        _ => false,
    }
}

/// Whether the database itself, or an error page, says what is wrong with it.
fn is_seen_database(diagnosis: &Diagnosis) -> bool {
    let is_absence = matches!(diagnosis.code.as_str(), "database.write_lost" | "database.other_database");
    diagnosis.layer == "database" && diagnosis.certainty == Certainty::Certain && !is_absence
}

/// Symptoms among each other: a page that fails says more than one that is slow, and that more than nothing.
fn rank(diagnosis: &Diagnosis) -> u8 {
    match diagnosis.code.as_str() {
        "unknown" => 2,
        code if code.starts_with("speed.") => 1,
        _ => 0,
    }
}

/// Adds what was seen in another way. A write that neither the site nor the database knows is lost for certain.
fn add_witness(cause: Diagnosis, other: &Diagnosis) -> Diagnosis {
    let is_lost = cause.code == "database.write_lost" && cause.is_of_rows != other.is_of_rows;
    let cause = other.evidence.iter().fold(cause, Diagnosis::seen);
    if !is_lost {
        return cause;
    }
    let certain = Diagnosis::of(&cause.code, Certainty::Certain, "neither the site nor the database has it");
    Diagnosis { evidence: cause.evidence, advice: cause.advice, ..certain }
}

/// Whether a diagnosis is the same cause, or what follows from it.
pub fn is_consequence(other: &Diagnosis, root: &Diagnosis) -> bool {
    let is_above = match root.layer.as_str() {
        "static" => other.layer == "script",
        "database" | "dependency" if other.code == "application.error" => true,
        "database" => names_better(root, other),
        layer => GROUND.contains(&layer) && layer != "proxy" && depth(other) >= depth(root),
    };
    other.layer == root.layer || is_above
}

/// How many scenarios the cause explains, and how many it may.
fn tell_extent(follow: usize, open: usize) -> String {
    let failed = follow + open;
    match open {
        0 => format!("{failed} scenarios failed, one cause"),
        1 => format!("seen in {follow} of the {failed} scenarios that failed; the other may follow from it"),
        _ => format!("seen in {follow} of the {failed} scenarios that failed; the others may follow from it"),
    }
}

fn depth(diagnosis: &Diagnosis) -> usize {
    find_code(&diagnosis.code).map_or(CODES.len() + 1, super::CodeDefinition::depth)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: &str, what: &str) -> Diagnosis {
        Diagnosis::of(code, Certainty::Certain, what).seen(format!("{code} {what}"))
    }

    #[test]
    fn the_deepest_cause_is_first_and_says_what_follows() {
        let (script, missing, error) =
            (found("script.exception", ""), found("static.missing", ""), found("application.error", ""));
        let root = find_root_cause(&[Some(&script), Some(&missing), None, Some(&error)]).unwrap();
        assert_eq!(root.code, "static.missing");
        assert_eq!(
            root.evidence,
            ["static.missing ", "seen in 2 of the 4 scenarios that failed; the others may follow from it"]
        );
        let schema = found("database.schema", "");
        let root = find_root_cause(&[Some(&error), Some(&schema)]).unwrap();
        assert_eq!(root.code, "database.schema");
        assert_eq!(root.evidence.last().unwrap(), "2 scenarios failed, one cause");
    }

    #[test]
    fn what_is_sure_or_named_by_most_comes_before_what_is_deep() {
        let guess = |code| Diagnosis { certainty: Certainty::Probable, ..found(code, "") };
        let (timeout, locked) = (guess("network.timeout"), found("database.locked", ""));
        assert_eq!(find_root_cause(&[Some(&timeout), Some(&locked)]).unwrap().code, "database.locked");
        let (script, leak) = (found("script.exception", ""), found("session.leak", ""));
        let root = find_root_cause(&[Some(&script), Some(&leak), Some(&leak), None]).unwrap();
        assert_eq!(root.code, "session.leak");
        let (schema, locked) = (guess("database.schema"), found("database.locked", ""));
        let root = find_root_cause(&[Some(&schema), Some(&schema), Some(&locked)]).unwrap();
        assert_eq!(root.code, "database.locked");
        let elsewhere = Diagnosis { is_elsewhere: true, ..found("dns.no_record", "") };
        let root = find_root_cause(&[Some(&elsewhere), Some(&guess("access.login_wall"))]).unwrap();
        assert_eq!(root.code, "access.login_wall");
        let (unknown, slow) = (guess("unknown"), found("speed.slow", ""));
        assert_eq!(find_root_cause(&[Some(&unknown), Some(&slow)]).unwrap().code, "speed.slow");
        assert_eq!(find_root_cause(&[Some(&unknown), None]).unwrap().code, "unknown");
    }

    #[test]
    fn what_tells_why_comes_before_what_was_seen_of_it() {
        let chain = Diagnosis { certainty: Certainty::Probable, ..found("tls.incomplete_chain", "") };
        let (untrusted, script) = (found("tls.untrusted", ""), found("script.exception", ""));
        let root = find_root_cause(&[Some(&untrusted), Some(&chain)]).unwrap();
        assert_eq!(root.code, "tls.incomplete_chain");
        let schema = found("database.schema", "");
        let root = find_root_cause(&[Some(&script), Some(&schema)]).unwrap();
        assert_eq!(root.code, "database.schema");
        assert_eq!(root.evidence.last().unwrap(), "2 scenarios failed, one cause");
        // A form that a script was to send is not written for want of the script.
        let lost = Diagnosis { certainty: Certainty::Probable, ..found("database.write_lost", "") };
        assert_eq!(find_root_cause(&[Some(&lost), Some(&script)]).unwrap().code, "script.exception");
    }

    #[test]
    fn the_site_comes_before_our_own_side_and_one_scenario_needs_no_count() {
        let (browser, slow) = (found("harness.browser_missing", ""), found("speed.slow", ""));
        assert_eq!(find_root_cause(&[Some(&browser), Some(&slow)]).unwrap().code, "speed.slow");
        assert_eq!(find_root_cause(&[Some(&slow)]).unwrap(), slow);
        assert_eq!(find_root_cause(&[None, None]), None);
    }

    #[test]
    fn a_write_that_neither_the_site_nor_the_database_knows_is_lost_for_certain() {
        let lost = |what: &str, is_of_rows: bool| {
            let found = found("database.write_lost", what);
            Diagnosis { certainty: Certainty::Probable, is_of_rows, ..found }
        };
        let (look, gone) =
            (lost("a second look does not find it", false), lost("its page is not there", false));
        let rows = lost("the database has no row of it", true);
        let root = find_root_cause(&[Some(&look), Some(&rows)]).unwrap();
        assert_eq!(root.certainty, Certainty::Certain);
        assert_eq!(root.evidence.len(), 3);
        let root = find_root_cause(&[Some(&look), Some(&gone)]).unwrap();
        assert_eq!(root.certainty, Certainty::Probable, "nobody looked into the database");
        let root = find_root_cause(&[Some(&look), Some(&gone), Some(&rows)]).unwrap();
        assert_eq!(root.certainty, Certainty::Certain);
    }

    #[test]
    fn a_database_out_of_our_reach_is_the_sites_only_where_the_site_fails_too() {
        let ours = found("harness.database_unreachable", "");
        assert_eq!(find_root_cause(&[Some(&ours)]).unwrap(), ours);
        let missing = found("static.missing", "");
        let root = find_root_cause(&[Some(&ours), Some(&missing)]).unwrap();
        assert_eq!(root.code, "static.missing");
        let probable = |code| Diagnosis { certainty: Certainty::Probable, ..found(code, "") };
        let (error, schema) = (found("application.error", ""), probable("database.schema"));
        for site in [&error, &schema] {
            let root = find_root_cause(&[Some(site), Some(&ours), Some(site)]).unwrap();
            assert_eq!((root.code.as_str(), root.certainty), ("database.unreachable", Certainty::Probable));
            assert_eq!(root.evidence.last().unwrap(), "3 scenarios failed, one cause");
        }
    }

    #[test]
    fn one_scenario_that_is_not_explained_is_the_other() {
        let (missing, unknown) = (found("static.missing", ""), found("unknown", ""));
        let root = find_root_cause(&[Some(&missing), Some(&missing), Some(&unknown)]).unwrap();
        let told = "seen in 2 of the 3 scenarios that failed; the other may follow from it";
        assert_eq!(root.evidence.last().unwrap(), told);
    }
}
