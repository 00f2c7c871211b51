//! What a scenario does with its browser.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::cookies::{bring_cookies, read_cookies};
use super::navigation::Traversal;
use super::pool::Place;
use super::probe::{Look, look_request};
use super::remote::RemoteSession;
use super::screenshot::take_picture;
use super::script::run_script;
use super::visitor::Visitor;
use super::worker::{CommandError, Worker};
use super::{interaction, navigation};
use crate::evidence::{Cause, Evidence, PageState};
use crate::expect::ElementQuery;
use crate::run::artifact::ScenarioArtifacts;
use crate::run::cookie::ActorCookie;
use crate::run::outcome::Outcome;
use crate::spec::action::BrowserCall;
use crate::verdict::StepError;

/// How long one script in the page may wait: commands over BiDi are held back meanwhile.
const SLICE: Duration = Duration::from_secs(1);

/// How long bringing a visitor into being or out of it may take.
const VISITOR_LIMIT: Duration = Duration::from_secs(10);

/// How long taking visitors away may take before the browser is ended instead.
const RELEASE_LIMIT: Duration = Duration::from_secs(3);

/// How many characters of a page's text are reported.
const EXCERPT: usize = 2_000;

/// A browser, for as long as a scenario needs it. Give it back with [`BrowserLease::release`]; dropped, its browser is
/// ended.
#[derive(Debug)]
pub struct BrowserLease {
    worker: Option<Worker>,
    place: Place,
    visitors: BTreeMap<String, Visitor>,
    artifacts: ScenarioArtifacts,
    /// Whether a command is on its way; still set if somebody stopped waiting for it.
    is_busy: bool,
    /// Whether a browser at somebody else's driver was lost.
    has_lost: bool,
}

impl BrowserLease {
    pub(super) fn new(worker: Worker, place: Place, artifacts: ScenarioArtifacts) -> Self {
        Self {
            worker: Some(worker),
            place,
            visitors: BTreeMap::new(),
            artifacts,
            is_busy: false,
            has_lost: false,
        }
    }

    /// Does what an actor is to do, then looks at the page.
    ///
    /// `jar` are the actor's cookies as HTTP steps know them. The deadline is the step's.
    pub async fn perform(
        &mut self,
        actor: &str,
        call: &BrowserCall,
        wanted: &[ElementQuery],
        jar: &[ActorCookie],
        deadline: Instant,
    ) -> Outcome {
        if let Err(error) = self.mend().await {
            return Outcome::error(error);
        }
        self.is_busy = true;
        let loss = self.loss();
        let acted = tokio::select! {
            biased;
            acted = self.act(actor, call, wanted, jar, deadline) => acted,
            () = loss => Err(StepError::harness(Cause::DriverDied)),
        };
        let outcome = match acted {
            Ok(page) => Outcome::seen(Evidence::Page(page)),
            Err(error) => {
                let error = self.note_loss(error).await;
                Outcome { evidence: self.evidence(actor).map(Evidence::Page), error: Some(error) }
            }
        };
        self.is_busy = false;
        outcome
    }

    /// Looks at an actor's page; with `previous`, once something differs from that look or the deadline has come.
    ///
    /// # Errors
    /// The page is the browser's own error page, or the browser is gone.
    pub async fn look(
        &mut self,
        actor: &str,
        wanted: &[ElementQuery],
        previous: Option<&PageState>,
        deadline: Instant,
    ) -> Result<PageState, StepError> {
        self.mend().await?;
        self.is_busy = true;
        let loss = self.loss();
        let looked = tokio::select! {
            biased;
            looked = self.look_again(actor, wanted, previous.is_some(), deadline) => looked,
            () = loss => Err(StepError::harness(Cause::DriverDied)),
        };
        self.is_busy = false;
        match looked {
            Ok(page) => Ok(page),
            Err(error) => Err(self.note_loss(error).await),
        }
    }

    /// Whether a browser at somebody else's driver was lost while it was leased.
    pub fn has_lost_session(&self) -> bool {
        self.has_lost
    }

    /// Ends once a browser at somebody else's driver is lost; never for one of ours, whose connection then ends.
    fn loss(&self) -> impl Future<Output = ()> + use<> {
        let session = self.worker.as_ref().and_then(Worker::remote_session);
        let lost = session.map(RemoteSession::until_lost);
        async move {
            match lost {
                Some(lost) => lost.await,
                None => std::future::pending().await,
            }
        }
    }

