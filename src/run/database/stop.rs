//! When a statement that runs on another thread has to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Told to stop by its deadline, or because nobody waits for the answer any more.
#[derive(Clone)]
pub(super) struct Stop {
    abandoned: Arc<AtomicBool>,
    begun: Instant,
    deadline: Instant,
}

/// Abandons the statement when it is dropped.
pub(super) struct StopOnDrop(Arc<AtomicBool>);

impl Stop {
    /// Stops at the deadline, or when the guard is dropped.
    pub(super) fn at(deadline: Instant) -> (Self, StopOnDrop) {
        let abandoned = Arc::new(AtomicBool::new(false));
        let guard = StopOnDrop(Arc::clone(&abandoned));
        (Self { abandoned, begun: Instant::now(), deadline }, guard)
    }

    /// Whether the time has come.
    pub(super) fn is_due(&self) -> bool {
        self.abandoned.load(Ordering::Relaxed) || Instant::now() >= self.deadline
    }

    /// How long the statement was allowed to take.
    pub(super) fn limit(&self) -> Duration {
        self.deadline.saturating_duration_since(self.begun)
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
