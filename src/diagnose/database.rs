//! The database: what its driver says, what a form's answer says, and what is not there afterwards.

use super::code::find_code;
use super::facts::{Remembered, find_sent, wanted_texts};
use super::fingerprint::tell;
use super::page::path_of;
use super::{Certainty, Diagnosis, Memory, StepFacts};
use crate::evidence::{Cause, Evidence, Exchange, Rows, SubResource, Value};
use crate::expect::Check;
use crate::verdict::{Origin, StepError};

/// Beginnings of the words by which sites say that an account is there and not yet to be used.
const UNCONFIRMED: &[&str] = &["verif", "confirm", "activat", "approv", "pending", "inactive", "not active"];

/// A statement that the database did not carry out, by SQLSTATE and by the databases' own numbers.
pub(super) fn diagnose_statement(step: &StepFacts<'_>, _: &Memory) -> Option<Diagnosis> {
    let error = step.error.filter(|error| error.origin == Origin::Target)?;
    let Cause::Sql { state, code, detail } = &error.cause else {
        return None;
    };
    let name = name_error(state.as_deref().unwrap_or(""), code, detail)?;
    Some(Diagnosis::of(name, Certainty::Certain, detail).seen(format!("{}: {}", step.name, error.message)))
}

/// MariaDB's and MySQL's numbers, PostgreSQL's states, SQLite's names. What our own account may not do says nothing of
/// the site's, and is no fault of the target.
fn name_error(state: &str, code: &str, detail: &str) -> Option<&'static str> {
    let starts = |beginning: &str| detail.starts_with(beginning);
    Some(match (state, code) {
        ("42S02" | "42S22" | "42P01" | "42703" | "3F000", _) => "database.schema",
        (_, "SQLITE_ERROR") if starts("no such") || starts("table ") => "database.schema",
        (_, "SQLITE_FULL" | "1021" | "1114") | ("53100", _) => "database.full",
        ("40001" | "55P03" | "40P01", _) | (_, "1205" | "1213") => "database.locked",
        (_, code) if code.starts_with("SQLITE_BUSY") || code.starts_with("SQLITE_LOCKED") => {
            "database.locked"
        }
        _ => return None,
    })
}

/// What a failing write of the site is, after a database refused a cleanup of ours, which is declared to write there: the
/// same refusal, most likely. `name` is the cleanup step's.
pub fn explain_by_refusal(known: Diagnosis, name: &str, error: &StepError) -> Diagnosis {
    let is_failing_write = known.code == "database.schema" && known.certainty == Certainty::Probable;
    match name_refusal(&error.cause).filter(|_| is_failing_write) {
        Some(code) => {
            let cause =
                Diagnosis::of(code, Certainty::Probable, "the site's writes fail, and it refuses ours");
            let seen = format!("{name}: {}", error.message);
            known.evidence.iter().fold(cause.seen(seen), Diagnosis::seen).with_advice()
        }
        None => known,
    }
}

/// Why a database takes a write from nobody like us, by SQLSTATE and by the databases' own numbers.
fn name_refusal(cause: &Cause) -> Option<&'static str> {
    let Cause::Sql { state, code, .. } = cause else { return None };
    Some(match (state.as_deref().unwrap_or(""), code.as_str()) {
        ("25006", _) | (_, "1290" | "1792" | "1836") => "database.read_only",
        ("42501", _) | (_, "1142" | "1143") => "database.denied",
        (_, code) if code.starts_with("SQLITE_READONLY") => "database.read_only",
        _ => return None,
    })
}

