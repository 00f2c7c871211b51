//! `fill`, `select`, `check`, `uncheck`, `upload`, `click`, `hover`, `press`: what a visitor does with elements.

use std::path::PathBuf;

use super::keys::{key_names, parse_chord};
use super::surroundings::{DIALOG, FRAME, WINDOW};
use super::{Action, ActionDefinition, ActionKey, BrowserAction, render_locator};
use crate::expect::{Family, Locator};
use crate::source::nearest;
use crate::spec::key::KeyKind;
use crate::spec::node::{Entry, Node, NodeValue};
use crate::spec::reader::{Keys, Reader};
use crate::spec::template::{Scope, Template, TemplateError, ValueTemplate};

/// The actions on elements.
pub(super) const DEFINITION: ActionDefinition = ActionDefinition {
    keys: &[
        ActionKey::writing("fill", KeyKind::LocatorFields, "replaces the content of fields"),
        ActionKey::writing(
            "select",
            KeyKind::LocatorFields,
            "chooses options of a <select> by value, else by visible label; a list chooses several",
        ),
        ActionKey::writing(
            "check",
            KeyKind::Locators,
            "checks boxes and radio buttons; one that is checked already stays as it is",
        ),
        ActionKey::writing("uncheck", KeyKind::Locators, "unchecks boxes that are checked"),
        ActionKey::writing(
            "upload",
            KeyKind::LocatorFields,
            "gives files beside the spec to an <input type=file>, which may be hidden behind its label",
        ),
        ActionKey::writing(
            "click",
            KeyKind::Locator,
            "clicks an element once it is visible, still, enabled and not covered",
        ),
        ActionKey::looking("hover", KeyKind::Locator, "moves the pointer onto an element"),
        ActionKey::writing("press", KeyKind::Text, "presses a key on the focused element: Enter, Control+a"),
    ],
    neighbours: &[FRAME, DIALOG, WINDOW],
    yields: &[Family::Browser],
    build,
};

/// One act on an element, as written.
#[derive(Clone, Debug)]
pub enum InteractionTemplate {
    /// Replace the content of a field.
    Fill(Template, ValueTemplate),
    /// Choose these options of a list, and no others.
    Select(Template, Vec<ValueTemplate>),
    /// Check or uncheck.
    Check(Template, bool),
    /// Give files to a field.
    Upload(Template, UploadTemplate),
    /// A native click.
    Click(Template),
    /// Move the pointer there.
    Hover(Template),
    /// A key on the focused element.
    Press(Template),
}

/// Files as written, and the folder that they are relative to.
#[derive(Clone, Debug)]
pub struct UploadTemplate {
    files: Vec<Template>,
    folder: PathBuf,
}

/// One act on an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interaction {
    /// Replace the content of a field.
    Fill(Locator, String),
    /// Choose these options of a list, by value or else by label, and no others.
    Select(Locator, Vec<String>),
    /// Make it checked, or unchecked.
    Check(Locator, bool),
    /// Give these files to a field, already resolved against the spec's folder.
    Upload(Locator, Vec<PathBuf>),
    /// A native click.
    Click(Locator),
    /// Move the pointer there.
    Hover(Locator),
    /// A key or a chord on the focused element: `Enter`, `Control+a`.
    Press(String),
}

fn build(reader: &mut Reader, keys: &Keys) -> Option<Action> {
    let fills =
        keys.fields("fill").into_iter().map(|(locator, value)| InteractionTemplate::Fill(locator, value));
    let click = keys.template("click").map(InteractionTemplate::Click);
    let press = keys.template("press").map(InteractionTemplate::Press);
    check_key(reader, keys);
    let mut interactions: Vec<_> = fills.chain(click).chain(press).collect();
    interactions.extend(keys.template("hover").map(InteractionTemplate::Hover));
    for (name, wanted) in [("check", true), ("uncheck", false)] {
        let locators = keys.texts(name).into_iter();
        interactions.extend(locators.map(|locator| InteractionTemplate::Check(locator, wanted)));
    }
    let entries = |name| keys.table(name).map_or(&[][..], |table| &table.entries);
    interactions.extend(entries("select").iter().map(|entry| {
        let options = items_of(&entry.node).iter().map(Node::to_template).collect();
        InteractionTemplate::Select(locator_of(entry), options)
    }));
    for entry in entries("upload") {
        let upload = read_upload(reader, entry)?;
        interactions.push(InteractionTemplate::Upload(locator_of(entry), upload));
    }
    if interactions.is_empty() {
        for entry in
            ["fill", "select", "check", "uncheck", "upload"].iter().filter_map(|name| keys.entry(name))
        {
            reader.problem(entry.span(), format!("`{}` names no element, so it does nothing", entry.key));
        }
        return None;
    }
    Some(Action::Browser(BrowserAction::Interact(interactions)))
}

