//! Pictures of an actor's page (WebDriver BiDi, section 7.3.2: `browsingContext.captureScreenshot`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::probe::{cover_request, uncover_request};
use super::visitor::Visitor;
use super::worker::{CommandError, Worker};
use crate::evidence::Cause;
use crate::spec::action::ScreenshotCall;
use crate::verdict::StepError;

/// Whether what is masked is covered.
#[derive(Debug, Deserialize)]
struct Covered {
    is_covered: bool,
}

/// Takes a picture; gives back a PNG. What is masked is covered meanwhile. The page must be the current one.
pub(super) async fn take_picture(
    worker: &mut Worker,
    visitor: &Visitor,
    call: &ScreenshotCall,
    deadline: Instant,
) -> Result<Vec<u8>, StepError> {
    let view = if call.full_page { View::Page } else { View::Window };
    if call.mask.is_empty() {
        return capture(worker, visitor, view, deadline).await;
    }
    loop {
        let is_covered = ask(worker, cover_request(&call.mask), deadline).await?;
        let picture = capture(worker, visitor, view, deadline).await;
        // A page that was replaced in between is in the picture without its covers.
        if ask(worker, uncover_request(), deadline).await? && is_covered {
            return picture;
        }
        if Instant::now() >= deadline {
            let reason = "the page was changing while its picture was taken".to_owned();
            return Err(StepError::target(Cause::Element { locator: "mask".to_owned(), reason }));
        }
    }
}

/// Whether everything was covered; not in a document that is gone.
async fn ask(worker: &mut Worker, request: serde_json::Value, deadline: Instant) -> Result<bool, StepError> {
    match worker.probe::<Covered>(request, deadline).await {
        Ok(covered) => Ok(covered.is_covered),
        Err(CommandError::DocumentGone) => Ok(false),
        Err(error) => Err(worker.plain_error(error)),
    }
}

/// How much of a page a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// What the window shows.
    Window,
    /// The whole page.
    Page,
}

/// Takes a picture of the page as it is, at once; gives back a PNG.
pub(super) async fn capture(
    worker: &Worker,
    visitor: &Visitor,
    view: View,
    deadline: Instant,
) -> Result<Vec<u8>, StepError> {
    let origin = match view {
        View::Window => "viewport",
        View::Page => "document",
    };
    let parameters =
        json!({ "context": visitor.context, "origin": origin, "format": { "type": "image/png" } });
    let answer = worker.bidi("browsingContext.captureScreenshot", parameters, deadline).await?;
    let picture = answer["data"].as_str().and_then(|data| STANDARD.decode(data).ok());
    picture.ok_or_else(|| {
        let detail = "the browser gave no picture".to_owned();
        StepError::harness(Cause::WebDriver { code: "unknown error".to_owned(), detail })
    })
}
