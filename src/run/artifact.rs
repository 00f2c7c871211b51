//! Files that a run leaves behind: pictures of pages, and what they were like when a step went wrong.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::evidence::{Artifact, ArtifactKind, Cause, Redactor};
use crate::verdict::StepError;

/// How many parts of a spec's path name the folder of its artifacts, the last ones.
const PARTS: usize = 3;

/// How many characters of a name stand in a file's name.
const NAME_LIMIT: usize = 80;

/// The folder of a run's artifacts. It comes into being with the first of them.
#[derive(Clone, Debug)]
pub(super) struct Artifacts {
    folder: PathBuf,
    redactor: Arc<Redactor>,
    taken: Arc<Mutex<BTreeSet<PathBuf>>>,
    updates_baselines: bool,
}

/// Where one scenario's artifacts go: a folder of its own.
#[derive(Clone, Debug)]
pub struct ScenarioArtifacts {
    artifacts: Artifacts,
    folder: PathBuf,
}

/// A name that files which belong together share.
#[derive(Debug)]
pub(super) struct ArtifactStem<'a> {
    scenario: &'a ScenarioArtifacts,
    name: String,
}

impl Artifacts {
    /// Artifacts in this folder. No secret stands in any name there. Pictures may become the baselines of those that
    /// they are compared with.
    pub(super) fn new(folder: PathBuf, redactor: Arc<Redactor>, updates_baselines: bool) -> Self {
        Self { folder, redactor, taken: Arc::default(), updates_baselines }
    }

    /// Those of one scenario, named after its file and its case.
    pub(super) fn of_scenario(&self, file: &str, case: Option<&str>) -> ScenarioArtifacts {
        let stem = Path::new(file).with_extension("");
        let parts: Vec<String> = stem
            .components()
            .filter(|part| matches!(part, Component::Normal(_)))
            .map(|part| self.build_name(&part.as_os_str().to_string_lossy()))
            .collect();
        let folder = self.folder.join(parts[parts.len().saturating_sub(PARTS)..].join("-"));
        let folder = match case {
            Some(case) => folder.join(self.build_name(case)),
            None => folder,
        };
        ScenarioArtifacts { artifacts: self.clone(), folder }
    }

    /// A name without secrets, and without anything that means something in a path.
    fn build_name(&self, text: &str) -> String {
        let name = make_plain(&self.redactor.redact_text(text));
        // Made plain, it may have become a secret that it was not before.
        let name = make_plain(&self.redactor.redact_text(&name));
        let name = shortened(&name).trim_end_matches('-').to_owned();
        if name.is_empty() { "unnamed".to_owned() } else { name }
    }

    /// The first of `name`, `name-2`, `name-3`... of which nothing of this run has any of these files yet.
    fn take_name(&self, folder: &Path, name: &str, extensions: &[&str]) -> String {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let numbered = (2..).map(|number: u32| format!("{name}-{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        loop {
            let Some(name) = names.next() else { continue };
            let paths = || extensions.iter().map(|extension| folder.join(format!("{name}.{extension}")));
            if paths().all(|path| !taken.contains(&path)) {
                taken.extend(paths());
                return name;
            }
        }
    }
}

impl ScenarioArtifacts {
    /// Writes a picture, a PNG. A second one of the same name gets a number.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) async fn write_picture(&self, name: &str, png: &[u8]) -> Result<Artifact, StepError> {
        self.take_stem(name, &["png"]).write(ArtifactKind::Picture, "png", png).await
    }

    /// A name for files that belong together, one of each extension; another set of the same name gets a number.
    pub(super) fn take_stem(&self, name: &str, extensions: &[&str]) -> ArtifactStem<'_> {
        let name = self.artifacts.build_name(name);
        ArtifactStem { scenario: self, name: self.artifacts.take_name(&self.folder, &name, extensions) }
    }
}

impl ScenarioArtifacts {
    /// The file of a picture's baseline: `NAME-BROWSER-OS.png`.
    pub(super) fn baseline_path(&self, folder: &Path, name: &str, browser: &str) -> PathBuf {
        let name = self.artifacts.build_name(name);
        folder.join(format!("{name}-{browser}-{}.png", std::env::consts::OS))
    }

