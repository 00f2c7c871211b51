//! Hurl's texts into those of a spec: variables by their new names, secrets taken out, everything else escaped.

use serde_json::Value as Json;

use super::cursor::Cursor;
use super::file::{Filter, Operand};
use super::words::{WordKind, operands_of};
use crate::cli::import::model::{ImportedVariable, Note, escape_template};
use crate::cli::import::secrets::{Secrets, is_secret_header, is_secret_name, secret_name};
use crate::spec::BUILT_IN;

/// What is known while a file is translated.
#[derive(Default)]
pub(super) struct Texts {
    pub(super) secrets: Secrets,
    pub(super) notes: Vec<Note>,
    /// What every address begins with; taken off, as the target says it.
    pub(super) base: String,
    /// Variables of the spec, in the order in which they are needed.
    pub(super) vars: Vec<ImportedVariable>,
    /// Names that an earlier step captures: Hurl's and ours.
    captured: Vec<(String, String)>,
    /// Secrets that stand in variables of Hurl.
    pub(super) secret_names: Vec<String>,
    line: usize,
}

impl Texts {
    /// Takes what every address begins with.
    pub(super) fn new(base: String) -> Self {
        Self { base, ..Self::default() }
    }

    /// From here on notes are about this line.
    pub(super) fn at(&mut self, line: usize) {
        self.line = line;
    }

    pub(super) fn note(&mut self, message: impl Into<String>) {
        self.notes.push(Note { line: self.line, message: message.into() });
    }

    /// From here on a name is captured; gives ours. What a name stands for does not change in a spec: a name that
    /// Hurl captures again is another one here.
    pub(super) fn capture(&mut self, name: &str) -> String {
        let first = new_name(name);
        let mut ours = first.clone();
        let mut number = 1;
        while self.is_taken(&ours) {
            number += 1;
            ours = format!("{first}_{number}");
        }
        self.captured.push((name.to_owned(), ours.clone()));
        ours
    }

    fn is_taken(&self, name: &str) -> bool {
        self.captured.iter().any(|(_, ours)| ours == name)
            || self.vars.iter().any(|variable| variable.name == name)
    }

