//! Sessions that are saved under a name, so that one scenario logs in for others: cookies and storage, in memory and
//! for this run alone.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::actor::Actor;
use super::browser::{BrowserLease, OriginStorage};
use super::context::Context;
use super::cookie::ActorCookie;
use crate::evidence::{Cause, Redactor};
use crate::verdict::StepError;

/// Shorter values are words such as `1` or `true`, which would be taken out of everything that is told.
const SHORTEST_SECRET: usize = 8;

/// What an actor had when it was saved.
#[derive(Clone, Debug, Default)]
struct SavedSession {
    cookies: Vec<ActorCookie>,
    storage: Option<OriginStorage>,
}

/// The sessions of a run by their names.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<BTreeMap<String, SavedSession>>);

impl Sessions {
    fn find(&self, name: &str) -> Option<SavedSession> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    fn keep(&self, name: &str, saved: SavedSession) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), saved);
    }
}

/// Gives an actor what was saved under a name, in place of what it has.
///
/// # Errors
/// Nothing was saved, or the browser is gone.
pub(super) async fn begin_session(
    context: &Context,
    name: &str,
    actor: &mut Actor,
    lease: Option<&mut BrowserLease>,
) -> Result<(), StepError> {
    let Some(saved) = context.sessions.find(name) else {
        let detail = format!("no session `{name}` has been saved");
        return Err(StepError::harness(Cause::Spec { detail })
            .help("the step that saves it was not reached, or its `when` was not true"));
    };
    actor.begin_with(saved.cookies);
    match (saved.storage, lease) {
        (Some(storage), Some(lease)) => lease.give_storage(&actor.name, &storage).await,
        (storage, _) => {
            actor.storage = storage;
            Ok(())
        }
    }
}

/// Keeps what an actor has now under a name. Its values are secrets from now on.
///
/// # Errors
/// The browser is gone.
pub(super) async fn save_session(
    context: &Context,
    name: &str,
    actor: &mut Actor,
    mut lease: Option<&mut BrowserLease>,
) -> Result<(), StepError> {
    actor.take_browser_cookies(lease.as_deref_mut()).await?;
    let storage = match lease {
        Some(lease) => lease.read_storage(&actor.name).await?,
        None => None,
    };
    let saved = SavedSession { cookies: actor.http.jar().list(), storage };
    learn(&context.http_settings.redactor, name, &saved);
    context.sessions.keep(name, saved);
    Ok(())
}

fn learn(redactor: &Redactor, name: &str, saved: &SavedSession) {
    let cookies = saved.cookies.iter().map(|cookie| cookie.value.as_str());
    let stored = saved.storage.iter().flat_map(OriginStorage::values);
    for value in cookies.chain(stored).filter(|value| value.len() >= SHORTEST_SECRET) {
        redactor.learn(&format!("session {name}"), value);
    }
}
