//! A scenario as written and as meant.
//!
//! [`load_paths`] reads specs and the project file, and gives either everything or every problem of every file.
//! What keys there are stands once, as data, in [`action::ACTIONS`], [`action::STEP_KEYS`], [`SCENARIO_KEYS`] and
//! the tables of [`project`]; [`PROJECT_TABLES`] and its like say where each table stands. From them come
//! [`build_spec_schema`] for editors and the canonical form of [`format_file`].

pub mod action;
mod allow;
mod case;
pub mod filter;
mod format;
mod fragment;
mod key;
mod load;
mod names;
mod node;
mod outline;
pub mod project;
mod read_capture;
mod read_expectation;
mod read_scenario;
mod read_step;
mod reader;
mod scenario;
mod schema;
mod schema_file;
mod template;

pub use allow::{ALLOW_KEYS, Allow};
pub use case::Case;
pub use format::{FileKind, format_file};
pub use fragment::{FRAGMENT_KEYS, USE_KEYS};
pub use key::{KeyDefinition, KeyKind};
pub use load::{Loaded, load_paths, load_sources, read_file};
pub use outline::{ANY_NAME, FRAGMENT_TABLE, PROJECT_TABLES, SCENARIO_TABLE, TableOutline, USE_TABLE};
pub use read_scenario::{BROWSERS, SCENARIO_KEYS};
pub use scenario::{
    Capture, Condition, DEFAULT_ACTOR, ExpectationTemplate, IMPLICIT, Need, Scenario, Step, SubjectTemplate,
    UseFrame,
};
pub use schema::{build_project_schema, build_spec_schema};
pub use template::{BUILT_IN, Environment, Scope, Template, TemplateError, ValueTemplate};