/// Reads work and a write is a plain 500: of a form, or of a request that is to make something. Any other request may
/// fail for reasons of its own.
pub(super) fn diagnose_schema(step: &StepFacts<'_>, before: &Memory) -> Option<Diagnosis> {
    let page = step.page().filter(|page| page.status == Some(500))?;
    let read = match step.evidence? {
        Evidence::Submission(submission) => match &submission.page {
            Some(form) => {
                form.response().filter(|response| response.status < 400)?;
                format!("the form itself, GET {}", form.url())
            }
            None => tell_good_answer(before)?,
        },
        Evidence::Page(state) => {
            let is_form = |one: &SubResource| {
                one.same_origin
                    && one.method == "POST"
                    && one.destination == "document"
                    && one.status == Some(500)
            };
            state.resources.iter().find(|one| is_form(one))?;
            tell_good_answer(before)?
        }
        Evidence::Exchange(_) if step.is_write() => {
            let is_made = |check: &Check| {
                check.subject == "status" && check.terms.wanted.iter().any(|term| term.integer() == Some(201))
            };
            match find_read_beside(page.url, before) {
                Some(read) => read.tell_place(),
                None => tell_good_answer(before).filter(|_| step.checks.iter().any(is_made))?,
            }
        }
        _ => return None,
    };
    let what = "reads work and a write is a plain 500; most often migrations were not run";
    Some(
        Diagnosis::of("database.schema", Certainty::Probable, what)
            .seen(format!("{}{}", tell_method(step), tell(&page)))
            .seen(format!("{read}: answered well"))
            .advise("run the migrations of this release on the server (Django: `manage.py migrate`)")
            .advise("if there are none to run, the application's log says why: a right, a full disk, an error in its code"),
    )
}

/// What the site has answered well; none where it has answered nothing so.
fn tell_good_answer(before: &Memory) -> Option<String> {
    let is_good = |step: &&Remembered| step.status.is_some_and(|status| status < 400);
    let told = before.steps.iter().rev().find(is_good).map(Remembered::tell_place);
    told.or_else(|| before.has_answered().then(|| "other requests".to_owned()))
}

/// A read that was answered well of what a request writes to: its address, or one above or below it.
fn find_read_beside<'m>(url: &str, before: &'m Memory) -> Option<&'m Remembered> {
    let is_below = |one: &str, other: &str| {
        let rest = path_of(one).strip_prefix(path_of(other).trim_end_matches('/'));
        path_of(other) != "/" && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    before.steps.iter().rev().find(|step| {
        let is_read = !step.is_write && step.status.is_some_and(|status| status < 400);
        is_read && (is_below(&step.url, url) || is_below(url, &step.url))
    })
}

/// A write that was answered well and is not there afterwards.
pub(super) fn diagnose_write(step: &StepFacts<'_>, before: &Memory) -> Option<Diagnosis> {
    if step.error.is_some() {
        return None;
    }
    let (position, write) = before.find_write(step)?;
    let wrote = tell_write(write);
    match step.evidence? {
        Evidence::Rows(rows) if is_nothing(rows) && step.failed_checks().next().is_some() => {
            let seen = format!("{}: {} from {}", step.name, count_rows(rows), rows.database);
            let later = &before.steps[position + 1..];
            let witness = later.iter().find(|other| {
                !other.is_write
                    && (other.actor != write.actor || other.is_anonymous)
                    && write.sent.iter().any(|sent| other.text.contains(sent.as_str()))
            });
            let mut diagnosis = match witness {
                Some(other) => Diagnosis::of("database.other_database", Certainty::Probable, "")
                    .seen(format!("{}: {} sees it", other.name, other.actor)),
                None => {
                    Diagnosis::of("database.write_lost", Certainty::Probable, "the database has no row of it")
                }
            };
            diagnosis.is_of_rows = true;
            Some(diagnosis.seen(wrote).seen(seen))
        }
        Evidence::Exchange(_) | Evidence::Page(_) if !step.is_write() && step.actor == write.actor => {
            let page = step.page().filter(|page| matches!(page.status, Some(200 | 404)))?;
            let is_missing = |text: &&str| {
                let is_sent =
                    write.sent.iter().any(|sent| sent.contains(text) || text.contains(sent.as_str()));
                is_sent && !page.body().contains(text) && !page.text().contains(text)
            };
            let missing = step.failed_checks().flat_map(wanted_texts).find(is_missing)?;
            let told = find_sent(write, missing).unwrap_or(missing);
            let seen = format!("{}: {told:?} is not there", step.name);
            let what = "a second look does not find it";
            Some(Diagnosis::of("database.write_lost", Certainty::Probable, what).seen(wrote).seen(seen))
        }
        _ => None,
    }
}

