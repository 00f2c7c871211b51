//! One driver, one browser, one session.

use std::sync::Arc;
use std::time::Duration;

use fantoccini::Client;
use fantoccini::error::CmdError;
use fantoccini::wd::WindowHandle;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use super::BrowserSettings;
use super::act::download;
use super::act::frame::Entered;
use super::act::probe;
use super::bidi::{Bidi, EventSink, Poster, REFUSED};
use super::failure;
use super::home::{Home, Opened, START_LIMIT, await_start};
use super::remote::slots::Fleet;
use super::remote::{Remote, RemoteSession};
use super::visitor::{Entrance, Spare};
use super::watch::encounter::{self, Encounters, Handled};
use super::watch::intercept::Intercept;
use super::watch::read_event::preload_parameters;
use super::watch::{EVENTS, Watch};
use crate::evidence::{Cause, Phase};
use crate::expect::Locator;
use crate::verdict::StepError;

/// How long a page may take to answer that it has told everything.
const FLUSH_LIMIT: Duration = Duration::from_secs(1);

/// How long it may take where the step's time is over.
const LATE_FLUSH_LIMIT: Duration = Duration::from_millis(200);

/// How often a page that is loading is asked whether it is whole.
const LOADING_LOOK: Duration = Duration::from_millis(250);

/// How long one script in the page may wait: commands over BiDi are held back meanwhile.
const SLICE: Duration = Duration::from_secs(1);

/// The same where requests wait for such a command.
const SHORT_SLICE: Duration = Duration::from_millis(100);

/// How long a request that leads to another page may take to be told, where the driver does not wait for it.
const OWN_PAUSE: Duration = Duration::from_millis(50);

/// How long after an error a browser that is gone is waited for to be known as gone.
const LOSS_LIMIT: Duration = Duration::from_millis(300);

/// How long after a deadline a driver may still answer: it cannot be asked anything else meanwhile.
const GRACE: Duration = Duration::from_millis(1_500);

/// A driver, its browser and the one session in it.
#[derive(Debug)]
pub(super) struct Worker {
    /// How it was started.
    pub(super) settings: Arc<BrowserSettings>,
    /// The connection for commands and events.
    pub(super) bidi: Arc<Bidi>,
    /// What events told.
    pub(super) watch: Watch,
    /// What visitors encounter beside their pages.
    pub(super) encounters: Encounters,
    /// What its visitors come into being with.
    pub(super) entrance: Entrance,
    /// A visitor for the next actor.
    pub(super) spare: Spare,
    /// The frames in which the current step acts and looks, the outermost first.
    pub(super) frames: Vec<Locator>,
    /// Those of them that classic commands are in.
    pub(super) entered: Vec<Entered>,
    /// Counts clicks, so that each can be told from the one before.
    pub(super) clicks: u64,
    /// How long it has stood still for who watches, not counted yet.
    pub(super) paused: Duration,
    /// Whether it can no longer be trusted to answer.
    pub(super) is_poisoned: bool,
    client: Client,
    current: Option<String>,
    /// Whether classic commands may be in a frame that is no more.
    is_astray: bool,
    home: Option<Home>,
}

/// Why a classic command has no result.
#[derive(Debug)]
pub(super) enum CommandError {
    /// The document changed under it: look again.
    DocumentGone,
    /// Anything else that was answered.
    Failed(CmdError),
    /// No answer came in time.
    TimedOut,
}

impl Worker {
    /// Starts a browser, or asks for one where it is somebody else's. Gives up when `cancel` says that nobody needs it.
    pub(super) async fn start(
        settings: Arc<BrowserSettings>,
        fleet: Option<&Fleet>,
        cancel: &CancellationToken,
    ) -> Result<Self, StepError> {
        let Opened { home, client, capabilities } = Home::open(&settings, fleet, cancel).await?;
        let connecting = Self::connect(settings, client, &capabilities, home.remote());
        match await_start(cancel, connecting).await {
            Ok(mut worker) => {
                worker.home = Some(home);
                Ok(worker)
            }
            Err(error) => {
                home.end().await;
                Err(error)
            }
        }
    }

