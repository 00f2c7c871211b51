//! Into frames, and clicks in them that nothing over the frame can catch.
//!
//! Classic commands go to the frame that was switched to (W3C WebDriver, section 11.6), whatever its origin.

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::interaction::{element_from, reference_in, wait_here};
use super::probe::{self, Guarded, Point, Ready, unguard_request};
use crate::expect::Locator;
use crate::run::browser::worker::{CommandError, Worker};
use crate::verdict::StepError;

/// A frame that classic commands are in.
#[derive(Clone, Debug)]
pub(in crate::run::browser) struct Entered {
    /// The element, in the document around it.
    element: Value,
}

/// What the document around a frame says of a point in it.
#[derive(Debug, Deserialize)]
struct Around {
    /// The point in that document; none if something is in the way.
    point: Option<Point>,
    #[serde(default)]
    reason: Option<String>,
}

/// Goes into the frames of the current step, if that is not so already; waits for them.
pub(in crate::run::browser) async fn enter(worker: &mut Worker, deadline: Instant) -> Result<(), StepError> {
    while worker.entered.len() < worker.frames.len() {
        worker.leave_frames(deadline).await?;
        for locator in worker.frames.clone() {
            if !enter_one(worker, &locator, deadline).await? {
                worker.must_switch();
                break;
            }
        }
    }
    Ok(())
}

/// Goes into one frame; false if the document around it changed meanwhile.
async fn enter_one(worker: &mut Worker, locator: &Locator, deadline: Instant) -> Result<bool, StepError> {
    let Ok(ready) = wait_here(worker, locator, probe::FRAME, &Value::Null, deadline).await? else {
        return Ok(false);
    };
    let Some(element) = ready.element.clone() else { return Ok(false) };
    if !step_into(worker, &element, deadline).await? {
        return Ok(false);
    }
    worker.entered.push(Entered { element });
    Ok(true)
}

async fn step_into(worker: &mut Worker, element: &Value, deadline: Instant) -> Result<bool, StepError> {
    let found = element_from(worker.client(), Some(element))?;
    match worker.classic(deadline, found.enter_frame()).await {
        Ok(()) => Ok(true),
        Err(CommandError::TimedOut) => Err(worker.plain_error(CommandError::TimedOut)),
        Err(_) if Instant::now() < deadline => Ok(false),
        Err(error) => Err(worker.plain_error(error)),
    }
}

/// The browsing context of the step's frame; the page's own where it is in none.
pub(in crate::run::browser) async fn find_context(
    worker: &mut Worker,
    page: &str,
    deadline: Instant,
) -> Result<String, StepError> {
    if worker.frames.is_empty() {
        return Ok(page.to_owned());
    }
    worker.switch_to(page, deadline).await?;
    loop {
        enter(worker, deadline).await?;
        match read_contexts(worker, page, deadline).await {
            Some(context) => return Ok(context),
            None if Instant::now() < deadline => worker.must_switch(),
            None => {
                let gone = worker.plain_error(CommandError::DocumentGone);
                return Err(gone.message("the frame changed again and again"));
            }
        }
    }
}

/// From the page inwards: BiDi knows elements by the references of classic commands (WebDriver BiDi, section 7.10.3).
async fn read_contexts(worker: &Worker, page: &str, deadline: Instant) -> Option<String> {
    let mut context = page.to_owned();
    for frame in &worker.entered {
        let parameters = json!({
            "functionDeclaration": "frame => frame.contentWindow",
            "arguments": [{ "sharedId": reference_in(&frame.element)? }],
            "target": { "context": context },
            "awaitPromise": false,
        });
        let answer = worker.bidi.command("script.callFunction", parameters, deadline).await.ok()?;
        answer["result"]["value"]["context"].as_str()?.clone_into(&mut context);
    }
    Some(context)
}

/// Sees to it that the pointer at this point of the innermost frame reaches it: in each document around it, the frame
/// must be what it hits; where one `guards`, nothing else gets the click. Gives back what is in the way.
pub(in crate::run::browser) async fn look_around(
    worker: &mut Worker,
    ready: &Ready,
    guards: bool,
    deadline: Instant,
) -> Result<Option<String>, CommandError> {
    let entered = worker.entered.clone();
    let mut point = ready.point;
    let mut hindrance = None;
    for frame in entered.iter().rev() {
        step_out(worker, deadline).await?;
        let request = json!({ "op": "around", "element": frame.element, "point": point, "guard": guards });
        let around = worker.probe::<Around>(request, deadline).await?;
        point = around.point;
        if point.is_none() {
            hindrance = Some(around.reason.unwrap_or_else(|| "something is in the way".to_owned()));
            break;
        }
    }
    return_to(worker, &entered, deadline).await?;
    Ok(hindrance)
}

/// Removes the guards of the documents around; gives back what one of them stopped.
pub(in crate::run::browser) async fn unguard_around(
    worker: &mut Worker,
    deadline: Instant,
) -> Result<Option<String>, CommandError> {
    let entered = worker.entered.clone();
    let mut blocked = None;
    for _ in &entered {
        step_out(worker, deadline).await?;
        let guarded = worker.probe::<Guarded>(unguard_request(), deadline).await?;
        blocked = guarded.blocked.or(blocked);
    }
    return_to(worker, &entered, deadline).await?;
    Ok(blocked)
}

async fn step_out(worker: &mut Worker, deadline: Instant) -> Result<(), CommandError> {
    let client = worker.client();
    worker.classic(deadline, client.enter_parent_frame()).await?;
    worker.entered.pop();
    Ok(())
}

/// Back into the frames from wherever classic commands are on the way out of them.
async fn return_to(worker: &mut Worker, entered: &[Entered], deadline: Instant) -> Result<(), CommandError> {
    for frame in &entered[worker.entered.len()..] {
        let Ok(found) = element_from(worker.client(), Some(&frame.element)) else {
            return Err(CommandError::DocumentGone);
        };
        worker.classic(deadline, found.enter_frame()).await?;
        worker.entered.push(frame.clone());
    }
    Ok(())
}