    /// Gives a variable its value.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        let name = new_name(name);
        let value = Json::String(self.field(&name, value));
        match self.vars.iter_mut().find(|variable| variable.name == name) {
            Some(variable) => variable.value = value,
            None => self.vars.push(ImportedVariable { name, value, comment: None }),
        }
    }

    /// A text with templates.
    pub(super) fn text(&mut self, raw: &str) -> String {
        let mut text = String::new();
        let mut rest = raw;
        while let Some((before, (inner, behind))) =
            rest.split_once("{{").and_then(|(before, rest)| Some((before, rest.split_once("}}")?)))
        {
            text.push_str(&self.secrets.text(before));
            let expression = self.expression(inner);
            text.extend(["{{ ", &expression, " }}"]);
            rest = behind;
        }
        text.push_str(&self.secrets.text(rest));
        text
    }

    /// The value of a named field: a secret where the name says so and the value is none of Hurl's variables.
    pub(super) fn field(&mut self, name: &str, raw: &str) -> String {
        if is_secret_name(name) && !raw.is_empty() && !raw.contains("{{") {
            return self.secrets.take(name, raw);
        }
        self.text(raw)
    }

    /// The value of a header; the scheme of an authorization stays readable.
    pub(super) fn header(&mut self, name: &str, raw: &str) -> String {
        if raw.contains("{{") || raw.is_empty() || !is_secret_header(name) {
            return self.text(raw);
        }
        match raw.split_once(' ') {
            Some((scheme, token)) if name.eq_ignore_ascii_case("authorization") => {
                let name = if scheme.eq_ignore_ascii_case("bearer") { "token" } else { name };
                format!("{scheme} {}", self.secrets.take(name, token.trim()))
            }
            _ => self.secrets.take(name, raw),
        }
    }

    /// An address, without what the target says.
    pub(super) fn address(&mut self, raw: &str) -> String {
        let own = raw
            .strip_prefix(self.base.as_str())
            .filter(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
        let path = match own {
            Some("") => "/",
            Some(rest) if !self.base.is_empty() => rest,
            _ => raw,
        };
        let Some((path, query)) = path.split_once('?') else { return self.text(path) };
        let pairs: Vec<String> = query
            .split('&')
            .map(|pair| match pair.split_once('=') {
                Some((name, value)) => format!("{}={}", self.text(name), self.field(name, value)),
                None => self.text(pair),
            })
            .collect();
        format!("{}?{}", self.text(path), pairs.join("&"))
    }

    /// A text that may be an address of the target: `https://example.org/x` is there whatever the target's address.
    pub(super) fn link(&mut self, raw: &str) -> String {
        match raw.strip_prefix(self.base.as_str()) {
            Some(path) if !self.base.contains("{{") && (path.is_empty() || path.starts_with('/')) => {
                format!("{{{{ target.url | trim('/') }}}}{}", self.text(path))
            }
            _ => self.text(raw),
        }
    }

    /// A JSON document with templates in its texts; what is [`UNQUOTED`] stays marked.
    pub(super) fn json(&mut self, json: &Json) -> Json {
        match json {
            Json::String(text) => Json::String(self.json_text(text)),
            Json::Array(items) => Json::Array(items.iter().map(|item| self.json(item)).collect()),
            Json::Object(entries) => {
                let mut translated = serde_json::Map::new();
                for (key, value) in entries {
                    let value = match value {
                        Json::String(text) if !text.contains("{{") => Json::String(self.field(key, text)),
                        other => self.json(other),
                    };
                    translated.insert(self.text(key), value);
                }
                Json::Object(translated)
            }
            other => other.clone(),
        }
    }

    fn json_text(&mut self, text: &str) -> String {
        let is_single = text.starts_with("{{") && text.find("}}") == Some(text.len() - 2);
        let translated = self.text(text);
        // A template alone keeps its value's type; in quotation marks it is a text, whatever was captured.
        match translated.strip_suffix(" }}").filter(|_| is_single) {
            Some(inner) if self.captured.iter().any(|(_, ours)| inner == format!("{{{{ {ours}")) => {
                format!("{inner} | string }}}}")
            }
            _ => translated,
        }
    }

    /// What stands between `{{` and `}}`: a variable or a function, and filters.
    fn expression(&mut self, raw: &str) -> String {
        let mut cursor = Cursor::new(raw);
        cursor.skip_spaces();
        let name = cursor.take_while(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-');
        let mut expression = self.name(name);
        loop {
            cursor.skip_spaces();
            let word = cursor.take_while(char::is_alphanumeric);
            let Some(operands) = operands_of(WordKind::Filter, word) else { break };
            let mut filter = Filter { name: word.to_owned(), arguments: Vec::new() };
            for _ in 0..operands {
                cursor.skip_spaces();
                filter.arguments.extend(cursor.read_operand());
            }
            match write_filter(&filter) {
                Some(written) => expression.push_str(&written),
                None => {
                    self.note(format!("the filter `{word}` in `{{{{{raw}}}}}` has no counterpart: left out"));
                }
            }
        }
        expression
    }

    fn name(&mut self, name: &str) -> String {
        match name {
            "newUuid" => {
                self.note("`newUuid` becomes `run.id`: the same text in the whole run");
                return "run.id".to_owned();
            }
            "newDate" => return "now".to_owned(),
            _ => {}
        }
        if let Some(rest) = self.base.strip_prefix("{{").and_then(|base| base.split_once("}}"))
            && rest.0.trim() == name
        {
            return "target.url | trim('/')".to_owned();
        }
        if let Some((_, ours)) = self.captured.iter().rfind(|(known, _)| known == name) {
            return ours.clone();
        }
        let new = new_name(name);
        if self.vars.iter().any(|variable| variable.name == new) {
            return new;
        }
        if is_secret_name(name) {
            let secret = secret_name(name);
            if !self.secret_names.contains(&secret) {
                self.secret_names.push(secret.clone());
            }
            return format!("secret.{secret}");
        }
        self.note(format!(
            "Hurl gets `{name}` from its command line or its surroundings: give its value in [vars]"
        ));
        let comment = Some("give its value: Hurl got it from outside".to_owned());
        self.vars.push(ImportedVariable { name: new.clone(), value: Json::String(String::new()), comment });
        new
    }
}

/// A name as templates have it.
fn new_name(name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect();
    if BUILT_IN.iter().any(|(built_in, _)| *built_in == name) { format!("{name}_") } else { name }
}

/// A filter of a template as Jinja writes it.
fn write_filter(filter: &Filter) -> Option<String> {
    let quoted = |at: usize| {
        let text = filter.arguments.get(at).and_then(Operand::text)?;
        Some(format!("'{}'", escape_template(text).replace('\\', "\\\\").replace('\'', "\\'")))
    };
    Some(match filter.name.as_str() {
        "urlEncode" => " | urlencode".to_owned(),
        "htmlEscape" => " | escape".to_owned(),
        "count" => " | length".to_owned(),
        "first" => " | first".to_owned(),
        "last" => " | last".to_owned(),
        "toInt" => " | int".to_owned(),
        "toFloat" => " | float".to_owned(),
        "toString" => " | string".to_owned(),
        "nth" => match filter.arguments.first() {
            Some(Operand::Number(number)) => format!("[{number}]"),
            _ => return None,
        },
        "replace" => format!(" | replace({}, {})", quoted(0)?, quoted(1)?),
        "split" => format!(" | split({})", quoted(0)?),
        "dateFormat" | "format" => format!(" | date({})", quoted(0)?),
        _ => return None,
    })
}
