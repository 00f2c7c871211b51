//! What stands behind `|`, after `is` and before `(` in templates: the filters, tests and functions, as data.
//!
//! Nothing else is known to a template, so that a misspelt filter is a problem of the spec and not of a run.

mod chance;
mod encoding;
mod time;
mod transform;
mod words;

use minijinja::{Environment as Jinja, filters, functions, tests};

pub(super) use words::{UnknownWord, find_unknown_in_expression, find_unknown_word};

/// A filter, a test or a function of templates.
pub struct FilterDefinition {
    /// What stands in a template.
    pub name: &'static str,
    /// One line for people.
    pub doc: &'static str,
    /// A template that uses it.
    pub example: &'static str,
    /// What that becomes; empty where it is never the same.
    pub result: &'static str,
    add: fn(&mut Jinja<'static>, &'static str),
}

macro_rules! definitions {
    ($(#[$meta:meta])* $table:ident $method:ident: $($name:literal $doc:literal $example:literal => $result:literal, $function:expr;)*) => {
        $(#[$meta])*
        pub const $table: &[FilterDefinition] = &[$(
            FilterDefinition {
                name: $name,
                doc: $doc,
                example: $example,
                result: $result,
                add: |jinja, name| {
                    jinja.$method(name, $function);
                },
            },
        )*];
    };
}

definitions! {
    /// The filters: `{{ value | name }}`. The only source of what exists.
    FILTERS add_filter:
    "abs" "without its sign" "{{ -3 | abs }}" => "3", filters::abs;
    "base64" "base64 of a text (RFC 4648)" "{{ 'a b?' | base64 }}" => "YSBiPw==", encoding::write_base64;
    "base64_decode" "the text that base64 stands for" "{{ 'YSBiPw==' | base64_decode }}" => "a b?", encoding::read_base64;
    "base64url" "base64 for addresses, without padding" "{{ 'a b?>' | base64url }}" => "YSBiPz4", encoding::write_base64_url;
    "base64url_decode" "the text that base64 for addresses stands for" "{{ 'YSBiPz4' | base64url_decode }}" => "a b?>", encoding::read_base64_url;
    "capitalize" "the first letter in upper case, the others in lower case" "{{ 'tEA' | capitalize }}" => "Tea", filters::capitalize;
    "date" "a time by a strftime format; `%Y-%m-%d` where none is given" "{{ '2026-01-02T03:04:05Z' | date('%d.%m.%Y') }}" => "02.01.2026", time::write_date;
    "days_after_now" "whole days from now to a time to come" "{{ now | plus('49h') | days_after_now }}" => "", time::count_days_after_now;
    "days_before_now" "whole days from a time gone by to now" "{{ now | minus('49h') | days_before_now }}" => "", time::count_days_before_now;
    "default" "another value where there is none" "{{ env.NOT_SET | default('en') }}" => "en", filters::default;
    "escape" "a text for HTML" "{{ '<b>' | escape }}" => "&lt;b&gt;", encoding::write_html;
    "first" "the first item, or character" "{{ [1, 2] | first }}" => "1", filters::first;
    "float" "a number from a text" "{{ '1.5' | float }}" => "1.5", filters::float;
    "from_json" "the value that JSON stands for" "{{ ('{\"a\": 1}' | from_json).a }}" => "1", encoding::read_json;
    "hex" "the bytes of a text in hexadecimal digits" "{{ 'tea' | hex }}" => "746561", encoding::write_hex;
    "hmac_sha256" "HMAC with SHA-256 (RFC 2104), in hexadecimal digits" "{{ 'what do ya want for nothing?' | hmac_sha256('Jefe') }}" => "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", encoding::write_hmac;
    "int" "a whole number from a text" "{{ '42' | int + 1 }}" => "43", filters::int;
    "items" "names and values of a table, as pairs" "{{ {'a': 1} | items | first | last }}" => "1", filters::items;
    "join" "the items as one text" "{{ ['a', 'b'] | join(', ') }}" => "a, b", filters::join;
    "json" "the value as JSON" "{{ 'a \"b\"' | json }}" => "\"a \\\"b\\\"\"", encoding::write_json;
    "last" "the last item, or character" "{{ [1, 2] | last }}" => "2", filters::last;
    "length" "items of a list, characters of a text" "{{ 'tea' | length }}" => "3", filters::length;
    "list" "the items or characters as a list" "{{ 'ab' | list | json }}" => "[\"a\",\"b\"]", filters::list;
    "lower" "in lower case" "{{ 'Tea' | lower }}" => "tea", filters::lower;
    "map" "an attribute of each item, or a filter for each" "{{ [{'n': 1}, {'n': 2}] | map(attribute='n') | join('+') }}" => "1+2", filters::map;
    "max" "the largest item" "{{ [1, 3, 2] | max }}" => "3", filters::max;
    "min" "the smallest item" "{{ [3, 1, 2] | min }}" => "1", filters::min;
    "minus" "a time earlier by so much" "{{ '2026-01-02T03:04:05Z' | minus('2h') }}" => "2026-01-02T01:04:05Z", time::take_from_time;
    "plus" "a time later by so much" "{{ '2026-01-02T03:04:05Z' | plus('3d') | date }}" => "2026-01-05", time::add_to_time;
    "random" "one item of a list, one character of a text, or a number below this one" "{{ ['tea', 'tea'] | random }}" => "tea", chance::pick;
    "regex" "what a regular expression finds, its first group where it has one" "{{ '/lists/42/' | regex('lists/(\\\\d+)') }}" => "42", transform::find;
    "replace" "another text in place of each of these" "{{ 'a b c' | replace(' ', '-') }}" => "a-b-c", filters::replace;
    "replace_regex" "another text in place of all that a regular expression matches" "{{ 'a1b22' | replace_regex('\\\\d+', '#') }}" => "a#b#", transform::replace_matches;
    "reverse" "the other way round" "{{ 'abc' | reverse }}" => "cba", filters::reverse;
    "round" "to so many digits, or to a whole number" "{{ 2.46 | round(1) }}" => "2.5", filters::round;
    "sha256" "SHA-256 of a text, in hexadecimal digits" "{{ 'abc' | sha256 }}" => "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", encoding::write_sha256;
    "sort" "in ascending order" "{{ [3, 1, 2] | sort | join }}" => "123", filters::sort;
    "split" "a list of the parts between separators" "{{ ('a,b' | split(','))[1] }}" => "b", filters::split;
    "string" "the value as text" "{{ 42 | string | length }}" => "2", filters::string;
    "sum" "the sum of the items" "{{ [1, 2] | sum }}" => "3", filters::sum;
    "timestamp" "seconds since 1970 of a time" "{{ '1970-01-02T00:00:00Z' | timestamp }}" => "86400", time::write_timestamp;
    "title" "each word with a large letter" "{{ 'green tea' | title }}" => "Green Tea", filters::title;
    "to_date" "a time from a text by a strptime format, in UTC where it names no zone" "{{ '02.01.2026' | to_date('%d.%m.%Y') }}" => "2026-01-02T00:00:00Z", time::read_date;
    "trim" "without white space at its ends" "{{ ' tea ' | trim }}" => "tea", filters::trim;
    "unescape" "the text that HTML with character references stands for" "{{ '&lt;b&gt; &eacute;' | unescape }}" => "<b> é", encoding::read_html;
    "unique" "each item once" "{{ [1, 1, 2] | unique | join }}" => "12", filters::unique;
    "upper" "in upper case" "{{ 'tea' | upper }}" => "TEA", filters::upper;
    "url_param" "a parameter of an address" "{{ 'http://x/?a=1&b=2%203' | url_param('b') }}" => "2 3", encoding::read_url_parameter;
    "urldecode" "the text that `%20` and the like stand for" "{{ 'a%20b%26' | urldecode }}" => "a b&", encoding::read_percent;
    "urlencode" "a text, or a table of fields, for an address" "{{ 'a b&' | urlencode }}" => "a%20b%26", filters::urlencode;
}

definitions! {
    /// The tests: `when = "value is name"`. The only source of what exists.
    TESTS add_test:
    "defined" "there is a value" "{{ now is defined }}" => "true", tests::is_defined;
    "divisibleby" "can be divided without remainder" "{{ 6 is divisibleby(3) }}" => "true", tests::is_divisibleby;
    "endingwith" "ends with a text" "{{ 'tea' is endingwith('a') }}" => "true", tests::is_endingwith;
    "even" "an even number" "{{ 2 is even }}" => "true", tests::is_even;
    "false" "is false" "{{ false is false }}" => "true", tests::is_false;
    "in" "is an item, or a part of a text" "{{ 1 is in([1, 2]) }}" => "true", tests::is_in;
    "integer" "a whole number" "{{ 2 is integer }}" => "true", tests::is_integer;
    "mapping" "a table" "{{ {'a': 1} is mapping }}" => "true", tests::is_mapping;
    "none" "is null" "{{ none is none }}" => "true", tests::is_none;
    "number" "a number" "{{ 2.5 is number }}" => "true", tests::is_number;
    "odd" "an odd number" "{{ 3 is odd }}" => "true", tests::is_odd;
    "sequence" "a list" "{{ [1] is sequence }}" => "true", tests::is_sequence;
    "startingwith" "begins with a text" "{{ 'tea' is startingwith('t') }}" => "true", tests::is_startingwith;
    "string" "a text" "{{ 'tea' is string }}" => "true", tests::is_string;
    "true" "is true" "{{ true is true }}" => "true", tests::is_true;
    "undefined" "there is no value" "{{ env.NOT_SET is undefined }}" => "true", tests::is_undefined;
}

definitions! {
    /// The functions: `{{ name() }}`. The only source of what exists.
    FUNCTIONS add_function:
    "range" "a list of numbers" "{{ range(3) | join(',') }}" => "0,1,2", functions::range;
    "uuid" "a random UUID (RFC 9562, version 4)" "{{ uuid() }}" => "", chance::make_uuid;
}

/// Makes all of them known.
pub(super) fn add_all(jinja: &mut Jinja<'static>) {
    for definition in FILTERS.iter().chain(TESTS).chain(FUNCTIONS) {
        (definition.add)(jinja, definition.name);
    }
}

#[cfg(test)]
mod unit_tests {
    use super::*;
    use crate::evidence::Value;
    use crate::source::Span;
    use crate::spec::template::{Scope, Template};

    #[test]
    fn every_example_becomes_what_its_row_says() {
        let mut scope = Scope::default();
        scope.set_table("env", []);
        scope.set("now", &Value::text("2026-01-02T03:04:05.678Z"));
        for row in FILTERS.iter().chain(TESTS).chain(FUNCTIONS) {
            let template = Template::new(row.example, Span::default());
            assert!(row.example.contains(row.name), "{}", row.example);
            template.names().unwrap_or_else(|error| panic!("{}: {error}", row.example));
            let rendered = template.render(&scope).unwrap_or_else(|error| panic!("{}: {error}", row.example));
            assert!(row.result.is_empty() || rendered == row.result, "{} gives {rendered}", row.example);
        }
    }

    #[test]
    fn the_rows_are_in_order_and_unique() {
        for table in [FILTERS, TESTS, FUNCTIONS] {
            assert!(table.is_sorted_by(|one, next| one.name < next.name));
        }
    }
}
