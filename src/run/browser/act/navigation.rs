//! Going to addresses, and what a browser calls the ways they fail.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};
use tokio::time::Instant;
use url::Url;

use crate::evidence::{Cause, PageState, Phase, SubResource, TlsReason, round_milliseconds};
use crate::run::browser::BrowserKind;
use crate::run::browser::bidi::BidiError;
use crate::run::browser::failure;
use crate::run::browser::visitor::Visitor;
use crate::run::browser::worker::Worker;
use crate::verdict::StepError;

#[expect(clippy::expect_used, reason = "the pattern is constant, and a test uses it")]
static CODE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"net::ERR_\w+|NS_ERROR_\w+|(?:SEC|SSL|MOZILLA_PKIX)_ERROR_\w+").expect("a valid pattern")
});

/// Goes to an address and waits until the page has loaded.
pub(in crate::run::browser) async fn open(
    worker: &mut Worker,
    visitor: &mut Visitor,
    url: &str,
    deadline: Instant,
) -> Result<(), StepError> {
    let base = &worker.settings.base;
    let address = base.join(url).map_err(|error| {
        StepError::harness(Cause::Spec { detail: format!("{url:?} is not a valid URL: {error}") })
    })?;
    let parameters = json!({ "context": visitor.context, "url": address, "wait": "complete" });
    navigate(worker, visitor, "browsingContext.navigate", parameters, address.as_str(), deadline).await
}

/// Loads the page again.
pub(in crate::run::browser) async fn reload(
    worker: &mut Worker,
    visitor: &mut Visitor,
    deadline: Instant,
) -> Result<(), StepError> {
    let parameters = json!({ "context": visitor.context, "wait": "complete" });
    navigate(worker, visitor, "browsingContext.reload", parameters, "the page", deadline).await
}

/// A step in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::run::browser) enum Traversal {
    Back,
    Forward,
}

/// Goes one step in the history. The look that follows waits until the page is there.
pub(in crate::run::browser) async fn traverse(
    worker: &mut Worker,
    visitor: &mut Visitor,
    traversal: Traversal,
    deadline: Instant,
) -> Result<(), StepError> {
    worker.watch.begin_navigation(&visitor.context);
    let started = Instant::now();
    let (delta, name, where_to) = match traversal {
        Traversal::Back => (-1, "back", "before"),
        Traversal::Forward => (1, "forward", "after"),
    };
    let parameters = json!({ "context": visitor.context, "delta": delta });
    match worker.bidi.command("browsingContext.traverseHistory", parameters, deadline).await {
        Ok(_) => Ok(()),
        Err(BidiError::Remote { code, .. }) if code == "no such history entry" => {
            let reason = format!("there is no page {where_to} this one in the history");
            Err(StepError::target(Cause::Element { locator: name.to_owned(), reason }))
        }
        Err(BidiError::TimedOut) => Err(timed_out(worker, visitor, started)),
        Err(error) => Err(failure::bidi_error(&error)),
    }
}

