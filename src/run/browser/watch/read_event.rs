//! Events into evidence: what the console said, what came, what a page itself tells (`preload.js`).

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;
use serde_json::{Value, json};
use url::{Host, Url};

use crate::evidence::{ConsoleMessage, SubResource};
use crate::run::browser::BrowserKind;

/// How many characters of a message are kept.
const MESSAGE_LIMIT: usize = 2_000;

/// The channel that the preload script tells through.
const CHANNEL: &str = "smokegate";

/// What Firefox calls an exception: its name and its text, or what was thrown in place of one.
#[expect(clippy::expect_used, reason = "the pattern is constant, and a test uses it")]
static EXCEPTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(uncaught exception: |[\p{L}_$][\w$.]*: |[\w$]*(Error|Exception)$)")
        .expect("a valid pattern")
});

/// What Firefox remarks of a request that it did not make.
#[expect(clippy::expect_used, reason = "the pattern is constant, and a test uses it")]
static MIXED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("mixed (?:active|display) content “(http:[^”]+)”").expect("a valid pattern"));

/// What a page tells of itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub(in crate::run::browser) enum Told {
    /// An element's file did not load, or came as what it cannot be.
    Load {
        /// The element's name.
        tag: String,
        /// The file's address.
        url: String,
        /// Whether the element names a hash (W3C Subresource Integrity).
        has_integrity: bool,
        /// Its status (W3C Resource Timing), where the browser tells it.
        status: Option<u16>,
        /// Its media type without parameters, where the browser tells it.
        media_type: String,
    },
    /// The page goes to another document, which has yet to be asked for.
    Leaving,
    /// Nothing caught an exception or a rejection.
    Exception {
        /// What it says.
        text: String,
        /// Where it was thrown, as far as known.
        place: String,
    },
    /// The content security policy forbade something (W3C CSP, section 5).
    Csp {
        /// The directive that forbids it.
        directive: String,
        /// Its address, or `inline` or `eval`.
        url: String,
        /// Where it was asked for, as far as known.
        place: String,
    },
}

/// The parameters of `script.addPreloadScript` that make every page tell.
pub(in crate::run::browser) fn preload_parameters() -> Value {
    json!({
        "functionDeclaration": include_str!("preload.js"),
        "arguments": [{ "type": "channel", "value": { "channel": CHANNEL } }],
    })
}

/// What a page told; none where the message is not for us.
pub(in crate::run::browser) fn read_told(event: &Value) -> Option<Told> {
    if event["channel"].as_str() != Some(CHANNEL) {
        return None;
    }
    serde_json::from_str(event["data"]["value"].as_str()?).ok()
}

/// A message of our own.
pub(in crate::run::browser) fn plain_message(level: &str, text: String) -> ConsoleMessage {
    ConsoleMessage { level: level.to_owned(), uncaught: false, text, source: None }
}

/// A message of the console, or an exception.
pub(in crate::run::browser) fn read_message(kind: BrowserKind, event: &Value) -> Option<ConsoleMessage> {
    let text: String = event["text"].as_str().unwrap_or("").chars().take(MESSAGE_LIMIT).collect();
    let source = read_source(event);
    let is_own = event["type"].as_str() == Some("javascript");
    // Firefox tells what it has to remark itself in the same way as exceptions; what it remarks on is judged on its
    // own, as in Chromium, which does not tell it.
    let is_remark = is_own && kind == BrowserKind::Firefox && source.is_none() && !EXCEPTION.is_match(&text);
    let level = match event["level"].as_str()? {
        "warn" => "warning",
        "error" if is_remark => "warning",
        level => level,
    };
    // A warning of the browser about a script is no exception.
    let uncaught = is_own && !is_remark && level == "error";
    Some(ConsoleMessage { uncaught, source, ..plain_message(level, text) })
}

fn read_source(event: &Value) -> Option<String> {
    let frame = event["stackTrace"]["callFrames"].get(0)?;
    let number = |key: &str| frame[key].as_u64().map_or(1, |number| number + 1);
    Some(format!("{}:{}:{}", frame["url"].as_str()?, number("lineNumber"), number("columnNumber")))
}

