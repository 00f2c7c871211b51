//! Texts with `{{ }}` in them: what names they need, and what they become.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use minijinja::value::ValueKind;
use minijinja::{Environment as Jinja, Error, ErrorKind, Output, State, UndefinedBehavior};

use super::filter::{self, FUNCTIONS};
use super::project::SecretsFile;
use crate::evidence::Value;
use crate::source::Span;

/// A text of a spec in which templates are filled in before it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: String,
    span: Span,
    is_dynamic: bool,
}

/// Why a template cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// Lower case, no full stop.
    pub message: String,
}

/// The names that templates can use, with their values.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    values: BTreeMap<String, minijinja::Value>,
}

/// Names that are always there, with what stands after their point.
pub const BUILT_IN: &[(&str, &[&str])] = &[
    ("run", &["id", "started"]),
    ("target", &["name", "url", "host"]),
    ("case", &[]),
    ("env", &[]),
    ("secret", &[]),
    ("now", &[]),
];

static JINJA: LazyLock<Jinja<'static>> = LazyLock::new(|| {
    let mut jinja = Jinja::empty();
    jinja.set_undefined_behavior(UndefinedBehavior::Strict);
    jinja.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    jinja.set_formatter(write_value);
    filter::add_all(&mut jinja);
    jinja
});

/// Values stand in texts as JSON has them, and not as Python has them: `true`, `[1, 2]`; nothing for `null`.
fn write_value(
    output: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &minijinja::Value,
) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Bool => Ok(output.write_str(if value.is_true() { "true" } else { "false" })?),
        ValueKind::None => Ok(()),
        ValueKind::Seq | ValueKind::Map => match serde_json::to_string(value) {
            Ok(json) => Ok(output.write_str(&json)?),
            Err(_) => minijinja::escape_formatter(output, state, value),
        },
        _ => minijinja::escape_formatter(output, state, value),
    }
}

impl Template {
    /// A text as it stands in a spec.
    pub fn new(text: impl Into<String>, span: Span) -> Self {
        let text = text.into();
        let is_dynamic = text.contains("{{") || text.contains("{%") || text.contains("{#");
        Self { text, span, is_dynamic }
    }

    /// A text without a place, for what nobody wrote.
    pub fn literal(text: impl Into<String>) -> Self {
        Self { text: text.into(), span: Span::default(), is_dynamic: false }
    }

    /// The text as written.
    pub fn source(&self) -> &str {
        &self.text
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Whether something has to be filled in.
    pub fn is_dynamic(&self) -> bool {
        self.is_dynamic
    }

    /// The names that it needs, with one property where one is asked for: `item`, `run.id`.
    ///
    /// Also finds what is wrong with its syntax.
    pub fn names(&self) -> Result<Vec<String>, TemplateError> {
        if !self.is_dynamic {
            return Ok(Vec::new());
        }
        let template = JINJA.template_from_str(&self.text).map_err(|error| explain(&error))?;
        Ok(without_functions(template.undeclared_variables(true)))
    }

    /// Fills it in as text.
    pub fn render(&self, scope: &Scope) -> Result<String, TemplateError> {
        if !self.is_dynamic {
            return Ok(self.text.clone());
        }
        JINJA.render_str(&self.text, &scope.values).map_err(|error| explain(&error))
    }

    /// Fills it in; a text that is one single expression keeps that expression's type.
    pub fn render_value(&self, scope: &Scope) -> Result<Value, TemplateError> {
        if let Some(expression) = self.single_expression() {
            let compiled = JINJA.compile_expression(expression).map_err(|error| explain(&error))?;
            let value = compiled.eval(&scope.values).map_err(|error| explain(&error))?;
            if value.is_undefined() {
                return Err(TemplateError { message: format!("`{expression}` has no value") });
            }
            let json =
                serde_json::to_value(&value).map_err(|error| TemplateError { message: error.to_string() })?;
            return Ok(Value::from_json(&json));
        }
        self.render(scope).map(Value::Text)
    }

    fn single_expression(&self) -> Option<&str> {
        let inner = self.text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
        (!inner.contains("{{") && !inner.contains("}}")).then(|| inner.trim())
    }
}

fn explain(error: &Error) -> TemplateError {
    let detail = error.detail().unwrap_or("");
    let message = match error.kind() {
        ErrorKind::UndefinedError if detail.is_empty() => "a name in it has no value".to_owned(),
        ErrorKind::SyntaxError => format!("not a template: {detail}"),
        kind if detail.is_empty() => kind.to_string(),
        _ => detail.to_owned(),
    };
    TemplateError { message }
}

impl Scope {
    /// Gives a name a value.
    pub fn set(&mut self, name: impl Into<String>, value: &Value) {
        // Every JSON value is a template value.
        let value = serde_json::from_value(value.to_json()).unwrap_or_default();
        self.values.insert(name.into(), value);
    }

    /// Gives a name several values, to be had as `name.key`.
    pub fn set_table<'a>(&mut self, name: &str, table: impl IntoIterator<Item = (&'a str, &'a str)>) {
        self.values.insert(name.to_owned(), minijinja::Value::from_pairs(table));
    }

    /// Whether a name has a value.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Whether a condition such as `target.name == 'staging'` is true.
    pub fn is_true(&self, condition: &str) -> Result<bool, TemplateError> {
        let compiled = JINJA.compile_expression(condition).map_err(|error| explain(&error))?;
        compiled.eval(&self.values).map(|value| value.is_true()).map_err(|error| explain(&error))
    }
}

