//! What was compiled once is shared: by all specs that write the same text, and by every look at the evidence.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// How many texts are kept. A run has some hundreds; templates could make more without end.
const KEPT: usize = 4_096;

/// What texts compile to.
pub(super) struct Memo<T> {
    known: RwLock<Option<HashMap<String, T>>>,
}

impl<T: Clone> Memo<T> {
    /// Knows nothing yet.
    pub(super) const fn new() -> Self {
        Self { known: RwLock::new(None) }
    }

    /// What a text compiles to; an error is not kept.
    pub(super) fn get_or_build<E>(&self, text: &str, build: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let read = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = read.as_ref().and_then(|known| known.get(text)) {
            return Ok(found.clone());
        }
        drop(read);
        let built = build()?;
        let mut write = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let known = write.get_or_insert_with(HashMap::new);
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(text.to_owned(), built.clone());
        Ok(built)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_compiled_once_and_a_mistake_each_time() {
        let memo: Memo<i32> = Memo::new();
        assert_eq!(memo.get_or_build("7", || "7".parse::<i32>()), Ok(7));
        assert_eq!(
            memo.get_or_build("7", || -> Result<i32, std::num::ParseIntError> { unreachable!() }),
            Ok(7)
        );
        assert!(memo.get_or_build("x", || "x".parse::<i32>()).is_err());
        for number in 0..=KEPT {
            assert!(memo.get_or_build(&number.to_string(), || Ok::<i32, ()>(1)).is_ok());
        }
        assert!(memo.known.read().unwrap().as_ref().unwrap().len() <= KEPT);
    }
}
