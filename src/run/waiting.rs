//! Waiting: when to look again, and what was seen meanwhile.

use std::time::Duration;

use tokio::time::Instant;

use crate::evidence::shorten_to;
use crate::expect::{Check, History};

/// Pauses between looks, in milliseconds; the last one repeats.
const PAUSES: [u64; 4] = [100, 250, 500, 1_000];

/// The shortest pause, however short the whole wait.
const SHORTEST: Duration = Duration::from_millis(20);

/// When to look: at once, after growing pauses, and once more at the deadline.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    deadline: Instant,
    longest: Duration,
    looks: usize,
}

impl Schedule {
    /// A wait that ends after `total`. No pause is longer than a fifth of it.
    pub(super) fn new(total: Duration) -> Self {
        Self { deadline: Instant::now() + total, longest: (total / 5).max(SHORTEST), looks: 0 }
    }

    /// How long to pause before the next look; none when the last look was the one at the deadline.
    pub(super) fn next_pause(&mut self) -> Option<Duration> {
        let left = self.deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
        let pause = Duration::from_millis(PAUSES[self.looks.min(PAUSES.len() - 1)]).min(self.longest);
        self.looks += 1;
        Some(pause.min(left))
    }
}

/// What each expectation of a step went through while it was waited for.
#[derive(Debug, Default)]
pub(super) struct Histories {
    histories: Vec<History>,
    started: Option<Instant>,
}

impl Histories {
    /// Notes one look. The checks of a step are the same ones at every look.
    pub(super) fn note(&mut self, checks: &[Check]) {
        self.started.get_or_insert_with(Instant::now);
        self.histories.resize_with(checks.len().max(self.histories.len()), History::default);
        for (history, check) in self.histories.iter_mut().zip(checks) {
            let state = shorten_to(&check.actual, 80);
            history.push(&state);
        }
    }

    /// Gives those checks that do not hold their history, if there was more than one look.
    pub(super) fn attach(mut self, checks: &mut [Check]) {
        let waited = self.started.map(|started| started.elapsed()).unwrap_or_default();
        for (history, check) in self.histories.iter_mut().zip(checks) {
            let looks: u32 = history.states.iter().map(|(times, _)| times).sum();
            if !check.holds && looks > 1 {
                history.waited_ms = crate::evidence::round_milliseconds(waited);
                check.history = Some(std::mem::take(history));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pauses_grow_up_to_a_fifth_and_the_last_look_is_at_the_deadline() {
        let mut schedule = Schedule::new(Duration::from_millis(600));
        let started = Instant::now();
        let mut pauses = Vec::new();
        while let Some(pause) = schedule.next_pause() {
            pauses.push(pause);
            tokio::time::sleep(pause).await;
        }
        assert_eq!(pauses[..2], [Duration::from_millis(100), Duration::from_millis(120)]);
        assert!(pauses.len() >= 5, "{pauses:?}");
        assert!(started.elapsed() >= Duration::from_millis(600));
    }
}
