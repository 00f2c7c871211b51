//! Lists to choose from and boxes to check.

use serde_json::json;
use tokio::time::Instant;

use super::interaction::{click_ready, not_ready, wait_until_ready};
use super::probe::{self, Ready, verify_request};
use crate::expect::Locator;
use crate::run::browser::worker::{CommandError, Worker};
use crate::verdict::StepError;

/// How long a page may take to check a box after the click, in milliseconds.
const VERIFY_MS: f64 = 1_000.0;

/// Chooses options and no others; waits for those that are not there yet.
pub(in crate::run::browser) async fn select(
    worker: &mut Worker,
    locator: &Locator,
    options: &[String],
    deadline: Instant,
) -> Result<(), StepError> {
    wait_until_ready(worker, locator, probe::SELECT, &json!(options), deadline).await.map(|_| ())
}

/// Clicks a box or a radio button unless it is as it should be, and sees to it that it is afterwards.
pub(in crate::run::browser) async fn check(
    worker: &mut Worker,
    locator: &Locator,
    wanted: bool,
    deadline: Instant,
) -> Result<(), StepError> {
    loop {
        let ready = wait_until_ready(worker, locator, probe::CHECK, &json!(wanted), deadline).await?;
        if ready.is_set {
            return Ok(());
        }
        if click_ready(worker, locator, &ready, deadline).await? {
            break;
        }
    }
    let left = deadline.saturating_duration_since(Instant::now()).as_secs_f64() * 1000.0;
    let request = verify_request(locator, wanted, left.min(VERIFY_MS));
    match worker.probe::<Ready>(request, deadline).await {
        Ok(Ready { reasons, .. }) => match reasons.into_iter().next() {
            Some(reason) => Err(not_ready(locator, reason.reason)),
            None => Ok(()),
        },
        // The click led to another page.
        Err(CommandError::DocumentGone) => Ok(()),
        Err(error) => Err(worker.plain_error(error)),
    }
}
