//! What HTML names: forms, and the assets of a page.
//!
//! | file | what it does |
//! | --- | --- |
//! | `submit` | `submit`: fetches the page, sends its form |
//! | `forms` | finds the form and what belongs to it |
//! | `field_state` | what a control holds by itself |
//! | `fields` | a form's fields, filled in, and the entries that they give |
//! | `form_request` | entries into method, address and body |
//! | `referrer` | `Referer` and `Origin` |
//! | `harmless` | which addresses may be asked for though no spec names them |
//! | `outline` | what a page offers: links and forms |
//! | `assets` | `assets`: fetches the page and what it names |
//! | `links`, `anchors` | `links`: follows the anchors of pages |
//! | `discover`, `stylesheet`, `srcset` | what a page and a stylesheet name |
//! | `judge`, `media_types`, `integrity` | what is wrong with an asset |

mod anchors;
mod assets;
mod discover;
mod field_state;
mod fields;
mod form_request;
mod forms;
mod harmless;
mod integrity;
mod judge;
mod links;
mod media_types;
mod outline;
mod referrer;
mod srcset;
mod stylesheet;
mod submit;

pub use assets::run_assets;
pub(in crate::run) use discover::list_builds;
pub use harmless::is_harmless_address;
pub use links::run_links;
pub use outline::{FieldOutline, FormOutline, PageOutline, read_outline};
pub use submit::run_submit;

#[cfg(test)]
mod assets_tests;
#[cfg(test)]
mod discover_tests;
#[cfg(test)]
mod form_tests;
#[cfg(test)]
mod links_tests;
#[cfg(test)]
mod submit_tests;
