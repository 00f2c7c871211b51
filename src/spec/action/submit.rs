//! `submit`: a form of a fetched page, sent as a browser would send it.

use super::{Action, ActionDefinition, ActionKey, render_fields, render_locator};
use crate::expect::{Family, Locator};
use crate::spec::key::{KeyKind, key};
use crate::spec::reader::{Keys, Reader};
use crate::spec::template::{Scope, Template, TemplateError, ValueTemplate};

/// The action that submits a form over HTTP.
pub(super) const DEFINITION: ActionDefinition = ActionDefinition {
    keys: &[ActionKey::writing(
        "submit",
        KeyKind::Locator,
        "finds a form and sends what a browser would: hidden fields and CSRF token included",
    )],
    neighbours: &[
        key(
            "page",
            KeyKind::Url,
            "the page with the form; where it is left out, the one this actor fetched last",
        ),
        key("fields", KeyKind::Fields, "names and values to fill in"),
        key("button", KeyKind::Locator, "the button to press; the form's first where it is left out"),
    ],
    yields: &[Family::Http, Family::Html],
    build,
};

/// A form to be submitted, as written.
#[derive(Clone, Debug)]
pub struct SubmitAction {
    form: Template,
    page: Option<Template>,
    fields: Vec<(Template, ValueTemplate)>,
    button: Option<Template>,
}

/// A form to find, fill in and send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmitCall {
    /// The form, or an element inside it.
    pub form: Locator,
    /// The page to fetch for it; none for the page that the actor fetched last.
    pub page: Option<String>,
    /// Names and values to fill in. For a checkbox or radio button the value to check; an empty text unchecks.
    pub fields: Vec<(String, String)>,
    /// The button to press; the form's first where none is given.
    pub button: Option<Locator>,
}

fn build(reader: &mut Reader, keys: &Keys) -> Option<Action> {
    for locator in ["submit", "button"].iter().filter_map(|name| keys.template(name)) {
        reader.check_without_browser(&locator);
    }
    Some(Action::Submit(SubmitAction {
        form: keys.template("submit")?,
        page: keys.template("page"),
        fields: keys.fields("fields"),
        button: keys.template("button"),
    }))
}

impl SubmitAction {
    /// Whether it fetches the page itself.
    pub fn has_page(&self) -> bool {
        self.page.is_some()
    }

    /// What it does in a few words.
    pub fn summary(&self) -> String {
        let page = self.page.as_ref().map(|page| format!(" on {}", page.source())).unwrap_or_default();
        format!("submit {}{page}", self.form.source())
    }

    /// Fills in the templates.
    pub fn render(&self, scope: &Scope) -> Result<SubmitCall, TemplateError> {
        Ok(SubmitCall {
            form: render_locator(&self.form, scope)?,
            page: self.page.as_ref().map(|page| page.render(scope)).transpose()?,
            fields: render_fields(&self.fields, scope)?,
            button: self.button.as_ref().map(|button| render_locator(button, scope)).transpose()?,
        })
    }
}
