//! What a page offers a visitor: where its links lead, and its forms. Pure.

use scraper::{ElementRef, Html};
use url::Url;

use super::discover::base_address;
use super::fields::{is_disabled, is_submit_button};
use super::forms::{Form, list_controls, list_forms, live_elements};
use crate::expect::{Locator, select};

/// What a page offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageOutline {
    /// The text of its first `<h1>`, white space folded; empty where there is none.
    pub heading: String,
    /// Where its links lead: absolute, without fragments, each once, in document order.
    pub links: Vec<Url>,
    /// Its forms in document order; those without fields are left out.
    pub forms: Vec<FormOutline>,
}

/// A form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormOutline {
    /// A CSS selector that matches it alone; none where there is none that would last.
    pub selector: Option<String>,
    /// Where it is sent.
    pub action: Url,
    /// Whether it asks (`GET`) and does not write.
    pub is_get: bool,
    /// Its fields with a name, in document order; buttons are left out.
    pub fields: Vec<FieldOutline>,
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldOutline {
    /// Its name.
    pub name: String,
    /// The type of an input in lower case (`text` where none is given), `textarea` or `select`.
    pub kind: String,
    /// What it holds by itself; of a `select` its first option with a value.
    pub value: String,
    /// Whether the browser asks for a value.
    pub is_required: bool,
}

/// Reads a page that came from `address`.
pub fn read_outline(text: &str, address: &Url) -> PageOutline {
    let html = Html::parse_document(text);
    let base = base_address(&html, address);
    PageOutline {
        heading: first_heading(&html),
        links: list_links(&html, &base),
        forms: list_forms(&html)
            .into_iter()
            .filter_map(|form| read_form(&html, form, address, &base))
            .filter(|form| !form.fields.is_empty())
            .collect(),
    }
}

fn first_heading(html: &Html) -> String {
    let heading = live_elements(html.root_element()).find(|element| element.value().name() == "h1");
    heading.map(folded_text).unwrap_or_default()
}

fn folded_text(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn list_links(html: &Html, base: &Url) -> Vec<Url> {
    let mut links: Vec<Url> = Vec::new();
    for element in live_elements(html.root_element()) {
        let is_link = matches!(element.value().name(), "a" | "area") && element.attr("download").is_none();
        let Some(href) = element.attr("href").filter(|_| is_link) else { continue };
        let Ok(mut url) = base.join(href.trim()) else { continue };
        url.set_fragment(None);
        if matches!(url.scheme(), "http" | "https") && !links.contains(&url) {
            links.push(url);
        }
    }
    links
}

fn read_form(html: &Html, form: ElementRef<'_>, address: &Url, base: &Url) -> Option<FormOutline> {
    let method = form.attr("method").unwrap_or("").to_ascii_lowercase();
    let action = match form.attr("action").unwrap_or("").trim() {
        "" => address.clone(),
        action => base.join(action).ok()?,
    };
    if method == "dialog" || !matches!(action.scheme(), "http" | "https") {
        return None;
    }
    let form = Form { element: form, controls: list_controls(html, form) };
    Some(FormOutline {
        selector: find_selector(html, &form),
        action,
        is_get: method != "post",
        fields: form.controls.iter().filter_map(|control| read_field(*control)).collect(),
    })
}

fn read_field(control: ElementRef<'_>) -> Option<FieldOutline> {
    let name = control.attr("name").filter(|name| !name.is_empty())?;
    let tag = control.value().name();
    if is_disabled(control) || is_submit_button(control) || tag == "button" {
        return None;
    }
    let (kind, value) = match tag {
        "textarea" => ("textarea".to_owned(), control.text().collect()),
        "select" => ("select".to_owned(), first_option(control)),
        _ => {
            let kind = control.attr("type").unwrap_or("text").trim().to_ascii_lowercase();
            (kind, control.attr("value").unwrap_or("").to_owned())
        }
    };
    if matches!(kind.as_str(), "reset" | "image") {
        return None;
    }
    let is_required = control.attr("required").is_some();
    Some(FieldOutline { name: name.to_owned(), kind, value, is_required })
}

/// The first option that says something: the one before it often asks to choose.
fn first_option(select: ElementRef<'_>) -> String {
    let options = live_elements(select).filter(|element| element.value().name() == "option");
    let values =
        options.map(|option| option.attr("value").map_or_else(|| folded_text(option), str::to_owned));
    values.into_iter().find(|value| !value.is_empty()).unwrap_or_default()
}

/// A selector by what a form keeps from one release to the next: its id, its name, its action, that it is the only one
/// with a certain field.
fn find_selector(html: &Html, form: &Form<'_>) -> Option<String> {
    let element = form.element;
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let by = |name: &str| element.attr(name).map(|value| format!("form[{name}={}]", quoted(value)));
    let id = element.attr("id").filter(|id| is_plain_name(id)).map(|id| format!("form#{id}"));
    let field = form
        .controls
        .iter()
        .filter(|control| control.attr("type") != Some("hidden"))
        .find_map(|control| control.attr("name"))
        .map(|name| format!("form:has([name={}])", quoted(name)));
    [id, by("id"), by("name"), by("action"), field, Some("form".to_owned())]
        .into_iter()
        .flatten()
        .find(|selector| matches_only(html, selector, element))
}

fn is_plain_name(name: &str) -> bool {
    name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_')
}

fn matches_only(html: &Html, selector: &str, form: ElementRef<'_>) -> bool {
    let Ok(locator) = Locator::parse(selector) else { return false };
    matches!(select(html, &locator).as_deref(), Some([found]) if *found == form)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(text: &str) -> PageOutline {
        read_outline(text, &Url::parse("https://a.example/shop/").unwrap())
    }

    #[test]
    fn links_are_absolute_and_each_is_there_once() {
        let page = outline(
            "<h1> Tea \n shop</h1><a href=tea>1</a><a href='tea#top'>2</a><a href='mailto:x@y.z'>3</a>\
             <a href=/x download>4</a><a>5</a><map><area href='//b.example/'></map>",
        );
        assert_eq!(page.heading, "Tea shop");
        let links: Vec<&str> = page.links.iter().map(Url::as_str).collect();
        assert_eq!(links, ["https://a.example/shop/tea", "https://b.example/"]);
    }

    #[test]
    fn forms_are_told_apart_by_what_lasts() {
        let page = outline(
            "<form id=first><input name=a></form><form action=/b><input name=b required></form>\
             <form action=/b method=POST><input type=hidden name=t value=1><textarea name=c>x</textarea>\
             <select name=d><option value=''>choose<option>one</select><input type=submit name=s>\
             <input name=off disabled></form><form><button name=x>y</button></form>\
             <form method=dialog><input name=z></form>",
        );
        let selectors: Vec<_> = page.forms.iter().map(|form| form.selector.as_deref()).collect();
        let expected = [Some("form#first"), Some("form:has([name=\"b\"])"), Some("form:has([name=\"c\"])")];
        assert_eq!(selectors, expected);
        let last = &page.forms[2];
        assert!(!last.is_get && page.forms[0].is_get && page.forms[1].fields[0].is_required);
        assert_eq!(last.action.as_str(), "https://a.example/b");
        let fields: Vec<_> = last
            .fields
            .iter()
            .map(|field| (field.name.as_str(), field.kind.as_str(), field.value.as_str()))
            .collect();
        assert_eq!(fields, [("t", "hidden", "1"), ("c", "textarea", "x"), ("d", "select", "one")]);
        assert_eq!(page.forms[0].action.as_str(), "https://a.example/shop/");
    }
}
