//! The command line that repeats a request.

use percent_encoding::percent_decode_str;

use super::super::secrecy::hide_password;
use super::shell::{Piece, quote, quote_pieces, split_masks};
use crate::evidence::{Body, Header, Request};

/// Headers that curl sets by itself, or that say nothing.
const LEFT_OUT: &[&str] = &["host", "content-length", "accept-encoding", "connection", "user-agent"];

/// Parts of a header's name that say that its value lets somebody in.
const CREDENTIAL_WORDS: &[&str] = &["authorization", "token", "secret", "password", "api-key", "apikey"];

/// A `curl` line that repeats a request. Secrets are shell variables of their own name. What a cookie or a credential
/// holds never stands in it, declared a secret or not: those are variables too, whose value the reader has to set.
pub(super) fn render_curl(request: &Request, insecure: bool) -> String {
    let mut words = vec!["curl".to_owned(), "-sS".to_owned(), "-i".to_owned()];
    if insecure {
        words.push("-k".to_owned());
    }
    if request.url.contains(['[', ']', '{', '}']) {
        // Or curl would take them as a range of addresses.
        words.push("-g".to_owned());
    }
    if request.headers.get("accept-encoding").is_some() {
        words.push("--compressed".to_owned());
    }
    match (request.method.as_str(), request.body.size) {
        ("GET", 0) => {}
        ("POST", size) if size > 0 => {}
        ("HEAD", _) => words.push("-I".to_owned()),
        (method, _) => words.extend(["-X".to_owned(), quote(method)]),
    }
    words.push(quote(&hide_password(&request.url)));
    for header in &request.headers.0 {
        render_header(&mut words, header);
    }
    render_body(&mut words, request);
    words.join(" ")
}

fn render_header(words: &mut Vec<String>, header: &Header) {
    let name = header.name.to_ascii_lowercase();
    match name.as_str() {
        _ if LEFT_OUT.contains(&name.as_str()) => {}
        "accept" if header.value == "*/*" => {}
        // What curl says of a form anyway.
        "content-type" if header.value == "application/x-www-form-urlencoded" => {}
        "cookie" => words.extend(["-b".to_owned(), render_cookies(&header.value)]),
        "authorization" => render_authorization(words, &header.value),
        _ if CREDENTIAL_WORDS.iter().any(|word| name.contains(word)) => {
            let shown = match first_mask(&header.value) {
                Some(_) => quote(&format!("{}: {}", header.name, header.value)),
                None => named(&format!("{}: ", header.name), &variable_name(&name).to_ascii_uppercase()),
            };
            words.extend(["-H".to_owned(), shown]);
        }
        _ => words.extend(["-H".to_owned(), quote(&format!("{}: {}", header.name, header.value))]),
    }
}

/// Basic credentials (RFC 7617) stand in base64, where the variable of a password alone would be wrong.
fn render_authorization(words: &mut Vec<String>, value: &str) {
    let (scheme, credentials) = value.split_once(' ').unwrap_or(("", value));
    let mask = first_mask(credentials);
    if scheme.eq_ignore_ascii_case("basic") {
        let user = match mask {
            Some(name) => format!("\"${name}_USER:${name}\""),
            None => "\"$BASIC_AUTH_USER:$BASIC_AUTH_PASSWORD\"".to_owned(),
        };
        words.extend(["-u".to_owned(), user]);
        return;
    }
    let name = mask.unwrap_or("AUTHORIZATION");
    let scheme = if scheme.is_empty() { String::new() } else { format!("{scheme} ") };
    words.extend(["-H".to_owned(), named(&format!("Authorization: {scheme}"), name)]);
}

/// The variables have names of their own, because a site chooses the names of its cookies: one called `HOME` or
/// `AWS_SECRET_ACCESS_KEY` must not be sent what the reader's shell knows under that name.
fn render_cookies(value: &str) -> String {
    let names: Vec<&str> = value.split(';').map(|pair| pair.split('=').next().unwrap_or("").trim()).collect();
    let variables: Vec<String> = names.iter().map(|name| format!("COOKIE_{}", variable_name(name))).collect();
    let starts: Vec<String> = names
        .iter()
        .enumerate()
        .map(|(index, name)| format!("{}{name}=", if index > 0 { "; " } else { "" }))
        .collect();
    let pieces: Vec<Piece<'_>> = starts
        .iter()
        .zip(&variables)
        .flat_map(|(start, variable)| [Piece::Literal(start), Piece::Variable(variable)])
        .collect();
    quote_pieces(&pieces)
}