async fn navigate(
    worker: &mut Worker,
    visitor: &mut Visitor,
    method: &str,
    parameters: Value,
    address: &str,
    deadline: Instant,
) -> Result<(), StepError> {
    worker.watch.begin_navigation(&visitor.context);
    let started = Instant::now();
    let answer = worker.bidi.command(method, parameters, deadline).await;
    visitor.has_page = true;
    match answer {
        // Firefox answers so for a download, too, and the page before stays.
        Ok(_) if worker.settings.kind == BrowserKind::Firefox => {
            worker.flush(&visitor.context, deadline).await;
            let seen = worker.watch.peek(&visitor.context);
            match seen.document {
                Some(document) if seen.is_download => Err(navigation_error("", Some(&document), address)),
                _ => Ok(()),
            }
        }
        Ok(_) => Ok(()),
        Err(BidiError::TimedOut) => Err(timed_out(worker, visitor, started)),
        Err(BidiError::Remote { message, .. }) => {
            worker.flush(&visitor.context, deadline).await;
            let seen = worker.watch.peek(&visitor.context);
            // The page went elsewhere by itself before it was whole: the look that follows waits for where that is.
            if message.contains("concurrent navigation") && !seen.is_download {
                return Ok(());
            }
            if let Some(refused) = seen.refused {
                let cause = Cause::WebDriver { code: "invalid argument".to_owned(), detail: refused.clone() };
                return Err(StepError::harness(cause)
                    .message(refused)
                    .help("take it out of the target's `headers`, or run in the other browser"));
            }
            let is_answered = seen.document.as_ref().is_some_and(|document| document.status >= Some(400));
            if is_answered || message.contains("ERR_HTTP_RESPONSE_CODE_FAILURE") {
                // An answer without a body gets a page of the browser's own; it is judged by its status.
                return Ok(());
            }
            Err(navigation_error(&message, seen.document.as_ref(), address))
        }
        Err(error) => Err(failure::bidi_error(&error)),
    }
}

/// The page did not come within the step's time.
fn timed_out(worker: &mut Worker, visitor: &Visitor, started: Instant) -> StepError {
    // Classic commands would wait for the page, too.
    worker.is_poisoned = true;
    let limit_ms = round_milliseconds(started.elapsed());
    let cause = Cause::Timeout { phase: Phase::Navigation, limit_ms };
    StepError::target(cause).message(describe_timeout(&worker.watch.pending(&visitor.context), limit_ms))
}

fn describe_timeout(pending: &[String], limit_ms: f64) -> String {
    let seconds = limit_ms / 1000.0;
    match pending {
        [] => format!("the page did not finish loading within {seconds:.1} s"),
        [one] => format!("the page did not finish loading within {seconds:.1} s: it still waits for {one}"),
        [first, rest @ ..] => format!(
            "the page did not finish loading within {seconds:.1} s: it still waits for {first} and {} more",
            rest.len()
        ),
    }
}

fn navigation_error(message: &str, document: Option<&SubResource>, address: &str) -> StepError {
    // Firefox wraps the code of the TLS library: `NS_ERROR_GENERATE_FAILURE(NS_ERROR_MODULE_SECURITY, SEC_ERROR_...)`.
    let mut codes = CODE.find_iter(message).map(|found| found.as_str());
    let first = codes.next();
    let code = codes.find(|code| !code.starts_with("NS_ERROR_")).or(first);
    let status = document.and_then(|document| document.status);
    if matches!(code, None | Some("net::ERR_ABORTED" | "NS_BINDING_ABORTED")) && document.is_some() {
        // Chromium does not always tell the status of what it then gives up.
        let what = match status {
            Some(204) => "the answer (204) has no content".to_owned(),
            Some(status) => format!("the answer ({status}) is a download"),
            None => "the answer has no content (204), or is a download".to_owned(),
        };
        let cause = Cause::Navigation { code: code.unwrap_or("aborted").to_owned() };
        return StepError::target(cause).message(format!("{address} gives no page: {what}"));
    }
    let url = document.map_or(address, |document| document.url.as_str());
    let cause = code.map_or_else(
        || Cause::Navigation { code: failure::first_line(message).to_owned() },
        |code| cause_of(code, url),
    );
    StepError::reaching(cause)
}

/// Why the browser shows its own error page; none where it does so for an answer without a body, which is judged by
/// its status.
pub(in crate::run::browser) fn error_page_cause(
    document: Option<&SubResource>,
    status: Option<u16>,
    url: &str,
) -> Option<Cause> {
    if status.is_some_and(|status| status >= 400) {
        return None;
    }
    let Some(document) = document else {
        return Some(Cause::Navigation { code: "error page".to_owned() });
    };
    Some(match &document.error {
        Some(error) => cause_of(error, &document.url),
        None => Cause::Navigation { code: format!("error page at {url}") },
    })
}

