//! A scenario as written and as meant.

pub mod action;
