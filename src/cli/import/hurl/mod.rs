//! A Hurl file into a spec: one step for each entry, one check for each assertion that has a counterpart.

mod body;
mod cursor;
mod file;
mod looked;
mod options;
mod parse;
mod predicate;
mod request;
mod response;
mod text;
mod words;

pub use words::{HURL_WORDS, HurlWord, WordKind, write_hurl_table};

use self::file::Entry;
use self::text::Texts;
use super::curl::ReadFile;
use super::model::{ImportError, Imported, ImportedStep, action_of_method, is_writing};

/// Imports a Hurl file.
pub(super) fn import_hurl(text: &str, read_file: ReadFile<'_>) -> Result<Imported, ImportError> {
    let entries = parse::parse(text)?;
    let Some(first) = entries.first() else {
        return Err(ImportError::whole("there is no request in it"));
    };
    let mut texts = Texts::new(base_of(&first.url));
    if texts.base.is_empty() {
        return Err(ImportError::at(first.line, format!("{:?} is not a valid URL", first.url)));
    }
    let mut imported = Imported::default();
    imported.spec.name = format!("{} {}", first.method, path_of(&first.url, &texts.base));
    imported.spec.comments = vec![
        "Imported from a Hurl file. As in Hurl, redirects are not followed unless a step says so; cookies are kept."
            .to_owned(),
    ];
    for entry in &entries {
        translate(entry, &mut texts, &mut imported, read_file);
    }
    imported.origin = (!texts.base.contains("{{")).then(|| texts.base.clone());
    imported.spec.vars = texts.vars;
    imported.notes = texts.notes;
    imported.secrets = texts.secrets.names();
    imported.secrets.extend(texts.secret_names);
    Ok(imported)
}

fn translate(entry: &Entry, texts: &mut Texts, imported: &mut Imported, read_file: ReadFile<'_>) {
    texts.at(entry.line);
    let Some(action) = action_of_method(&entry.method) else {
        texts.note(format!("no action sends a {} request: the request is left out", entry.method));
        return;
    };
    let mut step = request::build_step(entry, action, texts, read_file);
    step.comments.clone_from(&entry.comments);
    imported.spec.writes |= is_writing(action);
    let found = response::translate(entry.response.as_ref(), action, texts);
    if !found.checks.iter().any(|check| check.subject == ["status"]) {
        // Hurl expects a status only where one is written.
        step.set("allow", serde_json::json!(["status"]));
    }
    let mut again = step.clone();
    again.checks = found.checks.iter().filter(|check| check.subject == ["status"]).take(1).cloned().collect();
    again.comments = vec!["Once more: a table has a place for one value of a predicate.".to_owned()];
    step.captures = found.captures;
    let leftover = found.checks.into_iter().filter(|check| !step.add_check(check)).collect::<Vec<_>>();
    imported.spec.steps.push(step);
    repeat(&again, action, leftover, texts, imported);
    if !found.certificate.is_empty() {
        let mut step = ImportedStep::new("tls", "");
        step.set_name("the certificate");
        step.checks = found.certificate;
        imported.spec.steps.push(step);
    }
}

/// What a subject's predicate says twice has no place in one table: a harmless request is sent once more for it.
fn repeat(
    again: &ImportedStep,
    action: &str,
    mut checks: Vec<super::model::ImportedCheck>,
    texts: &mut Texts,
    imported: &mut Imported,
) {
    if is_writing(action) {
        for check in checks {
            texts.note(format!(
                "`{}` has a place for one `{}` only: {} is left out",
                check.subject.join("."),
                check.predicate,
                check.value
            ));
        }
        return;
    }
    while !checks.is_empty() {
        let mut step = again.clone();
        checks.retain(|check| !step.add_check(check));
        imported.spec.steps.push(step);
    }
}

/// What an address begins with, up to its path: `https://example.org`, `{{host}}`.
fn base_of(url: &str) -> String {
    let start = match url.split_once("://") {
        Some((scheme, _)) if !scheme.contains(['{', '/']) => scheme.len() + 3,
        _ if url.starts_with("{{") => 0,
        _ => return String::new(),
    };
    let mut depth = 0;
    for (at, letter) in url[start..].char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            '/' | '?' if depth == 0 => return url[..start + at].to_owned(),
            _ => {}
        }
    }
    url.to_owned()
}

fn path_of<'a>(url: &'a str, base: &str) -> &'a str {
    url.strip_prefix(base).filter(|path| !path.is_empty()).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_ends_where_the_path_begins() {
        assert_eq!(base_of("https://a.example:8000/x/y"), "https://a.example:8000");
        assert_eq!(base_of("https://{{host}}/x"), "https://{{host}}");
        assert_eq!(base_of("{{base}}/x"), "{{base}}");
        assert_eq!(base_of("{{base}}"), "{{base}}");
        assert_eq!(base_of("nonsense"), "");
    }
}
