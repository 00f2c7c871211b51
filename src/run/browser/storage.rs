//! What a page keeps in the browser: `localStorage` and `sessionStorage` of an origin, out of it and into another visitor.

use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::Instant;

use super::visitor::Visitor;
use super::worker::Worker;
use crate::verdict::StepError;

/// The storage of one origin. Its debug output says nothing of the values.
#[derive(Clone, Serialize, Deserialize)]
pub struct OriginStorage {
    origin: String,
    local: Vec<(String, String)>,
    session: Vec<(String, String)>,
}

impl std::fmt::Debug for OriginStorage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OriginStorage").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl OriginStorage {
    /// All values.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.local.iter().chain(&self.session).map(|(_, value)| value.as_str())
    }

    fn is_empty(&self) -> bool {
        self.local.is_empty() && self.session.is_empty()
    }
}

/// Pages whose origin has no storage throw.
const READ: &str = "() => { try { return JSON.stringify({ origin: location.origin, \
    local: Object.entries(localStorage), session: Object.entries(sessionStorage) }); } catch { return 'null'; } }";

/// What the visitor's page keeps; none if it keeps nothing.
pub(super) async fn read_storage(
    worker: &Worker,
    visitor: &Visitor,
    deadline: Instant,
) -> Result<Option<OriginStorage>, StepError> {
    let parameters = json!({
        "functionDeclaration": READ,
        "target": { "context": visitor.context },
        "awaitPromise": false,
    });
    let answer = worker.bidi("script.callFunction", parameters, deadline).await?;
    let text = answer["result"]["value"].as_str().unwrap_or("null");
    let storage: Option<OriginStorage> = serde_json::from_str(text).unwrap_or_default();
    Ok(storage.filter(|storage| !storage.is_empty()))
}

/// Puts it into the documents that come, before their own scripts, until [`stop_giving`].
pub(super) async fn give_storage(
    worker: &Worker,
    visitor: &mut Visitor,
    storage: &OriginStorage,
    deadline: Instant,
) -> Result<(), StepError> {
    let fill = format!(
        "() => {{ const saved = {}; if (location.origin !== saved.origin) return; try {{ \
         for (const [name, value] of saved.local) localStorage.setItem(name, value); \
         for (const [name, value] of saved.session) sessionStorage.setItem(name, value); }} catch {{}} }}",
        json!(storage)
    );
    let parameters = json!({ "functionDeclaration": fill, "contexts": [visitor.context] });
    let answer = worker.bidi("script.addPreloadScript", parameters, deadline).await?;
    visitor.giving = answer["script"].as_str().map(str::to_owned);
    Ok(())
}

/// What the page makes of its storage is its own from now on.
pub(super) async fn stop_giving(
    worker: &Worker,
    visitor: &mut Visitor,
    deadline: Instant,
) -> Result<(), StepError> {
    if let Some(script) = visitor.giving.take() {
        worker.bidi("script.removePreloadScript", json!({ "script": script }), deadline).await?;
    }
    Ok(())
}
