//! Exit codes that the command line gives by itself; those of a run come from the run.

/// Every scenario passed.
pub(super) const PASSED: u8 = 0;
/// Usage or spec error: nothing was sent.
pub(super) const USAGE: u8 = 2;
/// We could not look.
pub(super) const ERRORED: u8 = 3;
/// No scenario was selected.
pub(super) const NOTHING_SELECTED: u8 = 5;
/// Interrupted by SIGINT, cleanup done.
pub(super) const INTERRUPTED: u8 = 130;
/// Ended by SIGTERM, cleanup done.
pub(super) const TERMINATED: u8 = 143;

/// The table of the reference, for `--help`.
pub(super) const HELP: &str = "\
Exit codes:
  0         every scenario passed: promote
  1         at least one failed, the site is wrong: stop or roll back
  2         usage or spec error, nothing was sent: fix the spec
  3         nothing failed, but we could not look: try again, do not roll back
  5         no scenario was selected: fix the selection
  130, 143  interrupted, cleanup done";
