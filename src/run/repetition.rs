//! Whether a scenario is run once more when the remote browser that it was in is lost.
//!
//! Losing it says nothing of the site, so the scenario begins again in another browser, once, and its verdict is the
//! one of that second run. Not where it could leave its data behind twice: a scenario with `writes = true` that may
//! have written begins again only if it has a cleanup, and that has passed.

/// What is done about a session that was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Loss {
    /// Whether the scenario is run once more.
    pub(super) is_repeated: bool,
    /// What reports say of it.
    pub(super) note: &'static str,
}

/// What a scenario did before its browser was lost.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Traces {
    /// Whether it leaves data behind by its own word.
    pub(super) writes: bool,
    /// Whether a step of it was begun that is not harmless.
    pub(super) may_have_written: bool,
    /// Whether it has a cleanup, and that passed.
    pub(super) has_cleaned_up: bool,
}

/// Judges what is to be done.
pub(super) fn judge_loss(traces: Traces) -> Loss {
    if traces.writes && traces.may_have_written && !traces.has_cleaned_up {
        let note =
            "its browser session was lost; not run again, as it may have written and was not cleaned up";
        return Loss { is_repeated: false, note };
    }
    Loss { is_repeated: true, note: "its browser session was lost, so it was run again in another one" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_been_written_is_not_written_twice() {
        for (writes, may_have_written, has_cleaned_up, is_repeated) in [
            (false, false, false, true),
            (false, true, false, true),
            (true, false, false, true),
            (true, true, false, false),
            (true, true, true, true),
        ] {
            let traces = Traces { writes, may_have_written, has_cleaned_up };
            assert_eq!(judge_loss(traces).is_repeated, is_repeated, "{traces:?}");
        }
    }
}
