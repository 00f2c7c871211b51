//! What the canonical form is, and that it is one.

use proptest::prelude::*;

use super::*;

fn format(text: &str) -> String {
    format_as(text, FileKind::Spec)
}

fn format_as(text: &str, kind: FileKind) -> String {
    let file = Arc::new(SourceFile::new("a.toml", "a.toml", text.to_owned()));
    format_file(&file, kind).unwrap()
}

#[test]
fn keys_stand_in_the_order_of_their_tables() {
    let text = "tags = [\"a\"]\nname = \"x\"\n[[cleanup]]\nget = \"/\"\n[[step]]\nexpect.status = 200\nget = \"/\"\n\
                capture.id = \"url\"\nexpect.title = \"x\"\nas = \"edith\"\ntimeout = \"5s\"\nname = \"y\"\n\
                headers = {}\n[vars]\nb = 1\na = 2\n";
    assert_eq!(
        format(text),
        "name = \"x\"\ntags = [\"a\"]\n\n[vars]\nb = 1\na = 2\n\n[[step]]\nname = \"y\"\nas = \"edith\"\nget = \"/\"\n\
         headers = {}\ntimeout = \"5s\"\nexpect.status = 200\nexpect.title = \"x\"\ncapture.id = \"url\"\n\n\
         [[cleanup]]\nget = \"/\"\n"
    );
}

#[test]
fn comments_stay_with_what_they_are_about() {
    let text = "#:schema ./a.json\n# about the name\nname = \"x\"   # here\n\n\n# about the step\n[[step]]\n\
                expect.status = 200 # good\n# about the request\nget = \"/\"\n# off: expect.title = \"x\"\n\n# next\n\
                [[step]]\nopen = \"/\"\n\n# the end\n";
    assert_eq!(
        format(text),
        "#:schema ./a.json\n# about the name\nname = \"x\"   # here\n\n# about the step\n[[step]]\n\
         # about the request\nget = \"/\"\nexpect.status = 200 # good\n# off: expect.title = \"x\"\n\n# next\n\
         [[step]]\nopen = \"/\"\n\n# the end\n"
    );
}

#[test]
fn values_are_spaced_in_one_way() {
    let text = "[[ step ]]\nget=\"/\"\nheaders={a=\"b\",\"c d\"=[1,2 , 3.5,],}\nexpect . status=200#x\n\
                params = {at=1979-05-27 07:32:00}\n";
    assert_eq!(
        format(text),
        "[[step]]\nget = \"/\"\nheaders = { a = \"b\", \"c d\" = [1, 2, 3.5] }\n\
         params = { at = 1979-05-27 07:32:00 }\nexpect.status = 200 #x\n"
    );
}

#[test]
fn a_value_over_several_lines_keeps_its_lines() {
    let text = "tags = [ # words\n\n      \"a\",\"b\",\n\n\n  # more\n\"c\"\n  ]\n[[step]]\njson = {\n  a = [\n1,\n],\n b = \"\"\"\n  x  \n y\"\"\" }\npost = \"/\"\n";
    assert_eq!(
        format(text),
        "tags = [ # words\n\n    \"a\", \"b\",\n\n    # more\n    \"c\"\n]\n\n[[step]]\npost = \"/\"\njson = {\n    a = [\n        1,\n    ],\n    b = \"\"\"\n  x  \n y\"\"\" }\n"
    );
}

#[test]
fn tables_inside_a_step_stay_behind_it() {
    let text = "[[step]]\nget = \"/\"\n[step.headers]\nb = \"1\"\na = \"2\"\n[[cleanup]]\nget = \"/\"\n[[step]]\nget = \"/b\"\n";
    assert_eq!(
        format(text),
        "[[step]]\nget = \"/\"\n\n[step.headers]\nb = \"1\"\na = \"2\"\n\n[[step]]\nget = \"/b\"\n\n[[cleanup]]\nget = \"/\"\n"
    );
}

