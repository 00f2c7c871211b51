//! What a sample's subject is known to be, and the values of predicates that follow from it.
#![expect(clippy::match_same_arms, reason = "one line for each predicate reads as the table that it is")]

use smokegate::expect::Unit;

/// What a subject is known to be. Numbers and texts are written as TOML has them.
pub(super) enum Actual {
    Text(&'static str),
    Integer(i64),
    Flag(bool),
    /// A part of a whole: as a percentage, as a number, and another number.
    Share(&'static str, &'static str, &'static str),
    /// A length of time between nothing and a minute.
    SomeTime,
    /// The items, as TOML has them.
    List(&'static [&'static str]),
    /// A table, as TOML has it, and one of its keys.
    Table(&'static str, &'static str),
    Null,
    /// There is none: nothing matches, or there is nothing to look at.
    Missing,
    /// A JSON document, and files beside the spec that describe it and do not.
    Document {
        good: &'static str,
        bad: &'static str,
    },
}

type Pair = Option<(String, String)>;

#[expect(clippy::unnecessary_wraps, reason = "it stands in arms beside `None`")]
fn pair(holds: impl Into<String>, fails: impl Into<String>) -> Pair {
    Some((holds.into(), fails.into()))
}

/// A text as TOML has it.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

impl Actual {
    /// `site` is what `SITE` in a text stands for. Values with which a predicate holds and does not hold; none where it makes no sense of such a value.
    pub(super) fn arguments(&self, predicate: &str, unit: Unit, site: &str) -> Pair {
        match self {
            Self::Text(text) => of_text(&text.replace("SITE", site), predicate, unit),
            Self::Integer(number) => of_number(*number, predicate),
            Self::Flag(flag) => of_plain(&flag.to_string(), &(!flag).to_string(), "boolean", predicate),
            Self::Share(percentage, own, more) => of_share(percentage, own, more, predicate),
            Self::SomeTime => of_time(predicate),
            Self::List(items) => of_list(items, predicate),
            Self::Table(table, key) => of_table(table, key, predicate),
            Self::Null => of_null(predicate),
            Self::Missing => (predicate == "exists").then(|| ("false".to_owned(), "true".to_owned())),
            Self::Document { good, bad } => (predicate == "equals").then(|| (quoted(good), quoted(bad))),
        }
    }
}

fn of_text(text: &str, predicate: &str, unit: Unit) -> Pair {
    let own = quoted(text);
    let other = quoted("zzz-other");
    let length = text.chars().count();
    let part = quoted(&text.chars().skip(1).collect::<String>());
    match predicate {
        "equals" => pair(own, other),
        "not" => pair(other, own),
        "contains" => pair(part, other),
        "not_contains" => pair(other, part),
        "matches" => pair(quoted(&format!("^{}$", regex::escape(text))), quoted("^zzz\\d$")),
        "not_matches" => pair(quoted("^zzz\\d$"), quoted("^.")),
        "starts_with" => pair(quoted(&text.chars().take(2).collect::<String>()), other),
        "ends_with" => pair(part, other),
        "one_of" => pair(format!("[{other}, {own}]"), format!("[{other}]")),
        "exists" => pair("true", "false"),
        "empty" => pair("false", "true"),
        "type" => pair("\"text\"", "\"number\""),
        "length" => pair(length.to_string(), format!("{{ above = {length} }}")),
        "any" => pair(own, format!("{{ contains = {other} }}")),
        "all" => pair(format!("{{ not = {other} }}"), other),
        "none" => pair(other, own),
        // Texts have an order, which is that of their characters.
        "below" | "at_most" if unit == Unit::Any => pair(quoted(&format!("{text}x")), quoted(" ")),
        "above" | "at_least" if unit == Unit::Any => pair(quoted(" "), quoted("~~~")),
        _ => None,
    }
}

fn of_number(number: i64, predicate: &str) -> Pair {
    let (less, own, more) = (number - 1, number, number + 1);
    match predicate {
        "below" => pair(more.to_string(), own.to_string()),
        "above" => pair(less.to_string(), own.to_string()),
        "at_most" => pair(own.to_string(), less.to_string()),
        "at_least" => pair(own.to_string(), more.to_string()),
        "between" => pair(format!("[{own}, {more}]"), format!("[{more}, {more}]")),
        "near" => pair(format!("{own}.25"), more.to_string()),
        "type" => pair("\"number\"", "\"text\""),
        _ => of_plain(&own.to_string(), &more.to_string(), "integer", predicate),
    }
}

/// What is true of any value that has another one beside it.
fn of_plain(own: &str, other: &str, type_name: &str, predicate: &str) -> Pair {
    match predicate {
        "equals" => pair(own, other),
        "not" => pair(other, own),
        "one_of" => pair(format!("[{other}, {own}]"), format!("[{other}]")),
        "exists" => pair("true", "false"),
        "type" => pair(quoted(type_name), "\"list\""),
        "any" => pair(own, other),
        "all" => pair(format!("{{ equals = {own} }}"), format!("{{ equals = {other} }}")),
        "none" => pair(other, own),
        _ => None,
    }
}

fn of_share(percentage: &str, own: &str, other: &str, predicate: &str) -> Pair {
    let percentage = quoted(percentage);
    let is_less = own.parse::<f64>().unwrap() < other.parse::<f64>().unwrap();
    match predicate {
        "equals" => pair(percentage, other),
        "not" => pair(other, percentage),
        "one_of" => pair(format!("[{other}, {own}]"), format!("[{other}]")),
        "exists" => pair("true", "false"),
        "any" => pair(own, other),
        "all" => pair(format!("{{ equals = {own} }}"), other),
        "none" => pair(other, own),
        "below" if is_less => pair(other, percentage),
        "at_least" if is_less => pair(percentage, other),
        "above" if !is_less => pair(other, percentage),
        "at_most" if !is_less => pair(percentage, other),
        "between" if is_less => pair(format!("[{own}, {other}]"), format!("[{other}, 1]")),
        "between" => pair(format!("[{other}, {own}]"), format!("[0, {other}]")),
        _ => None,
    }
}

fn of_time(predicate: &str) -> Pair {
    match predicate {
        "exists" => pair("true", "false"),
        "below" | "at_most" => pair("\"1min\"", "\"0ms\""),
        "above" | "at_least" => pair("\"0ms\"", "\"1min\""),
        "between" => pair("[\"0ms\", \"1min\"]", "[\"1min\", \"2min\"]"),
        _ => None,
    }
}

fn of_list(items: &[&str], predicate: &str) -> Pair {
    let own = format!("[{}]", items.join(", "));
    let (first, count) = (items[0], items.len());
    match predicate {
        "equals" => pair(own, "[]"),
        "not" => pair("[\"zzz\"]", own),
        "contains" => pair(first, "\"zzz\""),
        "not_contains" => pair("\"zzz\"", first),
        "one_of" => pair(format!("[{own}]"), "[[]]"),
        "exists" => pair("true", "false"),
        "empty" => pair("false", "true"),
        "length" => pair(format!("{{ equals = {count}, above = 0 }}"), "0"),
        "type" => pair("\"list\"", "\"table\""),
        "any" => pair(first, "\"zzz\""),
        "all" => pair("{ not = \"zzz\", exists = true }", first),
        "none" => pair("\"zzz\"", format!("{{ equals = {first} }}")),
        _ => None,
    }
}

fn of_table(table: &str, key: &str, predicate: &str) -> Pair {
    match predicate {
        "equals" => pair(table, "{ zzz = 1 }"),
        "not" => pair("{ zzz = 1 }", table),
        "contains" => pair(quoted(key), "\"zzz\""),
        "not_contains" => pair("\"zzz\"", quoted(key)),
        "one_of" => pair(format!("[{table}]"), "[{ zzz = 1 }]"),
        "exists" => pair("true", "false"),
        "empty" => pair("false", "true"),
        "type" => pair("\"table\"", "\"list\""),
        _ => None,
    }
}

fn of_null(predicate: &str) -> Pair {
    match predicate {
        "exists" => pair("true", "false"),
        "empty" => pair("true", "false"),
        "type" => pair("\"null\"", "\"text\""),
        _ => None,
    }
}
