//! Forms in a page: which there are, and which elements belong to them (HTML, section 4.10.17.3). Pure.

use std::fmt::Write as _;

use scraper::{ElementRef, Html};

use crate::evidence::Cause;
use crate::expect::{Locator, select};

/// A form and its controls.
#[derive(Clone, Debug)]
pub(super) struct Form<'a> {
    /// The `<form>`.
    pub(super) element: ElementRef<'a>,
    /// Its listed elements in tree order: `input`, `button`, `select`, `textarea`.
    pub(super) controls: Vec<ElementRef<'a>>,
}

/// Finds the form that a locator names: the form itself or an element that belongs to it.
pub(super) fn find_form<'a>(html: &'a Html, locator: &Locator) -> Result<Form<'a>, Cause> {
    let Some(named) = select(html, locator) else {
        return Err(missing(match locator.browser_only() {
            Some(name) => format!("only a browser can judge `:{name}`"),
            None => "the expression of xpath= finds no elements: a text, a number or a boolean".to_owned(),
        }));
    };
    let mut found: Vec<ElementRef<'a>> = Vec::new();
    for element in &named {
        if let Some(form) = find_owner(html, *element)
            && !found.contains(&form)
        {
            found.push(form);
        }
    }
    match found.as_slice() {
        [form] => Ok(Form { element: *form, controls: list_controls(html, *form) }),
        [] if named.is_empty() => {
            Err(missing(format!("no form matches {locator}: {}", describe_forms(&list_forms(html)))))
        }
        [] => Err(missing(format!(
            "{locator} is in no form: {} matches; {}",
            describe_element(named[0]),
            describe_forms(&list_forms(html))
        ))),
        several => Err(missing(format!(
            "{locator} matches {} forms, and one is needed: {}",
            several.len(),
            describe_all(several)
        ))),
    }
}

/// An element's start tag with the attributes by which people know it.
pub(super) fn describe_element(element: ElementRef<'_>) -> String {
    let mut text = format!("<{}", element.value().name());
    for name in ["id", "name", "type", "action", "class"] {
        if let Some(value) = element.attr(name) {
            // Writing into a `String` cannot fail.
            let _ = write!(text, " {name}={value:?}");
        }
    }
    text.push('>');
    text
}

pub(super) fn missing(detail: String) -> Cause {
    Cause::Form { detail }
}

/// The elements inside another, in tree order; the content of templates is left out.
pub(super) fn live_elements(root: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    root.descendants()
        .filter_map(ElementRef::wrap)
        .filter(|element| ancestors(*element).all(|ancestor| ancestor.value().name() != "template"))
}

/// The elements around another, innermost first.
pub(super) fn ancestors(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    element.ancestors().filter_map(ElementRef::wrap)
}

/// The element directly around another.
pub(super) fn parent_element(element: ElementRef<'_>) -> Option<ElementRef<'_>> {
    element.parent().and_then(ElementRef::wrap)
}

/// The forms of a page in document order.
pub(super) fn list_forms(html: &Html) -> Vec<ElementRef<'_>> {
    live_elements(html.root_element()).filter(|element| element.value().name() == "form").collect()
}

fn describe_forms(forms: &[ElementRef<'_>]) -> String {
    if forms.is_empty() {
        "the page has no form".to_owned()
    } else {
        format!("the page has {}", describe_all(forms))
    }
}

fn describe_all(elements: &[ElementRef<'_>]) -> String {
    elements.iter().map(|element| describe_element(*element)).collect::<Vec<_>>().join(", ")
}

/// The controls that belong to a form, in tree order.
pub(super) fn list_controls<'a>(html: &'a Html, form: ElementRef<'a>) -> Vec<ElementRef<'a>> {
    live_elements(html.root_element())
        .filter(|element| is_control(*element) && find_owner(html, *element) == Some(form))
        .collect()
}

fn is_control(element: ElementRef<'_>) -> bool {
    matches!(element.value().name(), "input" | "button" | "select" | "textarea")
}

/// The form that an element is or belongs to.
fn find_owner<'a>(html: &'a Html, element: ElementRef<'a>) -> Option<ElementRef<'a>> {
    if element.value().name() == "form" {
        return Some(element);
    }
    if let Some(id) = element.attr("form").filter(|_| is_control(element)) {
        return list_forms(html).into_iter().find(|form| form.attr("id") == Some(id));
    }
    ancestors(element).find(|ancestor| ancestor.value().name() == "form").or_else(|| find_table_form(element))
}

/// A form that begins between the rows of a table holds nothing once the parser has put the table right; what
/// follows in that table belongs to it nevertheless (HTML, section 13.2.6.4.9: the form element pointer).
fn find_table_form(element: ElementRef<'_>) -> Option<ElementRef<'_>> {
    let table = ancestors(element).find(|ancestor| ancestor.value().name() == "table")?;
    let mut last = None;
    for inside in live_elements(table) {
        if inside == element {
            return last;
        }
        let in_rows = || parent_element(inside).is_some_and(|parent| is_row_context(parent.value().name()));
        if inside.value().name() == "form" && in_rows() {
            last = Some(inside);
        }
    }
    None
}

fn is_row_context(name: &str) -> bool {
    matches!(name, "table" | "thead" | "tbody" | "tfoot" | "tr")
}
