//! Reads a Hurl file, after the grammar of Hurl 8.

use super::body::{begins_request, read_body};
use super::cursor::Cursor;
use super::file::{Assert, Capture, Entry, Filter, Pair, Query, Response, Section};
use super::words::{WordKind, operands_of};
use crate::cli::import::model::ImportError;

/// Reads all entries.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, ImportError> {
    let text = text.trim_start_matches('\u{feff}');
    let mut cursor = Cursor::new(text);
    let mut entries = Vec::new();
    loop {
        let before = cursor.rest();
        cursor.skip_lines();
        if cursor.is_at_end() {
            return Ok(entries);
        }
        let skipped = &before[..before.len() - cursor.rest().len()];
        let comments =
            skipped.lines().filter_map(|line| Some(line.trim().strip_prefix('#')?.trim().to_owned()));
        let entry = read_entry(&mut cursor)?;
        entries.push(Entry { comments: comments.collect(), ..entry });
    }
}

fn read_entry(cursor: &mut Cursor<'_>) -> Result<Entry, ImportError> {
    let line = cursor.line();
    let method = cursor.take_while(|letter| letter.is_ascii_uppercase());
    cursor.skip_spaces();
    if method.is_empty() {
        return Err(cursor.error("expected a method and an address, such as GET https://example.org"));
    }
    let mut entry = Entry { line, method: method.to_owned(), url: cursor.read_value()?, ..Entry::default() };
    entry.headers = read_pairs(cursor)?;
    while let Some((line, name)) = read_section_name(cursor)? {
        let pairs = read_pairs(cursor)?;
        entry.sections.push(Section { line, name, pairs });
    }
    if !is_response(cursor) && !is_request(cursor) {
        entry.body = read_body(cursor)?;
        cursor.skip_lines();
    }
    if is_response(cursor) {
        entry.response = Some(read_response(cursor)?);
    }
    Ok(entry)
}

fn is_response(cursor: &Cursor<'_>) -> bool {
    cursor.rest().strip_prefix("HTTP").is_some_and(|rest| rest.starts_with([' ', '/', '\t']))
}

fn is_request(cursor: &Cursor<'_>) -> bool {
    begins_request(cursor.rest().lines().next().unwrap_or(""))
}

fn read_response(cursor: &mut Cursor<'_>) -> Result<Response, ImportError> {
    let line = cursor.line();
    cursor.skip("HTTP".len());
    let version = cursor.take("/").then(|| cursor.take_while(|letter| !letter.is_whitespace()).to_owned());
    cursor.skip_spaces();
    let status = cursor.take_while(|letter| letter.is_ascii_digit() || letter == '*');
    let mut response = Response {
        line,
        version: version.filter(|version| version != "*"),
        status: status.parse().ok(),
        ..Response::default()
    };
    if status.is_empty() {
        return Err(cursor.error("expected a status, such as 200, or *"));
    }
    cursor.end_line()?;
    response.headers = read_pairs(cursor)?;
    while let Some((line, name)) = read_section_name(cursor)? {
        match name.as_str() {
            "Captures" => read_captures(cursor, &mut response.captures)?,
            "Asserts" => read_asserts(cursor, &mut response.asserts)?,
            _ => return Err(ImportError::at(line, format!("[{name}] does not stand below an answer"))),
        }
    }
    if !is_request(cursor) {
        response.body = read_body(cursor)?;
    }
    Ok(response)
}

/// Lines of a name and a value, as long as there are some.
fn read_pairs(cursor: &mut Cursor<'_>) -> Result<Vec<Pair>, ImportError> {
    let mut pairs = Vec::new();
    loop {
        cursor.skip_lines();
        let line = cursor.line();
        if read_section_name(&mut cursor.clone())?.is_some() || cursor.rest().starts_with(['{', '[', '<']) {
            // A name may begin with a template, a body with `{{` is JSON in any other case.
            let is_name = cursor.rest().starts_with("{{") && cursor.clone().read_key()?.is_some();
            if !is_name {
                return Ok(pairs);
            }
        }
        let Some(name) = cursor.read_key()? else { return Ok(pairs) };
        pairs.push(Pair { line, name, value: cursor.read_value()? });
    }
}

