//! One file per command.

mod check;
mod demo;
mod guard;
mod list;
mod run;
mod setup;

pub(super) use check::check;
pub(super) use demo::demo;
pub(super) use guard::guard;
pub(super) use list::list;
pub(super) use run::run;
pub(super) use setup::setup;
