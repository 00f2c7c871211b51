//! A diagnosis: what is broken, why that is said, what to do.

use super::line::Tone;
use super::sheet::Sheet;
use crate::diagnose::{Certainty, Diagnosis};

/// Adds a diagnosis: its summary and code, what was seen, what to do next.
pub(in crate::report) fn render_diagnosis(sheet: &mut Sheet, diagnosis: &Diagnosis) {
    sheet.labelled("cause", Tone::Strong, &diagnosis.summary);
    let certainty = match diagnosis.certainty {
        Certainty::Certain => "certain",
        Certainty::Probable => "probable",
    };
    sheet.labelled("", Tone::Quiet, &format!("{}, {certainty}", diagnosis.code));
    for (index, line) in diagnosis.evidence.iter().enumerate() {
        sheet.labelled(if index == 0 { "seen" } else { "" }, Tone::Plain, line);
    }
    for (index, line) in diagnosis.advice.iter().enumerate() {
        sheet.labelled(if index == 0 { "next" } else { "" }, Tone::Plain, line);
    }
}
