//! The reference: every word that a user can write, from the tables of the rooms that know them.
//!
//! | file | what it does |
//! | --- | --- |
//! | `word` | all words, each with its doc and where it stands |
//! | `tables` | the words as Markdown tables, for `specs/README.md` |
//! | `example` | finds a word in the specs that ship inside |
//! | `explain` | what `smokegate explain` shows |

mod code;
mod example;
mod explain;
mod tables;
mod word;

pub use code::{find_codes, render_codes};
pub use example::{EXAMPLES, Example, PROJECT_EXAMPLE, find_example};
pub use explain::{render_entry, render_overview, suggest};
pub use tables::fill_tables;
pub use word::{Group, Word, find_words, list_words};