    async fn connect(
        settings: Arc<BrowserSettings>,
        client: Client,
        given: &Map<String, Value>,
        remote: Option<&Remote>,
    ) -> Result<Self, StepError> {
        let Some(socket) = given.get("webSocketUrl").and_then(Value::as_str) else {
            return Err(StepError::harness(Cause::DriverMismatch)
                .message("the driver does not speak WebDriver BiDi")
                .help("a chromedriver or geckodriver of the last two years does"));
        };
        let deadline = Instant::now() + START_LIMIT;
        let watch = Watch::new(settings.kind, &settings.base);
        let intercept = Intercept::new(&settings);
        let interception = intercept.as_ref().map(Intercept::parameters);
        let encounters = Encounters::new();
        let (sink_watch, sink_encounters) = (watch.clone(), encounters.clone());
        let build = |poster| build_sink(poster, intercept, sink_encounters, sink_watch);
        let bidi = Bidi::connect(socket, remote, build, deadline);
        let bidi = Arc::new(bidi.await.map_err(|error| failure::bidi_error(&error))?);
        let command = async |method, parameters| {
            bidi.command(method, parameters, deadline).await.map_err(|error| failure::bidi_error(&error))
        };
        let events = [EVENTS, encounter::EVENTS].concat();
        let intercepts = async {
            match interception {
                Some(parameters) => command("network.addIntercept", parameters).await.map(|_| ()),
                None => Ok(()),
            }
        };
        let (subscribed, preloaded, intercepted, own_name) = tokio::join!(
            command("session.subscribe", json!({ "events": events })),
            command("script.addPreloadScript", preload_parameters()),
            intercepts,
            read_own_name(&client, given.get("userAgent")),
        );
        subscribed?;
        preloaded?;
        intercepted?;
        let entrance = Entrance {
            bidi: Arc::clone(&bidi),
            settings: Arc::clone(&settings),
            user_agent: format!("{} {}", own_name?, settings.user_agent_suffix),
            downloads: download::find_folder(given),
        };
        let spare = Spare::Ready(Box::new(entrance.admit(deadline).await?));
        Ok(Self {
            settings,
            bidi,
            watch,
            entrance,
            spare,
            encounters,
            frames: Vec::new(),
            entered: Vec::new(),
            clicks: 0,
            paused: Duration::ZERO,
            is_poisoned: false,
            client,
            current: None,
            is_astray: false,
            home: None,
        })
    }

    /// A BiDi command of which nothing but success is expected.
    pub(super) async fn bidi(
        &self,
        method: &str,
        parameters: Value,
        deadline: Instant,
    ) -> Result<Value, StepError> {
        self.bidi.command(method, parameters, deadline).await.map_err(|error| failure::bidi_error(&error))
    }

    /// Lets the events that are on their way come in: they come before the answer to a command (measured: without
    /// it 1 of 75 was late).
    pub(super) async fn flush(&self, context: &str, deadline: Instant) {
        let parameters =
            json!({ "expression": "0", "target": { "context": context }, "awaitPromise": false });
        // A document that is just being replaced answers with an error, which is an answer too.
        let _ = self.bidi.command("script.evaluate", parameters, flush_deadline(deadline)).await;
    }

    /// Waits until what an action has begun in a page is there: another document, or nothing but the page itself.
    pub(super) async fn settle(&mut self, context: &str, deadline: Instant) -> Result<(), StepError> {
        // A form is sent in a turn of its own. Firefox never answers for a document that is gone.
        let pause = if self.waits_itself() { OWN_PAUSE } else { Duration::ZERO }.as_millis();
        let parameters = json!({
            "expression": format!("new Promise((done) => setTimeout(done, {pause}))"),
            "target": { "context": context },
            "awaitPromise": true,
        });
        let limit = flush_deadline(deadline);
        tokio::select! {
            _ = self.bidi.command("script.evaluate", parameters, limit) => {}
            _ = self.watch.wait_for_departure(context, limit) => {}
        }
        // A page may be kept back after that: by a dialog, for one.
        if self.watch.is_leaving(context) && !self.watch.wait_for_departure(context, limit).await {
            self.watch.note_staying(context);
        }
        self.await_arrival(context, deadline).await
    }

