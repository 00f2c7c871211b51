//! `links`: the anchors of a page, each followed.

use super::{Action, ActionDefinition, ActionKey};
use crate::expect::Family;
use crate::spec::key::{KeyKind, key};
use crate::spec::reader::{Keys, Reader};
use crate::spec::template::{Scope, Template, TemplateError};

/// The action that follows links.
pub(super) const DEFINITION: ActionDefinition = ActionDefinition {
    keys: &[ActionKey::harmless(
        "links",
        KeyKind::Url,
        "follows the anchors of a page, fragments included, and looks again whether the page still names what is gone; `exclude` those that do something, such as /logout",
    )],
    neighbours: &[
        key(
            "depth",
            KeyKind::Number,
            "how far pages are read for more links: 1 is this page alone, 2 those that it names too (1)",
        ),
        key("exclude", KeyKind::Names, "globs over addresses and paths that are left out"),
        key("external", KeyKind::Flag, "whether links to other origins are followed too (false)"),
    ],
    yields: &[Family::Links, Family::Http, Family::Html],
    build,
};

/// A page whose links are to be followed, as written.
#[derive(Clone, Debug)]
pub struct LinksAction {
    url: Template,
    depth: usize,
    exclude: Vec<String>,
    external: bool,
}

/// A page whose links are to be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinksCall {
    /// The page's address.
    pub url: String,
    /// How far pages are read for links: 1 is the page itself.
    pub depth: usize,
    /// Globs over addresses and paths that are left out.
    pub exclude: Vec<String>,
    /// Whether links to other origins are followed too.
    pub external: bool,
}

fn build(reader: &mut Reader, keys: &Keys) -> Option<Action> {
    let depth = keys.number("depth").unwrap_or(1);
    if let (0, Some(entry)) = (depth, keys.entry("depth")) {
        reader.problem(entry.node.span, "expected 1 or more: 1 follows the links of this page alone");
    }
    let exclude = super::read_globs(reader, keys, "exclude");
    let external = keys.flag("external").unwrap_or(false);
    Some(Action::Links(LinksAction { url: keys.template("links")?, depth, exclude, external }))
}

impl LinksAction {
    /// The page's address as written.
    pub fn url(&self) -> &Template {
        &self.url
    }

    /// Fills in the templates.
    pub fn render(&self, scope: &Scope) -> Result<LinksCall, TemplateError> {
        Ok(LinksCall {
            url: self.url.render(scope)?,
            depth: self.depth,
            exclude: self.exclude.clone(),
            external: self.external,
        })
    }
}
