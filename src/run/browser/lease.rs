//! What a scenario does with its browser.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::act::frame;
use super::act::navigation;
use super::act::probe::{Look, look_request};
use super::act::window;
use super::cookies::{bring_cookies, read_cookies};
use super::errand::{carry_out, enter, follow};
use super::failed_page;
use super::pool::Place;
use super::remote::RemoteSession;
use super::storage;
use super::storage::OriginStorage;
use super::visitor::Visitor;
use super::watch::seen_page::{build_page, build_unasked, look_back};
use super::worker::{CommandError, Worker};
use crate::evidence::{Artifact, Cause, Evidence, PageState};
use crate::expect::ElementQuery;
use crate::run::artifact::ScenarioArtifacts;
use crate::run::cookie::ActorCookie;
use crate::run::outcome::Outcome;
use crate::spec::action::{BrowserCall, Surroundings};
use crate::verdict::StepError;

/// How long bringing a visitor into being or out of it may take.
const VISITOR_LIMIT: Duration = Duration::from_secs(30);

/// How long taking visitors away may take before the browser is ended instead.
const RELEASE_LIMIT: Duration = Duration::from_secs(3);

/// How long the last look at a page may take.
const LAST_LOOK_LIMIT: Duration = Duration::from_secs(1);

/// What an actor is to do in its browser, and what is looked at afterwards.
#[derive(Clone, Copy, Debug)]
pub struct Errand<'a> {
    /// What to do.
    pub call: &'a BrowserCall,
    /// In which frame and window, and what is answered to dialogs.
    pub surroundings: &'a Surroundings,
    /// The elements to look at.
    pub wanted: &'a [ElementQuery],
    /// Whether anything of the page is looked at: if not, the frame may be gone afterwards.
    pub looks: bool,
    /// Whether a download must come of it.
    pub awaits_download: bool,
}

/// A browser, for as long as a scenario needs it. Give it back with [`BrowserLease::release`]; dropped, its browser is
/// ended.
#[derive(Debug)]
pub struct BrowserLease {
    worker: Option<Worker>,
    place: Place,
    visitors: BTreeMap<String, Visitor>,
    /// How many actors the scenario has in its browser.
    actors: usize,
    artifacts: ScenarioArtifacts,
    /// Whether a command is on its way; still set if somebody stopped waiting for it.
    is_busy: bool,
    /// Whether a browser at somebody else's driver was lost.
    has_lost: bool,
}

impl BrowserLease {
    pub(super) fn new(worker: Worker, place: Place, actors: usize, artifacts: ScenarioArtifacts) -> Self {
        Self {
            worker: Some(worker),
            place,
            visitors: BTreeMap::new(),
            actors,
            artifacts,
            is_busy: false,
            has_lost: false,
        }
    }

