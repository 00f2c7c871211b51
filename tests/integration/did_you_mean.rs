//! A misspelt key, at each place where a key may stand, gets the right "did you mean". The keys come from the tables.

use std::collections::BTreeMap;

use smokegate::expect::{ELEMENT_PROPERTIES, PREDICATES, SUBJECTS};
use smokegate::spec::action::{ACTIONS, STEP_KEYS};
use smokegate::spec::filter::{FILTERS, TESTS};
use smokegate::spec::project::{DATABASE_KEYS, DEFAULT_KEYS, MARK_KEYS, PROJECT_KEYS, TARGET_KEYS};
use smokegate::spec::{
    ALLOW_KEYS, BUILT_IN, FRAGMENT_KEYS, IMPLICIT, KeyDefinition, SCENARIO_KEYS, USE_KEYS,
};

use crate::support::{folder_with, smokegate};

/// A word as a hasty hand writes it: the last two different letters change places; a word of one letter twice.
fn misspell(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    match (1..letters.len()).rev().find(|at| letters[*at] != letters[at - 1]) {
        Some(at) => letters.swap(at, at - 1),
        None => letters.push(letters[0]),
    }
    letters.into_iter().collect()
}

/// Specs with one misspelt word each, and the word that is meant.
struct Misspelt {
    files: Vec<(String, String, String)>,
}

impl Misspelt {
    /// One spec for each word; `WRONG` in it is the misspelt word.
    fn add<'a>(&mut self, place: &str, spec: &str, words: impl IntoIterator<Item = &'a str>) {
        for word in words {
            let file = format!("{place}_{}", word.replace('.', "_"));
            self.files.push((file, spec.replace("WRONG", &misspell(word)), word.to_owned()));
        }
    }

    /// Checks each file as `NAME` in a folder of its own or all in one; every one must name the word that is meant.
    fn check(&self) {
        let paths: Vec<(String, &str)> =
            self.files.iter().map(|(file, text, _)| (format!("specs/{file}.toml"), text.as_str())).collect();
        let mut files: Vec<(&str, &str)> = paths.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        files.push(("specs/shared/nothing.toml", "[[step]]\nget = \"/\"\n"));
        let folder = folder_with(&files);
        let output = smokegate(["check"]).folder(&folder).run();
        assert_eq!(output.code, 2);
        let mut told: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for problem in output.stderr.split("\n\n") {
            let Some((_, rest)) = problem.split_once("--> ") else { continue };
            told.entry(rest.split(':').next().unwrap()).or_default().push(problem);
        }
        for (file, text, word) in &self.files {
            let problems = told.get(format!("specs/{file}.toml").as_str()).cloned().unwrap_or_default();
            let meant = format!("did you mean `{word}`?");
            assert!(
                problems.len() == 1 && problems[0].contains(&meant),
                "{file}: {meant}\n{text}\n{problems:#?}"
            );
        }
    }
}

fn names(keys: &'static [KeyDefinition]) -> impl Iterator<Item = &'static str> {
    keys.iter().map(|key| key.name)
}

/// A value that an action's key takes.
fn example(action: &str) -> &'static str {
    match action {
        "submit" | "click" | "hover" => "\"#id\"",
        "fill" | "select" => "{ \"#id\" = \"x\" }",
        "check" | "uncheck" => "[\"#id\"]",
        "reload" | "back" | "forward" => "true",
        "press" => "\"Enter\"",
        "sql" => "\"select 1\"",
        "tcp" => "\"localhost:80\"",
        "dns" | "tls" => "\"localhost\"",
        "upload" => "{ \"#id\" = \"{{ run.id }}\" }",
        "script" => "\"return 1\"",
        "screenshot" => "\"home\"",
        _ => "\"/\"",
    }
}

#[test]
fn keys_of_specs_steps_actions_and_fragments() {
    let mut misspelt = Misspelt { files: Vec::new() };
    misspelt.add("top", "WRONG = 1\n[[step]]\nget = \"/\"\n", names(SCENARIO_KEYS));
    misspelt.add("step", "[[step]]\nget = \"/\"\nWRONG = 1\n", names(STEP_KEYS));
    misspelt.add("cleanup", "[[step]]\nget = \"/\"\n[[cleanup]]\nget = \"/\"\nWRONG = 1\n", names(STEP_KEYS));
    for definition in ACTIONS {
        misspelt.add("action", "[[step]]\nWRONG = 1\n", definition.keys.iter().map(|action| action.key.name));
        for action in definition.keys {
            let name = action.key.name;
            let page = if name == "submit" { "page = \"/\"\n" } else { "" };
            let neighbours =
                definition.neighbours.iter().filter(|key| !(name == "submit" && key.name == "page"));
            let spec = format!("[[step]]\n{name} = {}\n{page}WRONG = 1\n", example(name));
            misspelt.add(&format!("beside_{name}"), &spec, neighbours.map(|key| key.name));
        }
    }
    misspelt.add(
        "use",
        "[[step]]\nuse = \"nothing\"\nWRONG = 1\n",
        names(USE_KEYS).filter(|name| *name != "use"),
    );
    misspelt.add("case", "case.WRONG = \"x.csv\"\n[[step]]\nget = \"/\"\n", ["file"]);
    misspelt.check();
}

