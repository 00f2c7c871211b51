//! A picture of a page beside its baseline.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a picture compares with its baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureComparison {
    /// The baseline's file.
    pub baseline: String,
    /// What came of it.
    pub outcome: ComparisonOutcome,
}

/// What came of comparing two pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonOutcome {
    /// There is no baseline.
    Missing,
    /// The picture has become the baseline.
    Written,
    /// The baseline is no PNG that can be read.
    Unreadable,
    /// They cannot be laid upon each other: width and height in pixels.
    Sizes {
        /// Of the baseline.
        expected: (u32, u32),
        /// Of the picture.
        actual: (u32, u32),
    },
    /// They were laid upon each other.
    Pixels {
        /// How many pixels differ so that a person could see it.
        differing: u64,
        /// How many there are.
        total: u64,
    },
}

impl ComparisonOutcome {
    /// The share of pixels that differ, from 0 to 1; none where that cannot be said.
    #[expect(clippy::cast_precision_loss, reason = "a picture has fewer pixels than a float has digits")]
    pub fn share(self) -> Option<f64> {
        match self {
            Self::Written => Some(0.0),
            Self::Pixels { differing, total } => Some(differing as f64 / total.max(1) as f64),
            Self::Missing | Self::Unreadable | Self::Sizes { .. } => None,
        }
    }
}

/// Text for people.
impl fmt::Display for ComparisonOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no baseline"),
            Self::Written => f.write_str("the baseline was written"),
            Self::Unreadable => f.write_str("the baseline is no PNG that can be read"),
            Self::Sizes { expected, actual } => write!(
                f,
                "the sizes differ: the picture has {} x {} pixels, the baseline {} x {}",
                actual.0, actual.1, expected.0, expected.1
            ),
            Self::Pixels { differing, total } => write!(f, "{differing} of {total} pixels differ"),
        }
    }
}
