//! Filling, clicking, hovering, pressing: each after the element is ready for it.

use std::time::Duration;

use fantoccini::Client;
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions, MouseActions, PointerAction};
use fantoccini::elements::{Element, ElementRef};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::choice::{check, select};
use super::frame;
use super::probe::{self, Guarded, Needs, Ready, Reason, ready_request, unguard_request};
use super::suggestion::suggest;
use super::upload::upload;
use super::window;
use crate::evidence::Cause;
use crate::expect::Locator;
use crate::run::browser::worker::{CommandError, Worker};
use crate::spec::action::{Interaction, parse_chord};
use crate::verdict::StepError;

/// The key of an element reference (W3C WebDriver, section 12.3).
const ELEMENT_KEY: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How long to wait before looking again at what is around a frame.
const PAUSE: Duration = Duration::from_millis(50);

/// How many reasons a failure tells.
const REASONS_TOLD: usize = 4;

/// Deletes what is selected.
const DELETE: &str = "\u{E017}";

/// Carries out interactions one after the other in the current page.
pub(in crate::run::browser) async fn interact(
    worker: &mut Worker,
    interactions: &[Interaction],
    deadline: Instant,
) -> Result<(), StepError> {
    for interaction in interactions {
        match interaction {
            Interaction::Fill(locator, value) => fill(worker, locator, value, deadline).await?,
            Interaction::Select(locator, options) => select(worker, locator, options, deadline).await?,
            Interaction::Check(locator, wanted) => check(worker, locator, *wanted, deadline).await?,
            Interaction::Upload(locator, files) => upload(worker, locator, files, deadline).await?,
            Interaction::Hover(locator) => hover(worker, locator, deadline).await?,
            Interaction::Click(locator) => click(worker, locator, deadline).await?,
            Interaction::Press(key) => press(worker, key, deadline).await?,
        }
    }
    Ok(())
}

async fn fill(
    worker: &mut Worker,
    locator: &Locator,
    value: &str,
    deadline: Instant,
) -> Result<(), StepError> {
    loop {
        let ready = wait_until_ready(worker, locator, probe::FILL, &json!(value), deadline).await?;
        if ready.is_set {
            return Ok(());
        }
        let element = element_of(worker.client(), &ready)?;
        // Its content is selected: typing replaces it, and nothing typed deletes it.
        let keys = if ready.typed.is_empty() { DELETE } else { &ready.typed };
        match worker.classic(deadline, element.send_keys(keys)).await {
            Ok(()) => return Ok(()),
            Err(error) => go_on_or_fail(worker, error, locator, deadline)?,
        }
    }
}

/// A click is repeated when it was stopped because something else came under the pointer at the last moment.
async fn click(worker: &mut Worker, locator: &Locator, deadline: Instant) -> Result<(), StepError> {
    loop {
        let ready = wait_until_ready(worker, locator, probe::CLICK, &Value::Null, deadline).await?;
        if click_ready(worker, locator, &ready, deadline).await? {
            return Ok(());
        }
    }
}

/// Clicks an element that is ready; false if something else would have been hit, so that one looks again.
pub(in crate::run::browser) async fn click_ready(
    worker: &mut Worker,
    locator: &Locator,
    ready: &Ready,
    deadline: Instant,
) -> Result<bool, StepError> {
    if !is_open_around(worker, locator, ready, true, deadline).await? {
        return Ok(false);
    }
    let element = element_of(worker.client(), ready)?;
    let click = worker.clicks;
    if let Err(error) = worker.classic(deadline, element.click()).await {
        // A page that is left by the click can take the driver's answer with it.
        if has_hit(worker, click, deadline).await {
            return Ok(true);
        }
        return go_on_or_fail(worker, error, locator, deadline).map(|()| false);
    }
    if worker.waits_itself()
        && let Some(context) = worker.current_page()
    {
        worker.settle(&context, deadline).await?;
    }
    match remove_guards(worker, deadline).await {
        Ok(Guarded { hit: Some(false), .. }) if Instant::now() < deadline => Ok(false),
        Ok(Guarded { hit: None, .. }) | Err(CommandError::DocumentGone)
            if ready.tells && Instant::now() < deadline =>
        {
            Ok(has_hit(worker, click, deadline).await)
        }
        Ok(Guarded { hit: Some(false), blocked }) => {
            let what = blocked.unwrap_or_else(|| "something else".to_owned());
            Err(not_ready(locator, format!("covered by {what} when it was clicked")))
        }
        // Without a guard the document is another one: the click did something.
        Ok(_) | Err(CommandError::DocumentGone) => Ok(true),
        Err(error) => Err(worker.plain_error(error)),
    }
}

