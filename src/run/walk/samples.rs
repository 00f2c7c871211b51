//! The home page, several times over fresh connections: workers that differ are seen by nothing else.

use std::collections::BTreeMap;

use tokio::time::Instant;
use url::Url;

use super::layers::check_page;
use super::{Look, guess};
use crate::diagnose::{
    Diagnosis, Meant, Memory, Sample, StepFacts, diagnose_step, find_cold_start, find_two_builds,
};
use crate::evidence::{Evidence, Exchange};
use crate::run::http::HttpClient;
use crate::run::implicit::implicit;
use crate::run::lookup::ask_again;
use crate::run::outcome::Outcome;
use crate::run::page::list_builds;

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
    if let Some(diagnosis) = home.and_then(|home| find_builds(home, &samples)) {
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

/// Error pages name no files of a build, and may be large: they are not read.
fn find_builds(home: &Exchange, samples: &[Sample]) -> Option<Diagnosis> {
    home.response().filter(|response| response.status < 400)?;
    let exchanges = samples.iter().filter_map(|sample| sample.evidence.as_ref()?.exchange());
    let named: Option<Vec<Vec<String>>> = exchanges
        .chain([home])
        .map(|exchange| {
            let text = exchange.response()?.text.as_deref()?;
            Some(list_builds(text, &Url::parse(exchange.url()).ok()?))
        })
        .collect();
    find_two_builds(&named?)
}

fn judge_speed(home: &Exchange, samples: &[Sample]) -> Option<Diagnosis> {
    let later = samples.iter().map(|sample| sample.took_ms).reduce(f64::max);
    let told = find_cold_start([(home.url(), home.total_ms, later)])?;
    Some(guess("speed.cold_start", &told, &[]))
}
