//! What `smokegate explain` shows.

use std::fmt::Write as _;

use colored::Colorize as _;

use super::example::find_example;
use super::word::{Group, Word, find_words, list_words};
use crate::diagnose::CODES;
use crate::source::nearest;

/// A word with all that is known of it, and an example.
pub fn render_entry(word: &Word) -> String {
    let mut text = format!("{}  {}\n\n  {}\n", word.form.bold(), word.group.noun().dimmed(), word.doc);
    for (label, fact) in
        word.facts.iter().filter(|(label, fact)| !["example", "result"].contains(label) && !fact.is_empty())
    {
        let _ = writeln!(text, "  {} {}", format!("{label}:").dimmed(), fact.replace('`', ""));
    }
    let own = Some(word.says("example")).filter(|example| !example.is_empty());
    if let Some(example) = own.filter(|_| word.group == Group::ExitCode) {
        let _ = write!(text, "\n  {}\n", example.cyan());
        return text;
    }
    if let Some(example) = own {
        let gives = word.says("result");
        let becomes = if gives.is_empty() { String::new() } else { format!(" gives {gives}") };
        let _ = write!(text, "\n  {}{becomes}\n", example.cyan());
    }
    if let Some(example) = find_example(word) {
        let _ = write!(text, "\n  {}\n", format!("from {}:", example.file).dimmed());
        for line in example.lines {
            let _ = writeln!(text, "    {line}");
        }
    }
    text
}

/// All words, group by group, each with its doc.
pub fn render_overview() -> String {
    let mut text = String::new();
    for group in Group::ALL {
        let _ = writeln!(text, "{}", group.title().bold());
        let words: Vec<&Word> = list_words().iter().filter(|word| word.group == *group).collect();
        let longest = words.iter().map(|word| word.form.chars().count()).max().unwrap_or(0);
        for word in words {
            let _ = writeln!(text, "  {:longest$}  {}", word.form, word.doc);
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{}", "What a diagnosis can name".bold());
    let longest = CODES.iter().map(|known| known.code.len()).max().unwrap_or(0);
    for known in CODES {
        let _ = writeln!(text, "  {:longest$}  {}", known.code, known.meaning);
    }
    text.push('\n');
    text.push_str("smokegate explain WORD says more about each, with an example.");
    text
}

/// The word that was probably meant. A number is never misspelt: another exit code means something else.
pub fn suggest(text: &str) -> Option<&'static str> {
    let plain = text.strip_prefix("expect.").unwrap_or(text);
    let words = || list_words().iter().filter(|word| word.group != Group::ExitCode);
    let codes = || CODES.iter().map(|known| known.code);
    let names = || words().map(|word| word.name.as_str()).chain(codes());
    nearest(plain, names()).or_else(|| {
        // `hedaer.location`: only the first part can be misspelt.
        let (head, _) = plain.split_once(['.', '='])?;
        nearest(head, words().map(|word| word.name.as_str())).filter(|name| !find_words(name).is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_the_word_that_was_meant() {
        assert_eq!(suggest("stauts"), Some("status"));
        assert_eq!(suggest("hedaer.location"), Some("header"));
        assert_eq!(suggest("expect.titel"), Some("title"));
        assert_eq!(suggest("zzzzzz"), None);
        assert_eq!(suggest("44"), None);
    }

    #[test]
    fn an_entry_has_the_doc_and_an_example_with_the_word_in_it() {
        for word in list_words() {
            let text = render_entry(word);
            assert!(text.contains(&word.doc), "{}", word.form);
            assert!(
                text.matches(word.name.rsplit('.').next().unwrap_or("")).count() > 1
                    || word.group == Group::ExitCode,
                "{text}"
            );
        }
    }
}
