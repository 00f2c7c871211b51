//! A scenario and its steps, as written.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::action::{Action, SurroundingsTemplate};
use super::allow::Allow;
use super::case::Case;
use super::template::{Scope, Template, TemplateError, ValueTemplate};
use crate::evidence::Value;
use crate::expect::{
    ElementProperty, Expectation, Predicate, SUBJECTS, Subject, SubjectDefinition, SubjectError, Unit,
};
use crate::source::{Place, SourceFile, Span};

/// One spec file: an ordered list of steps performed by one or more actors.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file it was read from.
    pub file: Arc<SourceFile>,
    /// Its name; the file's name where it has none.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Words to select it by.
    pub tags: Vec<String>,
    /// Whether it leaves data behind.
    pub writes: bool,
    /// Where that is said.
    pub writes_place: Option<Place>,
    /// A limit for the whole of it, cleanup left out.
    pub timeout: Option<Duration>,
    /// The browser it asks for.
    pub browser: Option<String>,
    /// How often it is tried again when it fails, if it says so.
    pub retries: Option<usize>,
    /// Specs that must pass first.
    pub needs: Vec<Need>,
    /// Rows that each run it once; none runs it once without.
    pub cases: Vec<Case>,
    /// Names and values, in the order written.
    pub vars: Vec<(String, ValueTemplate)>,
    /// What is done.
    pub steps: Vec<Step>,
    /// What is done whatever happened.
    pub cleanup: Vec<Step>,
}

/// Another spec that must pass first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Its file.
    pub path: PathBuf,
    /// Where it is named.
    pub span: Span,
    /// Its position among the scenarios that were read.
    pub position: Option<usize>,
}

/// One action, what is expected of its outcome, what is captured from it.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name.
    pub name: Option<Template>,
    /// The key that says what it does: `get`, `fill`, `look`.
    pub key: String,
    /// Who performs it.
    pub actor: String,
    /// How long it may take.
    pub timeout: Option<Duration>,
    /// How long a harmless action is repeated.
    pub within: Option<Duration>,
    /// Whether it is performed at all.
    pub when: Condition,
    /// What it does.
    pub action: Action,
    /// Where in a visitor's browser it takes place.
    pub surroundings: SurroundingsTemplate,
    /// The saved session that the actor begins it with.
    pub session: Option<SessionName>,
    /// The name under which the actor's session is saved once it has passed.
    pub save_session: Option<SessionName>,
    /// What must hold.
    pub expectations: Vec<ExpectationTemplate>,
    /// What is kept.
    pub captures: Vec<Capture>,
    /// Whether a failure counts.
    pub optional: bool,
    /// Expectations that hold without being asked and are turned off.
    pub allow: Allow,
    /// The uses of fragments that it stands in, the outermost first.
    pub frames: Vec<UseFrame>,
    /// The conditions of those uses.
    pub conditions: Vec<Condition>,
    /// The names that its templates use, without what stands after their point.
    pub names: Vec<String>,
    /// Where it stands.
    pub place: Place,
}

impl Step {
    /// Whether a template of it uses this name.
    pub fn uses(&self, name: &str) -> bool {
        self.names.iter().any(|used| used == name)
    }
}

/// The name of a saved session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionName {
    /// The name.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// One use of a fragment.
#[derive(Clone, Debug, PartialEq)]
pub struct UseFrame {
    /// Tells the uses in a scenario apart: values are filled in once for each.
    pub id: usize,
    /// How reports call it.
    pub label: String,
    /// The values of its parameters.
    pub values: Vec<(String, ValueTemplate)>,
}

/// Whether a step is performed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Always, or never.
    Fixed(bool),
    /// If this Jinja expression is true.
    Expression(String),
}

impl Condition {
    /// Whether it is true.
    pub fn is_true(&self, scope: &Scope) -> Result<bool, TemplateError> {
        match self {
            Self::Fixed(flag) => Ok(*flag),
            Self::Expression(expression) => scope.is_true(expression),
        }
    }
}

/// The name of the actor of steps that name none.
pub const DEFAULT_ACTOR: &str = "visitor";

