//! The bodies of a Hurl file: JSON with templates in it, XML, texts, bytes.

use serde_json::{Map, Value as Json};

use super::cursor::{Cursor, decode_base64, decode_hex};
use super::file::{Body, Content, Operand, UNQUOTED};
use crate::cli::import::model::ImportError;

/// How deep lists and tables may lie in each other.
const DEPTH: usize = 100;

/// Reads a body; none where none stands here.
pub(super) fn read_body(cursor: &mut Cursor<'_>) -> Result<Option<Body>, ImportError> {
    let line = cursor.line();
    let body = |content| Ok(Some(Body { line, content }));
    if cursor.rest().starts_with("```") {
        let content = read_multiline(cursor)?;
        cursor.end_line()?;
        return body(content);
    }
    if let Some(binary) = cursor.read_binary()? {
        cursor.end_line()?;
        return body(match binary {
            Operand::Bytes(bytes) => Content::Bytes(bytes),
            Operand::File(name) => Content::File(name),
            _ => return Err(cursor.error("expected a body")),
        });
    }
    match cursor.peek() {
        Some('`') => {
            let text = cursor.read_quoted('`')?;
            cursor.end_line()?;
            body(Content::Text { text, is_literal: false })
        }
        Some('<') => body(Content::Xml(read_xml(cursor))),
        Some('{' | '[' | '"') => {
            let json = read_json(cursor, 0)?;
            cursor.end_line()?;
            body(Content::Json(json))
        }
        Some(letter) if letter.is_ascii_digit() || letter == '-' || starts_with_word(cursor.rest()) => {
            let json = read_json(cursor, 0)?;
            cursor.end_line()?;
            body(Content::Json(json))
        }
        _ => Ok(None),
    }
}

fn starts_with_word(rest: &str) -> bool {
    ["true", "false", "null"].iter().any(|word| rest.starts_with(word))
}

/// XML ends where a line begins an answer or another request.
fn read_xml(cursor: &mut Cursor<'_>) -> String {
    let rest = cursor.rest();
    let mut length = 0;
    for line in rest.split_inclusive('\n') {
        if length > 0 && (line.starts_with("HTTP") || begins_request(line)) {
            break;
        }
        length += line.len();
    }
    cursor.skip(length);
    rest[..length].trim_end().to_owned()
}

/// Whether a line is a method and an address.
pub(super) fn begins_request(line: &str) -> bool {
    let Some((method, address)) = line.trim_start().split_once([' ', '\t']) else { return false };
    let address = address.trim_start();
    !method.is_empty()
        && method.chars().all(|letter| letter.is_ascii_uppercase())
        && (address.contains("://") || address.starts_with("{{"))
}

/// Reads three back quotes, a type, and everything up to the next three.
fn read_multiline(cursor: &mut Cursor<'_>) -> Result<Content, ImportError> {
    let start = cursor.clone();
    cursor.skip(3);
    let head = cursor.take_while(|letter| letter != '\n' && letter != '`');
    let one_line = !cursor.take("\n");
    let rest = cursor.rest();
    let end = rest.find("```").ok_or_else(|| start.error("this string is not closed"))?;
    let text = rest[..end].replace("\r\n", "\n");
    cursor.skip(end + 3);
    if one_line {
        return Ok(Content::Text { text: format!("{head}{text}"), is_literal: false });
    }
    let mut words = head.split(',').map(str::trim);
    let kind = words.next().unwrap_or("");
    let is_literal = words.any(|word| word == "novariable");
    let wrong = |kind: &str| start.error(format!("this is no {kind}"));
    Ok(match kind {
        "json" if !is_literal => {
            let mut inner = Cursor::new(&text);
            inner.skip_lines();
            match read_json(&mut inner, 0) {
                Ok(json) => Content::Json(json),
                Err(_) => Content::Text { text, is_literal },
            }
        }
        "xml" if !is_literal => Content::Xml(text.trim_end().to_owned()),
        "graphql" => read_graphql(&text),
        "hex" => Content::Bytes(decode_hex(&text).ok_or_else(|| wrong("hex"))?),
        "base64" => Content::Bytes(decode_base64(&text).ok_or_else(|| wrong("base64"))?),
        _ => Content::Text { text, is_literal },
    })
}