/// The address of what Firefox says that it did not load on a secure page.
pub(in crate::run::browser) fn read_mixed(message: &ConsoleMessage) -> Option<&str> {
    let found = (message.level == "warning").then(|| MIXED.captures(&message.text)).flatten()?;
    found.get(1).map(|url| url.as_str())
}

/// What came, or did not; none where it is no request over HTTP.
pub(in crate::run::browser) fn read_resource(event: &Value, origin: &url::Origin) -> Option<SubResource> {
    let (request, response) = (&event["request"], &event["response"]);
    let url = request["url"].as_str()?;
    if !url.starts_with("http") {
        return None;
    }
    let status = response["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let media_type = response["mimeType"].as_str().unwrap_or("");
    let error = event["errorText"].as_str().map(|error| if error.is_empty() { "blocked" } else { error });
    Some(SubResource {
        url: url.to_owned(),
        method: request["method"].as_str().unwrap_or("GET").to_owned(),
        destination: request["destination"].as_str().unwrap_or("").to_owned(),
        status: status.filter(|status| *status != 0),
        media_type: media_type.split(';').next().unwrap_or("").trim().to_lowercase(),
        error: error.map(str::to_owned),
        same_origin: Url::parse(url).is_ok_and(|url| url.origin() == *origin),
    })
}

/// Whether a secure page may not load this address (W3C Mixed Content, section 3: loopback addresses are trustworthy).
pub(in crate::run::browser) fn is_plain_http(url: &str) -> bool {
    let Some(url) = Url::parse(url).ok().filter(|url| url.scheme() == "http") else { return false };
    match url.host() {
        Some(Host::Domain(name)) => name != "localhost" && !name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => !address.is_loopback(),
        Some(Host::Ipv6(address)) => !address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: BrowserKind, text: &str) -> ConsoleMessage {
        read_message(kind, &json!({ "type": "javascript", "level": "error", "text": text })).unwrap()
    }

    #[test]
    fn what_firefox_remarks_is_no_exception() {
        let remark = "The stylesheet http://h/a.css was not loaded because its MIME type, “text/html”, is not “text/css”.";
        let message = read(BrowserKind::Firefox, remark);
        assert_eq!((message.uncaught, message.level.as_str()), (false, "warning"));
        for thrown in
            ["Error: lost", "uncaught exception: plain", "SyntaxError: expected expression", "Error"]
        {
            assert!(read(BrowserKind::Firefox, thrown).uncaught, "{thrown}");
        }
        assert!(read(BrowserKind::Chromium, "plain").uncaught);
    }

    #[test]
    fn what_firefox_did_not_load_on_a_secure_page_is_read() {
        let text = "Blocked loading mixed active content “http://shop.test/a.js”";
        assert_eq!(read_mixed(&read(BrowserKind::Firefox, text)), Some("http://shop.test/a.js"));
    }

    #[test]
    fn loopback_addresses_are_as_good_as_secure_ones() {
        assert!(is_plain_http("http://shop.test/a.js"));
        for url in
            ["https://shop.test/", "http://localhost:1/", "http://127.0.0.1/", "http://[::1]/", "data:,"]
        {
            assert!(!is_plain_http(url), "{url}");
        }
    }

    #[test]
    fn what_a_page_tells_is_read_from_our_channel_alone() {
        let data = r#"{"kind":"load","tag":"img","url":"http://h/a.png","hasIntegrity":false,"status":200,"mediaType":"image/png"}"#;
        let event =
            |channel: &str| json!({ "channel": channel, "data": { "type": "string", "value": data } });
        let told = Told::Load {
            tag: "img".to_owned(),
            url: "http://h/a.png".to_owned(),
            has_integrity: false,
            status: Some(200),
            media_type: "image/png".to_owned(),
        };
        assert_eq!(read_told(&event("smokegate")), Some(told));
        assert_eq!(read_told(&event("other")), None);
    }
}
