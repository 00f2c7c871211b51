//! What an action saw: plain data, no I/O.
//!
//! Evidence is complete while the runner judges it (whole bodies included) and bounded and redacted once it
//! leaves the runner inside an event: what is not meant to leave is skipped by serde, and
//! [`Redactor`] replaces every secret in what remains.

mod artifact;
mod assets;
mod body;
mod cause;
mod comparison;
mod cut;
mod exchange;
mod links;
mod network;
mod page;
mod rows;
mod secret;
mod submission;
mod value;

pub use artifact::{Artifact, ArtifactKind};
pub use assets::{Asset, AssetFault, AssetKind, AssetSweep};
pub(crate) use body::to_hex;
pub use body::{Body, BodyEnd};
pub use cause::{Cause, Phase, TlsReason};
pub use comparison::{ComparisonOutcome, PictureComparison};
pub use cut::{CUT_MARK, shorten_to};
pub use exchange::{Certificate, Exchange, Header, Headers, Hop, Request, Response, Timings};
pub use links::{Link, LinkFault, LinkSweep};
pub use network::{Connection, Lookup, TlsSession};
pub use page::{
    ConsoleMessage, Dialog, Download, ElementMatches, ElementState, INTEGRITY_MISMATCH, PageSpeed, PageState,
    REFUSED_TYPE, SeenCounts, SubResource, Violation,
};
pub use rows::{Column, Rows};
pub use secret::{MASK_END, MASK_START, Redactor};
pub use submission::Submission;
pub use value::{Value, round_milliseconds};

use serde::{Deserialize, Serialize};

/// What one step observed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "a step has one: they are few")]
pub enum Evidence {
    /// One HTTP request with every hop.
    Exchange(Exchange),
    /// A form found in a page, and what its submission got.
    Submission(Submission),
    /// A page and everything it names.
    Assets(AssetSweep),
    /// A page and where its anchors lead.
    Links(LinkSweep),
    /// A browser page.
    Page(PageState),
    /// A database answer.
    Rows(Rows),
    /// What DNS says.
    Lookup(Lookup),
    /// A connection under HTTP.
    Connection(Connection),
}

impl Evidence {
    /// The HTTP exchange whose answer the step's expectations are about, where there is one.
    pub fn exchange(&self) -> Option<&Exchange> {
        match self {
            Self::Exchange(exchange) => Some(exchange),
            Self::Submission(submission) => Some(&submission.answer),
            Self::Assets(sweep) => Some(&sweep.page),
            Self::Links(sweep) => Some(&sweep.page),
            Self::Page(_) | Self::Rows(_) | Self::Lookup(_) | Self::Connection(_) => None,
        }
    }
}
