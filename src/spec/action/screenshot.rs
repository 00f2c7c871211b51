//! `screenshot`: a picture of an actor's page.

use super::{Action, ActionDefinition, ActionKey, BrowserAction, render_locator};
use crate::expect::{Family, Locator};
use crate::spec::key::{KeyKind, key};
use crate::spec::reader::{Keys, Reader};
use crate::spec::template::{Scope, Template, TemplateError};

/// The action that takes a picture.
pub(super) const DEFINITION: ActionDefinition = ActionDefinition {
    keys: &[ActionKey::writing(
        "screenshot",
        KeyKind::Text,
        "writes a picture of the page under this name into the folder of --artifacts",
    )],
    neighbours: &[
        key("full_page", KeyKind::Flag, "the whole page instead of what the window shows (false)"),
        key("mask", KeyKind::Locators, "elements that a solid box covers, all that match"),
    ],
    yields: &[Family::Browser],
    build,
};

/// A picture as written.
#[derive(Clone, Debug)]
pub struct ScreenshotTemplate {
    name: Template,
    mask: Vec<Template>,
    full_page: bool,
}

/// A picture that is ready to be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScreenshotCall {
    /// What it is called.
    pub name: String,
    /// What is covered.
    pub mask: Vec<Locator>,
    /// Whether it shows the whole page.
    pub full_page: bool,
}

fn build(reader: &mut Reader, keys: &Keys) -> Option<Action> {
    let name = keys.template("screenshot")?;
    if name.source().trim().is_empty() {
        reader.problem(name.span(), "a picture has a name, such as \"home\"");
        return None;
    }
    let (mask, full_page) = (keys.texts("mask"), keys.flag("full_page").unwrap_or(false));
    Some(Action::Browser(BrowserAction::Screenshot(ScreenshotTemplate { name, mask, full_page })))
}

impl ScreenshotTemplate {
    /// What it does in a few words.
    pub(super) fn summary(&self) -> String {
        format!("screenshot {}", self.name.source())
    }

    /// Fills in the templates.
    pub(super) fn render(&self, scope: &Scope) -> Result<ScreenshotCall, TemplateError> {
        Ok(ScreenshotCall {
            name: self.name.render(scope)?,
            mask: self.mask.iter().map(|mask| render_locator(mask, scope)).collect::<Result<_, _>>()?,
            full_page: self.full_page,
        })
    }
}
