//! What is wrong with an asset. Pure.

use url::Url;

use super::discover::NamedAsset;
use super::integrity::find_mismatch;
use super::media_types::{expected_type, is_fitting, is_html_page};
use crate::diagnose::{find_development_host, is_loopback};
use crate::evidence::{Asset, AssetFault, AssetKind, BodyEnd, Cause, Evidence, Exchange, Response};
use crate::run::outcome::Outcome;

/// What is wrong with an address in itself, whatever is behind it.
pub(super) fn judge_address(page: &Url, url: &Url) -> Vec<AssetFault> {
    let mut faults = Vec::new();
    if let Some(host) = find_development_host(page, url) {
        faults.push(AssetFault::DevAddress { host });
    }
    // Browsers take loopback for secure (W3C Secure Contexts, section 3.1).
    if page.scheme() == "https" && url.scheme() == "http" && !is_loopback(url) {
        faults.push(AssetFault::MixedContent);
    }
    faults
}

/// An asset that was not fetched.
pub(super) fn build_unfetched(named: &NamedAsset, third_party: bool, faults: Vec<AssetFault>) -> Asset {
    Asset {
        url: named.url.as_str().to_owned(),
        kind: named.kind,
        named_by: named.named_by.clone(),
        third_party,
        status: None,
        media_type: None,
        size: 0,
        total_ms: 0.0,
        faults,
    }
}

/// Judges what came. `integrity` holds the values of all attributes that name this asset.
pub(super) fn judge_fetched(
    named: &NamedAsset,
    third_party: bool,
    integrity: &[String],
    outcome: &Outcome,
) -> Asset {
    let mut asset = build_unfetched(named, third_party, Vec::new());
    let exchange = match &outcome.evidence {
        Some(Evidence::Exchange(exchange)) => Some(exchange),
        _ => None,
    };
    asset.total_ms = exchange.map_or(0.0, |exchange| exchange.total_ms);
    let response = exchange.and_then(Exchange::response);
    if let Some(response) = response {
        asset.status = Some(response.status);
        asset.media_type = Some(response.media_type()).filter(|media_type| !media_type.is_empty());
        asset.size = response.body.size;
    }
    let cause = outcome.error.as_ref().map(|error| error.cause.clone());
    asset.faults = match (response, cause) {
        (Some(response), cause) if is_answer(cause.as_ref()) => {
            judge_response(named.kind, integrity, response)
        }
        (_, Some(cause)) => vec![AssetFault::Unreachable { cause }],
        (_, None) => vec![AssetFault::Unreachable { cause: Cause::Closed }],
    };
    asset
}

/// Whether an answer came, even if its body did not end well.
fn is_answer(cause: Option<&Cause>) -> bool {
    match cause {
        None => true,
        Some(Cause::Body { end, .. }) => *end != BodyEnd::TimedOut,
        Some(_) => false,
    }
}

fn judge_response(kind: AssetKind, integrity: &[String], response: &Response) -> Vec<AssetFault> {
    if response.status >= 400 {
        return vec![AssetFault::Status { status: response.status }];
    }
    match response.body.end {
        BodyEnd::Truncated => return vec![AssetFault::Truncated],
        BodyEnd::Undecodable => return vec![AssetFault::Undecodable],
        // Of sound and film the beginning is enough.
        BodyEnd::TooLarge if kind != AssetKind::Media => return vec![AssetFault::TooLarge],
        _ => {}
    }
    if response.body.size == 0 {
        return vec![AssetFault::Empty];
    }
    let mut faults: Vec<AssetFault> = judge_type(kind, response).into_iter().collect();
    for expected in integrity {
        if let Some(actual) = find_mismatch(expected, &response.body.bytes) {
            faults.push(AssetFault::Integrity { expected: expected.clone(), actual });
        }
    }
    faults
}

fn judge_type(kind: AssetKind, response: &Response) -> Option<AssetFault> {
    let expected = expected_type(kind)?;
    let media_type = response.media_type();
    let bytes = &response.body.bytes;
    if matches!(media_type.as_str(), "text/html" | "application/xhtml+xml") || is_html_page(bytes) {
        return Some(AssetFault::HtmlInstead);
    }
    let options = response.headers.get("x-content-type-options").unwrap_or("");
    let nosniff = options.split(',').next().is_some_and(|word| word.trim().eq_ignore_ascii_case("nosniff"));
    (!is_fitting(kind, &media_type, bytes, nosniff)).then(|| AssetFault::WrongType {
        media_type,
        expected: expected.to_owned(),
        nosniff,
    })
}