/// Expectations that hold without being asked, and can be turned off by name.
pub const IMPLICIT: &[(&str, &str)] = &[
    ("status", "a request or a page with a status of 400 or more fails"),
    (
        "mark",
        "a page that bears the mark of a broken deployment (a web server's welcome page, a parking page, a debug page, a gateway error) fails, unless its status of 400 or more is expected",
    ),
    ("console.errors", "a page fails on a console error or an uncaught exception"),
    (
        "requests.failed",
        "a page of which a same-origin request fails, or brings what its element cannot use (a stylesheet or script of a wrong type, a broken image, another hash than the page's), fails",
    ),
    ("csp", "a page whose content security policy forbids something that it holds or asks for fails"),
    ("mixed_content", "a page that came over https and asks for something by plain http fails"),
    ("assets", "a page that names an asset which does not load fails"),
    ("links", "a page with a link that leads nowhere fails"),
    ("differs", "a picture of which there is a baseline, and that differs from it, fails"),
    ("addresses", "a name to which DNS gives no address fails"),
];

/// An expectation as written.
#[derive(Clone, Debug)]
pub struct ExpectationTemplate {
    /// What is looked at.
    pub subject: SubjectTemplate,
    /// What must be true of it.
    pub predicates: Vec<PredicateTemplate>,
    /// The expectation, where nothing has to be filled in.
    pub(super) ready: Option<Arc<Expectation>>,
}

/// A subject as written.
#[derive(Clone, Debug)]
pub struct SubjectTemplate {
    /// The row in the table of subjects.
    pub name: &'static str,
    /// What stands for its argument; empty where it takes none.
    pub argument: Template,
    /// The property of an element.
    pub property: Option<ElementProperty>,
}

/// A predicate as written.
#[derive(Clone, Debug)]
pub struct PredicateTemplate {
    /// Its name.
    pub name: String,
    /// What it compares with.
    pub value: ValueTemplate,
    /// The neighbour of `near`.
    pub within: Option<ValueTemplate>,
    /// Where it stands.
    pub place: Place,
    /// Where its value stands in the file.
    pub span: Span,
}

impl SubjectTemplate {
    /// Fills in the template.
    pub fn render(&self, scope: &Scope) -> Result<Subject, TemplateError> {
        self.build(&self.argument.render(scope)?).map_err(|error| TemplateError { message: error.message })
    }

    /// The subject with this text for its argument.
    pub(super) fn build(&self, argument: &str) -> Result<Subject, SubjectError> {
        Subject::build(self.definition(), argument, self.property.clone())
    }

    fn definition(&self) -> &'static SubjectDefinition {
        Subject::definition_of(self.name).unwrap_or(&SUBJECTS[0])
    }

    /// How messages call it: its name, or that of the element's property.
    pub(super) fn shown(&self) -> String {
        self.property.as_ref().map_or_else(|| self.name.to_owned(), ElementProperty::key)
    }

    /// What its value is measured in.
    pub(super) fn unit(&self) -> Unit {
        self.definition().unit_with(self.property.as_ref())
    }

    /// Whether it can have several values.
    pub(super) fn is_several(&self) -> bool {
        self.definition().is_several_with(self.property.as_ref())
    }
}

impl ExpectationTemplate {
    /// Fills in the templates.
    pub fn render(&self, scope: &Scope) -> Result<Arc<Expectation>, TemplateError> {
        if let Some(ready) = &self.ready {
            return Ok(Arc::clone(ready));
        }
        let subject = self.subject.render(scope)?;
        let unit = subject.unit();
        let mut predicates = Vec::with_capacity(self.predicates.len());
        for template in &self.predicates {
            let value = template.value.render(scope)?;
            let value = if unit == Unit::Text { as_text(value) } else { value };
            let within = template.within.as_ref().map(|within| within.render(scope)).transpose()?;
            let predicate = Predicate::build(&template.name, &value, within.as_ref(), unit)
                .map_err(|error| TemplateError { message: error.message })?;
            predicates.push((predicate, template.place.clone()));
        }
        Ok(Arc::new(Expectation { subject, predicates }))
    }
}

/// A captured number that is compared with a text is meant as its text.
fn as_text(value: Value) -> Value {
    match value {
        Value::Integer(_) | Value::Unsigned(_) | Value::Float(_) | Value::Bool(_) => {
            Value::Text(value.to_text())
        }
        other => other,
    }
}

/// A value that a step keeps under a name.
#[derive(Clone, Debug)]
pub struct Capture {
    /// The name.
    pub name: String,
    /// What is looked at.
    pub subject: SubjectTemplate,
    /// Takes the first group of the first match, or the whole match where there is no group.
    pub pattern: Option<regex::Regex>,
    /// Where it stands.
    pub place: Place,
}