    /// Makes sure that an actor is in the browser. What that takes is no part of a step's time.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn prepare(&mut self, actor: &str) -> Result<(), StepError> {
        self.mend().await?;
        self.is_busy = true;
        let loss = self.loss();
        let welcomed = tokio::select! {
            biased;
            welcomed = self.welcome(actor) => welcomed,
            () = loss => Err(StepError::harness(Cause::DriverDied)),
        };
        self.is_busy = false;
        match welcomed {
            Ok(()) => Ok(()),
            Err(error) => Err(self.note_loss(error).await),
        }
    }

    /// Does what an actor is to do, then looks at the page.
    ///
    /// `jar` are the actor's cookies as HTTP steps know them. The deadline is the step's.
    pub async fn perform(
        &mut self,
        actor: &str,
        errand: &Errand<'_>,
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
            acted = self.act(actor, errand, jar, deadline) => acted,
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

    /// How long a step has stood still for who watches.
    pub fn take_paused(&mut self) -> Duration {
        self.worker.as_mut().map(|worker| std::mem::take(&mut worker.paused)).unwrap_or_default()
    }

    /// The files that an actor's step has left behind so far.
    pub fn take_artifacts(&mut self, actor: &str) -> Vec<Artifact> {
        self.visitors.get_mut(actor).map(|visitor| std::mem::take(&mut visitor.artifacts)).unwrap_or_default()
    }

    /// Writes down what an actor's page is like after a step that went wrong: a picture, its document, its console.
    ///
    /// # Errors
    /// Why there is nothing of it, or not all.
    pub async fn keep_page(&self, actor: &str, name: &str) -> Result<Vec<Artifact>, failed_page::Unseen> {
        match (&self.worker, self.visitors.get(actor)) {
            (Some(worker), Some(visitor)) => {
                failed_page::keep_page(worker, visitor, &self.artifacts, name).await
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Which fields of an actor's page hold another text than was filled in, for people.
    pub async fn find_altered(&mut self, actor: &str) -> Option<String> {
        let visitor = self.visitors.get(actor).filter(|visitor| visitor.has_page)?;
        let worker = self.worker.as_mut().filter(|worker| !worker.is_poisoned && !self.is_busy)?;
        let is_there = worker.current_page().as_ref() == Some(&visitor.context);
        if is_there { failed_page::find_altered(worker).await } else { None }
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

    /// What an actor's page keeps in the browser; none if there is no page, or nothing.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn read_storage(&mut self, actor: &str) -> Result<Option<OriginStorage>, StepError> {
        self.mend().await?;
        match (&self.worker, self.visitors.get(actor)) {
            (Some(worker), Some(visitor)) if visitor.has_page => {
                storage::read_storage(worker, visitor, Instant::now() + VISITOR_LIMIT).await
            }
            _ => Ok(None),
        }
    }

    /// Puts this into an actor's storage with the next page that it opens.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn give_storage(&mut self, actor: &str, given: &OriginStorage) -> Result<(), StepError> {
        self.mend().await?;
        self.welcome(actor).await?;
        let (worker, visitor) = self.parts(actor)?;
        storage::give_storage(worker, visitor, given, Instant::now() + VISITOR_LIMIT).await
    }

    /// What the pages of actors did since their last steps were judged, by actor.
    pub async fn look_back(&self) -> Vec<(String, PageState)> {
        let Some(worker) = self.worker.as_ref().filter(|worker| !self.is_busy && !worker.is_poisoned) else {
            return Vec::new();
        };
        let deadline = Instant::now() + LAST_LOOK_LIMIT;
        let mut seen = Vec::new();
        for (actor, visitor) in self.visitors.iter().filter(|(_, visitor)| visitor.has_page) {
            if let Some(page) = look_back(worker, visitor, deadline).await {
                seen.push((actor.clone(), page));
            }
        }
        seen
    }

    /// Gives the browser back, without anything of this scenario in it.
    pub async fn release(mut self) {
        let Some(mut worker) = self.worker.take() else {
            return self.place.give_back(None);
        };
        let mut is_good = !self.is_busy && !worker.is_poisoned;
        // A browser that nobody will use is ended as it is.
        if is_good && self.place.pool.has_use_for_more() {
            let deadline = Instant::now() + RELEASE_LIMIT;
            worker.spare.prepare(&worker.entrance, VISITOR_LIMIT);
            for visitor in std::mem::take(&mut self.visitors).into_values() {
                is_good &= visitor.remove(&worker, deadline).await.is_ok();
            }
            worker.forget_page();
        }
        if is_good {
            self.place.give_back(Some(worker));
        } else {
            worker.end().await;
            self.place.give_back(None);
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
        errand: &Errand<'_>,
        jar: &[ActorCookie],
        deadline: Instant,
    ) -> Result<PageState, StepError> {
        self.welcome(actor).await?;
        let artifacts = self.artifacts.clone();
        let (worker, visitor) = self.parts(actor)?;
        (visitor.result, visitor.comparison, visitor.download) = (None, None, None);
        visitor.artifacts.clear();
        bring_cookies(worker, visitor, jar, deadline).await?;
        let call = errand.call;
        if !visitor.has_page && !matches!(call, BrowserCall::Open(_)) {
            return Err(no_page(actor));
        }
        let before = enter(worker, visitor, errand, deadline).await?;
        let navigates = carry_out(worker, visitor, errand, &artifacts, deadline).await?;
        if navigates {
            storage::stop_giving(worker, visitor, deadline).await?;
        }
        follow(worker, visitor, errand, &before, deadline).await?;
        self.look_again(actor, errand.wanted, false, deadline).await
    }

    /// Makes sure that an actor is in the browser.
    async fn welcome(&mut self, actor: &str) -> Result<(), StepError> {
        let Some(worker) = self.worker.as_mut() else {
            return Err(StepError::harness(Cause::DriverDied));
        };
        if !self.visitors.contains_key(actor) {
            let visitor = match worker.spare.take().await {
                Some(spare) => spare,
                None => worker.entrance.admit(Instant::now() + VISITOR_LIMIT).await?,
            };
            self.visitors.insert(actor.to_owned(), visitor);
            let has_use = self.visitors.len() < self.actors || self.place.pool.has_use_for_more();
            if has_use && worker.settings.kind.admits_beside(&worker.settings) {
                worker.spare.prepare(&worker.entrance, VISITOR_LIMIT);
            }
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
        window::check_open(worker, visitor)?;
        worker.switch_to(&visitor.context, deadline).await?;
        loop {
            worker.await_arrival(&visitor.context, deadline).await?;
            frame::enter(worker, deadline).await?;
            let left = deadline.saturating_duration_since(Instant::now());
            let budget = if waits { left.min(worker.slice()) } else { Duration::ZERO };
            let known = visitor.print.clone().filter(|_| waits);
            let request = look_request(wanted, known.as_deref(), budget.as_secs_f64() * 1000.0);
            let look: Look = match worker.probe(request, deadline).await {
                Ok(look) => look,
                Err(CommandError::DocumentGone) if !left.is_zero() => {
                    window::check_open(worker, visitor)?;
                    if !worker.frames.is_empty() {
                        worker.must_switch();
                    }
                    continue;
                }
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
        Some(build_unasked(worker, visitor))
    }
}

fn no_page(actor: &str) -> StepError {
    let detail = format!("{actor} has no page yet");
    StepError::harness(Cause::Spec { detail }).help("go to one first: open = \"/\"")
}
