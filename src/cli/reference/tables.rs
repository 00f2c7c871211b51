//! The words as Markdown tables, and their places in a page: between `<!-- begin NAME -->` and `<!-- end NAME -->`.

use std::fmt::Write as _;

use super::word::{Group, Word, list_words};
use crate::spec::PROJECT_TABLES;

/// Makes a table.
type Render = fn() -> String;

/// The tables of the reference: the name of the place of each, and what makes it.
const TABLES: &[(&str, Render)] = &[
    ("scenario keys", || render_keys(Group::Scenario)),
    ("step keys", || render_keys(Group::Step)),
    ("actions", render_actions),
    ("neighbours", render_neighbours),
    ("use keys", || render_keys(Group::Use)),
    ("fragment keys", || render_keys(Group::Fragment)),
    ("subjects", || render_subjects(Group::Subject)),
    ("element properties", || render_subjects(Group::ElementProperty)),
    ("predicates", render_predicates),
    ("locators", || render_docs(Group::Locator, "locator", "it finds")),
    ("implicit", || render_docs(Group::Implicit, "name", "what holds")),
    ("patterns", || render_docs(Group::Pattern, "key", "it allows what has")),
    ("variables", || render_docs(Group::Variable, "name", "it is")),
    ("filters", || render_template_words(Group::Filter)),
    ("tests", || render_template_words(Group::Test)),
    ("functions", || render_template_words(Group::Function)),
    ("project keys", render_project),
    ("exit codes", render_exit_codes),
    ("diagnoses", super::code::render_code_table),
    ("hurl words", crate::cli::import::write_hurl_table),
];

/// Fills all tables into a page. The error names a place that has no table or has no end, or a table without a place.
pub fn fill_tables(page: &str) -> Result<String, String> {
    let mut filled = page.to_owned();
    for (name, render) in TABLES {
        let (begin, end) = (format!("<!-- begin {name} -->"), format!("<!-- end {name} -->"));
        let (Some(start), Some(stop)) = (filled.find(&begin), filled.find(&end)) else {
            return Err(format!("the page has no place for `{name}`: write {begin} and {end} into it"));
        };
        let start = start + begin.len();
        if stop < start {
            return Err(format!("{end} stands before {begin}"));
        }
        filled.replace_range(start..stop, &format!("\n{}", render()));
    }
    let places = filled.matches("<!-- begin ").count();
    if places != TABLES.len() {
        return Err(format!("the page has {places} places, but there are {} tables", TABLES.len()));
    }
    Ok(filled)
}

fn words_of(group: Group) -> impl Iterator<Item = &'static Word> {
    list_words().iter().filter(move |word| word.group == group)
}

/// A table with these columns; a bar inside a cell is written so that it does not end it.
fn render_table<const N: usize>(columns: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut table = line(&columns.map(str::to_owned));
    table.push_str(&line(&columns.map(|_| "---".to_owned())));
    for row in rows {
        table.push_str(&line(&row.map(|cell| cell.replace('|', "\\|"))));
    }
    table
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn render_keys(group: Group) -> String {
    let rows =
        words_of(group).map(|word| [code(&word.name), word.doc.clone(), word.says("value").to_owned()]);
    render_table(["key", "it is for", "value"], rows)
}

fn render_actions() -> String {
    let rows = words_of(Group::Action).map(|word| {
        let within = if word.says("repeated").is_empty() { "" } else { "yes" };
        [
            code(&word.name),
            word.doc.clone(),
            word.says("value").to_owned(),
            word.says("beside it").to_owned(),
            within.to_owned(),
        ]
    });
    render_table(["action", "it does", "value", "beside it", "`within`"], rows)
}

fn render_neighbours() -> String {
    let rows = words_of(Group::Neighbour).map(|word| {
        let (value, owners) = (word.says("value").to_owned(), word.says("stands beside").to_owned());
        [code(&word.name), word.doc.clone(), value, owners]
    });
    render_table(["key", "it is for", "value", "stands beside"], rows)
}

fn render_subjects(group: Group) -> String {
    let rows = words_of(group).map(|word| {
        let (of, measure) = (word.says("of").to_owned(), word.says("measured as").to_owned());
        [code(&word.form), word.doc.clone(), measure, of]
    });
    render_table(["subject", "it is", "value", "seen of"], rows)
}

fn render_predicates() -> String {
    let rows = words_of(Group::Predicate).map(|word| {
        [code(&word.name), word.doc.clone(), word.says("value").to_owned(), word.says("said of").to_owned()]
    });
    render_table(["predicate", "it holds if the subject", "compares with", "can be said of"], rows)
}

fn render_docs(group: Group, first: &str, second: &str) -> String {
    render_table([first, second], words_of(group).map(|word| [code(&word.form), word.doc.clone()]))
}

fn render_template_words(group: Group) -> String {
    let rows = words_of(group).map(|word| {
        let gives =
            Some(word.says("result")).filter(|gives| !gives.is_empty()).map_or_else(String::new, code);
        [code(&word.name), word.doc.clone(), code(word.says("example")), gives]
    });
    render_table(["word", "it is", "example", "becomes"], rows)
}

fn render_project() -> String {
    let mut text = String::new();
    for outline in PROJECT_TABLES {
        let own = words_of(Group::Project)
            .filter(|word| word.table.is_some_and(|table| table.path == outline.path));
        let rows = own.map(|word| [code(&word.name), word.doc.clone(), word.says("value").to_owned()]);
        let title = if outline.path.is_empty() { "At the top" } else { outline.title };
        let _ = write!(text, "\n{title}:\n\n{}", render_table(["key", "it is for", "value"], rows));
    }
    text
}

fn render_exit_codes() -> String {
    let rows = words_of(Group::ExitCode)
        .map(|word| [code(&word.name), word.doc.clone(), word.says("a gate should").to_owned()]);
    render_table(["code", "it means", "a gate should"], rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_without_a_place_is_refused() {
        assert!(fill_tables("nothing").unwrap_err().contains("scenario keys"));
    }

    #[test]
    fn a_bar_in_a_cell_does_not_end_it() {
        let table = render_table(["a"], std::iter::once(["x | y".to_owned()]));
        assert_eq!(table, "| a |\n| --- |\n| x \\| y |\n");
    }
}
