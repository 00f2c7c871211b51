//! Files that no person wrote, or that went wrong on their way: a clear error each, soon, and never a panic.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::{folder_with, smokegate};

const STEP: &str = "[[step]]\nget = \"/\"\n";

/// Longer than any of these may take, even where the machine is busy and the program not optimised.
const LONGEST: Duration = Duration::from_mins(1);

/// Checks one file: the exit code is 2, one problem is told, it begins so and names the file.
fn assert_told(name: &str, content: &[u8], told: &str) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), content).unwrap();
    assert_told_in(folder.path(), name, told);
}

fn assert_told_in(folder: &Path, name: &str, told: &str) {
    let started = Instant::now();
    let output = smokegate(["check", name]).folder(folder).run();
    let shown: String = output.stderr.chars().take(2_000).collect();
    assert_eq!(output.code, 2, "{name}: expected {told:?}: {}{shown}", output.stdout);
    assert!(output.stderr.starts_with(&format!("error: {told}")), "{name}: {shown}");
    assert!(output.stderr.contains(&format!("--> {name}")), "{name}: {shown}");
    assert!(output.stderr.contains("nothing was sent"), "{name}: {shown}");
    assert!(started.elapsed() < LONGEST, "{name} took {:?}", started.elapsed());
}

/// Checks one file that has nothing wrong.
fn assert_good(name: &str, content: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), content).unwrap();
    let started = Instant::now();
    let output = smokegate(["check", name]).folder(&folder).run();
    assert_eq!(output.code, 0, "{name}: {}", output.stderr.chars().take(2_000).collect::<String>());
    assert!(started.elapsed() < LONGEST, "{name} took {:?}", started.elapsed());
}

#[test]
fn what_is_no_text_is_told() {
    assert_told("nul.toml", b"name = \"a\0b\"", "a NUL byte: this is no text file");
    assert_told("latin1.toml", b"\n\nname = \"caf\xe9\"", "not UTF-8: line 3 has a byte that is no text");
    assert_told("utf16.toml", b"\xff\xfe[\0", "not UTF-8: line 1");
    assert_told(
        "return.toml",
        b"[[step]]\rget = \"/\"\r",
        "not TOML: carriage return must be followed by newline",
    );
    assert_told("empty.toml", b"", "a spec needs at least one [[step]]");
    assert_told("garbage.toml", b"<html>\n", "not TOML");
}

#[test]
fn a_byte_order_mark_and_windows_line_endings_are_no_problem_and_places_stay_right() {
    assert_good("windows.toml", b"\xef\xbb\xbf[[step]]\r\nget = \"/\"\r\n");
    let folder = folder_with(&[("a.toml", "\u{feff}[[step]]\r\nget = \"/\"\r\nexpect.stauts = 200\r\n")]);
    let output = smokegate(["check", "a.toml"]).folder(&folder).run();
    assert!(output.stderr.contains("--> a.toml:3:8"), "{}", output.stderr);
    assert!(output.stderr.contains("3 | expect.stauts = 200\n"), "{}", output.stderr);
}

#[test]
fn what_is_no_file_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    assert_told_in(folder.path(), "missing.toml", "there is no such file or folder");
    std::os::unix::fs::symlink("loop.toml", path("loop.toml")).unwrap();
    assert_told_in(folder.path(), "loop.toml", "it cannot be read: ");
    let socket = std::os::unix::net::UnixListener::bind(path("socket.toml")).unwrap();
    assert_told_in(folder.path(), "socket.toml", "this is no file");
    drop(socket);
    std::fs::create_dir_all(path("a/b.toml")).unwrap();
    std::fs::write(path("a/b.toml/c.toml"), STEP).unwrap();
    let output = smokegate(["check", "a"]).folder(&folder).run();
    assert_eq!(output.code, 0, "a folder is looked into, whatever its name: {}", output.stderr);
}

#[test]
fn what_may_not_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder_with(&[("secret.toml", STEP)]);
    let path = folder.path().join("secret.toml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser may read everything.
    if std::fs::read(&path).is_err() {
        assert_told_in(folder.path(), "secret.toml", "we have no permission to read it");
    }
}

#[test]
fn files_of_many_megabytes_are_read_or_refused() {
    assert_good("comment.toml", format!("{STEP}# {}\n", "x".repeat(10_000_000)).as_bytes());
    assert_good(
        "value.toml",
        format!("[[step]]\npost = \"/\"\nbody = \"{}\"\n", "x".repeat(10_000_000)).as_bytes(),
    );
    assert_told("words.toml", "x y z\n".repeat(1_700_000).as_bytes(), "not TOML: ");
    assert_told(
        "large.toml",
        &vec![b'#'; 17 * 1024 * 1024],
        "this file has 17825792 bytes; a spec has at most 16777216",
    );
}

