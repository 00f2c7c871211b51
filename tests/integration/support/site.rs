//! A small site on a loopback port, with what a test wants it to answer.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::{Next, from_fn};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

/// A site that is up as long as this lives.
pub(crate) struct Site {
    address: SocketAddr,
    task: JoinHandle<()>,
    // Dropped last: the task runs on it.
    _runtime: Runtime,
}

impl Site {
    /// Serves these routes; listens once this returns.
    pub(crate) fn start(router: Router) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let task = runtime.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, task, _runtime: runtime }
    }

    /// Its address, without a slash at the end.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A request that a site got.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
}

impl Asked {
    /// A header's value; empty where it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// What a site was asked so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<Asked>>>);

impl Log {
    /// All requests, in the order in which they came.
    pub(crate) fn all(&self) -> Vec<Asked> {
        self.0.lock().unwrap().clone()
    }

    /// Whether there was such a request.
    pub(crate) fn has(&self, method: &str, path: &str) -> bool {
        self.all().iter().any(|asked| asked.method == method && asked.path == path)
    }

    /// Waits until there was such a request.
    pub(crate) fn wait_for(&self, method: &str, path: &str) {
        let started = Instant::now();
        while !self.has(method, path) {
            assert!(started.elapsed().as_secs() < 60, "nobody asked for {method} {path}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Site {
    /// Like [`Site::start`], and notes what it is asked.
    pub(crate) fn start_with_log(router: Router) -> (Self, Log) {
        let log = Log::default();
        let noted = log.clone();
        let note = move |request: Request, next: Next| {
            let asked = Asked {
                method: request.method().to_string(),
                path: request.uri().path().to_owned(),
                headers: request.headers().clone(),
            };
            noted.0.lock().unwrap().push(asked);
            next.run(request)
        };
        (Self::start(router.layer(from_fn(note))), log)
    }
}
