//! The anchors of a page, each followed.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Cause, Exchange};

/// How many broken links leave the runner.
const REPORTED: usize = 50;

/// What `links` saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkSweep {
    /// The page itself.
    pub page: Exchange,
    /// The links that lead nowhere, in the order in which they were found; the first 50 are reported.
    #[serde(serialize_with = "first_links")]
    pub broken: Vec<Link>,
    /// How many links are broken.
    pub broken_count: usize,
    /// How many addresses were followed; fragments of one page are one address.
    pub followed: usize,
    /// How many pages were read for links, the first one included.
    pub pages: usize,
    /// How many addresses of other origins were not followed.
    pub external: usize,
    /// How many addresses were not followed because time or the limit was over.
    pub left_out: usize,
}

impl LinkSweep {
    /// How many of the addresses that were followed lead nowhere.
    pub fn broken_addresses(&self) -> usize {
        let is_address =
            |link: &&Link| matches!(link.fault, LinkFault::Unreachable { .. } | LinkFault::Status { .. });
        self.broken.iter().filter(is_address).count()
    }
}

/// A link that leads nowhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Absolute address with its fragment; as written where it is no address.
    pub url: String,
    /// What named it: the page's path and the anchor with its text, such as `/ <a> "About us"`.
    pub named_by: String,
    /// Status of the last hop; none if nothing came back.
    pub status: Option<u16>,
    /// What is wrong with it.
    pub fault: LinkFault,
}

/// What is wrong with a link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LinkFault {
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
    /// No element of the page has the fragment as its `id` (HTML, section 7.4.6.4).
    NoFragment {
        /// The fragment, decoded.
        fragment: String,
    },
    /// What is written is no address.
    NoAddress,
    /// Its address is that of a development host.
    DevAddress {
        /// The host.
        host: String,
    },
}

impl fmt::Display for LinkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { cause } => write!(f, "{cause}"),
            Self::Status { status } => write!(f, "status {status}"),
            Self::NoFragment { fragment } => write!(f, "no element of that page has the id {fragment:?}"),
            Self::NoAddress => f.write_str("this is not a valid URL"),
            Self::DevAddress { host } => write!(f, "names the development host {host}"),
        }
    }
}

fn first_links<S: serde::Serializer>(links: &[Link], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(links.iter().take(REPORTED))
}
