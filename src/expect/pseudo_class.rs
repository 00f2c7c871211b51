//! What only a browser knows of an element: pseudo-classes of its state (Selectors Level 4, sections 8 to 13).

/// Pseudo-classes that a browser judges and that HTML alone does not tell.
const BROWSER_ONLY: &[&str] = &[
    "active",
    "any-link",
    "autofill",
    "checked",
    "default",
    "defined",
    "dir",
    "disabled",
    "enabled",
    "focus",
    "focus-visible",
    "focus-within",
    "fullscreen",
    "hover",
    "in-range",
    "indeterminate",
    "invalid",
    "lang",
    "link",
    "modal",
    "open",
    "optional",
    "out-of-range",
    "placeholder-shown",
    "popover-open",
    "read-only",
    "read-write",
    "required",
    "target",
    "user-invalid",
    "user-valid",
    "valid",
    "visited",
];

/// What stands in a selector for a pseudo-class that is left out: something that is always true.
const ANYTHING: &str = ":not(:not(*))";

/// The selector with each browser-only pseudo-class replaced by what is always true, and the first of them; none if
/// there is none.
pub(super) fn without_browser_only(selector: &str) -> Option<(String, &'static str)> {
    let mut rest = selector;
    let mut plain = String::with_capacity(selector.len());
    let mut first = None;
    let mut quote = None;
    while let Some(next) = rest.chars().next() {
        if let Some(name) = (quote.is_none() && next == ':').then(|| name_after_colon(rest)).flatten() {
            first.get_or_insert(name);
            plain.push_str(ANYTHING);
            rest = skip_argument(&rest[1 + name.len()..]);
            continue;
        }
        match quote {
            Some(open) if open == next => quote = None,
            None if matches!(next, '"' | '\'') => quote = Some(next),
            _ => {}
        }
        plain.push(next);
        rest = &rest[next.len_utf8()..];
    }
    Some((plain, first?))
}

/// The browser-only pseudo-class at the start of a text that begins with a colon.
fn name_after_colon(text: &str) -> Option<&'static str> {
    let after = &text[1..];
    let length = after.find(|one: char| !one.is_ascii_alphabetic() && one != '-').unwrap_or(after.len());
    BROWSER_ONLY.iter().copied().find(|known| known.eq_ignore_ascii_case(&after[..length]))
}

/// What follows the brackets of `:lang(en)`, or the whole text where there are none.
fn skip_argument(text: &str) -> &str {
    match text.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
        Some((_, rest)) => rest,
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_a_browser_knows_is_found_and_left_out() {
        let plain = without_browser_only;
        assert_eq!(plain("input:checked + b"), Some(("input:not(:not(*)) + b".to_owned(), "checked")));
        assert_eq!(plain("p:lang(en):hover"), Some(("p:not(:not(*)):not(:not(*))".to_owned(), "lang")));
        assert_eq!(plain("form:focus-within"), Some(("form:not(:not(*))".to_owned(), "focus-within")));
        assert_eq!(plain("a[title=':hover']"), None);
        assert_eq!(plain("li:first-child, li:unheard-of"), None);
    }
}
