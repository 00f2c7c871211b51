//! What happened below HTTP, attributed to the request that caused it.
//!
//! reqwest's hooks belong to a client and not to a request, but they run inside the request's own task: a
//! task-local trace tells them for whom they work. A connection that loses its race against one that became free
//! goes on in a task of its own and is then no longer part of the request's times.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use tower::{Layer, Service};

use crate::evidence::{Phase, Timings};

tokio::task_local! {
    static TRACE: Trace;
}

/// The connection that a request caused, if it caused one. Clones share what they know.
#[derive(Clone, Debug, Default)]
pub(in crate::run) struct Trace {
    state: Arc<Mutex<TraceState>>,
}

#[derive(Debug, Default)]
struct TraceState {
    lookup_start: Option<Instant>,
    lookup_end: Option<Instant>,
    addresses: Vec<SocketAddr>,
    connect_start: Option<Instant>,
    tls_start: Option<Instant>,
    tls_server: String,
    connected: Option<Instant>,
    certificate: Option<Vec<u8>>,
    left_behind: bool,
}

impl Trace {
    /// Runs a future whose connection, if it makes one, is told to this trace.
    pub(in crate::run) fn scope<F: Future>(&self, future: F) -> impl Future<Output = F::Output> {
        TRACE.scope(self.clone(), future)
    }

    /// The trace of the request for which the calling hook works.
    pub(super) fn current() -> Self {
        TRACE.try_with(Clone::clone).unwrap_or_default()
    }

    /// A name is being looked up.
    pub(super) fn start_lookup(&self) {
        self.lock().lookup_start = Some(Instant::now());
    }

    /// A name was looked up.
    pub(super) fn end_lookup(&self, addresses: &[SocketAddr]) {
        let mut state = self.lock();
        state.lookup_end = Some(Instant::now());
        state.addresses = addresses.to_vec();
    }

    /// A TLS handshake with a server begins.
    pub(super) fn start_tls(&self, server: &str) {
        let mut state = self.lock();
        state.tls_start = Some(Instant::now());
        state.tls_server = server.to_ascii_lowercase();
    }

    /// Whether the TLS handshake that is under way is with this server.
    pub(super) fn is_tls_with(&self, server: &str) -> bool {
        self.lock().tls_server == server
    }

    /// The server showed a certificate (DER), trusted or not.
    pub(super) fn show_certificate(&self, leaf: &[u8]) {
        self.lock().certificate = Some(leaf.to_vec());
    }

    /// The certificate (DER) that the server showed in a handshake of this request.
    pub(in crate::run) fn certificate(&self) -> Option<Vec<u8>> {
        self.lock().certificate.clone()
    }

    /// Whether the request caused a connection of its own.
    pub(super) fn has_connection(&self) -> bool {
        let state = self.lock();
        state.connect_start.is_some() && !state.left_behind
    }

    /// The phase in which the request is.
    pub(super) fn phase(&self) -> Phase {
        let state = self.lock();
        if state.connect_start.is_none() || state.connected.is_some() || state.left_behind {
            Phase::Answer
        } else if state.tls_start.is_some() {
            Phase::Tls
        } else if state.lookup_start.is_some() && state.lookup_end.is_none() {
            Phase::Lookup
        } else {
            Phase::Connect
        }
    }

    /// An address that was tried: of several the first of IPv4, which is what people look for.
    pub(super) fn address(&self) -> Option<IpAddr> {
        let state = self.lock();
        let mut addresses = state.addresses.iter().map(SocketAddr::ip);
        let first = addresses.clone().next();
        addresses.find(IpAddr::is_ipv4).or(first)
    }

    /// Writes the times of the connection; none of them where the connection was kept alive.
    pub(super) fn write_timings(&self, timings: &mut Timings) {
        let state = self.lock();
        if state.left_behind {
            return;
        }
        timings.dns_ms = milliseconds(state.lookup_start, state.lookup_end);
        let connect_start = state.lookup_end.or(state.connect_start);
        timings.connect_ms = milliseconds(connect_start, state.tls_start.or(state.connected));
        timings.tls_ms = milliseconds(state.tls_start, state.connected);
    }

    fn lock(&self) -> MutexGuard<'_, TraceState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn milliseconds(start: Option<Instant>, end: Option<Instant>) -> Option<f64> {
    Some(end?.duration_since(start?).as_secs_f64() * 1000.0)
}

/// A connector layer that tells traces of new connections.
#[derive(Clone, Copy, Debug)]
pub(super) struct TraceLayer;

impl<S> Layer<S> for TraceLayer {
    type Service = TraceService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TraceService { inner }
    }
}

/// See [`TraceLayer`].
#[derive(Clone, Debug)]
pub(super) struct TraceService<S> {
    inner: S,
}

impl<S, R> Service<R> for TraceService<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
    S::Response: 'static,
    S::Error: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let trace = Trace::current();
        trace.lock().connect_start = Some(Instant::now());
        let task = tokio::task::try_id();
        let connecting = TRACE.scope(trace.clone(), self.inner.call(request));
        Box::pin(async move {
            let connected = connecting.await;
            let mut state = trace.lock();
            if tokio::task::try_id() != task {
                state.left_behind = true;
            } else if connected.is_ok() {
                state.connected = Some(Instant::now());
            }
            drop(state);
            connected
        })
    }
}
