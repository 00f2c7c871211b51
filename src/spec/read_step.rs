//! Reads a step: which action it is, what may stand beside it, what is expected of it.

use super::action::{
    ACTIONS, Action, ActionDefinition, ActionKey, BrowserAction, LOOK_KEYS, STEP_KEYS, SurroundingsTemplate,
};
use super::allow::read_allow;
use super::key::KeyDefinition;
use super::names::used_names;
use super::node::{Entry, NodeValue, Table};
use super::read_capture::read_captures;
use super::read_expectation::read_expectations;
use super::reader::{Keys, Reader};
use super::scenario::{Condition, DEFAULT_ACTOR, SessionName, Step};
use crate::expect::Family;
use crate::source::Span;

/// The key of a step without an action.
const LOOK: &str = "look";

/// Reads one `[[step]]` or `[[cleanup]]`; none if it cannot be made sense of, which is noted.
pub(super) fn read_step(reader: &mut Reader, table: &Table) -> Option<Step> {
    let before = reader.problems.len();
    let found = find_action(reader, table)?;
    let definitions = match &found {
        Some((definition, _)) => known_keys(definition),
        None => LOOK_KEYS.iter().chain(STEP_KEYS).collect(),
    };
    let keys = check_keys(reader, table, &definitions, found.as_ref().map(|(_, entry)| *entry));
    let (action, key, yields, place_span) = match &found {
        Some((definition, entry)) => {
            ((definition.build)(reader, &keys), entry.key.as_str(), definition.yields, entry.span())
        }
        None => {
            (Some(Action::Browser(BrowserAction::Look)), LOOK, &[Family::Browser][..], header_span(table))
        }
    };
    check_within(reader, &keys, found.as_ref());
    let expectations = keys.table("expect").map(|table| read_expectations(reader, table, yields, key));
    let captures = keys.table("capture").map(|table| read_captures(reader, table, yields, key));
    let allow = read_allow(reader, &keys);
    let session = read_session(reader, &keys, "session");
    let save_session = read_session(reader, &keys, "save_session");
    let surroundings = SurroundingsTemplate::read(reader, &keys);
    if reader.problems.len() > before {
        return None;
    }
    Some(Step {
        name: keys.template("name"),
        key: key.to_owned(),
        actor: keys.name("as").unwrap_or(DEFAULT_ACTOR).to_owned(),
        timeout: keys.duration("timeout"),
        within: keys.duration("within"),
        when: read_condition(&keys),
        action: action?,
        surroundings,
        session,
        save_session,
        expectations: expectations.unwrap_or_default(),
        captures: captures.unwrap_or_default(),
        optional: keys.flag("optional").unwrap_or(false),
        allow,
        frames: Vec::new(),
        conditions: Vec::new(),
        names: used_names(table),
        place: reader.file.place(place_span),
    })
}

/// The action that a step's keys mean, with the entry that says so; an inner none for a step without an action.
#[expect(clippy::option_option, reason = "the outer none is a problem, the inner one a step that only looks")]
fn find_action<'t>(
    reader: &mut Reader,
    table: &'t Table,
) -> Option<Option<(&'static ActionDefinition, &'t Entry)>> {
    let mut found: Option<(&'static ActionDefinition, &Entry)> = None;
    for entry in &table.entries {
        let Some(definition) = definition_of(&entry.key) else { continue };
        // `json` beside `post` is a body, and so on: a neighbour of the action is not a second action.
        match found {
            None => found = Some((definition, entry)),
            Some((first, first_entry)) => {
                if !may_stand_together(first, &first_entry.key, &entry.key) {
                    let message = format!(
                        "a step has one action: `{}` and `{}` cannot stand together",
                        first_entry.key, entry.key
                    );
                    reader.problem_with_help(entry.key_span, message, "begin another [[step]] for it");
                    return None;
                }
            }
        }
    }
    Some(found)
}

fn definition_of(key: &str) -> Option<&'static ActionDefinition> {
    ACTIONS.iter().copied().find(|definition| action_key(definition, key).is_some())
}

