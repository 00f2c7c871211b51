//! A curl command into a step.

use url::Url;

use super::curl_option::{Meaning, OPTIONS, SHORT_WITH_VALUE, WITH_VALUE};
use super::model::{ImportError, Imported, Note, is_writing};
use super::request::{RawBody, RawPart, RawRequest, origin_of};
use super::secrets::Secrets;
use super::shell::{split_commands, split_words};

/// Reads a file that a command names with `@`.
pub(super) type ReadFile<'a> = &'a dyn Fn(&str) -> Option<Vec<u8>>;

use Meaning as M;

/// Imports all commands in a text: one on each line, continued with `\`.
pub(super) fn import_curl_text(text: &str, read_file: ReadFile<'_>) -> Result<Imported, ImportError> {
    let mut commands = Vec::new();
    for (line, command) in split_commands(text) {
        let words =
            split_words(&command).ok_or_else(|| ImportError::at(line, "a quotation mark is not closed"))?;
        if !words.is_empty() {
            commands.push((line, words));
        }
    }
    import_curl(&commands, read_file)
}

/// Imports commands that were split into words already.
pub(super) fn import_curl(
    commands: &[(usize, Vec<String>)],
    read_file: ReadFile<'_>,
) -> Result<Imported, ImportError> {
    let mut imported = Imported::default();
    let mut parsed = Vec::new();
    for (line, words) in commands {
        let mut reading = Reading::new(*line, read_file);
        reading.read_words(words)?;
        parsed.push(reading);
    }
    let mut requests = Vec::new();
    for reading in parsed {
        imported.notes.extend(reading.notes.iter().cloned());
        requests.push(reading.finish()?);
    }
    let Some((first, ..)) = requests.first() else {
        return Err(ImportError::whole("expected a curl command"));
    };
    let origin = origin_of(&first.url);
    let mut secrets = Secrets::default();
    for (request, ..) in &requests {
        request.find_secrets(&mut secrets);
    }
    for (request, redirects, timeout) in &requests {
        let Some(mut step) = request.build_step(&origin, &mut secrets, &mut imported.notes) else { continue };
        imported.spec.writes |=
            step.keys.iter().any(|(key, _)| super::model::action_of_method(key).is_some_and(is_writing));
        step.set("redirects", redirects.clone());
        if let Some(timeout) = timeout {
            step.set("timeout", timeout.clone());
        }
        imported.spec.steps.push(step);
    }
    let path = escape_name(first.url.path());
    imported.spec.name = format!("{} {path}", first.method.to_uppercase());
    imported.spec.comments = vec![
        "Imported from a curl command. Say here what must hold, for example:".to_owned(),
        "  expect.status = 200".to_owned(),
        "Until then the step fails on a status of 400 or more.".to_owned(),
    ];
    imported.origin = Some(origin);
    imported.secrets = secrets.names();
    Ok(imported)
}

fn escape_name(path: &str) -> String {
    path.chars().take(60).collect()
}

#[expect(clippy::struct_excessive_bools, reason = "each is an option of curl")]
struct Reading<'a> {
    line: usize,
    read_file: ReadFile<'a>,
    notes: Vec<Note>,
    addresses: Vec<String>,
    method: Option<String>,
    headers: Vec<(String, String)>,
    data: Vec<String>,
    parts: Vec<RawPart>,
    query: Vec<String>,
    user: Option<(String, String)>,
    is_json: bool,
    as_get: bool,
    is_head: bool,
    follows: bool,
    max_redirects: Option<u64>,
    timeout: Option<String>,
}

type Finished = (RawRequest, serde_json::Value, Option<String>);

impl<'a> Reading<'a> {
    fn new(line: usize, read_file: ReadFile<'a>) -> Self {
        Self {
            line,
            read_file,
            notes: Vec::new(),
            addresses: Vec::new(),
            method: None,
            headers: Vec::new(),
            data: Vec::new(),
            parts: Vec::new(),
            query: Vec::new(),
            user: None,
            is_json: false,
            as_get: false,
            is_head: false,
            follows: false,
            max_redirects: None,
            timeout: None,
        }
    }

    fn note(&mut self, message: impl Into<String>) {
        self.notes.push(Note { line: self.line, message: message.into() });
    }