/// A page that the browser could not load is an error and not a page.
pub(in crate::run::browser) fn judge_page(page: PageState) -> Result<PageState, StepError> {
    match page.error.clone() {
        Some(cause) => Err(StepError::reaching(cause)),
        None => Ok(page),
    }
}

/// The browser's own name for a failed navigation, as the cause that HTTP steps would give.
fn cause_of(code: &str, address: &str) -> Cause {
    let url = Url::parse(address).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or(address).to_owned();
    let port = url.as_ref().and_then(Url::port_or_known_default).unwrap_or(80);
    let io =
        |error: &str, phase| Cause::Io { error: error.to_owned(), phase, place: format!("{host}:{port}") };
    let tls = |reason| Cause::Tls { reason, detail: code.to_owned() };
    match code {
        "net::ERR_NAME_NOT_RESOLVED" | "NS_ERROR_UNKNOWN_HOST" => Cause::NoAddress { host },
        "net::ERR_CONNECTION_REFUSED" | "NS_ERROR_CONNECTION_REFUSED" => {
            io("ConnectionRefused", Phase::Connect)
        }
        "net::ERR_CONNECTION_RESET" | "NS_ERROR_NET_RESET" => io("ConnectionReset", Phase::Answer),
        "net::ERR_CONNECTION_TIMED_OUT" | "net::ERR_TIMED_OUT" | "NS_ERROR_NET_TIMEOUT" => {
            io("TimedOut", Phase::Connect)
        }
        "net::ERR_ADDRESS_UNREACHABLE" => io("HostUnreachable", Phase::Connect),
        "net::ERR_EMPTY_RESPONSE" | "net::ERR_CONNECTION_CLOSED" | "NS_ERROR_NET_INTERRUPT" => Cause::Closed,
        "net::ERR_TOO_MANY_REDIRECTS" | "NS_ERROR_REDIRECT_LOOP" => Cause::RedirectLoop { followed: 20 },
        "net::ERR_INVALID_HTTP_RESPONSE" | "net::ERR_INVALID_RESPONSE" => {
            Cause::Protocol { detail: code.to_owned() }
        }
        "net::ERR_CERT_DATE_INVALID" | "SEC_ERROR_EXPIRED_CERTIFICATE" => tls(TlsReason::Expired),
        "net::ERR_CERT_COMMON_NAME_INVALID" | "SSL_ERROR_BAD_CERT_DOMAIN" => tls(TlsReason::WrongName),
        "net::ERR_CERT_AUTHORITY_INVALID" | "SEC_ERROR_UNKNOWN_ISSUER" => tls(TlsReason::Untrusted),
        "net::ERR_CERT_REVOKED" | "SEC_ERROR_REVOKED_CERTIFICATE" => tls(TlsReason::Revoked),
        "net::ERR_SSL_PROTOCOL_ERROR" | "SSL_ERROR_RX_RECORD_TOO_LONG" => tls(TlsReason::NotTls),
        _ if code.contains("CERT") || code.contains("SSL") => tls(TlsReason::Other),
        _ => Cause::Navigation { code: code.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browsers_name_for_a_failure_becomes_the_cause_that_http_gives() {
        let error = navigation_error("net::ERR_CONNECTION_REFUSED", None, "http://127.0.0.1:1/");
        assert!(error.cause.is_unreachable(), "{error:?}");
        assert!(error.message.contains("127.0.0.1:1"), "{}", error.message);
        let error = navigation_error("Error: NS_ERROR_UNKNOWN_HOST", None, "http://nowhere.invalid/");
        assert_eq!(error.cause, Cause::NoAddress { host: "nowhere.invalid".to_owned() });
    }

    #[test]
    fn what_is_still_awaited_is_told() {
        let pending = ["http://h/slow.js".to_owned(), "http://h/x.png".to_owned()];
        assert_eq!(
            describe_timeout(&pending, 2_000.0),
            "the page did not finish loading within 2.0 s: it still waits for http://h/slow.js and 1 more"
        );
    }
}
