//! The text of a statement, as far as it must be understood before a database sees it.

use std::fmt::Write as _;

use crate::source::nearest;
use crate::verdict::StepError;

use super::engine::Engine;
use super::spec_error;

/// Whether anything but comments and space follows a `;`. Quoted text and comments are skipped.
///
/// A `create trigger` or `create procedure` holds statements of its own: there the database alone can tell.
fn has_second_statement(sql: &str, engine: Engine) -> bool {
    let code = blank_quoted(sql, engine);
    let words: Vec<String> = code.split_whitespace().take(6).map(str::to_ascii_lowercase).collect();
    let holds_others = |word: &String| ["trigger", "procedure", "function", "event"].contains(&word.as_str());
    if words.first().is_some_and(|word| word == "create") && words.iter().any(holds_others) {
        return false;
    }
    code.split_once(';')
        .is_some_and(|(_, rest)| rest.contains(|other: char| !other.is_whitespace() && other != ';'))
}

/// The first word of a text that holds one statement.
pub(super) fn read_first_word(sql: &str, engine: Engine) -> Result<String, StepError> {
    let word = first_word(sql, engine);
    if word.is_empty() {
        return Err(spec_error("`sql` holds no statement"));
    }
    if has_second_statement(sql, engine) {
        return Err(second_statement());
    }
    Ok(word)
}

/// The error of a step that holds several statements.
pub(super) fn second_statement() -> StepError {
    spec_error("`sql` holds more than one statement").help("write one step for each")
}

/// Whether a query writes what it finds to a file of the server, which MariaDB does not count as writing.
pub(super) fn names_file_output(sql: &str) -> bool {
    let code = blank_quoted(sql, Engine::MariaDb).to_ascii_lowercase();
    let mut words = code.split(|other: char| !(other.is_ascii_alphanumeric() || other == '_'));
    words.any(|word| word == "outfile" || word == "dumpfile")
}

/// The first word in lower case; empty for a text without a statement.
fn first_word(sql: &str, engine: Engine) -> String {
    let code = blank_quoted(sql, engine);
    let word = code.split(|other: char| !other.is_ascii_alphabetic()).find(|word| !word.is_empty());
    word.unwrap_or_default().to_ascii_lowercase()
}

/// A statement as a server takes it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Placed {
    /// The text with the database's own placeholders in place of `:name`.
    pub(super) sql: String,
    /// The parameters by name: one per placeholder where these have no number, one per name where they have.
    pub(super) names: Vec<String>,
}

/// Puts the placeholders of MariaDB (`?`) or PostgreSQL (`$1`) where `:name` stands outside quotes and comments.
pub(super) fn place_parameters(sql: &str, engine: Engine) -> Result<Placed, StepError> {
    let mut placed = Placed { sql: String::with_capacity(sql.len()), names: Vec::new() };
    let mut rest = sql;
    let mut previous = ' ';
    while let Some(piece) = next_piece(rest, engine) {
        let text = &rest[..piece.length];
        let first = text.chars().next().unwrap_or(' ');
        let name = parameter_name(rest);
        if piece.kind != PieceKind::Code {
            placed.sql.push_str(text);
            rest = &rest[piece.length..];
        } else if first == ':' && previous != ':' && !name.is_empty() {
            placed.push(name, engine);
            rest = &rest[1 + name.len()..];
        } else if is_own_placeholder(rest, previous, engine) {
            return Err(spec_error("the statement has a parameter that is not written `:name`")
                .help("write `:name`, and its value in params = { name = … }"));
        } else {
            placed.sql.push_str(text);
            rest = &rest[piece.length..];
        }
        previous = first;
    }
    Ok(placed)
}

impl Placed {
    fn push(&mut self, name: &str, engine: Engine) {
        if engine != Engine::PostgreSql {
            self.names.push(name.to_owned());
            self.sql.push('?');
            return;
        }
        let known = self.names.iter().position(|other| other == name);
        let index = known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        let _ = write!(self.sql, "${}", index + 1);
    }
}

/// The name after a `:`; empty where none stands there.
fn parameter_name(text: &str) -> &str {
    let name = text.get(1..).unwrap_or_default();
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let length = name.find(|character| !is_part(character)).unwrap_or(name.len());
    if name.starts_with(|first: char| first.is_ascii_digit()) { "" } else { &name[..length] }
}

