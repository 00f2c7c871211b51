//! What a diagnosis looks at: the step that failed, and what is remembered of those before it.

use super::page::Page;
use crate::evidence::{Evidence, Exchange};
use crate::expect::Check;
use crate::verdict::StepError;

/// How much text of a page is remembered, in characters.
const REMEMBERED: usize = 20_000;
/// The shortest value that is looked for elsewhere, in characters: shorter ones stand in any page.
const TELLING: usize = 5;

/// A step as a diagnosis looks at it.
#[derive(Clone, Copy)]
pub struct StepFacts<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its action's key.
    pub action: &'a str,
    /// Who performed it.
    pub actor: &'a str,
    /// Its expectations.
    pub checks: &'a [Check],
    /// Why it could not be carried out.
    pub error: Option<&'a StepError>,
    /// What it saw.
    pub evidence: Option<&'a Evidence>,
}

impl<'a> StepFacts<'a> {
    /// The expectations that do not hold.
    pub(super) fn failed_checks(&self) -> impl Iterator<Item = &'a Check> {
        self.checks.iter().filter(|check| !check.holds)
    }

    /// The page that it is about.
    pub(super) fn page(&self) -> Option<Page<'a>> {
        self.evidence.and_then(Page::of)
    }

    /// Every exchange that it made, in order.
    pub(super) fn exchanges(&self) -> impl Iterator<Item = &'a Exchange> {
        let form = match self.evidence {
            Some(Evidence::Submission(submission)) => submission.page.as_ref(),
            _ => None,
        };
        form.into_iter().chain(self.evidence.and_then(Evidence::exchange))
    }

    /// Whether it sent something that is meant to be kept.
    pub(super) fn is_write(&self) -> bool {
        match self.evidence {
            Some(Evidence::Submission(submission)) => submission.answer.hops.first().is_some_and(is_unsafe),
            Some(Evidence::Exchange(exchange)) => exchange.hops.first().is_some_and(is_unsafe),
            Some(Evidence::Page(page)) => {
                matches!(self.action, "click" | "press" | "fill" | "check" | "uncheck" | "select")
                    && (page.resources.iter().any(|one| one.same_origin && is_unsafe_method(&one.method)))
            }
            _ => false,
        }
    }

    /// The values that it sent and that can be known again.
    fn sent(&self) -> Vec<String> {
        let fields = match self.evidence {
            Some(Evidence::Submission(submission)) => {
                submission.fields.iter().map(|(_, value)| value.clone()).collect()
            }
            Some(Evidence::Exchange(exchange)) => {
                exchange.hops.first().map(|hop| vec![hop.request.body.excerpt.clone()]).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        fields.into_iter().filter(|value| value.chars().count() >= TELLING).collect()
    }
}

fn is_unsafe(hop: &crate::evidence::Hop) -> bool {
    is_unsafe_method(&hop.request.method)
}

fn is_unsafe_method(method: &str) -> bool {
    matches!(method, "POST" | "PUT" | "PATCH" | "DELETE")
}

/// What is remembered of the steps of a scenario that passed.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Whether there are several actors: what one of them saw matters to the others only.
    keeps_text: bool,
    pub(super) steps: Vec<Remembered>,
}

/// What is remembered of a step.
#[derive(Clone, Debug)]
pub(super) struct Remembered {
    pub(super) name: String,
    pub(super) actor: String,
    pub(super) is_write: bool,
    pub(super) sent: Vec<String>,
    /// The text of the page or answer that it saw, the beginning of it.
    pub(super) text: String,
    pub(super) status: Option<u16>,
}

impl Memory {
    /// The memory of a scenario with one actor or with several.
    pub fn new(has_several_actors: bool) -> Self {
        Self { keeps_text: has_several_actors, steps: Vec::new() }
    }

    /// Remembers a step that passed.
    pub fn note(&mut self, step: &StepFacts<'_>) {
        let page = step.page();
        let text = page
            .as_ref()
            .filter(|_| self.keeps_text)
            .map(|page| page.text().chars().take(REMEMBERED).collect());
        self.steps.push(Remembered {
            name: step.name.to_owned(),
            actor: step.actor.to_owned(),
            is_write: step.is_write(),
            sent: step.sent(),
            text: text.unwrap_or_default(),
            status: page.and_then(|page| page.status),
        });
    }

    /// The last step that wrote something.
    pub(super) fn last_write(&self) -> Option<(usize, &Remembered)> {
        self.steps.iter().enumerate().rev().find(|(_, step)| step.is_write)
    }

    /// Whether the site has answered a request well.
    pub(super) fn has_answered(&self) -> bool {
        self.steps.iter().any(|step| step.status.is_some_and(|status| status < 400))
    }
}

impl Remembered {
    /// Whether it showed or sent this text.
    pub(super) fn knows(&self, needle: &str) -> bool {
        self.text.contains(needle) || self.sent.iter().any(|sent| sent.contains(needle))
    }
}

/// The longest of the values sent that stands in a text.
pub(super) fn find_sent<'m>(step: &'m Remembered, text: &str) -> Option<&'m str> {
    let values = step.sent.iter().map(String::as_str).filter(|value| text.contains(*value));
    values.max_by_key(|value| value.len())
}

/// The text in quotation marks with which a check's expectation ends: `does not contain "milk"`.
pub(super) fn quoted(expected: &str) -> Option<String> {
    let start = expected.find('"')?;
    let mut values = serde_json::Deserializer::from_str(&expected[start..]).into_iter::<String>();
    values.next()?.ok().filter(|text| text.chars().count() >= TELLING)
}
