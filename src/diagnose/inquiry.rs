//! What is asked of a site after a failure, where the failure alone does not say what is broken. Pure: it says what to
//! ask; asking is the runner's, and `conclusion` says what the answers mean.

use super::facts::wanted_texts;
use super::page::Page;
use super::proxy::LOGIN_WALL;
use super::{Certainty, Diagnosis, Memory, StepFacts};
use crate::evidence::{Cause, Evidence, Exchange};
use crate::verdict::{Origin, StepError};

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
    pub(super) fn exchange(&self) -> Option<&Exchange> {
        self.evidence.as_ref().and_then(Evidence::exchange)
    }

    pub(super) fn page(&self) -> Option<Page<'_>> {
        self.evidence.as_ref().and_then(Page::of)
    }

    pub(super) fn has_answered(&self) -> bool {
        self.exchange().is_some_and(|exchange| exchange.response().is_some())
    }

    pub(super) fn fails(&self) -> bool {
        self.page().is_some_and(|page| page.status.is_some_and(|status| status >= 500))
    }

    /// Whether a page came, and one of these values stands in it, if there are any.
    pub(super) fn shows(&self, values: &[String]) -> bool {
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
        // One page that asks for a login is no wall before the site.
        Some(LOGIN_WALL) if known.is_some_and(|known| known.certainty == Certainty::Probable) => {
            vec![ask_another(step)]
        }
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
pub(super) fn list_missing(step: &StepFacts<'_>) -> Vec<String> {
    let Some(page) = step.page() else { return Vec::new() };
    let expected = step.failed_checks().flat_map(wanted_texts);
    expected
        .map(|text| text.split_once(": ").map_or(text, |(_, rest)| rest).to_owned())
        .filter(|text| !page.body().contains(text.as_str()) && !page.text().contains(text.as_str()))
        .collect()
}

/// Another page than the one that was not answered.
fn ask_another(step: &StepFacts<'_>) -> Question {
    // The address that was meant, wherever redirects led.
    let url = match step.evidence {
        Some(Evidence::Page(page)) => Some(page.url.as_str()),
        Some(other) => {
            other.exchange().and_then(|exchange| Some(exchange.hops.first()?.request.url.as_str()))
        }
        None => None,
    };
    if url.is_none_or(is_home) { Question::NoSuchPage } else { Question::Home }
}

fn is_home(url: &str) -> bool {
    super::page::path_of(url) == "/"
}

/// Whether a request was taken and not answered in time.
pub(super) fn is_unanswered(step: &StepFacts<'_>) -> bool {
    use crate::evidence::Phase::{Answer, Navigation};
    let cause = step.error.map(|error| &error.cause);
    matches!(cause, Some(Cause::Timeout { phase: Answer | Navigation, .. }))
}
