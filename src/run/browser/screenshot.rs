//! Pictures of an actor's page (WebDriver BiDi, section 7.3.2: `browsingContext.captureScreenshot`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::failure;
use super::probe::{cover_request, uncover_request};
use super::visitor::Visitor;
use super::worker::{CommandError, Worker};
use crate::evidence::Cause;
use crate::spec::action::ScreenshotCall;
use crate::verdict::StepError;

/// How many elements were covered.
#[derive(Debug, Deserialize)]
struct Covered {
    #[serde(rename = "covered")]
    _count: usize,
}

/// Takes a picture; gives back a PNG. What is masked is covered meanwhile. The page must be the current one.
pub(super) async fn take_picture(
    worker: &mut Worker,
    visitor: &Visitor,
    call: &ScreenshotCall,
    deadline: Instant,
) -> Result<Vec<u8>, StepError> {
    if !call.mask.is_empty() {
        cover(worker, call, deadline).await?;
    }
    let origin = if call.full_page { "document" } else { "viewport" };
    let parameters =
        json!({ "context": visitor.context, "origin": origin, "format": { "type": "image/png" } });
    let answer = worker.bidi.command("browsingContext.captureScreenshot", parameters, deadline).await;
    if !call.mask.is_empty() {
        // Where the document is another one by now, its boxes are gone, too.
        match worker.probe::<Covered>(uncover_request(), deadline).await {
            Ok(_) | Err(CommandError::DocumentGone) => {}
            Err(error) => return Err(worker.plain_error(error)),
        }
    }
    let answer = answer.map_err(|error| failure::bidi_error(&error))?;
    let picture = answer["data"].as_str().and_then(|data| STANDARD.decode(data).ok());
    picture.ok_or_else(|| {
        let detail = "the browser gave no picture".to_owned();
        StepError::harness(Cause::WebDriver { code: "unknown error".to_owned(), detail })
    })
}

async fn cover(worker: &mut Worker, call: &ScreenshotCall, deadline: Instant) -> Result<(), StepError> {
    loop {
        match worker.probe::<Covered>(cover_request(&call.mask), deadline).await {
            Ok(_) => return Ok(()),
            Err(CommandError::DocumentGone) if Instant::now() < deadline => {}
            Err(error) => return Err(worker.plain_error(error)),
        }
    }
}
