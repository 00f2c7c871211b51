//! Connections that wait to be used again.

use std::sync::{Mutex, PoisonError};

/// How many connections are kept while nobody uses them.
const KEPT: usize = 4;

/// The connections of one database that nobody uses at the moment.
pub(in super::super) struct Idle<C>(Mutex<Vec<C>>);

impl<C> Default for Idle<C> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<C> Idle<C> {
    /// The one that was used last.
    pub(in super::super) fn take(&self) -> Option<C> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Keeps a connection for the next statement, if there are not enough.
    pub(in super::super) fn give_back(&self, connection: C) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(connection);
        }
    }
}
