//! One look or one wait inside the page, in one round trip however long it takes.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::evidence::{ElementMatches, PageSpeed};
use crate::expect::{ElementQuery, Locator};

/// The script that runs in the page: function declarations, then what uses them.
pub(super) const SCRIPT: &str = concat!(
    include_str!("choice.js"),
    include_str!("suggest.js"),
    include_str!("picture.js"),
    include_str!("accessible.js"),
    include_str!("look.js"),
    include_str!("probe.js"),
);

/// What a look gives.
#[derive(Debug, Deserialize)]
pub(super) struct Look {
    /// The page.
    pub(super) state: LookState,
    /// Tells one look from another.
    pub(super) print: String,
}

/// A page as the probe sees it.
#[derive(Debug, Deserialize)]
pub(super) struct LookState {
    pub(super) url: String,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) html: String,
    pub(super) status: Option<u16>,
    pub(super) speed: PageSpeed,
    pub(super) is_error_page: bool,
    pub(super) viewport: (u32, u32),
    pub(super) elements: Vec<ElementMatches>,
}

/// What a wait for an element gives.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Ready {
    /// A reference to it (W3C WebDriver, section 12.3).
    #[serde(default)]
    pub(super) element: Option<Value>,
    /// Where it will be clicked, in its own document.
    #[serde(default)]
    pub(super) point: Option<Point>,
    /// Whether the guard can tell that the click hit, should the document be gone afterwards.
    #[serde(default)]
    pub(super) tells: bool,
    /// Whether its value is set already.
    #[serde(default)]
    pub(super) is_set: bool,
    /// What is left to be typed into it.
    #[serde(default)]
    pub(super) typed: String,
    /// Why it was not ready, in the order in which the reasons came.
    #[serde(default)]
    pub(super) reasons: Vec<Reason>,
    /// Whether waiting cannot help.
    #[serde(default)]
    pub(super) is_final: bool,
    /// Where not exactly one element matches: how those that were perhaps meant could be named.
    #[serde(default)]
    pub(super) suggestions: Vec<Suggestion>,
}

/// A place in a document's viewport, in CSS pixels.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(super) struct Point {
    x: f64,
    y: f64,
}

/// An element, and a locator by which it is the only one in the page.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Suggestion {
    pub(super) tag: String,
    pub(super) locator: String,
}

/// Why an element was not ready, and for how long.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Reason {
    pub(super) reason: String,
    pub(super) ms: f64,
}

/// What the guard of a click saw; `hit` is none if the document has changed since.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Guarded {
    #[serde(default)]
    pub(super) hit: Option<bool>,
    #[serde(default)]
    pub(super) blocked: Option<String>,
}

/// What an element must be before an action (the table in Playwright's "Actionability").
#[derive(Clone, Copy, Debug)]
pub(super) struct Needs {
    /// What kind of element it must be, and what is done with it at once.
    pub(super) kind: &'static str,
    states: &'static [&'static str],
    /// Whether to watch where the next click goes.
    guard: bool,
}

/// For a click.
pub(super) const CLICK: Needs =
    Needs { kind: "click", states: &["visible", "stable", "enabled", "hit"], guard: true };

/// For moving the pointer there.
pub(super) const HOVER: Needs = Needs { kind: "hover", states: &["visible", "stable", "hit"], guard: false };

/// For filling: its content is selected, so that typing replaces it.
pub(super) const FILL: Needs =
    Needs { kind: "fill", states: &["visible", "enabled", "editable"], guard: false };

/// For choosing options, which is done at once.
pub(super) const SELECT: Needs = Needs { kind: "select", states: &["visible", "enabled"], guard: false };

/// For checking and unchecking.
pub(super) const CHECK: Needs =
    Needs { kind: "check", states: &["visible", "stable", "enabled", "hit"], guard: true };

/// For going into a frame, which may be hidden.
pub(super) const FRAME: Needs = Needs { kind: "frame", states: &[], guard: false };

/// For giving files to a field, which may be hidden behind its label.
pub(super) const UPLOAD: Needs = Needs { kind: "upload", states: &["enabled"], guard: false };

/// A request to look; with `known`, once something differs from that look or `budget_ms` have passed.
pub(super) fn look_request(wanted: &[ElementQuery], known: Option<&str>, budget_ms: f64) -> Value {
    let queries = wanted.iter().map(|query| {
        json!({
            "locator": locator_argument(&query.locator),
            "attributes": query.attributes,
            "styles": query.styles,
            "accessible": query.is_accessible_asked,
            "overlaps": query.overlaps.iter().map(locator_argument).collect::<Vec<_>>(),
        })
    });
    json!({ "op": "look", "queries": queries.collect::<Vec<_>>(), "known": known, "budget": budget_ms })
}

/// A request to wait for an element, at most `budget_ms`, and to guard this click on it; the last one `suggests` other
/// locators.
pub(super) fn ready_request(
    locator: &Locator,
    needs: Needs,
    value: &Value,
    budget_ms: f64,
    click: u64,
    suggests: bool,
) -> Value {
    json!({
        "op": "ready",
        "locator": locator_argument(locator),
        "needs": needs.states,
        "guard": needs.guard.then_some(click),
        "kind": needs.kind,
        "value": value,
        "budget": budget_ms,
        "suggests": suggests,
    })
}

/// A request to remove the guard.
pub(super) fn unguard_request() -> Value {
    json!({ "op": "unguard" })
}

/// A request to see whether the box that was clicked is `wanted`, at most `budget_ms`.
pub(super) fn verify_request(locator: &Locator, wanted: bool, budget_ms: f64) -> Value {
    json!({
        "op": "verify",
        "locator": locator_argument(locator),
        "needs": CHECK.states,
        "value": wanted,
        "budget": budget_ms,
    })
}

/// A request to cover what these locators find with solid boxes.
pub(super) fn cover_request(locators: &[Locator]) -> Value {
    json!({ "op": "cover", "locators": locators.iter().map(locator_argument).collect::<Vec<_>>() })
}

/// A request to take the boxes away.
pub(super) fn uncover_request() -> Value {
    json!({ "op": "uncover" })
}

/// A request to hold still what moves by itself, and to cover what these locators find. It may be repeated.
pub(super) fn hold_request(locators: &[Locator]) -> Value {
    json!({ "op": "hold", "locators": locators.iter().map(locator_argument).collect::<Vec<_>>() })
}

/// A request to let everything go on.
pub(super) fn release_request(locators: &[Locator]) -> Value {
    json!({ "op": "release", "locators": locators.iter().map(locator_argument).collect::<Vec<_>>() })
}

fn locator_argument(locator: &Locator) -> Value {
    let name = match locator {
        Locator::Role { name, .. } => name.as_ref(),
        _ => None,
    };
    json!({ "strategy": locator.strategy(), "value": locator.value(), "name": name, "written": locator.to_string() })
}
