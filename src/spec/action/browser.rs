//! `open`, `reload`, `back`, `click`, `fill`, `press`: what a visitor does in a browser.

use super::keys::{key_names, parse_chord};
use super::{Action, ActionDefinition, ActionKey, render_locator};
use crate::expect::{Family, Locator};
use crate::source::nearest;
use crate::spec::key::KeyKind;
use crate::spec::reader::{Keys, Reader};
use crate::spec::template::{Scope, Template, TemplateError, ValueTemplate};

/// The actions of a visitor.
pub(super) const DEFINITION: ActionDefinition = ActionDefinition {
    keys: &[
        ActionKey::writing("open", KeyKind::Url, "goes to an address in the browser"),
        ActionKey::writing("reload", KeyKind::Flag, "loads the page again"),
        ActionKey::writing("back", KeyKind::Flag, "goes one step back in the history"),
        ActionKey::writing("fill", KeyKind::LocatorFields, "replaces the content of fields"),
        ActionKey::writing(
            "click",
            KeyKind::Locator,
            "clicks an element once it is visible, still, enabled and not covered",
        ),
        ActionKey::writing("press", KeyKind::Text, "presses a key on the focused element: Enter, Control+a"),
    ],
    neighbours: &[],
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
    /// Act on elements, in this order.
    Interact(Vec<InteractionTemplate>),
    /// Look at the page as it is.
    Look,
}

/// One act on an element, as written.
#[derive(Clone, Debug)]
pub enum InteractionTemplate {
    /// Replace the content of a field.
    Fill(Template, ValueTemplate),
    /// A native click.
    Click(Template),
    /// A key on the focused element.
    Press(Template),
}

/// What is done in an actor's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrowserCall {
    /// Go to an address, absolute or relative to the target's base address.
    Open(String),
    /// Load the page again.
    Reload,
    /// One step back in the history.
    Back,
    /// Act on elements, in this order.
    Interact(Vec<Interaction>),
    /// Look at the page as it is.
    Look,
}

/// One act on an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interaction {
    /// Replace the content of a field.
    Fill(Locator, String),
    /// A native click.
    Click(Locator),
    /// A key or a chord on the focused element: `Enter`, `Control+a`.
    Press(String),
}

fn build(reader: &mut Reader, keys: &Keys) -> Option<Action> {
    for name in ["reload", "back"] {
        if let Some(entry) = keys.entry(name) {
            if keys.flag(name) == Some(false) {
                let message = format!("`{name} = false` does nothing: leave it out");
                reader.problem(entry.span(), message);
            }
            return Some(Action::Browser(if name == "back" {
                BrowserAction::Back
            } else {
                BrowserAction::Reload
            }));
        }
    }
    if let Some(url) = keys.template("open") {
        return Some(Action::Browser(BrowserAction::Open(url)));
    }
    let fills =
        keys.fields("fill").into_iter().map(|(locator, value)| InteractionTemplate::Fill(locator, value));
    let click = keys.template("click").map(InteractionTemplate::Click);
    let press = keys.template("press").map(InteractionTemplate::Press);
    check_key(reader, keys);
    let interactions: Vec<_> = fills.chain(click).chain(press).collect();
    (!interactions.is_empty()).then_some(Action::Browser(BrowserAction::Interact(interactions)))
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
        reader.problem_with_help(key.span(), format!("`{part}` is no key"), help);
    }
}

impl BrowserAction {
    /// What it does in a few words.
    pub fn summary(&self) -> String {
        match self {
            Self::Open(url) => format!("open {}", url.source()),
            Self::Reload => "reload".to_owned(),
            Self::Back => "back".to_owned(),
            Self::Look => "look at the page".to_owned(),
            Self::Interact(interactions) => {
                let parts: Vec<String> = interactions.iter().map(InteractionTemplate::summary).collect();
                parts.join(", ")
            }
        }
    }

    /// Fills in the templates.
    pub fn render(&self, scope: &Scope) -> Result<BrowserCall, TemplateError> {
        Ok(match self {
            Self::Open(url) => BrowserCall::Open(url.render(scope)?),
            Self::Reload => BrowserCall::Reload,
            Self::Back => BrowserCall::Back,
            Self::Look => BrowserCall::Look,
            Self::Interact(interactions) => BrowserCall::Interact(
                interactions.iter().map(|one| one.render(scope)).collect::<Result<_, _>>()?,
            ),
        })
    }
}

impl InteractionTemplate {
    fn summary(&self) -> String {
        match self {
            Self::Fill(locator, _) => format!("fill {}", locator.source()),
            Self::Click(locator) => format!("click {}", locator.source()),
            Self::Press(key) => format!("press {}", key.source()),
        }
    }

    fn render(&self, scope: &Scope) -> Result<Interaction, TemplateError> {
        Ok(match self {
            Self::Fill(locator, value) => {
                Interaction::Fill(render_locator(locator, scope)?, value.render(scope)?.to_text())
            }
            Self::Click(locator) => Interaction::Click(render_locator(locator, scope)?),
            Self::Press(key) => Interaction::Press(key.render(scope)?),
        })
    }
}
