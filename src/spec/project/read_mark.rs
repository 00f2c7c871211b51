//! Reads `[[mark]]`: the pages that a team knows, beside those that every smokegate knows.

use std::sync::Arc;

use regex::Regex;

use super::read::{Reading, refs};
use super::{MARK_KEYS, OwnMark};
use crate::spec::node::{NodeValue, Table};
use crate::spec::reader::Keys;

/// What a mark may be judged as, and how sure it may be.
const JUDGED: [&str; 3] = ["always", "home", "never"];
const CERTAINTIES: [&str; 2] = ["certain", "probable"];
/// The keys that are expressions.
const EXPRESSIONS: [&str; 6] = ["media", "title", "heading", "headline", "text", "body"];

impl Reading<'_> {
    pub(super) fn read_marks(&mut self, keys: &Keys) -> Vec<OwnMark> {
        let tables: Vec<Table> = keys.tables("mark").into_iter().cloned().collect();
        tables.iter().filter_map(|table| self.read_mark(table)).collect()
    }

    fn read_mark(&mut self, table: &Table) -> Option<OwnMark> {
        let before = self.reader.problems.len();
        let keys = self.reader.check_table(table, &refs(MARK_KEYS), "in a mark");
        let own = |name| keys.name(name).map(str::to_owned);
        let name = own("name");
        let code = own("code").zip(keys.entry("code"));
        if keys.entry("name").is_none() || keys.entry("code").is_none() {
            let message = "a mark needs a name and the diagnosis that it gives";
            let help = "write both: name = \"our maintenance page\", code = \"proxy.unavailable\"";
            self.reader.problem_with_help(table.span, message, help);
        }
        self.check_choice(&keys, "judged", &JUDGED);
        self.check_choice(&keys, "certainty", &CERTAINTIES);
        let patterns =
            EXPRESSIONS.into_iter().filter_map(|key| Some((key, self.read_expression(&keys, key)?)));
        let patterns: Vec<(&'static str, String)> = patterns.collect();
        let header = self.read_headers(&keys);
        let status: Vec<String> = keys.texts("status").iter().map(|one| one.source().to_owned()).collect();
        if patterns.is_empty() && header.is_empty() && self.reader.problems.len() == before {
            let message = "a mark needs something by which the page is known";
            let help = "write an expression: title = \"^Down for maintenance$\"";
            self.reader.problem_with_help(table.span, message, help);
        }
        let (code, entry) = code?;
        let name = name?;
        Some(OwnMark {
            what: own("what").unwrap_or_else(|| name.clone()),
            name,
            code,
            code_span: entry.node.span,
            file: Arc::clone(&self.reader.file),
            status,
            header,
            patterns,
            max_text: keys.number("max_text"),
            judged: own("judged"),
            certainty: own("certainty"),
            advice: keys.texts("advice").iter().map(|line| line.source().to_owned()).collect(),
        })
    }

    fn check_choice(&mut self, keys: &Keys, key: &str, known: &[&'static str]) {
        if let (Some(word), Some(entry)) = (keys.name(key), keys.entry(key))
            && !known.contains(&word)
        {
            let message = format!("`{key}` is one of {}", known.join(", "));
            self.reader.unknown(entry.node.span, message, word, known.iter().copied());
        }
    }

    fn read_expression(&mut self, keys: &Keys, key: &str) -> Option<String> {
        let (text, entry) = (keys.name(key)?, keys.entry(key)?);
        if let Err(error) = Regex::new(text) {
            let message = format!("not a regular expression: {}", last_line(&error));
            self.reader.problem(entry.node.span, message);
        }
        Some(text.to_owned())
    }

    fn read_headers(&mut self, keys: &Keys) -> Vec<(String, String)> {
        let entries = keys.table("header").map(|table| table.entries.clone()).unwrap_or_default();
        let mut headers = Vec::new();
        for entry in entries {
            let NodeValue::Text(text) = &entry.node.value else {
                self.reader.problem(entry.node.span, "expected an expression in quotation marks");
                continue;
            };
            if let Err(error) = Regex::new(text) {
                let message = format!("not a regular expression: {}", last_line(&error));
                self.reader.problem(entry.node.span, message);
            }
            headers.push((entry.key.to_ascii_lowercase(), text.clone()));
        }
        headers
    }
}

/// The library draws the expression over several lines; its last says what is wrong.
fn last_line(error: &regex::Error) -> String {
    let text = error.to_string();
    let line = text.lines().last().unwrap_or_default();
    line.trim_start_matches("error:").trim().to_owned()
}
