//! Known pages of broken deployments, as the data in `fingerprints.toml`.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use regex::Captures;
use serde::Deserialize;

mod pattern;

use self::pattern::Pattern;
use super::code::{CODES, find_code};
use super::page::Page;
use super::{Certainty, Diagnosis};
use crate::source::{Diagnostic, nearest};
use crate::spec::project::OwnMark;

/// The marks in the order in which they are tried. That the file can be read is tested.
static MARKS: LazyLock<Vec<Mark>> =
    LazyLock::new(|| read_marks(include_str!("fingerprints.toml")).unwrap_or_default());

/// The marks of the project file, which are tried before all others.
static OWN_MARKS: OnceLock<Vec<Mark>> = OnceLock::new();

/// What is wrong with the marks of a project file: codes that no diagnosis has.
pub fn check_marks(marks: &[OwnMark]) -> Vec<Diagnostic> {
    let unknown = marks.iter().filter(|mark| find_code(&mark.code).is_none());
    let tell = |mark: &OwnMark| {
        let message = format!("there is no diagnosis `{}`", mark.code);
        let problem = Diagnostic::new(&mark.file, mark.code_span, message);
        match nearest(&mark.code, CODES.iter().map(|known| known.code)) {
            Some(meant) => problem.label(format!("did you mean `{meant}`?")),
            None => problem.help("`smokegate explain` lists them"),
        }
    };
    unknown.map(tell).collect()
}

/// Takes the marks of a project file for the rest of the process. There is one project file in a process.
pub fn learn_marks(marks: &[OwnMark]) {
    if !marks.is_empty() {
        let _ = OWN_MARKS.set(marks.iter().map(Mark::from_own).collect());
    }
}

/// A page that is known.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// What the page is.
    pub name: String,
    /// The diagnosis that it gives.
    pub code: String,
    /// What is told of it.
    what: String,
    /// What to do next, one line each.
    pub advice: Vec<String>,
    /// How sure it is.
    #[serde(default = "certain")]
    pub certainty: Certainty,
    /// Where such a page is wrong by itself.
    #[serde(default)]
    pub judged: Judged,
    #[serde(default)]
    status: Vec<String>,
    max_text: Option<usize>,
    #[serde(default)]
    own_name: bool,
    path: Option<Pattern>,
    #[serde(default)]
    header: BTreeMap<String, Pattern>,
    media: Option<Pattern>,
    title: Option<Pattern>,
    heading: Option<Pattern>,
    headline: Option<Pattern>,
    text: Option<Pattern>,
    body: Option<Pattern>,
}

/// Where a page that bears a mark is wrong, whatever was expected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// Everywhere.
    #[default]
    Always,
    /// At the address `/`.
    Home,
    /// Nowhere: it explains a failure and is none.
    Never,
}

fn certain() -> Certainty {
    Certainty::Certain
}

fn read_marks(text: &str) -> Result<Vec<Mark>, toml::de::Error> {
    #[derive(Deserialize)]
    struct File {
        mark: Vec<Mark>,
    }
    toml::from_str::<File>(text).map(|file| file.mark)
}

/// A page that was recognised.
pub struct Recognised {
    /// By which mark.
    pub mark: &'static Mark,
    /// What is told of it.
    pub what: String,
    /// By what it was recognised: `GET /: 200, title "Welcome to nginx!"`.
    pub seen: String,
}

impl Recognised {
    /// The diagnosis that it gives.
    pub(super) fn diagnosis(&self) -> Diagnosis {
        let mut diagnosis = Diagnosis::of(&self.mark.code, self.mark.certainty, &self.what);
        diagnosis.evidence.push(self.seen.clone());
        diagnosis.advice.clone_from(&self.mark.advice);
        diagnosis
    }
}

/// The first mark that a page bears.
pub fn recognise_page(page: &Page<'_>) -> Option<Recognised> {
    OWN_MARKS.get().into_iter().flatten().chain(MARKS.iter()).find_map(|mark| mark.recognise(page))
}

/// The first mark that a page bears and that no site means to show there.
pub fn recognise_broken_page(page: &Page<'_>) -> Option<Recognised> {
    recognise_page(page).filter(|recognised| match recognised.mark.judged {
        Judged::Always => true,
        Judged::Home => page.path() == "/",
        Judged::Never => false,
    })
}

