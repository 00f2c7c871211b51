//! An error chain into a typed cause: by the errors' types, never by their texts.

use std::error::Error;
use std::io;

use rustls::{CertificateError, Error as TlsError};

use super::resolver::LookupFailure;
use crate::evidence::{Cause, Phase, TlsReason};

/// The typed cause at the root of an error chain, in the phase in which it came. `place` is the `ip:port` that was
/// talked to.
pub(in crate::run) fn read_cause(error: &(dyn Error + 'static), phase: Phase, place: &str) -> Cause {
    let mut io_kind = None;
    let mut is_http = false;
    let mut next = Some(error);
    let mut last = error;
    while let Some(error) = next {
        last = error;
        if let Some(LookupFailure(cause)) = error.downcast_ref() {
            return cause.clone();
        }
        if let Some(error) = error.downcast_ref::<TlsError>() {
            return tls_cause(error);
        }
        if let Some(error) = error.downcast_ref::<hyper::Error>() {
            if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
                return Cause::Closed;
            }
            is_http = true;
        }
        // The error inside an `io::Error` is not its source but what it stands for; its own source is one below.
        next = match error.downcast_ref::<io::Error>() {
            Some(error) => {
                io_kind = Some(error.kind());
                error.get_ref().map(|inner| inner as &(dyn Error + 'static))
            }
            None => error.source(),
        };
    }
    match io_kind {
        Some(kind) => Cause::Io { error: format!("{kind:?}"), phase, place: place.to_owned() },
        None if is_http => Cause::Protocol { detail: last.to_string() },
        None => Cause::Protocol { detail: write_chain(error) },
    }
}

/// What is wrong in a TLS handshake.
pub(super) fn tls_cause(error: &TlsError) -> Cause {
    let reason = match error {
        TlsError::InvalidCertificate(error) => certificate_reason(error),
        TlsError::AlertReceived(_) => TlsReason::Alert,
        TlsError::InvalidMessage(_) => TlsReason::NotTls,
        _ => TlsReason::Other,
    };
    Cause::Tls { reason, detail: error.to_string() }
}

fn certificate_reason(error: &CertificateError) -> TlsReason {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsReason::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsReason::NotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TlsReason::WrongName
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => TlsReason::Untrusted,
        CertificateError::Revoked => TlsReason::Revoked,
        _ => TlsReason::Other,
    }
}

fn write_chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text.push_str(": ");
        text.push_str(&error.to_string());
        next = error.source();
    }
    text
}