#[test]
fn ten_thousand_steps_are_read_and_five_thousand_problems_told() {
    use std::fmt::Write as _;
    let mut steps = String::new();
    let mut problems = String::new();
    for number in 0..10_000 {
        writeln!(
            steps,
            "[[step]]\nname = \"step {number}\"\nget = \"/{{{{ run.id }}}}/{number}\"\nexpect.status = 200"
        )
        .unwrap();
        writeln!(steps, "expect.body.matches = \"a+\"\nexpect.element.\"#id\".text.contains = \"x\"")
            .unwrap();
    }
    for number in 0..5_000 {
        writeln!(problems, "{STEP}k{number} = 1").unwrap();
    }
    assert_good("steps.toml", steps.as_bytes());
    assert_told("problems.toml", problems.as_bytes(), "unknown key `k0`");
}

#[test]
fn what_nests_too_deep_is_told() {
    let nest = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    let step = |line: String| format!("{STEP}{line}\n");
    let too_deep = "not a template: template exceeds maximum recursion limits";
    for (name, text, told) in [
        ("templates.toml", format!("[[step]]\nget = \"/{}\"\n", nest("{{ ", "x", " }}", 1_000)), too_deep),
        (
            "brackets.toml",
            format!("[[step]]\nget = \"/{{{{ {} }}}}\"\n", nest("(", "1", ")", 1_000)),
            too_deep,
        ),
        (
            "blocks.toml",
            format!("[[step]]\nget = \"/{}\"\n", nest("{% if true %}", "x", "{% endif %}", 1_000)),
            too_deep,
        ),
        ("lists.toml", format!("x = {}\n", nest("[", "", "]", 100_000)), "not TOML: cannot recurse further"),
        (
            "tables.toml",
            format!("x = {}\n", nest("{a=", "1", "}", 20_000)),
            "not TOML: cannot recurse further",
        ),
        ("keys.toml", format!("x.{}a = 1\n", "a.".repeat(20_000)), "not TOML: recursion limit"),
        ("header.toml", format!("[{}a]\n", "a.".repeat(20_000)), "not TOML: recursion limit"),
        (
            "predicates.toml",
            step(format!("expect.json.\"$\".{}equals = 1", "any.".repeat(5_000))),
            "not TOML: recursion",
        ),
        (
            "regex.toml",
            step(format!("expect.body.matches = \"{}\"", nest("(", "", ")", 5_000))),
            "not a regular expression",
        ),
        (
            "size.toml",
            step("expect.body.matches = \"(((a{99}){99}){99}){99}\"".to_owned()),
            "not a regular expression",
        ),
        (
            "css.toml",
            step(format!("expect.element.\"{}\".count = 1", nest(":not(", "a", ")", 3_000))),
            "not a CSS selector",
        ),
        (
            "jsonpath.toml",
            step(format!("expect.json.\"$[?{}]\" = 1", nest("(", "1==1", ")", 3_000))),
            "not a JSONPath",
        ),
        (
            "xpath.toml",
            step(format!("expect.xml.\"{}\" = 1", nest("(", "1", ")", 3_000))),
            "not an XPath 1.0 expression",
        ),
    ] {
        assert_told(name, text.as_bytes(), told);
    }
}

#[test]
fn a_thousand_templates_in_one_text_are_read() {
    assert_good(
        "many_templates.toml",
        format!("[[step]]\nget = \"/{}\"\n", "{{ run.id }}".repeat(1_000)).as_bytes(),
    );
}

#[test]
fn a_schema_that_cannot_be_used_is_told_at_its_place() {
    for (schema, told) in [
        (None, "order.json: there is no such file beside this spec"),
        (Some("{"), "order.json is not JSON: EOF while parsing"),
        (Some("{\"type\": \"objekt\"}"), "order.json is not a JSON Schema: /type: "),
        (Some("{\"$ref\": \"other.json\"}"), "order.json is not a JSON Schema: "),
        (Some("{\"$ref\": \"https://example.com/x.json\"}"), "order.json is not a JSON Schema: "),
    ] {
        let mut files = vec![("a.toml", "[[step]]\nget = \"/\"\nexpect.schema = \"order.json\"\n")];
        files.extend(schema.map(|text| ("order.json", text)));
        let folder = folder_with(&files);
        assert_told_in(folder.path(), "a.toml", told);
    }
    let dynamic = "[[step]]\nget = \"/\"\nexpect.schema = \"{{ run.id }}.json\"\n";
    assert_told("dynamic.toml", dynamic.as_bytes(), "a schema is read when the spec is loaded");
}

#[test]
fn templates_that_cannot_be_filled_in_are_told_before_anything_is_sent() {
    for (template, told) in [
        ("{{ 'x' | date }}", "x is no time: expected such as"),
        ("{{ now | date('%!') }}", "strftime formatting failed"),
        ("{{ 'a' | regex('(') }}", "not a regular expression"),
        ("{{ run.id | replace('a') }}", "missing argument"),
        ("{{ 'a' | nothing }}", "there is no filter `nothing`"),
        ("{{ 'a b' | base64_decode }}", "\"a b\" is not base64"),
        ("{{ nothing() }}", "`nothing` has no value here"),
        ("{{ 'a' | upper", "not a template: "),
    ] {
        let spec = format!("[[step]]\nget = \"/{template}\"\n");
        assert_told("a.toml", spec.as_bytes(), told);
    }
}
