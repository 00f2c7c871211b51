//! `assets`: a page and everything that it names.

use super::{Action, ActionDefinition, ActionKey};
use crate::evidence::AssetKind;
use crate::expect::Family;
use crate::spec::key::{KeyKind, key};
use crate::spec::reader::{Keys, Reader};
use crate::spec::template::{Scope, Template, TemplateError};

/// The action that judges a page's assets.
pub(super) const DEFINITION: ActionDefinition = ActionDefinition {
    keys: &[ActionKey::harmless(
        "assets",
        KeyKind::Url,
        "fetches a page and everything it names, and judges each",
    )],
    neighbours: &[
        key(
            "kinds",
            KeyKind::Names,
            "which kinds are judged: css, js, images, fonts, icons, manifest, media, other (all)",
        ),
        key("exclude", KeyKind::Names, "globs over addresses and paths that are left out"),
        key("third_party", KeyKind::Flag, "whether those of other origins are fetched too (false)"),
    ],
    yields: &[Family::Assets, Family::Http, Family::Html],
    build,
};

/// A page whose assets are to be judged, as written.
#[derive(Clone, Debug)]
pub struct AssetsAction {
    url: Template,
    kinds: Vec<AssetKind>,
    exclude: Vec<String>,
    third_party: bool,
}

/// A page whose assets are to be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetsCall {
    /// The page's address.
    pub url: String,
    /// Which kinds are judged; all where it is empty.
    pub kinds: Vec<AssetKind>,
    /// Globs over addresses and paths that are left out.
    pub exclude: Vec<String>,
    /// Whether those of other origins are fetched too.
    pub third_party: bool,
}

fn build(reader: &mut Reader, keys: &Keys) -> Option<Action> {
    let mut kinds = Vec::new();
    for name in keys.texts("kinds") {
        match AssetKind::ALL.into_iter().find(|kind| kind.name() == name.source()) {
            Some(kind) => kinds.push(kind),
            None => {
                let known = AssetKind::ALL.map(AssetKind::name);
                let message =
                    format!("there is no kind of asset `{}`: expected {}", name.source(), known.join(", "));
                reader.unknown(name.span(), message, name.source(), known);
            }
        }
    }
    let exclude = super::read_globs(reader, keys, "exclude");
    let third_party = keys.flag("third_party").unwrap_or(false);
    Some(Action::Assets(AssetsAction { url: keys.template("assets")?, kinds, exclude, third_party }))
}

impl AssetsAction {
    /// The page's address as written.
    pub fn url(&self) -> &Template {
        &self.url
    }

    /// Fills in the templates.
    pub fn render(&self, scope: &Scope) -> Result<AssetsCall, TemplateError> {
        Ok(AssetsCall {
            url: self.url.render(scope)?,
            kinds: self.kinds.clone(),
            exclude: self.exclude.clone(),
            third_party: self.third_party,
        })
    }
}
