//! The one place where secrets are taken out of what leaves the runner.

use std::sync::RwLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::body::EXCERPT;
use super::cut::hide_cut_secrets;

/// What stands before a secret's name where its value stood.
pub const MASK_START: &str = "{{ secret.";
/// What stands after it.
pub const MASK_END: &str = " }}";

/// Keys whose values are words of our own (kinds, verdicts): a secret that happens to be such a word must not
/// make an event unreadable.
const OWN_WORDS: &[&str] = &[
    "event",
    "kind",
    "verdict",
    "origin",
    "action",
    "phase",
    "reason",
    "end",
    "method",
    "destination",
    "level",
    "certainty",
    "layer",
    "code",
    "at",
    "role",
    "browser",
    "severity",
];

/// How many times a text is quoted inside another at most.
const QUOTED: usize = 3;

const IN_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'\'');

/// Knows the secrets of a run and replaces them, in every encoding that we produce, by `{{ secret.NAME }}`.
#[derive(Debug, Default)]
pub struct Redactor {
    needles: RwLock<Vec<Needle>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Needle {
    text: String,
    mask: String,
}

impl Redactor {
    /// Learns a secret: its value is replaced from now on, and where it is an address the password in it too, which
    /// a server may name by itself. An empty value is no secret.
    pub fn learn(&self, name: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        if let Some(password) = password_of(value) {
            self.learn(name, &password);
        }
        let mask = format!("{MASK_START}{name}{MASK_END}");
        let mut forms = vec![value.to_owned()];
        forms.extend([NON_ALPHANUMERIC, IN_QUERY].map(|set| utf8_percent_encode(value, set).to_string()));
        forms.push(url::form_urlencoded::byte_serialize(value.as_bytes()).collect());
        forms.push(html_escaped(value));
        // A site quotes what it was sent, perhaps twice, and we quote what the site said.
        let mut inner = vec![value.to_owned()];
        for _ in 0..QUOTED {
            inner = inner.iter().flat_map(|text| quoted(text)).collect();
            inner.dedup();
            forms.extend(inner.iter().cloned());
        }
        for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
            forms.push(engine.encode(value));
        }
        self.add(&mask, forms);
    }

    fn add(&self, mask: &str, forms: impl IntoIterator<Item = String>) {
        if let Ok(mut needles) = self.needles.write() {
            for text in forms {
                if !text.is_empty() && !needles.iter().any(|needle| needle.text == text) {
                    needles.push(Needle { text, mask: mask.to_owned() });
                }
            }
            // The longest first, so that a secret which contains another is replaced whole.
            needles.sort_by_key(|needle| std::cmp::Reverse(needle.text.len()));
        }
    }

    /// Learns the credentials of HTTP basic authentication (RFC 7617), whose secret is hidden inside base64.
    pub fn learn_basic_auth(&self, name: &str, user: &str, password: &str) {
        self.learn(name, password);
        self.learn(name, &STANDARD.encode(format!("{user}:{password}")));
    }

    /// Learns what HTTP basic authentication makes of credentials of which one holds a secret that is known; of
    /// others nothing.
    pub fn learn_encoded_credentials(&self, user: &str, password: &str) {
        let mask = self.needles.read().ok().and_then(|needles| {
            let mut parts = [password, user].into_iter();
            parts
                .find_map(|part| needles.iter().find(|needle| part.contains(&needle.text)))
                .map(|needle| needle.mask.clone())
        });
        if let Some(mask) = mask {
            self.add(&mask, [STANDARD.encode(format!("{user}:{password}"))]);
        }
    }

    /// The text with every secret replaced.
    pub fn redact_text(&self, text: &str) -> String {
        let Ok(needles) = self.needles.read() else {
            return String::new();
        };
        replace_all(text, false, &needles).unwrap_or_else(|| text.to_owned())
    }

    /// The value with every secret in every text of it replaced, map keys included.
    ///
    /// What serde skips is gone afterwards, as it is in a report. A value that cannot make the way through JSON
    /// is a defect of its type; then none is given, because an unredacted one must not leave.
    pub fn redact<T: Serialize + DeserializeOwned>(&self, value: &T) -> Option<T> {
        let mut json = serde_json::to_value(value).ok()?;
        if let Ok(needles) = self.needles.read() {
            if !needles.is_empty() {
                redact_json(&mut json, false, &needles);
            }
        } else {
            return None;
        }
        serde_json::from_value(json).ok()
    }

    /// Whether there is nothing to hide.
    pub fn is_empty(&self) -> bool {
        self.needles.read().is_ok_and(|needles| needles.is_empty())
    }
}

