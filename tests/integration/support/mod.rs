//! The program under test, and the real servers that it judges.

mod program;

pub(crate) use program::{golden, smokegate};
