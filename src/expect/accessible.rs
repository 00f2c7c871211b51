//! Roles, names and states of elements as assistive technology is told them, as far as HTML alone says it.
//!
//! Roles after HTML-AAM 1.0, names after "Accessible Name and Description Computation 1.2": `aria-labelledby`,
//! `aria-label`, the language's own way (`<label>`, `alt`, `value`, `<caption>`, `<legend>`, `<figcaption>`), the
//! content where the role allows it, `title`, `placeholder`.

use scraper::{ElementRef, Html, Node};

use super::html::{descendants, element_text, find, is_block};

/// Roles whose name comes from their content.
const NAMED_BY_CONTENT: &[&str] = &[
    "button",
    "cell",
    "checkbox",
    "columnheader",
    "gridcell",
    "heading",
    "link",
    "menuitem",
    "option",
    "radio",
    "row",
    "rowheader",
    "switch",
    "tab",
    "tooltip",
    "treeitem",
];

/// Elements that a label can belong to (HTML, 4.10.2).
const LABELABLE: &[&str] = &["button", "input", "meter", "output", "progress", "select", "textarea"];

/// The role that an element has: the one it is given, else the one it has by itself.
pub(super) fn role_of(element: ElementRef<'_>) -> Option<&str> {
    if let Some(role) = element.attr("role").and_then(|role| role.split_whitespace().next()) {
        return Some(role);
    }
    Some(match element.value().name() {
        "a" | "area" if element.attr("href").is_some() => "link",
        "button" | "summary" => "button",
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => "heading",
        "img" if element.attr("alt") == Some("") => "presentation",
        "img" => "img",
        "ul" | "ol" | "menu" => "list",
        "li" => "listitem",
        "table" => "table",
        "thead" | "tbody" | "tfoot" => "rowgroup",
        "tr" => "row",
        "td" => "cell",
        "th" if element.attr("scope") == Some("row") => "rowheader",
        "th" => "columnheader",
        "nav" => "navigation",
        "main" => "main",
        "aside" => "complementary",
        "header" if !is_in_section(element) => "banner",
        "footer" if !is_in_section(element) => "contentinfo",
        "section" if has_own_name(element) => "region",
        "article" => "article",
        "form" => "form",
        "search" => "search",
        "dialog" => "dialog",
        "fieldset" | "details" | "optgroup" => "group",
        "figure" => "figure",
        "hr" => "separator",
        "p" => "paragraph",
        "progress" => "progressbar",
        "meter" => "meter",
        "output" => "status",
        "textarea" => "textbox",
        "select" if element.attr("multiple").is_some() || size_of(element) > 1 => "listbox",
        "select" => "combobox",
        "option" => "option",
        "input" => return role_of_input(element),
        _ => return None,
    })
}