fn redact_json(json: &mut Json, is_excerpt: bool, needles: &[Needle]) {
    match json {
        Json::String(text) => {
            let ends_in_cut = is_excerpt && text.chars().count() >= EXCERPT;
            if let Some(replaced) = replace_all(text, ends_in_cut, needles) {
                *text = replaced;
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| redact_json(item, false, needles)),
        Json::Object(map) => {
            for (key, item) in map.iter_mut() {
                if !(item.is_string() && OWN_WORDS.contains(&key.as_str())) {
                    redact_json(item, key == "excerpt", needles);
                }
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn replace_all(text: &str, ends_in_cut: bool, needles: &[Needle]) -> Option<String> {
    let mut result: Option<String> = None;
    for needle in needles {
        let current = result.as_deref().unwrap_or(text);
        if current.contains(&needle.text) && !is_inside_mask(current, needle) {
            result = Some(current.replace(&needle.text, &needle.mask));
        }
    }
    let secrets: Vec<_> = needles.iter().map(|needle| (needle.text.as_str(), needle.mask.as_str())).collect();
    hide_cut_secrets(result.as_deref().unwrap_or(text), ends_in_cut, &secrets).or(result)
}

/// The password in an address such as `mysql://user:password@host/name`.
fn password_of(value: &str) -> Option<String> {
    let address = url::Url::parse(value).ok().filter(url::Url::has_authority)?;
    Some(percent_decode_str(address.password()?).decode_utf8_lossy().into_owned())
}

/// The text as JSON and as Rust's debug output write it, without the quotation marks around it.
fn quoted(text: &str) -> [String; 2] {
    let json = serde_json::to_string(text).unwrap_or_else(|_| format!("{text:?}"));
    [json, format!("{text:?}")].map(|quoted| quoted[1..quoted.len() - 1].to_owned())
}

/// A secret such as `secret` stands in our own masks too: replacing it there would never end well.
fn is_inside_mask(text: &str, needle: &Needle) -> bool {
    let in_masks: usize = text
        .match_indices(MASK_START)
        .filter_map(|(start, _)| {
            text[start..]
                .find(MASK_END)
                .map(|end| text[start..start + end + MASK_END.len()].matches(&needle.text).count())
        })
        .sum();
    in_masks > 0 && in_masks == text.matches(&needle.text).count()
}

fn html_escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Body;

    #[test]
    fn a_secret_is_replaced_in_every_encoding() {
        let redactor = Redactor::default();
        redactor.learn("TOKEN", "p&ss wörd\"1");
        redactor.learn_basic_auth("PASSWORD", "team", "hunter2");
        for text in [
            "p&ss wörd\"1",
            "p%26ss%20w%C3%B6rd%221",
            "p%26ss+w%C3%B6rd%221",
            "p&ss wörd\\\"1",
            "p&amp;ss wörd&quot;1",
            "cCZzcyB3w7ZyZCIx",
            r#"p&ss wörd\\\"1"#,
            "Basic dGVhbTpodW50ZXIy",
        ] {
            let redacted = redactor.redact_text(&format!("x {text} y"));
            assert!(redacted.contains("{{ secret."), "{text} became {redacted}");
            assert!(!redacted.contains("p&") && !redacted.contains("dGV"), "{redacted}");
        }
    }

    #[test]
    fn a_secret_that_is_part_of_a_mask_stays_readable() {
        let redactor = Redactor::default();
        redactor.learn("SECRET", "secret");
        let once = redactor.redact_text("my secret");
        assert_eq!(once, "my {{ secret.SECRET }}");
        assert_eq!(redactor.redact_text(&once), once);
    }

    #[test]
    fn a_secret_that_the_end_of_an_excerpt_cuts_in_two_is_hidden() {
        let redactor = Redactor::default();
        redactor.learn("KEY", "sk_live_0123456789");
        let page = format!("{}sk_live_0123456789", "x".repeat(EXCERPT - 11));
        let body: Body = redactor.redact(&Body::of_text(&page)).unwrap();
        assert!(body.excerpt.ends_with("x{{ secret.KEY }}"), "{}", body.excerpt);
        let whole: Body = redactor.redact(&Body::of_text("so far: sk_live_")).unwrap();
        assert_eq!(whole.excerpt, "so far: sk_live_");
    }

    #[test]
    fn the_password_in_an_address_is_a_secret_by_itself() {
        let redactor = Redactor::default();
        redactor.learn("DATABASE_URL", "mysql://app:p%40ss-w0rd@db/shop");
        let told =
            redactor.redact_text("access denied for app with p@ss-w0rd at mysql://app:p%40ss-w0rd@db/shop");
        assert_eq!(told, "access denied for app with {{ secret.DATABASE_URL }} at {{ secret.DATABASE_URL }}");
    }

    #[test]
    fn credentials_are_learned_in_base64_where_one_of_them_holds_a_secret() {
        let redactor = Redactor::default();
        redactor.learn("PASSWORD", "hunter2");
        redactor.learn_encoded_credentials("team", "x-hunter2");
        redactor.learn_encoded_credentials("team", "open");
        let encoded = STANDARD.encode("team:x-hunter2");
        assert_eq!(redactor.redact_text(&format!("Basic {encoded}")), "Basic {{ secret.PASSWORD }}");
        let open = format!("Basic {}", STANDARD.encode("team:open"));
        assert_eq!(redactor.redact_text(&open), open);
    }

    #[test]
    fn values_are_redacted_deep_inside() {
        let redactor = Redactor::default();
        redactor.learn("A", "abc");
        let value = serde_json::json!({"list": [{"x": "1abc2"}], "kind": "abc"});
        let redacted: Json = redactor.redact(&value).unwrap();
        assert_eq!(redacted, serde_json::json!({"list": [{"x": "1{{ secret.A }}2"}], "kind": "abc"}));
    }
}
