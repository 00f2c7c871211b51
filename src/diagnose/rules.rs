//! The rules, from the deepest cause to the shallowest: the first one that fits names it.

use super::{Diagnosis, Memory, StepFacts};
use super::{
    application, assets, content, database, harness, network, proxy, release, script, session, speed,
};

/// A rule: from a step that failed and what was seen before it to what is broken, if it fits.
type Rule = fn(&StepFacts<'_>, &Memory) -> Option<Diagnosis>;

const RULES: &[Rule] = &[
    harness::diagnose_harness,
    proxy::diagnose_redirects,
    network::diagnose_network,
    proxy::diagnose_mark,
    proxy::diagnose_gateway,
    proxy::diagnose_login,
    release::diagnose_release,
    database::diagnose_statement,
    database::diagnose_schema,
    application::diagnose_error,
    assets::diagnose_assets,
    session::diagnose_forgotten,
    database::diagnose_gone,
    database::diagnose_stranger,
    database::diagnose_write,
    session::diagnose_leak,
    session::diagnose_trespass,
    session::diagnose_cookie,
    session::diagnose_lost_session,
    assets::diagnose_other_files,
    script::diagnose_page_for_data,
    script::diagnose_script,
    content::diagnose_content,
    speed::diagnose_speed,
];

/// What is broken, judged by a step that failed and those that passed before it; none where nothing fits.
pub fn diagnose_step(step: &StepFacts<'_>, before: &Memory) -> Option<Diagnosis> {
    RULES.iter().find_map(|rule| rule(step, before)).map(Diagnosis::with_advice)
}

/// What else is broken, where this code turned out wrong.
pub(super) fn diagnose_otherwise(step: &StepFacts<'_>, before: &Memory, wrong: &str) -> Option<Diagnosis> {
    let mut found = RULES.iter().filter_map(|rule| rule(step, before));
    found.find(|found| found.code != wrong).map(Diagnosis::with_advice)
}

#[cfg(test)]
mod certainty_tests;
#[cfg(test)]
mod tests;
