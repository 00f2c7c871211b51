//! Secrets in what is imported: they become `{{ secret.NAME }}`, and their values are written nowhere.

use serde_json::Value as Json;

use super::model::escape_template;

/// Headers whose values are secrets.
const HEADERS: &[&str] = &["authorization", "proxy-authorization", "cookie", "x-csrf-token", "x-xsrf-token"];

/// Words in the names of headers, fields and parameters that make their values secrets.
const WORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "access_key",
    "accesskey",
    "access-key",
    "credential",
    "private_key",
    "privatekey",
    "signature",
    "session_id",
    "sessionid",
    "otp",
    "pwd",
];

/// Characters of a secret that is looked for in other texts too: a shorter one would be found by chance.
const LONG_ENOUGH: usize = 6;

/// The secrets of one import.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Secrets {
    /// Names and values.
    known: Vec<(String, String)>,
}

impl Secrets {
    /// Takes a value out; gives what stands for it.
    pub(in crate::cli) fn take(&mut self, name: &str, value: &str) -> String {
        let name = self.remember(name, value);
        format!("{{{{ secret.{name} }}}}")
    }

    /// Makes a secret known, so that [`Secrets::text`] takes it out wherever it stands. Gives its name.
    pub(in crate::cli) fn remember(&mut self, name: &str, value: &str) -> String {
        let name = secret_name(name);
        if let Some((known, _)) = self.known.iter().find(|(_, known)| known == value) {
            return known.clone();
        }
        let mut unique = name.clone();
        let mut number = 1;
        while self.known.iter().any(|(known, _)| *known == unique) {
            number += 1;
            unique = format!("{name}_{number}");
        }
        self.known.push((unique.clone(), value.to_owned()));
        unique
    }

    /// A text as a spec writes it: known secrets are taken out, what would begin a template is escaped.
    pub(in crate::cli) fn text(&self, text: &str) -> String {
        let found = self
            .known
            .iter()
            .filter(|(_, value)| value.len() >= LONG_ENOUGH)
            .filter_map(|(name, value)| Some((text.find(value.as_str())?, name, value)))
            .min_by_key(|(start, _, value)| (*start, usize::MAX - value.len()));
        match found {
            None => escape_template(text),
            Some((start, name, value)) => format!(
                "{}{{{{ secret.{name} }}}}{}",
                escape_template(&text[..start]),
                self.text(&text[start + value.len()..])
            ),
        }
    }

    /// The value of a named field as a spec writes it: a secret by its name, or a text.
    pub(in crate::cli) fn field(&mut self, name: &str, value: &str) -> String {
        if is_secret_name(name) && !value.is_empty() { self.take(name, value) } else { self.text(value) }
    }

    /// A JSON document as a spec writes it.
    pub(in crate::cli) fn json(&mut self, json: &Json) -> Json {
        match json {
            Json::String(text) => Json::String(self.text(text)),
            Json::Array(items) => Json::Array(items.iter().map(|item| self.json(item)).collect()),
            Json::Object(entries) => Json::Object(
                entries
                    .iter()
                    .map(|(key, value)| match value {
                        Json::String(text) => (self.text(key), Json::String(self.field(key, text))),
                        other => (self.text(key), self.json(other)),
                    })
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    /// An address as a spec writes it: the values of secret parameters taken out, its rest as it was.
    pub(in crate::cli) fn address(&mut self, address: &str) -> String {
        let Some((path, query)) = address.split_once('?') else { return self.text(address) };
        let pairs: Vec<String> = query
            .split('&')
            .map(|pair| match pair.split_once('=') {
                Some((name, value)) if is_secret_name(name) && !value.is_empty() => {
                    format!("{}={}", self.text(name), self.take(name, value))
                }
                _ => self.text(pair),
            })
            .collect();
        format!("{}?{}", self.text(path), pairs.join("&"))
    }

    /// The names, in the order in which they were found.
    pub(in crate::cli) fn names(&self) -> Vec<String> {
        self.known.iter().map(|(name, _)| name.clone()).collect()
    }
}

/// Whether the values of a header of this name are secrets.
pub(in crate::cli) fn is_secret_header(name: &str) -> bool {
    HEADERS.iter().any(|known| known.eq_ignore_ascii_case(name)) || is_secret_name(name)
}

/// Whether a field or parameter of this name holds a secret.
pub(in crate::cli) fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| match *word {
        "otp" | "pwd" => name == *word,
        word => name.contains(word),
    })
}

/// A name as environments have it: `X-Api-Key` becomes `X_API_KEY`.
pub(in crate::cli) fn secret_name(name: &str) -> String {
    let name: String = name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' })
        .collect();
    let name = name.trim_matches('_');
    match name.chars().next() {
        None => "SECRET".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("_{name}"),
        Some(_) => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_is_taken_out_wherever_it_stands() {
        let mut secrets = Secrets::default();
        secrets.remember("token", "s3cr3t-token");
        assert_eq!(secrets.text("a s3cr3t-token {{b}}"), "a {{ secret.TOKEN }} {{ '{{' }}b}}");
        assert_eq!(
            secrets.address("/x?api_key=abc&q=1&t=s3cr3t-token"),
            "/x?api_key={{ secret.API_KEY }}&q=1&t={{ secret.TOKEN }}"
        );
        let body = secrets.json(&json!({ "user": { "password": "pw" }, "n": null }));
        assert_eq!(body, json!({ "user": { "password": "{{ secret.PASSWORD }}" }, "n": null }));
        assert_eq!(secrets.take("password", "other"), "{{ secret.PASSWORD_2 }}");
        assert_eq!(secrets.take("password", "pw"), "{{ secret.PASSWORD }}");
        assert_eq!(secrets.names(), ["TOKEN", "API_KEY", "PASSWORD", "PASSWORD_2"]);
    }

    #[test]
    fn names_are_those_of_environments() {
        assert_eq!(secret_name("X-Api-Key"), "X_API_KEY");
        assert_eq!(secret_name("2fa"), "_2FA");
        assert_eq!(secret_name("--"), "SECRET");
        assert!(
            is_secret_header("Cookie") && is_secret_header("X-Auth-Token") && !is_secret_header("Accept")
        );
        assert!(!is_secret_name("hotpink"));
    }
}
