//! Names of keys, as the UI Events standard has them, and the characters that WebDriver knows them by.

/// A name, and its code point (W3C WebDriver, section 15.4.2, "normalised key value").
const KEYS: &[(&str, char)] = &[
    ("Alt", '\u{E00A}'),
    ("ArrowDown", '\u{E015}'),
    ("ArrowLeft", '\u{E012}'),
    ("ArrowRight", '\u{E014}'),
    ("ArrowUp", '\u{E013}'),
    ("Backspace", '\u{E003}'),
    ("Control", '\u{E009}'),
    ("Delete", '\u{E017}'),
    ("End", '\u{E010}'),
    ("Enter", '\u{E007}'),
    ("Escape", '\u{E00C}'),
    ("F1", '\u{E031}'),
    ("F2", '\u{E032}'),
    ("F3", '\u{E033}'),
    ("F4", '\u{E034}'),
    ("F5", '\u{E035}'),
    ("F6", '\u{E036}'),
    ("F7", '\u{E037}'),
    ("F8", '\u{E038}'),
    ("F9", '\u{E039}'),
    ("F10", '\u{E03A}'),
    ("F11", '\u{E03B}'),
    ("F12", '\u{E03C}'),
    ("Home", '\u{E011}'),
    ("Insert", '\u{E016}'),
    ("Meta", '\u{E03D}'),
    ("PageDown", '\u{E00F}'),
    ("PageUp", '\u{E00E}'),
    ("Shift", '\u{E008}'),
    ("Space", ' '),
    ("Tab", '\u{E004}'),
];

/// The names of all keys that are no characters.
pub fn key_names() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|(name, _)| *name)
}

/// A key or a chord, as `Enter`, `a` or `Control+Shift+k`: the keys in the order in which they go down.
///
/// # Errors
/// The part that is neither a character nor the name of a key.
pub fn parse_chord(text: &str) -> Result<Vec<char>, String> {
    let (modifiers, last) = match text.strip_suffix('+') {
        // The plus key itself.
        Some(before) => (before.strip_suffix('+').unwrap_or(""), "+"),
        None => text.rsplit_once('+').unwrap_or(("", text)),
    };
    let names = modifiers.split('+').filter(|name| !name.is_empty()).chain([last]);
    names.map(parse_key).collect()
}

fn parse_key(name: &str) -> Result<char, String> {
    let mut characters = name.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        return Ok(only);
    }
    let key = KEYS.iter().find(|(known, _)| *known == name);
    key.map(|(_, character)| *character).ok_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_keys_characters_and_chords() {
        assert_eq!(parse_chord("Enter"), Ok(vec!['\u{E007}']));
        assert_eq!(parse_chord("a"), Ok(vec!['a']));
        assert_eq!(parse_chord("Control+Shift+k"), Ok(vec!['\u{E009}', '\u{E008}', 'k']));
        assert_eq!(parse_chord("+"), Ok(vec!['+']));
        assert_eq!(parse_chord("Control++"), Ok(vec!['\u{E009}', '+']));
        assert_eq!(parse_chord("Control+Entr"), Err("Entr".to_owned()));
    }
}