/// A query, and behind the word `variables` their values.
fn read_graphql(text: &str) -> Content {
    let query = |text: &str| text.trim_end().to_owned();
    for (at, _) in text.match_indices("variables") {
        let mut inner = Cursor::new(&text[at + "variables".len()..]);
        inner.skip_lines();
        let begins_line = text[..at].trim_end_matches([' ', '\t']).ends_with('\n');
        if begins_line
            && inner.peek() == Some('{')
            && let Ok(variables) = read_json(&mut inner, 0)
        {
            return Content::GraphQl { query: query(&text[..at]), variables: Some(variables) };
        }
    }
    Content::GraphQl { query: query(text), variables: None }
}

/// JSON in which a template may stand for a value.
fn read_json(cursor: &mut Cursor<'_>, depth: usize) -> Result<Json, ImportError> {
    if depth > DEPTH {
        return Err(cursor.error(format!("JSON is nested more than {DEPTH} deep")));
    }
    if let Some(template) = cursor.take_template() {
        return Ok(Json::String(format!("{UNQUOTED}{template}")));
    }
    match cursor.peek() {
        Some('"') => read_json_string(cursor).map(Json::String),
        Some('[') => read_items(cursor, depth).map(Json::Array),
        Some('{') => read_entries(cursor, depth).map(Json::Object),
        _ => {
            let word = cursor.take_while(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter));
            serde_json::from_str(word).map_err(|_| cursor.error("expected a JSON value"))
        }
    }
}

fn read_items(cursor: &mut Cursor<'_>, depth: usize) -> Result<Vec<Json>, ImportError> {
    let mut items = Vec::new();
    cursor.skip(1);
    loop {
        skip_white_space(cursor);
        if cursor.take("]") {
            return Ok(items);
        }
        items.push(read_json(cursor, depth + 1)?);
        skip_white_space(cursor);
        if !cursor.take(",") && cursor.peek() != Some(']') {
            return Err(cursor.error("expected `,` or `]`"));
        }
    }
}

fn read_entries(cursor: &mut Cursor<'_>, depth: usize) -> Result<Map<String, Json>, ImportError> {
    let mut entries = Map::new();
    cursor.skip(1);
    loop {
        skip_white_space(cursor);
        if cursor.take("}") {
            return Ok(entries);
        }
        if cursor.peek() != Some('"') {
            return Err(cursor.error("expected a name in quotation marks, or `}`"));
        }
        let key = read_json_string(cursor)?;
        skip_white_space(cursor);
        if !cursor.take(":") {
            return Err(cursor.error("expected `:`"));
        }
        skip_white_space(cursor);
        let value = read_json(cursor, depth + 1)?;
        entries.insert(key, value);
        skip_white_space(cursor);
        if !cursor.take(",") && cursor.peek() != Some('}') {
            return Err(cursor.error("expected `,` or `}`"));
        }
    }
}

fn skip_white_space(cursor: &mut Cursor<'_>) {
    cursor.take_while(char::is_whitespace);
}

/// A string as JSON escapes it.
fn read_json_string(cursor: &mut Cursor<'_>) -> Result<String, ImportError> {
    let start = cursor.clone();
    let rest = cursor.rest();
    let mut escaped = false;
    let end = rest.char_indices().skip(1).find(|(_, letter)| {
        let is_end = *letter == '"' && !escaped;
        escaped = *letter == '\\' && !escaped;
        is_end
    });
    let Some((end, _)) = end else { return Err(start.error("this string is not closed")) };
    cursor.skip(end + 1);
    serde_json::from_str(&rest[..=end]).map_err(|_| start.error("this is no JSON string"))
}
