//! smokegate: smoke tests for deployments. The house, its rooms, and the way of the data:
//!
//! ```text
//! spec text ─ source ─▶ spec ─▶ plan ─▶ run ──events──▶ report ─▶ terminal, JSON lines, JSON, JUnit
//!                        │                │ ▲
//!                      expect           evidence ─▶ expect ─▶ verdict ─▶ diagnose
//!                                         ▲
//!               http · page · browser · database
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
//! | [`run`] | a plan into events: HTTP, pages, browsers, databases |
//! | [`report`] | events into text |
//! | [`demo`] | the site that ships inside, with its switchable faults |
//! | [`cli`] | the command line |
//!
//! Where would a new check go? A new *subject* is a row in `expect/subject.rs` and its value in
//! `expect/observe.rs`; a new *predicate* a row and an arm in `expect/predicate.rs`; a new *action* a file in
//! `spec/action`, a row in its table, and a file under `run`.

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
