//! DNS, connections and TLS: by the typed causes of what did not come to its end.

use super::{Certainty, Diagnosis, Memory, StepFacts};
use crate::evidence::{BodyEnd, Cause, Certificate, Evidence, Exchange, Phase, TlsReason};

/// Authorities whose root every browser has: without the intermediate one, a chain to them is incomplete.
const PUBLIC_AUTHORITIES: &[&str] = &[
    "Let's Encrypt",
    "DigiCert",
    "Sectigo",
    "GlobalSign",
    "GoDaddy",
    "Amazon",
    "Google Trust Services",
    "ZeroSSL",
    "Entrust",
    "Certum",
    "Actalis",
    "Buypass",
    "GEANT",
    "HARICA",
    "SwissSign",
    "Thawte",
    "RapidSSL",
    "GeoTrust",
    "COMODO",
    "USERTrust",
    "IdenTrust",
    "SSL.com",
    "Microsoft",
];

/// A name without address, a connection that does not come about, a handshake that fails, an answer without end.
pub(super) fn diagnose_network(step: &StepFacts<'_>, before: &Memory) -> Option<Diagnosis> {
    if let Some(Evidence::Lookup(lookup)) = step.evidence
        && step.failed_checks().any(|check| matches!(check.subject.as_str(), "addresses" | "cname"))
        && !lookup.addresses.is_empty()
    {
        let seen = format!("{} has {}", lookup.host, lookup.addresses.join(", "));
        return Some(Diagnosis::of("dns.elsewhere", Certainty::Certain, "").seen(seen));
    }
    let cause = find_cause(step)?;
    let (code, certainty) = code_of(cause, step, before)?;
    let what = match cause {
        Cause::Tls { reason: TlsReason::Expired, .. } => "it has expired",
        Cause::Tls { reason: TlsReason::NotYetValid, .. } => "its time has not begun",
        _ => "",
    };
    let mut diagnosis = Diagnosis::of(code, certainty, what);
    diagnosis.is_elsewhere = find_address(step).is_some_and(|url| before.is_elsewhere(url));
    // The step tells the cause in words; here it stands by its own name.
    let told = match cause {
        Cause::Io { error, place, .. } if error == "ConnectionRefused" => {
            format!("connection refused at {place}")
        }
        Cause::Io { error, place, .. } => format!("{error}, {place}"),
        other => other.to_string(),
    };
    if let Some(hop) = step.exchanges().filter_map(|exchange| exchange.last()).last() {
        diagnosis = diagnosis.seen(format!("{} {}: {told}", hop.request.method, hop.request.url));
    } else if matches!(step.action, "dns" | "tcp" | "tls") {
        // Its name says what was to be seen, the cause what was.
        diagnosis = diagnosis.seen(told);
    } else {
        diagnosis = diagnosis.seen(format!("{}: {told}", step.name));
    }
    if let Some(certificate) = find_certificate(step).filter(|_| matches!(cause, Cause::Tls { .. })) {
        diagnosis = diagnosis.seen(tell_certificate(certificate));
        // Whether an authority that is not known signs by itself or for another one is not to be seen.
        if code == "tls.untrusted" && is_sent_alone(certificate) {
            diagnosis = diagnosis.with_advice().advise(
                "if an authority that is trusted stands behind its issuer, let the server send the full chain",
            );
        }
    }
    Some(diagnosis)
}

/// Whether something of the same step was answered: the page of its form, a redirect.
fn has_answered(step: &StepFacts<'_>) -> bool {
    step.exchanges().flat_map(|exchange| &exchange.hops).any(|hop| hop.response.is_some())
}

/// The address that it is about.
fn find_address<'a>(step: &StepFacts<'a>) -> Option<&'a str> {
    match step.evidence? {
        Evidence::Page(page) => Some(&page.url),
        other => other.exchange().map(Exchange::url),
    }
}

fn find_cause<'a>(step: &StepFacts<'a>) -> Option<&'a Cause> {
    let own = step.error.map(|error| &error.cause);
    own.or_else(|| match step.evidence? {
        Evidence::Lookup(lookup) => lookup.cause.as_ref(),
        Evidence::Page(page) => page.error.as_ref(),
        other => other.exchange()?.last()?.cause.as_ref(),
    })
}

