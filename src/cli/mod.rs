//! The command line: the only room that reads the environment and, with `report`, prints.

pub mod setup;
