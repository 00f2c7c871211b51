//! Pictures of an actor's page (WebDriver BiDi, section 7.3.2: `browsingContext.captureScreenshot`), alone or beside
//! their baselines.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::pixels::{Pixels, compare};
use super::probe::{cover_request, hold_request, release_request, uncover_request};
use crate::evidence::{ArtifactKind, Cause, ComparisonOutcome, Phase, PictureComparison, round_milliseconds};
use crate::run::artifact::ScenarioArtifacts;
use crate::run::browser::bidi::BidiError;
use crate::run::browser::failure;
use crate::run::browser::visitor::Visitor;
use crate::run::browser::worker::{CommandError, Worker};
use crate::spec::action::ScreenshotCall;
use crate::verdict::StepError;

/// The pauses between two pictures of a page that may not be at rest, in milliseconds; the last one repeats.
const PAUSES: [u64; 4] = [0, 100, 250, 500];

/// How long a picture may take that begins just before the deadline.
const LAST_LIMIT: Duration = Duration::from_secs(3);

/// The files of a picture that is compared.
const PICTURE: &str = "png";
const EXPECTED: &str = "expected.png";
const DIFFERENCE: &str = "difference.png";

/// Whether the page was as a request left it until the next one came.
#[derive(Debug, Deserialize)]
struct Covered {
    is_covered: bool,
}

/// How much of a page a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::run::browser) enum View {
    /// What the window shows.
    Window,
    /// The whole page.
    Page,
}

/// Takes the picture of a step, and compares it if that is expected or there is a baseline. The page must be the
/// current one.
pub(in crate::run::browser) async fn take_screenshot(
    worker: &mut Worker,
    visitor: &mut Visitor,
    call: &ScreenshotCall,
    artifacts: &ScenarioArtifacts,
    deadline: Instant,
) -> Result<(), StepError> {
    let baseline = artifacts.baseline_path(&call.baselines, &call.name, worker.settings.kind.name());
    let expected = read_baseline(&baseline).await?;
    if expected.is_none() && !call.is_comparison_expected {
        let picture = take_picture(worker, visitor, call, deadline).await?;
        visitor.artifacts.push(artifacts.write_picture(&call.name, &picture).await?);
        return Ok(());
    }
    let picture = take_still_picture(worker, visitor, call, artifacts, deadline).await?;
    let (mut outcome, difference) = lay_upon(expected.as_ref(), &picture, call.threshold).await;
    let is_new = outcome.share().is_none_or(|share| share > 0.0);
    if artifacts.updates_baselines() && is_new {
        visitor.artifacts.push(artifacts.write_baseline(&baseline, &picture).await?);
        outcome = ComparisonOutcome::Written;
    }
    let stem = artifacts.take_stem(&call.name, &[PICTURE, EXPECTED, DIFFERENCE]);
    visitor.artifacts.push(stem.write(ArtifactKind::Picture, PICTURE, &picture).await?);
    if is_new
        && outcome != ComparisonOutcome::Written
        && let Some(expected) = &expected
    {
        visitor.artifacts.push(stem.write(ArtifactKind::Expected, EXPECTED, expected).await?);
        if let Some(difference) = &difference {
            visitor.artifacts.push(stem.write(ArtifactKind::Difference, DIFFERENCE, difference).await?);
        }
    }
    visitor.comparison = Some(PictureComparison { baseline: baseline.display().to_string(), outcome });
    Ok(())
}

async fn read_baseline(path: &Path) -> Result<Option<Arc<Vec<u8>>>, StepError> {
    match tokio::fs::read(path).await {
        Ok(bytes) => Ok(Some(Arc::new(bytes))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let path = path.display().to_string();
            let message = format!("the baseline {path} cannot be read: {error}");
            let cause = Cause::File { path, error: format!("{:?}", error.kind()) };
            Err(StepError::harness(cause).message(message))
        }
    }
}

/// Compares two PNGs beside the tasks that wait for browsers; gives back the picture of what differs, if it can be
/// drawn and there is something.
async fn lay_upon(
    expected: Option<&Arc<Vec<u8>>>,
    actual: &Arc<Vec<u8>>,
    threshold: f64,
) -> (ComparisonOutcome, Option<Vec<u8>>) {
    let Some(expected) = expected else { return (ComparisonOutcome::Missing, None) };
    let (expected, actual) = (Arc::clone(expected), Arc::clone(actual));
    let compared = tokio::task::spawn_blocking(move || {
        let (Some(old), Some(new)) = (Pixels::decode(&expected), Pixels::decode(&actual)) else {
            return (ComparisonOutcome::Unreadable, None);
        };
        let Some(differing) = compare(&old, &new, threshold) else {
            return (ComparisonOutcome::Sizes { expected: old.size(), actual: new.size() }, None);
        };
        let outcome = ComparisonOutcome::Pixels { differing: differing.count, total: new.count() };
        (outcome, if differing.count > 0 { differing.picture.encode() } else { None })
    });
    compared.await.unwrap_or((ComparisonOutcome::Unreadable, None))
}

