//! One file per command.

mod check;
mod completions;
mod demo;
mod diagnose;
mod explain;
mod fmt;
mod guard;
mod import;
mod init;
mod list;
mod man;
mod open;
mod run;
mod schema;
mod setup;

pub(super) use check::check;
pub(super) use completions::completions;
pub(super) use demo::demo;
pub(super) use diagnose::diagnose;
pub(super) use explain::explain;
pub(super) use fmt::fmt;
pub(super) use guard::guard;
pub(super) use import::import;
pub(super) use init::init;
pub(super) use list::list;
pub(super) use man::man;
pub(super) use open::open;
pub(super) use run::run;
pub(super) use schema::schema;
pub(super) use setup::setup;
