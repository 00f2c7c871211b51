//! One file per kind of action: its keys, their types and docs, which subjects it yields.
//!
//! An *action* is what was written, templates included; a *call* is what is meant once they are filled in.

mod assets;
mod browser;
mod request;
mod sql;
mod submit;

pub use assets::AssetsCall;
pub use browser::{BrowserCall, Interaction};
pub use request::{CallBody, DEFAULT_REDIRECTS, MultipartPart, RequestCall};
pub use sql::SqlCall;
pub use submit::SubmitCall;