    /// Waits until a page that goes to another document is there. Costs nothing where it stays.
    pub(super) async fn await_arrival(&mut self, context: &str, deadline: Instant) -> Result<(), StepError> {
        let limit = deadline + GRACE;
        loop {
            let pause = limit.min(Instant::now() + LOADING_LOOK);
            if self.watch.wait_for_arrival(context, pause).await || self.is_gone(context) {
                return Ok(());
            }
            if Instant::now() >= limit {
                // Classic commands would wait for the page, too.
                self.is_poisoned = true;
                return Err(self.stuck(context));
            }
            // Loading that was stopped has no event for its end.
            if self.watch.is_loading(context) && self.is_whole(context, limit).await {
                self.watch.note_arrived(context);
            }
        }
    }

    /// Whether nothing will come of a page any more.
    fn is_gone(&self, context: &str) -> bool {
        self.bidi.is_closed() || self.encounters.is_closed(context)
    }

    async fn is_whole(&self, context: &str, deadline: Instant) -> bool {
        let parameters = json!({
            "expression": "document.readyState",
            "target": { "context": context },
            "awaitPromise": false,
        });
        let answer = self.bidi.command("script.evaluate", parameters, flush_deadline(deadline)).await;
        answer.is_ok_and(|answer| answer["result"]["value"] == "complete")
    }

    /// Whether its driver waits for no page, so that we do.
    pub(super) fn waits_itself(&self) -> bool {
        self.settings.kind.waits_itself(&self.settings)
    }

    /// How long one script in the page may wait.
    pub(super) fn slice(&self) -> Duration {
        if self.waits_itself() { SHORT_SLICE } else { SLICE }
    }

    /// Makes a page the one that classic commands are for.
    pub(super) async fn switch_to(&mut self, context: &str, deadline: Instant) -> Result<(), StepError> {
        if self.current.as_deref() == Some(context) && !self.is_astray {
            return Ok(());
        }
        let Ok(handle) = WindowHandle::try_from(context.to_owned()) else {
            return Err(StepError::harness(Cause::DriverDied));
        };
        let client = self.client.clone();
        self.classic(deadline, client.switch_to_window(handle))
            .await
            .map_err(|error| self.plain_error(error))?;
        self.current = Some(context.to_owned());
        self.entered.clear();
        self.is_astray = false;
        Ok(())
    }

