//! One file per command.

mod check;
mod demo;
mod guard;
mod import;
mod init;
mod list;
mod run;
mod setup;

pub(super) use check::check;
pub(super) use demo::demo;
pub(super) use guard::guard;
pub(super) use import::import;
pub(super) use init::init;
pub(super) use list::list;
pub(super) use run::run;
pub(super) use setup::setup;
