//! `screenshot`: a picture of an actor's page.

use std::path::PathBuf;

use super::{Action, ActionDefinition, ActionKey, BrowserAction, render_locator};
use crate::expect::{Family, Locator};
use crate::spec::key::{KeyKind, key};
use crate::spec::reader::{Keys, Reader};
use crate::spec::template::{Scope, Template, TemplateError};

/// The action that takes a picture.
pub(super) const DEFINITION: ActionDefinition = ActionDefinition {
    keys: &[ActionKey::looking(
        "screenshot",
        KeyKind::Text,
        "writes a picture of the page under this name into the folder of --artifacts; where it is expected or a \
         baseline is there, compares it with `__screens__/NAME-BROWSER-OS.png` beside the spec",
    )],
    neighbours: &[
        key("full_page", KeyKind::Flag, "the whole page instead of what the window shows (false)"),
        key("mask", KeyKind::Locators, "elements that a solid box covers, all that match"),
        key(
            "threshold",
            KeyKind::Ratio,
            "how far the colours of a pixel may be apart before it differs, from 0 to 1 (0.2)",
        ),
    ],
    yields: &[Family::Browser, Family::Screenshot],
    build,
};

/// A picture as written.
#[derive(Clone, Debug)]
pub struct ScreenshotTemplate {
    name: Template,
    mask: Vec<Template>,
    full_page: bool,
    threshold: f64,
    is_comparison_expected: bool,
    folder: PathBuf,
}

/// A picture that is ready to be taken.
#[derive(Clone, Debug, PartialEq)]
pub struct ScreenshotCall {
    /// What it is called.
    pub name: String,
    /// What is covered.
    pub mask: Vec<Locator>,
    /// Whether it shows the whole page.
    pub full_page: bool,
    /// How far the colours of a pixel may be apart, from 0 to 1.
    pub threshold: f64,
    /// Whether the step expects something of the difference, so that there must be a baseline.
    pub is_comparison_expected: bool,
    /// Where baselines are.
    pub baselines: PathBuf,
}

/// The folder of baselines beside a spec.
const BASELINES: &str = "__screens__";

/// Colours that are so far apart are hard to tell from each other (Playwright's `toHaveScreenshot` has the same).
const THRESHOLD: f64 = 0.2;

fn build(reader: &mut Reader, keys: &Keys) -> Option<Action> {
    let name = keys.template("screenshot")?;
    if name.source().trim().is_empty() {
        reader.problem(name.span(), "a picture has a name, such as \"home\"");
        return None;
    }
    let (mask, full_page) = (keys.texts("mask"), keys.flag("full_page").unwrap_or(false));
    Some(Action::Browser(BrowserAction::Screenshot(ScreenshotTemplate {
        name,
        mask,
        full_page,
        threshold: keys.ratio("threshold").unwrap_or(THRESHOLD),
        is_comparison_expected: keys.table("expect").is_some_and(|table| table.get("differs").is_some()),
        folder: reader.file.folder().to_owned(),
    })))
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
            threshold: self.threshold,
            is_comparison_expected: self.is_comparison_expected,
            baselines: self.folder.join(BASELINES),
        })
    }
}
