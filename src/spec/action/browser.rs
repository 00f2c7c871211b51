//! `open`, `reload`, `back`, `forward`, and what an actor does in its browser as a whole.

use super::interaction::{Interaction, InteractionTemplate};
use super::screenshot::{ScreenshotCall, ScreenshotTemplate};
use super::script::{ScriptCall, ScriptTemplate};
use super::surroundings::{DIALOG, WINDOW};
use super::{Action, ActionDefinition, ActionKey};
use crate::expect::Family;
use crate::spec::key::KeyKind;
use crate::spec::reader::{Keys, Reader};
use crate::spec::template::{Scope, Template, TemplateError};

/// The actions that lead a visitor from page to page.
pub(super) const DEFINITION: ActionDefinition = ActionDefinition {
    keys: &[
        ActionKey::looking("open", KeyKind::Url, "goes to an address in the browser"),
        ActionKey::writing("reload", KeyKind::Flag, "loads the page again"),
        ActionKey::looking("back", KeyKind::Flag, "goes one step back in the history"),
        ActionKey::looking("forward", KeyKind::Flag, "goes one step forward in the history, after `back`"),
    ],
    neighbours: &[DIALOG, WINDOW],
    yields: &[Family::Browser],
    build,
};

/// What is done in an actor's page, as written.
#[derive(Clone, Debug)]
pub enum BrowserAction {
    /// Go to an address.
    Open(Template),
    /// Load the page again.
    Reload,
    /// One step back in the history.
    Back,
    /// One step forward in the history.
    Forward,
    /// Act on elements, in this order.
    Interact(Vec<InteractionTemplate>),
    /// Run JavaScript in the page.
    Script(ScriptTemplate),
    /// Take a picture of the page.
    Screenshot(ScreenshotTemplate),
    /// Look at the page as it is.
    Look,
}

/// What is done in an actor's page.
#[derive(Clone, Debug, PartialEq)]
pub enum BrowserCall {
    /// Go to an address, absolute or relative to the target's base address.
    Open(String),
    /// Load the page again.
    Reload,
    /// One step back in the history.
    Back,
    /// One step forward in the history.
    Forward,
    /// Act on elements, in this order.
    Interact(Vec<Interaction>),
    /// Run JavaScript in the page.
    Script(ScriptCall),
    /// Take a picture of the page.
    Screenshot(ScreenshotCall),
    /// Look at the page as it is.
    Look,
}

fn build(reader: &mut Reader, keys: &Keys) -> Option<Action> {
    for (name, action) in [
        ("reload", BrowserAction::Reload),
        ("back", BrowserAction::Back),
        ("forward", BrowserAction::Forward),
    ] {
        if let Some(entry) = keys.entry(name) {
            if keys.flag(name) == Some(false) {
                let message = format!("`{name} = false` does nothing: leave it out");
                reader.problem(entry.span(), message);
            }
            return Some(Action::Browser(action));
        }
    }
    keys.template("open").map(|url| Action::Browser(BrowserAction::Open(url)))
}

impl BrowserAction {
    /// What it does in a few words.
    pub fn summary(&self) -> String {
        match self {
            Self::Open(url) => format!("open {}", url.source()),
            Self::Reload => "reload".to_owned(),
            Self::Back => "back".to_owned(),
            Self::Forward => "forward".to_owned(),
            Self::Look => "look at the page".to_owned(),
            Self::Interact(interactions) => {
                let parts: Vec<String> = interactions.iter().map(InteractionTemplate::summary).collect();
                parts.join(", ")
            }
            Self::Script(script) => script.summary(),
            Self::Screenshot(screenshot) => screenshot.summary(),
        }
    }

    /// Fills in the templates.
    pub fn render(&self, scope: &Scope) -> Result<BrowserCall, TemplateError> {
        Ok(match self {
            Self::Open(url) => BrowserCall::Open(url.render(scope)?),
            Self::Reload => BrowserCall::Reload,
            Self::Back => BrowserCall::Back,
            Self::Forward => BrowserCall::Forward,
            Self::Look => BrowserCall::Look,
            Self::Interact(interactions) => BrowserCall::Interact(
                interactions.iter().map(|one| one.render(scope)).collect::<Result<_, _>>()?,
            ),
            Self::Script(script) => BrowserCall::Script(script.render(scope)?),
            Self::Screenshot(screenshot) => BrowserCall::Screenshot(screenshot.render(scope)?),
        })
    }
}