/// `[Name]` alone in a line.
fn read_section_name(cursor: &mut Cursor<'_>) -> Result<Option<(usize, String)>, ImportError> {
    cursor.skip_lines();
    let line = cursor.line();
    let rest = cursor.rest();
    let first = rest.lines().next().unwrap_or("");
    let Some((name, behind)) = first.strip_prefix('[').and_then(|inner| inner.split_once(']')) else {
        return Ok(None);
    };
    let is_name = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphabetic());
    let is_alone = behind.trim_start().is_empty() || behind.trim_start().starts_with('#');
    if !is_name || !is_alone || ["true", "false", "null"].contains(&name) {
        return Ok(None);
    }
    cursor.skip(name.len() + 2);
    cursor.end_line()?;
    Ok(Some((line, name.to_owned())))
}

fn read_captures(cursor: &mut Cursor<'_>, captures: &mut Vec<Capture>) -> Result<(), ImportError> {
    loop {
        cursor.skip_lines();
        let line = cursor.line();
        if cursor.rest().starts_with(['[', '{', '<']) || is_request(cursor) {
            return Ok(());
        }
        let Some(name) = cursor.read_key()? else { return Ok(()) };
        let query = read_query(cursor)?;
        // `redact` hides the value in Hurl's logs.
        cursor.skip_spaces();
        cursor.take("redact");
        cursor.end_line()?;
        captures.push(Capture { line, name, query });
    }
}

fn read_asserts(cursor: &mut Cursor<'_>, asserts: &mut Vec<Assert>) -> Result<(), ImportError> {
    loop {
        cursor.skip_lines();
        let is_query = operands_of(WordKind::Query, word_at(cursor)).is_some();
        if cursor.is_at_end() || !is_query {
            return Ok(());
        }
        let line = cursor.line();
        let query = read_query(cursor)?;
        cursor.skip_spaces();
        let is_negated = word_at(cursor) == "not" && cursor.take("not");
        cursor.skip_spaces();
        let predicate = cursor.take_while(|letter| !letter.is_whitespace()).to_owned();
        let Some(operands) = operands_of(WordKind::Predicate, &predicate) else {
            return Err(cursor.error(format!("there is no predicate `{predicate}`")));
        };
        cursor.skip_spaces();
        let value = match operands {
            0 => None,
            _ if cursor.rest().starts_with("```") => {
                Some(super::file::Operand::Text(read_multiline_text(cursor)?))
            }
            _ => Some(cursor.read_operand()?),
        };
        cursor.end_line()?;
        asserts.push(Assert { line, query, is_negated, predicate, value });
    }
}

fn read_multiline_text(cursor: &mut Cursor<'_>) -> Result<String, ImportError> {
    let rest = cursor.rest();
    let inner = &rest[3..];
    let Some((text, _)) = inner.split_once("```") else {
        return Err(cursor.error("this string is not closed"));
    };
    cursor.skip(text.len() + 6);
    Ok(text.split_once('\n').map_or(text, |(_, behind)| behind).to_owned())
}

/// The word that stands here, not read yet.
fn word_at<'a>(cursor: &Cursor<'a>) -> &'a str {
    let rest = cursor.rest();
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
    &rest[..end]
}

fn read_query(cursor: &mut Cursor<'_>) -> Result<Query, ImportError> {
    let name = word_at(cursor);
    let Some(operands) = operands_of(WordKind::Query, name) else {
        return Err(cursor.error(format!("there is no query `{name}`")));
    };
    cursor.skip(name.len());
    let mut query = Query { name: name.to_owned(), argument: None, filters: Vec::new() };
    if operands > 0 {
        cursor.skip_spaces();
        query.argument = Some(cursor.read_operand()?);
    }
    loop {
        let mut ahead = cursor.clone();
        ahead.skip_spaces();
        let name = word_at(&ahead);
        let Some(operands) = operands_of(WordKind::Filter, name) else { return Ok(query) };
        ahead.skip(name.len());
        let mut filter = Filter { name: name.to_owned(), arguments: Vec::new() };
        for _ in 0..operands {
            ahead.skip_spaces();
            filter.arguments.push(ahead.read_operand()?);
        }
        query.filters.push(filter);
        *cursor = ahead;
    }
}
