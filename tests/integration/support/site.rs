//! A small site on a loopback port, with what a test wants it to answer.

use std::net::SocketAddr;

use axum::Router;
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
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
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
