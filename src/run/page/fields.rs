//! A form's fields, filled in as a visitor would, and the entries that they give (HTML, section 4.10.21.4,
//! "constructing the entry list"). Pure.

use scraper::ElementRef;

use super::field_state::{State, input_type, read_state, sanitize};
use super::forms::{Form, ancestors, describe_element, missing};
use crate::evidence::Cause;
use crate::source::nearest;

/// One control of a form with its state.
#[derive(Debug)]
struct Field<'a> {
    element: ElementRef<'a>,
    name: &'a str,
    state: State,
}

/// A form's fields in tree order; disabled ones and those inside a `datalist` are left out.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    fields: Vec<Field<'a>>,
    disabled: Vec<&'a str>,
}

/// What a field sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The field's name.
    pub(super) name: String,
    /// Its value; empty for a file.
    pub(super) value: String,
    /// Whether it is a file field where no file was chosen.
    pub(super) is_file: bool,
}

impl<'a> Fields<'a> {
    /// Reads the fields with their defaults.
    pub(super) fn read(form: &Form<'a>) -> Self {
        let mut fields = Vec::new();
        let mut disabled = Vec::new();
        for element in &form.controls {
            let name = element.attr("name").unwrap_or("");
            if is_disabled(*element) {
                disabled.push(name);
            } else if ancestors(*element).all(|ancestor| ancestor.value().name() != "datalist")
                && let Some(state) = read_state(*element)
            {
                fields.push(Field { element: *element, name, state });
            }
        }
        let mut read = Self { fields, disabled };
        read.keep_last_radio();
        read
    }

    /// Fills in values by name. A name may repeat, for several boxes, options or inputs of one name.
    pub(super) fn fill(&mut self, values: &[(String, String)]) -> Result<(), Cause> {
        let mut done: Vec<&str> = Vec::new();
        for (name, _) in values {
            if done.contains(&name.as_str()) {
                continue;
            }
            done.push(name);
            let of_name: Vec<&str> =
                values.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect();
            self.fill_one(name, &of_name)?;
        }
        Ok(())
    }

    /// The entries that are sent when this button is pressed.
    pub(super) fn entries(&self, button: Option<ElementRef<'_>>, charset: &str) -> Vec<Entry> {
        let mut entries = Vec::new();
        for field in &self.fields {
            let is_pressed = button == Some(field.element);
            field.add_entries(is_pressed, charset, &mut entries);
        }
        entries
    }

    fn fill_one(&mut self, name: &str, values: &[&str]) -> Result<(), Cause> {
        let rank = self
            .fields
            .iter()
            .filter(|field| field.name == name)
            .filter_map(|field| field.state.rank())
            .max();
        let Some(rank) = rank else { return Err(self.no_such_field(name)) };
        let mut fields: Vec<&mut Field<'a>> = self
            .fields
            .iter_mut()
            .filter(|field| field.name == name && field.state.rank() == Some(rank))
            .collect();
        match &fields[0].state {
            State::File => {
                Err(missing(format!("the field {name:?} takes a file, which submit cannot fill in")))
            }
            State::Checkable { .. } => check(name, &mut fields, values),
            State::Select { .. } => choose(name, &mut fields[0].state, values),
            _ if values.len() > fields.len() => Err(missing(format!(
                "{} values are given for {name:?}, and the form has {} such fields",
                values.len(),
                fields.len()
            ))),
            _ => {
                for (field, value) in fields.iter_mut().zip(values) {
                    field.set_text(value);
                }
                Ok(())
            }
        }
    }

    fn no_such_field(&self, name: &str) -> Cause {
        if self.disabled.contains(&name) {
            return missing(format!("the field {name:?} is disabled"));
        }
        let mut names: Vec<&str> = Vec::new();
        for field in &self.fields {
            if field.state.rank().is_some() && !field.name.is_empty() && !names.contains(&field.name) {
                names.push(field.name);
            }
        }
        let meant = nearest(name, names.iter().copied()).map(|word| format!(": did you mean {word:?}?"));
        missing(format!(
            "the form has no field {name:?}{} it has {}",
            meant.as_deref().unwrap_or(";"),
            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
        ))
    }

    /// Of the radio buttons of one name, the last that is checked is the one.
    fn keep_last_radio(&mut self) {
        let mut taken: Vec<&str> = Vec::new();
        for field in self.fields.iter_mut().rev() {
            if let State::Checkable { is_checked, is_radio: true, .. } = &mut field.state
                && *is_checked
                && !field.name.is_empty()
            {
                *is_checked = !taken.contains(&field.name);
                taken.push(field.name);
            }
        }
    }
}