/// Finds what is wrong with the syntax of a condition, and the names that it needs.
pub(super) fn names_of_condition(condition: &str) -> Result<Vec<String>, TemplateError> {
    let compiled = JINJA.compile_expression(condition).map_err(|error| explain(&error))?;
    Ok(without_functions(compiled.undeclared_variables(true)))
}

/// Names in order; Jinja takes functions for variables.
fn without_functions(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let is_function = |name: &String| FUNCTIONS.iter().any(|function| function.name == name);
    let mut names: Vec<String> = names.into_iter().filter(|name| !is_function(name)).collect();
    names.sort();
    names
}

/// A value of a spec with templates in its texts.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueTemplate {
    /// A text.
    Text(Template),
    /// Anything without texts in it.
    Plain(Value),
    /// A list.
    List(Vec<ValueTemplate>),
    /// Named values.
    Table(Vec<(Template, ValueTemplate)>),
}

impl ValueTemplate {
    /// Whether something has to be filled in.
    pub fn is_dynamic(&self) -> bool {
        match self {
            Self::Text(template) => template.is_dynamic(),
            Self::Plain(_) => false,
            Self::List(items) => items.iter().any(Self::is_dynamic),
            Self::Table(entries) => entries.iter().any(|(key, value)| key.is_dynamic() || value.is_dynamic()),
        }
    }

    /// Fills it in.
    pub fn render(&self, scope: &Scope) -> Result<Value, TemplateError> {
        Ok(match self {
            Self::Text(template) => template.render_value(scope)?,
            Self::Plain(value) => value.clone(),
            Self::List(items) => {
                Value::List(items.iter().map(|item| item.render(scope)).collect::<Result<_, _>>()?)
            }
            Self::Table(entries) => {
                let mut map = serde_json::Map::new();
                for (key, value) in entries {
                    map.insert(key.render(scope)?, value.render(scope)?.to_json());
                }
                Value::Table(map)
            }
        })
    }

    /// All its templates.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Self::Text(template) => vec![template],
            Self::Plain(_) => Vec::new(),
            Self::List(items) => items.iter().flat_map(Self::templates).collect(),
            Self::Table(entries) => entries
                .iter()
                .flat_map(|(key, value)| std::iter::once(key).chain(value.templates()))
                .collect(),
        }
    }
}

/// The environment as the program found it: variables, and the files that they name.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: Arc<BTreeMap<String, String>>,
    secrets_file: Arc<SecretsFile>,
}

impl Environment {
    /// Takes the environment's variables.
    pub fn new(variables: BTreeMap<String, String>) -> Self {
        Self { variables: Arc::new(variables), secrets_file: Arc::default() }
    }

    /// The same environment with a file in which secrets are found that it has not.
    #[must_use]
    pub fn with_secrets(&self, file: &SecretsFile) -> Self {
        Self { variables: Arc::clone(&self.variables), secrets_file: Arc::new(file.clone()) }
    }

    /// A variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// A secret: the variable of that name, or the content of the file that `NAME_FILE` names, its last line
    /// ending left out, or what the project's dotenv file says. The error says why there is none.
    pub fn secret(&self, name: &str) -> Result<String, String> {
        if let Some(value) = self.get(name) {
            return Ok(value.to_owned());
        }
        if let Some(path) = self.get(&format!("{name}_FILE")) {
            return std::fs::read_to_string(path)
                .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
                .map_err(|error| format!("{name}_FILE names {path}, which cannot be read: {error}"));
        }
        if let Some(value) = self.secrets_file.values.get(name) {
            return Ok(value.clone());
        }
        let unset = format!("neither {name} nor {name}_FILE is set in the environment");
        Err(match &self.secrets_file.name {
            Some(file) if self.secrets_file.exists => format!("{unset}, and {file} does not name it"),
            Some(file) => format!("{unset}, and there is no file {file}"),
            None => unset,
        })
    }

    /// All variables.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        let mut scope = Scope::default();
        scope.set("item", &Value::text("tea & cake"));
        scope.set("id", &Value::Integer(7));
        scope.set_table("run", [("id", "r1")]);
        scope
    }

    fn template(text: &str) -> Template {
        Template::new(text, Span::default())
    }

    #[test]
    fn fills_in_text_and_keeps_the_type_of_a_single_expression() {
        let scope = scope();
        assert_eq!(template("{{ item }} {{ run.id }}").render(&scope).unwrap(), "tea & cake r1");
        assert_eq!(template("{{ id }}").render_value(&scope).unwrap(), Value::Integer(7));
        assert_eq!(template("/{{ id }}").render_value(&scope).unwrap(), Value::text("/7"));
        assert_eq!(template("{{ item | urlencode }}").render(&scope).unwrap(), "tea%20%26%20cake");
        assert_eq!(template("{{ item | json }}").render(&scope).unwrap(), "\"tea & cake\"");
        assert_eq!(template("{{ '2026-01-02T03:04:05Z' | date }}").render(&scope).unwrap(), "2026-01-02");
        assert_eq!(
            template("a{{ true }} {{ none }} {{ [1, 'b'] }}").render(&scope).unwrap(),
            "atrue  [1,\"b\"]"
        );
    }

    #[test]
    fn knows_its_names_and_refuses_what_has_no_value() {
        assert_eq!(template("{{ item }}{{ run.id }}").names().unwrap(), ["item", "run.id"]);
        assert!(template("{{ item").names().is_err());
        assert!(template("{{ nothing }}").render(&scope()).is_err());
        assert!(template("{{ nothing }}").render_value(&scope()).is_err());
        assert!(scope().is_true("run.id == 'r1' and id > 3").unwrap());
    }
}
