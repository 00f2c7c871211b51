//! The page's content: empty, not rendered, in the wrong encoding.

use super::fingerprint::tell;
use super::{Certainty, Diagnosis, Memory, StepFacts};
use crate::evidence::{Cause, Value};

/// What UTF-8 looks like when it is read as Latin-1 or Windows-1252: two letters that no language puts together.
const GARBLED: &[&str] =
    &["Ã©", "Ã¤", "Ã¶", "Ã¼", "ÃŸ", "Ã¨", "Ã±", "â€™", "â€œ", "â€“", "Â©", "Â»", "\u{fffd}"];

/// A page that came and is not what it should be.
pub(super) fn diagnose_content(step: &StepFacts<'_>, _: &Memory) -> Option<Diagnosis> {
    let page = step.page().filter(|page| page.is_html() && page.status.is_none_or(|status| status == 200))?;
    let misses_something =
        matches!(step.error.map(|error| &error.cause), Some(Cause::Form { .. } | Cause::Element { .. }));
    (misses_something || step.failed_checks().next().is_some()).then_some(())?;
    let seen = tell(&page);
    let has_something = page.has("img, svg, canvas, video, iframe, script, input, object");
    if page.text().is_empty() && !has_something {
        return Some(Diagnosis::of("content.empty", Certainty::Certain, "").seen(seen));
    }
    let said = [page.title(), page.heading()];
    let is_tag = |text: &str| {
        (text.contains("{{") && text.contains("}}")) || text.contains("{%") || text.contains("<%=")
    };
    if let Some(text) = said.into_iter().find(|text| is_tag(text)) {
        return Some(Diagnosis::of("content.unrendered", Certainty::Probable, text).seen(seen));
    }
    let seen_texts = || step.failed_checks().flat_map(|check| &check.terms.seen).map(Value::to_text);
    let garbled = GARBLED.iter().find(|mark| seen_texts().any(|text| text.contains(**mark)))?;
    Some(Diagnosis::of("content.encoding", Certainty::Probable, &format!("it shows {garbled:?}")).seen(seen))
}
