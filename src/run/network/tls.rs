//! `tls`: a handshake as HTTP makes it, and what the server showed.

use std::sync::Arc;
use std::time::Instant as Clock;

use jiff::Timestamp;
use rustls::ProtocolVersion;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

use super::milliseconds;
use super::tcp::Dialing;
use crate::evidence::{Cause, Certificate, Phase, TlsReason, TlsSession};
use crate::run::http::{HttpSettings, ShownCertificates, Trace, build_config, read_cause, read_certificate};
use crate::run::outcome::Outcome;
use crate::spec::action::NetworkPlace;
use crate::verdict::StepError;

/// Makes a handshake, and closes the connection. A certificate that is not trusted is the target's fault; what it
/// says is evidence all the same.
pub(super) async fn run_tls(settings: Arc<HttpSettings>, place: NetworkPlace, deadline: Instant) -> Outcome {
    let shown = Arc::new(ShownCertificates::default());
    let connector = match build_config(&settings, &shown) {
        Ok(config) => TlsConnector::from(Arc::new(config)),
        Err(error) => return Outcome::error(error),
    };
    let mut dialing = Dialing::new(place, deadline);
    let error = match dialing.connect(settings).await {
        Ok(stream) => shake_hands(&mut dialing, stream, &connector, &shown).await.err(),
        Err(cause) => Some(cause),
    };
    Outcome { evidence: Some(dialing.finish()), error: error.map(StepError::reaching) }
}

/// The public key of a server that is trusted.
pub(super) async fn find_trusted_key(
    settings: Arc<HttpSettings>,
    place: NetworkPlace,
    deadline: Instant,
) -> Option<Vec<u8>> {
    let shown = Arc::new(ShownCertificates::default());
    let connector = TlsConnector::from(Arc::new(build_config(&settings, &shown).ok()?));
    let name = ServerName::try_from(place.host.clone()).ok()?;
    let stream = Dialing::new(place, deadline).connect(settings).await.ok()?;
    // The certificate that we may have to show is for the host that a trace knows.
    let finished = timeout_at(deadline, Trace::default().scope(connector.connect(name, stream))).await;
    let stream = finished.ok()?.ok()?;
    let leaf = stream.get_ref().1.peer_certificates()?.first()?;
    let (_, certificate) = X509Certificate::from_der(leaf).ok()?;
    Some(certificate.public_key().raw.to_vec())
}

async fn shake_hands(
    dialing: &mut Dialing,
    stream: TcpStream,
    connector: &TlsConnector,
    shown: &ShownCertificates,
) -> Result<(), Cause> {
    let started = Clock::now();
    let name = ServerName::try_from(dialing.connection.host.clone()).map_err(|error| {
        let detail = format!("{}: {error}", dialing.connection.host);
        Cause::Tls { reason: TlsReason::Other, detail }
    })?;
    let trace = Trace::default();
    let finished = timeout_at(dialing.deadline, trace.scope(connector.connect(name, stream))).await;
    dialing.connection.timings.tls_ms = Some(milliseconds(started));
    let place = dialing.connection.address.clone().unwrap_or_default();
    let failure = match finished {
        Ok(Ok(stream)) => {
            let connection = stream.get_ref().1;
            let sent = connection.peer_certificates().unwrap_or_default();
            let certificates = sent.iter().filter_map(|der| read_certificate(der, sent.len())).collect();
            let protocol = connection.protocol_version().map(write_protocol);
            dialing.connection.tls = Some(build_session(protocol, certificates));
            return Ok(());
        }
        Ok(Err(error)) => read_cause(&error, Phase::Tls, &place),
        Err(_) => dialing.timeout(Phase::Tls),
    };
    if let Some(leaf) = trace.certificate().and_then(|leaf| shown.find(&leaf)) {
        dialing.connection.tls = Some(build_session(None, vec![leaf]));
    }
    Err(failure)
}

fn build_session(protocol: Option<String>, certificates: Vec<Certificate>) -> TlsSession {
    let days_left = certificates.first().and_then(|leaf| count_days_left(leaf, Timestamp::now()));
    TlsSession { protocol, certificates, days_left }
}

/// Whole days until a certificate ends: 0 on its last day, negative once it has ended.
fn count_days_left(certificate: &Certificate, now: Timestamp) -> Option<i64> {
    let end: Timestamp = certificate.not_after.parse().ok()?;
    Some((end.as_second() - now.as_second()).div_euclid(24 * 60 * 60))
}

/// As openssl writes it.
fn write_protocol(version: ProtocolVersion) -> String {
    match version {
        ProtocolVersion::TLSv1_2 => "TLSv1.2".to_owned(),
        ProtocolVersion::TLSv1_3 => "TLSv1.3".to_owned(),
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_left_are_whole_days() {
        let certificate = Certificate {
            subject: String::new(),
            issuer: String::new(),
            names: Vec::new(),
            not_before: "2025-01-01T00:00:00Z".to_owned(),
            not_after: "2026-01-31T12:00:00Z".to_owned(),
            chain_length: 1,
        };
        for (now, days) in
            [("2026-01-01T12:00:00Z", 30), ("2026-01-31T11:59:59Z", 0), ("2026-01-31T12:00:01Z", -1)]
        {
            assert_eq!(count_days_left(&certificate, now.parse().unwrap()), Some(days));
        }
    }
}
