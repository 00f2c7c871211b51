//! An actor's user context and tab: cookies, storage and pages of its own.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::BrowserSettings;
use super::act::download;
use super::bidi::Bidi;
use super::failure;
use super::worker::Worker;
use crate::evidence::{self, Artifact, Cause, Download, PictureComparison};
use crate::run::cookie::ActorCookie;
use crate::verdict::StepError;

/// An actor in a browser.
#[derive(Debug)]
pub(super) struct Visitor {
    /// The user context (WebDriver BiDi, section 7.1).
    pub(super) user_context: String,
    /// Its page.
    pub(super) context: String,
    /// The script that gives its pages a saved storage.
    pub(super) giving: Option<String>,
    /// The file that the current step's download gave.
    pub(super) download: Option<Box<Download>>,
    /// The cookies of the actor's jar when they were last brought here.
    pub(super) known_cookies: Vec<ActorCookie>,
    /// The last look's print.
    pub(super) print: Option<String>,
    /// Counts the events of the last look.
    pub(super) generation: u64,
    /// Whether it has been anywhere.
    pub(super) has_page: bool,
    /// What the current step's script returned.
    pub(super) result: Option<evidence::Value>,
    /// How the current step's picture compares with its baseline.
    pub(super) comparison: Option<PictureComparison>,
    /// The files that the current step left behind.
    pub(super) artifacts: Vec<Artifact>,
}

/// What visitors of one browser come into being with.
#[derive(Clone, Debug)]
pub(super) struct Entrance {
    /// The connection to the browser.
    pub(super) bidi: Arc<Bidi>,
    /// How it was started.
    pub(super) settings: Arc<BrowserSettings>,
    /// The browser's own name, with our ending.
    pub(super) user_agent: String,
    /// Where downloads go, on the machine of the browser.
    pub(super) downloads: Option<PathBuf>,
}

impl Entrance {
    /// Creates a visitor without a past.
    pub(super) async fn admit(&self, deadline: Instant) -> Result<Visitor, StepError> {
        let created = self.bidi("browser.createUserContext", json!({}), deadline).await?;
        let user_context = read_id(&created, "userContext")?;
        let (width, height) = self.settings.viewport;
        // For every window of the visitor, those that its pages open included.
        let users = json!([user_context]);
        let viewport = json!({ "userContexts": users, "viewport": { "width": width, "height": height } });
        let agent = json!({ "userContexts": users, "userAgent": self.user_agent });
        let receives = async {
            match &self.downloads {
                Some(folder) => {
                    let behavior = download::behavior(folder, &user_context);
                    self.bidi("browser.setDownloadBehavior", behavior, deadline).await.map(|_| ())
                }
                None => Ok(()),
            }
        };
        let (sized, named, received) = tokio::join!(
            self.bidi("browsingContext.setViewport", viewport, deadline),
            self.bidi("emulation.setUserAgentOverride", agent, deadline),
            receives,
        );
        sized?;
        named?;
        received?;
        let parameters = json!({ "type": self.settings.kind.create_type(), "userContext": user_context });
        let created = self.bidi("browsingContext.create", parameters, deadline).await?;
        let context = read_id(&created, "context")?;
        Ok(Visitor {
            user_context,
            context,
            giving: None,
            download: None,
            known_cookies: Vec::new(),
            print: None,
            generation: 0,
            has_page: false,
            result: None,
            comparison: None,
            artifacts: Vec::new(),
        })
    }

    async fn bidi(&self, method: &str, parameters: Value, deadline: Instant) -> Result<Value, StepError> {
        self.bidi.command(method, parameters, deadline).await.map_err(|error| failure::bidi_error(&error))
    }
}

/// A visitor that is ready for the next actor, or on its way.
#[derive(Debug, Default)]
pub(super) enum Spare {
    /// There is none.
    #[default]
    None,
    /// It is there.
    Ready(Box<Visitor>),
    /// It comes into being beside what else the browser does.
    Coming(JoinHandle<Result<Visitor, StepError>>),
}

impl Spare {
    /// Takes it, once it is there; none if there is none, or none came.
    pub(super) async fn take(&mut self) -> Option<Visitor> {
        match std::mem::take(self) {
            Self::None => None,
            Self::Ready(visitor) => Some(*visitor),
            Self::Coming(task) => task.await.ok()?.ok(),
        }
    }

    /// Sees to it that there will be one.
    pub(super) fn prepare(&mut self, entrance: &Entrance, limit: Duration) {
        if matches!(self, Self::None) {
            let (entrance, deadline) = (entrance.clone(), Instant::now() + limit);
            *self = Self::Coming(tokio::spawn(async move { entrance.admit(deadline).await }));
        }
    }
}

impl Visitor {
    /// Removes everything of it from the browser.
    pub(super) async fn remove(self, worker: &Worker, deadline: Instant) -> Result<(), StepError> {
        let parameters = json!({ "userContext": self.user_context });
        worker.bidi("browser.removeUserContext", parameters, deadline).await?;
        for window in worker.encounters.forget(&self.user_context) {
            worker.watch.forget(&window.context);
        }
        worker.watch.forget(&self.context);
        Ok(())
    }
}

pub(super) fn read_id(answer: &Value, key: &str) -> Result<String, StepError> {
    let id = answer[key].as_str().map(str::to_owned);
    id.ok_or_else(|| {
        StepError::harness(Cause::WebDriver {
            code: "unknown error".to_owned(),
            detail: format!("the browser gave no {key}"),
        })
    })
}
