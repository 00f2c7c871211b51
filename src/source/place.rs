//! A place in a source file that can travel without the file.

use serde::{Deserialize, Serialize};

/// Where something stands in a spec, with the line itself, so that a report can underline it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file as the user would type it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// How many characters to underline, at least 1.
    pub length: usize,
    /// The whole line, without its ending.
    pub text: String,
}
