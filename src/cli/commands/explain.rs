//! `smokegate explain`: what a word means, with an example.

use crate::cli::args::ExplainArguments;
use crate::cli::env::print_line;
use crate::cli::exit_code;
use crate::cli::options::refuse;
use crate::cli::reference::{find_codes, find_words, render_codes, render_entry, render_overview, suggest};

/// Runs the command; gives back the exit code.
pub(in crate::cli) fn explain(arguments: &ExplainArguments) -> u8 {
    let Some(text) = &arguments.word else {
        print_line(&render_overview());
        return exit_code::PASSED;
    };
    let codes = find_codes(text);
    if !codes.is_empty() {
        print_line(render_codes(&codes).trim_end());
        return exit_code::PASSED;
    }
    let found = find_words(text);
    if found.is_empty() {
        let hint = match suggest(text) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "`smokegate explain` lists all words".to_owned(),
        };
        return refuse(&format!("there is no word `{text}`: {hint}")).0;
    }
    let entries: Vec<String> = found.into_iter().map(render_entry).collect();
    print_line(entries.join("\n").trim_end());
    exit_code::PASSED
}
