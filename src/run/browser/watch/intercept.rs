//! Headers and access for the target's origin alone (WebDriver BiDi, section 7.8: network interception).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::{Origin, Url};

use crate::run::browser::bidi::{Instead, Poster};
use crate::run::browser::{BrowserKind, BrowserSettings};

/// What is added to requests to the target, and taken away where a redirect leads elsewhere.
#[derive(Clone, Debug)]
pub(in crate::run::browser) struct Intercept {
    origin: Origin,
    headers: Vec<(String, String)>,
    phases: Vec<&'static str>,
}

impl Intercept {
    /// None where nothing is to be done: interception costs a round trip for each request.
    pub(in crate::run::browser) fn new(settings: &BrowserSettings) -> Option<Self> {
        let mut headers = settings.headers.clone();
        if let Some((user, password)) = &settings.basic_auth {
            // RFC 7617, section 2.
            let value = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
            headers.push(("Authorization".to_owned(), value));
        }
        let mut phases = Vec::new();
        if !headers.is_empty() {
            phases.push("beforeRequestSent");
        }
        // Firefox would ask for a password and wait, and so does a Chromium with windows of its own.
        if settings.kind == BrowserKind::Firefox || !headers.is_empty() {
            phases.push("authRequired");
        }
        (!phases.is_empty()).then(|| Self { origin: settings.base.origin(), headers, phases })
    }

    /// The parameters of `network.addIntercept`.
    pub(in crate::run::browser) fn parameters(&self) -> Value {
        json!({ "phases": self.phases })
    }

    /// Lets a stopped request go on, with what its origin may see.
    pub(in crate::run::browser) fn handle(&self, method: &str, event: &Value, poster: &Poster) {
        if event["isBlocked"].as_bool() != Some(true) {
            return;
        }
        let request = &event["request"];
        let id = &request["request"];
        match method {
            "network.beforeRequestSent" => {
                let mut parameters = json!({ "request": id });
                if let Some(headers) = self.headers_for(request) {
                    parameters["headers"] = Value::Array(headers);
                }
                let context = event["context"].as_str().unwrap_or_default();
                let instead = Instead::new("network.failRequest", json!({ "request": id }), context);
                // A connection that is gone has nothing that waits.
                let _ = poster.post_or("network.continueRequest", &parameters, instead);
            }
            // What is known was sent along: the answer is what it is.
            "network.authRequired" => {
                let parameters = json!({ "request": id, "action": "cancel" });
                let _ = poster.post("network.continueWithAuth", &parameters);
            }
            _ => {}
        }
    }

    /// The headers of a request, if they are not to stay as they are.
    fn headers_for(&self, request: &Value) -> Option<Vec<Value>> {
        let is_target = request["url"]
            .as_str()
            .and_then(|url| Url::parse(url).ok())
            .is_some_and(|url| url.origin() == self.origin);
        let is_ours = |header: &Value, with_value: bool| {
            self.headers.iter().any(|(name, value)| {
                header["name"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(name))
                    && (!with_value || header["value"]["value"].as_str() == Some(value))
            })
        };
        let present = request["headers"].as_array()?;
        if is_target {
            let kept = present.iter().filter(|header| !is_ours(header, false)).cloned();
            let added = self
                .headers
                .iter()
                .map(|(name, value)| json!({ "name": name, "value": { "type": "string", "value": value } }));
            return Some(kept.chain(added).collect());
        }
        // A redirect carries on what was added to the request before it.
        present
            .iter()
            .any(|header| is_ours(header, true))
            .then(|| present.iter().filter(|header| !is_ours(header, true)).cloned().collect())
    }
}
