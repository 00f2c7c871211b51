//! The codes of diagnoses, as `smokegate explain` and the reference tell them.

use std::fmt::Write as _;

use colored::Colorize as _;

use crate::diagnose::{CODES, CodeDefinition};

/// The codes that a text names: one by its whole name, or all of a layer. A layer that is a word of the language too
/// (`script`) is that word.
pub fn find_codes(text: &str) -> Vec<&'static CodeDefinition> {
    let is_word = !super::find_words(text).is_empty();
    CODES.iter().filter(|known| known.code == text || !is_word && known.layer() == text).collect()
}

/// What each code means, how it is recognised, what to do.
pub fn render_codes(codes: &[&CodeDefinition]) -> String {
    let mut text = String::new();
    for known in codes {
        let _ = writeln!(text, "{}  {}\n\n  {}", known.code.bold(), "a diagnosis".dimmed(), known.meaning);
        let _ = writeln!(text, "  {} {}", "recognised by:".dimmed(), known.sign);
        let _ = writeln!(text, "  {} {}\n", "next:".dimmed(), known.advice.replace('`', ""));
    }
    text
}

/// All codes as a table.
pub(super) fn render_code_table() -> String {
    let mut table = "| code | what is broken | recognised by |\n| --- | --- | --- |\n".to_owned();
    for known in CODES {
        let _ = writeln!(table, "| `{}` | {} | {} |", known.code, known.meaning, known.sign);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_by_its_name_and_by_its_layer() {
        for known in CODES {
            assert!(render_codes(&find_codes(known.code)).contains(known.advice.replace('`', "").as_str()));
        }
        assert!(find_codes("static").len() > 5);
        assert!(find_codes("database.schemas").is_empty());
    }
}
