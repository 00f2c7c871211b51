//! One step in a visitor's browser: into its window and frame, its action, what must follow from it.

use tokio::time::Instant;

use super::Errand;
use super::act::download::take_download;
use super::act::interaction;
use super::act::navigation;
use super::act::navigation::Traversal;
use super::act::screenshot::take_screenshot;
use super::act::script::run_script;
use super::act::window;
use super::visitor::Visitor;
use super::watch::encounter::Window;
use super::worker::Worker;
use crate::evidence::{Cause, round_milliseconds};
use crate::run::artifact::ScenarioArtifacts;
use crate::spec::action::{BrowserCall, DialogAnswer, Interaction, WindowChoice};
use crate::verdict::StepError;

/// Goes to the window and the frame of the step, and says what is answered to its dialogs. Gives back the windows
/// that there are before it.
pub(super) async fn enter(
    worker: &mut Worker,
    visitor: &mut Visitor,
    errand: &Errand<'_>,
    deadline: Instant,
) -> Result<Vec<Window>, StepError> {
    let surroundings = errand.surroundings;
    if surroundings.window == Some(WindowChoice::Main) {
        window::enter_main(worker, visitor);
    }
    window::check_open(worker, visitor)?;
    worker.set_frames(&surroundings.frame);
    worker.encounters.begin_step(&visitor.user_context, surroundings.dialog.as_ref());
    let before = worker.encounters.windows(&visitor.user_context);
    match (surroundings.window, errand.call) {
        (Some(WindowChoice::New), BrowserCall::Open(_)) if visitor.has_page => {
            window::open_new(worker, visitor, deadline).await?;
        }
        (Some(WindowChoice::Close), BrowserCall::Look) => window::close(worker, visitor, deadline).await?,
        _ => {}
    }
    Ok(before)
}

/// Does what is to be done. Gives back whether it leads to a page whose loading is measured.
pub(super) async fn carry_out(
    worker: &mut Worker,
    visitor: &mut Visitor,
    errand: &Errand<'_>,
    artifacts: &ScenarioArtifacts,
    deadline: Instant,
) -> Result<bool, StepError> {
    if let Some(navigated) = navigate(worker, visitor, errand.call, deadline).await {
        return may_have_stayed(worker, visitor, errand, navigated).map(|()| true);
    }
    worker.watch.begin_step(&visitor.context);
    worker.await_arrival(&visitor.context, deadline).await?;
    match errand.call {
        BrowserCall::Interact(interactions) => {
            worker.switch_to(&visitor.context, deadline).await?;
            interact_slowly(worker, &visitor.context, interactions, deadline).await?;
        }
        BrowserCall::Script(script) => {
            visitor.result = Some(run_script(worker, visitor, script, deadline).await?);
        }
        BrowserCall::Screenshot(screenshot) => {
            worker.switch_to(&visitor.context, deadline).await?;
            take_screenshot(worker, visitor, screenshot, artifacts, deadline).await?;
        }
        _ => {}
    }
    Ok(false)
}

/// One interaction after the other, with the pause that who watches asked for; it takes nothing from the step's time.
async fn interact_slowly(
    worker: &mut Worker,
    context: &str,
    interactions: &[Interaction],
    mut deadline: Instant,
) -> Result<(), StepError> {
    let pause = worker.settings.slow_mo;
    for (done, one) in interactions.iter().enumerate() {
        if done > 0 && !pause.is_zero() {
            tokio::time::sleep(pause).await;
            worker.paused += pause;
            deadline += pause;
        }
        worker.await_arrival(context, deadline).await?;
        interaction::interact(worker, std::slice::from_ref(one), deadline).await?;
    }
    worker.settle(context, deadline).await
}

/// Goes to another page; none if that is not what is to be done.
async fn navigate(
    worker: &mut Worker,
    visitor: &mut Visitor,
    call: &BrowserCall,
    deadline: Instant,
) -> Option<Result<(), StepError>> {
    Some(match call {
        BrowserCall::Open(url) => navigation::open(worker, visitor, url, deadline).await,
        BrowserCall::Reload => navigation::reload(worker, visitor, deadline).await,
        BrowserCall::Back => navigation::traverse(worker, visitor, Traversal::Back, deadline).await,
        BrowserCall::Forward => navigation::traverse(worker, visitor, Traversal::Forward, deadline).await,
        _ => return None,
    })
}

/// A navigation that ends in a download that is expected, or is dismissed as the step says, leaves the page as it was.
fn may_have_stayed(
    worker: &mut Worker,
    visitor: &Visitor,
    errand: &Errand<'_>,
    navigated: Result<(), StepError>,
) -> Result<(), StepError> {
    let user = &visitor.user_context;
    let is_dismissed = errand.surroundings.dialog == Some(DialogAnswer::Dismiss)
        && worker.encounters.dialogs(user).iter().any(|dialog| dialog.kind == "beforeunload");
    let is_download = errand.awaits_download && worker.encounters.last_arriving(user).is_some();
    match navigated {
        Err(error)
            if (is_dismissed || is_download)
                && matches!(error.cause, Cause::Navigation { .. } | Cause::Timeout { .. }) =>
        {
            worker.is_poisoned = false;
            worker.watch.stay(&visitor.context);
            Ok(())
        }
        navigated => navigated,
    }
}

/// Waits for what must follow from a step: its dialog, its download, its window.
pub(super) async fn follow(
    worker: &mut Worker,
    visitor: &mut Visitor,
    errand: &Errand<'_>,
    before: &[Window],
    deadline: Instant,
) -> Result<(), StepError> {
    let surroundings = errand.surroundings;
    if surroundings.dialog.is_some() {
        await_dialog(worker, visitor, deadline).await?;
    }
    if errand.awaits_download {
        visitor.download = Some(Box::new(take_download(worker, visitor, deadline).await?));
    }
    match (surroundings.window, errand.call) {
        (Some(WindowChoice::New), call) if !matches!(call, BrowserCall::Open(_)) => {
            window::follow_new(worker, visitor, before, deadline).await?;
        }
        (Some(WindowChoice::Close), _) => window::follow_closing(worker, visitor, before, deadline).await?,
        _ => {}
    }
    // What the frame was part of is another page now, or nobody asks what became of it.
    if !errand.looks || matches!(surroundings.window, Some(WindowChoice::New | WindowChoice::Close)) {
        worker.set_frames(&[]);
    }
    Ok(())
}

async fn await_dialog(worker: &Worker, visitor: &Visitor, deadline: Instant) -> Result<(), StepError> {
    let waiting = Instant::now();
    let user = &visitor.user_context;
    let has_opened =
        |encounters: &super::watch::encounter::Encounters| encounters.dialogs(user).first().map(|_| ());
    if worker.encounters.wait_for(deadline, has_opened).await.is_some() {
        return Ok(());
    }
    let seconds = round_milliseconds(waiting.elapsed()) / 1000.0;
    let reason = format!("no dialog opened within {seconds:.1} s");
    Err(StepError::target(Cause::Element { locator: "dialog".to_owned(), reason })
        .help("`dialog` says that the step opens one: leave it out where it does not"))
}
