//! What to write instead, where a locator does not find exactly one element.

use serde_json::Value;

use super::probe::Suggestion;
use crate::verdict::StepError;

/// Adds lines that name the elements found, or those that were perhaps meant, so that each is the only one.
pub(in crate::run::browser) fn suggest(
    error: StepError,
    suggestions: &[Suggestion],
    kind: &str,
    value: &Value,
) -> StepError {
    let lines = suggestions.iter().map(|one| (write_line(kind, &one.locator, value), &one.tag));
    let told: Vec<String> = lines.map(|(line, tag)| format!("{line} for {tag}")).collect();
    match told.as_slice() {
        [] => error,
        [one] => error.help(format!("did you mean: {one}")),
        several => error.help(format!("write one of: {}", several.join("; "))),
    }
}

/// The line of a spec that does this with that element.
fn write_line(kind: &str, locator: &str, value: &Value) -> String {
    let locator = quote(locator);
    match (kind, value) {
        ("fill" | "select" | "upload", value) => format!("{kind} = {{ {locator} = {} }}", write_value(value)),
        ("check", Value::Bool(false)) => format!("uncheck = {locator}"),
        _ => format!("{kind} = {locator}"),
    }
}

fn write_value(value: &Value) -> String {
    match value {
        Value::String(text) => quote(text),
        Value::Array(items) => match items.as_slice() {
            [one] => write_value(one),
            items => format!("[{}]", items.iter().map(write_value).collect::<Vec<_>>().join(", ")),
        },
        other => other.to_string(),
    }
}

/// A TOML string that is easy to read: literal where the basic one would need escapes.
fn quote(text: &str) -> String {
    let needs_escapes =
        text.contains(['"', '\\']) && !text.contains(|one: char| one == '\'' || one.is_control());
    if needs_escapes { format!("'{text}'") } else { Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_is_toml_that_says_what_the_step_said() {
        assert_eq!(write_line("click", "#a", &Value::Null), "click = \"#a\"");
        assert_eq!(
            write_line("click", "role=button[name=\"a\"]", &Value::Null),
            "click = 'role=button[name=\"a\"]'"
        );
        assert_eq!(write_line("check", "#a", &json!(false)), "uncheck = \"#a\"");
        assert_eq!(write_line("fill", "#a", &json!("it's \"b\"")), "fill = { \"#a\" = \"it's \\\"b\\\"\" }");
        assert_eq!(write_line("select", "#a", &json!(["b"])), "select = { \"#a\" = \"b\" }");
        for line in ["x", "it's", "\"", "'\"\\", "line\nbreak"] {
            let written = write_line("fill", line, &json!(line));
            assert!(toml::from_str::<toml::Table>(&written).is_ok(), "{written}");
        }
    }
}
