//! Content encodings (RFC 9110, section 8.4), decoded by ourselves so that the answer's headers stay as they came
//! and a cut-off body is told apart from a broken one.

use async_compression::tokio::bufread::{
    BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder,
};
use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// What we can decode, as `Accept-Encoding` says it.
pub(super) const ACCEPT_ENCODING: &str = "gzip, deflate, br, zstd";

/// A decoded body.
#[derive(Debug)]
pub(super) struct Decoded {
    /// As far as it could be decoded.
    pub(super) bytes: Bytes,
    /// Why not all of it could, if so.
    pub(super) failure: Option<DecodeFailure>,
}

/// Why a body was not decoded to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DecodeFailure {
    /// It breaks the rules of its encoding, or ends too early.
    Broken,
    /// It is larger than allowed.
    TooLarge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// Decodes a body by the values of its `Content-Encoding` headers, to at most `limit` bytes. Unknown encodings are
/// left as they are, as browsers do.
pub(super) async fn decode_content<'a>(
    encodings: impl Iterator<Item = &'a str>,
    mut bytes: Bytes,
    limit: u64,
) -> Decoded {
    let applied: Vec<Encoding> =
        encodings.flat_map(|value| value.split(',')).filter_map(read_encoding).collect();
    let mut failure = None;
    for encoding in applied.into_iter().rev() {
        if bytes.is_empty() {
            break;
        }
        let decoded = decode_one(encoding, &bytes, limit).await;
        bytes = decoded.bytes;
        failure = failure.or(decoded.failure);
    }
    Decoded { bytes, failure }
}

fn read_encoding(name: &str) -> Option<Encoding> {
    match name.trim().to_ascii_lowercase().as_str() {
        "gzip" | "x-gzip" => Some(Encoding::Gzip),
        "deflate" => Some(Encoding::Deflate),
        "br" => Some(Encoding::Brotli),
        "zstd" => Some(Encoding::Zstd),
        _ => None,
    }
}

async fn decode_one(encoding: Encoding, bytes: &[u8], limit: u64) -> Decoded {
    match encoding {
        Encoding::Gzip => {
            let mut decoder = GzipDecoder::new(bytes);
            decoder.multiple_members(true);
            read_limited(decoder, limit).await
        }
        // Some servers send bare deflate under this name; browsers read both.
        Encoding::Deflate if is_zlib(bytes) => read_limited(ZlibDecoder::new(bytes), limit).await,
        Encoding::Deflate => read_limited(DeflateDecoder::new(bytes), limit).await,
        Encoding::Brotli => read_limited(BrotliDecoder::new(bytes), limit).await,
        Encoding::Zstd => read_limited(ZstdDecoder::new(bytes), limit).await,
    }
}

/// The header of RFC 1950, section 2.2.
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [method, flags, ..]
        if method & 0x0F == 8 && (u16::from(*method) << 8 | u16::from(*flags)).is_multiple_of(31))
}

async fn read_limited(decoder: impl AsyncRead + Unpin, limit: u64) -> Decoded {
    let mut bytes = Vec::new();
    let read = decoder.take(limit.saturating_add(1)).read_to_end(&mut bytes).await;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let failure = if bytes.len() > limit {
        bytes.truncate(limit);
        Some(DecodeFailure::TooLarge)
    } else {
        read.err().map(|_| DecodeFailure::Broken)
    };
    Decoded { bytes: bytes.into(), failure }
}

#[cfg(test)]
mod tests {
    use async_compression::tokio::write::{
        BrotliEncoder, DeflateEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder,
    };
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    macro_rules! encode {
        ($encoder:ident, $text:expr) => {{
            let mut encoder = $encoder::new(Vec::new());
            encoder.write_all($text.as_bytes()).await.unwrap();
            encoder.shutdown().await.unwrap();
            Bytes::from(encoder.into_inner())
        }};
    }

    #[tokio::test]
    async fn decodes_what_it_asks_for() {
        let text = "one two three ".repeat(100);
        let encoded = [
            ("gzip", encode!(GzipEncoder, text)),
            ("br", encode!(BrotliEncoder, text)),
            ("zstd", encode!(ZstdEncoder, text)),
            ("deflate", encode!(ZlibEncoder, text)),
            ("deflate", encode!(DeflateEncoder, text)),
            ("identity", Bytes::from(text.clone())),
            ("utf-8", Bytes::from(text.clone())),
        ];
        for (name, bytes) in encoded {
            let decoded = decode_content([name].into_iter(), bytes, 1 << 20).await;
            assert_eq!(decoded.failure, None, "{name}");
            assert!(decoded.bytes == text.as_bytes(), "{name}");
        }
    }

    #[tokio::test]
    async fn tells_broken_from_too_large_and_keeps_what_came() {
        let text = "one two three ".repeat(1000);
        let gzip = encode!(GzipEncoder, text);
        let cut = decode_content(["gzip"].into_iter(), gzip.slice(..gzip.len() - 9), 1 << 20).await;
        assert_eq!(cut.failure, Some(DecodeFailure::Broken));
        let broken = decode_content(["gzip"].into_iter(), Bytes::from_static(b"plain text"), 1 << 20).await;
        assert_eq!(broken.failure, Some(DecodeFailure::Broken));
        let large = decode_content(["gzip"].into_iter(), gzip, 100).await;
        assert_eq!((large.failure, large.bytes.len()), (Some(DecodeFailure::TooLarge), 100));
    }
}