impl Field<'_> {
    fn set_text(&mut self, text: &str) {
        match &mut self.state {
            State::Hidden(value) => text.clone_into(value),
            State::Text(value) => *value = sanitize(self.element, text),
            _ => {}
        }
    }

    fn add_entries(&self, is_pressed: bool, charset: &str, entries: &mut Vec<Entry>) {
        let mut add = |name: &str, value: &str| {
            entries.push(Entry { name: name.to_owned(), value: value.to_owned(), is_file: false });
        };
        if let State::Button { is_image: true, .. } = self.state {
            if is_pressed {
                let prefix = if self.name.is_empty() { String::new() } else { format!("{}.", self.name) };
                add(&format!("{prefix}x"), "0");
                add(&format!("{prefix}y"), "0");
            }
            return;
        }
        if self.name.is_empty() {
            return;
        }
        match &self.state {
            State::Hidden(_) if self.name.eq_ignore_ascii_case("_charset_") => add(self.name, charset),
            State::Hidden(value) | State::Checkable { value, is_checked: true, .. } => add(self.name, value),
            State::Text(value) => {
                add(self.name, value);
                if let Some(direction) = self.element.attr("dirname").filter(|name| !name.is_empty()) {
                    add(direction, "ltr");
                }
            }
            State::Button { value, .. } if is_pressed => add(self.name, value),
            State::Select { choices, .. } => {
                for choice in choices.iter().filter(|choice| choice.is_selected && !choice.is_disabled) {
                    add(self.name, &choice.value);
                }
            }
            State::File => {
                entries.push(Entry { name: self.name.to_owned(), value: String::new(), is_file: true });
            }
            State::Checkable { .. } | State::Button { .. } => {}
        }
    }
}

fn check(name: &str, fields: &mut [&mut Field<'_>], values: &[&str]) -> Result<(), Cause> {
    for field in fields.iter_mut() {
        if let State::Checkable { is_checked, .. } = &mut field.state {
            *is_checked = false;
        }
    }
    for wanted in values.iter().filter(|value| !value.is_empty()) {
        let mut known = Vec::new();
        let mut is_found = false;
        for field in fields.iter_mut() {
            if let State::Checkable { value, is_checked, .. } = &mut field.state {
                known.push(format!("{value:?}"));
                if !is_found && value == wanted && !*is_checked {
                    *is_checked = true;
                    is_found = true;
                }
            }
        }
        if !is_found {
            return Err(missing(format!("{name:?} cannot be {wanted:?}; it has {}", known.join(", "))));
        }
    }
    Ok(())
}

fn choose(name: &str, state: &mut State, values: &[&str]) -> Result<(), Cause> {
    let State::Select { choices, is_multiple } = state else { return Ok(()) };
    if values.len() > 1 && !*is_multiple {
        return Err(missing(format!("{name:?} takes one option, and {} are given", values.len())));
    }
    for choice in choices.iter_mut() {
        choice.is_selected = false;
    }
    for wanted in values {
        let by_value = choices.iter().position(|choice| !choice.is_disabled && choice.value == *wanted);
        let by_label = || choices.iter().position(|choice| !choice.is_disabled && choice.label == *wanted);
        match by_value.or_else(by_label) {
            Some(position) => choices[position].is_selected = true,
            None if wanted.is_empty() && *is_multiple => {}
            None => {
                let known: Vec<String> = choices.iter().map(|choice| format!("{:?}", choice.value)).collect();
                return Err(missing(format!("{name:?} cannot be {wanted:?}; it has {}", known.join(", "))));
            }
        }
    }
    Ok(())
}

/// Whether an element is a button that submits.
pub(super) fn is_submit_button(element: ElementRef<'_>) -> bool {
    let kind = input_type(element);
    match element.value().name() {
        "button" => !matches!(kind.as_str(), "button" | "reset"),
        "input" => matches!(kind.as_str(), "submit" | "image"),
        _ => false,
    }
}

/// HTML, section 4.10.19.5: by itself, or by a `fieldset` around it unless it stands in that one's first legend.
pub(super) fn is_disabled(element: ElementRef<'_>) -> bool {
    if element.attr("disabled").is_some() {
        return true;
    }
    let mut inside = element;
    for ancestor in ancestors(element) {
        if ancestor.value().name() == "fieldset" && ancestor.attr("disabled").is_some() {
            let first_legend = ancestor.child_elements().find(|child| child.value().name() == "legend");
            if first_legend != Some(inside) {
                return true;
            }
        }
        inside = ancestor;
    }
    false
}

/// The buttons of a form for a message.
pub(super) fn describe_buttons(buttons: &[ElementRef<'_>]) -> String {
    if buttons.is_empty() {
        return "the form has no submit button".to_owned();
    }
    let described: Vec<String> = buttons.iter().map(|button| describe_element(*button)).collect();
    format!("the form has {}", described.join(", "))
}
