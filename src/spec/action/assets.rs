//! `assets`: a page and everything that it names.

use crate::evidence::AssetKind;

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
