//! Values that no report shows, whether or not somebody declared them secret: those of cookies, of the headers that
//! carry them, and of credentials.

use std::borrow::Cow;

use crate::event::StepOutcome;
use crate::expect::{Check, History};

/// Headers whose value is a credential as a whole.
const CREDENTIALS: &[&str] = &["authorization", "proxy-authorization"];

/// The step as reports may show it: what was seen of cookies and credentials is hidden.
pub(super) fn hide_credentials(outcome: &StepOutcome) -> Cow<'_, StepOutcome> {
    if !outcome.checks.iter().any(|check| hider(&check.subject).is_some()) {
        return Cow::Borrowed(outcome);
    }
    let mut hidden = outcome.clone();
    for check in &mut hidden.checks {
        if let Some(hide) = hider(&check.subject) {
            hide_values(check, hide);
        }
    }
    Cow::Owned(hidden)
}

/// An address without the password that may stand in it (RFC 3986, section 3.2.1).
pub(super) fn hide_password(address: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = address.split_once("://") else {
        return Cow::Borrowed(address);
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    match authority.rsplit_once('@').and_then(|(user_info, host)| Some((user_info.split_once(':')?, host))) {
        Some(((user, _), host)) => {
            Cow::Owned(format!("{scheme}://{user}:…@{host}{}", &rest[authority.len()..]))
        }
        None => Cow::Borrowed(address),
    }
}

type Hider = fn(&str) -> String;

/// How the values of a subject are hidden; none if they may be shown.
fn hider(subject: &str) -> Option<Hider> {
    if subject.starts_with("cookie.") {
        return Some(hide_whole);
    }
    let header = subject.strip_prefix("header.")?.trim_matches('"').to_ascii_lowercase();
    match header.as_str() {
        "set-cookie" | "cookie" => Some(hide_cookie_values),
        other if CREDENTIALS.contains(&other) => Some(hide_whole),
        _ => None,
    }
}

fn hide_values(check: &mut Check, hide: Hider) {
    check.actual = hide(&check.actual);
    if let Some(History { states, .. }) = &mut check.history {
        for (_, state) in states {
            *state = hide(state);
        }
    }
}

/// What was seen is a quoted text, a list of them, or a reason in plain words why there is nothing.
fn is_value(actual: &str) -> bool {
    actual.starts_with(['"', '['])
}

fn hide_whole(actual: &str) -> String {
    if is_value(actual) { "a value, not shown here".to_owned() } else { actual.to_owned() }
}

/// `"id=abc; Path=/; Secure"` becomes `"id=…; Path=/; Secure"`: what an attribute says is no secret.
fn hide_cookie_values(actual: &str) -> String {
    const ATTRIBUTES: &[&str] = &["path", "domain", "max-age", "expires", "samesite"];
    if !is_value(actual) {
        return actual.to_owned();
    }
    let parts = actual.split(';').enumerate().map(|(index, part)| {
        let Some((name, value)) = part.split_once('=') else {
            return part.to_owned();
        };
        if index > 0
            && ATTRIBUTES.contains(&name.trim().to_ascii_lowercase().as_str())
            && !value.contains("\", \"")
        {
            return part.to_owned();
        }
        // In a list of headers the next one begins behind the last attribute of the one before.
        let end = if value.ends_with("\"]") {
            "\"]"
        } else if value.ends_with('"') {
            "\""
        } else {
            ""
        };
        format!("{name}=…{end}")
    });
    parts.collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_lose_their_values_and_keep_their_attributes() {
        assert_eq!(hide_cookie_values(r#""id=abc; Path=/; Secure""#), r#""id=…; Path=/; Secure""#);
        assert_eq!(hide_cookie_values(r#""id=abc""#), r#""id=…""#);
        assert_eq!(hide_cookie_values(r#""path=abc""#), r#""path=…""#);
        assert_eq!(hide_cookie_values("no such header"), "no such header");
        let two = hide_cookie_values(r#"["a=secret1; Path=/", "b=secret2; HttpOnly"]"#);
        assert!(!two.contains("secret"), "{two}");
        let two = hide_cookie_values(r#"["a=secret1; Secure", "b=secret2"]"#);
        assert!(!two.contains("secret"), "{two}");
    }

    #[test]
    fn an_address_loses_its_password_only() {
        assert_eq!(hide_password("https://u:p@h:8/x?a=b@c:d"), "https://u:…@h:8/x?a=b@c:d");
        assert_eq!(hide_password("https://h/x?mail=a:b@c"), "https://h/x?mail=a:b@c");
    }
}
