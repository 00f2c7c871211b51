//! A plan into events.

pub mod browser;
pub mod cookie;
pub mod database;
pub mod http;
pub mod outcome;
pub mod page;
