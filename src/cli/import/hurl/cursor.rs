//! A place in a Hurl file, and the small things that can be read from there: strings, numbers, names.

use super::file::Operand;
use crate::cli::import::model::ImportError;

/// A place in a text.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// What is still to be read.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    /// The line, beginning with 1.
    pub(super) fn line(&self) -> usize {
        self.text[..self.at].matches('\n').count() + 1
    }

    pub(super) fn error(&self, message: impl Into<String>) -> ImportError {
        ImportError::at(self.line(), message)
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    /// Goes on by so many bytes, which end between two letters.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Goes over this text if it stands here.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    pub(super) fn take_while(&mut self, accepts: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|letter| !accepts(letter)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    pub(super) fn skip_spaces(&mut self) {
        self.take_while(|letter| letter == ' ' || letter == '\t');
    }

    /// Goes over empty lines and comments.
    pub(super) fn skip_lines(&mut self) {
        loop {
            self.take_while(char::is_whitespace);
            if self.peek() != Some('#') {
                return;
            }
            self.take_while(|letter| letter != '\n');
        }
    }

    /// The end of a line, a comment allowed before it.
    pub(super) fn end_line(&mut self) -> Result<(), ImportError> {
        self.skip_spaces();
        if self.peek() == Some('#') {
            self.take_while(|letter| letter != '\n');
        }
        self.take("\r");
        if self.is_at_end() || self.take("\n") {
            return Ok(());
        }
        let here: String = self.rest().chars().take_while(|letter| *letter != '\n').take(40).collect();
        Err(self.error(format!("expected the end of the line, not {here:?}")))
    }

    /// A template `{{ ... }}` as it stands, if one stands here.
    pub(super) fn take_template(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let end = rest.strip_prefix("{{")?.find("}}")? + 4;
        self.at += end;
        Some(&rest[..end])
    }

    /// The rest of a line without its comment: an address, the value of a header.
    pub(super) fn read_value(&mut self) -> Result<String, ImportError> {
        let mut value = String::new();
        loop {
            if let Some(template) = self.take_template() {
                value.push_str(template);
                continue;
            }
            match self.peek() {
                None | Some('\n' | '#') => break,
                Some('\\') => value.push(self.read_escape()?),
                Some(letter) => {
                    self.next();
                    value.push(letter);
                }
            }
        }
        value.truncate(value.trim_end().len());
        self.end_line()?;
        Ok(value)
    }

    /// The name before a colon; none where this is no such line, and nothing is read then.
    pub(super) fn read_key(&mut self) -> Result<Option<String>, ImportError> {
        let before = self.at;
        let mut key = String::new();
        loop {
            if let Some(template) = self.take_template() {
                key.push_str(template);
                continue;
            }
            match self.peek() {
                Some('\\') => key.push(self.read_escape()?),
                Some(letter) if letter.is_alphanumeric() || "_-.[]@$/*%!'()+;=&?~|".contains(letter) => {
                    self.next();
                    key.push(letter);
                }
                _ => break,
            }
        }
        self.skip_spaces();
        if key.is_empty() || !self.take(":") {
            self.at = before;
            return Ok(None);
        }
        self.skip_spaces();
        Ok(Some(key))
    }

    /// An escape: `\n`, `\#`, `\u{e4}`.
    fn read_escape(&mut self) -> Result<char, ImportError> {
        self.next();
        Ok(match self.next() {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('u') if self.take("{") => {
                let digits = self.take_while(|letter| letter.is_ascii_hexdigit());
                let letter = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
                match (letter, self.take("}")) {
                    (Some(letter), true) => letter,
                    _ => return Err(self.error("expected a character as \\u{...}")),
                }
            }
            Some(other) => other,
            None => return Err(self.error("expected a character after the backslash")),
        })
    }

    /// A string between two of the same mark.
    pub(super) fn read_quoted(&mut self, mark: char) -> Result<String, ImportError> {
        let start = self.clone();
        self.next();
        let mut text = String::new();
        loop {
            if let Some(template) = self.take_template() {
                text.push_str(template);
                continue;
            }
            match self.peek() {
                Some(letter) if letter == mark => {
                    self.next();
                    return Ok(text);
                }
                Some('\\') => text.push(self.read_escape()?),
                Some(letter) => {
                    self.next();
                    text.push(letter);
                }
                None => return Err(start.error("this string is not closed")),
            }
        }
    }

    /// A regular expression between slashes.
    pub(super) fn read_regex(&mut self) -> Result<String, ImportError> {
        let start = self.clone();
        self.next();
        let mut pattern = String::new();
        loop {
            match self.next() {
                Some('/') => return Ok(pattern),
                Some('\\') if self.take("/") => pattern.push('/'),
                Some('\\') => {
                    pattern.push('\\');
                    pattern.extend(self.next());
                }
                Some('\n') | None => return Err(start.error("this regular expression is not closed")),
                Some(letter) => pattern.push(letter),
            }
        }
    }

    /// `base64,...;`, `hex,...;` or `file,...;`, if one stands here.
    pub(super) fn read_binary(&mut self) -> Result<Option<Operand>, ImportError> {
        let Some(kind) = ["base64", "hex", "file"]
            .into_iter()
            .find(|kind| self.rest().strip_prefix(kind).is_some_and(|rest| rest.starts_with(',')))
        else {
            return Ok(None);
        };
        self.skip(kind.len() + 1);
        let content = self.take_while(|letter| letter != ';').trim().to_owned();
        if !self.take(";") {
            return Err(self.error(format!("expected `;` at the end of {kind},")));
        }
        let bytes = match kind {
            "file" => return Ok(Some(Operand::File(content))),
            "hex" => decode_hex(&content),
            _ => decode_base64(&content),
        };
        bytes.map(|bytes| Some(Operand::Bytes(bytes))).ok_or_else(|| self.error(format!("this is no {kind}")))
    }

    /// Whatever a predicate or a filter takes.
    pub(super) fn read_operand(&mut self) -> Result<Operand, ImportError> {
        if let Some(binary) = self.read_binary()? {
            return Ok(binary);
        }
        match self.peek() {
            Some('"') => return self.read_quoted('"').map(Operand::Text),
            Some('`') if !self.rest().starts_with("```") => return self.read_quoted('`').map(Operand::Text),
            Some('/') => return self.read_regex().map(Operand::Regex),
            Some('{') => {
                if let Some(template) = self.take_template() {
                    return Ok(Operand::Text(template.to_owned()));
                }
            }
            _ => {}
        }
        let word = self.take_while(|letter| letter.is_ascii_alphanumeric() || "-+.".contains(letter));
        match word {
            "null" => Ok(Operand::Null),
            "true" => Ok(Operand::Bool(true)),
            "false" => Ok(Operand::Bool(false)),
            number => match serde_json::from_str(number) {
                Ok(serde_json::Value::Number(number)) => Ok(Operand::Number(number)),
                _ => Err(self.error("expected a value")),
            },
        }
    }
}

/// Bytes from pairs of hexadecimal digits, white space left out.
pub(super) fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> =
        text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let pairs = digits.chunks(2);
    pairs.map(|pair| u8::try_from(pair.first()? * 16 + pair.get(1)?).ok()).collect()
}

/// Bytes from base64, white space left out.
pub(super) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}