fn render_body(words: &mut Vec<String>, request: &Request) {
    let body = &request.body;
    if body.size == 0 {
        return;
    }
    let media_type = request.headers.get("content-type").unwrap_or("");
    if media_type.is_empty() {
        // Or curl would call it a form.
        words.extend(["-H".to_owned(), "content-type:".to_owned()]);
    }
    if is_cut(body) || media_type.starts_with("multipart/") {
        words.extend(["--data-binary".to_owned(), "@body".to_owned()]);
    } else if media_type.starts_with("application/x-www-form-urlencoded") {
        for pair in body.excerpt.split('&') {
            render_pair(words, pair);
        }
    } else {
        words.extend(["--data-raw".to_owned(), quote(&body.excerpt)]);
    }
}

/// Whether the excerpt is not the whole body. Where secrets were masked, their length cannot be told any more.
fn is_cut(body: &Body) -> bool {
    const EXCERPT: u64 = 2_000;
    let masked = first_mask(&body.excerpt).is_some();
    body.excerpt.is_empty() || body.size > EXCERPT && (masked || (body.excerpt.len() as u64) < body.size)
}

/// A secret in a form must be encoded by curl, since only the shell knows it.
fn render_pair(words: &mut Vec<String>, pair: &str) {
    if first_mask(pair).is_none() {
        words.extend(["--data-raw".to_owned(), quote(pair)]);
        return;
    }
    let (name, value) = pair.split_once('=').unwrap_or(("", pair));
    let decoded: Vec<(bool, String)> = split_masks(value)
        .into_iter()
        .map(|piece| match piece {
            Piece::Literal(text) => {
                (false, percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned())
            }
            Piece::Variable(variable) => (true, variable.to_owned()),
        })
        .collect();
    let start = format!("{name}=");
    let mut pieces = vec![Piece::Literal(&start)];
    pieces.extend(
        decoded.iter().map(
            |(is_variable, text)| {
                if *is_variable { Piece::Variable(text) } else { Piece::Literal(text) }
            },
        ),
    );
    words.extend(["--data-urlencode".to_owned(), quote_pieces(&pieces)]);
}

fn first_mask(text: &str) -> Option<&str> {
    split_masks(text).into_iter().find_map(|piece| match piece {
        Piece::Variable(name) => Some(name),
        Piece::Literal(_) => None,
    })
}

fn named(start: &str, variable: &str) -> String {
    quote_pieces(&[Piece::Literal(start), Piece::Variable(variable)])
}

fn variable_name(name: &str) -> String {
    name.chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Headers;

    fn request(method: &str, headers: &[(&str, &str)], body: &str) -> Request {
        let headers = headers
            .iter()
            .map(|(name, value)| Header { name: (*name).to_owned(), value: (*value).to_owned() });
        Request {
            method: method.to_owned(),
            url: "https://a.example/x?y=1&z=2".to_owned(),
            headers: Headers(headers.collect()),
            body: Body::of_text(body),
        }
    }

    #[test]
    fn a_plain_request_is_short() {
        assert_eq!(render_curl(&request("GET", &[], ""), false), "curl -sS -i 'https://a.example/x?y=1&z=2'");
    }

    #[test]
    fn no_cookie_and_no_credential_is_ever_shown() {
        let headers = [
            ("cookie", "sessionid=abc123; __Host-x=def456; HOME=ghi789"),
            ("authorization", "Bearer jkl012"),
            ("proxy-authorization", "Basic mno345"),
            ("x-csrf-token", "pqr678"),
        ];
        let line = render_curl(&request("GET", &headers, ""), true);
        for value in ["abc123", "def456", "ghi789", "jkl012", "mno345", "pqr678"] {
            assert!(!line.contains(value), "{line}");
        }
        assert!(line.contains("-k"), "{line}");
        assert!(
            line.contains(
                r#"-b "sessionid=$COOKIE_sessionid; __Host-x=$COOKIE___Host_x; HOME=$COOKIE_HOME""#
            ),
            "{line}"
        );
        assert!(line.contains(r#"-H "Authorization: Bearer $AUTHORIZATION""#), "{line}");
        assert!(line.contains(r#"-H "x-csrf-token: $X_CSRF_TOKEN""#), "{line}");
    }

    #[test]
    fn secrets_are_variables_wherever_they_stood() {
        let headers = [
            ("authorization", "Basic {{ secret.STAGING_PASSWORD }}"),
            ("x-staging-key", "{{ secret.STAGING_KEY }}"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let line = render_curl(&request("POST", &headers, "user=a%40b&password=x%21{{ secret.PW }}"), false);
        assert!(line.contains(r#"-u "$STAGING_PASSWORD_USER:$STAGING_PASSWORD""#), "{line}");
        assert!(line.contains(r#"-H "x-staging-key: $STAGING_KEY""#), "{line}");
        assert!(line.ends_with(r#"--data-raw user=a%40b --data-urlencode password='x!'"$PW""#), "{line}");
    }

    #[test]
    fn a_body_that_is_not_known_whole_comes_from_a_file() {
        let line = render_curl(&request("PUT", &[], &"x".repeat(3_000)), false);
        assert!(line.contains("-X PUT") && line.ends_with("--data-binary @body"), "{line}");
    }
}
