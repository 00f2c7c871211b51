//! A server on loopback for tests, whose answers are bytes: it can break every rule.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoClientAuth, WebPkiClientVerifier};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use url::Url;

/// What a server was asked.
#[derive(Clone, Debug)]
pub(in crate::run) struct Asked {
    pub(in crate::run) method: String,
    pub(in crate::run) path: String,
    pub(in crate::run) head: String,
    pub(in crate::run) body: String,
    /// Which connection, from 0.
    pub(in crate::run) connection: usize,
}

impl Asked {
    /// A header's value.
    pub(in crate::run) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// What a server does.
#[derive(Clone, Debug)]
pub(in crate::run) enum Answer {
    /// Sends this and keeps the connection.
    Keep(Vec<u8>),
    /// Sends this and closes the connection.
    Close(Vec<u8>),
    /// Sends this and then nothing more.
    Hang(Vec<u8>),
}

/// A whole answer with a `Content-Length`.
pub(in crate::run) fn answer(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Answer {
    let body = body.as_ref();
    let headers = headers.lines().fold(String::new(), |all, line| all + line.trim() + "\r\n");
    let mut bytes =
        format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    Answer::Keep(bytes)
}

/// A server; it ends when it is dropped.
pub(in crate::run) struct TestServer {
    pub(in crate::run) address: SocketAddr,
    scheme: &'static str,
    task: JoinHandle<()>,
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Handler = Arc<dyn Fn(Asked) -> Answer + Send + Sync>;

impl TestServer {
    /// Starts a server that answers by `handler`.
    pub(in crate::run) async fn start(handler: impl Fn(Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self::start_with(None, handler).await
    }

    /// Starts a server that speaks TLS with this identity.
    pub(in crate::run) async fn start_tls(
        identity: Identity,
        handler: impl Fn(Asked) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::start_tls_with(identity, Arc::new(NoClientAuth), handler).await
    }

    /// Starts a server that talks only to who shows a certificate of this authority.
    pub(in crate::run) async fn start_mutual_tls(
        identity: Identity,
        clients: &Authority,
        handler: impl Fn(Asked) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(clients.issuer.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        Self::start_tls_with(identity, verifier, handler).await
    }

    async fn start_tls_with(
        identity: Identity,
        clients: Arc<dyn ClientCertVerifier>,
        handler: impl Fn(Asked) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(clients)
            .with_single_cert(identity.chain, identity.key)
            .unwrap();
        Self::start_with(Some(TlsAcceptor::from(Arc::new(config))), handler).await
    }

    async fn start_with(
        tls: Option<TlsAcceptor>,
        handler: impl Fn(Asked) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let handler: Handler = Arc::new(handler);
        let scheme = if tls.is_some() { "https" } else { "http" };
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            for connection in 0.. {
                let Ok((stream, _)) = listener.accept().await else { return };
                let (handler, tls) = (Arc::clone(&handler), tls.clone());
                connections.spawn(async move {
                    match tls {
                        None => serve(stream, connection, handler).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, connection, handler).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, scheme, task }
    }

    /// An address on this server.
    pub(in crate::run) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("{}://{}{path}", self.scheme, self.address)).unwrap()
    }
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, connection: usize, handler: Handler) {
    let mut buffer = Vec::new();
    loop {
        let Some(asked) = read_request(&mut stream, &mut buffer, connection).await else { return };
        let (bytes, keep, hang) = match handler(asked) {
            Answer::Keep(bytes) => (bytes, true, false),
            Answer::Close(bytes) => (bytes, false, false),
            Answer::Hang(bytes) => (bytes, false, true),
        };
        if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
            return;
        }
        if hang {
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
        if !keep {
            let _ = stream.shutdown().await;
            return;
        }
    }
}

async fn read_request(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut Vec<u8>,
    connection: usize,
) -> Option<Asked> {
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    let mut line = head.split(' ');
    let (method, path) = (line.next()?.to_owned(), line.next()?.to_owned());
    let mut asked = Asked { method, path, head, body: String::new(), connection };
    let length: usize = asked.header("content-length").map_or(0, |value| value.parse().unwrap());
    while buffer.len() < end + length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    asked.body = String::from_utf8_lossy(&buffer[end..end + length]).into_owned();
    buffer.drain(..end + length);
    Some(asked)
}

/// A server's certificate with its key.
pub(in crate::run) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// An authority that signs certificates for tests.
pub(in crate::run) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    /// A new authority.
    pub(in crate::run) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "Test Authority");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer }
    }

    /// Its certificate.
    pub(in crate::run) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// Signs a certificate for these names that is valid between these years.
    pub(in crate::run) fn sign(&self, names: &[&str], from: i32, to: i32) -> Identity {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity {
            chain: vec![certificate.der().clone(), self.issuer.der().clone()],
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        }
    }

    /// Signs a certificate for a client; it and its key in PEM.
    pub(in crate::run) fn sign_client(&self, name: &str) -> (String, String) {
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }

    /// The authority's own certificate used as a server's, as `openssl req -x509` makes them.
    pub(in crate::run) fn self_signed(name: &str) -> (Identity, String) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let identity = Identity {
            chain: vec![certificate.der().clone()],
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        };
        (identity, certificate.pem())
    }
}
