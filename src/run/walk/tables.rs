//! The declared databases: whether each lets us read, and whether the tables that the specs name are there.

use std::collections::BTreeSet;

use tokio::time::Instant;

use super::layers::deadline;
use super::{Look, Walk};
use crate::diagnose::{StepFacts, diagnose_step};
use crate::evidence::Value;
use crate::run::outcome::Outcome;
use crate::spec::action::SqlCall;
use crate::verdict::Origin;

const TABLES: &str = "the tables that the specs name are there";

/// The most tables that are looked for in one database.
const MOST: usize = 20;

impl Walk {
    /// Reads from every declared database. No row is read: what is there is seen without.
    pub(super) async fn look_at_databases(&mut self) {
        let names: Vec<String> = self.context.databases.names().map(str::to_owned).collect();
        for name in &names {
            let started = Instant::now();
            let outcome = self.ask(name, "select 1").await;
            let look = self.judge_statement(&format!("database {name}"), outcome);
            if !self.tell(&format!("the database `{name}` lets us read"), started, look) {
                continue;
            }
            let is_meant = |call: &&SqlCall| match &call.database {
                Some(meant) => meant == name,
                None => names.len() == 1,
            };
            let tables = list_tables(self.statements.iter().filter(is_meant).map(|call| call.sql.as_str()));
            if !tables.is_empty() {
                let started = Instant::now();
                let look = self.look_at_tables(name, &tables).await;
                self.tell(TABLES, started, look);
            }
        }
    }

    async fn look_at_tables(&self, database: &str, tables: &BTreeSet<String>) -> Look {
        let mut seen = Vec::new();
        for table in tables.iter().take(MOST) {
            let sql = format!("select 1 from {table} where 1 = 0");
            let outcome = self.ask(database, &sql).await;
            match &outcome.error {
                None => seen.push(table.as_str()),
                Some(error) if error.origin == Origin::Target => {
                    return self.judge_statement(&sql, outcome);
                }
                // What we may not read says nothing of the site.
                Some(_) => {}
            }
        }
        Look { action: "sql", note: seen.join(", "), ..Look::default() }
    }

    /// A look at what a statement gave. `name` is what it is called where it is told of what went wrong.
    fn judge_statement(&self, name: &str, outcome: Outcome) -> Look {
        let facts = StepFacts {
            name,
            action: "sql",
            actor: "",
            checks: &[],
            error: outcome.error.as_ref(),
            evidence: outcome.evidence.as_ref(),
        };
        let diagnosis = outcome.error.as_ref().and_then(|_| diagnose_step(&facts, &self.memory));
        Look { action: "sql", outcome, diagnosis, ..Look::default() }
    }

    async fn ask(&self, database: &str, sql: &str) -> Outcome {
        let params: Vec<(String, Value)> = Vec::new();
        let call = SqlCall { sql: sql.to_owned(), database: Some(database.to_owned()), params };
        self.context.databases.run(&call, deadline()).await
    }
}

/// The tables that statements read and write, but those that they make themselves.
fn list_tables<'a>(statements: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let (mut named, mut made) = (BTreeSet::new(), BTreeSet::new());
    for sql in statements {
        let words = read_words(sql);
        let first = words.first().copied().unwrap_or_default().to_ascii_lowercase();
        for three in words.windows(3) {
            let [before, word, name] = three else { continue };
            keep_table(&first, &before.to_ascii_lowercase(), &word.to_ascii_lowercase(), name, &mut named);
        }
        if let [word, name, ..] = words.as_slice() {
            keep_table(&first, "", &word.to_ascii_lowercase(), name, &mut named);
        }
        if first == "create" {
            made.extend(words.iter().map(|word| (*word).to_owned()));
        }
    }
    named.difference(&made).cloned().collect()
}

fn keep_table(first: &str, before: &str, word: &str, name: &str, named: &mut BTreeSet<String>) {
    let leads = match word {
        // `is distinct from` compares.
        "from" => before != "distinct",
        "join" => true,
        "into" => first == "insert",
        "update" => first == "update" && before.is_empty(),
        _ => false,
    };
    let is_word = ["only", "lateral"].iter().any(|word| name.eq_ignore_ascii_case(word));
    let is_name = !is_word && name.starts_with(|one: char| one.is_ascii_alphabetic() || one == '_');
    if leads && is_name && matches!(first, "select" | "insert" | "update" | "delete") {
        named.insert(name.to_owned());
    }
}

/// The words of a statement outside of parentheses, quotation marks and comments. A name before a parenthesis is a function's, and
/// is left out.
fn read_words(sql: &str) -> Vec<&str> {
    let is_part = |one: char| one.is_alphanumeric() || matches!(one, '_' | '.' | '$');
    let (mut words, mut depth, mut rest) = (Vec::new(), 0_usize, sql);
    while let Some(one) = rest.chars().next() {
        let end = match one {
            '\'' | '"' | '`' => {
                // A name in quotation marks is no word that anything is known of.
                words.push("'");
                rest[1..].find(one).map_or(rest.len(), |end| end + 2)
            }
            _ if is_part(one) => rest.find(|one| !is_part(one)).unwrap_or(rest.len()),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            _ => one.len_utf8(),
        };
        let (word, after) = rest.split_at(end);
        match one {
            '(' => {
                words.extend((depth == 0).then_some("("));
                depth += 1;
            }
            ')' => depth = depth.saturating_sub(1),
            _ if is_part(one) && depth == 0 => {
                let is_function = after.trim_start().starts_with('(') && !names_a_table(&words);
                words.push(if is_function { "(" } else { word });
            }
            _ => {}
        }
        rest = after;
    }
    words
}

/// Whether a table comes next though a parenthesis follows it: `insert into post (title)`, `create table post (id int)`.
fn names_a_table(words: &[&str]) -> bool {
    let last = words.last().copied().unwrap_or_default();
    ["into", "table", "exists"].iter().any(|word| last.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(sql: &str) -> Vec<String> {
        list_tables(std::iter::once(sql)).into_iter().collect()
    }

    #[test]
    fn tables_are_found_in_statements_as_specs_have_them() {
        assert_eq!(tables("select id, title from post where id in (1, 2) order by id"), ["post"]);
        assert_eq!(tables("select count(*) as n from lists_item where text = :item"), ["lists_item"]);
        assert_eq!(tables("delete from app.note where text = 'from home'"), ["app.note"]);
        assert_eq!(tables("insert into post (title) values (:title)"), ["post"]);
        assert_eq!(tables("update post set title = 'x'"), ["post"]);
        assert_eq!(tables("select 1 from a join b on a.id = b.a left join c using (id)"), ["a", "b", "c"]);
    }

    #[test]
    fn what_is_no_table_is_left_out() {
        for sql in [
            "select extract(year from created) as y",
            "select a is distinct from b",
            "select * from generate_series(1, 3)",
            "select * from (select 1) as x",
            "select * from \"Post\"",
            "with x as (select 1) select * from x",
            "select 'taken from home'",
            "select 1 -- from there\n/* from here */",
            "select",
            "",
        ] {
            assert_eq!(tables(sql), Vec::<String>::new(), "{sql}");
        }
        let made = ["create table scratch (id int)", "select * from scratch"];
        assert!(list_tables(made.into_iter()).is_empty());
    }
}
