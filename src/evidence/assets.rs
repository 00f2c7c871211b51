//! A page and everything it names, each judged.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Cause, Exchange};

/// What `assets` saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AssetSweep {
    /// The page itself.
    pub page: Exchange,
    /// Everything it names, in document order, each address once.
    pub assets: Vec<Asset>,
}

/// One thing that a page names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asset {
    /// Absolute address, without fragment.
    pub url: String,
    /// What it is used as.
    pub kind: AssetKind,
    /// What named it: the page's or the stylesheet's address and the element or rule, such as
    /// `/ <link rel="stylesheet">` or `/static/site.css @import`.
    pub named_by: String,
    /// Whether it is on another origin than the target.
    pub third_party: bool,
    /// Status of the last hop; none if nothing came back.
    pub status: Option<u16>,
    /// Media type that was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Decoded bytes.
    pub size: u64,
    /// Milliseconds of the whole request.
    pub total_ms: f64,
    /// What is wrong with it; empty when it loads.
    pub faults: Vec<AssetFault>,
}

impl Asset {
    /// Whether it was fetched and nothing is wrong with it.
    pub fn loads(&self) -> bool {
        self.status.is_some() && self.faults.is_empty()
    }
}

/// What an asset is used as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssetKind {
    /// A stylesheet, imported ones included.
    Css,
    /// A script, module preloads included.
    Js,
    /// An image, `srcset`, posters and CSS backgrounds included.
    #[serde(rename = "images")]
    Image,
    /// A font.
    #[serde(rename = "fonts")]
    Font,
    /// A site icon.
    #[serde(rename = "icons")]
    Icon,
    /// A web app manifest.
    Manifest,
    /// Audio, video and text tracks.
    Media,
    /// Anything else that is preloaded or embedded.
    Other,
}

impl AssetKind {
    /// All kinds, as `kinds` beside `assets` names them.
    pub const ALL: [Self; 8] =
        [Self::Css, Self::Js, Self::Image, Self::Font, Self::Icon, Self::Manifest, Self::Media, Self::Other];

    /// The name in specs and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Css => "css",
            Self::Js => "js",
            Self::Image => "images",
            Self::Font => "fonts",
            Self::Icon => "icons",
            Self::Manifest => "manifest",
            Self::Media => "media",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for AssetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is wrong with an asset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AssetFault {
    /// Nothing came back.
    Unreachable {
        /// Why.
        cause: Cause,
    },
    /// A status of 400 or more.
    Status {
        /// The status.
        status: u16,
    },
    /// An HTML page where something else was asked for.
    HtmlInstead,
    /// A content type that browsers refuse or that does not fit its kind.
    WrongType {
        /// What was sent; empty if nothing was.
        media_type: String,
        /// What fits.
        expected: String,
        /// Whether `X-Content-Type-Options: nosniff` makes browsers refuse it.
        nosniff: bool,
    },
    /// No bytes.
    Empty,
    /// Fewer bytes than promised.
    Truncated,
    /// It does not decode by its `Content-Encoding`.
    Undecodable,
    /// More bytes than the limit.
    TooLarge,
    /// Its integrity attribute names another hash (W3C Subresource Integrity).
    Integrity {
        /// The attribute's value.
        expected: String,
        /// The hash of what came, by the same algorithm.
        actual: String,
    },
    /// Its address is that of a development host.
    DevAddress {
        /// The host.
        host: String,
    },
    /// It is plain http on an https page.
    MixedContent,
}

impl fmt::Display for AssetFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { cause } => write!(f, "{cause}"),
            Self::Status { status } => write!(f, "status {status}"),
            Self::HtmlInstead => f.write_str("an HTML page came instead"),
            Self::WrongType { media_type, expected, nosniff } => {
                let sent = if media_type.is_empty() { "no content type" } else { media_type };
                let refused = if *nosniff { ", and nosniff makes browsers refuse it" } else { "" };
                write!(f, "{sent} where {expected} is needed{refused}")
            }
            Self::Empty => f.write_str("empty"),
            Self::Truncated => f.write_str("cut short: fewer bytes than promised"),
            Self::Undecodable => f.write_str("does not decode by its content encoding"),
            Self::TooLarge => f.write_str("larger than the limit"),
            Self::Integrity { expected, actual } => {
                write!(f, "integrity {expected} is asked for, {actual} came")
            }
            Self::DevAddress { host } => write!(f, "names the development host {host}"),
            Self::MixedContent => f.write_str("plain http on an https page"),
        }
    }
}
