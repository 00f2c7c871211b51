//! The filters of templates: `{{ value | urlencode }}`.

use minijinja::value::ValueKind;
use minijinja::{Environment as Jinja, Error, ErrorKind, Value};

/// A filter of templates, with an example and what it gives.
#[derive(Clone, Copy, Debug)]
pub struct FilterDefinition {
    /// Its name.
    pub name: &'static str,
    /// One line for people.
    pub doc: &'static str,
    /// A template that uses it.
    pub example: &'static str,
    /// What the example becomes; none where that is another text each time.
    pub gives: Option<&'static str>,
}

/// The filters that the reference lists. Jinja's others are there too.
pub const FILTERS: &[FilterDefinition] = &[
    row(
        "urlencode",
        "as it stands in an address",
        "{{ 'tea & cake' | urlencode }}",
        Some("tea%20%26%20cake"),
    ),
    row(
        "json",
        "as JSON, quotation marks included",
        "{{ 'say \"yes\"' | json }}",
        Some("\"say \\\"yes\\\"\""),
    ),
    row(
        "date",
        "a time by a strftime format, `%Y-%m-%d` where none is given, in UTC",
        "{{ '2026-01-02T03:04:05Z' | date('%d.%m.%Y') }}",
        Some("02.01.2026"),
    ),
    row(
        "random",
        "for a number so many random lower-case letters and digits, for a list one of its items; new at each use",
        "{{ 8 | random }}",
        None,
    ),
    row("default", "another value where a text is empty", "{{ '' | default('none', true) }}", Some("none")),
    row("upper", "in capitals", "{{ 'abc' | upper }}", Some("ABC")),
    row("lower", "in small letters", "{{ 'ABC' | lower }}", Some("abc")),
    row("trim", "without white space at both ends", "{{ '  abc ' | trim }}", Some("abc")),
    row("replace", "with one part replaced by another", "{{ 'a/b' | replace('/', '-') }}", Some("a-b")),
    row("length", "how many characters or items", "{{ 'abc' | length }}", Some("3")),
    row("int", "as a whole number", "{{ '7' | int + 1 }}", Some("8")),
    row("float", "as a number", "{{ '1.5' | float * 2 }}", Some("3.0")),
    row("round", "rounded to a number of digits", "{{ 1.26 | round(1) }}", Some("1.3")),
    row("first", "the first item or character", "{{ ['a', 'b'] | first }}", Some("a")),
    row("last", "the last item or character", "{{ ['a', 'b'] | last }}", Some("b")),
    row("join", "items with a text between them", "{{ ['a', 'b'] | join(', ') }}", Some("a, b")),
    row("split", "the parts between a text, as a list", "{{ ('a/b' | split('/') | list)[1] }}", Some("b")),
];

const fn row(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    gives: Option<&'static str>,
) -> FilterDefinition {
    FilterDefinition { name, doc, example, gives }
}

/// Adds the filters that are our own.
pub(super) fn add_filters(jinja: &mut Jinja<'_>) {
    jinja.add_filter("json", write_json);
    jinja.add_filter("date", write_date);
    jinja.add_filter("random", choose_random);
}

fn refused(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail.into())
}

/// `{{ value | json }}`: the value as JSON, without the escapes that HTML would need.
fn write_json(value: &Value) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| refused("this value has no JSON form").with_source(error))
}

/// `{{ now | date("%Y-%m-%d") }}`: an RFC 3339 time by a `strftime` format; `%Y-%m-%d` where none is given.
fn write_date(value: &str, format: Option<&str>) -> Result<String, Error> {
    let time: jiff::Timestamp =
        value.parse().map_err(|_| refused(format!("{value:?} is no time as RFC 3339 writes it")))?;
    jiff::fmt::strtime::format(format.unwrap_or("%Y-%m-%d"), &time.to_zoned(jiff::tz::TimeZone::UTC))
        .map_err(|error| refused(error.to_string()))
}

/// The longest random text.
const LONGEST: usize = 1_000;

/// `{{ 8 | random }}`: eight letters and digits. `{{ ['a', 'b'] | random }}`: one of both.
fn choose_random(value: &Value) -> Result<Value, Error> {
    const SIGNS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    if let Some(length) = value.as_usize() {
        if length > LONGEST {
            return Err(refused(format!("a random text has at most {LONGEST} characters")));
        }
        let signs = std::iter::repeat_with(|| char::from(SIGNS[random_below(SIGNS.len())]));
        return Ok(Value::from(signs.take(length).collect::<String>()));
    }
    if value.kind() != ValueKind::Seq {
        return Err(refused("`random` takes a number or a list"));
    }
    let items: Vec<Value> = value.try_iter()?.collect();
    if items.is_empty() {
        return Err(refused("`random` takes a list with at least one item"));
    }
    Ok(items[random_below(items.len())].clone())
}

/// A number below `limit`, which is not 0. The bias of the division is far below what a test could see.
fn random_below(limit: usize) -> usize {
    let number = ulid::Ulid::generate().random() % limit as u128;
    usize::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;
    use crate::spec::{Scope, Template};

    #[test]
    fn every_filter_gives_what_its_row_says() {
        for filter in FILTERS {
            let rendered = Template::new(filter.example, Span::default()).render(&Scope::default());
            match (filter.gives, rendered) {
                (Some(gives), Ok(rendered)) => assert_eq!(rendered, gives, "{}", filter.example),
                (None, Ok(rendered)) => assert!(!rendered.is_empty(), "{}", filter.example),
                (_, Err(error)) => panic!("{}: {error}", filter.example),
            }
            assert!(filter.example.contains(&format!("| {}", filter.name)));
        }
    }

    #[test]
    fn random_texts_differ_and_random_items_come_from_the_list() {
        let render = |text: &str| Template::new(text, Span::default()).render(&Scope::default()).unwrap();
        let (first, second) = (render("{{ 12 | random }}"), render("{{ 12 | random }}"));
        assert_ne!(first, second);
        assert_eq!(first.len(), 12);
        assert!(["a", "b"].contains(&render("{{ ['a', 'b'] | random }}").as_str()));
        for wrong in ["{{ [] | random }}", "{{ 5000 | random }}", "{{ 'abc' | random }}"] {
            assert!(Template::new(wrong, Span::default()).render(&Scope::default()).is_err(), "{wrong}");
        }
    }
}
