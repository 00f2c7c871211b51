//! What helps while writing: `explain`, `fmt`, `list --json`, completions and the man page.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use smokegate::cli::reference::{Group, list_words};

use crate::support::{Demo, copy_folder, folder_with, smokegate};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn explain_says_what_a_word_means_and_shows_it_in_use() {
    for (word, told) in [
        ("status", &["the status code", "expect.status = 200", "a subject"][..]),
        ("header.location", &["header.NAME", "a response header"]),
        ("within", &["repeats a harmless action", "within = \"5s\""]),
        ("near", &["with the neighbour within", "expect.status.near"]),
        ("fill", &["replaces the content of fields", "an action"]),
        ("resolve", &["[target.NAME]", "from smokegate.toml"]),
        ("urlencode", &["a%20b%26"]),
        ("testid=save", &["data-testid"]),
        ("5", &["no scenario was selected", "smokegate list"]),
    ] {
        let output = smokegate(["explain", word]).run();
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{word}");
        for text in told {
            assert!(output.stdout.contains(text), "{word}: {text:?} is missing in\n{}", output.stdout);
        }
    }
}

#[test]
fn explain_asks_back_when_it_does_not_know_a_word_and_lists_all_without_one() {
    let output = smokegate(["explain", "expcet"]).run();
    assert_eq!((output.code, output.stdout.as_str()), (2, ""));
    assert!(output.stderr.contains("did you mean `expect`?"), "{}", output.stderr);
    let output = smokegate(["explain", "xyzzy"]).run();
    assert!(output.stderr.contains("lists all words"), "{}", output.stderr);
    let output = smokegate(["explain"]).run();
    assert_eq!(output.code, 0);
    for word in list_words() {
        assert!(output.stdout.contains(&word.form), "{}", word.form);
    }
}

#[test]
fn the_examples_of_exit_codes_end_with_them() {
    let demo = Demo::start(None);
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&repository().join("specs"), &folder.path().join("specs"));
    let mut tried = 0;
    for word in list_words().iter().filter(|word| word.group == Group::ExitCode) {
        let example = word.says("example").replace("http://127.0.0.1:8000", &demo.url());
        let Some(arguments) = example.strip_prefix("smokegate ") else { continue };
        let output = smokegate(arguments.split(' ')).folder(&folder).run();
        assert_eq!(output.code.to_string(), word.name, "{example}: {}{}", output.stdout, output.stderr);
        tried += 1;
    }
    assert_eq!(tried, 5);
}

#[test]
fn the_shipped_specs_and_the_blocks_of_the_pages_are_in_canonical_form() {
    let output =
        smokegate(["fmt", "--check", "specs", "src/cli/reference/project_example.toml", "tests/golden/good"])
            .folder(repository())
            .run();
    assert_eq!((output.code, output.stdout.as_str()), (0, ""), "run `smokegate fmt`: {}", output.stderr);
    for page in ["specs/README.md", "specs/recipes.md"] {
        let text = std::fs::read_to_string(repository().join(page)).unwrap();
        for (position, block) in text.split("```toml\n").skip(1).enumerate() {
            let block = block.split("```").next().unwrap();
            let name = if block.starts_with("# smokegate.toml") { "smokegate.toml" } else { "a.toml" };
            let folder = folder_with(&[(name, block)]);
            let output = smokegate(["fmt", name]).folder(&folder).run();
            let formatted = std::fs::read_to_string(folder.path().join(name)).unwrap();
            assert_eq!(formatted, block, "{page}, block {position}: {}", output.stderr);
        }
    }
}

