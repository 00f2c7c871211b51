//! One file per kind of action: its keys, their types and docs, which subjects it yields.
//!
//! An *action* is what was written, templates included; a *call* is what is meant once they are filled in. A new
//! kind of action is a file here, a row in [`ACTIONS`], a variant of [`Action`] and of [`Call`], and its file
//! under `run`.

mod assets;
mod browser;
mod interaction;
mod keys;
mod links;
mod network;
mod request;
mod screenshot;
mod script;
mod sql;
mod submit;
mod surroundings;

pub use assets::{AssetsAction, AssetsCall};
pub use browser::{BrowserAction, BrowserCall};
pub use interaction::{Interaction, InteractionTemplate, UploadTemplate};
pub use keys::{key_names, parse_chord};
pub use links::{LinksAction, LinksCall};
pub use network::{NetworkAction, NetworkCall, Place as NetworkPlace};
pub use request::{CallBody, DEFAULT_REDIRECTS, MultipartPart, RequestAction, RequestCall};
pub use screenshot::{ScreenshotCall, ScreenshotTemplate};
pub use script::{ScriptCall, ScriptTemplate};
pub use sql::{SqlAction, SqlCall};
pub use submit::{SubmitAction, SubmitCall};
pub use surroundings::{DialogAnswer, LOOK_KEYS, Surroundings, SurroundingsTemplate, WindowChoice};

use super::key::{KeyDefinition, KeyKind, key};
use super::reader::{Keys, Reader};
use super::template::{Scope, Template, TemplateError, ValueTemplate};
use crate::expect::{Family, Locator};
use crate::source::Span;

/// All kinds of actions. The only source of what exists.
pub const ACTIONS: &[&ActionDefinition] = &[
    &request::DEFINITION,
    &submit::DEFINITION,
    &assets::DEFINITION,
    &links::DEFINITION,
    &browser::DEFINITION,
    &interaction::DEFINITION,
    &script::DEFINITION,
    &screenshot::DEFINITION,
    &sql::DEFINITION,
    &network::DNS,
    &network::TCP,
    &network::TLS,
];

/// What may stand beside every action.
pub const STEP_KEYS: &[KeyDefinition] = &[
    key("name", KeyKind::Text, "what the step is for, in reports"),
    key("as", KeyKind::Name, "the actor who performs it: cookies and pages of its own"),
    key("timeout", KeyKind::Duration, "how long it may take, its waiting included (10s)"),
    key(
        "within",
        KeyKind::Duration,
        "repeats a harmless action until its expectations hold, so long at most",
    ),
    key("when", KeyKind::Condition, "whether it is performed at all"),
    key(
        "session",
        KeyKind::Name,
        "the actor begins with the cookies and the storage that a step before, or another spec, has saved under this name",
    ),
    key(
        "save_session",
        KeyKind::Name,
        "keeps the actor's cookies and its page's storage under this name for the run, once the step has passed",
    ),
    key("expect", KeyKind::Expectations, "what must hold"),
    key("capture", KeyKind::Captures, "values to keep under a name for later steps"),
    key("optional", KeyKind::Flag, "a failure is reported but does not fail the scenario"),
    key(
        "allow",
        KeyKind::Allowed,
        "turns off expectations that hold without being asked, by name or for what a pattern is found in",
    ),
];

/// One kind of action.
pub struct ActionDefinition {
    /// The keys that mean it.
    pub keys: &'static [ActionKey],
    /// What may stand beside them.
    pub neighbours: &'static [KeyDefinition],
    /// Where its subjects can be observed.
    pub yields: &'static [Family],
    /// Builds it from checked keys; none if something was wrong, which is noted.
    pub build: fn(&mut Reader, &Keys) -> Option<Action>,
}

/// A key that means an action.
pub struct ActionKey {
    /// The key.
    pub key: KeyDefinition,
    /// Whether it can be repeated without writing twice, so that `within` may stand beside it.
    pub is_harmless: bool,
    /// Whether carrying it out can change anything at the site.
    pub may_write: bool,
}

impl ActionKey {
    /// Only asks.
    const fn harmless(name: &'static str, kind: KeyKind, doc: &'static str) -> Self {
        Self { key: key(name, kind, doc), is_harmless: true, may_write: false }
    }

    /// Writes only where that is allowed.
    const fn repeatable(name: &'static str, kind: KeyKind, doc: &'static str) -> Self {
        Self { may_write: true, ..Self::harmless(name, kind, doc) }
    }

    /// Goes or looks somewhere in a browser, where expectations are retried without it.
    const fn looking(name: &'static str, kind: KeyKind, doc: &'static str) -> Self {
        Self { is_harmless: false, ..Self::harmless(name, kind, doc) }
    }

