//! What is asked of a site after a failure, where the failure alone does not say what is broken. Pure: it says what to
//! ask and what the answers mean; asking is the runner's.

use super::facts::wanted_texts;
use super::fingerprint::{recognise_broken_page, tell};
use super::page::Page;
use super::release::{OtherRevision, find_other_revision};
use super::rules::diagnose_step;
use super::{Certainty, Diagnosis, Meant, Memory, StepFacts};
use crate::evidence::{Cause, Evidence, Exchange};
use crate::expect::{Observer, Subject};
use crate::verdict::{Origin, StepError};

/// How much faster later answers must be for the first one to have been a cold start.
const COLD: f64 = 3.0;

/// A harmless look at the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// The home page.
    Home,
    /// An address that cannot exist: frameworks show their debug page there.
    NoSuchPage,
    /// What the home page names.
    Assets,
    /// What DNS says of the target's name.
    Name,
    /// The same request once more, several times over fresh connections: workers take turns.
    Again {
        /// The layer that is in question.
        layer: &'static str,
        /// The address.
        url: String,
        /// Whether by somebody without cookies.
        as_stranger: bool,
    },
}

impl Question {
    /// The layer that it is about: each is asked about once in a run.
    pub fn layer(&self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::NoSuchPage => "debug",
            Self::Assets => "static",
            Self::Name => "dns",
            Self::Again { layer, .. } => layer,
        }
    }

    /// Whether the answer to another question answers this one too: queries make no other page.
    pub fn is_answered_by(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Again { layer, url, as_stranger },
                Self::Again { layer: at, url: asked, as_stranger: by },
            ) => layer == at && as_stranger == by && without_query(url) == without_query(asked),
            (one, other) => one == other,
        }
    }
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

/// What the site answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The question.
    pub question: Question,
    /// An answer for each time that it was asked.
    pub samples: Vec<Sample>,
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What was seen.
    pub evidence: Option<Evidence>,
    /// Why nothing came.
    pub error: Option<StepError>,
    /// Milliseconds.
    pub took_ms: f64,
}

impl Sample {
    fn exchange(&self) -> Option<&Exchange> {
        self.evidence.as_ref().and_then(Evidence::exchange)
    }

    fn page(&self) -> Option<Page<'_>> {
        self.evidence.as_ref().and_then(Page::of)
    }

    fn has_answered(&self) -> bool {
        self.exchange().is_some_and(|exchange| exchange.response().is_some())
    }

    fn fails(&self) -> bool {
        self.page().is_some_and(|page| page.status.is_some_and(|status| status >= 500))
    }

    /// Whether a page came, and one of these values stands in it, if there are any.
    fn shows(&self, values: &[String]) -> bool {
        self.page().is_some_and(|page| {
            page.status.is_some_and(|status| status < 400)
                && (values.is_empty() || values.iter().any(|value| page.body().contains(value.as_str())))
        })
    }
}

/// What to ask next about a step that failed, given what is known of it; none where it is clear or nothing would help.
pub fn find_question(
    step: &StepFacts<'_>,
    before: &Memory,
    known: Option<&Diagnosis>,
    answers: &[Answer],
) -> Option<Question> {
    if step.error.is_some_and(|error| error.origin == Origin::Harness) {
        return None;
    }
    let is_asked =
        |question: &Question| answers.iter().any(|answer| answer.question.layer() == question.layer());
    list_questions(step, before, known).into_iter().find(|question| !is_asked(question))
}

