//! The outcome of one expectation.

use serde::{Deserialize, Serialize};

use super::terms::Terms;
use crate::source::Place;

/// One expectation, evaluated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// The subject as written, or the name of an expectation that holds without being asked (`console.errors`).
    pub subject: String,
    /// Whether it holds.
    pub holds: bool,
    /// What must be true of the subject: `contains "To-Do"`.
    pub expected: String,
    /// What was seen.
    pub actual: String,
    /// Where it stands in the spec; none for an expectation that nobody wrote.
    pub place: Option<Place>,
    /// For an expectation that was retried: the states it went through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<History>,
    /// What it compares, as values; they do not leave the runner.
    #[serde(skip)]
    pub terms: Terms,
}

/// The states that a retried expectation went through.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Each state with the number of times it was seen in a row, the oldest first, at most ten.
    pub states: Vec<(u32, String)>,
    /// How many states are left out between the first and the last nine.
    pub left_out: u32,
    /// Milliseconds from the first look to the last.
    pub waited_ms: f64,
}

impl History {
    /// Notes what was seen at one look.
    pub fn push(&mut self, state: &str) {
        const KEPT: usize = 10;
        match self.states.last_mut() {
            Some((times, last)) if last == state => *times += 1,
            _ => self.states.push((1, state.to_owned())),
        }
        if self.states.len() > KEPT {
            self.states.remove(1);
            self.left_out += 1;
        }
    }
}

/// Text for people: `9 × 0 elements, then 3 elements`.
impl std::fmt::Display for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, (times, state)) in self.states.iter().enumerate() {
            if index > 0 {
                f.write_str(", then ")?;
            }
            if index == 1 && self.left_out > 0 {
                write!(f, "{} others, then ", self.left_out)?;
            }
            if *times > 1 {
                write!(f, "{times} × ")?;
            }
            f.write_str(state)?;
        }
        Ok(())
    }
}
