//! smokegate
pub mod cli;
pub mod demo;
pub mod diagnose;
pub mod event;
pub mod evidence;
pub mod expect;
pub mod report;
pub mod run;
pub mod source;
pub mod spec;
pub mod verdict;