impl Mark {
    fn from_own(own: &OwnMark) -> Self {
        let pattern = |key: &str| {
            own.patterns.iter().find(|(name, _)| *name == key).map(|(_, text)| Pattern::from(text.clone()))
        };
        let header = own.header.iter().map(|(name, text)| (name.clone(), Pattern::from(text.clone())));
        let code = find_code(&own.code).map(|known| known.advice.to_owned());
        Self {
            name: own.name.clone(),
            code: own.code.clone(),
            what: own.what.clone(),
            advice: if own.advice.is_empty() { code.into_iter().collect() } else { own.advice.clone() },
            certainty: match own.certainty.as_deref() {
                Some("probable") => Certainty::Probable,
                _ => Certainty::Certain,
            },
            judged: match own.judged.as_deref() {
                Some("home") => Judged::Home,
                Some("never") => Judged::Never,
                _ => Judged::Always,
            },
            status: own.status.clone(),
            max_text: own.max_text,
            own_name: false,
            path: None,
            header: header.collect(),
            media: pattern("media"),
            title: pattern("title"),
            heading: pattern("heading"),
            headline: pattern("headline"),
            text: pattern("text"),
            body: pattern("body"),
        }
    }

    /// The cheap conditions first: a healthy page is done with after its title.
    fn recognise(&'static self, page: &Page<'_>) -> Option<Recognised> {
        if !self.status.is_empty() {
            let status = page.status?.to_string();
            self.status.iter().find(|pattern| is_status(pattern, &status))?;
        }
        let mut groups = BTreeMap::new();
        for (name, pattern) in &self.header {
            let mut values = page.headers?.get_all(name);
            let found = values.find_map(|value| pattern.find(value))?;
            keep_groups(&mut groups, pattern, &found);
        }
        keep(&mut groups, self.path.as_ref(), || page.path())?;
        keep(&mut groups, self.media.as_ref(), || page.media_type())?;
        keep(&mut groups, self.title.as_ref(), || page.title())?;
        keep(&mut groups, self.heading.as_ref(), || page.heading())?;
        keep(&mut groups, self.body.as_ref(), || page.body())?;
        keep(&mut groups, self.text.as_ref(), || page.text())?;
        keep(&mut groups, self.headline.as_ref(), || page.headline())?;
        if self.max_text.is_some_and(|most| page.text().chars().count() > most) {
            return None;
        }
        if self.own_name && !page.names_itself() {
            return None;
        }
        Some(Recognised { mark: self, what: fill(&self.what, &groups), seen: tell(page) })
    }
}

fn is_status(pattern: &str, status: &str) -> bool {
    pattern.len() == status.len()
        && pattern.chars().zip(status.chars()).all(|(wanted, seen)| wanted == 'x' || wanted == seen)
}

/// Notes the groups of what was found; none if it was not found.
fn keep<'p>(
    groups: &mut BTreeMap<String, String>,
    pattern: Option<&Pattern>,
    part: impl FnOnce() -> &'p str,
) -> Option<()> {
    let Some(pattern) = pattern else { return Some(()) };
    let found = pattern.find(part())?;
    keep_groups(groups, pattern, &found);
    Some(())
}

fn keep_groups(groups: &mut BTreeMap<String, String>, pattern: &Pattern, found: &Captures<'_>) {
    for name in pattern.names() {
        if let Some(group) = found.name(name) {
            groups.insert(name.to_owned(), group.as_str().trim().to_owned());
        }
    }
}

/// Puts groups in their places; a group that took part in nothing leaves nothing. What a page says is taken as it is,
/// braces and all.
fn fill(text: &str, groups: &BTreeMap<String, String>) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, place)| Some((before, place.split_once('}')?)))
    {
        filled.push_str(before);
        filled.push_str(groups.get(name).map_or("", String::as_str));
        rest = after;
    }
    filled + rest
}

/// What a page looks like in one line.
pub(super) fn tell(page: &Page<'_>) -> String {
    let status = page.status.map_or_else(|| "shown".to_owned(), |status| status.to_string());
    let says = page
        .last_word()
        .or_else(|| [page.title(), page.heading(), page.text()].into_iter().find(|text| !text.is_empty()));
    match says {
        Some(says) => format!("{} → {status}, {:?}", page.url, crate::evidence::shorten_to(says, 100)),
        None => format!("{} → {status}, without text", page.url),
    }
}

#[cfg(test)]
mod tests;
