//! Scripts of the page.

use super::assets::is_led_to_login;
use super::{Certainty, Diagnosis, Memory, StepFacts};
use crate::evidence::{ConsoleMessage, Evidence, SubResource};
use crate::expect::Term;

/// A page of HTML where data was asked for: the server's catch-all answers the API's address.
pub(super) fn diagnose_page_for_data(step: &StepFacts<'_>, _: &Memory) -> Option<Diagnosis> {
    let url = match step.evidence? {
        Evidence::Page(page) => {
            let is_cause = |text: &str| {
                text.contains("Unexpected token '<'")
                    || text.contains("not valid JSON")
                    || text.contains("JSON.parse")
            };
            page.console.iter().find(|message| is_cause(&message.text) && !is_allowed(step, message))?;
            let is_page = |one: &&SubResource| {
                one.same_origin
                    && one.media_type == "text/html"
                    && one.destination != "document"
                    && one.url != page.url
            };
            page.resources.iter().find(is_page)?.url.clone()
        }
        _ => {
            let page = step.page().filter(|page| page.is_html() && page.status == Some(200))?;
            let wants_json = |term: &Term| match term {
                Term::Value(value) => value.to_text().contains("json"),
                Term::Pattern(pattern) => pattern.contains("json"),
            };
            step.failed_checks().find(|check| {
                check.subject.starts_with("json")
                    || check.subject == "schema"
                    || check.subject == "header.content-type" && check.terms.wanted.iter().any(wants_json)
            })?;
            page.url.to_owned()
        }
    };
    let what = "an HTML page comes where data is asked for";
    let diagnosis =
        Diagnosis::of("static.html_instead", Certainty::Probable, what).seen(format!("{url}: text/html"));
    Some(diagnosis.advise(format!(
        "is there a location for {} on the web server? Its catch-all answers in its place",
        super::page::path_of(&url)
    )))
}

/// Whether a message on the console is one that the step lets pass.
fn is_allowed(step: &StepFacts<'_>, message: &ConsoleMessage) -> bool {
    let source = message.source.as_deref().unwrap_or_default();
    step.lets_pass("console.errors", "console", &[&message.text, source])
}

/// An exception that nothing catches.
pub(super) fn diagnose_script(step: &StepFacts<'_>, _: &Memory) -> Option<Diagnosis> {
    let Some(Evidence::Page(page)) = step.evidence else {
        return None;
    };
    let thrown = page.console.iter().find(|message| message.uncaught && !is_allowed(step, message))?;
    // What it needs came to another page: the site does not know its visitor.
    if page.resources.iter().any(|one| one.destination == "script" && is_led_to_login(page, one)) {
        return None;
    }
    let place = thrown.source.as_deref().unwrap_or(&page.url);
    let first_line = thrown.text.lines().next().unwrap_or_default();
    let diagnosis = Diagnosis::of("script.exception", Certainty::Certain, first_line).seen(place);
    // A page whose scripts throw elsewhere may still fail for another reason.
    let is_judged = step.failed_checks().any(|check| check.subject == "console.errors");
    Some(if is_judged { diagnosis } else { Diagnosis { certainty: Certainty::Probable, ..diagnosis } })
}
