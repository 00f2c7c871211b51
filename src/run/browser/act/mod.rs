//! What is done in a visitor's page, and how the page is looked at.
//!
//! | file | what it does |
//! | --- | --- |
//! | `navigation` | addresses, and what a browser calls the ways they fail |
//! | `interaction` | filling, clicking, hovering, pressing |
//! | `suggestion` | lines to write instead, where not exactly one element matches (`suggest.js`) |
//! | `choice` | lists to choose from, boxes to check (`choice.js`) |
//! | `upload` | files for a field |
//! | `download` | files that a page gives |
//! | `frame` | into frames, and clicks in them |
//! | `window` | a visitor's windows |
//! | `script` | JavaScript in the page |
//! | `screenshot` | pictures of a page, alone or beside their baselines (`picture.js`) |
//! | `pixels` | two pictures laid upon each other |
//! | `probe` | one look or one wait inside the page (`probe.js`, `look.js`, `accessible.js`) |

pub(super) mod choice;
pub(super) mod download;
pub(super) mod frame;
pub(super) mod interaction;
pub(super) mod navigation;
mod pixels;
pub(super) mod probe;
pub(super) mod screenshot;
pub(super) mod script;
mod suggestion;
pub(super) mod upload;
pub(super) mod window;