    /// Waits for a classic command. One that does not answer in time leaves the driver unusable.
    pub(super) async fn classic<T>(
        &mut self,
        deadline: Instant,
        command: impl Future<Output = Result<T, CmdError>>,
    ) -> Result<T, CommandError> {
        match timeout_at(deadline + GRACE, command).await {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(error)) if Self::is_passing(&error) => Err(CommandError::DocumentGone),
            Ok(Err(error)) => Err(CommandError::Failed(error)),
            Err(_) => {
                self.is_poisoned = true;
                Err(CommandError::TimedOut)
            }
        }
    }

    /// Whether a command failed only because its document or its frame changed, or because a dialog is being answered.
    fn is_passing(error: &CmdError) -> bool {
        let CmdError::Standard(answer) = error else { return failure::is_document_gone(error) };
        let is_frame_gone = match answer.error.description() {
            "invalid argument" => answer.message.contains("dialog type beforeunload"),
            "unexpected alert open" | "no such window" | "no such frame" => true,
            _ => false,
        };
        is_frame_gone || failure::is_document_gone(error)
    }

    /// Asks the probe in the current page.
    pub(super) async fn probe<T: DeserializeOwned>(
        &mut self,
        mut request: Value,
        deadline: Instant,
    ) -> Result<T, CommandError> {
        request["depth"] = json!(self.entered.len());
        let client = self.client.clone();
        let answer = self.classic(deadline, client.execute_async(probe::SCRIPT, vec![request])).await?;
        if let Some(fault) = answer.get("fault").and_then(Value::as_str) {
            return Err(CommandError::Failed(CmdError::NotW3C(Value::String(fault.to_owned()))));
        }
        if answer["is_lost"] == true {
            return Err(CommandError::DocumentGone);
        }
        serde_json::from_value(answer).map_err(|_| CommandError::DocumentGone)
    }

    /// The step acts and looks in these frames from now on.
    pub(super) fn set_frames(&mut self, frames: &[Locator]) {
        self.frames = frames.to_vec();
        if !self.entered.is_empty() {
            self.must_switch();
        }
    }

    /// Goes back to the page itself, if classic commands are not in it.
    pub(super) async fn leave_frames(&mut self, deadline: Instant) -> Result<(), StepError> {
        match self.current.clone() {
            Some(context) if self.is_astray || !self.entered.is_empty() => {
                self.is_astray = true;
                self.switch_to(&context, deadline).await
            }
            _ => Ok(()),
        }
    }

    /// Forgets which frame classic commands are in: it may be no more.
    pub(super) fn must_switch(&mut self) {
        self.entered.clear();
        self.is_astray = true;
    }

    /// The page that classic commands are for.
    pub(super) fn current_page(&self) -> Option<String> {
        self.current.clone()
    }

    /// Forgets which page classic commands are for: it is no more.
    pub(super) fn forget_page(&mut self) {
        self.current = None;
        self.entered.clear();
    }

    /// The client, for commands on elements and keys.
    pub(super) fn client(&self) -> Client {
        self.client.clone()
    }

    /// A command that failed without any of the reasons that a step looks at.
    pub(super) fn plain_error(&self, error: CommandError) -> StepError {
        match error {
            CommandError::Failed(error) => failure::command_error(&error),
            CommandError::DocumentGone => StepError::harness(Cause::WebDriver {
                code: "stale element reference".to_owned(),
                detail: "the document changed".to_owned(),
            }),
            CommandError::TimedOut => self.stuck(self.current.as_deref().unwrap_or_default()),
        }
    }

    /// The page, or the one that follows it, did not answer in time.
    fn stuck(&self, context: &str) -> StepError {
        let pending = self.watch.pending(context);
        let limit_ms = GRACE.as_secs_f64() * 1000.0;
        let error = StepError::target(Cause::Timeout { phase: Phase::Navigation, limit_ms });
        match pending.first() {
            Some(url) => error.message(format!("the page does not finish loading: it waits for {url}")),
            None => error.message("the page does not answer: a script of it keeps the browser busy"),
        }
    }

    /// Whether the browser is gone. A command can fail a little before the connection for events ends.
    pub(super) async fn is_lost(&self) -> bool {
        if let Some(session) = self.remote_session() {
            return self.bidi.is_closed() || session.is_lost().await;
        }
        let end = Instant::now() + LOSS_LIMIT;
        while !self.bidi.is_closed() && Instant::now() < end {
            sleep(Duration::from_millis(20)).await;
        }
        self.bidi.is_closed()
    }

    /// Whose driver it is; none if it is ours.
    pub(super) fn remote(&self) -> Option<&Remote> {
        self.home.as_ref().and_then(Home::remote)
    }

    /// The session at somebody else's driver; none if it is ours.
    pub(super) fn remote_session(&self) -> Option<&RemoteSession> {
        match &self.home {
            Some(Home::Elsewhere(lodging)) => Some(&lodging.session),
            _ => None,
        }
    }

    /// Ends the browser and waits for that.
    pub(super) async fn end(mut self) {
        if let Some(home) = self.home.take() {
            home.end().await;
        }
    }
}

/// When an answer that a page could give at once is no longer waited for.
fn flush_deadline(deadline: Instant) -> Instant {
    let now = Instant::now();
    deadline.min(now + FLUSH_LIMIT).max(now + LATE_FLUSH_LIMIT)
}

/// Who gets the events, in this order.
fn build_sink(
    poster: Poster,
    intercept: Option<Intercept>,
    encounters: Encounters,
    watch: Watch,
) -> EventSink {
    Box::new(move |method, event| {
        if let Some(intercept) = &intercept {
            intercept.handle(method, event, &poster);
        }
        if method == REFUSED {
            return watch.note_refused(event, event["message"].as_str().unwrap_or_default());
        }
        match encounters.handle(method, event, &poster) {
            Handled::Answered(answer) => watch.note_dialog(event, answer),
            Handled::Not => watch.note(method, event),
            Handled::Own => {}
        }
    })
}

/// What the browser calls itself. Chromium's driver does not give the capability of WebDriver, section 7.
async fn read_own_name(client: &Client, given: Option<&Value>) -> Result<String, StepError> {
    if let Some(name) = given.and_then(Value::as_str) {
        return Ok(name.to_owned());
    }
    let said = client.execute("return navigator.userAgent", Vec::new()).await;
    let said = said.map_err(|error| failure::command_error(&error))?;
    Ok(said.as_str().unwrap_or_default().to_owned())
}
