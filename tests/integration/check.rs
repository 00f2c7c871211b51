//! Reading specs: every problem of every file in one run, and nothing is sent.

use insta::{assert_snapshot, with_settings};

use crate::support::{golden, smokegate};

#[test]
fn every_problem_of_every_file_is_told_in_one_run_with_its_place() {
    let output = smokegate(["check", "broken"]).folder(golden()).run();
    assert_eq!(output.code, 2);
    assert_eq!(output.stdout, "");
    with_settings!({ snapshot_path => golden(), prepend_module_to_snapshot => false, omit_expression => true }, {
        assert_snapshot!("broken_specs", output.stderr);
    });
    for file in std::fs::read_dir(golden().join("broken")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(output.stderr.contains(&format!("--> broken/{name}:")), "{name} has no problem");
    }
}

#[test]
fn nothing_is_sent_when_a_spec_is_wrong() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let output = smokegate(["run", "broken", "--url", &url]).folder(golden()).run();
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("nothing was sent"));
    assert!(listener.accept().is_err(), "somebody connected");
}

#[test]
fn files_that_cannot_be_read_are_told_by_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("latin1.toml"), b"name = \"caf\xe9\"").unwrap();
    std::fs::write(folder.path().join("nul.toml"), b"name = \"a\0b\"").unwrap();
    std::fs::write(folder.path().join("empty.toml"), b"").unwrap();
    std::fs::write(folder.path().join("bom.toml"), "\u{feff}[[step]]\r\nget = \"/\"\r\n").unwrap();
    let output = smokegate(["check", "latin1.toml", "nul.toml", "empty.toml", "bom.toml", "missing.toml"])
        .folder(&folder)
        .run();
    assert_eq!(output.code, 2);
    for told in [
        "latin1.toml",
        "not UTF-8: line 1",
        "a NUL byte",
        "a spec needs at least one [[step]]",
        "there is no such file or folder",
    ] {
        assert!(output.stderr.contains(told), "{told} is missing in\n{}", output.stderr);
    }
    assert!(!output.stderr.contains("bom.toml"), "{}", output.stderr);
    assert!(output.stderr.contains("4 problems in 4 files: nothing was sent"), "{}", output.stderr);
}

#[test]
fn the_shipped_specs_have_no_problem() {
    let output = smokegate(["check", "specs"]).folder(env!("CARGO_MANIFEST_DIR")).run();
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{}", output.stdout);
}

#[test]
fn a_column_without_its_table_is_proposed_with_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.toml"), "[[step]]\nget = \"/{{ row }}\"\n[[case]]\nrow = 1\n")
        .unwrap();
    let output = smokegate(["check", "a.toml"]).folder(&folder).run();
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("did you mean `case.row`?"), "{}", output.stderr);
}

#[test]
fn where_no_known_word_is_near_those_that_there_are_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let spec = "[[step]]\nopen = \"/\"\nexpect.element.h1.exists = false\nexpect.element.h1.qqq = 3\nexpect.element.h1.heigth = 3\n";
    std::fs::write(folder.path().join("a.toml"), spec).unwrap();
    let output = smokegate(["check", "a.toml"]).folder(&folder).run();
    assert_eq!(output.code, 2);
    for told in [
        "help: `count` says whether there is one: `count = 0` is none, `count.at_least = 1` at least one",
        "help: there are text, count, attribute, ",
        "did you mean `height`?",
        "3 problems in 1 file",
    ] {
        assert!(output.stderr.contains(told), "{told}: {}", output.stderr);
    }
}
