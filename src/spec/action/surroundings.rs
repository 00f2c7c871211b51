//! `frame`, `dialog`, `window`: where in a visitor's browser a step takes place, and what it does to what opens.

use super::render_locator;
use crate::expect::Locator;
use crate::source::nearest;
use crate::spec::key::{KeyDefinition, KeyKind, key};
use crate::spec::node::NodeValue;
use crate::spec::reader::{Keys, Reader};
use crate::spec::template::{Scope, Template, TemplateError};

/// The frame that a step takes place in.
pub(super) const FRAME: KeyDefinition = key(
    "frame",
    KeyKind::Locators,
    "the <iframe> in which the step acts and looks; a list leads through frames in frames, the outermost first",
);

/// What is answered to a dialog.
pub(super) const DIALOG: KeyDefinition = key(
    "dialog",
    KeyKind::Any,
    "\"accept\", \"dismiss\" or { accept = \"text\" }: answers the dialog that the step opens, and waits for it",
);

/// The window that a step takes place in, or leads to.
pub(super) const WINDOW: KeyDefinition = key(
    "window",
    KeyKind::Name,
    "\"new\": the step opens a window, which is the actor's page from then on; \"main\": it takes place in the first window; \"close\": it closes this one, and the actor is back in the one before",
);

/// What a step without an action may say beside what every step may.
pub const LOOK_KEYS: &[KeyDefinition] = &[FRAME, DIALOG, WINDOW];

/// What `window` can be.
const WINDOWS: [(&str, WindowChoice); 3] =
    [("new", WindowChoice::New), ("main", WindowChoice::Main), ("close", WindowChoice::Close)];

/// Which window a step takes place in or leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowChoice {
    /// The step opens a window, which is the actor's page from then on.
    New,
    /// The step takes place in the actor's first window, which is its page from then on.
    Main,
    /// The step closes the window; the actor is back in the one that opened it. Without an action it is closed for it.
    Close,
}

/// What is answered to dialogs, as written.
#[derive(Clone, Debug)]
enum DialogTemplate {
    Accept(Option<Template>),
    Dismiss,
}

/// What is answered to the dialogs that a step opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DialogAnswer {
    /// Accepted; with this text where it asks for one.
    Accept(Option<String>),
    /// Dismissed.
    Dismiss,
}

/// Where in a visitor's browser a step takes place, as written.
#[derive(Clone, Debug, Default)]
pub struct SurroundingsTemplate {
    frame: Vec<Template>,
    dialog: Option<DialogTemplate>,
    window: Option<WindowChoice>,
}

/// Where in a visitor's browser a step takes place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The frames that lead there, the outermost first; none for the page itself.
    pub frame: Vec<Locator>,
    /// What is answered to the dialog that must open; none where none is expected.
    pub dialog: Option<DialogAnswer>,
    /// Which window.
    pub window: Option<WindowChoice>,
}

impl SurroundingsTemplate {
    /// Reads them from a step's checked keys; what is wrong is noted.
    pub(in crate::spec) fn read(reader: &mut Reader, keys: &Keys) -> Self {
        let frame = keys.texts("frame");
        if let Some(entry) = keys.entry("frame")
            && frame.is_empty()
        {
            reader.problem(entry.span(), "`frame` names no frame: leave it out for the page itself");
        }
        Self { frame, dialog: read_dialog(reader, keys), window: read_window(reader, keys) }
    }

    /// Fills in the templates.
    pub fn render(&self, scope: &Scope) -> Result<Surroundings, TemplateError> {
        let dialog = match &self.dialog {
            Some(DialogTemplate::Accept(text)) => {
                Some(DialogAnswer::Accept(text.as_ref().map(|text| text.render(scope)).transpose()?))
            }
            Some(DialogTemplate::Dismiss) => Some(DialogAnswer::Dismiss),
            None => None,
        };
        let frame = self.frame.iter().map(|one| render_locator(one, scope)).collect::<Result<_, _>>()?;
        Ok(Surroundings { frame, dialog, window: self.window })
    }
}

fn read_dialog(reader: &mut Reader, keys: &Keys) -> Option<DialogTemplate> {
    let entry = keys.entry("dialog")?;
    let expected = "expected \"accept\", \"dismiss\" or { accept = \"the text for a prompt\" }";
    match &entry.node.value {
        NodeValue::Text(text) if text == "accept" => return Some(DialogTemplate::Accept(None)),
        NodeValue::Text(text) if text == "dismiss" => return Some(DialogTemplate::Dismiss),
        NodeValue::Text(text) => {
            let message = format!("`{text}` is no answer to a dialog: {expected}");
            reader.unknown(entry.node.span, message, text, ["accept", "dismiss"]);
            return None;
        }
        NodeValue::Table(table) => {
            if let [only] = table.entries.as_slice()
                && only.key == "accept"
                && let NodeValue::Text(text) = &only.node.value
            {
                return Some(DialogTemplate::Accept(Some(Template::new(text, only.node.span))));
            }
        }
        _ => {}
    }
    reader.problem(entry.node.span, format!("a dialog has another answer: {expected}"));
    None
}

fn read_window(reader: &mut Reader, keys: &Keys) -> Option<WindowChoice> {
    let entry = keys.entry("window")?;
    let name = keys.name("window")?;
    let found = WINDOWS.iter().find(|(known, _)| *known == name);
    if found.is_none() {
        let known = WINDOWS.map(|(known, _)| known);
        let message = format!("there is no window `{name}`: expected {}", known.join(", "));
        match nearest(name, known) {
            Some(meant) => {
                reader.problem_with_help(entry.node.span, message, format!("did you mean `{meant}`?"));
            }
            None => reader.problem(entry.node.span, message),
        }
    }
    found.map(|(_, choice)| *choice)
}
