//! A browser page as it was seen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Cause, PictureComparison, Value};

/// The state of an actor's page when its expectations were judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PageState {
    /// The document's address.
    pub url: String,
    /// The document's title.
    pub title: String,
    /// The document's status; none where the browser does not tell it (`about:blank`, a cached page).
    pub status: Option<u16>,
    /// The rendered text of the page, at most 200,000 characters; it does not leave the runner whole.
    #[serde(skip)]
    pub text: String,
    /// The first characters of the text.
    pub excerpt: String,
    /// The whole document, at most 1 MiB; it does not leave the runner.
    #[serde(skip)]
    pub html: String,
    /// How fast it came and how quiet it was, as far as the browser tells.
    #[serde(default)]
    pub speed: Box<PageSpeed>,
    /// Why the document is the browser's own error page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Cause>,
    /// What the console said during this step, oldest first: at most 100 errors and exceptions, and 100 others.
    pub console: Vec<ConsoleMessage>,
    /// What the page loaded during this step: at most 500 that failed, and 500 others. Those with the destination
    /// `document` are the pages that it came to, one after the other.
    pub resources: Vec<SubResource>,
    /// What the browser refused for safety's sake during this step, at most 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<Violation>,
    /// How many of the messages, sub-resources and refusals, the first ones, came after the step before had been judged
    /// and before this one began.
    #[serde(default, skip_serializing_if = "SeenCounts::is_none")]
    pub before: SeenCounts,
    /// How many of them were left out because there were too many.
    #[serde(default, skip_serializing_if = "SeenCounts::is_none")]
    pub left_out: SeenCounts,
    /// The elements that expectations and captures asked for.
    pub elements: Vec<ElementMatches>,
    /// Inner width and height in CSS pixels.
    pub viewport: (u32, u32),
    /// What the step's script returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// The dialogs that opened during this step, in that order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dialogs: Vec<Dialog>,
    /// The file that the step's download gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download: Option<Box<Download>>,
    /// How the step's picture compares with its baseline; none if there is nothing to compare.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<PictureComparison>,
}

/// How much of what a page did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenCounts {
    /// Messages of the console, and exceptions.
    pub messages: usize,
    /// Sub-resources and documents.
    pub requests: usize,
    /// What the browser refused for safety's sake.
    pub violations: usize,
}

impl SeenCounts {
    /// Whether there is nothing of any kind.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// A dialog that a page opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialog {
    /// `alert`, `confirm`, `prompt` or `beforeunload`.
    pub kind: String,
    /// What it says.
    pub message: String,
}

/// A file that a page gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Download {
    /// The name that it asks to be saved under.
    pub name: String,
    /// Where it came from.
    pub url: String,
    /// Bytes; none where the file is on another machine.
    pub size: Option<u64>,
    /// SHA-256, lower-case hexadecimal; none where the file is on another machine.
    pub sha256: Option<String>,
    /// Its content, where that is UTF-8 of at most 1 MiB; it does not leave the runner.
    #[serde(skip)]
    pub text: Option<String>,
}

/// What a browser measures of a document, in milliseconds from the start of its navigation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PageSpeed {
    /// The first byte of the document (Navigation Timing, `responseStart`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_byte_ms: Option<f64>,
    /// The first text or picture (Paint Timing, `first-contentful-paint`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_paint_ms: Option<f64>,
    /// The largest text or picture so far (Largest Contentful Paint).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub largest_paint_ms: Option<f64>,
    /// The worst burst of layout shifts so far (Layout Instability; bursts as Web Vitals defines them: gaps of less
    /// than 1 s, 5 s at most); a number without unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout_shift: Option<f64>,
    /// The end of the `load` event (Navigation Timing, `loadEventEnd`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_ms: Option<f64>,
    /// The subjects that this browser does not measure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unobservable: Vec<String>,
    /// The browser, as messages name it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub browser: String,
}

/// One message of the console, or an exception that nothing caught.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConsoleMessage {
    /// `error`, `warning`, `info`, `debug`.
    pub level: String,
    /// Whether it is an uncaught exception or rejection rather than a call of `console`.
    pub uncaught: bool,
    /// What it says.
    pub text: String,
    /// Where it comes from: `address:line:column`, as far as known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl ConsoleMessage {
    /// Whether it is an error, or an exception.
    pub fn is_error(&self) -> bool {
        self.uncaught || self.level == "error"
    }
}

