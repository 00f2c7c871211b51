//! A command line into words, as POSIX shells read it (XCU 2.2), with the `$'...'` of bash and zsh, which browsers
//! write, and the `^` of Windows' cmd.

/// Commands with the line on which each begins.
pub(super) fn split_commands(text: &str) -> Vec<(usize, String)> {
    let mut commands: Vec<(usize, String)> = Vec::new();
    let mut is_open = false;
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim_start().trim_start_matches("$ ");
        let begins = trimmed.starts_with("curl ") || trimmed.starts_with("curl.exe ") || trimmed == "curl";
        match commands.last_mut().filter(|_| is_open || !begins) {
            Some((_, command)) => {
                command.push('\n');
                command.push_str(line);
            }
            None if trimmed.is_empty() || trimmed.starts_with('#') => continue,
            None => commands.push((index + 1, trimmed.to_owned())),
        }
        // A quotation mark that is still open goes on over any line.
        is_open = commands
            .last()
            .is_some_and(|(_, command)| command.ends_with(['\\', '^']) || split_words(command).is_none());
    }
    commands
}

/// The words of a command; none where a quotation mark is not closed.
pub(super) fn split_words(command: &str) -> Option<Vec<String>> {
    let converted;
    let mut letters = if is_cmd(command) {
        converted = without_carets(command);
        converted.chars().peekable()
    } else {
        command.chars().peekable()
    };
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    while let Some(letter) = letters.next() {
        match letter {
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take()),
            '#' if word.is_none() => while letters.next_if(|letter| *letter != '\n').is_some() {},
            '\\' => match letters.next() {
                // A line that goes on; Windows ends lines with two characters.
                Some('\n') | None => {}
                Some('\r') => {
                    letters.next_if_eq(&'\n');
                }
                Some(escaped) => word.get_or_insert_default().push(escaped),
            },
            '\'' => read_single(&mut letters, word.get_or_insert_default())?,
            '"' => read_double(&mut letters, word.get_or_insert_default())?,
            '$' if letters.next_if_eq(&'\'').is_some() => {
                read_ansi(&mut letters, word.get_or_insert_default())?;
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}

type Letters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn read_single(letters: &mut Letters<'_>, word: &mut String) -> Option<()> {
    loop {
        match letters.next()? {
            '\'' => return Some(()),
            letter => word.push(letter),
        }
    }
}

fn read_double(letters: &mut Letters<'_>, word: &mut String) -> Option<()> {
    loop {
        match letters.next()? {
            '"' => return Some(()),
            '\\' => match letters.next()? {
                '\n' => {}
                escaped @ ('"' | '\\' | '$' | '`') => word.push(escaped),
                other => word.extend(['\\', other]),
            },
            letter => word.push(letter),
        }
    }
}

/// `$'...'`: the escapes of C.
fn read_ansi(letters: &mut Letters<'_>, word: &mut String) -> Option<()> {
    loop {
        match letters.next()? {
            '\'' => return Some(()),
            '\\' => {
                let escaped = letters.next()?;
                let code = match escaped {
                    'n' => Some(u32::from('\n')),
                    't' => Some(u32::from('\t')),
                    'r' => Some(u32::from('\r')),
                    'b' => Some(8),
                    'f' => Some(12),
                    'a' => Some(7),
                    'v' => Some(11),
                    'e' => Some(27),
                    'x' => read_number(letters, 16, 2),
                    'u' => read_number(letters, 16, 4),
                    'U' => read_number(letters, 16, 8),
                    '0'..='7' => {
                        let mut code = escaped.to_digit(8)?;
                        for _ in 0..2 {
                            let digit = letters.next_if(|letter| letter.is_digit(8));
                            code = digit
                                .and_then(|digit| digit.to_digit(8))
                                .map_or(code, |digit| code * 8 + digit);
                        }
                        Some(code)
                    }
                    other => Some(u32::from(other)),
                };
                word.push(char::from_u32(code?).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            letter => word.push(letter),
        }
    }
}

fn read_number(letters: &mut Letters<'_>, radix: u32, longest: usize) -> Option<u32> {
    let mut number = None;
    for _ in 0..longest {
        let Some(digit) = letters.next_if(|letter| letter.is_digit(radix)).and_then(|it| it.to_digit(radix))
        else {
            break;
        };
        number = Some(number.unwrap_or(0) * radix + digit);
    }
    number
}

/// Whether this is what browsers copy for Windows' cmd: `curl ^"https://...^" ^`.
fn is_cmd(command: &str) -> bool {
    command.contains(" ^\"") || command.contains("^\n") || command.contains("^\r\n")
}

/// Takes the escapes of cmd away: `^x` is `x`, and a line that ends with `^` goes on.
fn without_carets(command: &str) -> String {
    let command = command.replace("\r\n", "\n");
    let mut plain = String::with_capacity(command.len());
    let mut letters = command.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '^' => match letters.next() {
                Some('\n') | None => plain.push(' '),
                Some(escaped) => plain.push(escaped),
            },
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(command: &str) -> Vec<String> {
        split_words(command).unwrap()
    }

    #[test]
    fn words_are_what_a_shell_makes_of_them() {
        assert_eq!(words("a 'b c'\"d \\\" \\x\" \\\n  e\\ f # not this"), ["a", "b cd \" \\x", "e f"]);
        assert_eq!(words("curl '' x#y"), ["curl", "", "x#y"]);
        assert_eq!(words(r"$'it\'s \u00e4 \x41\t\101\n'"), ["it's ä A\tA\n"]);
        assert_eq!(split_words("curl 'open"), None);
        assert_eq!(split_words("curl $'open\\'"), None);
    }

    #[test]
    fn words_of_windows_are_read_too() {
        let command = "curl ^\"https://a.example/?x=1^&y=2^\" ^\r\n  -H ^\"accept: */*^\" ^\n  --data-raw ^\"^{^\\^\"a^\\^\":1^}^\"";
        let expected = ["curl", "https://a.example/?x=1&y=2", "-H", "accept: */*", "--data-raw", "{\"a\":1}"];
        assert_eq!(words(command), expected);
    }
}