fn list_questions(step: &StepFacts<'_>, before: &Memory, known: Option<&Diagnosis>) -> Vec<Question> {
    let own = step.page().map(|page| page.url.to_owned());
    let again = |layer, as_stranger| {
        let url = own.clone().filter(|url| url.starts_with("http"));
        url.map(|url| Question::Again { layer, url, as_stranger }).into_iter().collect::<Vec<_>>()
    };
    match known.map(|known| known.code.as_str()) {
        Some("release.stale") => again("release", false),
        Some("speed.slow") if !step.is_write() && step.error.is_none() => again("speed", false),
        Some("database.write_lost") => match (step.evidence, before.find_write(step)) {
            (Some(Evidence::Rows(_)), Some((_, write))) if write.url.starts_with("http") => {
                vec![Question::Again { layer: "database", url: write.url.clone(), as_stranger: true }]
            }
            (Some(Evidence::Rows(_)), _) => Vec::new(),
            _ => again("database", false),
        },
        Some("database.schema") if is_at_write(step, before) => again("database", false),
        None if is_write_unseen(step) => again("database", false),
        Some("application.error") if step.is_write() => vec![Question::Home],
        Some("network.timeout" | "speed.slow") | None if is_unanswered(step) => vec![ask_another(step)],
        Some("network.refused" | "network.timeout" | "network.reset" | "network.closed") => {
            vec![Question::Name]
        }
        // Browsers do not say how long the chain is.
        Some("tls.untrusted") if matches!(step.evidence, Some(Evidence::Page(_))) => vec![Question::Home],
        None | Some("application.error") if own.as_deref().is_some_and(is_home) => {
            vec![Question::NoSuchPage]
        }
        Some("application.error") => vec![Question::Home],
        None if matches!(step.evidence, Some(Evidence::Page(_))) => {
            vec![Question::Home, Question::NoSuchPage, Question::Assets]
        }
        None => vec![Question::Home, Question::NoSuchPage],
        _ => Vec::new(),
    }
}

/// Whether it was about the very page that an earlier write made.
fn is_at_write(step: &StepFacts<'_>, before: &Memory) -> bool {
    let url = step.page().map(|page| page.url.to_owned());
    before.steps.iter().any(|other| other.is_write && Some(&other.url) == url.as_ref())
}

/// Whether a page that came after a write lacks what was written, as far as that is known.
fn is_write_unseen(step: &StepFacts<'_>) -> bool {
    if step.error.is_some() || !step.is_write() {
        return false;
    }
    let (missing, sent) = (list_missing(step), step.sent());
    let is_sent = |text: &String| sent.is_empty() || sent.iter().any(|value| value.contains(text.as_str()));
    missing.iter().any(is_sent)
}

/// The texts that are expected and do not stand in the page.
fn list_missing(step: &StepFacts<'_>) -> Vec<String> {
    let Some(page) = step.page() else { return Vec::new() };
    let expected = step.failed_checks().flat_map(wanted_texts);
    expected
        .map(|text| text.split_once(": ").map_or(text, |(_, rest)| rest).to_owned())
        .filter(|text| !page.body().contains(text.as_str()) && !page.text().contains(text.as_str()))
        .collect()
}

/// Another page than the one that was not answered.
fn ask_another(step: &StepFacts<'_>) -> Question {
    let url = match step.evidence {
        Some(Evidence::Page(page)) => Some(page.url.as_str()),
        Some(other) => other.exchange().map(Exchange::url),
        None => None,
    };
    if url.is_none_or(is_home) { Question::NoSuchPage } else { Question::Home }
}

fn is_home(url: &str) -> bool {
    super::page::path_of(url) == "/"
}

/// Whether a request was taken and not answered in time.
fn is_unanswered(step: &StepFacts<'_>) -> bool {
    use crate::evidence::Phase::{Answer, Navigation};
    let cause = step.error.map(|error| &error.cause);
    matches!(cause, Some(Cause::Timeout { phase: Answer | Navigation, .. }))
}

