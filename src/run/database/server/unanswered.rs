//! Why a statement has no answer.

use crate::verdict::StepError;

/// The database's own error, which is still to be judged, or one of ours.
pub(in super::super) enum Unanswered<E> {
    Failed(E),
    Refused(StepError),
}

impl<E> From<E> for Unanswered<E> {
    fn from(error: E) -> Self {
        Self::Failed(error)
    }
}