fn locator_of(entry: &Entry) -> Template {
    Template::new(&entry.key, entry.key_span)
}

/// The items of a list, or the one value that stands for it.
fn items_of(node: &Node) -> &[Node] {
    match &node.value {
        NodeValue::List(items) => items,
        _ => std::slice::from_ref(node),
    }
}

/// A file that is written out must be there.
fn read_upload(reader: &mut Reader, entry: &Entry) -> Option<UploadTemplate> {
    let folder = reader.file.folder().to_owned();
    let items = items_of(&entry.node);
    if items.is_empty() {
        reader.problem(entry.node.span, "expected a file to upload");
        return None;
    }
    let mut files = Vec::new();
    for item in items {
        let NodeValue::Text(path) = &item.value else {
            reader.problem(item.span, "expected the path of a file, in quotation marks");
            return None;
        };
        let file = Template::new(path, item.span);
        if !file.is_dynamic() && !folder.join(path).is_file() {
            reader.problem(item.span, format!("there is no file {path} beside this spec"));
        }
        files.push(file);
    }
    Some(UploadTemplate { files, folder })
}

/// A key that is written out must be one.
fn check_key(reader: &mut Reader, keys: &Keys) {
    let Some(key) = keys.template("press").filter(|key| !key.is_dynamic()) else { return };
    if let Err(part) = parse_chord(key.source()) {
        let help = match nearest(&part, key_names()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "a key is one character or a name such as Enter, Tab, ArrowDown; a chord is Control+a"
                .to_owned(),
        };
        reader.problem_with_help(key.span(), format!("`{part}` is not a known key"), help);
    }
}

impl InteractionTemplate {
    /// What it does in a few words.
    pub(super) fn summary(&self) -> String {
        match self {
            Self::Fill(locator, _) => format!("fill {}", locator.source()),
            Self::Select(locator, _) => format!("select {}", locator.source()),
            Self::Check(locator, true) => format!("check {}", locator.source()),
            Self::Check(locator, false) => format!("uncheck {}", locator.source()),
            Self::Upload(locator, _) => format!("upload {}", locator.source()),
            Self::Click(locator) => format!("click {}", locator.source()),
            Self::Hover(locator) => format!("hover {}", locator.source()),
            Self::Press(key) => format!("press {}", key.source()),
        }
    }

    /// Fills in the templates.
    pub(super) fn render(&self, scope: &Scope) -> Result<Interaction, TemplateError> {
        let locator = |template| render_locator(template, scope);
        Ok(match self {
            Self::Fill(field, value) => Interaction::Fill(locator(field)?, value.render(scope)?.to_text()),
            Self::Select(list, options) => {
                let options = options.iter().map(|option| Ok(option.render(scope)?.to_text()));
                Interaction::Select(locator(list)?, options.collect::<Result<_, TemplateError>>()?)
            }
            Self::Check(control, wanted) => Interaction::Check(locator(control)?, *wanted),
            Self::Upload(field, upload) => {
                let files = upload.files.iter().map(|file| Ok(upload.folder.join(file.render(scope)?)));
                Interaction::Upload(locator(field)?, files.collect::<Result<_, TemplateError>>()?)
            }
            Self::Click(element) => Interaction::Click(locator(element)?),
            Self::Hover(element) => Interaction::Hover(locator(element)?),
            Self::Press(key) => Interaction::Press(key.render(scope)?),
        })
    }
}