    const fn writing(name: &'static str, kind: KeyKind, doc: &'static str) -> Self {
        Self { key: key(name, kind, doc), is_harmless: false, may_write: true }
    }
}

/// The key that means an action.
fn find_key(name: &str) -> Option<&'static ActionKey> {
    ACTIONS.iter().flat_map(|definition| definition.keys).find(|action| action.key.name == name)
}

/// Whether an action, by its key, can change anything at the site. A step without one only looks.
pub fn may_write(key: &str) -> bool {
    find_key(key).is_some_and(|action| action.may_write)
}

/// An action as written.
#[derive(Clone, Debug)]
pub enum Action {
    /// One HTTP request.
    Request(RequestAction),
    /// A form of a fetched page.
    Submit(SubmitAction),
    /// A page and everything it names.
    Assets(AssetsAction),
    /// The links of a page.
    Links(LinksAction),
    /// Something done in a browser.
    Browser(BrowserAction),
    /// A database statement.
    Sql(SqlAction),
    /// A layer under HTTP.
    Network(NetworkAction),
}

/// An action that is ready to be carried out.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// One HTTP request.
    Request(RequestCall),
    /// A form of a fetched page.
    Submit(SubmitCall),
    /// A page and everything it names.
    Assets(AssetsCall),
    /// The links of a page.
    Links(LinksCall),
    /// Something done in a browser.
    Browser(BrowserCall),
    /// A database statement.
    Sql(SqlCall),
    /// A layer under HTTP.
    Network(NetworkCall),
}

impl Call {
    /// The values that it types into a page, or gives to a statement: what they are known by elsewhere.
    pub fn values(&self) -> Vec<String> {
        match self {
            Self::Browser(BrowserCall::Interact(interactions)) => {
                let fills = interactions.iter().filter_map(|one| match one {
                    Interaction::Fill(_, text) if !text.is_empty() => Some(text.clone()),
                    _ => None,
                });
                fills.collect()
            }
            Self::Sql(call) => call.params.iter().map(|(_, value)| value.to_text()).collect(),
            _ => Vec::new(),
        }
    }
}

impl Action {
    /// Fills in the templates.
    pub fn render(&self, scope: &Scope) -> Result<Call, TemplateError> {
        Ok(match self {
            Self::Request(action) => Call::Request(action.render(scope)?),
            Self::Submit(action) => Call::Submit(action.render(scope)?),
            Self::Assets(action) => Call::Assets(action.render(scope)?),
            Self::Links(action) => Call::Links(action.render(scope)?),
            Self::Browser(action) => Call::Browser(action.render(scope)?),
            Self::Sql(action) => Call::Sql(action.render(scope)?),
            Self::Network(action) => Call::Network(action.render(scope)?),
        })
    }

    /// Whether it needs a browser.
    pub fn needs_browser(&self) -> bool {
        matches!(self, Self::Browser(_))
    }

    /// What it does in a few words, for a step without a name: `get /lists/`. What cannot be filled in yet stays as
    /// it is written.
    pub fn summary(&self, scope: &Scope) -> String {
        let written = match self {
            Self::Request(action) => format!("{} {}", action.method().to_lowercase(), action.url().source()),
            Self::Submit(action) => action.summary(),
            Self::Assets(action) => format!("assets {}", action.url().source()),
            Self::Links(action) => format!("links {}", action.url().source()),
            Self::Browser(action) => action.summary(),
            Self::Sql(action) => format!("sql {}", fold_white_space(action.sql().source())),
            Self::Network(action) => action.summary(),
        };
        Template::new(written.as_str(), Span::default()).render(scope).unwrap_or(written)
    }
}

fn fold_white_space(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Reads a list of globs; what is none is noted.
fn read_globs(reader: &mut Reader, keys: &Keys, key: &str) -> Vec<String> {
    let mut globs = Vec::new();
    for pattern in keys.texts(key) {
        match globset::Glob::new(pattern.source()) {
            Ok(_) => globs.push(pattern.source().to_owned()),
            Err(error) => reader.problem(pattern.span(), format!("not a glob: {}", error.kind())),
        }
    }
    globs
}

fn render_fields(
    fields: &[(Template, ValueTemplate)],
    scope: &Scope,
) -> Result<Vec<(String, String)>, TemplateError> {
    fields.iter().map(|(name, value)| Ok((name.render(scope)?, value.render(scope)?.to_text()))).collect()
}

fn render_locator(template: &Template, scope: &Scope) -> Result<Locator, TemplateError> {
    Locator::parse(&template.render(scope)?).map_err(|error| TemplateError { message: error.message })
}
