//! From evidence to the layer that is broken. Pure.

use serde::{Deserialize, Serialize};

/// The layer that is broken, how sure that is, why, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// The layer: the part of the code before its point.
    pub layer: String,
    /// The stable code, such as `proxy.default_page`.
    pub code: String,
    /// How sure it is.
    pub certainty: Certainty,
    /// One sentence for the operator.
    pub summary: String,
    /// What was seen: requests, marks, rows, times.
    pub evidence: Vec<String>,
    /// What a person can do next, one line each.
    pub advice: Vec<String>,
}

/// How sure a diagnosis is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Seen.
    Certain,
    /// The shape fits.
    Probable,
}