    /// Whether a picture that differs from its baseline replaces it.
    pub(super) fn updates_baselines(&self) -> bool {
        self.artifacts.updates_baselines
    }

    /// Makes a picture the baseline.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) async fn write_baseline(&self, path: &Path, png: &[u8]) -> Result<Artifact, StepError> {
        write_file(ArtifactKind::Baseline, path, png).await
    }
}

impl ArtifactStem<'_> {
    /// Writes a text, without secrets.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) async fn write_text(
        &self,
        kind: ArtifactKind,
        extension: &str,
        text: &str,
    ) -> Result<Artifact, StepError> {
        let text = self.scenario.artifacts.redactor.redact_text(text);
        self.write(kind, extension, text.as_bytes()).await
    }

    /// Writes a file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) async fn write(
        &self,
        kind: ArtifactKind,
        extension: &str,
        bytes: &[u8],
    ) -> Result<Artifact, StepError> {
        let path = self.scenario.folder.join(format!("{}.{extension}", self.name));
        write_file(kind, &path, bytes).await.map_err(|error| error.help("--artifacts names another folder"))
    }
}

async fn write_file(kind: ArtifactKind, path: &Path, bytes: &[u8]) -> Result<Artifact, StepError> {
    let fault = |error: &std::io::Error| {
        let path = path.display().to_string();
        let message = format!("{} {path} cannot be written: {error}", kind.noun());
        StepError::harness(Cause::File { path, error: format!("{:?}", error.kind()) }).message(message)
    };
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await.map_err(|error| fault(&error))?;
    }
    tokio::fs::write(path, bytes).await.map_err(|error| fault(&error))?;
    let is_picture = path.extension().is_some_and(|extension| extension == "png");
    Ok(Artifact { kind, path: path.display().to_string(), size: is_picture.then(|| read_size(bytes)) })
}

/// Letters, digits, underscores and single hyphens.
fn make_plain(text: &str) -> String {
    let mut name = String::new();
    for letter in text.chars() {
        if letter.is_alphanumeric() || letter == '_' {
            name.push(letter);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    name.truncate(name.trim_end_matches('-').len());
    name
}

fn shortened(name: &str) -> &str {
    name.char_indices().nth(NAME_LIMIT).map_or(name, |(end, _)| &name[..end])
}

/// Width and height from the head of a PNG (section 11.2.1, IHDR); zeros for anything else.
fn read_size(png: &[u8]) -> (u32, u32) {
    let number = |at: usize| {
        let bytes = png.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, u32::from_be_bytes)
    };
    (number(16), number(20))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifacts(folder: &Path) -> Artifacts {
        let redactor = Redactor::default();
        redactor.learn("TOKEN", "pea/cock 42");
        redactor.learn("CODE", "42-hush");
        Artifacts::new(folder.to_owned(), Arc::new(redactor), false)
    }

    #[tokio::test]
    async fn names_hold_no_secret_and_lead_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let scenario = artifacts(folder.path()).of_scenario("../specs/shop/pay.toml", Some("../a b"));
        let inside = folder.path().join("specs-shop-pay/a-b");
        for (name, file) in [
            ("home", "home.png"),
            ("home", "home-2.png"),
            ("../../etc/passwd", "etc-passwd.png"),
            ("of pea/cock 42!", "of-secret-TOKEN.png"),
            ("of 42 hush", "of-secret-CODE.png"),
            ("...", "unnamed.png"),
            ("Grüße", "Grüße.png"),
        ] {
            let picture = scenario.write_picture(name, b"png").await.unwrap();
            assert_eq!(Path::new(&picture.path), inside.join(file), "{name}");
            assert!(Path::new(&picture.path).is_file());
        }
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error =
            artifacts(&file).of_scenario("a.toml", None).write_picture("home", b"").await.unwrap_err();
        assert!(error.message.contains("home.png cannot be written"), "{}", error.message);
    }
}
