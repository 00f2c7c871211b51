//! smokegate: smoke tests for deployments. The house, its rooms, and the way of the data:
//!
//! ```text
//! spec text ─ source ─▶ spec ─▶ plan ─▶ run ──events──▶ report ─▶ terminal, JSON lines, JSON, JUnit
//!                        │                │ ▲
//!                      expect           evidence ─▶ expect ─▶ verdict ─▶ diagnose
//!                                         ▲
//!          http · page · browser · database · network
//! ```
//!
//! A module imports only modules that stand above it in this list; `run` and `report` never import each other.
//!
//! | room | what it is for |
//! | --- | --- |
//! | [`source`] | spec text and places in it |
//! | [`evidence`] | what an action saw; plain data, redacted when it leaves the runner |
//! | [`expect`] | what must hold: subjects, predicates, and their judgement |
//! | [`spec`] | a scenario as written and as meant; `spec/action` has a file for each kind of action |
//! | [`plan`] | which scenarios run, in what order, with which limits |
//! | [`verdict`] | what became of a step: passed, failed, errored, flaky, skipped |
//! | [`diagnose`] | from evidence to the layer that is broken |
//! | [`event`] | what happens in a run: the only bridge from `run` to `report` |
//! | [`run`] | a plan into events: HTTP, pages, browsers, databases, DNS, TCP, TLS; `run/walk` is `smokegate diagnose` |
//! | [`report`] | events into text |
//! | [`demo`] | the site that ships inside, with its switchable faults |
//! | [`cli`] | the command line: a file for each command; `cli/import` reads curl, HAR and Hurl, `cli/init` writes first specs, `cli/setup` installs browsers, `cli/reference` renders the reference |
//!
//! Where would a new check go? A new *subject* is a row in `expect/subject_definition.rs` and its value in
//! `expect/observe.rs`; a new *predicate* a row in `expect/predicate_definition.rs` and its arms in `expect/predicate.rs` and
//! `expect/evaluate.rs`; a new *action* a file in `spec/action`, a row in its table, and a file under `run`; a new
//! *known page* an entry in `diagnose/fingerprints.toml`.

pub mod cli;
pub mod demo;
pub mod diagnose;
pub mod event;
pub mod evidence;
pub mod expect;
pub mod plan;
pub mod report;
pub mod run;
pub mod source;
pub mod spec;
pub mod verdict;
