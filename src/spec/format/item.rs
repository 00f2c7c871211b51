//! The lines of a file as items: sections with a header, entries, and the comments that belong to each.

use toml_parser::Source;
use toml_parser::lexer::{Token, TokenKind};

use super::value::{render_header, render_key_and_value};

/// A file.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// Comments about the file, which stay on top.
    pub(super) head: Vec<Comment>,
    /// Whether a blank line follows them.
    pub(super) has_blank_after_head: bool,
    /// What stands before the first header.
    pub(super) top: Section,
    /// The headers with what stands below each.
    pub(super) sections: Vec<Section>,
}

/// A header with its entries; the top of a file has none.
#[derive(Debug, Default)]
pub(super) struct Section {
    /// `[[step]]`.
    pub(super) header: Option<Entry>,
    /// The parts of the header's key.
    pub(super) path: Vec<String>,
    /// Keys and values.
    pub(super) entries: Vec<Entry>,
    /// Comments below the last of them.
    pub(super) tail: Vec<Comment>,
    /// Whether a blank line stands before the tail.
    pub(super) has_blank_before_tail: bool,
}

/// A line with a key or a header; a value may go on over several lines.
#[derive(Debug)]
pub(super) struct Entry {
    /// The parts of its key.
    pub(super) path: Vec<String>,
    /// Key and value as they are printed.
    pub(super) text: String,
    /// Comments above it.
    pub(super) comments: Vec<Comment>,
    /// Whether a blank line stands before it and its comments.
    pub(super) has_blank_before: bool,
    /// The comment behind it, with the spaces before it.
    pub(super) trailing: Option<(usize, String)>,
}

/// A line that is a comment.
#[derive(Debug)]
pub(super) struct Comment {
    pub(super) text: String,
    pub(super) has_blank_before: bool,
}

/// Reads a file that is TOML.
pub(super) fn read_document(text: &str) -> Document {
    let tokens = Source::new(text).lex().into_vec();
    let mut reading = Reading { text, document: Document::default(), waiting: Vec::new(), is_blank: false };
    let mut position = 0;
    let mut is_first = true;
    while position < tokens.len() {
        match tokens[position].kind() {
            TokenKind::Whitespace => {}
            TokenKind::Eof => break,
            TokenKind::Newline => reading.is_blank = true,
            TokenKind::Comment => {
                reading.take_comment(&tokens[position]);
                // The newline that ends the comment's own line is no blank line.
                position += usize::from(
                    tokens.get(position + 1).is_some_and(|next| next.kind() == TokenKind::Newline),
                );
            }
            _ => {
                let end = find_end(&tokens, position);
                if std::mem::take(&mut is_first) {
                    reading.take_head();
                }
                reading.take_statement(&tokens[position..end]);
                position = end;
                continue;
            }
        }
        position += 1;
    }
    if is_first {
        reading.document.head = std::mem::take(&mut reading.waiting);
    }
    reading.finish();
    reading.document
}

/// The position after a statement and the newline that ends it.
fn find_end(tokens: &[Token], start: usize) -> usize {
    let mut depth = 0usize;
    for (offset, token) in tokens[start..].iter().enumerate() {
        match token.kind() {
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => depth += 1,
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => depth = depth.saturating_sub(1),
            TokenKind::Newline if depth == 0 => return start + offset + 1,
            TokenKind::Eof => return start + offset,
            _ => {}
        }
    }
    tokens.len()
}

struct Reading<'a> {
    text: &'a str,
    document: Document,
    /// Comments that belong to what comes next, or to the end of what came last.
    waiting: Vec<Comment>,
    is_blank: bool,
}

impl Reading<'_> {
    fn text_of(&self, token: &Token) -> &str {
        self.text.get(token.span().start()..token.span().end()).unwrap_or_default()
    }

    fn take_comment(&mut self, token: &Token) {
        let text = self.text_of(token).trim_end().to_owned();
        let has_blank_before = std::mem::take(&mut self.is_blank);
        self.waiting.push(Comment { text, has_blank_before });
    }

    /// Of the comments at the top, those before the last blank line are about the file, and so is what `#:` tells
    /// an editor.
    fn take_head(&mut self) {
        let about_file = if self.is_blank {
            self.waiting.len()
        } else {
            let last_blank = self.waiting.iter().rposition(|comment| comment.has_blank_before).unwrap_or(0);
            let directives = self.waiting.iter().take_while(|comment| comment.text.starts_with("#:")).count();
            last_blank.max(directives)
        };
        self.document.head = self.waiting.drain(..about_file).collect();
        let next = self.waiting.first();
        self.document.has_blank_after_head = next.map_or(self.is_blank, |comment| comment.has_blank_before);
        if let Some(first) = self.document.head.first_mut() {
            first.has_blank_before = false;
        }
    }

    fn take_statement(&mut self, tokens: &[Token]) {
        let is_header = tokens[0].kind() == TokenKind::LeftSquareBracket;
        let (statement, trailing) = self.split_trailing(tokens);
        if is_header {
            self.give_tail();
        }
        let mut comments = std::mem::take(&mut self.waiting);
        let mut has_blank_before = std::mem::take(&mut self.is_blank);
        if let Some(first) = comments.first_mut() {
            // The blank line before the comments; one between them and the entry is dropped.
            has_blank_before = std::mem::take(&mut first.has_blank_before);
        }
        let read = if is_header { render_header } else { render_key_and_value };
        let (path, text) = read(self.text, statement);
        let entry = Entry { path: path.clone(), text, comments, has_blank_before, trailing };
        if is_header {
            self.document.sections.push(Section { header: Some(entry), path, ..Section::default() });
        } else {
            self.current().entries.push(entry);
        }
    }

    /// The statement, and the comment behind it with the spaces before it.
    fn split_trailing<'t>(&self, tokens: &'t [Token]) -> (&'t [Token], Option<(usize, String)>) {
        let is_end = |token: &Token| matches!(token.kind(), TokenKind::Newline | TokenKind::Whitespace);
        let end = tokens.iter().rposition(|token| !is_end(token)).map_or(0, |position| position + 1);
        let tokens = &tokens[..end];
        let Some((last, before)) = tokens.split_last().filter(|(last, _)| last.kind() == TokenKind::Comment)
        else {
            return (tokens, None);
        };
        let (before, space) = match before.split_last() {
            Some((space, rest)) if space.kind() == TokenKind::Whitespace => (rest, self.text_of(space).len()),
            _ => (before, 1),
        };
        (before, Some((space, self.text_of(last).trim_end().to_owned())))
    }

    /// Of the comments before a header, those that do not stand right above it belong to what is before.
    fn give_tail(&mut self) {
        let own = if self.is_blank {
            self.waiting.len()
        } else {
            // Right below an entry and right above a header it is the header's.
            self.waiting.iter().rposition(|comment| comment.has_blank_before).unwrap_or(0)
        };
        let mut tail: Vec<Comment> = self.waiting.drain(..own).collect();
        if let Some(first) = tail.first_mut() {
            let has_blank = std::mem::take(&mut first.has_blank_before);
            let section = self.current();
            section.has_blank_before_tail = has_blank;
            section.tail = tail;
        }
    }

    fn finish(&mut self) {
        self.is_blank = true;
        self.give_tail();
    }

    fn current(&mut self) -> &mut Section {
        let document = &mut self.document;
        document.sections.last_mut().unwrap_or(&mut document.top)
    }
}