fn action_key(definition: &'static ActionDefinition, key: &str) -> Option<&'static ActionKey> {
    definition.keys.iter().find(|action| action.key.name == key)
}

/// `fill` may stand together with `press` or `click`.
pub(super) fn may_stand_together(definition: &'static ActionDefinition, first: &str, second: &str) -> bool {
    let pair = [first, second];
    action_key(definition, second).is_some()
        && pair.contains(&"fill")
        && (pair.contains(&"press") || pair.contains(&"click"))
}

fn known_keys(definition: &'static ActionDefinition) -> Vec<&'static KeyDefinition> {
    definition.keys.iter().map(|action| &action.key).chain(definition.neighbours).chain(STEP_KEYS).collect()
}

/// Like [`Reader::check_table`], but a key of another action is told as such.
fn check_keys(
    reader: &mut Reader,
    table: &Table,
    definitions: &[&KeyDefinition],
    action: Option<&Entry>,
) -> Keys {
    let mut own = Table { entries: Vec::new(), span: table.span };
    for entry in &table.entries {
        let is_known = definitions.iter().any(|definition| definition.name == entry.key);
        let owners: Vec<String> = ACTIONS
            .iter()
            .filter(|other| other.neighbours.iter().any(|key| key.name == entry.key))
            .flat_map(|owner| owner.keys)
            .map(|action| format!("`{}`", action.key.name))
            .collect();
        match (is_known, owners.is_empty()) {
            (false, false) => {
                let here =
                    action.map_or("a step without an action".to_owned(), |entry| format!("`{}`", entry.key));
                let message = format!("`{}` does not stand beside {here}", entry.key);
                reader.problem_with_help(
                    entry.key_span,
                    message,
                    format!("it stands beside {}", owners.join(", ")),
                );
            }
            (false, true) if action.is_none() => {
                let words =
                    ACTIONS.iter().flat_map(|definition| definition.keys).map(|action| action.key.name);
                let known = words.chain(["use"]).chain(definitions.iter().map(|definition| definition.name));
                reader.unknown(
                    entry.key_span,
                    format!("unknown key `{}` in a step", entry.key),
                    &entry.key,
                    known,
                );
            }
            _ => own.entries.push(entry.clone()),
        }
    }
    let here = action.map_or(String::new(), |entry| format!("beside `{}`", entry.key));
    reader.check_table(&own, definitions, &here)
}

fn check_within(reader: &mut Reader, keys: &Keys, found: Option<&(&'static ActionDefinition, &Entry)>) {
    let Some(within) = keys.entry("within") else { return };
    let is_harmless = found
        .and_then(|(definition, entry)| action_key(definition, &entry.key))
        .is_some_and(|action| action.is_harmless);
    if is_harmless {
        return;
    }
    let action = found.map_or(LOOK, |(_, entry)| entry.key.as_str());
    let is_browser = found.is_none_or(|(definition, _)| definition.yields.contains(&Family::Browser));
    let help = if is_browser {
        "browser expectations are retried until the step's `timeout` ends: write `timeout` instead"
    } else {
        "repeating it could write twice: put a step with `get` and `within` behind it"
    };
    reader.problem_with_help(within.key_span, format!("`within` does not stand beside `{action}`"), help);
}

/// The name of a session.
pub(super) fn read_session(reader: &mut Reader, keys: &Keys, key: &str) -> Option<SessionName> {
    let entry = keys.entry(key)?;
    let text = keys.name(key)?.trim().to_owned();
    if text.is_empty() {
        reader.problem(entry.node.span, "a session has a name");
        return None;
    }
    Some(SessionName { text, place: reader.file.place(entry.span()) })
}

fn read_condition(keys: &Keys) -> Condition {
    match keys.entry("when").map(|entry| &entry.node.value) {
        Some(NodeValue::Bool(flag)) => Condition::Fixed(*flag),
        Some(NodeValue::Text(expression)) => Condition::Expression(expression.clone()),
        _ => Condition::Fixed(true),
    }
}

/// The header of a table, or what stands for it.
fn header_span(table: &Table) -> Span {
    table.entries.first().map_or(table.span, Entry::span)
}
