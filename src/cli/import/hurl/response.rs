//! The expected answer of an entry as expectations and captures.

use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::file::{Body, Capture, Content, Response};
use super::looked::look;
use super::predicate::{build_check, write_hex};
use super::request::without_marks;
use super::text::Texts;
use crate::cli::import::fit::{capture_fits, fits};
use crate::cli::import::model::{ImportedCheck, escape_template};
use crate::cli::import::write::to_toml;

/// What became of an answer.
#[derive(Default)]
pub(super) struct Found {
    pub(super) checks: Vec<ImportedCheck>,
    /// What is said of the certificate, for a step of its own.
    pub(super) certificate: Vec<ImportedCheck>,
    pub(super) captures: Vec<(String, Json)>,
}

/// Translates what is expected; what cannot be carried over is noted.
pub(super) fn translate(response: Option<&Response>, action: &'static str, texts: &mut Texts) -> Found {
    let mut found = Found::default();
    let Some(response) = response else { return found };
    texts.at(response.line);
    if let Some(status) = response.status {
        add(&mut found, action, plain(&["status"], json!(status)), texts);
    }
    if let Some(version) = &response.version {
        add(&mut found, action, plain(&["http_version"], json!(format!("HTTP/{version}"))), texts);
    }
    for pair in &response.headers {
        texts.at(pair.line);
        let name = texts.text(&pair.name);
        let value = texts.link(&pair.value);
        add(&mut found, action, plain(&["header", &name], json!(value)), texts);
    }
    for assert in &response.asserts {
        texts.at(assert.line);
        let check = look(&assert.query, texts)
            .and_then(|looked| Ok((looked.is_certificate, build_check(assert, &looked, texts)?)));
        match check {
            Ok((false, check)) => add(&mut found, action, check, texts),
            Ok((true, check)) => match fits("tls", &check) {
                Ok(()) => found.certificate.push(check),
                Err(reason) => texts.note(left_out(&reason)),
            },
            Err(reason) => texts.note(left_out(&reason)),
        }
    }
    for capture in &response.captures {
        texts.at(capture.line);
        if let Err(reason) = add_capture(&mut found, action, capture, texts) {
            texts.note(format!("the capture `{}` is left out: {reason}", capture.name));
        }
    }
    if let Some(body) = &response.body {
        texts.at(body.line);
        expect_body(&mut found, action, body, texts);
    }
    found
}

fn left_out(reason: &str) -> String {
    format!("the assertion is left out: {reason}")
}

fn plain(subject: &[&str], value: Json) -> ImportedCheck {
    let subject = subject.iter().map(|&part| part.to_owned()).collect();
    ImportedCheck { subject, predicate: "equals".to_owned(), value }
}

/// Adds a check that the reader takes.
fn add(found: &mut Found, action: &'static str, check: ImportedCheck, texts: &mut Texts) {
    match fits(action, &check) {
        Ok(()) => found.checks.push(check),
        Err(reason) => texts.note(left_out(&reason)),
    }
}

fn add_capture(
    found: &mut Found,
    action: &'static str,
    capture: &Capture,
    texts: &mut Texts,
) -> Result<(), String> {
    let looked = look(&capture.query, texts)?;
    if looked.is_counted || looked.is_bytes || looked.is_certificate || looked.encoding.is_some() {
        return Err("it keeps something that has no counterpart".to_owned());
    }
    let subject = looked.written();
    let from = match &looked.pattern {
        Some(pattern) => json!({ "from": subject, "pattern": pattern }),
        None => Json::String(subject),
    };
    capture_fits(action, "captured", &from)?;
    let name = texts.capture(&capture.name);
    found.captures.push((name, from));
    Ok(())
}

/// What stands below the assertions is the whole body.
fn expect_body(found: &mut Found, action: &'static str, body: &Body, texts: &mut Texts) {
    let check = match &body.content {
        Content::Json(document) => plain(&["json", "$"], without_marks(&texts.json(document))),
        Content::Text { text, is_literal: true } => plain(&["body"], Json::String(escape_template(text))),
        Content::Xml(text) | Content::Text { text, is_literal: false } => {
            plain(&["body"], Json::String(texts.text(text)))
        }
        Content::Bytes(bytes) => plain(&["sha256"], Json::String(write_hex(&Sha256::digest(bytes)))),
        Content::File(name) => return texts.note(left_out(&format!("the file {name} is not compared"))),
        Content::GraphQl { .. } => return texts.note(left_out("an answer is no GraphQL query")),
    };
    if to_toml(&check.value).is_none() {
        return texts.note(left_out("TOML has no `null`"));
    }
    add(found, action, check, texts);
}
