//! The words of Hurl 8 and their counterparts: the one table that the translation, its tests and the reference share.

/// What a word of Hurl is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordKind {
    /// It says what is looked at.
    Query,
    /// It makes something else of that.
    Filter,
    /// It says what must be true.
    Predicate,
}

/// A query, a filter or a predicate of Hurl.
#[derive(Clone, Copy, Debug)]
pub struct HurlWord {
    /// What it is.
    pub kind: WordKind,
    /// As Hurl writes it.
    pub name: &'static str,
    /// How many values stand behind it.
    pub operands: usize,
    /// What stands for it in a spec; none where nothing does.
    pub counterpart: Option<&'static str>,
    /// Where the counterpart ends, or what to do where there is none; may be empty.
    pub remark: &'static str,
}

/// All words of Hurl 8.0.
pub const HURL_WORDS: &[HurlWord] = &[
    query("status", 0, "status", ""),
    query("version", 0, "http_version", "`\"2\"` is written `\"HTTP/2\"`"),
    query("url", 0, "url", ""),
    query("ip", 0, "address", ""),
    query("header", 1, "header.NAME", ""),
    query(
        "cookie",
        1,
        "cookie.NAME",
        "an attribute, `cookie \"a[Path]\"`, is looked for in `header.set-cookie`",
    ),
    query(
        "certificate",
        1,
        "a step `tls` with `issuer`, `names`, `days_left`",
        "the issuer, the alternative names and the expire date; nothing else of it",
    ),
    query("body", 0, "body", "what is compared with bytes becomes `sha256`"),
    query(
        "bytes",
        0,
        "body, size, sha256",
        "`count` is `size`; what is compared with bytes becomes `sha256`",
    ),
    query("xpath", 1, "xml.\"//PATH\"", ""),
    query("jsonpath", 1, "json.\"$.PATH\"", ""),
    query(
        "regex",
        1,
        "body.matches, or a capture with `pattern`",
        "compared with a text that stands in place of the group",
    ),
    query("duration", 0, "time", "milliseconds: `\"800ms\"`"),
    query("sha256", 0, "sha256", ""),
    query("redirects", 0, "redirects", "with `count`; nothing of a single hop"),
    nothing(WordKind::Query, "md5", 0, "`sha256` says the same and more"),
    nothing(WordKind::Query, "rawbytes", 0, "`body` and `size` are those of the decoded body"),
    nothing(
        WordKind::Query,
        "variable",
        1,
        "a variable is not looked at again; compare where it is captured",
    ),
    filter("count", 0, "SUBJECT.length", "in XPath `count()`, of bytes `size`, of redirects `redirects`"),
    filter("first", 0, "`[0]` in the path", "of `jsonpath` and `xpath`"),
    filter("last", 0, "`[-1]` in the path", "of `jsonpath` and `xpath`"),
    filter("nth", 1, "`[N]` in the path", "of `jsonpath` and `xpath`"),
    filter("jsonpath", 1, "json.\"$.PATH\"", "of the body; not of a text inside of JSON"),
    filter("xpath", 1, "xml.\"//PATH\"", "of the body"),
    filter("regex", 1, "`matches`, or `pattern` of a capture", ""),
    filter("urlQueryParam", 1, "`matches`, or `pattern` of a capture", ""),
    filter("daysAfterNow", 0, "days_left", "of the certificate's expire date"),
    filter("toInt", 0, "`one_of`, the number and its text", "with `==`"),
    filter("toFloat", 0, "`one_of`, the number and its text", "with `==`"),
    filter("toString", 0, "the value as it is", "with `==`"),
    filter("toHex", 0, "sha256", "of bytes, with `==`"),
    filter("base64Encode", 0, "sha256", "of bytes, with `==`"),
    filter("utf8Decode", 0, "body", "of bytes"),
    filter("charsetDecode", 1, "body", "of bytes; the charset is the one that the answer names"),
    filter("decode", 1, "body", "of bytes; the charset is the one that the answer names"),
    nothing(WordKind::Filter, "base64Decode", 0, ""),
    nothing(WordKind::Filter, "base64UrlSafeDecode", 0, ""),
    nothing(WordKind::Filter, "base64UrlSafeEncode", 0, ""),
    nothing(WordKind::Filter, "dateFormat", 1, ""),
    nothing(WordKind::Filter, "daysBeforeNow", 0, ""),
    nothing(WordKind::Filter, "format", 1, ""),
    nothing(WordKind::Filter, "htmlEscape", 0, "`text` and `element` are unescaped already"),
    nothing(WordKind::Filter, "htmlUnescape", 0, "`text` and `element` are unescaped already"),
    nothing(
        WordKind::Filter,
        "location",
        0,
        "a single hop is not looked at: `redirects = 1` stops there, then `header.location`",
    ),
    nothing(WordKind::Filter, "replace", 2, ""),
    nothing(WordKind::Filter, "replaceRegex", 2, ""),
    nothing(WordKind::Filter, "split", 1, "`matches` says much of what it is for"),
    nothing(WordKind::Filter, "toDate", 1, ""),
    nothing(WordKind::Filter, "urlDecode", 0, ""),
    nothing(WordKind::Filter, "urlEncode", 0, ""),
    nothing(WordKind::Filter, "utf8Encode", 0, ""),
    predicate("==", 1, "equals", "`null` is `type = \"null\"`"),
    predicate("!=", 1, "not", "not of `null`"),
    predicate(">", 1, "above", ""),
    predicate(">=", 1, "at_least", ""),
    predicate("<", 1, "below", ""),
    predicate("<=", 1, "at_most", ""),
    predicate("startsWith", 1, "starts_with", ""),
    predicate("endsWith", 1, "ends_with", ""),
    predicate("contains", 1, "contains", ""),
    predicate("includes", 1, "contains", ""),
    predicate("matches", 1, "matches", ""),
    predicate("exists", 0, "exists", ""),
    predicate("isEmpty", 0, "empty", ""),
    predicate("isBoolean", 0, "type = \"boolean\"", ""),
    predicate("isFloat", 0, "type = \"number\"", "true of integers too"),
    predicate("isInteger", 0, "type = \"integer\"", ""),
    predicate("isList", 0, "type = \"list\"", ""),
    predicate("isNumber", 0, "type = \"number\"", ""),
    predicate("isObject", 0, "type = \"table\"", ""),
    predicate("isString", 0, "type = \"text\"", ""),
    predicate("isIpv4", 0, "matches", ""),
    predicate("isIpv6", 0, "matches", ""),
    predicate("isIsoDate", 0, "matches", ""),
    predicate("isUuid", 0, "matches", ""),
    nothing(WordKind::Predicate, "isCollection", 0, "`type` knows `list` and `table`"),
    nothing(WordKind::Predicate, "isDate", 0, "values of a spec are no dates: `isIsoDate` has a counterpart"),
];

