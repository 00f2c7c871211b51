//! `open`, `reload`, `back`, `click`, `fill`, `press`: what a visitor does in a browser.

use crate::expect::Locator;

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
