//! One stream of events to several reporters, none of which can stop the others.

use std::io;

use super::Reporter;
use crate::event::Event;

/// All reporters of a run. One that fails is switched off and named once; the others go on.
#[derive(Default)]
pub struct Reporters {
    reporters: Vec<Box<dyn Reporter>>,
}

impl Reporters {
    /// Takes the reporters; events reach them in this order.
    pub fn new(reporters: Vec<Box<dyn Reporter>>) -> Self {
        Self { reporters }
    }

    /// Hands an event to every reporter that still works. Gives a notice (lower case, no full stop) for each that
    /// failed just now.
    pub fn on_event(&mut self, event: &Event) -> Vec<String> {
        self.each(|reporter| reporter.on_event(event))
    }

    /// Says to every reporter that no event follows. Gives a notice for each that failed just now.
    pub fn finish(&mut self) -> Vec<String> {
        self.each(|reporter| reporter.finish())
    }

    fn each(&mut self, mut hand_over: impl FnMut(&mut dyn Reporter) -> io::Result<()>) -> Vec<String> {
        let mut notices = Vec::new();
        self.reporters.retain_mut(|reporter| match hand_over(reporter.as_mut()) {
            Ok(()) => true,
            Err(error) => {
                notices.push(format!("the {} report was given up: {error}", reporter.name()));
                false
            }
        });
        notices
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::event::EventKind;

    struct Counting {
        seen: Arc<Mutex<usize>>,
        limit: usize,
    }

    impl Reporter for Counting {
        fn name(&self) -> &'static str {
            "counting"
        }

        fn on_event(&mut self, _: &Event) -> io::Result<()> {
            let mut seen = self.seen.lock().unwrap();
            if *seen == self.limit {
                return Err(io::ErrorKind::StorageFull.into());
            }
            *seen += 1;
            Ok(())
        }

        fn finish(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reporter_that_fails_is_named_once_and_the_others_go_on() {
        let counts: Vec<Arc<Mutex<usize>>> = (0..2).map(|_| Arc::default()).collect();
        let mut reporters = Reporters::new(
            [1, 9]
                .into_iter()
                .zip(&counts)
                .map(|(limit, seen)| {
                    Box::new(Counting { seen: Arc::clone(seen), limit }) as Box<dyn Reporter>
                })
                .collect(),
        );
        let kind = EventKind::Notice { message: "hello".to_owned() };
        let event = Event { at: String::new(), elapsed_ms: 0.0, kind };
        let notices: Vec<Vec<String>> = (0..3).map(|_| reporters.on_event(&event)).collect();
        assert_eq!(notices[1], ["the counting report was given up: no storage space"]);
        assert!(notices[0].is_empty() && notices[2].is_empty() && reporters.finish().is_empty());
        assert_eq!((*counts[0].lock().unwrap(), *counts[1].lock().unwrap()), (1, 3));
    }
}
