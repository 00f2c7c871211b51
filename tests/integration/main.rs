//! Drives the real program against real parts.

mod check;
mod support;