#[test]
fn subjects_properties_predicates_and_captures() {
    let mut misspelt = Misspelt { files: Vec::new() };
    let step = "[[step]]\nget = \"/\"\n";
    for row in SUBJECTS {
        let (first, second) = row.name.split_once('.').unwrap_or((row.name, ""));
        misspelt.add("subject", &format!("{step}expect.WRONG = 1\n"), [first]);
        if !second.is_empty() {
            misspelt.add(
                &format!("{first}_subject"),
                &format!("[[step]]\nopen = \"/\"\nexpect.{first}.WRONG = 1\n"),
                [second],
            );
        }
        let rest = if second.is_empty() { ".x".to_owned() } else { format!(".{second}") };
        let capture = format!("{step}capture.x = \"{}{rest}\"\n", misspell(first));
        misspelt.files.push((format!("captured_{first}_{second}"), capture, row.name.to_owned()));
    }
    let properties = || ELEMENT_PROPERTIES.iter().map(|row| row.name);
    misspelt.add("property", &format!("{step}expect.element.p.WRONG = 1\n"), properties());
    misspelt.add("captured_property", &format!("{step}capture.x = \"element.'p'.WRONG\"\n"), properties());
    let predicates = || PREDICATES.iter().map(|row| row.name);
    misspelt.add("predicate", &format!("{step}expect.body.WRONG = 1\n"), predicates());
    misspelt.add("inner_predicate", &format!("{step}expect.json.\"$.a\".any.WRONG = 1\n"), predicates());
    misspelt.add("near", &format!("{step}expect.status = {{ near = 1, WRONG = 2 }}\n"), ["within"]);
    misspelt.add(
        "capture",
        &format!("{step}capture.x = {{ from = \"url\", WRONG = \"a\" }}\n"),
        ["from", "pattern"],
    );
    misspelt.add("allow", &format!("{step}allow = [\"WRONG\"]\n"), IMPLICIT.iter().map(|(name, _)| *name));
    let patterns = ALLOW_KEYS.iter().map(|key| key.name);
    misspelt.add("pattern", &format!("{step}allow = [{{ WRONG = \"a\" }}]\n"), patterns);
    misspelt.files.sort();
    misspelt.files.dedup();
    misspelt.check();
}

#[test]
fn names_filters_and_tests_of_templates() {
    let mut misspelt = Misspelt { files: Vec::new() };
    let filters = FILTERS.iter().map(|row| row.name);
    misspelt.add("filter", "[[step]]\nget = \"/{{ 'a' | WRONG }}\"\n", filters.clone());
    misspelt.add("filter_of_condition", "[[step]]\nget = \"/\"\nwhen = \"('a' | WRONG) == 'b'\"\n", filters);
    misspelt.add("test", "[[step]]\nget = \"/\"\nwhen = \"1 is WRONG\"\n", TESTS.iter().map(|row| row.name));
    misspelt.add("variable", "[vars]\nitem = 1\n[[step]]\nget = \"/{{ WRONG }}\"\n", ["item"]);
    misspelt.add(
        "capture",
        "[[step]]\nget = \"/\"\ncapture.item = \"url\"\n[[step]]\nget = \"/{{ WRONG }}\"\n",
        ["item"],
    );
    misspelt.add("browser", "browser = \"WRONG\"\n[[step]]\nget = \"/\"\n", ["chromium", "firefox"]);
    let mut files = Vec::new();
    for (root, properties) in BUILT_IN {
        for property in *properties {
            let spec = format!("[[step]]\nget = \"/{{{{ {root}.{} }}}}\"\n", misspell(property));
            files.push((format!("built_in_{root}_{property}"), spec, format!("{root}.{property}")));
        }
        let spec = format!("[[step]]\nget = \"/{{{{ {}.x }}}}\"\n", misspell(root));
        files.push((format!("built_in_{root}"), spec, (*root).to_owned()));
    }
    let spec = "[[step]]\nget = \"/{{ case.nmae }}\"\n[[case]]\nname = \"a\"\n";
    files.push(("column".to_owned(), spec.to_owned(), "case.name".to_owned()));
    misspelt.files.extend(files);
    misspelt.check();
}

#[test]
fn keys_of_fragments_and_their_parameters() {
    for name in names(FRAGMENT_KEYS) {
        let fragment = format!("{} = 1\n[[step]]\nget = \"/\"\n", misspell(name));
        let folder =
            folder_with(&[("specs/a.toml", "[[step]]\nuse = \"b\"\n"), ("specs/shared/b.toml", &fragment)]);
        let output = smokegate(["check"]).folder(&folder).run();
        assert_eq!(output.code, 2);
        assert!(output.stderr.contains(&format!("did you mean `{name}`?")), "{name}: {}", output.stderr);
    }
}

#[test]
fn keys_of_the_project_file() {
    let places = [
        ("WRONG = 1\n", PROJECT_KEYS),
        ("[defaults]\nWRONG = 1\n", DEFAULT_KEYS),
        ("[target.one]\nurl = \"http://x\"\nWRONG = 1\n", TARGET_KEYS),
        (
            "[target.one]\nurl = \"http://x\"\n[target.one.database.app]\nurl = \"sqlite:x\"\nWRONG = 1\n",
            DATABASE_KEYS,
        ),
        ("[[mark]]\nWRONG = 1\n", MARK_KEYS),
    ];
    for (text, keys) in places {
        for name in names(keys) {
            let project = text.replace("WRONG", &misspell(name));
            let folder =
                folder_with(&[("smokegate.toml", &project), ("specs/a.toml", "[[step]]\nget = \"/\"\n")]);
            let output = smokegate(["check"]).folder(&folder).run();
            assert_eq!(output.code, 2, "{project}");
            assert!(output.stderr.contains(&format!("did you mean `{name}`?")), "{name}: {}", output.stderr);
        }
    }
}