fn role_of_input(element: ElementRef<'_>) -> Option<&'static str> {
    let kind = element.attr("type").unwrap_or("text").to_ascii_lowercase();
    let has_list = element.attr("list").is_some();
    Some(match kind.as_str() {
        "button" | "submit" | "reset" | "image" => "button",
        "checkbox" => "checkbox",
        "radio" => "radio",
        "range" => "slider",
        "number" => "spinbutton",
        "hidden" | "password" | "file" | "color" | "date" | "datetime-local" | "month" | "time" | "week" => {
            return None;
        }
        _ if has_list => "combobox",
        "search" => "searchbox",
        _ => "textbox",
    })
}

fn size_of(element: ElementRef<'_>) -> u32 {
    element.attr("size").and_then(|size| size.parse().ok()).unwrap_or(0)
}

fn has_own_name(element: ElementRef<'_>) -> bool {
    ["aria-label", "aria-labelledby", "title"].iter().any(|name| element.attr(name).is_some())
}

fn is_in_section(element: ElementRef<'_>) -> bool {
    let sections = ["article", "aside", "main", "nav", "section"];
    ancestors(element).any(|above| sections.contains(&above.value().name()))
}

fn ancestors(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    element.ancestors().filter_map(ElementRef::wrap)
}

/// The name by which assistive technology calls an element; empty where it has none.
pub(super) fn accessible_name(html: &Html, element: ElementRef<'_>) -> String {
    let named_by = referenced(html, element, "aria-labelledby");
    first_text([named_by, element.attr("aria-label").map(str::to_owned)])
        .or_else(|| native_name(html, element))
        .or_else(|| {
            role_of(element).filter(|role| NAMED_BY_CONTENT.contains(role)).map(|_| content_name(element))
        })
        .filter(|name| !name.trim().is_empty())
        .or_else(|| first_text(["title", "placeholder"].map(|name| element.attr(name).map(str::to_owned))))
        .unwrap_or_default()
}

fn first_text(texts: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    texts.into_iter().flatten().find(|text| !text.trim().is_empty())
}

/// The texts of the elements whose ids an attribute lists, hidden ones included.
fn referenced(html: &Html, element: ElementRef<'_>, attribute: &str) -> Option<String> {
    let ids = element.attr(attribute)?;
    let named = ids.split_whitespace().filter_map(|id| {
        let found = find(html, |candidate| candidate.attr("id") == Some(id)).into_iter().next()?;
        let own = found.attr("aria-label").map(str::to_owned);
        first_text([own, Some(content_name(found)), found.attr("alt").map(str::to_owned)])
    });
    Some(named.collect::<Vec<_>>().join(" "))
}

/// The name that HTML itself gives an element.
fn native_name(html: &Html, element: ElementRef<'_>) -> Option<String> {
    let attribute = |name: &str| element.attr(name).map(str::to_owned);
    let child = |name: &str| {
        let found =
            element.children().filter_map(ElementRef::wrap).find(|child| child.value().name() == name);
        found.map(content_name)
    };
    let name = element.value().name();
    let labels = || Some(labels_of(html, element).join(" "));
    let kind = element.attr("type").unwrap_or("").to_ascii_lowercase();
    match (name, kind.as_str()) {
        ("input", "submit") => first_text([labels(), attribute("value"), Some("Submit".to_owned())]),
        ("input", "reset") => first_text([labels(), attribute("value"), Some("Reset".to_owned())]),
        ("input", "button") => first_text([labels(), attribute("value")]),
        ("input", "image") => {
            first_text([labels(), attribute("alt"), attribute("title"), Some("Submit".to_owned())])
        }
        ("img" | "area", _) => first_text([attribute("alt")]),
        ("table", _) => first_text([child("caption")]),
        ("fieldset", _) => first_text([child("legend")]),
        ("figure", _) => first_text([child("figcaption")]),
        ("optgroup", _) => first_text([attribute("label")]),
        ("option", _) => first_text([attribute("label"), Some(element_text(element))]),
        _ if LABELABLE.contains(&name) => first_text([labels()]),
        _ => None,
    }
}

/// The text of an element, with pictures by their `alt` and what has an `aria-label` by that.
fn content_name(element: ElementRef<'_>) -> String {
    let is_plain = !descendants(element).any(|inside| {
        inside.value().name() == "img"
            || inside.attr("aria-label").is_some()
            || inside.attr("aria-hidden").is_some()
    });
    if is_plain {
        return element_text(element);
    }
    let mut name = String::new();
    add_content(element, &mut name);
    name
}

fn add_content(element: ElementRef<'_>, name: &mut String) {
    for child in element.children() {
        match (child.value(), ElementRef::wrap(child)) {
            (Node::Text(text), _) => name.push_str(text),
            (_, Some(inside)) => add_inside(inside, name),
            _ => {}
        }
    }
}

fn add_inside(inside: ElementRef<'_>, name: &mut String) {
    let tag = inside.value().name();
    if inside.attr("aria-hidden") == Some("true") || ["script", "style", "template"].contains(&tag) {
        return;
    }
    if let Some(label) = inside.attr("aria-label").filter(|label| !label.trim().is_empty()) {
        name.extend([" ", label, " "]);
    } else if tag == "img" {
        name.extend([" ", inside.attr("alt").unwrap_or(""), " "]);
    } else {
        let gap = if is_block(tag) { " " } else { "" };
        name.push_str(gap);
        add_content(inside, name);
        name.push_str(gap);
    }
}

/// The texts of the labels that belong to a form control; what stands in the control itself is left out.
pub(super) fn labels_of(html: &Html, element: ElementRef<'_>) -> Vec<String> {
    if !LABELABLE.contains(&element.value().name()) || element.attr("type") == Some("hidden") {
        return Vec::new();
    }
    let id = element.attr("id").filter(|id| !id.is_empty());
    let is_label = |label: &ElementRef<'_>| {
        label.value().name() == "label"
            && match label.attr("for") {
                // The first element of that id is meant, and the first control inside a label without `for`.
                Some(wanted) => id == Some(wanted),
                None => first_control(*label).is_some_and(|control| control.id() == element.id()),
            }
    };
    find(html, is_label).into_iter().map(|label| label_text(label, element)).collect()
}

