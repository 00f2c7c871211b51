//! The body of a request or an answer.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// How many characters of a body leave the runner.
const EXCERPT: usize = 2_000;

/// A body: whole while it is judged, an excerpt once it is reported.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// The decoded bytes. They do not leave the runner.
    #[serde(skip)]
    pub bytes: Bytes,
    /// Bytes after decoding.
    pub size: u64,
    /// Bytes as they came over the wire, where that is known (the `Content-Length` of an encoded body).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire_size: Option<u64>,
    /// Lower-case hexadecimal SHA-256 of the decoded bytes; empty for an empty body.
    pub sha256: String,
    /// The first characters, decoded by the charset that was declared; empty for binary data.
    pub excerpt: String,
    /// How the body ended.
    pub end: BodyEnd,
}

/// How a body ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyEnd {
    /// All of it came.
    #[default]
    Complete,
    /// The connection ended before the promised length or the last chunk.
    Truncated,
    /// It does not decode by the `Content-Encoding` that it was sent with.
    Undecodable,
    /// It went past the limit and the rest was not read.
    TooLarge,
    /// The deadline came first.
    TimedOut,
}

impl Body {
    /// A complete body from its decoded bytes and their text (none for binary data).
    pub fn new(bytes: Bytes, text: Option<&str>) -> Self {
        use sha2::{Digest as _, Sha256};
        let sha256 = if bytes.is_empty() { String::new() } else { to_hex(&Sha256::digest(&bytes)) };
        let excerpt = text.map(|text| text.chars().take(EXCERPT).collect()).unwrap_or_default();
        Self { size: bytes.len() as u64, wire_size: None, sha256, excerpt, end: BodyEnd::Complete, bytes }
    }

    /// A body of text.
    pub fn of_text(text: &str) -> Self {
        Self::new(Bytes::copy_from_slice(text.as_bytes()), Some(text))
    }
}

/// Lower-case hexadecimal.
pub(crate) fn to_hex(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
        for nibble in [byte >> 4, byte & 15] {
            hex.push(char::from_digit(nibble.into(), 16).unwrap_or('0'));
        }
        hex
    })
}
