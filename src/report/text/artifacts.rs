//! The files that a step left behind, those that share a name on one line.

use super::sheet::Sheet;
use crate::evidence::Artifact;

/// Adds a line for each set of files: `files  folder/failed-step-2.{png,html,console.txt}`, as a shell expands it.
pub(super) fn render_artifacts(sheet: &mut Sheet, artifacts: &[Artifact]) {
    let mut label = "files";
    for set in artifacts.chunk_by(|one, next| stem_of(&one.path) == stem_of(&next.path)) {
        let (stem, first) = split(&set[0].path);
        let text = match set {
            [_] => format!("{stem}.{first}"),
            _ => {
                let extensions: Vec<&str> = set.iter().map(|artifact| split(&artifact.path).1).collect();
                format!("{stem}.{{{}}}", extensions.join(","))
            }
        };
        sheet.line(sheet.label(label).plain(&text));
        label = "";
    }
}

fn stem_of(path: &str) -> &str {
    split(path).0
}

/// A path before and behind the first dot of its last part.
fn split(path: &str) -> (&str, &str) {
    let name = path.rfind(['/', '\\']).map_or(0, |at| at + 1);
    path[name..].find('.').map_or((path, ""), |dot| (&path[..name + dot], &path[name + dot + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::ArtifactKind;
    use crate::report::text::Symbols;

    #[test]
    fn files_of_one_name_stand_on_one_line() {
        let paths = ["a.b/step.png", "a.b/step.html", "a.b/step.console.txt", "a.b/home.png"];
        let artifacts =
            paths.map(|path| Artifact { kind: ArtifactKind::Picture, path: path.to_owned(), size: None });
        let mut sheet = Sheet::new(80, Symbols::choose(true));
        render_artifacts(&mut sheet, &artifacts);
        let lines: Vec<String> = sheet.into_lines().iter().map(super::super::Line::to_text).collect();
        let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
        assert_eq!(
            lines[0].split_whitespace().collect::<Vec<_>>(),
            ["files", "a.b/step.{png,html,console.txt}"]
        );
        assert_eq!(lines[1], "a.b/home.png");
    }
}