/// Whether nothing lies over the frames that an element is in, if it is in any; waits a little if something does.
async fn is_open_around(
    worker: &mut Worker,
    locator: &Locator,
    ready: &Ready,
    guards: bool,
    deadline: Instant,
) -> Result<bool, StepError> {
    if worker.frames.is_empty() {
        return Ok(true);
    }
    match frame::look_around(worker, ready, guards, deadline).await {
        Ok(None) => Ok(true),
        Ok(Some(hindrance)) if Instant::now() >= deadline => Err(not_ready(locator, hindrance)),
        Ok(Some(_)) => {
            sleep(PAUSE).await;
            Ok(false)
        }
        Err(error) => {
            worker.must_switch();
            go_on_or_fail(worker, error, locator, deadline).map(|()| false)
        }
    }
}

/// Whether a click reached its element, though its document may be gone.
async fn has_hit(worker: &mut Worker, click: u64, deadline: Instant) -> bool {
    if let Some(context) = worker.current_page() {
        worker.flush(&context, deadline).await;
    }
    worker.encounters.has_hit(click)
}

/// What the guards of the element's document, and of those around it, saw of the click.
async fn remove_guards(worker: &mut Worker, deadline: Instant) -> Result<Guarded, CommandError> {
    let mut guarded = worker.probe::<Guarded>(unguard_request(), deadline).await?;
    if !worker.frames.is_empty() {
        match frame::unguard_around(worker, deadline).await {
            Ok(blocked) => guarded.blocked = guarded.blocked.or(blocked),
            Err(CommandError::TimedOut) => return Err(CommandError::TimedOut),
            // What is around the frame has changed: it is found again for what comes next.
            Err(_) => worker.must_switch(),
        }
    }
    Ok(guarded)
}

async fn hover(worker: &mut Worker, locator: &Locator, deadline: Instant) -> Result<(), StepError> {
    loop {
        let ready = wait_until_ready(worker, locator, probe::HOVER, &Value::Null, deadline).await?;
        if !is_open_around(worker, locator, &ready, false, deadline).await? {
            continue;
        }
        let client = worker.client();
        let element = element_of(client.clone(), &ready)?;
        let there = PointerAction::MoveToElement { element, duration: Some(Duration::ZERO), x: 0.0, y: 0.0 };
        let actions = MouseActions::new("mouse".to_owned()).then(there);
        match worker.classic(deadline, client.perform_actions(actions)).await {
            Ok(()) => return Ok(()),
            Err(error) => go_on_or_fail(worker, error, locator, deadline)?,
        }
    }
}

async fn press(worker: &mut Worker, key: &str, deadline: Instant) -> Result<(), StepError> {
    let chord = parse_chord(key).map_err(|part| {
        StepError::harness(Cause::Spec { detail: format!("{part:?} is not a known key") })
            .help("a key is one character or a name such as Enter, Tab, ArrowDown; a chord is Control+a")
    })?;
    let down = chord.iter().map(|&value| KeyAction::Down { value });
    let up = chord.iter().rev().map(|&value| KeyAction::Up { value });
    let actions = down.chain(up).fold(KeyActions::new("keyboard".to_owned()), KeyActions::then);
    let client = worker.client();
    match worker.classic(deadline, client.perform_actions(actions)).await {
        // A key that leads to another page has done what it should.
        Ok(()) | Err(CommandError::DocumentGone) => Ok(()),
        Err(error) => Err(worker.plain_error(error)),
    }
}

/// Waits until exactly one visible element of the step's frame matches and is as the action needs it.
pub(in crate::run::browser) async fn wait_until_ready(
    worker: &mut Worker,
    locator: &Locator,
    needs: Needs,
    value: &Value,
    deadline: Instant,
) -> Result<Ready, StepError> {
    loop {
        frame::enter(worker, deadline).await?;
        match wait_here(worker, locator, needs, value, deadline).await? {
            Ok(ready) => return Ok(ready),
            Err(FrameGone) => worker.must_switch(),
        }
    }
}

