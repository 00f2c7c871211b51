//! What README.md shows is what the program does.

use std::path::Path;

/// The blocks that begin with a command of ours: the command, and what it is said to print.
fn shown() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let blocks = text.split("```console\n$ smokegate ").skip(1);
    blocks
        .map(|block| {
            let (command, rest) = block.split_once('\n').unwrap();
            (command.to_owned(), rest.split("```").next().unwrap().to_owned())
        })
        .collect()
}

/// Lines without what differs from run to run: times, ports, run ids, the order in which scenarios end, and what was
/// asked afterwards, which is about the scenario that failed first.
fn comparable(text: &str) -> Vec<String> {
    let asked = regex::Regex::new(r"(?s) +asked afterwards:.*?at most\)\n").unwrap();
    let text = asked.replace_all(text, "");
    let time = regex::Regex::new(r"\d+(\.\d+)?(ms|s)\b").unwrap();
    let port = regex::Regex::new(r"127\.0\.0\.1:\d+").unwrap();
    let id = regex::Regex::new(r"\b[0-9a-z]{10}\b").unwrap();
    let number = regex::Regex::new(r#"(lists/|\\?"id\\?":|expected +)\d+"#).unwrap();
    let spaces = regex::Regex::new(r" +").unwrap();
    let mut lines: Vec<String> = text
        .lines()
        .map(|line| {
            let line = id.replace_all(&port.replace_all(line, "PORT"), "RUN").into_owned();
            let line = number.replace_all(&line, "${1}N");
            spaces.replace_all(&time.replace_all(&line, "TIME"), " ").trim_end().to_owned()
        })
        // A machine under load shows slow steps.
        .filter(|line| !line.starts_with(" slow"))
        .collect();
    let scenarios = lines.iter().take_while(|line| line.starts_with(['✓', '✗', '-'])).count();
    lines[..scenarios].sort();
    lines
}

mod demo {
    use super::{comparable, shown};
    use crate::support::smokegate;

    #[test]
    fn the_samples_of_the_readme_are_real() {
        let shown = shown();
        assert!(shown.len() >= 2, "a green and a red run");
        let folder = tempfile::tempdir().unwrap();
        for (command, expected) in shown {
            let output = smokegate(command.split(' ')).folder(&folder).run();
            assert_eq!(comparable(&expected), comparable(&output.stdout), "{command}:\n{}", output.stdout);
        }
    }
}
