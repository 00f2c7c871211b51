//! The reader and any text: it ends with scenarios or with problems that can be shown, and never with a panic.
//!
//! `tests/fuzz` does the same for as long as one likes; this is a bounded run of it in every build.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use smokegate::expect::{JsonQuery, Locator, Subject, XPathQuery};
use smokegate::source::{SourceFile, render_diagnostics};
use smokegate::spec::project::{Project, read_project};
use smokegate::spec::{Environment, load_sources};

/// All specs and golden files.
static SEEDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seeds = Vec::new();
    let mut folders = vec![root.join("specs"), root.join("tests/golden")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                seeds.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    seeds.sort();
    assert!(seeds.len() > 10, "{} seeds", seeds.len());
    seeds
});

/// What makes most trouble in a spec.
const PIECES: &[&str] = &[
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "|",
    "[[step]]\n",
    "[vars]\n",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "\"\"\"",
    "\\",
    "\n",
    "\r",
    "\u{feff}",
    "é",
    "𝄞",
    "\u{301}",
    "=",
    ".",
    ",",
    "#",
    "expect.",
    "capture.",
    "use = \"x\"\n",
    "case.file = \"x\"\n",
    "json.\"$[?@.a==1]\"",
    "xml.\"//a[\"",
    "element.\"role=button[\"",
    "near = 1",
    "within = 2",
    "any.all.none.",
    "1e999",
    "-0",
    "nan",
    "99999999999999999999",
    "1979-05-27",
    "0x",
    "(",
    ")",
    "9223372036854775807",
    "when = \"a is b\"\n",
];

fn read(text: &str) {
    let file = Arc::new(SourceFile::new("a.toml", "/nonexistent/a.toml", text.to_owned()));
    let environment = Environment::default();
    if let Err(problems) =
        load_sources(std::slice::from_ref(&file), Project::default(), &environment, Vec::new())
    {
        assert!(!problems.is_empty() && !render_diagnostics(&problems, false).is_empty());
    }
    if let Err(problems) = read_project(&file, &environment) {
        assert!(!problems.is_empty() && !render_diagnostics(&problems, true).is_empty());
    }
}

/// A change of a text: where, how many characters are left out, what is put there.
fn change() -> impl Strategy<Value = (prop::sample::Index, usize, String)> {
    let piece = prop_oneof![
        4 => prop::sample::select(PIECES).prop_map(str::to_owned),
        1 => ".{0,4}".prop_map(String::from),
        1 => "[a-z_]{1,8}".prop_map(String::from),
    ];
    (any::<prop::sample::Index>(), prop_oneof![3 => Just(0_usize), 2 => 1..20_usize], piece)
}

fn apply(seed: &str, changes: &[(prop::sample::Index, usize, String)]) -> String {
    let mut text: Vec<char> = seed.chars().collect();
    for (at, left_out, piece) in changes {
        let start = at.index(text.len() + 1);
        let end = (start + left_out).min(text.len());
        text.splice(start..end, piece.chars());
    }
    text.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_spec_with_mistakes_is_read_or_refused(
        seed in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 1..6),
    ) {
        read(&apply(&SEEDS[seed.index(SEEDS.len())], &changes));
    }

    #[test]
    fn any_text_is_read_or_refused(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        read(&pieces.concat());
    }

    #[test]
    fn any_path_locator_and_subject_is_read_or_refused(text in "[-$@.\\[\\]()'\"*/:|!=<> a-c0-9]{0,40}") {
        let _ = JsonQuery::parse(&format!("${text}"));
        let _ = XPathQuery::parse(&text);
        let _ = Locator::parse(&text);
        let _ = Subject::parse(&format!("element.{text}"));
    }
}
