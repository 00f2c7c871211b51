//! A server's certificate, read for people.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;
use x509_parser::time::ASN1Time;

use crate::evidence::Certificate;

/// Certificates that were shown, read once each, and how many the server sent with them.
#[derive(Debug, Default)]
pub(in crate::run) struct ShownCertificates {
    by_leaf: Mutex<HashMap<Vec<u8>, Option<Certificate>>>,
}

impl ShownCertificates {
    /// Remembers what a server sent in a handshake: its own certificate (DER) and how many with it.
    pub(super) fn remember(&self, leaf: &[u8], chain_length: usize) {
        let mut known = self.by_leaf.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.contains_key(leaf) {
            known.insert(leaf.to_vec(), read_certificate(leaf, chain_length));
        }
    }

    /// The certificate for people; none if it cannot be read.
    pub(in crate::run) fn find(&self, leaf: &[u8]) -> Option<Certificate> {
        let known = self.by_leaf.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(leaf).cloned().flatten()
    }
}

/// Reads a certificate in DER.
pub(in crate::run) fn read_certificate(der: &[u8], chain_length: usize) -> Option<Certificate> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let names = certificate.subject_alternative_name().ok().flatten();
    Some(Certificate {
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        names: names
            .map(|extension| extension.value.general_names.iter().filter_map(read_name).collect())
            .unwrap_or_default(),
        not_before: write_time(certificate.validity().not_before),
        not_after: write_time(certificate.validity().not_after),
        chain_length,
    })
}

/// Whether a certificate in DER names itself as its issuer.
pub(super) fn is_self_issued(der: &[u8]) -> bool {
    X509Certificate::from_der(der)
        .is_ok_and(|(_, certificate)| certificate.subject().as_raw() == certificate.issuer().as_raw())
}

/// Whether a time, in seconds since 1970, lies in the validity of a certificate in DER.
pub(super) fn is_valid_at(der: &[u8], seconds: u64) -> bool {
    let at = i64::try_from(seconds).unwrap_or(i64::MAX);
    X509Certificate::from_der(der).is_ok_and(|(_, certificate)| {
        let validity = certificate.validity();
        (validity.not_before.timestamp()..=validity.not_after.timestamp()).contains(&at)
    })
}

fn read_name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let address = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            address.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from)).ok().map(|ip| ip.to_string())
        }
        _ => None,
    }
}

fn write_time(time: ASN1Time) -> String {
    Timestamp::from_second(time.timestamp()).map_or_else(|_| String::new(), |at| at.to_string())
}
