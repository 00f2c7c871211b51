//! smokegate
pub mod demo;
pub mod diagnose;
pub mod event;
pub mod evidence;
pub mod expect;
pub mod plan;
pub mod report;
pub mod run;
pub mod source;
pub mod spec;
pub mod verdict;