/// Takes pictures until two in a row are the same, with animations and carets held still and what is masked covered.
async fn take_still_picture(
    worker: &mut Worker,
    visitor: &mut Visitor,
    call: &ScreenshotCall,
    artifacts: &ScenarioArtifacts,
    deadline: Instant,
) -> Result<Arc<Vec<u8>>, StepError> {
    let mut last: Option<Arc<Vec<u8>>> = None;
    for taken in 1.. {
        let is_held = ask(worker, hold_request(&call.mask), deadline).await?;
        // The last one may end after the deadline: it is what the failure shows.
        let limit = deadline.max(Instant::now() + LAST_LIMIT);
        let picture = capture(worker, visitor, view_of(call), limit).await.map(Arc::new);
        let is_same = picture.as_ref().is_ok_and(|picture| last.as_ref() == Some(picture));
        let is_over = Instant::now() >= deadline;
        if is_same || is_over || picture.is_err() {
            // A page that was replaced in between is in the picture as it is.
            let was_held = ask(worker, release_request(&call.mask), deadline).await? && is_held;
            let picture = picture?;
            if is_same && was_held {
                return Ok(picture);
            }
            if is_over {
                return Err(tell_restless(visitor, call, artifacts, last.as_ref(), &picture, taken).await);
            }
            last = None;
        } else {
            last = picture.ok();
        }
        let pause = Duration::from_millis(PAUSES[(taken - 1).min(PAUSES.len() - 1)]);
        tokio::time::sleep_until((Instant::now() + pause).min(deadline)).await;
    }
    Err(StepError::harness(Cause::DriverDied))
}

/// Keeps the last two pictures of a page that does not come to rest, and what differs in them.
async fn tell_restless(
    visitor: &mut Visitor,
    call: &ScreenshotCall,
    artifacts: &ScenarioArtifacts,
    last: Option<&Arc<Vec<u8>>>,
    picture: &Arc<Vec<u8>>,
    taken: usize,
) -> StepError {
    let (outcome, difference) = lay_upon(last, picture, 0.0).await;
    let stem = artifacts.take_stem(&call.name, &[PICTURE, DIFFERENCE]);
    for (kind, extension, bytes) in [
        (ArtifactKind::Picture, PICTURE, Some(picture.as_slice())),
        (ArtifactKind::Difference, DIFFERENCE, difference.as_deref()),
    ] {
        if let Some(bytes) = bytes
            && let Ok(artifact) = stem.write(kind, extension, bytes).await
        {
            visitor.artifacts.push(artifact);
        }
    }
    let told = match outcome {
        ComparisonOutcome::Pixels { differing, .. } => format!("; the last two differ in {differing} pixels"),
        _ => String::new(),
    };
    let reason = format!("of {taken} pictures no two in a row are the same{told}");
    StepError::target(Cause::Element { locator: "screenshot".to_owned(), reason: reason.clone() })
        .message(format!("the page does not come to rest: {reason}"))
        .help("cover what moves: mask = [\"#clock\"]")
}

fn view_of(call: &ScreenshotCall) -> View {
    if call.full_page { View::Page } else { View::Window }
}

/// Takes a picture of the page as it is; gives back a PNG. What is masked is covered meanwhile.
async fn take_picture(
    worker: &mut Worker,
    visitor: &Visitor,
    call: &ScreenshotCall,
    deadline: Instant,
) -> Result<Vec<u8>, StepError> {
    if call.mask.is_empty() {
        return capture(worker, visitor, view_of(call), deadline).await;
    }
    loop {
        let is_covered = ask(worker, cover_request(&call.mask), deadline).await?;
        let picture = capture(worker, visitor, view_of(call), deadline).await;
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

/// Takes a picture at once; gives back a PNG.
pub(in crate::run::browser) async fn capture(
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
    let started = Instant::now();
    let answer = worker.bidi.command("browsingContext.captureScreenshot", parameters, deadline).await;
    let answer = answer.map_err(|error| match error {
        // It is the page that keeps its browser busy: others are still answered.
        BidiError::TimedOut => {
            let limit_ms = round_milliseconds(started.elapsed());
            let told = format!(
                "no picture of the page within {:.1} s: it does not come to be drawn",
                limit_ms / 1000.0
            );
            StepError::target(Cause::Timeout { phase: Phase::Script, limit_ms }).message(told)
        }
        error => failure::bidi_error(&error),
    })?;
    let picture = answer["data"].as_str().and_then(|data| STANDARD.decode(data).ok());
    picture.ok_or_else(|| {
        let detail = "the browser gave no picture".to_owned();
        StepError::harness(Cause::WebDriver { code: "unknown error".to_owned(), detail })
    })
}