#[test]
fn fmt_names_what_it_changes_and_check_changes_nothing() {
    let (wrong, right) =
        ("[[step]]\nexpect.status=200\nget=\"/\"\n", "[[step]]\nget = \"/\"\nexpect.status = 200\n");
    let folder = folder_with(&[
        ("specs/wrong.toml", wrong),
        ("specs/right.toml", right),
        ("specs/shared/part.toml", "step = []\nparameters=['a']\n"),
        ("specs/other.toml", "is=\"no spec\"\n"),
        ("smokegate.toml", "[defaults]\ntimeout=\"1s\"\n"),
    ]);
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let output = smokegate(["fmt", "--check"]).folder(&folder).run();
    let named = |name: &str| format!("not in canonical form: {name}\n");
    let all = ["smokegate.toml", "specs/shared/part.toml", "specs/wrong.toml"].map(named).concat();
    assert_eq!((output.code, output.stdout), (1, all), "{}", output.stderr);
    assert_eq!(read("specs/wrong.toml"), wrong);
    let output = smokegate(["fmt"]).folder(&folder).run();
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(output.stdout.contains("formatted specs/wrong.toml"), "{}", output.stdout);
    assert_eq!(read("specs/wrong.toml"), right);
    assert_eq!(read("specs/shared/part.toml"), "parameters = ['a']\nstep = []\n");
    assert_eq!(read("specs/other.toml"), "is=\"no spec\"\n");
    let output = smokegate(["fmt", "--check"]).folder(&folder).run();
    assert_eq!((output.code, output.stdout.as_str()), (0, ""));
}

#[test]
fn fmt_writes_nothing_while_a_file_is_no_toml() {
    let wrong = "[[step]]\nget=\"/\"\n";
    let folder = folder_with(&[("specs/a.toml", wrong), ("specs/b.toml", "[[step]]\nget = \"/\n")]);
    let output = smokegate(["fmt"]).folder(&folder).run();
    assert_eq!((output.code, output.stdout.as_str()), (2, ""));
    assert!(output.stderr.contains("specs/b.toml:2:"), "{}", output.stderr);
    assert_eq!(std::fs::read_to_string(folder.path().join("specs/a.toml")).unwrap(), wrong);
}

#[test]
fn list_tells_programs_what_would_run() {
    let output = smokegate(["list", "specs/demo", "--json", "--tag", "forms"]).folder(repository()).run();
    assert_eq!(output.code, 0, "{}", output.stderr);
    let list: Value = serde_json::from_str(&output.stdout).unwrap();
    let scenarios = list["scenarios"].as_array().unwrap();
    assert_eq!(scenarios.len(), 2);
    assert_eq!(scenarios[0]["file"], "specs/demo/first_list.toml");
    assert_eq!(scenarios[0]["name"], "A visitor starts a to-do list");
    assert_eq!((&scenarios[0]["writes"], &scenarios[0]["browser"]), (&Value::Bool(true), &Value::Bool(true)));
    assert_eq!(scenarios[1]["browser"], false);
    let output = smokegate(["list", "specs/demo", "--json", "--tag", "nobody"]).folder(repository()).run();
    assert_eq!(output.code, 5);
    assert_eq!(serde_json::from_str::<Value>(&output.stdout).unwrap()["scenarios"], Value::Array(Vec::new()));
}

#[test]
fn every_shell_gets_its_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = smokegate(["completions", shell]).run();
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{shell}");
        for word in ["explain", "completions", "--allow-writes"] {
            let word = if shell == "fish" { word.trim_start_matches("--") } else { word };
            assert!(output.stdout.contains(word), "{shell}: {word}");
        }
        assert!(!output.stdout.contains("guard"), "{shell} completes what is hidden");
    }
    let script = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(script.path(), smokegate(["completions", "bash"]).run().stdout).unwrap();
    let status = Command::new("bash").arg("-n").arg(script.path()).status().unwrap();
    assert!(status.success());
}

#[test]
fn the_man_page_has_every_command_and_option() {
    let output = smokegate(["man"]).run();
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    for text in [".TH smokegate 1", "COMMAND RUN", "COMMAND EXPLAIN", "allow\\-writes", "Exit codes"] {
        assert!(output.stdout.contains(text), "{text}\n{}", output.stdout);
    }
    assert!(!output.stdout.contains("COMMAND GUARD"));
}
