//! Files that a run leaves behind for a person to look at.

use serde::{Deserialize, Serialize};

/// A file that a step left behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// What it is.
    pub kind: ArtifactKind,
    /// Relative to the working folder if the folder for artifacts is.
    pub path: String,
    /// Width and height in pixels; of pictures only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<(u32, u32)>,
}

/// What such a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArtifactKind {
    /// What the page looked like, a PNG.
    Picture,
    /// What it should have looked like, a PNG.
    Expected,
    /// Where both differ, a PNG.
    Difference,
    /// What it shall look like from now on: the picture has become the baseline, a PNG.
    Baseline,
    /// The page's document, without secrets.
    Html,
    /// What its console said and which of its requests failed during the step, without secrets.
    Console,
}

impl Artifact {
    /// Whether it is a picture for somebody to look at.
    pub fn is_picture(&self) -> bool {
        matches!(self.kind, ArtifactKind::Picture | ArtifactKind::Expected | ArtifactKind::Difference)
    }
}

impl ArtifactKind {
    /// What messages call it.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Expected => "expected",
            Self::Difference => "difference",
            Self::Baseline => "baseline",
            Self::Html => "html",
            Self::Console => "console",
        }
    }
}