/// Something that was sent once and answered well, and that the site does not know when it is sent again: an account
/// that cannot log in. A site that wants it confirmed first says so.
pub(super) fn diagnose_stranger(step: &StepFacts<'_>, before: &Memory) -> Option<Diagnosis> {
    let page = step.page().filter(|page| step.error.is_none() && matches!(page.status, Some(401 | 404)))?;
    step.failed_checks().find(|check| check.subject == "status")?;
    let said = page.text().to_lowercase();
    if UNCONFIRMED.iter().any(|word| said.contains(word)) {
        return None;
    }
    let sent = step.sent();
    let write = before.steps.iter().find(|other| {
        other.is_write
            && other.status.is_some_and(|status| status < 300)
            && !sent.is_empty()
            && sent.iter().all(|value| other.sent.contains(value))
    })?;
    let what = "the site does not know it a moment later";
    let advice = find_code("database.write_lost").map_or("", |known| known.advice);
    Some(
        Diagnosis::of("database.write_lost", Certainty::Probable, what)
            .seen(tell_write(write))
            .seen(tell(&page))
            .advise(advice)
            .advise("if a new account is to be confirmed first, let the spec do so, or expect this answer"),
    )
}

/// The page that the site itself named after a write, and that is not there.
pub(super) fn diagnose_gone(step: &StepFacts<'_>, before: &Memory) -> Option<Diagnosis> {
    if let Some(diagnosis) = diagnose_gone_for_script(step) {
        return Some(diagnosis);
    }
    let page = step.page().filter(|page| step.error.is_none() && page.status == Some(404))?;
    let what = "the page that the site named for it is not there";
    let diagnosis = Diagnosis::of("database.write_lost", Certainty::Probable, what);
    if step.is_write() {
        let is_led = match step.exchanges().last() {
            Some(answer) => answer.redirects() > 0 && !before.is_elsewhere(page.url),
            None => matches!(step.evidence, Some(Evidence::Page(_))),
        };
        if is_led {
            let told = format!("{}: answered with a redirect there", step.name);
            return Some(diagnosis.seen(tell(&page)).seen(told));
        }
    }
    let write = before.steps.iter().rev().find(|other| other.is_write && other.leads_to(page.url))?;
    Some(diagnosis.seen(tell_write(write)).seen(tell(&page)))
}

/// The method of the request that was answered last, as the beginning of a line.
fn tell_method(step: &StepFacts<'_>) -> String {
    let hop = step.exchanges().last().and_then(Exchange::last);
    hop.map(|hop| format!("{} ", hop.request.method)).unwrap_or_default()
}

/// The step that wrote, and where it ended.
fn tell_write(write: &Remembered) -> String {
    let place = if write.url.is_empty() { String::new() } else { format!(" at {}", write.url) };
    format!("written in the step {:?}: answered well{place}", write.name)
}

/// What a page's script was answered well when it sent it, and asks for at its own address in vain.
fn diagnose_gone_for_script(step: &StepFacts<'_>) -> Option<Diagnosis> {
    let Some(Evidence::Page(page)) = step.evidence.filter(|_| step.failed_checks().next().is_some()) else {
        return None;
    };
    let own = || page.resources.iter().filter(|one| one.same_origin && one.destination.is_empty());
    let is_kept = |one: &&SubResource| {
        one.method == "POST" && one.status.is_some_and(|status| (200..300).contains(&status))
    };
    let gone = own().filter(|one| one.method == "GET" && one.status == Some(404)).find_map(|one| {
        let is_parent = |sent: &&SubResource| {
            let rest = path_of(&one.url).strip_prefix(path_of(&sent.url).trim_end_matches('/'));
            rest.is_some_and(|rest| rest.len() > 1 && rest.starts_with('/'))
        };
        own().filter(is_kept).find(is_parent).map(|sent| (sent, one))
    });
    let (sent, gone) = gone?;
    let what = "its own address is not there";
    Some(
        Diagnosis::of("database.write_lost", Certainty::Probable, what)
            .seen(format!("POST {} → {}", sent.url, sent.status.unwrap_or_default()))
            .seen(format!("GET {} → 404", gone.url)),
    )
}

/// No row, or a single count of nothing.
fn is_nothing(rows: &Rows) -> bool {
    match rows.rows.as_slice() {
        [] => rows.affected.is_none(),
        [row] => matches!(row.as_slice(), [Value::Integer(0) | Value::Unsigned(0)]),
        _ => false,
    }
}

fn count_rows(rows: &Rows) -> &'static str {
    if rows.rows.is_empty() { "no rows" } else { "a count of 0" }
}