    /// Whatever a step says of a page whose browser is gone, the site has no part in it.
    async fn note_loss(&mut self, error: StepError) -> StepError {
        let Some(worker) = self.worker.as_mut() else { return error };
        let is_elsewhere = worker.remote().is_some();
        let is_lost = match error.cause {
            // Whether it is gone or answers no more is the same from here.
            Cause::DriverDied if is_elsewhere => true,
            Cause::DriverDied | Cause::WebDriver { .. } => worker.is_lost().await,
            Cause::Timeout { .. } if is_elsewhere => worker.is_lost().await,
            _ => worker.bidi.is_closed(),
        };
        worker.is_poisoned |= is_lost || error.cause == Cause::DriverDied;
        match worker.remote().filter(|_| is_lost) {
            Some(remote) => {
                let message = format!("the browser session at {} was lost", remote.place);
                self.has_lost = true;
                StepError::harness(Cause::DriverDied).message(message)
            }
            None if is_lost && error.cause != Cause::DriverDied => StepError::harness(Cause::DriverDied),
            None => error,
        }
    }

    /// The cookies that an actor has in the browser.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn cookies(&mut self, actor: &str) -> Result<Vec<ActorCookie>, StepError> {
        self.mend().await?;
        match (&self.worker, self.visitors.get_mut(actor)) {
            (Some(worker), Some(visitor)) => {
                read_cookies(worker, visitor, Instant::now() + VISITOR_LIMIT).await
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Gives the browser back, without anything of this scenario in it.
    pub async fn release(mut self) {
        let Some(mut worker) = self.worker.take() else {
            return self.place.pool.give_back(None);
        };
        let mut is_good = !self.is_busy && !worker.is_poisoned;
        // A browser that nobody will use is ended as it is.
        if is_good && self.place.pool.has_use_for_more() {
            let deadline = Instant::now() + RELEASE_LIMIT;
            for visitor in std::mem::take(&mut self.visitors).into_values() {
                is_good &= visitor.remove(&worker, deadline).await.is_ok();
            }
            worker.forget_page();
            if is_good && worker.spare.is_none() {
                worker.spare = Visitor::create(&worker, deadline).await.ok();
            }
        }
        if is_good {
            self.place.pool.give_back(Some(worker));
        } else {
            worker.end().await;
            self.place.pool.give_back(None);
        }
    }

    /// Replaces a browser that does not answer any more, or whose answer nobody waited for.
    async fn mend(&mut self) -> Result<(), StepError> {
        let is_bad = self.worker.as_ref().is_none_or(|worker| worker.is_poisoned);
        if !self.is_busy && !is_bad {
            return Ok(());
        }
        self.visitors.clear();
        if let Some(worker) = self.worker.take() {
            worker.end().await;
        }
        self.worker = Some(self.place.pool.start_instead().await?);
        self.is_busy = false;
        Ok(())
    }

    fn parts(&mut self, actor: &str) -> Result<(&mut Worker, &mut Visitor), StepError> {
        match (self.worker.as_mut(), self.visitors.get_mut(actor)) {
            (Some(worker), Some(visitor)) => Ok((worker, visitor)),
            _ => Err(no_page(actor)),
        }
    }

    async fn act(
        &mut self,
        actor: &str,
        call: &BrowserCall,
        wanted: &[ElementQuery],
        jar: &[ActorCookie],
        deadline: Instant,
    ) -> Result<PageState, StepError> {
        self.welcome(actor).await?;
        let artifacts = self.artifacts.clone();
        let (worker, visitor) = self.parts(actor)?;
        (visitor.result, visitor.picture) = (None, None);
        bring_cookies(worker, visitor, jar, deadline).await?;
        if !visitor.has_page && !matches!(call, BrowserCall::Open(_)) {
            return Err(no_page(actor));
        }
        let mut navigates = true;
        match call {
            BrowserCall::Open(url) => navigation::open(worker, visitor, url, deadline).await?,
            BrowserCall::Reload => navigation::reload(worker, visitor, deadline).await?,
            BrowserCall::Back => {
                navigation::traverse(worker, visitor, Traversal::Back, deadline).await?;
            }
            BrowserCall::Forward => {
                navigation::traverse(worker, visitor, Traversal::Forward, deadline).await?;
            }
            BrowserCall::Interact(interactions) => {
                worker.watch.begin_step(&visitor.context);
                worker.switch_to(&visitor.context, deadline).await?;
                let pause = worker.settings.slow_mo;
                let mut deadline = deadline;
                for (done, one) in interactions.iter().enumerate() {
                    if done > 0 && !pause.is_zero() {
                        tokio::time::sleep(pause).await;
                        deadline += pause;
                    }
                    interaction::interact(worker, std::slice::from_ref(one), deadline).await?;
                }
                navigates = false;
            }
            BrowserCall::Script(script) => {
                worker.watch.begin_step(&visitor.context);
                visitor.result = Some(run_script(worker, visitor, script, deadline).await?);
                navigates = false;
            }
            BrowserCall::Screenshot(screenshot) => {
                worker.watch.begin_step(&visitor.context);
                worker.switch_to(&visitor.context, deadline).await?;
                let picture = take_picture(worker, visitor, screenshot, deadline).await?;
                visitor.picture = Some(artifacts.write_picture(&screenshot.name, &picture).await?);
                navigates = false;
            }
            BrowserCall::Look => {
                worker.watch.begin_step(&visitor.context);
                navigates = false;
            }
        }
        let mut page = self.look_again(actor, wanted, false, deadline).await?;
        if !navigates {
            page.load_ms = None;
        }
        Ok(page)
    }

    /// Makes sure that an actor is in the browser.
    async fn welcome(&mut self, actor: &str) -> Result<(), StepError> {
        let Some(worker) = self.worker.as_mut() else {
            return Err(StepError::harness(Cause::DriverDied));
        };
        if !self.visitors.contains_key(actor) {
            let visitor = match worker.spare.take() {
                Some(spare) => spare,
                None => Visitor::create(worker, Instant::now() + VISITOR_LIMIT).await?,
            };
            self.visitors.insert(actor.to_owned(), visitor);
        }
        Ok(())
    }

    async fn look_again(
        &mut self,
        actor: &str,
        wanted: &[ElementQuery],
        waits: bool,
        deadline: Instant,
    ) -> Result<PageState, StepError> {
        let (worker, visitor) = self.parts(actor)?;
        worker.switch_to(&visitor.context, deadline).await?;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let budget = if waits { left.min(SLICE) } else { Duration::ZERO };
            let known = visitor.print.clone().filter(|_| waits);
            let request = look_request(wanted, known.as_deref(), budget.as_secs_f64() * 1000.0);
            let look: Look = match worker.probe(request, deadline).await {
                Ok(look) => look,
                Err(CommandError::DocumentGone) if !left.is_zero() => continue,
                Err(error) => return Err(worker.plain_error(error)),
            };
            worker.flush(&visitor.context, deadline).await;
            let generation = worker.watch.generation(&visitor.context);
            let has_news = known.as_ref() != Some(&look.print) || generation != visitor.generation;
            if !waits || has_news || left.is_zero() {
                visitor.print = Some(look.print);
                visitor.generation = generation;
                return navigation::judge_page(build_page(worker, visitor, look.state));
            }
        }
    }

    /// What can be said of an actor's page without asking it.
    fn evidence(&self, actor: &str) -> Option<PageState> {
        let (worker, visitor) = (self.worker.as_ref()?, self.visitors.get(actor)?);
        let seen = worker.watch.seen(&visitor.context);
        let document = seen.document;
        Some(PageState {
            url: document.as_ref().map(|document| document.url.clone()).unwrap_or_default(),
            status: document.and_then(|document| document.status),
            console: seen.console,
            resources: seen.resources,
            viewport: worker.settings.viewport,
            result: visitor.result.clone(),
            picture: visitor.picture.clone(),
            ..PageState::default()
        })
    }
}

fn build_page(worker: &Worker, visitor: &Visitor, state: super::probe::LookState) -> PageState {
    let seen = worker.watch.seen(&visitor.context);
    let document = seen.document.as_ref();
    let status = state.status.or_else(|| document.and_then(|document| document.status));
    let error = (state.is_error_page).then(|| navigation::error_page_cause(document, status, &state.url));
    PageState {
        status,
        excerpt: state.text.chars().take(EXCERPT).collect(),
        url: state.url,
        title: state.title,
        text: state.text,
        html: state.html,
        load_ms: state.load_ms,
        error: error.flatten(),
        console: seen.console,
        resources: seen.resources,
        elements: state.elements,
        viewport: state.viewport,
        result: visitor.result.clone(),
        picture: visitor.picture.clone(),
    }
}

fn no_page(actor: &str) -> StepError {
    let detail = format!("{actor} has no page yet");
    StepError::harness(Cause::Spec { detail }).help("go to one first: open = \"/\"")
}
