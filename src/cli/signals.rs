//! Ctrl-C and SIGTERM: the first ends the run cleanly, the second at once.

use std::sync::{Arc, OnceLock};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::env::print_note;
use super::exit_code;
use super::options::{Refused, fail};

/// Watches for signals as long as it lives.
pub(super) struct Signals {
    /// Cancelled by the first signal.
    pub(super) cancel: CancellationToken,
    /// The exit code that the first signal asks for.
    pub(super) code: Arc<OnceLock<u8>>,
    task: tokio::task::JoinHandle<()>,
}

impl Signals {
    /// Begins to watch.
    ///
    /// # Errors
    /// The system does not let us.
    pub(super) fn watch() -> Result<Self, Refused> {
        let listen =
            |kind| signal(kind).map_err(|error| fail(&format!("cannot listen for signals: {error}")));
        let mut interrupt = listen(SignalKind::interrupt())?;
        let mut terminate = listen(SignalKind::terminate())?;
        let cancel = CancellationToken::new();
        let code = Arc::new(OnceLock::new());
        let (token, chosen) = (cancel.clone(), Arc::clone(&code));
        let task = tokio::spawn(async move {
            loop {
                let wanted = tokio::select! {
                    _ = interrupt.recv() => exit_code::INTERRUPTED,
                    _ = terminate.recv() => exit_code::TERMINATED,
                };
                if token.is_cancelled() {
                    // The guards of our browsers see that we are gone and end them.
                    std::process::exit(wanted.into());
                }
                let _ = chosen.set(wanted);
                print_note("interrupted: cleaning up (press again to quit immediately)");
                token.cancel();
            }
        });
        Ok(Self { cancel, code, task })
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.task.abort();
    }
}
