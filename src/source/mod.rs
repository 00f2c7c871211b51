//! Spec text and places in it: what was read, where in it a thing stands, and how a problem there is shown.
//!
//! This room is plain data and rendering. It knows nothing of what a spec means.

mod diagnostic;
mod file;
mod place;
mod render;

pub use diagnostic::{Diagnostic, nearest};
pub use file::{SourceFile, Span};
pub use place::Place;
pub use render::render_diagnostics;
