//! A proxy on the way to a server, which has a bad moment.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

const BAD_GATEWAY: &[u8] =
    b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// A proxy that is up as long as this lives.
pub(crate) struct Relay {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
    _runtime: Runtime,
}

impl Relay {
    /// Passes connections on to `authority`, but for the first one that begins with a request for `path`: it answers
    /// that one itself, with a 502.
    pub(crate) fn start(authority: String, path: &'static str) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, authority.clone(), path, Arc::clone(&counted)));
            }
        });
        Self { address, asked, _runtime: runtime }
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until it was asked for that path twice.
    #[track_caller]
    pub(crate) fn wait_until_asked_twice(&self) {
        let started = Instant::now();
        while self.asked.load(Ordering::SeqCst) < 2 {
            assert!(started.elapsed().as_secs() < 60, "nobody asked twice");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

async fn pass(mut client: TcpStream, authority: String, path: &str, asked: Arc<AtomicUsize>) {
    let mut head = vec![0; 4096];
    let Ok(length) = client.read(&mut head).await else { return };
    let line = head[..length].split(|byte| *byte == b'\r').next().unwrap_or_default();
    if String::from_utf8_lossy(line).contains(path) && asked.fetch_add(1, Ordering::SeqCst) == 0 {
        let _ = client.write_all(BAD_GATEWAY).await;
        return;
    }
    let Ok(mut server) = TcpStream::connect(authority).await else { return };
    if server.write_all(&head[..length]).await.is_ok() {
        let _ = copy_bidirectional(&mut client, &mut server).await;
    }
}