fn first_control(label: ElementRef<'_>) -> Option<ElementRef<'_>> {
    descendants(label)
        .find(|inside| LABELABLE.contains(&inside.value().name()) && inside.attr("type") != Some("hidden"))
}

/// A label's text without that of the control inside it, such as the options of a `<select>`.
fn label_text(label: ElementRef<'_>, control: ElementRef<'_>) -> String {
    let whole = content_name(label);
    let inner = element_text(control);
    let is_inside = control.ancestors().any(|above| above.id() == label.id());
    if is_inside && !inner.trim().is_empty() { whole.replacen(&inner, " ", 1) } else { whole }
}

/// Whether a form control can be used (HTML, 4.10.18.5 and 4.16.3): neither it, nor its group of options, nor a
/// fieldset around it is disabled. Controls in the first legend of a disabled fieldset can be used.
pub(super) fn is_enabled(element: ElementRef<'_>) -> bool {
    let is_disabled = |element: ElementRef<'_>| element.attr("disabled").is_some();
    let name = element.value().name();
    match name {
        "option" => {
            let group = ancestors(element).next().filter(|above| above.value().name() == "optgroup");
            !is_disabled(element) && !group.is_some_and(is_disabled)
        }
        "optgroup" => !is_disabled(element),
        "button" | "input" | "select" | "textarea" | "fieldset" => {
            !is_disabled(element) && !is_in_disabled_fieldset(element)
        }
        _ => true,
    }
}

fn is_in_disabled_fieldset(element: ElementRef<'_>) -> bool {
    let mut inner = element;
    for above in ancestors(element) {
        if above.value().name() == "fieldset" && above.attr("disabled").is_some() {
            let first_legend =
                above.children().filter_map(ElementRef::wrap).find(|child| child.value().name() == "legend");
            if first_legend.is_none_or(|legend| legend.id() != inner.id()) {
                return true;
            }
        }
        inner = above;
    }
    false
}

/// Whether a checkbox, a radio button or an option is chosen as the page comes; none for what cannot be.
pub(super) fn is_checked(element: ElementRef<'_>) -> Option<bool> {
    match element.value().name() {
        "input" => {
            let kind = element.attr("type").unwrap_or("").to_ascii_lowercase();
            ["checkbox", "radio"].contains(&kind.as_str()).then(|| element.attr("checked").is_some())
        }
        "option" => Some(is_selected(element)),
        _ => match role_of(element) {
            Some("checkbox" | "radio" | "switch" | "menuitemcheckbox" | "menuitemradio") => {
                Some(element.attr("aria-checked") == Some("true"))
            }
            _ => None,
        },
    }
}

/// The last option with `selected` of a select that shows one, else the first that is not disabled (HTML, 4.10.7).
fn is_selected(option: ElementRef<'_>) -> bool {
    let Some(select) = ancestors(option).find(|above| above.value().name() == "select") else {
        return option.attr("selected").is_some();
    };
    if role_of(select) == Some("listbox") {
        return option.attr("selected").is_some();
    }
    let options = || descendants(select).filter(|inside| inside.value().name() == "option");
    let chosen = options()
        .filter(|option| option.attr("selected").is_some())
        .last()
        .or_else(|| options().find(|option| is_enabled(*option)));
    chosen.is_some_and(|chosen| chosen.id() == option.id())
}

#[cfg(test)]
mod tests {
    use super::super::html::{fold_white_space, select};
    use super::super::locator::Locator;
    use super::*;

    const PAGE: &str = "<!doctype html><h1 id=h>Sign <b>in</b></h1><p id=hint hidden>to the shop</p>\
        <form aria-labelledby='h hint'>\
        <fieldset><legend>Account</legend>\
        <label>E-mail <input id=mail type=email></label>\
        <label for=pw>Password</label><input id=pw type=password>\
        <label>Country <select id=land><option>France</option><option selected>Italy</option></select></label>\
        <input id=search type=search placeholder='Search the shop' title='Search'>\
        <label><input id=keep type=checkbox checked> Keep me</label></fieldset>\
        <fieldset disabled><legend><input id=free></legend><input id=locked></fieldset>\
        <button id=go><img src=x alt='Log in'></button><input id=send type=submit>\
        <button id=close aria-label='Close'>x</button><a id=home href=/ title=Home><svg></svg></a>\
        <img id=logo alt='The shop'><select multiple id=many><option id=one selected><option id=two></select></form>";

    fn name_of(id: &str) -> String {
        let html = Html::parse_document(PAGE);
        let found = find(&html, |element| element.attr("id") == Some(id));
        fold_white_space(&accessible_name(&html, found[0]))
    }

    fn first<T>(id: &str, read: impl Fn(ElementRef<'_>) -> T) -> T {
        let html = Html::parse_document(PAGE);
        read(find(&html, |element| element.attr("id") == Some(id))[0])
    }

    #[test]
    fn names_come_from_labels_content_and_attributes_in_the_standards_order() {
        for (id, name) in [
            ("h", "Sign in"),
            ("mail", "E-mail"),
            ("pw", "Password"),
            ("land", "Country"),
            ("search", "Search"),
            ("keep", "Keep me"),
            ("go", "Log in"),
            ("send", "Submit"),
            ("close", "Close"),
            ("home", "Home"),
            ("logo", "The shop"),
            ("free", ""),
        ] {
            assert_eq!(name_of(id), name, "{id}");
        }
    }

    #[test]
    fn elements_are_found_by_role_and_name_and_by_label() {
        let html = Html::parse_document(PAGE);
        let found = |locator: &str| {
            let locator = Locator::parse(locator).unwrap();
            let ids = select(&html, &locator).unwrap();
            ids.iter().map(|one| one.attr("id").unwrap_or("-").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found("role=button[name=\"log in\"]"), ["go"]);
        assert_eq!(found("role=form[name='Sign in to the shop']"), ["-"]);
        assert_eq!(found("role=group[name=Account]"), ["-"]);
        assert_eq!(found("role=searchbox"), ["search"]);
        assert_eq!(found("role=listbox"), ["many"]);
        assert_eq!(found("label=Country"), ["land"]);
        assert_eq!(found("label=Keep me"), ["keep"]);
        assert!(found("label=Account").is_empty());
    }

    #[test]
    fn states_are_those_that_the_html_alone_says() {
        assert!(first("mail", is_enabled) && first("free", is_enabled));
        assert!(!first("locked", is_enabled));
        assert_eq!(first("keep", is_checked), Some(true));
        assert_eq!(first("one", is_checked), Some(true));
        assert_eq!(first("two", is_checked), Some(false));
        assert_eq!(first("mail", is_checked), None);
        let html = Html::parse_document(PAGE);
        let options = find(&html, |element| element.value().name() == "option");
        assert_eq!(
            options.iter().take(2).map(|one| is_checked(*one)).collect::<Vec<_>>(),
            [Some(false), Some(true)]
        );
    }
}
