//! Harmless looks at the site after a failure, where a diagnosis needs more: GET alone, once per run and layer, and
//! five seconds in all.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::context::Context;
use super::http::HttpClient;
use super::network::run_network;
use super::outcome::Outcome;
use super::page::{is_harmless_address, run_assets};
use crate::diagnose::{
    Answer, Diagnosis, Memory, Question, Sample, StepFacts, conclude, diagnose_step, find_cold_start,
    find_question,
};
use crate::evidence::{AssetKind, Evidence, Hop, round_milliseconds};
use crate::spec::action::{AssetsCall, NetworkCall, RequestCall};

/// How long all of them may take.
const TIME: Duration = Duration::from_secs(5);
/// How long one of them may take: there is to be time for another.
const EACH: Duration = Duration::from_secs(3);
/// How long a name server may take.
const NAME_TIME: Duration = Duration::from_secs(1);
/// How often a page is asked for where the answers may differ.
const TIMES: usize = 8;
/// How many files are looked at.
const FILES: &[AssetKind] = &[AssetKind::Css, AssetKind::Js];

/// What was asked in this run, and how much time is left.
pub(super) struct Lookups {
    state: Mutex<State>,
    /// How long each page took, in milliseconds: the first time, and the longest of the later ones.
    times: std::sync::Mutex<BTreeMap<String, (f64, Option<f64>)>>,
}

struct State {
    answers: BTreeMap<&'static str, Answer>,
    spent: Duration,
}

impl Lookups {
    /// Nothing was asked yet.
    pub(super) fn new() -> Self {
        let state = State { answers: BTreeMap::new(), spent: Duration::ZERO };
        Self { state: Mutex::new(state), times: std::sync::Mutex::default() }
    }

    /// Notes how long the pages of a step took.
    pub(super) fn note_times(&self, evidence: Option<&Evidence>) {
        let Some(exchange) = evidence.and_then(Evidence::exchange) else { return };
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        for hop in exchange.hops.iter().filter(|hop| is_read_well(hop)) {
            let took = hop.timings.total_ms;
            times
                .entry(hop.request.url.clone())
                .and_modify(|(_, later)| *later = Some(later.map_or(took, |longest| longest.max(took))))
                .or_insert((took, None));
        }
    }

    /// Whether the site has answered anybody well.
    fn is_site_up(&self) -> bool {
        !self.times.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// The page that was slow the first time alone.
    fn find_cold_start(&self) -> Option<String> {
        let times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        find_cold_start(times.iter().map(|(url, (first, later))| (url.as_str(), *first, *later)))
    }

    /// The answer to a question; none where its layer was asked about otherwise, or the time is over.
    async fn ask(&self, question: &Question, actor: &HttpClient, run_id: &str) -> Option<Answer> {
        let mut state = self.state.lock().await;
        if let Some(known) = state.answers.get(question.layer()) {
            return question.is_answered_by(&known.question).then(|| known.clone());
        }
        let left = TIME.saturating_sub(state.spent).min(EACH);
        if left.is_zero() {
            return None;
        }
        let started = Instant::now();
        let samples = ask_site(question, actor, run_id, started + left).await;
        state.spent += started.elapsed();
        let answer = Answer { question: question.clone(), samples };
        state.answers.insert(question.layer(), answer.clone());
        Some(answer)
    }
}

fn is_read_well(hop: &Hop) -> bool {
    hop.request.method == "GET" && hop.response.as_ref().is_some_and(|response| response.status < 400)
}

/// What is broken, judged by a step that failed; the site is asked where that alone does not tell.
pub(super) async fn diagnose_with_lookups(
    context: &Context,
    actor: Option<&HttpClient>,
    step: &StepFacts<'_>,
    before: &mut Memory,
) -> Option<Diagnosis> {
    let mut is_up = context.lookups.is_site_up();
    before.note_run(is_up, None);
    let mut known = diagnose_step(step, before);
    let mut answers = Vec::new();
    while let Some(question) = find_question(step, before, known.as_ref(), &answers) {
        let client = match actor {
            Some(actor) => actor.clone(),
            None => context.http_client().ok()?,
        };
        if !is_harmless(&question) {
            break;
        }
        // Where the target names its address, DNS is not what led there.
        if question == Question::Name && client.settings().resolve.is_some() {
            break;
        }
        let asked = tokio::select! {
            biased;
            () = context.cancel.cancelled() => None,
            asked = context.lookups.ask(&question, &client, &context.run_id) => asked,
        };
        let Some(answer) = asked else { break };
        answer.samples.iter().for_each(|sample| context.lookups.note_times(sample.evidence.as_ref()));
        answers.push(answer);
        // A site that answers now answers others: that is more than the step alone tells.
        if !is_up && context.lookups.is_site_up() {
            is_up = true;
            before.note_run(true, None);
            known = diagnose_step(step, before);
        }
    }
    before.note_run(context.lookups.is_site_up(), context.lookups.find_cold_start());
    conclude(step, before, known, &answers)
}

/// Whether asking again does nothing: an address that a spec asks for may do something each time.
fn is_harmless(question: &Question) -> bool {
    match question {
        Question::Again { url, .. } => Url::parse(url).is_ok_and(|url| is_harmless_address(&url)),
        _ => true,
    }
}

async fn ask_site(question: &Question, actor: &HttpClient, run_id: &str, deadline: Instant) -> Vec<Sample> {
    let stranger = actor.for_another_actor();
    match question {
        Question::Home => vec![take(stranger.run(&RequestCall::get("/"), deadline)).await],
        Question::NoSuchPage => {
            let call = RequestCall::get(format!("/smokegate-no-such-page-{run_id}"));
            vec![take(stranger.run(&call, deadline)).await]
        }
        Question::Assets => {
            let call = AssetsCall {
                url: "/".to_owned(),
                kinds: FILES.to_vec(),
                exclude: Vec::new(),
                third_party: false,
            };
            vec![take(run_assets(&stranger, &call, deadline)).await]
        }
        Question::Name => {
            let call = NetworkCall::Dns { host: None, server: None };
            let limit = deadline.min(Instant::now() + NAME_TIME);
            vec![take(run_network(actor, &call, limit)).await]
        }
        Question::Again { url, as_stranger, .. } => {
            let client = if *as_stranger { &stranger } else { actor };
            ask_again(client, url, deadline).await
        }
    }
}

/// Asks several times over fresh connections.
pub(super) async fn ask_again(client: &HttpClient, url: &str, deadline: Instant) -> Vec<Sample> {
    let mut call = RequestCall::get(url);
    call.headers.push(("Connection".to_owned(), "close".to_owned()));
    let mut samples = Vec::with_capacity(TIMES);
    while samples.len() < TIMES && Instant::now() < deadline {
        samples.push(take(client.run(&call, deadline)).await);
    }
    // What our own time cut short says nothing of the site.
    if samples.len() > 1
        && samples.last().is_some_and(|last| last.error.is_some())
        && Instant::now() >= deadline
    {
        samples.pop();
    }
    samples
}

async fn take(look: impl Future<Output = Outcome>) -> Sample {
    let started = Instant::now();
    let outcome = look.await;
    Sample {
        took_ms: took(outcome.evidence.as_ref(), started),
        evidence: outcome.evidence,
        error: outcome.error,
    }
}

fn took(evidence: Option<&Evidence>, started: Instant) -> f64 {
    evidence
        .and_then(Evidence::exchange)
        .map_or_else(|| round_milliseconds(started.elapsed()), |exchange| exchange.total_ms)
}
