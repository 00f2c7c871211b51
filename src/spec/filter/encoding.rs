//! Texts in other notations: base64, hexadecimal digits, JSON, HTML, addresses, hashes.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use minijinja::{Error, ErrorKind, Value};
use percent_encoding::percent_decode_str;
use scraper::Html;
use sha2::{Digest as _, Sha256};

use crate::evidence::to_hex;

fn refused(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail.into())
}

pub(super) fn write_base64(text: &str) -> String {
    STANDARD.encode(text)
}

pub(super) fn write_base64_url(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

pub(super) fn read_base64(text: &str) -> Result<String, Error> {
    let bytes = STANDARD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text));
    let bytes = bytes.map_err(|error| refused(format!("{text:?} is not base64: {error}")))?;
    String::from_utf8(bytes).map_err(|_| refused("what this base64 stands for is no text"))
}

pub(super) fn read_base64_url(text: &str) -> Result<String, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(text).or_else(|_| URL_SAFE.decode(text));
    let bytes = bytes.map_err(|error| refused(format!("{text:?} is not base64 for addresses: {error}")))?;
    String::from_utf8(bytes).map_err(|_| refused("what this base64 stands for is no text"))
}

/// The value as JSON, without the escapes that HTML would need.
pub(super) fn write_json(value: &Value) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| refused("this value has no JSON form").with_source(error))
}

pub(super) fn read_json(text: &str) -> Result<Value, Error> {
    serde_json::from_str(text).map_err(|error| refused(format!("this is not JSON: {error}")))
}

pub(super) fn write_html(text: &str) -> String {
    minijinja::HtmlEscape(text).to_string()
}

pub(super) fn read_html(text: &str) -> String {
    // Everything but character references is taken away from the parser.
    let html = Html::parse_fragment(&text.replace('<', "&lt;"));
    html.root_element().text().collect()
}

pub(super) fn write_hex(text: &str) -> String {
    to_hex(text.as_bytes())
}

pub(super) fn write_sha256(text: &str) -> String {
    to_hex(&Sha256::digest(text))
}

/// HMAC (RFC 2104) with SHA-256.
pub(super) fn write_hmac(text: &str, key: &str) -> String {
    const BLOCK: usize = 64;
    let mut padded = [0_u8; BLOCK];
    let digest = Sha256::digest(key);
    let key = if key.len() > BLOCK { digest.as_slice() } else { key.as_bytes() };
    padded[..key.len()].copy_from_slice(key);
    let hash = |pad: u8, message: &[u8]| {
        let mut hash = Sha256::new();
        hash.update(padded.map(|byte| byte ^ pad));
        hash.update(message);
        hash.finalize()
    };
    to_hex(&hash(0x5c, &hash(0x36, text.as_bytes())))
}

pub(super) fn read_percent(text: &str) -> Result<String, Error> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(Into::into).map_err(|_| refused(format!("{text:?} stands for no text")))
}

pub(super) fn read_url_parameter(address: &str, name: &str) -> Result<String, Error> {
    let query = address.split_once('?').map_or("", |(_, rest)| rest.split('#').next().unwrap_or(""));
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
        .ok_or_else(|| refused(format!("{address:?} has no parameter `{name}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_is_that_of_rfc_4231() {
        // Test case 6: a key longer than a block.
        let key = "\u{aa}".repeat(131);
        // RFC 4231 has bytes for keys, and a template has text: the same rule, another key.
        let plain = "k".repeat(131);
        assert_ne!(write_hmac("x", &key), write_hmac("x", &plain));
        assert_eq!(write_hmac("x", &plain), write_hmac_of_hash("x", &plain));
        assert_eq!(
            write_hmac("The quick brown fox jumps over the lazy dog", "key"),
            "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
        );
    }

    /// A key longer than a block stands for its hash.
    fn write_hmac_of_hash(text: &str, key: &str) -> String {
        let mut padded = [0_u8; 64];
        padded[..32].copy_from_slice(&Sha256::digest(key));
        let inner = Sha256::digest([padded.map(|byte| byte ^ 0x36).as_slice(), text.as_bytes()].concat());
        to_hex(&Sha256::digest([padded.map(|byte| byte ^ 0x5c).as_slice(), inner.as_slice()].concat()))
    }

    #[test]
    fn what_is_not_in_a_notation_is_refused() {
        assert!(read_base64("a b").is_err());
        assert!(read_base64("gA==").is_err());
        assert!(read_json("{").is_err());
        assert!(read_percent("%80").is_err());
        assert!(read_url_parameter("/x?a=1", "b").is_err());
        assert_eq!(read_html("<i>a</i> &amp;amp; &#x41;"), "<i>a</i> &amp; A");
    }
}