/// `?` of MariaDB and `$1` of PostgreSQL, where `?` is an operator of JSON and `a$1` a name.
fn is_own_placeholder(text: &str, previous: char, engine: Engine) -> bool {
    match engine {
        Engine::Sqlite => false,
        Engine::MariaDb => text.starts_with('?'),
        Engine::PostgreSql => {
            text.starts_with('$')
                && text[1..].starts_with(|next: char| next.is_ascii_digit())
                && !(previous.is_alphanumeric() || previous == '_')
        }
    }
}

/// Compares the parameters that a statement names with those that the step gives.
pub(super) fn check_parameters<'a>(
    named: impl Iterator<Item = &'a str> + Clone,
    given: impl Iterator<Item = &'a str> + Clone,
) -> Result<(), StepError> {
    let missing = named.clone().find(|name| !given.clone().any(|other| other == *name));
    let surplus = given.clone().find(|name| !named.clone().any(|other| other == *name));
    match (missing, surplus) {
        (None, None) => Ok(()),
        (Some(missing), _) => {
            let meant = nearest(missing, given);
            let error = spec_error(format!("the statement names `:{missing}`, which `params` does not give"));
            Err(error.help(match meant {
                Some(meant) => format!("did you mean `:{meant}`?"),
                None => format!("add it to the step: params = {{ {missing} = … }}"),
            }))
        }
        (None, Some(surplus)) => {
            let listed: Vec<String> = named.map(|name| format!("`:{name}`")).collect();
            let error = spec_error(format!("`params` gives `{surplus}`, which the statement does not name"));
            Err(error.help(if listed.is_empty() {
                "the statement names no parameters; they are written `:name`".to_owned()
            } else {
                format!("it names {}", listed.join(", "))
            }))
        }
    }
}