/// What is broken, after the answers. Where nothing fits, that is said: `unknown`.
pub fn conclude(
    step: &StepFacts<'_>,
    before: &Memory,
    known: Option<Diagnosis>,
    answers: &[Answer],
) -> Option<Diagnosis> {
    if step.error.is_some_and(|error| error.origin == Origin::Harness) {
        return known;
    }
    let code = known.as_ref().map_or("unknown", |known| known.code.as_str()).to_owned();
    let judge = |answer: &Answer| match (code.as_str(), &answer.question) {
        ("release.stale", Question::Again { .. }) => judge_release(step, before, answer),
        ("speed.slow", Question::Again { .. }) => judge_speed(step, answer),
        ("database.write_lost" | "database.schema", Question::Again { as_stranger, .. }) => {
            let values = before.find_write(step).map(|(_, write)| write.sent.clone()).unwrap_or_default();
            judge_write(&values, answer, *as_stranger)
        }
        ("unknown", Question::Again { .. }) => judge_write(&list_missing(step), answer, false),
        ("network.timeout" | "unknown", _) if is_unanswered(step) => judge_silence(answer),
        ("unknown" | "application.error" | "tls.untrusted", _) => judge_page(answer, before),
        _ => None,
    };
    let position = answers.iter().position(|answer| judge(answer).is_some());
    let found = position.and_then(|position| judge(&answers[position]));
    // What was asked after the answer that tells is of no use.
    let used = &answers[..position.map_or(answers.len(), |position| position + 1)];
    let is_slow = found.as_ref().or(known.as_ref()).is_some_and(|one| one.code == "speed.slow");
    let cold = before.cold_start().filter(|_| is_slow);
    let found = cold.map(|told| Diagnosis::of("speed.cold_start", Certainty::Probable, told)).or(found);
    let seen = known.as_ref().map(|known| known.evidence.clone()).unwrap_or_default();
    let is_replaced = found.is_some();
    let base = found
        .or(known)
        .unwrap_or_else(|| Diagnosis::of("unknown", Certainty::Probable, "").seen(tell_failure(step)));
    let diagnosis = if is_replaced { seen.into_iter().fold(base, Diagnosis::seen) } else { base };
    Some(used.iter().fold(diagnosis, add_answer).with_advice())
}

/// What failed, in a line.
fn tell_failure(step: &StepFacts<'_>) -> String {
    let what = step.error.map(|error| error.message.clone()).or_else(|| {
        let check = step.failed_checks().next()?;
        Some(format!("{}: expected {}, actual {}", check.subject, check.expected, check.actual))
    });
    let what = what.unwrap_or_else(|| "failed".to_owned());
    format!("{}: {}", step.name, crate::evidence::shorten_to(&what, 200))
}

/// Whether some of the answers are of the expected release.
fn judge_release(step: &StepFacts<'_>, before: &Memory, answer: &Answer) -> Option<Diagnosis> {
    let OtherRevision { check, expected, actual } = find_other_revision(step, before)?;
    let subject = Subject::parse(&check.subject).ok()?;
    let revisions: Vec<String> = answer
        .samples
        .iter()
        .filter_map(|sample| {
            let observed = Observer::new(sample.evidence.as_ref()?, &[]).observe(&subject);
            Some(observed.into_value()?.to_text())
        })
        .collect();
    let new = revisions.iter().filter(|revision| *revision == expected).count();
    let old = revisions.iter().filter(|revision| *revision == actual).count();
    if old + new == 0 {
        return None;
    }
    let told = format!("{} × {expected:?}, {} × {actual:?} of {}", new, old, revisions.len());
    Some(if new > 0 {
        let what = format!("some workers are of {expected}, others of {actual}");
        Diagnosis::of("release.mixed", Certainty::Certain, &what).seen(told)
    } else {
        let what = format!("{actual}, not {expected}");
        Diagnosis::of("release.stale", Certainty::Certain, &what).seen(told)
    })
}

/// Whether it was slow the first time alone.
fn judge_speed(step: &StepFacts<'_>, answer: &Answer) -> Option<Diagnosis> {
    let first = match step.evidence? {
        Evidence::Page(page) => page.speed.load_ms?,
        other => other.exchange()?.total_ms,
    };
    let later = answer.samples.iter().map(|sample| sample.took_ms).fold(0.0, f64::max);
    let is_cold =
        !answer.samples.is_empty() && answer.samples.iter().all(Sample::has_answered) && later * COLD < first;
    is_cold.then(|| {
        let what = format!("{first:.0}ms the first time, {later:.0}ms at most afterwards");
        Diagnosis::of("speed.cold_start", Certainty::Probable, &what)
    })
}

/// Whether what was written is there for some requests and not for others, or for strangers and not in the database.
fn judge_write(values: &[String], answer: &Answer, as_stranger: bool) -> Option<Diagnosis> {
    let count_shown = |values: &[String]| answer.samples.iter().filter(|sample| sample.shows(values)).count();
    let is_gone = |sample: &Sample| sample.page().is_some_and(|page| page.status == Some(404));
    // The page itself may be there in some answers alone, whatever it shows.
    let is_page_mixed = answer.samples.iter().any(is_gone) && count_shown(&[]) > 0;
    let shown = count_shown(if is_page_mixed { &[] } else { values });
    // A page that fails says nothing of what is written.
    let asked = answer.samples.iter().filter(|sample| sample.has_answered() && !sample.fails()).count();
    let is_mixed = shown > 0 && shown < asked;
    let what = if is_mixed {
        format!("it is there in {shown} of {asked} answers")
    } else if as_stranger && shown > 0 && !values.is_empty() {
        "the site shows it to strangers, the declared database has no row of it".to_owned()
    } else {
        return None;
    };
    let diagnosis = Diagnosis::of("database.other_database", Certainty::Probable, &what);
    Some(if is_mixed {
        diagnosis.advise("compare the database address of all workers: some write to another one")
    } else {
        diagnosis
    })
}

