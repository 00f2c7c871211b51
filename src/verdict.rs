//! What became of a step and of a scenario.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::evidence::Cause;

/// The outcome of a step or a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything held.
    Passed,
    /// The site is wrong.
    Failed,
    /// We could not look.
    Errored,
    /// Passed, but only on a retry.
    Flaky,
    /// Not run.
    Skipped,
}

impl Verdict {
    /// The verdict as reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Errored => "errored",
            Self::Flaky => "flaky",
            Self::Skipped => "skipped",
        }
    }

    /// Whether it is a reason to stop: failed or errored.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::Errored)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whose fault it is that a step could not be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The site's: the verdict is `failed`.
    Target,
    /// Ours: the verdict is `errored`.
    Harness,
}

/// Why a step could not be carried out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepError {
    /// Whose fault it is.
    pub origin: Origin,
    /// The typed cause.
    pub cause: Cause,
    /// What happened, for people: lower case, no full stop.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl StepError {
    /// The target's fault, told in the cause's own words.
    pub fn target(cause: Cause) -> Self {
        Self { origin: Origin::Target, message: cause.to_string(), cause, help: None }
    }

    /// Our own fault, told in the cause's own words.
    pub fn harness(cause: Cause) -> Self {
        Self { origin: Origin::Harness, message: cause.to_string(), cause, help: None }
    }

    /// Of a way to the target that did not come to its end: the target's fault, unless there is no way out from here.
    pub fn reaching(cause: Cause) -> Self {
        if cause.is_no_way_out() { Self::harness(cause) } else { Self::target(cause) }
    }

    /// Puts another message in place of the cause's own words.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The verdict of a step that ended so.
    pub fn verdict(&self) -> Verdict {
        match self.origin {
            Origin::Target => Verdict::Failed,
            Origin::Harness => Verdict::Errored,
        }
    }
}
