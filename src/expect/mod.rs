//! What must hold: subjects, predicates, and the judgement of one against evidence. Pure.
//!
//! A [`Subject`] says what is looked at, a [`Predicate`] what must be true of it, [`evaluate`] compares both with
//! what was observed. The tables [`SUBJECTS`] and [`PREDICATES`] are the only source of what exists.

mod check;
mod element;
mod evaluate;
mod html;
mod locator;
mod observe;
mod predicate;
mod quantity;
mod subject;

pub use check::{Check, History};
pub use element::{ELEMENT_PROPERTIES, ElementProperty, ElementPropertyDefinition, ElementQuery};
pub use evaluate::{Expectation, evaluate, holds};
pub use html::{select, visible_text};
pub use locator::{LOCATOR_PREFIXES, Locator, LocatorError};
pub use observe::{Observed, Observer};
pub use predicate::{Argument, PREDICATES, Predicate, PredicateDefinition, PredicateError};
pub use quantity::{parse_duration, parse_size};
pub use subject::{Family, SUBJECTS, Subject, SubjectDefinition, SubjectError, Unit};
