//! A browser for looking around: with the target's headers and access, open until it is closed.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::act::navigation;
use super::bidi::BidiError;
use super::remote::slots::Fleet;
use super::visitor::Visitor;
use super::worker::Worker;
use super::{Access, BrowserSettings};
use crate::run::http::HttpSettings;
use crate::verdict::StepError;

/// How long the page may take to load before that is told; it goes on loading.
const LOAD_LIMIT: Duration = Duration::from_secs(30);

/// How often the window is looked for.
const PAUSE: Duration = Duration::from_millis(300);

/// How long a browser may take to say whether the window is there.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// Shows a page in a browser of its own, until its window is closed or `cancel` says so. A page that cannot be loaded
/// is told, and stays open as the browser shows it.
///
/// # Errors
/// The browser cannot be started.
pub async fn show_page(
    mut settings: BrowserSettings,
    http: HttpSettings,
    url: &Url,
    cancel: &CancellationToken,
    tell: &(dyn Fn(&StepError) + Sync),
) -> Result<(), StepError> {
    settings.access = Access::new(Arc::new(http));
    let fleet = Fleet::new(&settings.remote);
    let shown = match Worker::start(Arc::new(settings), fleet.as_ref(), cancel).await {
        Ok(mut worker) => {
            let shown = tokio::select! {
                () = cancel.cancelled() => Ok(()),
                shown = stay_open(&mut worker, url, tell) => shown,
            };
            worker.end().await;
            shown
        }
        Err(error) => Err(error),
    };
    if let Some(fleet) = fleet {
        fleet.shutdown().await;
    }
    shown
}

async fn stay_open(
    worker: &mut Worker,
    url: &Url,
    tell: &(dyn Fn(&StepError) + Sync),
) -> Result<(), StepError> {
    let mut visitor = match worker.spare.take().await {
        Some(visitor) => visitor,
        None => worker.entrance.admit(Instant::now() + LOAD_LIMIT).await?,
    };
    let _ = worker.bidi("browsingContext.activate", json!({ "context": visitor.context }), soon()).await;
    close_others(worker, &visitor).await;
    let loaded = navigation::open(worker, &mut visitor, url.as_str(), Instant::now() + LOAD_LIMIT).await;
    while is_open(worker, &visitor).await {
        if let Err(error) = &loaded
            && visitor.has_page
        {
            tell(error);
            // Told once.
            visitor.has_page = false;
        }
        sleep(PAUSE).await;
    }
    Ok(())
}

/// Closes the empty window that a browser begins with, which would stand beside the page.
async fn close_others(worker: &Worker, visitor: &Visitor) {
    let Ok(tree) = worker.bidi("browsingContext.getTree", json!({ "maxDepth": 0 }), soon()).await else {
        return;
    };
    let contexts = tree["contexts"].as_array().into_iter().flatten();
    for context in contexts.filter_map(|one| one["context"].as_str()).filter(|id| *id != visitor.context) {
        let _ = worker.bidi("browsingContext.close", json!({ "context": context }), soon()).await;
    }
}

async fn is_open(worker: &Worker, visitor: &Visitor) -> bool {
    let parameters = json!({ "root": visitor.context, "maxDepth": 0 });
    match worker.bidi.command("browsingContext.getTree", parameters, soon()).await {
        // A page that is busy is there.
        Ok(_) | Err(BidiError::TimedOut) => true,
        Err(_) => false,
    }
}

fn soon() -> Instant {
    Instant::now() + ANSWER_LIMIT
}