/// The frame that was waited in is another one now.
pub(in crate::run::browser) struct FrameGone;

/// The same in the document that classic commands are for; an inner error if that is no more.
pub(in crate::run::browser) async fn wait_here(
    worker: &mut Worker,
    locator: &Locator,
    needs: Needs,
    value: &Value,
    deadline: Instant,
) -> Result<Result<Ready, FrameGone>, StepError> {
    let mut reasons = Reasons::default();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let slice = worker.slice();
        let budget = left.min(slice).as_secs_f64() * 1000.0;
        worker.clicks += 1;
        let request = ready_request(locator, needs, value, budget, worker.clicks, left <= slice);
        match worker.probe::<Ready>(request, deadline).await {
            Ok(ready) if ready.element.is_some() => return Ok(Ok(ready)),
            Ok(ready) => {
                reasons.note(ready.reasons);
                if ready.is_final || left.is_zero() {
                    let error = not_ready(locator, reasons.tell());
                    return Err(suggest(error, &ready.suggestions, needs.kind, value));
                }
            }
            Err(CommandError::DocumentGone) if !left.is_zero() => {
                window::check_current(worker)?;
                if !worker.frames.is_empty() {
                    return Ok(Err(FrameGone));
                }
                reasons.note(vec![Reason { reason: "the page was changing".to_owned(), ms: 0.0 }]);
            }
            Err(error) => return Err(worker.plain_error(error)),
        }
    }
}

/// Why an element was not ready, and for how long.
#[derive(Default)]
struct Reasons(Vec<Reason>);

impl Reasons {
    fn note(&mut self, new: Vec<Reason>) {
        for reason in new {
            match self.0.last_mut().filter(|last| last.reason == reason.reason) {
                Some(last) => last.ms += reason.ms,
                None => self.0.push(reason),
            }
        }
    }

    /// The last few of them: what hinders for long is what one wants to know.
    fn tell(&self) -> String {
        let shown = &self.0[self.0.len().saturating_sub(REASONS_TOLD)..];
        let told = shown.iter().map(|one| {
            let seconds = one.ms / 1000.0;
            if seconds < 0.1 { one.reason.clone() } else { format!("{} for {seconds:.1} s", one.reason) }
        });
        told.collect::<Vec<_>>().join(", then ")
    }
}

pub(in crate::run::browser) fn not_ready(locator: &Locator, reason: String) -> StepError {
    StepError::target(Cause::Element { locator: locator.to_string(), reason })
}

pub(in crate::run::browser) fn element_of(client: Client, ready: &Ready) -> Result<Element, StepError> {
    element_from(client, ready.element.as_ref())
}

/// The id in an element's reference.
pub(in crate::run::browser) fn reference_in(element: &Value) -> Option<&str> {
    element.get(ELEMENT_KEY).and_then(Value::as_str)
}

/// An element by its reference.
pub(in crate::run::browser) fn element_from(
    client: Client,
    reference: Option<&Value>,
) -> Result<Element, StepError> {
    match reference.and_then(reference_in) {
        Some(id) => Ok(Element::from_element_id(client, ElementRef::from(id.to_owned()))),
        None => Err(StepError::harness(Cause::WebDriver {
            code: "unknown error".to_owned(),
            detail: "the driver gave no reference to the element".to_owned(),
        })),
    }
}

/// After an action that met a page which was just changing one waits again; anything else is the step's end.
pub(in crate::run::browser) fn go_on_or_fail(
    worker: &Worker,
    error: CommandError,
    locator: &Locator,
    deadline: Instant,
) -> Result<(), StepError> {
    let is_over = Instant::now() >= deadline;
    match error {
        CommandError::DocumentGone if !is_over => Ok(()),
        CommandError::Failed(fantoccini::error::CmdError::Standard(answer)) => {
            let code = answer.error.description();
            let is_passing = matches!(
                code,
                "element click intercepted" | "element not interactable" | "move target out of bounds"
            );
            if is_passing && !is_over {
                return Ok(());
            }
            if is_passing {
                return Err(not_ready(locator, code.to_owned()));
            }
            Err(worker.plain_error(CommandError::Failed(fantoccini::error::CmdError::Standard(answer))))
        }
        error => Err(worker.plain_error(error)),
    }
}