/// One request that a page made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubResource {
    /// Absolute address.
    pub url: String,
    /// The request's method.
    pub method: String,
    /// The Fetch standard's destination: `document`, `style`, `script`, `image`, `font`; empty for `fetch()`.
    pub destination: String,
    /// Status; none if nothing came back.
    pub status: Option<u16>,
    /// Media type without parameters.
    pub media_type: String,
    /// The browser's name for what went wrong, such as `net::ERR_CONNECTION_REFUSED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether it is of the target's origin.
    pub same_origin: bool,
}

/// What a browser refused for safety's sake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Violation {
    /// The content security policy forbids it (W3C Content Security Policy, section 5).
    Csp {
        /// The directive that forbids it, such as `script-src-elem`.
        directive: String,
        /// Its address, or `inline` or `eval`.
        url: String,
        /// Where it was asked for: `address:line:column`, as far as known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<String>,
    },
    /// Plain HTTP on a secure page (W3C Mixed Content).
    MixedContent {
        /// Its address.
        url: String,
    },
}

impl Violation {
    /// The address of what was refused, or `inline` or `eval`.
    pub fn url(&self) -> &str {
        match self {
            Self::Csp { url, .. } | Self::MixedContent { url } => url,
        }
    }
}

/// The error of a sub-resource whose content is not what its element's hash says.
pub const INTEGRITY_MISMATCH: &str = "integrity hash does not match";

/// The error of a stylesheet or script that the browser refused without a word of its status and type.
pub const REFUSED_TYPE: &str = "refused for its type";

/// What a locator found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ElementMatches {
    /// The locator as written.
    pub locator: String,
    /// How many elements match.
    pub count: usize,
    /// The first of them, at most 50.
    pub elements: Vec<ElementState>,
}

/// One element.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ElementState {
    /// The element as an opening tag, shortened: `<input id="id_new_item">`.
    pub tag: String,
    /// Its rendered text.
    pub text: String,
    /// The value of a form control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The attributes that were asked for and are there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// The computed style properties that were asked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub style: BTreeMap<String, String>,
    /// Rendered, and not `visibility: hidden`.
    pub visible: bool,
    /// Not disabled.
    pub enabled: bool,
    /// Checked or selected; none for elements that cannot be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<bool>,
    /// Has the keyboard focus.
    pub focused: bool,
    /// Left edge in CSS pixels from the viewport's left edge.
    pub x: f64,
    /// Top edge in CSS pixels from the viewport's top edge.
    pub y: f64,
    /// CSS pixels.
    pub width: f64,
    /// CSS pixels.
    pub height: f64,
    /// The part of it that the window shows, from 0 to 1.
    pub in_viewport: f64,
    /// The other locators that were asked for and match visible elements, and whether one of those overlaps it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overlaps: BTreeMap<String, bool>,
    /// Its role, where that was asked for and it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Its accessible name, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl SubResource {
    /// Whether it did not come, or came as what it cannot be: no answer, or a part of one, a status of 400 or more, or a stylesheet of
    /// another type, which browsers drop without a word. A request that the page itself gave up is no failure.
    pub fn is_failed(&self) -> bool {
        let is_bad_answer =
            self.status.is_some_and(|status| status >= 400 || (status < 300 && self.is_dropped_stylesheet()));
        is_bad_answer || self.error.is_some()
    }

    /// What is wrong with it, shortly: a status, a media type, the browser's own name for it.
    pub fn fault(&self) -> Option<String> {
        let error = self.error.as_deref();
        match self.status {
            Some(status) if status >= 400 => Some(status.to_string()),
            Some(_) if error != Some(INTEGRITY_MISMATCH) && self.has_wrong_type() => {
                Some(self.media_type.clone())
            }
            _ => error.map(str::to_owned).or_else(|| self.is_failed().then(|| self.media_type.clone())),
        }
    }

    /// Whether it failed, and its media type is one that browsers refuse for what it is to be.
    pub fn has_wrong_type(&self) -> bool {
        let is_wrong = match self.destination.as_str() {
            "style" => self.media_type != "text/css",
            "script" => !self.media_type.contains("javascript") && !self.media_type.contains("ecmascript"),
            "image" => self.media_type.starts_with("text/"),
            _ => false,
        };
        is_wrong && !self.media_type.is_empty() && self.is_failed()
    }

    /// HTML, "Link type stylesheet": anything but `text/css` is no stylesheet.
    fn is_dropped_stylesheet(&self) -> bool {
        self.destination == "style" && !self.media_type.is_empty() && self.media_type != "text/css"
    }
}
