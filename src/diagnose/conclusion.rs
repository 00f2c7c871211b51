//! What the answers to harmless looks mean for a step that failed. Pure.

use super::fingerprint::{recognise_broken_page, recognise_page, tell};
use super::inquiry::{Answer, Question, Sample, is_unanswered, list_missing};
use super::proxy::{LOGIN_WALL, find_login, is_led_to_same_login};
use super::release::{OtherRevision, find_other_revision};
use super::rules::{diagnose_otherwise, diagnose_step};
use super::speed::tell_cold_start;
use super::{Certainty, Diagnosis, Meant, Memory, StepFacts};
use crate::evidence::{Cause, Evidence};
use crate::expect::{Observer, Subject};
use crate::verdict::Origin;

/// The code of a debug page.
const DEBUG_PAGE: &str = "application.debug_page";

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
    let known = match known {
        Some(wall) if wall.code == LOGIN_WALL => judge_wall(wall, step, before, answers),
        known => known,
    };
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
    let judged = answers.iter().enumerate().filter_map(|(position, answer)| Some((position, judge(answer)?)));
    // A debug mode that is on is told, and is no cause of what goes wrong on a page that is well.
    let is_well = is_page_well(step);
    let (remarks, causes): (Vec<_>, Vec<_>) =
        judged.partition(|(_, found)| is_well && found.code == DEBUG_PAGE);
    let (position, found) = causes.into_iter().next().unzip();
    // What was asked after the answer that tells is of no use.
    let used = &answers[..position.map_or(answers.len(), |position: usize| position + 1)];
    let is_slow = found.as_ref().or(known.as_ref()).is_some_and(|one| one.code == "speed.slow");
    let cold = before.cold_start().filter(|_| is_slow);
    let found = cold.map(|told| Diagnosis::of("speed.cold_start", Certainty::Probable, told)).or(found);
    let seen = known.as_ref().map(|known| known.evidence.clone()).unwrap_or_default();
    let is_replaced = found.is_some();
    let base = found
        .or(known)
        .unwrap_or_else(|| Diagnosis::of("unknown", Certainty::Probable, "").seen(tell_failure(step)));
    let diagnosis = if is_replaced { seen.into_iter().fold(base, Diagnosis::seen) } else { base };
    let diagnosis = used.iter().fold(diagnosis, add_answer).with_advice();
    let tell = |told: Diagnosis, (_, remark): &(usize, Diagnosis)| {
        told.seen(format!("apart from that: {}", remark.summary))
    };
    Some(remarks.iter().fold(diagnosis, tell))
}

/// Whether the step has its page and no failure of the application with it.
fn is_page_well(step: &StepFacts<'_>) -> bool {
    step.page().is_some_and(|page| page.status.is_none_or(|status| status < 400))
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

/// Whether a login stands before another page, too: then it is a wall, else it belongs to the page.
fn judge_wall(
    wall: Diagnosis,
    step: &StepFacts<'_>,
    before: &Memory,
    answers: &[Answer],
) -> Option<Diagnosis> {
    let other =
        answers.iter().find(|answer| matches!(answer.question, Question::Home | Question::NoSuchPage));
    let Some(other) = other.and_then(|other| other.samples.first()).filter(|other| other.has_answered())
    else {
        return Some(wall);
    };
    if let Some(led) = step.exchanges().last().filter(|exchange| find_login(exchange).is_some()) {
        let is_wall = other.exchange().is_some_and(|other| is_led_to_same_login(led, other));
        return if is_wall { Some(wall) } else { diagnose_otherwise(step, before, LOGIN_WALL) };
    }
    let asks =
        other.page().and_then(|page| recognise_page(&page)).is_some_and(|one| one.mark.code == wall.code);
    Some(if asks { Diagnosis { certainty: Certainty::Certain, ..wall } } else { wall })
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
    let is_answered = !answer.samples.is_empty() && answer.samples.iter().all(Sample::has_answered);
    // How long is too long, the step has said.
    let told = tell_cold_start(first, later, 0.0).filter(|_| is_answered)?;
    Some(Diagnosis::of("speed.cold_start", Certainty::Probable, &told))
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
