//! A line of a spec with the place underlined.

use super::layout::{shorten, width_of};
use super::line::{Line, Tone, make_harmless};
use super::sheet::{INDENT, Sheet};
use crate::source::Place;

/// Adds where it is, the line's text, and carets below the place.
pub(super) fn render_snippet(sheet: &mut Sheet, place: &Place) {
    sheet.line(Line::indented(INDENT).quiet(&format!("{}:{}:{}", place.file, place.line, place.column)));
    // One blank for a tab, so that the carets stand below what they mean.
    let text = place.text.replace('\t', " ");
    let written = text.trim_start();
    let indentation = text.chars().count() - written.chars().count();
    let offset = place.column.saturating_sub(1).saturating_sub(indentation);
    let before: String = written.chars().take(offset).collect();
    let marked: String = written.chars().skip(offset).take(place.length.max(1)).collect();
    let number = place.line.to_string();
    let bar = sheet.symbols.bar;
    let gutter = INDENT + number.len() + 2 + width_of(bar);
    let room = sheet.width.saturating_sub(gutter).max(20);
    let column = width_of(&make_harmless(&before)).min(room - 1);
    let carets = width_of(&make_harmless(&marked)).clamp(1, room - column);
    let shown = shorten(&make_harmless(written), room, sheet.symbols.ellipsis);
    sheet.line(Line::indented(INDENT).quiet(&format!("{number} {bar} ")).plain(&shown));
    let under = format!("{} {bar} ", " ".repeat(number.len()));
    let mark = "^".repeat(carets);
    sheet.line(Line::indented(INDENT).quiet(&under).plain(&" ".repeat(column)).add(Tone::Bad, &mark));
}
