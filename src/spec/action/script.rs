//! `script`: JavaScript in an actor's page.

use super::surroundings::{DIALOG, FRAME, WINDOW};
use super::{Action, ActionDefinition, ActionKey, BrowserAction, fold_white_space};
use crate::expect::Family;
use crate::spec::key::{KeyKind, key};
use crate::spec::node::NodeValue;
use crate::spec::reader::{Keys, Reader};
use crate::spec::template::{Scope, Template, TemplateError, ValueTemplate};

/// The action that runs JavaScript.
pub(super) const DEFINITION: ActionDefinition = ActionDefinition {
    keys: &[ActionKey::writing(
        "script",
        KeyKind::Text,
        "runs JavaScript in the page as the body of an async function; what it returns is the subject `result`",
    )],
    neighbours: &[
        key("args", KeyKind::Any, "a list of values that the script finds in `args`"),
        FRAME,
        DIALOG,
        WINDOW,
    ],
    yields: &[Family::Browser, Family::Script],
    build,
};

/// A script as written.
#[derive(Clone, Debug)]
pub struct ScriptTemplate {
    source: Template,
    arguments: Vec<ValueTemplate>,
}

/// A script that is ready to run.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptCall {
    /// The body of an async function.
    pub source: String,
    /// What it finds in `args`.
    pub arguments: Vec<serde_json::Value>,
}

fn build(reader: &mut Reader, keys: &Keys) -> Option<Action> {
    let source = keys.template("script")?;
    if source.is_dynamic() {
        reader.problem_with_help(
            source.span(),
            "templates do not stand in a script: a value in it could change what it does",
            "write `args[0]` there and give it beside: args = [\"{{ ... }}\"]; a brace of the script's own gets a space: `{ {`",
        );
        return None;
    }
    let arguments = match keys.entry("args").map(|entry| &entry.node) {
        None => Vec::new(),
        Some(node) => match &node.value {
            NodeValue::List(items) => items.iter().map(crate::spec::node::Node::to_template).collect(),
            _ => {
                reader.problem(node.span, "`args` must be a list of values, such as [1, \"two\"]");
                return None;
            }
        },
    };
    Some(Action::Browser(BrowserAction::Script(ScriptTemplate { source, arguments })))
}

impl ScriptTemplate {
    /// What it does in a few words.
    pub(super) fn summary(&self) -> String {
        format!("script {}", fold_white_space(self.source.source()))
    }

    /// Fills in the templates.
    pub(super) fn render(&self, scope: &Scope) -> Result<ScriptCall, TemplateError> {
        let arguments = self.arguments.iter().map(|value| Ok(value.render(scope)?.to_json()));
        Ok(ScriptCall {
            source: self.source.source().to_owned(),
            arguments: arguments.collect::<Result<_, TemplateError>>()?,
        })
    }
}