    fn read_words(&mut self, words: &[String]) -> Result<(), ImportError> {
        // What follows belongs to the shell; browsers put `&` or `;` between the commands that they copy.
        let ends = |word: &&String| ["&", ";", "&&", "||", "|", ">", ">>"].contains(&word.as_str());
        if let Some(word) = words.iter().find(ends).filter(|word| !["&", ";"].contains(&word.as_str())) {
            self.note(format!("what stands behind `{word}` is left out"));
        }
        let mut words = words.iter().take_while(|word| !ends(word)).map(String::as_str).peekable();
        words.next_if(|word| *word == "curl" || word.ends_with("/curl") || *word == "curl.exe");
        while let Some(word) = words.next() {
            if let Some(long) = word.strip_prefix("--").filter(|long| !long.is_empty()) {
                let (name, attached) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value)),
                    None => (long, None),
                };
                self.read_long(name, attached, &mut words)?;
            } else if let Some(short) = word.strip_prefix('-').filter(|short| !short.is_empty()) {
                self.read_short(short, &mut words)?;
            } else if word != "--" {
                self.addresses.push(word.to_owned());
            }
        }
        Ok(())
    }

    fn read_long<'w>(
        &mut self,
        name: &str,
        attached: Option<&'w str>,
        words: &mut impl Iterator<Item = &'w str>,
    ) -> Result<(), ImportError> {
        let Some((_, _, meaning)) = OPTIONS.iter().find(|(_, long, _)| *long == name) else {
            if WITH_VALUE.contains(&name) && attached.is_none() {
                words.next();
            }
            self.note(format!("--{name} could not be carried over"));
            return Ok(());
        };
        let value = if meaning.takes_value() {
            attached.or_else(|| words.next()).ok_or_else(|| self.missing(&format!("--{name}")))?
        } else {
            ""
        };
        self.apply(*meaning, &format!("--{name}"), value)
    }

    /// Short options: several may stand together, and a value may follow at once.
    fn read_short<'w>(
        &mut self,
        short: &'w str,
        words: &mut impl Iterator<Item = &'w str>,
    ) -> Result<(), ImportError> {
        let mut rest = short;
        while let Some(letter) = rest.chars().next() {
            rest = &rest[letter.len_utf8()..];
            let known = OPTIONS.iter().find(|(name, ..)| name.starts_with(letter));
            let Some((_, _, meaning)) = known else {
                self.note(format!("-{letter} could not be carried over"));
                if SHORT_WITH_VALUE.iter().any(|(known, _)| *known == letter) {
                    if rest.is_empty() {
                        words.next();
                    }
                    return Ok(());
                }
                continue;
            };
            if meaning.takes_value() {
                let value = match rest {
                    "" => words.next().ok_or_else(|| self.missing(&format!("-{letter}")))?,
                    attached => attached,
                };
                return self.apply(*meaning, &format!("-{letter}"), value);
            }
            self.apply(*meaning, &format!("-{letter}"), "")?;
        }
        Ok(())
    }

    fn missing(&self, option: &str) -> ImportError {
        ImportError::at(self.line, format!("{option} needs a value"))
    }

    fn apply(&mut self, meaning: Meaning, option: &str, value: &str) -> Result<(), ImportError> {
        match meaning {
            M::Method => self.method = Some(value.to_owned()),
            M::Header => self.add_header(value),
            M::Data | M::DataBinary | M::Json => {
                let data = self.read_data(value, meaning == M::Data)?;
                self.data.push(data);
                self.is_json |= meaning == M::Json;
            }
            M::DataRaw => self.data.push(value.to_owned()),
            M::DataUrlencode => {
                let data = self.encode(value)?;
                self.data.push(data);
            }
            M::Form => self.add_part(value)?,
            M::FormString => {
                let (name, value) = value.split_once('=').unwrap_or((value, ""));
                self.parts.push(RawPart {
                    name: name.to_owned(),
                    value: value.to_owned(),
                    ..RawPart::default()
                });
            }
            M::User => {
                let (user, password) = value.split_once(':').unwrap_or((value, ""));
                self.user = Some((user.to_owned(), password.to_owned()));
            }
            M::Bearer => self.headers.push(("Authorization".to_owned(), format!("Bearer {value}"))),
            M::Cookie if value.contains('=') => self.headers.push(("Cookie".to_owned(), value.to_owned())),
            M::Cookie => self.note(format!("the cookies in the file {value} could not be carried over")),
            M::AsGet => self.as_get = true,
            M::Head => self.is_head = true,
            M::Location => self.follows = true,
            M::MaxRedirects => self.max_redirects = value.parse().ok(),
            M::MaxTime => self.timeout = Some(format!("{value}s")),
            M::UserAgent => self.headers.push(("User-Agent".to_owned(), value.to_owned())),
            M::Referer => {
                self.headers.push(("Referer".to_owned(), value.trim_end_matches(";auto").to_owned()));
            }
            M::Address => self.addresses.push(value.to_owned()),
            M::AddressQuery => {
                let query = self.encode(value)?;
                self.query.push(query);
            }
            M::FailOnError | M::Nothing | M::NothingWithValue => {}
            M::Target(key) | M::TargetWithValue(key) => {
                self.note(format!("{option} belongs in the target of smokegate.toml: {key}"));
            }
        }
        Ok(())
    }

    fn add_header(&mut self, text: &str) {
        match text.split_once(':') {
            Some((name, value)) if !value.trim().is_empty() => {
                self.headers.push((name.trim().to_owned(), value.trim().to_owned()));
            }
            Some((name, _)) => {
                self.note(format!("the header {name} that is taken away could not be carried over"));
            }
            None => match text.strip_suffix(';') {
                Some(name) => self.headers.push((name.trim().to_owned(), String::new())),
                None => self.note(format!("{text:?} is no header")),
            },
        }
    }

    /// A value, or the content of a file after `@`; `--data` takes line ends out of it.
    fn read_data(&self, value: &str, folds: bool) -> Result<String, ImportError> {
        let Some(name) = value.strip_prefix('@') else { return Ok(value.to_owned()) };
        let content = self.read_text(name)?;
        Ok(if folds { content.replace(['\r', '\n'], "") } else { content })
    }

    fn read_text(&self, name: &str) -> Result<String, ImportError> {
        let bytes = (self.read_file)(name)
            .ok_or_else(|| ImportError::at(self.line, format!("the file {name} cannot be read")))?;
        String::from_utf8(bytes).map_err(|_| {
            ImportError::at(self.line, format!("the file {name} is no UTF-8 text, and a body is a text"))
        })
    }

    /// `content`, `=content`, `name=content`, `@file`, `name@file`, as curl's manual has them.
    fn encode(&self, value: &str) -> Result<String, ImportError> {
        let (name, content) = match value.find(['=', '@']) {
            None => ("", value.to_owned()),
            Some(at) if value[at..].starts_with('@') => (&value[..at], self.read_text(&value[at + 1..])?),
            Some(at) => (&value[..at], value[at + 1..].to_owned()),
        };
        let encoded: String = url::form_urlencoded::byte_serialize(content.as_bytes()).collect();
        Ok(if name.is_empty() { encoded } else { format!("{name}={encoded}") })
    }

    /// `name=value`, `name=@file;type=t;filename=f`, `name=<file`.
    fn add_part(&mut self, text: &str) -> Result<(), ImportError> {
        let Some((name, value)) = text.split_once('=') else {
            return Err(ImportError::at(self.line, format!("expected NAME=VALUE after -F, not {text:?}")));
        };
        let mut part = RawPart { name: name.to_owned(), ..RawPart::default() };
        if let Some(file) = value.strip_prefix('<') {
            part.value = self.read_text(file)?;
        } else if let Some(rest) = value.strip_prefix('@') {
            let mut pieces = rest.split(';');
            part.file = pieces.next().map(|file| file.trim_matches('"').to_owned());
            for piece in pieces {
                match piece.split_once('=') {
                    Some(("type", content_type)) => part.content_type = Some(content_type.to_owned()),
                    _ => self.note(format!("`{piece}` of the part {name} could not be carried over")),
                }
            }
        } else {
            let (value, content_type) = value.split_once(";type=").unwrap_or((value, ""));
            if !content_type.is_empty() {
                self.note(format!("the type {content_type} of the part {name} could not be carried over"));
            }
            value.clone_into(&mut part.value);
        }
        self.parts.push(part);
        Ok(())
    }

    fn finish(mut self) -> Result<Finished, ImportError> {
        let address = match self.addresses.as_slice() {
            [] => return Err(ImportError::at(self.line, "the command has no address")),
            [address, ..] => address.clone(),
        };
        let full = if address.contains("://") { address } else { format!("http://{address}") };
        let mut url = Url::parse(&full)
            .map_err(|error| ImportError::at(self.line, format!("{full:?} is not a valid URL: {error}")))?;
        let mut query = std::mem::take(&mut self.query);
        let data = if self.is_json { self.data.concat() } else { self.data.join("&") };
        let has_data = !self.data.is_empty();
        if self.as_get && has_data {
            query.push(data.clone());
        }
        if !query.is_empty() {
            let own = url.query().map(str::to_owned).into_iter().chain(query).collect::<Vec<_>>().join("&");
            url.set_query(Some(&own));
        }
        let body = match (self.as_get, has_data, self.parts.is_empty()) {
            (_, _, false) => RawBody::Multipart(std::mem::take(&mut self.parts)),
            (false, true, true) => RawBody::Text(data),
            _ => RawBody::Empty,
        };
        let has_header = |headers: &[(String, String)], name: &str| {
            headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
        };
        if self.is_json && !has_header(&self.headers, "content-type") {
            self.headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        if self.is_json && !has_header(&self.headers, "accept") {
            self.headers.push(("Accept".to_owned(), "application/json".to_owned()));
        }
        let default = match (&body, self.is_head) {
            (_, true) => "HEAD",
            (RawBody::Empty, _) => "GET",
            _ => "POST",
        };
        let redirects = match (self.follows, self.max_redirects) {
            (false, _) => serde_json::Value::Bool(false),
            (true, Some(limit)) => limit.into(),
            (true, None) => serde_json::Value::Bool(true),
        };
        let request = RawRequest {
            line: self.line,
            method: self.method.unwrap_or_else(|| default.to_owned()),
            url,
            headers: self.headers,
            basic_auth: self.user,
            body,
        };
        Ok((request, redirects, self.timeout))
    }
}
