//! A visitor's windows: the one that it is in, one that opens, one that closes.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::evidence::Cause;
use crate::run::browser::BrowserKind;
use crate::run::browser::visitor::{Visitor, read_id};
use crate::run::browser::watch::encounter::Window;
use crate::run::browser::worker::Worker;
use crate::verdict::StepError;

/// How long a new window may stay empty before it is looked at as it is.
const EMPTY: Duration = Duration::from_secs(1);

/// Goes back to the first of its windows.
pub(in crate::run::browser) fn enter_main(worker: &Worker, visitor: &mut Visitor) {
    if let Some(first) = worker.encounters.windows(&visitor.user_context).into_iter().next() {
        enter(visitor, first.context);
    }
}

fn enter(visitor: &mut Visitor, context: String) {
    visitor.context = context;
    visitor.print = None;
}

/// The visitor's window must not have been closed without a word.
pub(in crate::run::browser) fn check_open(worker: &Worker, visitor: &Visitor) -> Result<(), StepError> {
    if worker.encounters.is_closed(&visitor.context) { Err(closed()) } else { Ok(()) }
}

/// The page that classic commands are for must not have been closed.
pub(in crate::run::browser) fn check_current(worker: &Worker) -> Result<(), StepError> {
    match worker.current_page() {
        Some(context) if worker.encounters.is_closed(&context) => Err(closed()),
        _ => Ok(()),
    }
}

fn closed() -> StepError {
    failed("the page has closed its window").help(
        "the step in which that happens says window = \"close\"; window = \"main\" goes to the first one",
    )
}

/// Opens an empty window of the visitor and goes there.
pub(in crate::run::browser) async fn open_new(
    worker: &Worker,
    visitor: &mut Visitor,
    deadline: Instant,
) -> Result<(), StepError> {
    let kind = worker.settings.kind.create_type();
    let parameters = json!({ "type": kind, "userContext": visitor.user_context });
    let created = worker.bidi("browsingContext.create", parameters, deadline).await?;
    enter(visitor, read_id(&created, "context")?);
    Ok(())
}

/// Waits for the window that was opened since `before`, and for its document; goes there.
pub(in crate::run::browser) async fn follow_new(
    worker: &Worker,
    visitor: &mut Visitor,
    before: &[Window],
    deadline: Instant,
) -> Result<(), StepError> {
    let user = visitor.user_context.clone();
    let is_new = |window: &Window| !before.iter().any(|known| known.context == window.context);
    let found = worker
        .encounters
        .wait_for(deadline, |encounters| encounters.windows(&user).into_iter().find(is_new))
        .await;
    let Some(window) = found else {
        return Err(failed("no window was opened"));
    };
    enter(visitor, window.context);
    wait_until_loaded(worker, visitor, deadline).await
}

/// A document that takes longer is waited for by the look that follows: drivers answer nothing before it is there.
async fn wait_until_loaded(worker: &Worker, visitor: &Visitor, deadline: Instant) -> Result<(), StepError> {
    let limit = deadline.min(Instant::now() + EMPTY);
    let state = worker.encounters.wait_for(limit, |encounters| {
        let windows = encounters.windows(&visitor.user_context);
        match windows.into_iter().find(|window| window.context == visitor.context) {
            Some(window) => window.is_loaded.then_some(true),
            None => Some(false),
        }
    });
    match state.await {
        Some(false) => Err(failed("the new window was closed again")),
        Some(true) | None => {
            wake(worker, visitor, deadline).await;
            Ok(())
        }
    }
}

/// Chromium's BiDi does not answer scripts in a window that has an opener (156) before it is told of its realms again.
async fn wake(worker: &Worker, visitor: &Visitor, deadline: Instant) {
    if worker.settings.kind != BrowserKind::Chromium {
        return;
    }
    let parameters = json!({ "context": visitor.context });
    let Ok(answer) = worker.bidi.command("goog:cdp.getSession", parameters, deadline).await else { return };
    let (user, context) = (&visitor.user_context, &visitor.context);
    worker.encounters.set_waking(user, context, true);
    for method in ["Runtime.disable", "Runtime.enable"] {
        let parameters = json!({ "method": method, "params": {}, "session": answer["session"] });
        // Where it is not understood, scripts may be answered anyway.
        let _ = worker.bidi.command("goog:cdp.sendCommand", parameters, deadline).await;
    }
    worker.flush(context, deadline).await;
    worker.encounters.set_waking(user, context, false);
}

/// Closes the visitor's window.
pub(in crate::run::browser) async fn close(
    worker: &Worker,
    visitor: &Visitor,
    deadline: Instant,
) -> Result<(), StepError> {
    if worker.encounters.windows(&visitor.user_context).len() < 2 {
        return Err(failed("it is the actor's only window"));
    }
    worker.bidi("browsingContext.close", json!({ "context": visitor.context }), deadline).await.map(|_| ())
}

/// Waits until the visitor's window has closed; goes to the one that opened it, or else to the last one.
pub(in crate::run::browser) async fn follow_closing(
    worker: &Worker,
    visitor: &mut Visitor,
    before: &[Window],
    deadline: Instant,
) -> Result<(), StepError> {
    let is_current = |window: &&Window| window.context == visitor.context;
    let opener = before.iter().find(is_current).and_then(|window| window.opener.clone());
    let user = &visitor.user_context;
    let left = worker.encounters.wait_for(deadline, |encounters| {
        let windows = encounters.windows(user);
        (!windows.iter().any(|window| window.context == visitor.context)).then_some(windows)
    });
    let Some(left) = left.await else {
        return Err(failed("the window was not closed"));
    };
    worker.watch.forget(&visitor.context);
    let back = left.iter().find(|window| Some(&window.context) == opener.as_ref()).or(left.last());
    let Some(back) = back else {
        return Err(failed("the actor's only window was closed"));
    };
    enter(visitor, back.context.clone());
    Ok(())
}

fn failed(reason: &str) -> StepError {
    StepError::target(Cause::Element { locator: "window".to_owned(), reason: reason.to_owned() })
}
