//! HTML as it came over HTTP: titles, visible text, elements.

use scraper::{ElementRef, Html, Node, Selector};

use super::element::ElementProperty;
use super::locator::Locator;
use crate::evidence::Value;

/// Elements whose content is never shown.
const NOT_SHOWN: &[&str] = &["script", "style", "template", "noscript", "head", "title"];

/// Elements that end a line.
const BLOCKS: &[&str] = &[
    "button",
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "table",
    "td",
    "th",
    "tr",
    "ul",
];

/// The page's title, white space folded.
pub(super) fn title(html: &Html) -> Option<String> {
    let title = find(html, |element| element.value().name() == "title").into_iter().next()?;
    Some(fold_white_space(&title.text().collect::<String>()))
}

/// The text that a reader sees, white space folded.
pub fn visible_text(html: &Html) -> String {
    fold_white_space(&element_text(html.root_element()))
}

/// Runs of white space become one space; none at the ends.
pub(super) fn fold_white_space(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The elements that a locator names; none for a locator that only a browser understands.
pub fn select<'a>(html: &'a Html, locator: &Locator) -> Option<Vec<ElementRef<'a>>> {
    Some(match locator {
        Locator::Css(selector) => {
            Selector::parse(selector).map(|selector| html.select(&selector).collect()).unwrap_or_default()
        }
        Locator::Text(text) => find_by_text(html, text),
        Locator::Label(text) => find_by_label(html, text),
        Locator::Placeholder(text) => find(html, |element| element.attr("placeholder") == Some(text)),
        Locator::TestId(id) => find(html, |element| element.attr("data-testid") == Some(id)),
        Locator::Role { role, name } => find(html, |element| {
            role_of(*element) == Some(role.as_str())
                && name.as_ref().is_none_or(|name| is_same_text(&accessible_name(html, *element), name))
        }),
        Locator::XPath(_) => return None,
    })
}

/// A property of an element; none if the element has none of it, or only a browser knows it.
pub(super) fn property(element: ElementRef<'_>, property: &ElementProperty) -> Option<Value> {
    match property {
        ElementProperty::Text => Some(Value::Text(fold_white_space(&element_text(element)))),
        ElementProperty::Attribute(name) => element.attr(&name.to_ascii_lowercase()).map(Value::text),
        ElementProperty::Value => form_value(element).map(Value::Text),
        _ => None,
    }
}

fn form_value(element: ElementRef<'_>) -> Option<String> {
    match element.value().name() {
        "input" | "button" | "option" | "li" | "progress" | "meter" => {
            Some(element.attr("value").unwrap_or("").to_owned())
        }
        "textarea" => Some(element.text().collect()),
        "select" => {
            let options = descendants(element).filter(|option| option.value().name() == "option");
            let chosen = options
                .clone()
                .find(|option| option.attr("selected").is_some())
                .or(options.clone().next())?;
            Some(chosen.attr("value").map_or_else(|| chosen.text().collect(), str::to_owned))
        }
        _ => None,
    }
}

fn find(html: &Html, wanted: impl Fn(&ElementRef<'_>) -> bool) -> Vec<ElementRef<'_>> {
    descendants(html.root_element()).filter(wanted).collect()
}

fn descendants(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> + Clone {
    element.descendants().skip(1).filter_map(ElementRef::wrap)
}

fn find_by_text<'a>(html: &'a Html, text: &str) -> Vec<ElementRef<'a>> {
    let wanted = fold_white_space(text).to_lowercase();
    let has_text = |element: &ElementRef<'_>| {
        !NOT_SHOWN.contains(&element.value().name())
            && fold_white_space(&element_text(*element)).to_lowercase().contains(&wanted)
    };
    find(html, |element| {
        element.value().name() != "html"
            && has_text(element)
            && !element.children().filter_map(ElementRef::wrap).any(|child| has_text(&child))
    })
}

fn find_by_label<'a>(html: &'a Html, text: &str) -> Vec<ElementRef<'a>> {
    find(html, |element| {
        ["input", "textarea", "select", "button"].contains(&element.value().name())
            && labels_of(html, *element).iter().any(|label| is_same_text(label, text))
    })
}

fn labels_of(html: &Html, element: ElementRef<'_>) -> Vec<String> {
    let mut labels: Vec<String> = element.attr("aria-label").map(str::to_owned).into_iter().collect();
    let id = element.attr("id");
    for label in find(html, |label| label.value().name() == "label") {
        let holds_it = || descendants(label).any(|inside| inside.id() == element.id());
        if (id.is_some() && label.attr("for") == id) || (label.attr("for").is_none() && holds_it()) {
            labels.push(element_text(label));
        }
    }
    labels
}