/// The statement with quoted text, quoted names and comments replaced by spaces.
fn blank_quoted(sql: &str, engine: Engine) -> String {
    let mut code = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(piece) = next_piece(rest, engine) {
        match piece.kind {
            PieceKind::Code => code.push_str(&rest[..piece.length]),
            PieceKind::Comment => code.push(' '),
            // A quoted part is something: what follows a `;` may consist of it alone.
            PieceKind::Quoted => code.push_str(" _ "),
        }
        rest = &rest[piece.length..];
    }
    code
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PieceKind {
    Code,
    Quoted,
    Comment,
}

/// The beginning of a text: one character of code, or a whole quoted part or comment.
struct Piece {
    kind: PieceKind,
    length: usize,
}

fn next_piece(text: &str, engine: Engine) -> Option<Piece> {
    let first = text.chars().next()?;
    let until = |end: &str| text.find(end).map_or(text.len(), |at| at + end.len());
    let piece = |kind, length| Some(Piece { kind, length });
    match first {
        '\'' | '"' if engine == Engine::MariaDb => piece(PieceKind::Quoted, escaped_length(text, first)),
        'e' | 'E' if engine == Engine::PostgreSql && text[1..].starts_with('\'') => {
            piece(PieceKind::Quoted, 1 + escaped_length(&text[1..], '\''))
        }
        '\'' | '"' => piece(PieceKind::Quoted, quoted_length(text, first)),
        '`' if engine != Engine::PostgreSql => piece(PieceKind::Quoted, quoted_length(text, first)),
        '[' if engine == Engine::Sqlite => piece(PieceKind::Quoted, until("]")),
        '$' if engine == Engine::PostgreSql => match dollar_quote(text) {
            Some(length) => piece(PieceKind::Quoted, length),
            None => piece(PieceKind::Code, 1),
        },
        '#' if engine == Engine::MariaDb => piece(PieceKind::Comment, until("\n")),
        '-' if begins_line_comment(text, engine) => piece(PieceKind::Comment, until("\n")),
        '/' if text.starts_with("/*") => match engine {
            // MariaDB runs what stands in `/*! … */`.
            Engine::MariaDb if text.starts_with("/*!") || text.starts_with("/*M!") => {
                piece(PieceKind::Code, 1)
            }
            Engine::PostgreSql => piece(PieceKind::Comment, nested_comment_length(text)),
            _ => piece(PieceKind::Comment, until("*/")),
        },
        other => piece(PieceKind::Code, other.len_utf8()),
    }
}

/// In MariaDB `5--3` is a difference: its comments have a space after the dashes.
fn begins_line_comment(text: &str, engine: Engine) -> bool {
    text.strip_prefix("--").is_some_and(|rest| {
        engine != Engine::MariaDb
            || rest.chars().next().is_none_or(|next| next.is_whitespace() || next.is_control())
    })
}

/// The length of a quoted part, its quotes included. A doubled quote inside it ends and begins it again.
fn quoted_length(text: &str, quote: char) -> usize {
    text[1..].find(quote).map_or(text.len(), |end| end + 2)
}

/// The length of a quoted part in which a backslash escapes.
fn escaped_length(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            other if other == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of PostgreSQL's `$tag$ … $tag$`, if the text begins with one.
fn dollar_quote(text: &str) -> Option<usize> {
    let end = text[1..].find(|next: char| !(next.is_alphanumeric() || next == '_'))? + 1;
    let tag = text.get(..=end).filter(|tag| tag.ends_with('$'))?;
    if tag[1..].starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    Some(text[tag.len()..].find(tag).map_or(text.len(), |at| at + 2 * tag.len()))
}

/// The length of a comment in which comments nest.
fn nested_comment_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_statement_is_seen_and_quoted_semicolons_are_not() {
        assert!(has_second_statement("select 1; drop table a", Engine::Sqlite));
        assert!(has_second_statement("select 1;\n-- then\n'x'", Engine::Sqlite));
        assert!(!has_second_statement("select 1 ; -- done; really\n /* ; drop */ ;", Engine::Sqlite));
        assert!(!has_second_statement("select ';' || 'it''s; fine', \";\", [;], `;` from a", Engine::Sqlite));
        assert!(!has_second_statement(
            "create temp trigger t after insert on a begin delete from b; select 1; end",
            Engine::Sqlite
        ));
        assert!(!has_second_statement("", Engine::Sqlite));
    }

    #[test]
    fn the_first_word_stands_after_comments() {
        assert_eq!(first_word("-- which\n/* and */ SELECT 1", Engine::Sqlite), "select");
        assert_eq!(first_word("-- nothing\n;", Engine::Sqlite), "");
        assert_eq!(first_word("(select 1)", Engine::Sqlite), "select");
    }

    #[test]
    fn each_database_has_its_own_quotes_and_comments() {
        assert!(has_second_statement("select 1 # ;\n; select 2", Engine::MariaDb));
        assert!(!has_second_statement("select 'it\\'s; fine' # ; no\n -- ; no", Engine::MariaDb));
        assert!(has_second_statement("select 5--;3\n", Engine::MariaDb));
        assert!(!has_second_statement("select $a$ ; $b$ ; $a$, e'\\';' /* /* ; */ ; */", Engine::PostgreSql));
        assert!(has_second_statement("select a[1]; drop table a", Engine::PostgreSql));
    }

    #[test]
    fn names_become_the_databases_own_placeholders() {
        let place = |sql: &str, engine| {
            let placed = place_parameters(sql, engine).unwrap();
            (placed.sql, placed.names.join(" "))
        };
        let own = |sql: &str, names: &str| (sql.to_owned(), names.to_owned());
        let sql = "select :a, ':b', \"x:c\" /* :d */ from t where u = :a and v=:e_1 -- :f";
        assert_eq!(
            place(sql, Engine::MariaDb),
            own("select ?, ':b', \"x:c\" /* :d */ from t where u = ? and v=? -- :f", "a a e_1")
        );
        assert_eq!(
            place(sql, Engine::PostgreSql),
            own("select $1, ':b', \"x:c\" /* :d */ from t where u = $1 and v=$2 -- :f", "a e_1")
        );
        assert_eq!(
            place("select '1'::int, :n::bigint, j ? 'é:x', a[1:2]", Engine::PostgreSql),
            own("select '1'::int, $1::bigint, j ? 'é:x', a[1:2]", "n")
        );
        assert_eq!(place("set @a := 1", Engine::MariaDb), own("set @a := 1", ""));
        assert!(place_parameters("select ?", Engine::MariaDb).is_err());
        assert!(place_parameters("select $1", Engine::PostgreSql).is_err());
    }

    #[test]
    fn parameters_must_fit_one_to_one() {
        let check = |named: &[&'static str], given: &[&'static str]| {
            check_parameters(named.iter().copied(), given.iter().copied())
        };
        assert!(check(&["a", "b"], &["b", "a"]).is_ok());
        let missing = check(&["item"], &["itme"]).unwrap_err();
        assert_eq!(missing.message, "the statement names `:item`, which `params` does not give");
        assert_eq!(missing.help.as_deref(), Some("did you mean `:itme`?"));
        let surplus = check(&["item"], &["item", "owner"]).unwrap_err();
        assert_eq!(surplus.message, "`params` gives `owner`, which the statement does not name");
        assert_eq!(surplus.help.as_deref(), Some("it names `:item`"));
    }
}
