//! A page that keeps its visitors waiting until the test lets them go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use tokio::sync::watch;

use super::page;

/// Counts who asks for the page; nobody gets it before it is opened.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Counts>);

struct Counts {
    waiting: AtomicUsize,
    most: AtomicUsize,
    all: AtomicUsize,
    is_open: watch::Sender<bool>,
}

/// Somebody who asks; one that went away is not counted any more.
struct Visitor(Gate);

impl Gate {
    /// A closed one.
    pub(crate) fn new() -> Self {
        let [waiting, most, all] = [(); 3].map(|()| AtomicUsize::new(0));
        Self(Arc::new(Counts { waiting, most, all, is_open: watch::Sender::new(false) }))
    }

    /// The page, at `/`.
    pub(crate) fn router(&self) -> Router {
        let gate = self.clone();
        Router::new().route(
            "/",
            get(move || async move {
                let visitor = Visitor::enter(gate);
                let _ = visitor.0.0.is_open.subscribe().wait_for(|is_open| *is_open).await;
                page("<h1>here</h1>")
            }),
        )
    }

    /// Whoever asks gets the page from now on.
    pub(crate) fn open(&self) {
        self.0.is_open.send_replace(true);
    }

    /// How often the page was asked for.
    pub(crate) fn asked(&self) -> usize {
        self.0.all.load(Ordering::SeqCst)
    }

    /// How many waited at once at most.
    pub(crate) fn most(&self) -> usize {
        self.0.most.load(Ordering::SeqCst)
    }

    /// Waits until so many wait at once.
    #[track_caller]
    pub(crate) fn wait_for(&self, visitors: usize) {
        self.wait_until(&format!("{visitors} wait for the page"), |waiting| waiting >= visitors);
    }

    /// Waits until one of so many went away.
    #[track_caller]
    pub(crate) fn wait_for_fewer(&self, visitors: usize) {
        self.wait_until(&format!("fewer than {visitors} wait for the page"), |waiting| waiting < visitors);
    }

    #[track_caller]
    fn wait_until(&self, wanted: &str, is_so: impl Fn(usize) -> bool) {
        let started = Instant::now();
        loop {
            let waiting = self.0.waiting.load(Ordering::SeqCst);
            if is_so(waiting) {
                return;
            }
            assert!(started.elapsed().as_secs() < 120, "not so: {wanted}, but {waiting}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Visitor {
    fn enter(gate: Gate) -> Self {
        let waiting = gate.0.waiting.fetch_add(1, Ordering::SeqCst) + 1;
        gate.0.all.fetch_add(1, Ordering::SeqCst);
        gate.0.most.fetch_max(waiting, Ordering::SeqCst);
        Self(gate)
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        self.0.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}
