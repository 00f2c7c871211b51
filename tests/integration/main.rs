//! The integration tests: one binary that drives the real program and real parts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where something is not as it must be"
)]

mod assets;
mod bad_input;
mod browser;
mod browser_actions;
mod browser_desk;
mod browser_frames;
mod browser_grids;
mod browser_naming;
mod browser_remote;
mod browser_sessions;
mod browser_traps;
mod browser_windows;
mod check;
mod cleanup;
mod database;
mod database_servers;
mod demo;
mod diagnosis;
mod did_you_mean;
mod exit_codes;
mod faults;
mod forms;
mod harness;
mod http;
mod import;
mod init;
mod kill;
mod layers;
mod links;
mod looks;
mod network;
mod oddities;
mod pictures;
mod project;
mod reader;
mod readme;
mod reference;
mod reports;
mod running;
mod schema;
mod soak;
mod subjects;
mod support;
mod walk;
mod watched;
mod watched_access;
mod watched_between;
mod words;
