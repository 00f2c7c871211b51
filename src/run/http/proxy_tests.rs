//! Requests through real proxies on loopback.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

use super::client_tests::{exchange, get, response, settings};
use super::test_server::{Authority, TestServer, answer};
use super::{HttpClient, HttpSettings, Proxies};
use crate::evidence::Cause;
use crate::verdict::Origin;

/// A proxy that leads everything to one server, and remembers the first line and the credentials that it got.
struct Proxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    async fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(lead(stream, server, Arc::clone(&seen)));
            }
        });
        Self { address, asked, task }
    }

    fn proxies(&self, is_ambient: bool) -> Proxies {
        let url = Url::parse(&format!("http://me:s%20cret@{}", self.address)).unwrap();
        Proxies {
            http: Some(url.clone()),
            https: Some(url),
            no_proxy: vec![".direct.test".to_owned()],
            is_ambient,
        }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn lead(stream: TcpStream, server: SocketAddr, seen: Arc<Mutex<Vec<String>>>) {
    let mut stream = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap() == 0 {
            return;
        }
        head.push(line.trim().to_owned());
        if line.trim().is_empty() {
            break;
        }
    }
    let authorization =
        head.iter().find(|line| line.to_ascii_lowercase().starts_with("proxy-authorization:"));
    let code = authorization.and_then(|line| line.split(' ').next_back()).unwrap_or("-").to_owned();
    seen.lock().unwrap().push(format!("{} {code}", head[0]));
    if head[0].contains("refused.test") {
        stream.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n").await.unwrap();
    } else if head[0].starts_with("CONNECT ") {
        let mut onward = TcpStream::connect(server).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut onward).await;
    } else {
        let mut onward = TcpStream::connect(server).await.unwrap();
        onward.write_all(format!("{}\r\nConnection: close\r\n\r\n", head[0]).as_bytes()).await.unwrap();
        let mut back = vec![0; 65_536];
        let count = onward.read(&mut back).await.unwrap();
        stream.write_all(&back[..count]).await.unwrap();
    }
}

fn client(base: &str, proxies: Proxies, change: impl FnOnce(&mut HttpSettings)) -> HttpClient {
    let mut settings = HttpSettings { proxies, ..settings(Url::parse(base).unwrap()) };
    change(&mut settings);
    HttpClient::new(Arc::new(settings)).unwrap()
}

/// `me:s cret`.
const CREDENTIALS: &str = "bWU6cyBjcmV0";

#[tokio::test]
async fn requests_go_through_the_proxy_plain_and_by_connect() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, authority.pem()).unwrap();
    let server = TestServer::start_tls(authority.sign(&["far.test"], 2020, 2090), |asked| {
        answer(200, "", asked.header("host").unwrap_or(""))
    })
    .await;
    let proxy = Proxy::start(server.address).await;
    let through = client("https://far.test/", proxy.proxies(true), |settings| settings.ca = vec![ca]);
    let outcome = get(&through, "/").await;
    assert_eq!(outcome.error, None, "{outcome:?}");
    assert_eq!(response(&outcome).text.as_deref(), Some("far.test"));
    assert!(exchange(&outcome).hops[0].timings.tls_ms.is_some());
    assert_eq!(exchange(&outcome).hops[0].address, None, "the proxy's address is not the site's");
    assert_eq!(proxy.asked(), [format!("CONNECT far.test:443 HTTP/1.1 {CREDENTIALS}")]);

    let plain = TestServer::start(|asked| answer(200, "", asked.path)).await;
    let proxy = Proxy::start(plain.address).await;
    let outcome = get(&client("http://far.test/", proxy.proxies(true), |_| {}), "/a?b=c").await;
    assert_eq!(response(&outcome).text.as_deref(), Some("http://far.test/a?b=c"), "{outcome:?}");
    assert_eq!(proxy.asked(), [format!("GET http://far.test/a?b=c HTTP/1.1 {CREDENTIALS}")]);
}

#[tokio::test]
async fn this_machine_and_given_addresses_are_reached_past_the_environments_proxy() {
    let server = TestServer::start(|_| answer(200, "", "direct")).await;
    let proxy = Proxy::start(server.address).await;
    let port = server.address.port();
    let fix = |settings: &mut HttpSettings| {
        let loopback = "127.0.0.1".parse().unwrap();
        settings.addresses =
            ["shop.test", "www.direct.test"].map(|host| (host.to_owned(), loopback)).to_vec();
    };
    for host in ["127.0.0.1", "localhost", "shop.localhost", "shop.test", "www.direct.test"] {
        let outcome = get(&client(&format!("http://{host}:{port}/"), proxy.proxies(true), fix), "/").await;
        assert_eq!(response(&outcome).text.as_deref(), Some("direct"), "{host}");
    }
    let outcome =
        get(&client(&format!("http://www.direct.test:{port}/"), proxy.proxies(false), fix), "/").await;
    assert_eq!(response(&outcome).text.as_deref(), Some("direct"), "the target's own `no_proxy`");
    assert_eq!(proxy.asked(), [""; 0]);
    let outcome = get(&client(&format!("http://127.0.0.1:{port}/"), proxy.proxies(false), fix), "/").await;
    assert_eq!(outcome.error, None);
    assert_eq!(proxy.asked().len(), 1, "what the target itself says holds for this machine too");
}

#[tokio::test]
async fn a_proxy_that_does_not_lead_on_is_our_error_and_not_the_sites() {
    let server = TestServer::start(|_| answer(200, "", "")).await;
    let proxy = Proxy::start(server.address).await;
    let outcome = get(&client("https://refused.test/", proxy.proxies(true), |_| {}), "/").await;
    let error = outcome.error.unwrap();
    assert_eq!(error.origin, Origin::Harness);
    assert!(
        matches!(&error.cause, Cause::Proxy { proxy: at, .. } if *at == proxy.address.to_string()),
        "{error:?}"
    );
    assert!(!error.message.contains("cret"), "{error:?}");

    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = Some(Url::parse(&format!("http://{closed}")).unwrap());
    let proxies = Proxies { http: url, ..Proxies::default() };
    let error = get(&client("http://far.test/", proxies, |_| {}), "/").await.error.unwrap();
    assert_eq!(error.origin, Origin::Harness);
    assert!(error.message.contains("nothing listens"), "{error:?}");
}
