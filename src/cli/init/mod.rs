//! A live site into a project file and first specs that pass there.

mod project;
mod robots;
mod specs;
mod survey;

use std::path::{Path, PathBuf};

use url::Url;

use self::survey::survey;
use super::import::write_spec;
use crate::run::http::HttpSettings;
use crate::run::{new_run_id, user_agent};

/// A file to be written, relative to the project's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NewFile {
    /// Where.
    pub(super) path: PathBuf,
    /// What.
    pub(super) text: String,
    /// What it is for, in a few words.
    pub(super) purpose: String,
}

/// Everything that a first look may write.
pub(super) const FILES: [&str; 4] =
    ["smokegate.toml", "specs/home.toml", "specs/pages.toml", "specs/forms.toml"];

/// Looks at a site; gives the files to write and what is to be told. If the site does not answer, says why.
pub(super) async fn look_at_site(url: Url) -> Result<(Vec<NewFile>, Vec<String>), String> {
    let asked = url.clone();
    let survey = survey(HttpSettings::new(url, user_agent(&new_run_id()))).await?;
    let mut told = Vec::new();
    if survey.base.origin() != asked.origin() {
        told.push(format!("{asked} leads to {}: that one is the target", survey.base));
    }
    let file =
        |path: &str, text: String, purpose: String| NewFile { path: Path::new(path).into(), text, purpose };
    let mut files = vec![file(FILES[0], project::write_project(&survey), "the target".to_owned())];
    let (home, notes) = specs::build_home(&survey);
    told.extend(notes);
    files.push(file(FILES[1], write_spec(&home), "the home page and everything that it names".to_owned()));
    if let Some(pages) = specs::build_pages(&survey) {
        let purpose = format!("other pages and files, {} in all", pages.steps.len());
        files.push(file(FILES[2], write_spec(&pages), purpose));
    }
    let forms = specs::build_forms(&survey);
    if !forms.is_empty() {
        let noun = if forms.len() == 1 { "form" } else { "forms" };
        let purpose = format!("{} {noun}, to be switched on by you", forms.len());
        files.push(file(FILES[3], write_spec(&specs::join_forms(forms)), purpose));
    }
    Ok((files, told))
}
