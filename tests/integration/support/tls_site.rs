//! A site behind TLS that talks only to who shows a certificate of its authority.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// From a path to the answer, head and body.
type Answer = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// A site that is up as long as this lives.
pub(crate) struct TlsSite {
    address: SocketAddr,
    _runtime: Runtime,
}

impl TlsSite {
    /// Starts a site for `shop.test`, and writes `ca.pem`, `client.pem` and `client-key.pem` into a folder.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_with(folder, true, everywhere("secret"))
    }

    /// Starts one that talks to everybody.
    pub(crate) fn start_open(folder: &Path) -> Self {
        Self::start_with(folder, false, everywhere("secret"))
    }

    /// Starts one that talks to everybody, with an answer for each path: its media type and its body.
    pub(crate) fn start_with_answers(folder: &Path, answers: Vec<(String, &'static str, String)>) -> Self {
        let answer = move |path: &str| {
            let found = answers.iter().find(|(known, ..)| known == path);
            found.map_or_else(
                || "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(),
                |(_, media_type, body)| {
                    let length = body.len();
                    format!("HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n{body}")
                },
            )
        };
        Self::start_with(folder, false, Arc::new(answer))
    }

    fn start_with(folder: &Path, asks_for_certificate: bool, answer: Answer) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let sign = |name: &str| {
            let key = KeyPair::generate().unwrap();
            let mut params = CertificateParams::new(vec![name.to_owned(), format!("www.{name}")]).unwrap();
            params.not_after = date_time_ymd(1970, 1, 1) + until_thirty_days_from_now();
            (params.signed_by(&key, &authority).unwrap(), key)
        };
        let (client, client_key) = sign("tester");
        for (name, text) in [
            ("ca.pem", authority.pem()),
            ("client.pem", client.pem()),
            ("client-key.pem", client_key.serialize_pem()),
        ] {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let mut roots = rustls::RootCertStore::empty();
        roots.add(authority.der().clone()).unwrap();
        let provider = Arc::new(default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .unwrap();
        let (own, own_key) = sign("shop.test");
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = if asks_for_certificate {
            config.with_client_cert_verifier(verifier)
        } else {
            config.with_no_client_auth()
        };
        let config = config
            .with_single_cert(
                vec![own.der().clone()],
                PrivateKeyDer::try_from(own_key.serialize_der()).unwrap(),
            )
            .unwrap();
        Self::serve(TlsAcceptor::from(Arc::new(config)), answer)
    }

    fn serve(acceptor: TlsAcceptor, answer: Answer) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, answer) = (acceptor.clone(), Arc::clone(&answer));
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut buffer = [0; 4096];
                    while let Some(count) = stream.read(&mut buffer).await.ok().filter(|count| *count > 0) {
                        let request = String::from_utf8_lossy(&buffer[..count]);
                        let answer = answer(request.split(' ').nth(1).unwrap_or("/"));
                        if stream.write_all(answer.as_bytes()).await.is_err() || stream.flush().await.is_err()
                        {
                            return;
                        }
                    }
                });
            }
        });
        Self { address, _runtime: runtime }
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }
}

fn everywhere(body: &'static str) -> Answer {
    Arc::new(move |_| format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
}

/// From 1970 to thirty days and a half from now.
fn until_thirty_days_from_now() -> Duration {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    now + Duration::from_hours(30 * 24 + 12)
}
