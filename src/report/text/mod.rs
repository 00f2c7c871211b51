//! How things read as text: a step that went wrong, a diagnosis, a request that can be repeated.
//!
//! Everything here becomes [`Line`]s, and a line takes no text without making it harmless: a page under test must not
//! be able to write to the terminal. Colours are added last, by the [`Painter`].

mod answer;
mod artifacts;
mod comparison;
mod curl;
mod diagnosis;
mod evidence;
mod layout;
mod line;
mod links;
mod network;
mod quantity;
mod sheet;
mod shell;
mod snippet;
mod step;
mod symbols;

pub(super) use diagnosis::render_diagnosis;
pub(super) use layout::{shorten, width_of};
pub(super) use line::{Line, Painter, Tone, make_harmless};
pub(super) use quantity::{count, render_milliseconds, render_seconds};
pub(super) use sheet::Sheet;
pub(super) use shell::quote;
pub(super) use step::{Telling, render_error, render_repeat, render_step, summarise_step};
pub(super) use symbols::Symbols;
