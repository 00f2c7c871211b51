//! Keys and values as they are printed: one space around `=`, behind commas and inside braces, none elsewhere; a value
//! that goes on over several lines keeps its lines and is indented by its depth.

use toml_parser::Source;
use toml_parser::lexer::{Token, TokenKind};

/// One step of indentation.
const INDENT: &str = "    ";

/// The parts of a header's key, and the header.
pub(super) fn render_header(text: &str, tokens: &[Token]) -> (Vec<String>, String) {
    let brackets = tokens.iter().take_while(|token| token.kind() == TokenKind::LeftSquareBracket).count();
    let inside = &tokens[brackets..tokens.len().saturating_sub(brackets).max(brackets)];
    let (path, key) = render_key(text, inside);
    (path, format!("{}{key}{}", "[".repeat(brackets), "]".repeat(brackets)))
}

/// The parts of the key, and `key = value`.
pub(super) fn render_key_and_value(text: &str, tokens: &[Token]) -> (Vec<String>, String) {
    let equals = tokens.iter().position(|token| token.kind() == TokenKind::Equals).unwrap_or(tokens.len());
    let (path, key) = render_key(text, &tokens[..equals]);
    let value = render_value(text, tokens.get(equals + 1..).unwrap_or_default());
    (path, format!("{key} = {value}"))
}

fn text_of<'t>(text: &'t str, token: &Token) -> &'t str {
    text.get(token.span().start()..token.span().end()).unwrap_or_default()
}

fn render_key(text: &str, tokens: &[Token]) -> (Vec<String>, String) {
    let mut path = Vec::new();
    let mut key = String::new();
    for token in tokens.iter().filter(|token| token.kind() != TokenKind::Whitespace) {
        let part = text_of(text, token);
        key.push_str(part);
        if token.kind() != TokenKind::Dot {
            path.push(decode_key(part));
        }
    }
    (path, key)
}

/// A part of a key without its quotation marks.
fn decode_key(part: &str) -> String {
    let source = Source::new(part);
    let mut decoded = std::borrow::Cow::Borrowed("");
    if let Some(token) = source.lex().into_vec().first()
        && let Some(raw) = source.get(token)
    {
        raw.decode_key(&mut decoded, &mut ());
    }
    if decoded.is_empty() { part.to_owned() } else { decoded.into_owned() }
}

fn render_value(text: &str, tokens: &[Token]) -> String {
    let mut printer =
        Printer { out: String::new(), depth: 0, previous: None, is_line_start: false, newlines: 0 };
    let is_space = |token: &Token| token.kind() == TokenKind::Whitespace;
    for (position, token) in tokens.iter().enumerate().filter(|(_, token)| !is_space(token)) {
        let next = tokens[position + 1..].iter().find(|token| !is_space(token)).map(Token::kind);
        let is_closing = matches!(next, Some(TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket));
        if token.kind() == TokenKind::Comma && is_closing && !printer.is_line_start {
            // A last comma says nothing where the bracket is closed on the same line.
            continue;
        }
        let space = match tokens.get(position.wrapping_sub(1)) {
            Some(space) if is_space(space) => text_of(text, space).len(),
            _ => 0,
        };
        printer.push(token.kind(), text_of(text, token), space);
    }
    printer.out
}

struct Printer {
    out: String,
    depth: usize,
    previous: Option<TokenKind>,
    is_line_start: bool,
    newlines: usize,
}

impl Printer {
    fn push(&mut self, kind: TokenKind, text: &str, space: usize) {
        if kind == TokenKind::Newline {
            self.newlines += 1;
            self.is_line_start = true;
            return;
        }
        let is_closing = matches!(kind, TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket);
        if is_closing {
            self.depth = self.depth.saturating_sub(1);
        }
        if std::mem::take(&mut self.is_line_start) {
            let is_edge = is_closing || self.previous.is_none_or(is_opening);
            // At most one blank line, and none beside a bracket.
            let lines = if is_edge { 1 } else { self.newlines.min(2) };
            self.out.push_str(&"\n".repeat(lines));
            self.out.push_str(&INDENT.repeat(self.depth));
        } else if kind == TokenKind::Comment {
            self.out.push_str(&" ".repeat(space.max(1)));
        } else if self.previous.is_some_and(|previous| needs_space(previous, kind)) {
            self.out.push(' ');
        }
        self.newlines = 0;
        self.out.push_str(if kind == TokenKind::Comment { text.trim_end() } else { text });
        if is_opening(kind) {
            self.depth += 1;
        }
        self.previous = Some(kind);
    }
}

fn is_opening(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket)
}

fn needs_space(previous: TokenKind, kind: TokenKind) -> bool {
    match (previous, kind) {
        (TokenKind::LeftCurlyBracket, TokenKind::RightCurlyBracket)
        | (_, TokenKind::Comma | TokenKind::Dot | TokenKind::RightSquareBracket)
        | (TokenKind::Dot | TokenKind::LeftSquareBracket, _) => false,
        // What is left: `=`, braces, what follows a comma, and the space inside of a date and time.
        _ => true,
    }
}
