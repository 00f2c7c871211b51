//! One file per command.

mod check;
mod guard;
mod list;
mod run;

pub(super) use check::check;
pub(super) use guard::guard;
pub(super) use list::list;
pub(super) use run::run;
