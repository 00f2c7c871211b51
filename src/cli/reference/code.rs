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
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn every_code_is_found_by_its_name_and_by_its_layer() {
        for known in CODES {
            assert!(render_codes(&find_codes(known.code)).contains(known.advice.replace('`', "").as_str()));
        }
        assert!(find_codes("static").len() > 5);
        assert!(find_codes("database.schemas").is_empty());
    }

    #[test]
    fn every_option_that_a_diagnosis_names_exists() {
        fn list_options(command: &clap::Command) -> Vec<String> {
            let own = command.get_arguments().filter_map(clap::Arg::get_long).map(|name| format!("--{name}"));
            own.chain(command.get_subcommands().flat_map(list_options)).collect()
        }
        let known = list_options(&crate::cli::args::Arguments::command());
        let ours = |text: &str| {
            // What another program is given stands in backquotes behind its name.
            let (mut named, mut is_code) = (Vec::new(), false);
            for part in text.split('`') {
                if !is_code || part.contains("smokegate ") {
                    let words = part.split(|one: char| !one.is_ascii_alphanumeric() && one != '-');
                    named.extend(
                        words.filter(|word| word.starts_with("--") && word.len() > 2).map(str::to_owned),
                    );
                }
                is_code = !is_code;
            }
            named
        };
        let marks = include_str!("../../diagnose/fingerprints.toml");
        let advice = marks.lines().filter(|line| line.starts_with("advice")).map(str::to_owned);
        let codes = CODES.iter().map(|known| format!("{} / {}", known.sign, known.advice));
        let named: Vec<String> = codes.chain(advice).flat_map(|text| ours(&text)).collect();
        assert!(named.len() > 2, "{named:?}");
        for option in named {
            assert!(known.contains(&option), "{option} is named and does not exist");
        }
    }
}
