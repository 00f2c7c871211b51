//! Bytes into text, by the charset that a body declares (WHATWG Encoding; HTML, section 13.2.3.2).

use encoding_rs::{Encoding, UTF_8};

use crate::evidence::Response;

/// How many bytes of a page are searched for `<meta charset>`.
const PRESCAN: usize = 1024;

/// The text of a body; none where its type is not textual, or it has none and is not UTF-8.
pub(super) fn decode_text(content_type: Option<&str>, bytes: &[u8]) -> Option<String> {
    let Some(content_type) = content_type.filter(|value| !value.trim().is_empty()) else {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        return std::str::from_utf8(bytes).ok().map(str::to_owned);
    };
    if !is_textual(&media_type(content_type)) {
        return None;
    }
    let encoding = find_encoding(content_type, bytes);
    let (text, _, _) = encoding.decode(bytes);
    Some(text.into_owned())
}

/// The encoding of a page, in which a browser sends its forms.
pub fn page_encoding(response: &Response) -> &'static Encoding {
    let content_type = response.headers.get("content-type").unwrap_or("text/html");
    match Encoding::for_bom(&response.body.bytes) {
        Some((encoding, _)) => encoding,
        None => find_encoding(content_type, &response.body.bytes),
    }
}

/// The charset of the header, else of the page's own `<meta>`, else UTF-8. A byte order mark beats all; decoding
/// looks at it by itself.
fn find_encoding(content_type: &str, bytes: &[u8]) -> &'static Encoding {
    if let Some(encoding) =
        charset_parameter(content_type).and_then(|label| Encoding::for_label(label.as_bytes()))
    {
        return encoding;
    }
    let is_html = media_type(content_type).contains("html");
    is_html.then(|| find_meta_charset(bytes)).flatten().unwrap_or(UTF_8)
}

fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
}

fn is_textual(media_type: &str) -> bool {
    const TEXTUAL: &[&str] = &[
        "application/json",
        "application/xml",
        "application/javascript",
        "application/x-javascript",
        "application/ecmascript",
        "application/x-www-form-urlencoded",
        "application/x-ndjson",
        "application/jsonl",
        "application/graphql",
        "application/yaml",
        "application/x-yaml",
        "application/toml",
        "application/sql",
    ];
    media_type.starts_with("text/")
        || media_type.ends_with("+json")
        || media_type.ends_with("+xml")
        || media_type.ends_with("+yaml")
        || TEXTUAL.contains(&media_type)
}

fn charset_parameter(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    })
}

/// `<meta charset=…>` and `<meta http-equiv=… content="…; charset=…">` among the first bytes of a page.
fn find_meta_charset(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(PRESCAN)]).to_ascii_lowercase();
    let mut rest = head.as_str();
    while let Some(start) = rest.find("<meta") {
        rest = &rest[start + "<meta".len()..];
        let tag = &rest[..rest.find('>').unwrap_or(rest.len())];
        let Some((_, value)) = tag.split_once("charset") else { continue };
        let Some(value) = value.trim_start().strip_prefix('=') else { continue };
        let value = value.trim_start().trim_start_matches(['"', '\'']);
        let label = value.split(['"', '\'', ';', ' ', '/', '\t', '\n']).next().unwrap_or("");
        return Encoding::for_label(label.as_bytes()).map(|encoding| {
            // A page that says so in ASCII cannot be in UTF-16 (HTML, 13.2.3.2, step "If charset is UTF-16BE/LE").
            if encoding.is_ascii_compatible() { encoding } else { UTF_8 }
        });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_by_the_declared_charset() {
        let cases: &[(Option<&str>, &[u8], Option<&str>)] = &[
            (Some("text/html; charset=utf-8"), "Käse".as_bytes(), Some("Käse")),
            (Some("text/html; charset=ISO-8859-1"), b"K\xE4se", Some("Käse")),
            (Some("text/html;charset=\"windows-1251\""), b"\xCF\xF0", Some("Пр")),
            (Some("text/html"), b"<meta charset=latin1><p>K\xE4se", Some("<meta charset=latin1><p>Käse")),
            (
                Some("text/html"),
                b"<META http-equiv='Content-Type' content='text/html; charset=iso-8859-1'>\xE4",
                Some("<META http-equiv='Content-Type' content='text/html; charset=iso-8859-1'>ä"),
            ),
            (Some("text/plain"), b"K\xE4se", Some("K\u{FFFD}se")),
            (Some("text/plain; charset=latin1"), b"\xEF\xBB\xBFok", Some("ok")),
            (Some("text/plain"), b"\xFF\xFEo\0k\0", Some("ok")),
            (Some("application/problem+json"), b"{}", Some("{}")),
            (Some("image/svg+xml"), b"<svg/>", Some("<svg/>")),
            (Some("image/png"), b"abc", None),
            (None, b"abc", Some("abc")),
            (None, b"\xFF\xD8", None),
            (Some(""), b"abc", Some("abc")),
        ];
        for (content_type, bytes, text) in cases {
            assert_eq!(decode_text(*content_type, bytes).as_deref(), *text, "{content_type:?}");
        }
    }
}
