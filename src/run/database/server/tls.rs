//! TLS to a database: whom to trust.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use crate::evidence::Cause;
use crate::verdict::StepError;

/// The certificates to trust: those of a PEM file, or the machine's. The error is ours: the file cannot be read.
pub(in super::super) fn read_roots(file: Option<&Path>) -> Result<Vec<CertificateDer<'static>>, StepError> {
    let Some(path) = file.filter(|path| !path.ends_with("system")) else {
        return Ok(rustls_native_certs::load_native_certs().certs);
    };
    let place = path.display().to_string();
    let text = std::fs::read(path).map_err(|error| {
        let error = format!("{:?}", error.kind());
        StepError::harness(Cause::File { path: place.clone(), error })
            .help("sslrootcert in the database's address names it, relative to the project file's folder")
    })?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    found.ok().filter(|certificates| !certificates.is_empty()).ok_or_else(|| {
        StepError::harness(Cause::File { path: place.clone(), error: "InvalidData".to_owned() })
            .message(format!("{place}: expected certificates in PEM form"))
    })
}

/// A configuration that trusts these roots, or any certificate if there are none.
pub(in super::super) fn build_config(
    roots: Option<Vec<CertificateDer<'static>>>,
) -> Result<ClientConfig, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder =
        ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    Ok(match roots {
        Some(certificates) => {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(certificates);
            builder.with_root_certificates(roots).with_no_client_auth()
        }
        None => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
            .with_no_client_auth(),
    })
}

/// Takes every certificate, as `sslmode=require` says.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