/// A site that answers something else is not unreachable: one request is slow.
fn judge_silence(answer: &Answer) -> Option<Diagnosis> {
    answer.samples.iter().any(Sample::has_answered).then(|| {
        Diagnosis::of("speed.slow", Certainty::Probable, "one request is not answered in time, others are")
    })
}

/// What another page says.
fn judge_page(answer: &Answer, before: &Memory) -> Option<Diagnosis> {
    // What our own time cut short says nothing.
    let is_cut = |sample: &&Sample| {
        matches!(sample.error.as_ref().map(|error| &error.cause), Some(Cause::Timeout { .. }))
    };
    answer.samples.iter().filter(|sample| !is_cut(sample)).find_map(|sample| {
        let mut facts = StepFacts {
            name: name_question(&answer.question),
            action: "get",
            actor: "",
            checks: &[],
            error: sample.error.as_ref(),
            evidence: sample.evidence.as_ref(),
            meant: Meant::default(),
        };
        if answer.question == Question::Assets {
            facts.action = "assets";
            return super::assets::diagnose_sweep(&facts);
        }
        let page = facts.page();
        let is_bad = page.as_ref().is_none_or(|page| page.status.is_some_and(|status| status >= 500));
        match page {
            Some(page) if !is_bad => Some(recognise_broken_page(&page)?.diagnosis()),
            _ => diagnose_step(&facts, before).filter(|found| !found.is_symptom()),
        }
    })
}

fn name_question(question: &Question) -> &'static str {
    match question {
        Question::Home => "the home page",
        Question::NoSuchPage => "an address that cannot exist",
        Question::Assets => "what the home page names",
        Question::Name => "DNS",
        Question::Again { .. } => "the same page again",
    }
}

/// Adds what came, unless the step itself has seen just that.
fn add_answer(diagnosis: Diagnosis, answer: &Answer) -> Diagnosis {
    let page = answer.samples.first().and_then(Sample::page);
    let is_known = answer.samples.len() == 1
        && page.as_ref().is_some_and(|page| diagnosis.evidence.contains(&tell(page)));
    // What takes forms and nothing else is not read.
    let is_for_writing = page.as_ref().is_some_and(|page| page.status == Some(405));
    match tell_answer(answer).filter(|_| !is_known && !is_for_writing) {
        Some(line) => diagnosis.seen(line),
        None => diagnosis,
    }
}

/// What was asked and what came, in a line.
fn tell_answer(answer: &Answer) -> Option<String> {
    let first = answer.samples.first()?;
    let took = first.took_ms;
    let name = name_question(&answer.question);
    if let Some(Evidence::Lookup(lookup)) = &first.evidence {
        let said =
            if lookup.addresses.is_empty() { "no address".to_owned() } else { lookup.addresses.join(", ") };
        return Some(format!("asked afterwards: {name}: {} → {said} ({took:.0}ms)", lookup.host));
    }
    if let Some(Evidence::Assets(sweep)) = &first.evidence {
        let bad = sweep.assets.iter().filter(|asset| !asset.faults.is_empty()).count();
        return Some(format!("asked afterwards: {name}: {} files, {bad} do not load", sweep.assets.len()));
    }
    let said = match (first.page(), &first.error) {
        (Some(page), _) => tell(&page),
        (None, Some(error)) => error.message.clone(),
        (None, None) => return None,
    };
    let times = match answer.samples.len() {
        1 => format!("{took:.0}ms"),
        count => {
            let longest = answer.samples.iter().map(|sample| sample.took_ms).fold(0.0, f64::max);
            format!("{count} times, {longest:.0}ms at most")
        }
    };
    Some(format!("asked afterwards: {name}: {said} ({times})"))
}
