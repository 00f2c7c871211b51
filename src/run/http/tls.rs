//! TLS: our own rustls configuration, so that roots are read when they are needed, the chain is seen, and the start
//! of a handshake is known.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{
    ClientSessionStore, ResolvesClientCert, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue,
    WebPkiServerVerifier, verify_server_name,
};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, NamedGroup, RootCertStore, SignatureScheme,
};
use url::Url;

use super::certificate::{ShownCertificates, is_self_issued, is_valid_at};
use super::settings::HttpSettings;
use super::trace::Trace;
use crate::evidence::Cause;
use crate::spec::project::ClientIdentity;
use crate::verdict::StepError;

/// Builds the configuration: TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1, no sessions kept (every handshake is whole, so
/// that every connection's certificate is verified).
///
/// The error is ours: a file of trusted certificates or of our own one cannot be read.
pub(in crate::run) fn build_config(
    settings: &HttpSettings,
    shown: &Arc<ShownCertificates>,
) -> Result<ClientConfig, StepError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut extra_roots = Vec::new();
    for path in &settings.ca {
        extra_roots.extend(read_certificates(path)?);
    }
    let identity = settings.client_identity.as_ref();
    let identity = identity.map(|files| OwnIdentity::read(files, settings, &provider)).transpose()?;
    let verifier = Verifier {
        provider: Arc::clone(&provider),
        extra_roots,
        insecure: settings.insecure,
        shown: Arc::clone(shown),
        web_pki: OnceLock::new(),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StepError::harness(super::failure::tls_cause(&error)))?;
    let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match identity {
        Some(identity) => builder.with_client_cert_resolver(Arc::new(identity)),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.resumption = Resumption::store(Arc::new(HandshakeStart));
    Ok(config)
}

fn read_file(path: &Path) -> Result<Vec<u8>, StepError> {
    std::fs::read(path).map_err(|error| {
        let (path, error) = (path.display().to_string(), format!("{:?}", error.kind()));
        StepError::harness(Cause::File { path, error })
    })
}

fn refuse_file(path: &Path, expected: &str) -> StepError {
    let place = path.display().to_string();
    let message = format!("{place}: expected {expected}");
    StepError::harness(Cause::File { path: place, error: "InvalidData".to_owned() }).message(message)
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, StepError> {
    let text = read_file(path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    found
        .ok()
        .filter(|certificates| !certificates.is_empty())
        .ok_or_else(|| refuse_file(path, "certificates in PEM form"))
}

/// The certificate that we show to the target's host. Other hosts may ask for one too, and get none: it would tell
/// them who we are.
#[derive(Debug)]
struct OwnIdentity {
    host: String,
    key: Arc<CertifiedKey>,
}

impl OwnIdentity {
    fn read(
        files: &ClientIdentity,
        settings: &HttpSettings,
        provider: &CryptoProvider,
    ) -> Result<Self, StepError> {
        let chain = read_certificates(&files.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&read_file(&files.key)?)
            .map_err(|_| refuse_file(&files.key, "a private key in PEM form, without a password"))?;
        let key = CertifiedKey::from_der(chain, key, provider)
            .map_err(|_| refuse_file(&files.key, "the private key that belongs to the client certificate"))?;
        Ok(Self { host: write_host(&settings.base), key: Arc::new(key) })
    }
}

/// A host as rustls writes the name of a server: an IPv6 address has no brackets.
fn write_host(url: &Url) -> String {
    url.host_str().unwrap_or("").trim_matches(['[', ']']).to_owned()
}

impl ResolvesClientCert for OwnIdentity {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Trace::current().is_tls_with(&self.host).then(|| Arc::clone(&self.key))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// The certificates that this machine trusts, read once in the life of the process.
fn native_roots() -> &'static RootCertStore {
    static ROOTS: OnceLock<RootCertStore> = OnceLock::new();
    ROOTS.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots
    })
}

/// Verifies as web browsers do (webpki), and tells what the server sent.
#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    extra_roots: Vec<CertificateDer<'static>>,
    insecure: bool,
    shown: Arc<ShownCertificates>,
    web_pki: OnceLock<Result<Arc<WebPkiServerVerifier>, Error>>,
}

impl Verifier {
    fn web_pki(&self) -> Result<&WebPkiServerVerifier, Error> {
        let built = self.web_pki.get_or_init(|| {
            let mut roots = native_roots().clone();
            roots.add_parsable_certificates(self.extra_roots.iter().cloned());
            if roots.is_empty() {
                return Err(Error::InvalidCertificate(CertificateError::UnknownIssuer));
            }
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider))
                .build()
                .map_err(|error| Error::General(error.to_string()))
        });
        built.as_ref().map(Arc::as_ref).map_err(Clone::clone)
    }

    /// A self-signed certificate that stands in the `ca` file is trusted for the names in it, as curl trusts it,
    /// although webpki never takes an authority's certificate for a server's.
    fn verify_pinned(
        &self,
        leaf: &CertificateDer<'_>,
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Option<Result<ServerCertVerified, Error>> {
        if !self.extra_roots.iter().any(|root| root.as_ref() == leaf.as_ref()) {
            return None;
        }
        if !is_valid_at(leaf, now.as_secs()) {
            return Some(Err(Error::InvalidCertificate(CertificateError::Expired)));
        }
        let verified = ParsedCertificate::try_from(leaf).and_then(|parsed| verify_server_name(&parsed, name));
        Some(verified.map(|()| ServerCertVerified::assertion()))
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.shown.remember(leaf, intermediates.len() + 1);
        Trace::current().show_certificate(leaf);
        if self.insecure {
            return Ok(ServerCertVerified::assertion());
        }
        match self.web_pki()?.verify_server_cert(leaf, intermediates, name, ocsp, now) {
            Err(Error::InvalidCertificate(CertificateError::Other(_))) if is_self_issued(leaf) => self
                .verify_pinned(leaf, name, now)
                .unwrap_or(Err(Error::InvalidCertificate(CertificateError::UnknownIssuer))),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Keeps no session; rustls asks it for a hint when a handshake begins, which is how its start is known.
#[derive(Debug)]
struct HandshakeStart;

impl ClientSessionStore for HandshakeStart {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        Trace::current().start_tls(&server.to_str());
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {}

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}
