//! From evidence to the layer that is broken. Pure.
//!
//! [`diagnose_step`] tries one rule after the other on a step that failed, the deepest cause first; [`find_root_cause`]
//! finds the one cause of a run. Where a step alone does not tell, [`find_question`] says what to ask the site, and
//! [`conclude`] what the answers mean. [`Page`] is what was seen of a page, `fingerprints.toml` the pages that are known,
//! [`CODES`] every name that a diagnosis can have.

mod application;
mod assets;
mod builds;
mod code;
mod conclusion;
mod content;
mod database;
mod development_host;
mod facts;
mod fingerprint;
mod form;
mod harness;
mod inquiry;
mod network;
mod page;
mod proxy;
mod release;
mod root_cause;
mod rules;
mod script;
mod session;
mod speed;
mod writes;

use serde::{Deserialize, Serialize};

pub use builds::find_two_builds;
pub use code::{CODES, CodeDefinition, find_code};
pub use conclusion::conclude;
pub use database::explain_by_refusal;
pub use development_host::{find_development_host, is_loopback};
pub use facts::{Meant, Memory, StepFacts};
pub use fingerprint::{
    Judged, Mark, Recognised, check_marks, learn_marks, recognise_broken_page, recognise_page,
};
pub use form::{FormFacts, FormFault, judge_form};
pub use inquiry::{Answer, Question, Sample, find_question};
pub use page::Page;
pub use proxy::is_led_to_same_login;
pub use root_cause::{find_root_cause, is_consequence};
pub use rules::diagnose_step;
pub use session::find_dropped_cookies;
pub use speed::find_cold_start;

/// The layer that is broken, how sure that is, why, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// The layer: the part of the code before its point.
    pub layer: String,
    /// The stable code, such as `proxy.default_page`.
    pub code: String,
    /// How sure it is.
    pub certainty: Certainty,
    /// One sentence for the operator.
    pub summary: String,
    /// What was seen: requests, marks, rows, times.
    pub evidence: Vec<String>,
    /// What a person can do next, one line each.
    pub advice: Vec<String>,
    /// Whether it is about another host than the target's: it comes after what is about the target. It does not leave
    /// the runner.
    #[serde(skip)]
    pub is_elsewhere: bool,
    /// Whether rows of the database say so, and not the site. It does not leave the runner.
    #[serde(skip)]
    pub is_of_rows: bool,
}

/// How sure a diagnosis is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Seen.
    Certain,
    /// The shape fits.
    Probable,
}

impl Diagnosis {
    /// A diagnosis of this code: what the code means, and in which form that was found.
    pub(crate) fn of(code: &str, certainty: Certainty, what: &str) -> Self {
        let meaning = find_code(code).map_or("something is broken", |known| known.meaning);
        let summary = if what.is_empty() { meaning.to_owned() } else { format!("{meaning}: {what}") };
        Self {
            layer: code.split('.').next().unwrap_or(code).to_owned(),
            code: code.to_owned(),
            certainty,
            summary,
            evidence: Vec::new(),
            advice: Vec::new(),
            is_elsewhere: false,
            is_of_rows: false,
        }
    }

    /// Adds a line of evidence. One that another says with more words is left out.
    #[must_use]
    pub(crate) fn seen(mut self, line: impl Into<String>) -> Self {
        let line = line.into();
        if line.is_empty() || self.evidence.iter().any(|known| known.starts_with(&line)) {
            return self;
        }
        match self.evidence.iter_mut().find(|known| line.starts_with(known.as_str())) {
            Some(shorter) => *shorter = line,
            None => self.evidence.push(line),
        }
        self
    }

    /// Adds what to do next.
    #[must_use]
    pub(crate) fn advise(mut self, line: impl Into<String>) -> Self {
        self.advice.push(line.into());
        self
    }

    /// Whether any fault below it may look like this.
    pub fn is_symptom(&self) -> bool {
        find_code(&self.code).is_none_or(CodeDefinition::is_symptom)
    }

    /// The code's own advice, where none was fitted to what was found.
    #[must_use]
    pub(crate) fn with_advice(mut self) -> Self {
        if self.advice.is_empty() {
            self.advice.extend(find_code(&self.code).map(|known| known.advice.to_owned()));
        }
        self
    }
}