fn is_same_text(left: &str, right: &str) -> bool {
    fold_white_space(left).to_lowercase() == fold_white_space(right).to_lowercase()
}

/// The role that an element has by itself (HTML Accessibility API Mappings), for the roles people ask for.
fn role_of(element: ElementRef<'_>) -> Option<&str> {
    if let Some(role) = element.attr("role") {
        return role.split_whitespace().next();
    }
    Some(match element.value().name() {
        "a" | "area" if element.attr("href").is_some() => "link",
        "button" | "summary" => "button",
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => "heading",
        "img" => "img",
        "ul" | "ol" => "list",
        "li" => "listitem",
        "table" => "table",
        "tr" => "row",
        "td" => "cell",
        "th" => "columnheader",
        "nav" => "navigation",
        "main" => "main",
        "form" => "form",
        "dialog" => "dialog",
        "textarea" => "textbox",
        "select" => "combobox",
        "option" => "option",
        "input" => match element.attr("type").unwrap_or("text") {
            "button" | "submit" | "reset" | "image" => "button",
            "checkbox" => "checkbox",
            "radio" => "radio",
            "range" => "slider",
            "number" => "spinbutton",
            "search" => "searchbox",
            "text" | "email" | "tel" | "url" => "textbox",
            _ => return None,
        },
        _ => return None,
    })
}

fn accessible_name(html: &Html, element: ElementRef<'_>) -> String {
    if let Some(label) = element.attr("aria-label") {
        return label.to_owned();
    }
    match element.value().name() {
        "input" if matches!(element.attr("type"), Some("submit" | "button" | "reset")) => {
            element.attr("value").unwrap_or("Submit").to_owned()
        }
        "input" | "textarea" | "select" => {
            let placeholder = element.attr("placeholder").unwrap_or("").to_owned();
            labels_of(html, element).into_iter().next().unwrap_or(placeholder)
        }
        "img" => element.attr("alt").unwrap_or("").to_owned(),
        _ => element_text(element),
    }
}

fn element_text(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    collect_text(element, &mut text);
    text
}

fn collect_text(element: ElementRef<'_>, text: &mut String) {
    let name = element.value().name();
    if NOT_SHOWN.contains(&name) || element.attr("hidden").is_some() {
        return;
    }
    let is_block = BLOCKS.contains(&name);
    if is_block {
        text.push(' ');
    }
    for child in element.children() {
        match child.value() {
            Node::Text(part) => text.push_str(part),
            Node::Element(_) => {
                if let Some(child) = ElementRef::wrap(child) {
                    collect_text(child, text);
                }
            }
            _ => {}
        }
    }
    if is_block {
        text.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Html {
        Html::parse_document(
            "<title> To-Do\n lists </title><body><h1>Your <b>list</b></h1><script>x</script>\
             <label for=a>Name</label><input id=a value=Edith placeholder='your name'>\
             <button data-testid=go>Go <i>now</i></button><p hidden>secret</p><table><tr><td>1</td><td>2</td></tr></table>",
        )
    }

    fn select_texts(locator: &str) -> Vec<String> {
        let html = page();
        let locator = Locator::parse(locator).unwrap();
        let found = select(&html, &locator).unwrap();
        found.iter().map(|element| element.value().name().to_owned()).collect()
    }

    #[test]
    fn text_is_what_a_reader_sees() {
        let html = page();
        assert_eq!(title(&html).as_deref(), Some("To-Do lists"));
        assert_eq!(visible_text(&html), "Your list Name Go now 1 2");
    }

    #[test]
    fn elements_are_found_in_every_way() {
        assert_eq!(select_texts("h1 b"), ["b"]);
        assert_eq!(select_texts("text=go now"), ["button"]);
        assert_eq!(select_texts("label=name"), ["input"]);
        assert_eq!(select_texts("placeholder=your name"), ["input"]);
        assert_eq!(select_texts("testid=go"), ["button"]);
        assert_eq!(select_texts("role=button[name='Go now']"), ["button"]);
        assert_eq!(select_texts("role=textbox[name=Name]"), ["input"]);
        assert!(select(&page(), &Locator::XPath("//a".to_owned())).is_none());
    }
}
