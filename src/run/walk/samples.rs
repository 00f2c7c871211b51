//! The home page, several times over fresh connections: workers that differ are seen by nothing else.

use std::collections::BTreeMap;

use tokio::time::Instant;
use url::Url;

use super::layers::check_page;
use super::{Look, guess};
use crate::diagnose::{Diagnosis, Meant, Memory, Sample, StepFacts, diagnose_step};
use crate::evidence::{Evidence, Exchange};
use crate::run::http::HttpClient;
use crate::run::implicit::implicit;
use crate::run::lookup::ask_again;
use crate::run::outcome::Outcome;
use crate::run::page::list_builds;

/// A first answer that takes so long, in milliseconds, and later ones a third of it at most, is a cold start.
const COLD_MS: f64 = 3_000.0;

pub(super) async fn look_again(
    client: &HttpClient,
    home: Option<&Exchange>,
    memory: &Memory,
    deadline: Instant,
) -> Look {
    let samples = ask_again(&client.for_another_actor(), "/", deadline).await;
    let mut look = Look { action: "get", note: tell_samples(&samples), ..Look::default() };
    let first_status = home.and_then(Exchange::response).map(|response| response.status);
    let odd = samples.iter().find(|sample| status_of(sample) != first_status);
    if let Some(odd) = odd {
        let told = format!("{}: {}", look.note, "not always the same");
        look.checks.push(implicit("status", "the same each time", told));
        look.diagnosis = diagnose_sample(odd, memory).map(|found| found.seen(look.note.as_str()));
        look.outcome = Outcome { evidence: odd.evidence.clone(), error: None };
        return look;
    }
    if let Some(diagnosis) = find_two_builds(home, &samples) {
        look.checks.push(implicit("files", "those of one build", diagnosis.summary.clone()));
        look.diagnosis = Some(diagnosis);
        return look;
    }
    if let Some(diagnosis) = home.and_then(|home| judge_speed(home, &samples)) {
        look.checks.push(implicit("time", "alike each time", diagnosis.summary.clone()));
        look.diagnosis = Some(diagnosis);
    }
    look
}

fn status_of(sample: &Sample) -> Option<u16> {
    sample.evidence.as_ref()?.exchange()?.response().map(|response| response.status)
}

fn diagnose_sample(sample: &Sample, memory: &Memory) -> Option<Diagnosis> {
    let checks = sample.evidence.as_ref().and_then(Evidence::exchange).map(check_page).unwrap_or_default();
    let facts = StepFacts {
        name: "asked again",
        action: "get",
        actor: "visitor",
        checks: &checks,
        error: sample.error.as_ref(),
        evidence: sample.evidence.as_ref(),
        meant: Meant::default(),
    };
    diagnose_step(&facts, memory)
}

/// `8 × 200, 3ms to 12ms`.
fn tell_samples(samples: &[Sample]) -> String {
    let mut statuses: BTreeMap<String, usize> = BTreeMap::new();
    for sample in samples {
        let status = status_of(sample).map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        *statuses.entry(status).or_default() += 1;
    }
    let told: Vec<String> = statuses.iter().map(|(status, count)| format!("{count} × {status}")).collect();
    let times = samples.iter().map(|sample| sample.took_ms);
    let (least, most) =
        times.fold((f64::MAX, 0.0_f64), |(least, most), time| (least.min(time), most.max(time)));
    if samples.is_empty() {
        String::new()
    } else {
        format!("{}, {least:.0}ms to {most:.0}ms", told.join(", "))
    }
}

/// Stylesheets and scripts under names that change with the build: two sets of them, each seen more than once, are two
/// builds. Names that are new each time are not.
fn find_two_builds(home: Option<&Exchange>, samples: &[Sample]) -> Option<Diagnosis> {
    // Error pages name no files of a build, and may be large.
    home.and_then(Exchange::response).filter(|response| response.status < 400)?;
    let exchanges = samples.iter().filter_map(|sample| sample.evidence.as_ref()?.exchange()).chain(home);
    let mut sets: BTreeMap<Vec<String>, (usize, Vec<String>)> = BTreeMap::new();
    for exchange in exchanges {
        let text = exchange.response()?.text.as_deref()?;
        let named = list_builds(text, &Url::parse(exchange.url()).ok()?);
        let without_hash: Vec<String> = named.iter().map(|one| strip_hash(one)).collect();
        sets.entry(named).or_insert((0, without_hash)).0 += 1;
    }
    let mut counts = sets.values();
    let (first, second) = (counts.next()?, counts.next()?);
    if sets.len() != 2 || first.0 < 2 || second.0 < 2 || first.1 != second.1 {
        return None;
    }
    let names: Vec<&Vec<String>> = sets.keys().collect();
    let differ = names[0].iter().zip(names[1]).find(|(one, other)| one != other)?;
    let seen = format!("{} in {} answers, {} in {}", differ.0, first.0, differ.1, second.0);
    Some(guess("release.mixed", "the files that the home page names are of two builds", &[seen]))
}

/// The address without digits and hexadecimal words, which are what a build gives.
fn strip_hash(url: &str) -> String {
    let is_hash = |word: &&str| word.len() >= 6 && word.chars().any(|one| one.is_ascii_digit());
    let words: Vec<&str> =
        url.split(|one: char| !one.is_ascii_alphanumeric()).filter(|word| !is_hash(word)).collect();
    words.join("/")
}

fn judge_speed(home: &Exchange, samples: &[Sample]) -> Option<Diagnosis> {
    let later = samples.iter().map(|sample| sample.took_ms).fold(0.0, f64::max);
    let is_cold = !samples.is_empty() && home.total_ms > COLD_MS && later * 3.0 < home.total_ms;
    is_cold.then(|| {
        let what = format!("{:.0}ms the first time, {later:.0}ms at most afterwards", home.total_ms);
        guess("speed.cold_start", &what, &[])
    })
}
