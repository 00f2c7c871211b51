//! What an expectation compares, as values: what a diagnosis looks at in place of the text that people read.

use super::observe::Observed;
use super::predicate::Predicate;
use crate::evidence::Value;

/// The values of an expectation and of what was observed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Terms {
    /// What is to be there: one of these, or this.
    pub wanted: Vec<Term>,
    /// What must not be there.
    pub unwanted: Vec<Term>,
    /// What was observed, as far as there was anything.
    pub seen: Vec<Value>,
}

/// A value, or what a text looks like.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// A value: the whole of what is observed, or a part of it.
    Value(Value),
    /// The source of a regular expression.
    Pattern(String),
}

impl Term {
    /// The text, where it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Value(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The whole number, where it is one.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Value(Value::Integer(number)) => Some(*number),
            _ => None,
        }
    }
}

impl Terms {
    /// The terms of a predicate that is judged against this.
    pub(super) fn of(predicate: &Predicate, observed: &Observed) -> Self {
        let seen = match observed {
            Observed::One(value) => vec![value.clone()],
            Observed::Several(values) | Observed::Found(values) => values.clone(),
            Observed::Missing(_) => Vec::new(),
        };
        let mut terms = Self { seen, ..Self::default() };
        terms.add(predicate, true);
        terms
    }

    fn add(&mut self, predicate: &Predicate, is_wanted: bool) {
        match predicate {
            Predicate::Equals(value) | Predicate::Contains(value) => {
                self.push(Term::Value(value.clone()), is_wanted);
            }
            Predicate::Not(value) | Predicate::NotContains(value) => {
                self.push(Term::Value(value.clone()), !is_wanted);
            }
            Predicate::Matches(pattern) => self.push(Term::Pattern(pattern.as_str().to_owned()), is_wanted),
            Predicate::NotMatches(pattern) => {
                self.push(Term::Pattern(pattern.as_str().to_owned()), !is_wanted);
            }
            Predicate::StartsWith(text) | Predicate::EndsWith(text) => {
                self.push(Term::Value(Value::text(text)), is_wanted);
            }
            Predicate::OneOf(values) => {
                for value in values {
                    self.push(Term::Value(value.clone()), is_wanted);
                }
            }
            Predicate::Any(inner) | Predicate::All(inner) => {
                for one in inner {
                    self.add(one, is_wanted);
                }
            }
            Predicate::None(inner) => {
                for one in inner {
                    self.add(one, !is_wanted);
                }
            }
            // What has these is a quantity or a kind, and nothing that could be found elsewhere.
            Predicate::Exists(_)
            | Predicate::Empty(_)
            | Predicate::Type(_)
            | Predicate::Length(_)
            | Predicate::Below(_)
            | Predicate::Above(_)
            | Predicate::AtMost(_)
            | Predicate::AtLeast(_)
            | Predicate::Between(..)
            | Predicate::Near(..)
            | Predicate::Conforms(_) => {}
        }
    }

    fn push(&mut self, term: Term, is_wanted: bool) {
        if is_wanted { self.wanted.push(term) } else { self.unwanted.push(term) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_is_unwanted_however_it_is_written() {
        let text = |text: &str| Term::Value(Value::text(text));
        let seen = Observed::One(Value::text("milk"));
        let of = |predicate: &Predicate| {
            let terms = Terms::of(predicate, &seen);
            (terms.wanted, terms.unwanted)
        };
        assert_eq!(of(&Predicate::Contains(Value::text("do not"))), (vec![text("do not")], vec![]));
        assert_eq!(of(&Predicate::NotContains(Value::text("milk"))), (vec![], vec![text("milk")]));
        let none = Predicate::None(vec![Predicate::Contains(Value::text("milk"))]);
        assert_eq!(of(&none), (vec![], vec![text("milk")]));
        let none = Predicate::None(vec![Predicate::Not(Value::text("milk"))]);
        assert_eq!(of(&none), (vec![text("milk")], vec![]));
        let status = Predicate::OneOf(vec![Value::Integer(401), Value::Integer(403)]);
        let wanted: Vec<_> = Terms::of(&status, &seen).wanted.iter().filter_map(Term::integer).collect();
        assert_eq!(wanted, [401, 403]);
    }
}