/// The code of a cause, and how sure it is.
pub(super) fn code_of(
    cause: &Cause,
    step: &StepFacts<'_>,
    before: &Memory,
) -> Option<(&'static str, Certainty)> {
    use Certainty::{Certain, Probable};
    Some(match cause {
        // Browsers say the same where no name server answers.
        Cause::NoAddress { .. } if is_in_browser(step) => ("dns.no_record", Probable),
        Cause::NoAddress { .. } => ("dns.no_record", Certain),
        Cause::Lookup { .. } | Cause::Io { phase: Phase::Lookup, .. } => ("harness.offline", Probable),
        Cause::NameServer { .. } => ("dns.broken", Probable),
        Cause::Io { error, phase, .. } => match error.as_str() {
            "ConnectionRefused" => ("network.refused", Certain),
            "ConnectionReset" => ("network.reset", Certain),
            "BrokenPipe" | "ConnectionAborted" | "UnexpectedEof" => ("network.closed", Certain),
            "TimedOut" => ("network.timeout", Certain),
            "HostUnreachable" => ("network.timeout", Probable),
            "NetworkUnreachable" | "NetworkDown" if *phase == Phase::Connect => ("harness.offline", Probable),
            _ => return None,
        },
        Cause::Closed => ("network.closed", Certain),
        Cause::Timeout { phase, .. } => match phase {
            Phase::Connect | Phase::Tls => ("network.timeout", Certain),
            Phase::Lookup => ("harness.offline", Probable),
            Phase::Body => ("network.endless", Probable),
            Phase::Answer | Phase::Navigation if before.has_answered() || has_answered(step) => {
                ("speed.slow", Probable)
            }
            Phase::Answer => ("network.timeout", Probable),
            _ => return None,
        },
        Cause::Body { end: BodyEnd::TooLarge, .. } => ("network.endless", Certain),
        // An answer that says how long it is has an end.
        Cause::Body { end: BodyEnd::TimedOut, .. } if has_length(step) => ("speed.slow", Probable),
        Cause::Body { end: BodyEnd::TimedOut, .. } => ("network.endless", Probable),
        Cause::Body { end: BodyEnd::Truncated, .. } => ("network.closed", Probable),
        Cause::Tls { reason, .. } => code_of_tls(*reason, find_certificate(step))?,
        Cause::Navigation { code } => match code.as_str() {
            "net::ERR_EMPTY_RESPONSE" | "net::ERR_CONNECTION_CLOSED" => ("network.closed", Certain),
            "net::ERR_CONNECTION_RESET" | "NS_ERROR_NET_RESET" => ("network.reset", Certain),
            "net::ERR_CONNECTION_REFUSED" | "NS_ERROR_CONNECTION_REFUSED" => ("network.refused", Certain),
            "net::ERR_CONNECTION_TIMED_OUT" | "net::ERR_TIMED_OUT" | "NS_ERROR_NET_TIMEOUT" => {
                ("network.timeout", Certain)
            }
            "net::ERR_NAME_NOT_RESOLVED" | "NS_ERROR_UNKNOWN_HOST" => ("dns.no_record", Probable),
            "net::ERR_INTERNET_DISCONNECTED" | "NS_ERROR_OFFLINE" => ("harness.offline", Certain),
            _ => return None,
        },
        _ => return None,
    })
}

fn is_in_browser(step: &StepFacts<'_>) -> bool {
    matches!(step.evidence, Some(Evidence::Page(_))) || step.action == "open"
}

/// Whether the last answer says how long it is.
fn has_length(step: &StepFacts<'_>) -> bool {
    let last = step.exchanges().filter_map(Exchange::response).last();
    last.is_some_and(|response| response.headers.get("content-length").is_some())
}

fn code_of_tls(reason: TlsReason, shown: Option<&Certificate>) -> Option<(&'static str, Certainty)> {
    use Certainty::{Certain, Probable};
    Some(match reason {
        TlsReason::Expired | TlsReason::NotYetValid => ("tls.expired", Certain),
        TlsReason::WrongName => ("tls.wrong_name", Certain),
        TlsReason::Untrusted if shown.is_some_and(is_chain_incomplete) => ("tls.incomplete_chain", Probable),
        TlsReason::Untrusted | TlsReason::Revoked => ("tls.untrusted", Certain),
        TlsReason::Alert | TlsReason::NotTls | TlsReason::Other => return None,
    })
}

/// Sent alone, and issued by an authority that has intermediate certificates.
fn is_chain_incomplete(certificate: &Certificate) -> bool {
    let issuer = &certificate.issuer;
    let has_intermediate = issuer.contains("ntermediate")
        || PUBLIC_AUTHORITIES.iter().any(|authority| issuer.contains(authority));
    is_sent_alone(certificate) && has_intermediate
}

/// Whether the server sent its own certificate and none of those who vouch for it.
fn is_sent_alone(certificate: &Certificate) -> bool {
    certificate.chain_length == 1 && certificate.issuer != certificate.subject
}

fn find_certificate<'a>(step: &StepFacts<'a>) -> Option<&'a Certificate> {
    if let Some(Evidence::Connection(connection)) = step.evidence {
        return connection.tls.as_ref()?.certificate();
    }
    step.exchanges().filter_map(|exchange| exchange.last()?.certificate.as_ref()).last()
}

fn tell_certificate(certificate: &Certificate) -> String {
    let sent = if certificate.chain_length == 1 { ", sent alone" } else { "" };
    format!(
        "certificate for {}, by {}, valid from {} to {}{sent}",
        certificate.names.join(", "),
        certificate.issuer,
        certificate.not_before,
        certificate.not_after
    )
}
