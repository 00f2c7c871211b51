//! The schemas for editors: they take what the reader takes, and refuse what a schema can.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value;
use smokegate::cli::reference::{EXAMPLES, PROJECT_EXAMPLE};
use toml::Table;

use crate::support::{copy_folder, folder_with, golden, smokegate};

fn schema(of: &str) -> Validator {
    let output = smokegate(["schema", of]).run();
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    let schema: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(jsonschema::meta::is_valid(&schema));
    jsonschema::draft202012::new(&schema).unwrap()
}

fn read(path: &Path) -> Table {
    std::fs::read_to_string(path)
        .unwrap()
        .parse()
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A TOML table as the JSON that an editor checks.
fn to_json(table: &Table) -> Value {
    serde_json::to_value(table).unwrap()
}

fn assert_valid(schema: &Validator, table: &Table, name: &str) {
    let json = to_json(table);
    let errors: Vec<String> =
        schema.iter_errors(&json).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{name}:\n{}", errors.join("\n"));
}

fn toml_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().unwrap() != "shared" {
            files.extend(toml_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn every_good_spec_is_good_for_schema_and_reader() {
    let spec = schema("spec");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let files: Vec<PathBuf> =
        [shipped, golden().join("good")].iter().flat_map(|folder| toml_files(folder)).collect();
    assert!(files.len() >= 15);
    for file in files {
        assert_valid(&spec, &read(&file), &file.display().to_string());
    }
    let output = smokegate(["check", "good"]).folder(golden()).run();
    assert_eq!(output.code, 0, "{}", output.stderr);
}

#[test]
fn a_project_file_is_good_for_its_schema_and_a_wrong_one_is_not() {
    let project = schema("project");
    let table: Table = PROJECT_EXAMPLE.1.parse().unwrap();
    assert_valid(&project, &table, PROJECT_EXAMPLE.0);
    for wrong in [
        "[defautls]\ntarget = \"a\"\n",
        "[defaults]\nbrowser = \"safari\"\n",
        "[defaults]\ntimeout = 10\n",
        "[target.a]\nurl = 3\n",
        "[target.a]\nurl = \"http://a\"\nwrites = \"yes\"\n",
        "[target.a]\nurl = \"http://a\"\nbasic_auth = { user = \"a\" }\n",
        "[target.a.database.b]\nurl = \"sqlite:a\"\nwriteable = true\n",
    ] {
        assert!(!project.is_valid(&to_json(&wrong.parse().unwrap())), "{wrong}");
        let folder = folder_with(&[("smokegate.toml", wrong), ("specs/a.toml", "[[step]]\nget = \"/\"\n")]);
        assert_eq!(smokegate(["check"]).folder(&folder).run().code, 2, "{wrong}");
    }
}

/// What only the reader can know: names, patterns, selectors, and what TOML itself forbids.
const FOR_THE_READER_ALONE: &[&str] =
    &["capture_twice.toml", "regex.toml", "syntax.toml", "variable_undefined.toml"];

#[test]
fn every_wrong_spec_is_refused_by_the_schema_where_it_can_know_and_by_the_reader() {
    let spec = schema("spec");
    let mut unseen = BTreeSet::new();
    for file in std::fs::read_dir(golden().join("broken")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let table = std::fs::read_to_string(&path).unwrap().parse::<Table>();
        if table.is_ok_and(|table| spec.is_valid(&to_json(&table))) || name == "syntax.toml" {
            unseen.insert(name.clone());
        }
        let output = smokegate(["check", &format!("broken/{name}")]).folder(golden()).run();
        assert_eq!(output.code, 2, "{name}");
    }
    assert_eq!(unseen.iter().map(String::as_str).collect::<Vec<_>>(), FOR_THE_READER_ALONE);
}

#[test]
fn the_schema_knows_what_may_stand_together() {
    let spec = schema("spec");
    for (step, good) in [
        ("get = \"/\"\nwithin = \"5s\"", true),
        ("post = \"/\"\nwithin = \"5s\"", false),
        ("fill = { a = \"b\" }\npress = \"Enter\"", true),
        ("fill = { a = \"b\" }\nopen = \"/\"", false),
        ("get = \"/\"\nopen = \"/\"", false),
        ("get = \"/\"\nparams = { a = 1 }", false),
        ("get = \"/a b\"", false),
        ("get = \"/{{ 'a b' }}\"", true),
        ("use = \"x\"\nwith = { a = 1 }", true),
        ("use = \"x\"\nexpect.status = 200", false),
        ("get = \"/\"\nexpect.rows = 1", false),
        ("get = \"/\"\nexpect.element.\"#a\".visible = true", false),
        ("open = \"/\"\nexpect.element.\"#a\".visible = true", true),
        ("get = \"/\"\nexpect.status = \"200\"", false),
        ("get = \"/\"\nexpect.status.near = 200", false),
        ("get = \"/\"\nexpect.time.below = 800", false),
        ("get = \"/\"\nallow = [\"everything\"]", false),
        ("get = \"/\"\ncapture.x = \"rows\"", false),
        ("get = \"/\"\ncapture.\"a b\" = \"url\"", false),
        ("get = \"/\"\nredirects = -1", false),
        ("expect.title = \"x\"", true),
        ("expect.status = 200", true),
        ("expect.rows = 1", false),
    ] {
        let table: Table = format!("[[step]]\n{step}\n").parse().unwrap();
        assert_eq!(spec.is_valid(&to_json(&table)), good, "{step}");
    }
}

/// Whether a key is a word of the language, and not a name of the user's.
fn is_word(path: &[String]) -> bool {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match path.as_slice() {
        [_] | ["step" | "cleanup", _] | ["case", "file"] => true,
        ["step" | "cleanup", "capture", _, inner @ ..] => !inner.is_empty(),
        ["step" | "cleanup", "expect", subject @ ..] => match subject {
            ["element", _, "attribute" | "style" | "overlaps", _, rest @ ..] | ["element", _, rest @ ..] => {
                !rest.is_empty()
            }
            ["header" | "cookie" | "json" | "xml" | "row" | "column", rest @ ..] => rest.len() != 1,
            _ => true,
        },
        _ => false,
    }
}

/// Two letters in the middle changed for each other, or the first of a short word twice.
fn misspell(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let middle = letters.len() / 2;
    if letters.len() > 3 && letters[middle] != letters[middle - 1] {
        letters.swap(middle, middle - 1);
    } else {
        letters.insert(0, letters[0]);
    }
    letters.into_iter().collect()
}

/// The table with one word after another misspelt, each with the word as it should be.
fn misspell_each(table: &Table) -> Vec<(String, Table)> {
    fn walk(
        whole: &Table,
        at: &Table,
        path: &mut Vec<String>,
        route: &mut Vec<Hop>,
        found: &mut Vec<(String, Table)>,
    ) {
        for (key, value) in at {
            path.push(key.clone());
            if is_word(path) {
                let mut wrong = whole.clone();
                rename(&mut wrong, route, key);
                found.push((key.clone(), wrong));
            }
            route.push(Hop::Key(key.clone()));
            match value {
                toml::Value::Table(inner) => walk(whole, inner, path, route, found),
                toml::Value::Array(items) => {
                    for (position, item) in items.iter().enumerate() {
                        if let toml::Value::Table(inner) = item {
                            route.push(Hop::Item(position));
                            walk(whole, inner, path, route, found);
                            route.pop();
                        }
                    }
                }
                _ => {}
            }
            route.pop();
            path.pop();
        }
    }
    let mut found = Vec::new();
    walk(table, table, &mut Vec::new(), &mut Vec::new(), &mut found);
    found
}

enum Hop {
    Key(String),
    Item(usize),
}

fn rename(table: &mut Table, route: &[Hop], key: &str) {
    match route {
        [] => {
            // The order stays: what comes first in a step decides what is said about the rest.
            *table = std::mem::take(table)
                .into_iter()
                .map(|(name, value)| (if name == key { misspell(key) } else { name }, value))
                .collect();
        }
        [Hop::Key(name), Hop::Item(position), rest @ ..] => {
            rename(table[name].as_array_mut().unwrap()[*position].as_table_mut().unwrap(), rest, key);
        }
        [Hop::Key(name), rest @ ..] => rename(table[name].as_table_mut().unwrap(), rest, key),
        [Hop::Item(_), ..] => unreachable!("items are reached by the key of their array"),
    }
}

#[test]
fn a_misspelt_word_gets_the_right_one_at_every_place_and_the_schema_refuses_it() {
    let spec = schema("spec");
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/reference"), &folder.path().join("specs"));
    let wrong = folder.path().join("specs/wrong");
    std::fs::create_dir(&wrong).unwrap();
    for companion in ["words.csv", "requests.toml", "version.schema.json"] {
        std::fs::copy(folder.path().join("specs").join(companion), wrong.join(companion)).unwrap();
    }
    let mut told = Vec::new();
    for (file, text) in EXAMPLES.iter().filter(|(file, _)| !file.contains("/shared/")) {
        for (word, table) in misspell_each(&text.parse().unwrap()) {
            assert!(
                !spec.is_valid(&to_json(&table)),
                "{file}: the schema takes {:?} for {word:?}",
                misspell(&word)
            );
            let name = format!("{:04}.toml", told.len());
            std::fs::write(wrong.join(&name), toml::to_string(&table).unwrap()).unwrap();
            told.push((name, word));
        }
    }
    assert!(told.len() > 300, "only {} places", told.len());
    let output = smokegate(["check", "specs/wrong"]).folder(&folder).run();
    assert_eq!(output.code, 2);
    let problems: Vec<&str> = output.stderr.split("\n\n").collect();
    let silent: Vec<String> = told
        .iter()
        .filter(|(name, word)| {
            let (place, meant) = (format!("wrong/{name}:"), format!("did you mean `{word}`?"));
            !problems.iter().any(|problem| problem.contains(&place) && problem.contains(&meant))
        })
        .map(|(name, word)| format!("{name}: {:?} for {word:?}", misspell(word)))
        .collect();
    assert!(silent.is_empty(), "of {} these have no good advice:\n{}", told.len(), silent.join("\n"));
}
