//! A form as it was found and sent.

use serde::{Deserialize, Serialize};

use super::Exchange;

/// What `submit` saw: the page with the form, what was filled in, and the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// The page that was fetched for its form; none if the actor had just fetched it.
    pub page: Option<Exchange>,
    /// Names and values that were sent, hidden fields included, in document order.
    pub fields: Vec<(String, String)>,
    /// What the submission got.
    pub answer: Exchange,
}
