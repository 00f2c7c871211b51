//! Targets that extend others: what one says goes before what the other says, and tables are merged.

use crate::spec::node::{Entry, NodeValue, Table};
use crate::spec::reader::Reader;

/// The key that names the other target.
const EXTENDS: &str = "extends";

/// Gives each target everything that the targets which it extends say. What is wrong with `extends` is noted.
pub(super) fn merge_targets(reader: &mut Reader, targets: &[Entry]) -> Vec<Entry> {
    targets.iter().map(|target| merge_target(reader, targets, target)).collect()
}

/// Whether another target extends this one, which then needs no address of its own.
pub(super) fn is_extended(targets: &[Entry], name: &str) -> bool {
    targets.iter().filter_map(parent_of).any(|(parent, _)| parent == name)
}

fn merge_target(reader: &mut Reader, targets: &[Entry], target: &Entry) -> Entry {
    let mut merged = target.clone();
    let mut chain = vec![target.key.as_str()];
    let mut current = target;
    while let Some((name, entry)) = parent_of(current) {
        let Some(parent) = targets.iter().find(|known| known.key == name) else {
            // It is told once, where it stands, and not again for each that extends the one that says it.
            if chain.len() == 1 {
                let known =
                    targets.iter().map(|known| known.key.as_str()).filter(|known| *known != target.key);
                reader.unknown(
                    entry.node.span,
                    format!("there is no target `{name}` to extend"),
                    name,
                    known,
                );
            }
            break;
        };
        if let Some(start) = chain.iter().position(|known| *known == name) {
            if start == 0 {
                let circle = [&chain[..], &[name]].concat().join(" → ");
                let message = format!("targets extend each other in a circle: {circle}");
                reader.problem(entry.node.span, message);
            }
            break;
        }
        if let (NodeValue::Table(own), NodeValue::Table(inherited)) =
            (&mut merged.node.value, &parent.node.value)
        {
            *own = merge_tables(own, inherited);
        }
        chain.push(name);
        current = parent;
    }
    merged
}

fn parent_of(target: &Entry) -> Option<(&str, &Entry)> {
    let NodeValue::Table(table) = &target.node.value else { return None };
    let entry = table.get(EXTENDS)?;
    match &entry.node.value {
        NodeValue::Text(name) => Some((name, entry)),
        _ => None,
    }
}

/// What both say, in the order in which it was said: a variable may use those before it.
fn merge_tables(own: &Table, inherited: &Table) -> Table {
    let mut entries: Vec<Entry> =
        inherited.entries.iter().filter(|entry| entry.key != EXTENDS).cloned().collect();
    for entry in &own.entries {
        let known = entries.iter_mut().find(|known| known.key == entry.key);
        match known {
            Some(known) => match (&mut known.node.value, &entry.node.value) {
                (NodeValue::Table(there), NodeValue::Table(here)) => *there = merge_tables(here, there),
                _ => *known = entry.clone(),
            },
            None => entries.push(entry.clone()),
        }
    }
    Table { entries, span: own.span }
}
