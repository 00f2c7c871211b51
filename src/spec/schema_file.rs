//! JSON Schema files beside a spec: found, read and compiled when the spec is loaded.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jsonschema::{Retrieve, Uri};
use serde_json::Value as Json;
use url::Url;

use super::reader::Reader;
use super::scenario::PredicateTemplate;
use super::template::ValueTemplate;
use crate::expect::JsonSchema;

/// Schemas larger than this are none that a person keeps beside a spec.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Reads the schema that an expectation names; none if there is something wrong with it, which is noted.
pub(super) fn read_schema(reader: &mut Reader, template: &PredicateTemplate) -> Option<JsonSchema> {
    let ValueTemplate::Text(name) = &template.value else {
        reader.problem(
            template.span,
            "expected the path of a JSON Schema file: schema = \"order.schema.json\"",
        );
        return None;
    };
    if name.is_dynamic() {
        let message = "a schema is read when the spec is loaded: its path cannot have a template in it";
        reader.problem(name.span(), message);
        return None;
    }
    let path = reader.file.folder().join(name.source());
    load(&path, name.source()).map_err(|message| reader.problem(name.span(), message)).ok()
}

/// Reads and compiles a file. The error says what is wrong with it, by this name.
fn load(path: &Path, name: &str) -> Result<JsonSchema, String> {
    let text = read_text(path).map_err(|reason| format!("{name}: {reason}"))?;
    // The path counts too: what `$ref` names lies beside the schema.
    let key = format!("{name}\n{}\n{text}", path.display());
    JsonSchema::get_or_compile(&key, name, || {
        let schema: Json =
            serde_json::from_str(&text).map_err(|error| format!("{name} is not JSON: {error}"))?;
        compile(&schema, path).map_err(|reason| format!("{name} is not a JSON Schema: {reason}"))
    })
}

fn compile(schema: &Json, path: &Path) -> Result<jsonschema::Validator, String> {
    let absolute = std::path::absolute(path).map_err(|error| error.to_string())?;
    let base = Url::from_file_path(&absolute).map_err(|()| "its path has no address".to_owned())?;
    jsonschema::options().with_base_uri(base.as_str()).with_retriever(Beside).build(schema).map_err(|error| {
        let place = error.instance_path().to_string();
        if place.is_empty() { error.to_string() } else { format!("{place}: {error}") }
    })
}

/// Finds what `$ref` names: other files, never the network.
struct Beside;

impl Retrieve for Beside {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Json, Box<dyn Error + Send + Sync>> {
        let path: PathBuf = Url::parse(uri.as_str())?
            .to_file_path()
            .map_err(|()| format!("{uri} is no file: what `$ref` names must lie beside the schema"))?;
        let text = read_text(&path).map_err(|reason| format!("{}: {reason}", path.display()))?;
        Ok(serde_json::from_str(&text)?)
    }
}

fn read_text(path: &Path) -> Result<Arc<str>, String> {
    let size = std::fs::metadata(path).map_err(|error| explain(&error))?.len();
    if size > LARGEST {
        return Err(format!("it has {size} bytes; a schema has at most {LARGEST}"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| explain(&error))?;
    Ok(text.trim_start_matches('\u{feff}').into())
}

fn explain(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file beside this spec".to_owned(),
        std::io::ErrorKind::IsADirectory => "this is a folder, not a file".to_owned(),
        std::io::ErrorKind::InvalidData => "it is not UTF-8".to_owned(),
        std::io::ErrorKind::PermissionDenied => "we have no permission to read it".to_owned(),
        _ => format!("it cannot be read: {error}"),
    }
}
