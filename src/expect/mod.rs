//! What must hold: subjects, predicates, and the judgement of one against evidence. Pure.
//!
//! A [`Subject`] says what is looked at, a [`Predicate`] what must be true of it, [`evaluate`] compares both with
//! what was observed. The tables [`SUBJECTS`] and [`PREDICATES`] are the only source of what exists.

mod accessible;
mod check;
mod element;
mod evaluate;
mod html;
mod json;
mod locator;
mod memo;
mod observe;
mod predicate;
mod predicate_definition;
mod pseudo_class;
mod quantity;
mod schema;
mod subject;
mod subject_definition;
mod terms;
mod xml_tree;
mod xpath;

pub use check::{Check, History};
pub use element::{ELEMENT_PROPERTIES, ElementProperty, ElementPropertyDefinition, ElementQuery};
pub use evaluate::{Expectation, evaluate, holds};
pub use html::{select, visible_text};
pub use json::JsonQuery;
pub use locator::{CssSelector, LOCATOR_PREFIXES, Locator, LocatorError};
pub use observe::{Observed, Observer};
pub use predicate::{Predicate, PredicateError, build_regex};
pub use predicate_definition::{Argument, PREDICATES, PredicateDefinition};
pub use quantity::{parse_duration, parse_size};
pub use schema::JsonSchema;
pub use subject::{Subject, SubjectError, SubjectParts};
pub use subject_definition::{Family, SUBJECTS, SubjectDefinition, Unit};
pub use terms::{Term, Terms};
pub use xpath::XPathQuery;
