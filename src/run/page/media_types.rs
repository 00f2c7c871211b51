//! Which media types fit which kind of asset (WHATWG MIME Sniffing; HTML; Fetch). Pure.

use crate::evidence::AssetKind;

/// JavaScript MIME types (MIME Sniffing, section 4.6).
const JAVASCRIPT: &[&str] = &[
    "text/javascript",
    "application/javascript",
    "application/ecmascript",
    "application/x-ecmascript",
    "application/x-javascript",
    "text/ecmascript",
    "text/javascript1.0",
    "text/javascript1.1",
    "text/javascript1.2",
    "text/javascript1.3",
    "text/javascript1.4",
    "text/javascript1.5",
    "text/jscript",
    "text/livescript",
    "text/x-ecmascript",
    "text/x-javascript",
];

/// Whether a `type` attribute of a script names JavaScript.
pub(super) fn is_javascript(media_type: &str) -> bool {
    JAVASCRIPT.contains(&media_type)
}

/// What fits a kind, for people; none where anything does.
pub(super) fn expected_type(kind: AssetKind) -> Option<&'static str> {
    Some(match kind {
        AssetKind::Css => "text/css",
        AssetKind::Js => "text/javascript",
        AssetKind::Image | AssetKind::Icon => "image/*",
        AssetKind::Font => "font/*",
        AssetKind::Manifest => "application/manifest+json",
        AssetKind::Media => "audio/*, video/* or text/vtt",
        AssetKind::Other => return None,
    })
}

/// Whether a media type (lower case, empty if none was sent) fits a kind. Where browsers go by the bytes and not by
/// the type, an unspecific type fits if the bytes do, unless `nosniff` is set.
pub(super) fn is_fitting(kind: AssetKind, media_type: &str, bytes: &[u8], nosniff: bool) -> bool {
    let is_unspecific =
        matches!(media_type, "" | "application/octet-stream" | "binary/octet-stream" | "application/unknown");
    let (main, _) = media_type.split_once('/').unwrap_or((media_type, ""));
    match kind {
        AssetKind::Css => media_type == "text/css",
        AssetKind::Js => is_javascript(media_type),
        AssetKind::Image | AssetKind::Icon => {
            main == "image" || (is_unspecific && !nosniff && is_image(bytes))
        }
        AssetKind::Font => {
            main == "font"
                || media_type.starts_with("application/font-")
                || media_type.starts_with("application/x-font-")
                || media_type == "application/vnd.ms-fontobject"
                || (is_unspecific && !nosniff && is_font(bytes))
        }
        AssetKind::Manifest => {
            media_type == "application/json"
                || media_type.ends_with("+json")
                || media_type == "text/json"
                || serde_json::from_slice::<serde_json::Value>(bytes).is_ok()
        }
        AssetKind::Media => {
            matches!(main, "audio" | "video")
                || matches!(
                    media_type,
                    "text/vtt"
                        | "application/ogg"
                        | "application/vnd.apple.mpegurl"
                        | "application/x-mpegurl"
                        | "application/dash+xml"
                )
                || (is_unspecific && !nosniff)
        }
        AssetKind::Other => true,
    }
}

/// Whether bytes begin as an HTML page does, a byte order mark, white space and comments aside.
pub(super) fn is_html_page(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2048)]).to_ascii_lowercase();
    let mut rest = head.trim_start_matches('\u{FEFF}').trim_start();
    while let Some((_, after)) = rest.strip_prefix("<!--").and_then(|comment| comment.split_once("-->")) {
        rest = after.trim_start();
    }
    let doctype = rest.strip_prefix("<!doctype").is_some_and(|after| after.trim_start().starts_with("html"));
    doctype || ["<html>", "<html ", "<head>", "<body>", "<body "].iter().any(|tag| rest.starts_with(tag))
}

fn is_image(bytes: &[u8]) -> bool {
    const STARTS: &[&[u8]] =
        &[b"\x89PNG\r\n\x1A\n", b"GIF8", b"\xFF\xD8\xFF", b"BM", b"\0\0\x01\0", b"\0\0\x02\0"];
    STARTS.iter().any(|start| bytes.starts_with(start))
        || (bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"))
        || (bytes.get(4..8) == Some(b"ftyp") && matches!(bytes.get(8..12), Some(b"avif" | b"avis" | b"heic")))
}

fn is_font(bytes: &[u8]) -> bool {
    const STARTS: &[&[u8]] = &[b"wOFF", b"wOF2", b"OTTO", b"\0\x01\0\0", b"true", b"ttcf"];
    STARTS.iter().any(|start| bytes.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_browsers_take() {
        use AssetKind::{Css, Font, Icon, Image, Js, Manifest, Media, Other};
        let cases: &[(AssetKind, &str, &[u8], bool, bool)] = &[
            (Css, "text/css", b"", false, true),
            (Css, "text/plain", b"", false, false),
            (Css, "", b"", false, false),
            (Js, "application/javascript", b"", true, true),
            (Js, "application/json", b"", false, false),
            (Js, "image/png", b"", false, false),
            (Image, "image/webp", b"", true, true),
            (Image, "binary/octet-stream", b"\x89PNG\r\n\x1A\n..", false, true),
            (Image, "binary/octet-stream", b"\x89PNG\r\n\x1A\n..", true, false),
            (Image, "text/plain", b"\x89PNG\r\n\x1A\n..", false, false),
            (Icon, "", b"\0\0\x01\0", false, true),
            (Font, "application/font-woff", b"", true, true),
            (Font, "application/octet-stream", b"wOF2", false, true),
            (Font, "application/octet-stream", b"wOF2", true, false),
            (Manifest, "application/octet-stream", b"{}", true, true),
            (Manifest, "text/plain", b"no", false, false),
            (Media, "video/mp4", b"", true, true),
            (Media, "text/plain", b"", false, false),
            (Other, "text/html", b"", true, true),
        ];
        for (kind, media_type, bytes, nosniff, fits) in cases {
            assert_eq!(is_fitting(*kind, media_type, bytes, *nosniff), *fits, "{kind} {media_type}");
        }
    }

    #[test]
    fn knows_a_page_by_its_first_bytes() {
        for page in
            ["<!DOCTYPE html>", "\u{FEFF}\n <!-- x --> <html lang=en>", "<HTML>", "<!doctype  HTML PUBLIC>"]
        {
            assert!(is_html_page(page.as_bytes()), "{page}");
        }
        for other in ["<!DOCTYPE svg>", "body { }", "<!-- hidden from old browsers\nalert(1)", "<svg>", ""] {
            assert!(!is_html_page(other.as_bytes()), "{other}");
        }
    }
}