#[test]
fn a_project_file_has_an_order_of_its_own() {
    let text = "[target.b]\nwrites = true\nurl = \"http://b\"\n[target.b.database.x]\nwritable = true\nurl = \"sqlite:x\"\n\
                [target.a]\nurl = \"http://a\"\n[defaults]\nwindow = \"1x1\"\ntarget = \"a\"\n";
    assert_eq!(
        format_as(text, FileKind::Project),
        "[defaults]\ntarget = \"a\"\nwindow = \"1x1\"\n\n[target.b]\nurl = \"http://b\"\nwrites = true\n\n\
         [target.b.database.x]\nurl = \"sqlite:x\"\nwritable = true\n\n[target.a]\nurl = \"http://a\"\n"
    );
}

#[test]
fn line_endings_stay_as_they_are() {
    assert_eq!(format("[[step]]\r\nget=\"/\"\r\n\r\n\r\n"), "[[step]]\r\nget = \"/\"\r\n");
    assert_eq!(format("[[step]]\nget=\"/\""), "[[step]]\nget = \"/\"\n");
    assert_eq!(format(""), "");
    assert_eq!(format("# nothing else\n"), "# nothing else\n");
}

#[test]
fn what_is_no_toml_is_refused_with_its_place() {
    let file = Arc::new(SourceFile::new("a.toml", "a.toml", "a = [1\nb".to_owned()));
    assert!(format_file(&file, FileKind::Spec).is_err());
}

#[test]
fn a_file_is_known_by_its_name_and_its_folder() {
    assert_eq!(FileKind::of_path(Path::new("specs/a.toml")), FileKind::Spec);
    assert_eq!(FileKind::of_path(Path::new("specs/shared/a.toml")), FileKind::Fragment);
    assert_eq!(FileKind::of_path(Path::new("smokegate.toml")), FileKind::Project);
}

/// Lines from which files are put together: keys of steps, unknown ones, comments, blank lines, headers.
fn line() -> impl Strategy<Value = String> {
    let keys = prop_oneof![
        Just("name"),
        Just("get"),
        Just("headers"),
        Just("within"),
        Just("expect.status"),
        Just("expect.header.\"x y\""),
        Just("capture . id"),
        Just("unknown"),
        Just("vars.a"),
        Just("'quoted.key'"),
    ];
    let values = prop_oneof![
        Just("1"),
        Just("-1.5e3"),
        Just("\"a # b\""),
        Just("'c = d'"),
        Just("[1,2,]"),
        Just("[\n\n1, # one\n  [2,\n3]  ,\n]"),
        Just("{a=1,b={c=[]},}"),
        Just("{ a = 1, # x\n b.c = 2 }"),
        Just("\"\"\"\nx\n  [[step]]\n\"\"\""),
        Just("1979-05-27 07:32:00Z"),
    ];
    let key_value = (keys, values, prop_oneof![Just(""), Just("# c"), Just("   # d  ")])
        .prop_map(|(key, value, comment)| format!("{key}={value}{comment}"));
    prop_oneof![
        6 => key_value,
        1 => Just("[[step]]".to_owned()),
        1 => Just(" [[ cleanup ]] # why".to_owned()),
        1 => Just("[vars]".to_owned()),
        1 => Just("[step.params]".to_owned()),
        2 => Just("# a comment".to_owned()),
        1 => Just("#:schema x".to_owned()),
        3 => Just(String::new()),
        1 => Just("\t ".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn formatting_twice_is_formatting_once_and_changes_no_meaning(
        lines in proptest::collection::vec(line(), 0..14),
        kind in prop_oneof![Just(FileKind::Spec), Just(FileKind::Fragment), Just(FileKind::Project)],
    ) {
        let text = lines.join("\n");
        if text.parse::<toml::Table>().is_ok() {
            let once = format_text(&text, kind);
            prop_assert!(means_the_same(&text, &once), "{text}\n---\n{once}");
            let twice = format_text(&once, kind);
            prop_assert_eq!(&once, &twice, "{}", text);
            let comments = |text: &str| text.matches("# ").count() + text.matches("#:").count();
            prop_assert_eq!(comments(&text), comments(&once), "{}\n---\n{}", text, once);
        }
    }
}
