//! The body of an answer: streamed, bounded, decoded, and how it ended.

use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use tokio::time::{Instant, timeout_at};

use super::charset::decode_text;
use super::decode::{DecodeFailure, decode_content};
use crate::evidence::{Body, BodyEnd};

/// Reads the body of an answer to at most `limit` decoded bytes; its text where it is textual. What came before an
/// early end is kept.
pub(super) async fn read_body(
    response: &mut reqwest::Response,
    headers: &HeaderMap,
    limit: u64,
    deadline: Instant,
) -> (Body, Option<String>) {
    let (wire, mut end) = read_wire(response, limit, deadline).await;
    let wire_size = wire.len() as u64;
    let encodings = headers.get_all(CONTENT_ENCODING);
    let is_encoded = encodings.iter().next().is_some();
    let decoded = if is_encoded {
        let decoded =
            decode_content(encodings.iter().filter_map(|value| value.to_str().ok()), wire, limit).await;
        if let (BodyEnd::Complete, Some(failure)) = (end, decoded.failure) {
            end = match failure {
                DecodeFailure::Broken => BodyEnd::Undecodable,
                DecodeFailure::TooLarge => BodyEnd::TooLarge,
            };
        }
        decoded.bytes
    } else {
        wire
    };
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let text = decode_text(content_type, &decoded);
    let mut body = Body::new(decoded, text.as_deref());
    body.wire_size = is_encoded.then_some(wire_size);
    body.end = end;
    (body, text)
}

/// The bytes as they come over the wire. One chunk is taken as it is; only more of them are copied together.
async fn read_wire(response: &mut reqwest::Response, limit: u64, deadline: Instant) -> (Bytes, BodyEnd) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    let end = loop {
        let chunk = match timeout_at(deadline, response.chunk()).await {
            Err(_) => break BodyEnd::TimedOut,
            Ok(Err(_)) => break BodyEnd::Truncated,
            Ok(Ok(None)) => break BodyEnd::Complete,
            Ok(Ok(Some(chunk))) => chunk,
        };
        let room = limit - first.len() - rest.len();
        let is_too_large = chunk.len() > room;
        let chunk = chunk.slice(..chunk.len().min(room));
        if first.is_empty() {
            first = chunk;
        } else {
            rest.extend_from_slice(&chunk);
        }
        if is_too_large {
            break BodyEnd::TooLarge;
        }
    };
    if rest.is_empty() {
        return (first, end);
    }
    let mut whole = BytesMut::with_capacity(first.len() + rest.len());
    whole.extend_from_slice(&first);
    whole.unsplit(rest);
    (whole.freeze(), end)
}
