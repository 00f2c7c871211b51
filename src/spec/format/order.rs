//! The canonical order: that of the tables of keys.

use super::FileKind;
use super::item::{Entry, Section};
use crate::spec::action::{ACTIONS, STEP_KEYS};
use crate::spec::fragment::USE_KEYS;
use crate::spec::outline::{FRAGMENT_TABLE, PROJECT_TABLES, SCENARIO_TABLE, TableOutline};

/// Keys of a step that stand before its action.
const BEFORE_ACTION: &[&str] = &["name", "as", "when"];
/// Keys of a step that stand last, in this order.
const LAST: &[&str] = &["expect", "capture"];

/// Puts the entries of a table into order; those of one key stay as they are to each other.
pub(super) fn sort_entries(entries: &mut [Entry], path: &[String], kind: FileKind) {
    let is_step = kind != FileKind::Project && matches!(path, [name] if name == "step" || name == "cleanup");
    if is_step {
        entries.sort_by_key(|entry| rank_in_step(first_of(&entry.path)));
    } else if let Some(outline) = find_outline(path, kind) {
        entries.sort_by_key(|entry| rank_in_table(outline, first_of(&entry.path)));
    }
}

/// Puts sections into order by the first part of their key. A table inside a step stays behind its step, as both
/// begin with the same part.
pub(super) fn sort_sections(sections: &mut [Section], kind: FileKind) {
    if let Some(outline) = find_outline(&[], kind) {
        sections.sort_by_key(|section| rank_in_table(outline, first_of(&section.path)));
    }
}

fn first_of(path: &[String]) -> &str {
    path.first().map_or("", String::as_str)
}

fn find_outline(path: &[String], kind: FileKind) -> Option<&'static TableOutline> {
    match kind {
        FileKind::Spec => path.is_empty().then_some(&SCENARIO_TABLE),
        FileKind::Fragment => path.is_empty().then_some(&FRAGMENT_TABLE),
        FileKind::Project => PROJECT_TABLES.iter().find(|outline| outline.stands_at(path)),
    }
}

/// Unknown keys stand last.
fn rank_in_table(outline: &TableOutline, name: &str) -> usize {
    outline.keys.iter().position(|key| key.name == name).unwrap_or(usize::MAX)
}

/// Who and when, the action, what stands beside it, what is said about the step, what is expected and kept.
fn rank_in_step(name: &str) -> (usize, usize) {
    let position = |names: &[&str]| names.iter().position(|known| *known == name);
    if let Some(position) = position(BEFORE_ACTION) {
        return (0, position);
    }
    if let Some(position) = position(LAST) {
        return (5, position);
    }
    for (kind, definition) in ACTIONS.iter().enumerate() {
        if let Some(position) = definition.keys.iter().position(|action| action.key.name == name) {
            return (1, kind * 1_000 + position);
        }
    }
    let neighbours = ACTIONS.iter().flat_map(|definition| definition.neighbours);
    let beside = USE_KEYS.iter().chain(neighbours).position(|key| key.name == name);
    let about = STEP_KEYS.iter().position(|key| key.name == name);
    match (beside, about) {
        (Some(position), _) => (2, position),
        (None, Some(position)) => (3, position),
        (None, None) => (4, 0),
    }
}
