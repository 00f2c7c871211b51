//! One look or one wait inside the page, in one round trip however long it takes.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::evidence::{ElementMatches, PageSpeed};
use crate::expect::{ElementQuery, Locator};

/// The script that runs in the page: function declarations, then what uses them.
pub(in crate::run::browser) const SCRIPT: &str = concat!(
    include_str!("choice.js"),
    include_str!("suggest.js"),
    include_str!("picture.js"),
    include_str!("accessible.js"),
    include_str!("look.js"),
    include_str!("probe.js"),
);

/// What a look gives.
#[derive(Debug, Deserialize)]
pub(in crate::run::browser) struct Look {
    /// The page.
    pub(in crate::run::browser) state: LookState,
    /// Tells one look from another.
    pub(in crate::run::browser) print: String,
}

/// A page as the probe sees it.
#[derive(Debug, Deserialize)]
pub(in crate::run::browser) struct LookState {
    pub(in crate::run::browser) url: String,
    pub(in crate::run::browser) title: String,
    pub(in crate::run::browser) text: String,
    pub(in crate::run::browser) html: String,
    pub(in crate::run::browser) status: Option<u16>,
    pub(in crate::run::browser) speed: PageSpeed,
    pub(in crate::run::browser) is_error_page: bool,
    pub(in crate::run::browser) viewport: (u32, u32),
    pub(in crate::run::browser) elements: Vec<ElementMatches>,
}

/// What a wait for an element gives.
#[derive(Debug, Default, Deserialize)]
pub(in crate::run::browser) struct Ready {
    /// A reference to it (W3C WebDriver, section 12.3).
    #[serde(default)]
    pub(in crate::run::browser) element: Option<Value>,
    /// Where it will be clicked, in its own document.
    #[serde(default)]
    pub(in crate::run::browser) point: Option<Point>,
    /// Whether the guard can tell that the click hit, should the document be gone afterwards.
    #[serde(default)]
    pub(in crate::run::browser) tells: bool,
    /// Whether its value is set already.
    #[serde(default)]
    pub(in crate::run::browser) is_set: bool,
    /// What is left to be typed into it.
    #[serde(default)]
    pub(in crate::run::browser) typed: String,
    /// Why it was not ready, in the order in which the reasons came.
    #[serde(default)]
    pub(in crate::run::browser) reasons: Vec<Reason>,
    /// Whether waiting cannot help.
    #[serde(default)]
    pub(in crate::run::browser) is_final: bool,
    /// Where not exactly one element matches: how those that were perhaps meant could be named.
    #[serde(default)]
    pub(in crate::run::browser) suggestions: Vec<Suggestion>,
}

/// A place in a document's viewport, in CSS pixels.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(in crate::run::browser) struct Point {
    x: f64,
    y: f64,
}

/// An element, and a locator by which it is the only one in the page.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::run::browser) struct Suggestion {
    pub(in crate::run::browser) tag: String,
    pub(in crate::run::browser) locator: String,
}

/// Why an element was not ready, and for how long.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::run::browser) struct Reason {
    pub(in crate::run::browser) reason: String,
    pub(in crate::run::browser) ms: f64,
}

/// What the guard of a click saw; `hit` is none if the document has changed since.
#[derive(Debug, Default, Deserialize)]
pub(in crate::run::browser) struct Guarded {
    #[serde(default)]
    pub(in crate::run::browser) hit: Option<bool>,
    #[serde(default)]
    pub(in crate::run::browser) blocked: Option<String>,
}

/// What an element must be before an action (the table in Playwright's "Actionability").
#[derive(Clone, Copy, Debug)]
pub(in crate::run::browser) struct Needs {
    /// What kind of element it must be, and what is done with it at once.
    pub(in crate::run::browser) kind: &'static str,
    states: &'static [&'static str],
    /// Whether to watch where the next click goes.
    guard: bool,
}

/// For a click.
pub(in crate::run::browser) const CLICK: Needs =
    Needs { kind: "click", states: &["visible", "stable", "enabled", "hit"], guard: true };

/// For moving the pointer there.
pub(in crate::run::browser) const HOVER: Needs =
    Needs { kind: "hover", states: &["visible", "stable", "hit"], guard: false };

/// For filling: its content is selected, so that typing replaces it.
pub(in crate::run::browser) const FILL: Needs =
    Needs { kind: "fill", states: &["visible", "enabled", "editable"], guard: false };

/// For choosing options, which is done at once.
pub(in crate::run::browser) const SELECT: Needs =
    Needs { kind: "select", states: &["visible", "enabled"], guard: false };

/// For checking and unchecking.
pub(in crate::run::browser) const CHECK: Needs =
    Needs { kind: "check", states: &["visible", "stable", "enabled", "hit"], guard: true };

/// For going into a frame, which may be hidden.
pub(in crate::run::browser) const FRAME: Needs = Needs { kind: "frame", states: &[], guard: false };

/// For giving files to a field, which may be hidden behind its label.
pub(in crate::run::browser) const UPLOAD: Needs =
    Needs { kind: "upload", states: &["enabled"], guard: false };

/// A request to look; with `known`, once something differs from that look or `budget_ms` have passed.
pub(in crate::run::browser) fn look_request(
    wanted: &[ElementQuery],
    known: Option<&str>,
    budget_ms: f64,
) -> Value {
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
pub(in crate::run::browser) fn ready_request(
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
pub(in crate::run::browser) fn unguard_request() -> Value {
    json!({ "op": "unguard" })
}

/// A request to see whether the box that was clicked is `wanted`, at most `budget_ms`.
pub(in crate::run::browser) fn verify_request(locator: &Locator, wanted: bool, budget_ms: f64) -> Value {
    json!({
        "op": "verify",
        "locator": locator_argument(locator),
        "needs": CHECK.states,
        "value": wanted,
        "budget": budget_ms,
    })
}

/// A request to cover what these locators find with solid boxes.
pub(in crate::run::browser) fn cover_request(locators: &[Locator]) -> Value {
    json!({ "op": "cover", "locators": locators.iter().map(locator_argument).collect::<Vec<_>>() })
}

/// A request to take the boxes away.
pub(in crate::run::browser) fn uncover_request() -> Value {
    json!({ "op": "uncover" })
}

/// A request to hold still what moves by itself, and to cover what these locators find. It may be repeated.
pub(in crate::run::browser) fn hold_request(locators: &[Locator]) -> Value {
    json!({ "op": "hold", "locators": locators.iter().map(locator_argument).collect::<Vec<_>>() })
}

/// A request to let everything go on.
pub(in crate::run::browser) fn release_request(locators: &[Locator]) -> Value {
    json!({ "op": "release", "locators": locators.iter().map(locator_argument).collect::<Vec<_>>() })
}

fn locator_argument(locator: &Locator) -> Value {
    let name = match locator {
        Locator::Role { name, .. } => name.as_ref(),
        _ => None,
    };
    json!({ "strategy": locator.strategy(), "value": locator.value(), "name": name, "written": locator.to_string() })
}
