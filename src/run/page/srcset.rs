//! `srcset` (HTML, section 4.8.4.2.2, "parse a srcset attribute"). Pure.

/// The addresses of an attribute's candidates, in order.
pub(super) fn read_srcset(value: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = value;
    loop {
        rest = rest.trim_start_matches(|character: char| character.is_ascii_whitespace() || character == ',');
        if rest.is_empty() {
            return found;
        }
        let end = rest.find(|character: char| character.is_ascii_whitespace()).unwrap_or(rest.len());
        let (address, after) = rest.split_at(end);
        let bare = address.trim_end_matches(',');
        if !bare.is_empty() {
            found.push(bare);
        }
        rest = if bare.len() < address.len() { after } else { skip_descriptors(after) };
    }
}

/// What follows the comma after a candidate's descriptors; commas in parentheses do not end them.
fn skip_descriptors(text: &str) -> &str {
    let mut depth = 0_usize;
    for (position, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => return &text[position + 1..],
            _ => {}
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::read_srcset;

    #[test]
    fn reads_candidates_with_and_without_descriptors() {
        let cases: &[(&str, &[&str])] = &[
            ("a.png 1x, b.png 2x", &["a.png", "b.png"]),
            ("a.png, b.png", &["a.png", "b.png"]),
            ("a.png,", &["a.png"]),
            ("/w,100/a.png 100w,/w,200/a.png 200w", &["/w,100/a.png", "/w,200/a.png"]),
            ("data:image/png;base64,AA== 1x, b.png", &["data:image/png;base64,AA==", "b.png"]),
            ("a.png odd(1,2) 1x, b.png", &["a.png", "b.png"]),
            ("  ", &[]),
        ];
        for (value, addresses) in cases {
            assert_eq!(read_srcset(value), *addresses, "{value}");
        }
    }
}
