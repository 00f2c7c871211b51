//! What a form control holds by itself: its default, brought into the form that its type asks for. Pure.

use scraper::ElementRef;

use super::forms::{live_elements, parent_element};

/// What a field holds.
#[derive(Debug)]
pub(super) enum State {
    Hidden(String),
    Text(String),
    Checkable { value: String, is_checked: bool, is_radio: bool },
    Select { choices: Vec<Choice>, is_multiple: bool },
    File,
    Button { value: String, is_image: bool },
}

/// One option of a `select`.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) is_selected: bool,
    pub(super) is_disabled: bool,
}

impl State {
    /// Which of several fields of one name a value is meant for: a box rather than the hidden field that stands for
    /// its absence. None for buttons.
    pub(super) fn rank(&self) -> Option<u8> {
        match self {
            Self::Button { .. } => None,
            Self::Hidden(_) => Some(0),
            Self::File => Some(1),
            Self::Text(_) => Some(2),
            Self::Select { .. } => Some(3),
            Self::Checkable { .. } => Some(4),
        }
    }
}

/// Reads a control with its default; none for a button that does not submit.
pub(super) fn read_state(element: ElementRef<'_>) -> Option<State> {
    let value = || element.attr("value").unwrap_or("").to_owned();
    Some(match element.value().name() {
        "textarea" => State::Text(element.text().collect()),
        "select" => read_select(element),
        "button" => match input_type(element).as_str() {
            "button" | "reset" => return None,
            _ => State::Button { value: value(), is_image: false },
        },
        _ => match input_type(element).as_str() {
            "button" | "reset" => return None,
            "submit" => {
                State::Button { value: element.attr("value").unwrap_or("Submit").to_owned(), is_image: false }
            }
            "image" => State::Button { value: value(), is_image: true },
            "hidden" => State::Hidden(value()),
            "file" => State::File,
            kind @ ("checkbox" | "radio") => State::Checkable {
                value: element.attr("value").unwrap_or("on").to_owned(),
                is_checked: element.attr("checked").is_some(),
                is_radio: kind == "radio",
            },
            _ => State::Text(sanitize(element, &value())),
        },
    })
}

/// The type of an `input` or `button`, in lower case; empty where none is given.
pub(super) fn input_type(element: ElementRef<'_>) -> String {
    element.attr("type").unwrap_or("").trim().to_ascii_lowercase()
}

/// The value sanitization algorithms of HTML, section 4.10.5.1, for the types that have a default or lose text.
pub(super) fn sanitize(element: ElementRef<'_>, text: &str) -> String {
    if element.value().name() == "textarea" {
        return text.to_owned();
    }
    let line = || text.replace(['\r', '\n'], "");
    let number = |value: &str| value.parse::<f64>().is_ok_and(f64::is_finite) && !value.starts_with('+');
    match input_type(element).as_str() {
        "email" | "url" => line().trim().to_owned(),
        "number" if !number(text) => String::new(),
        "range" if !number(text) => default_of_range(element),
        "color" if !is_color(text) => "#000000".to_owned(),
        "color" => text.to_ascii_lowercase(),
        _ => line(),
    }
}

fn is_color(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn default_of_range(element: ElementRef<'_>) -> String {
    let bound = |name: &str, otherwise: f64| {
        element.attr(name).and_then(|value| value.parse().ok()).unwrap_or(otherwise)
    };
    let minimum = bound("min", 0.0);
    let maximum = bound("max", 100.0);
    (if maximum < minimum { minimum } else { minimum + (maximum - minimum) / 2.0 }).to_string()
}

fn read_select(element: ElementRef<'_>) -> State {
    let mut choices: Vec<Choice> = live_elements(element)
        .filter(|option| option.value().name() == "option")
        .map(|option| {
            let text = option.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
            let in_group = parent_element(option).filter(|parent| parent.value().name() == "optgroup");
            Choice {
                value: option.attr("value").map_or_else(|| text.clone(), str::to_owned),
                label: text,
                is_selected: option.attr("selected").is_some(),
                is_disabled: option.attr("disabled").is_some()
                    || in_group.is_some_and(|group| group.attr("disabled").is_some()),
            }
        })
        .collect();
    let is_multiple = element.attr("multiple").is_some();
    if !is_multiple {
        let is_drop_down = element
            .attr("size")
            .and_then(|size| size.trim().parse::<u32>().ok())
            .is_none_or(|size| size <= 1);
        let chosen = choices.iter().rposition(|choice| choice.is_selected).or_else(|| {
            is_drop_down.then(|| choices.iter().position(|choice| !choice.is_disabled)).flatten()
        });
        for (position, choice) in choices.iter_mut().enumerate() {
            choice.is_selected = Some(position) == chosen;
        }
    }
    State::Select { choices, is_multiple }
}
