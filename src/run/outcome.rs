//! What an executor gives back.

use crate::evidence::Evidence;
use crate::verdict::StepError;

/// What an action saw, and why it did not come to its end if it did not. Both may be there: a body that was cut
/// short leaves an exchange and an error.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What was seen.
    pub evidence: Option<Evidence>,
    /// Why the action did not come to its end.
    pub error: Option<StepError>,
}

impl Outcome {
    /// An action that came to its end.
    pub fn seen(evidence: Evidence) -> Self {
        Self { evidence: Some(evidence), error: None }
    }

    /// An action that could not be carried out and saw nothing.
    pub fn error(error: StepError) -> Self {
        Self { evidence: None, error: Some(error) }
    }
}
