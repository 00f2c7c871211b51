//! An actor's user context and tab: cookies, storage and pages of its own.

use serde_json::json;
use tokio::time::Instant;

use super::download;
use super::worker::Worker;
use crate::evidence::{Artifact, Cause, Download, PictureComparison, Value};
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
    pub(super) result: Option<Value>,
    /// How the current step's picture compares with its baseline.
    pub(super) comparison: Option<PictureComparison>,
    /// The files that the current step left behind.
    pub(super) artifacts: Vec<Artifact>,
}

impl Visitor {
    /// Creates a visitor without a past.
    pub(super) async fn create(worker: &Worker, deadline: Instant) -> Result<Self, StepError> {
        let created = worker.bidi("browser.createUserContext", json!({}), deadline).await?;
        let user_context = read_id(&created, "userContext")?;
        let (width, height) = worker.settings.viewport;
        // For every window of the visitor, those that its pages open included.
        let users = json!([user_context]);
        let viewport = json!({ "userContexts": users, "viewport": { "width": width, "height": height } });
        let agent = json!({ "userContexts": users, "userAgent": worker.user_agent });
        let receives = async {
            match &worker.downloads {
                Some(folder) => {
                    let behavior = download::behavior(folder, &user_context);
                    worker.bidi("browser.setDownloadBehavior", behavior, deadline).await.map(|_| ())
                }
                None => Ok(()),
            }
        };
        let (sized, named, received) = tokio::join!(
            worker.bidi("browsingContext.setViewport", viewport, deadline),
            worker.bidi("emulation.setUserAgentOverride", agent, deadline),
            receives,
        );
        sized?;
        named?;
        received?;
        let parameters = json!({ "type": worker.settings.kind.create_type(), "userContext": user_context });
        let created = worker.bidi("browsingContext.create", parameters, deadline).await?;
        let context = read_id(&created, "context")?;
        Ok(Self {
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

pub(super) fn read_id(answer: &serde_json::Value, key: &str) -> Result<String, StepError> {
    let id = answer[key].as_str().map(str::to_owned);
    id.ok_or_else(|| {
        StepError::harness(Cause::WebDriver {
            code: "unknown error".to_owned(),
            detail: format!("the browser gave no {key}"),
        })
    })
}
