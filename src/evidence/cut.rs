//! Where a text was cut, a secret may have been cut in two: what is left of it is hidden as well.

/// How we mark, in every text that we shorten, the place where something is left out.
pub const CUT_MARK: char = '…';

/// The fewest characters by which a part of a secret is known: fewer stand in too many words.
const FEWEST: usize = 4;

/// At most so many characters of a text, with the mark behind them where there were more.
pub fn shorten_to(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}{CUT_MARK}", &text[..end]),
        None => text.to_owned(),
    }
}

/// A secret, or a form of it, and what is shown in its place.
pub(super) type Hidden<'a> = (&'a str, &'a str);

/// Hides the parts of secrets that stand beside each mark of a cut, and at the end of the text where that is cut
/// too. None if there is nothing to hide.
pub(super) fn hide_cut_secrets(text: &str, ends_in_cut: bool, secrets: &[Hidden<'_>]) -> Option<String> {
    if !ends_in_cut && !text.contains(CUT_MARK) {
        return None;
    }
    let pieces: Vec<&str> = text.split(CUT_MARK).collect();
    let last = pieces.len() - 1;
    let hidden: Vec<String> = pieces
        .iter()
        .enumerate()
        .map(|(index, piece)| {
            let is_cut_behind = index < last || ends_in_cut;
            let piece = if index > 0 { hide_beginning(piece, secrets) } else { (*piece).to_owned() };
            if is_cut_behind { hide_end(&piece, secrets) } else { piece }
        })
        .collect();
    let hidden = hidden.join(&CUT_MARK.to_string());
    (hidden != text).then_some(hidden)
}

/// Replaces the longest first part of a secret with which a piece ends, but for white space.
fn hide_end(piece: &str, secrets: &[Hidden<'_>]) -> String {
    let kept = piece.trim_end();
    for whole in [piece, kept] {
        let found = secrets.iter().filter_map(|(secret, mask)| Some((longest_head(secret, whole)?, mask)));
        if let Some((length, mask)) = found.max_by_key(|(length, _)| *length) {
            return format!("{}{mask}{}", &whole[..whole.len() - length], &piece[whole.len()..]);
        }
    }
    piece.to_owned()
}

/// Replaces the longest last part of a secret with which a piece begins, but for white space.
fn hide_beginning(piece: &str, secrets: &[Hidden<'_>]) -> String {
    for whole in [piece, piece.trim_start()] {
        let found = secrets.iter().filter_map(|(secret, mask)| Some((longest_tail(secret, whole)?, mask)));
        if let Some((length, mask)) = found.max_by_key(|(length, _)| *length) {
            return format!("{}{mask}{}", &piece[..piece.len() - whole.len()], &whole[length..]);
        }
    }
    piece.to_owned()
}

/// Bytes of the longest beginning of the secret that the text ends with; none if it is too short to be known.
fn longest_head(secret: &str, text: &str) -> Option<usize> {
    let ends = secret.char_indices().map(|(end, _)| end).skip(FEWEST);
    ends.filter(|end| text.ends_with(&secret[..*end])).last()
}

/// Bytes of the longest end of the secret that the text begins with; none if it is too short to be known.
fn longest_tail(secret: &str, text: &str) -> Option<usize> {
    let starts = secret.char_indices().map(|(start, _)| start).skip(1);
    let fits = |start: &usize| secret[*start..].chars().nth(FEWEST - 1).is_some();
    starts.filter(fits).find(|start| text.starts_with(&secret[*start..])).map(|start| secret.len() - start)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRETS: &[Hidden<'_>] = &[("hunter2-and-more", "<H>"), ("pässwörter", "<P>")];

    fn hide(text: &str, ends_in_cut: bool) -> String {
        hide_cut_secrets(text, ends_in_cut, SECRETS).unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn the_beginning_of_a_secret_before_a_cut_is_hidden() {
        assert_eq!(hide("key=hunter2-a", true), "key=<H>");
        assert_eq!(hide("key=hunter2- … (900 characters)", false), "key=<H> … (900 characters)");
        assert_eq!(hide("key=päss…", false), "key=<P>…");
    }

    #[test]
    fn the_end_of_a_secret_after_a_cut_is_hidden() {
        assert_eq!(hide("… and-more, he said", false), "… <H>, he said");
        assert_eq!(hide("…örter", false), "…<P>");
    }

    #[test]
    fn too_little_to_know_and_text_that_is_whole_stay_as_they_are() {
        assert_eq!(hide("key=hun", true), "key=hun");
        assert_eq!(hide("key=hunter2-a", false), "key=hunter2-a");
        assert_eq!(hide("…ore", false), "…ore");
    }
}