const fn query(
    name: &'static str,
    operands: usize,
    counterpart: &'static str,
    remark: &'static str,
) -> HurlWord {
    HurlWord { kind: WordKind::Query, name, operands, counterpart: Some(counterpart), remark }
}

const fn filter(
    name: &'static str,
    operands: usize,
    counterpart: &'static str,
    remark: &'static str,
) -> HurlWord {
    HurlWord { kind: WordKind::Filter, name, operands, counterpart: Some(counterpart), remark }
}

const fn predicate(
    name: &'static str,
    operands: usize,
    counterpart: &'static str,
    remark: &'static str,
) -> HurlWord {
    HurlWord { kind: WordKind::Predicate, name, operands, counterpart: Some(counterpart), remark }
}

const fn nothing(kind: WordKind, name: &'static str, operands: usize, remark: &'static str) -> HurlWord {
    HurlWord { kind, name, operands, counterpart: None, remark }
}

impl WordKind {
    /// The kind in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Filter => "filter",
            Self::Predicate => "predicate",
        }
    }
}

/// The table as Markdown, for the reference: what has a counterpart first, of each kind.
pub fn write_hurl_table() -> String {
    let mut table = String::from("| Hurl | | smokegate | |\n| --- | --- | --- | --- |\n");
    for has_counterpart in [true, false] {
        for word in HURL_WORDS.iter().filter(|word| word.counterpart.is_some() == has_counterpart) {
            let counterpart = word.counterpart.map_or_else(|| "none".to_owned(), as_code);
            let row = [&format!("`{}`", word.name), word.kind.name(), &counterpart, word.remark];
            table.extend(["| ", &row.join(" | "), " |\n"]);
        }
    }
    table
}

/// A key is code; a sentence with code in it stays as it is.
fn as_code(counterpart: &str) -> String {
    let is_sentence = counterpart.contains('`') || counterpart.contains(", ") || counterpart.contains(" or ");
    if is_sentence { counterpart.to_owned() } else { format!("`{counterpart}`") }
}

/// The row of a word.
pub(super) fn word_of(kind: WordKind, name: &str) -> Option<&'static HurlWord> {
    HURL_WORDS.iter().find(|word| word.kind == kind && word.name == name)
}

/// How many values stand behind a word; none where Hurl has no such word.
pub(super) fn operands_of(kind: WordKind, name: &str) -> Option<usize> {
    // A date is read without a format where none is given.
    word_of(kind, name).map(|word| word.operands)
}

/// Why a word cannot be carried over, where nothing stands for it.
pub(super) fn refusal_of(kind: WordKind, name: &str) -> Option<String> {
    let word = word_of(kind, name).filter(|word| word.counterpart.is_none())?;
    let remark = if word.remark.is_empty() { String::new() } else { format!(": {}", word.remark) };
    Some(format!("`{name}` has no counterpart{remark}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_stands_once_and_the_table_has_all() {
        let table = write_hurl_table();
        for (index, word) in HURL_WORDS.iter().enumerate() {
            let is_same = |other: &HurlWord| other.kind == word.kind && other.name == word.name;
            assert!(!HURL_WORDS[..index].iter().any(is_same), "{} stands twice", word.name);
        }
        assert_eq!(table.lines().count(), HURL_WORDS.len() + 2);
        assert!(table.contains("| `md5` | query | none | `sha256` says the same and more |\n"), "{table}");
        assert!(table.contains("| `==` | predicate | `equals` |"), "{table}");
        assert!(table.lines().all(|line| line.matches(" |").count() == 4), "{table}");
    }
}
