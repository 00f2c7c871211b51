//! The few signs that reports use, for terminals with and without Unicode.

use crate::verdict::Verdict;

/// The signs of a report.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::report) struct Symbols {
    passed: &'static str,
    failed: &'static str,
    errored: &'static str,
    flaky: &'static str,
    skipped: &'static str,
    /// Between a line's number and its text.
    pub(in crate::report) bar: &'static str,
    /// From a request to its answer.
    pub(in crate::report) arrow: &'static str,
    /// How often.
    pub(in crate::report) times: &'static str,
    /// Where something is left out.
    pub(in crate::report) ellipsis: &'static str,
}

const UNICODE: Symbols = Symbols {
    passed: "✓",
    failed: "✗",
    errored: "!",
    flaky: "~",
    skipped: "-",
    bar: "│",
    arrow: "→",
    times: "×",
    ellipsis: "…",
};

const ASCII: Symbols = Symbols {
    passed: "+",
    failed: "x",
    errored: "!",
    flaky: "~",
    skipped: "-",
    bar: "|",
    arrow: "->",
    times: "x",
    ellipsis: "...",
};

impl Symbols {
    /// The signs for a terminal that can or cannot show Unicode.
    pub(in crate::report) fn choose(unicode: bool) -> &'static Self {
        if unicode { &UNICODE } else { &ASCII }
    }

    /// The sign of a verdict.
    pub(in crate::report) fn mark(&self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Passed => self.passed,
            Verdict::Failed => self.failed,
            Verdict::Errored => self.errored,
            Verdict::Flaky => self.flaky,
            Verdict::Skipped => self.skipped,
        }
    }
}
