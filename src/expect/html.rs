//! HTML as it came over HTTP: titles, visible text, elements.

use ego_tree::iter::Edge;
use scraper::{ElementRef, Html, Node};

use super::accessible::{accessible_name, is_checked, is_enabled, labels_of, role_of};
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

/// Whether an element stands on lines of its own.
pub(super) fn is_block(tag: &str) -> bool {
    BLOCKS.contains(&tag)
}

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

/// The elements that a locator names; none for an `XPath` that finds something else than elements, and
/// for a selector that only a browser can judge.
pub fn select<'a>(html: &'a Html, locator: &Locator) -> Option<Vec<ElementRef<'a>>> {
    Some(match locator {
        Locator::Css(selector) => html.select(selector.compiled()?).collect(),
        Locator::Text(text) => find_by_text(html, text),
        Locator::Label(text) => find_by_label(html, text),
        Locator::Placeholder(text) => find(html, |element| element.attr("placeholder") == Some(text)),
        Locator::TestId(id) => find(html, |element| element.attr("data-testid") == Some(id)),
        Locator::Role { role, name } => find(html, |element| {
            role_of(*element) == Some(role.as_str())
                && name.as_ref().is_none_or(|name| is_same_text(&accessible_name(html, *element), name))
        }),
        Locator::XPath(path) => return path.select(html),
    })
}

/// A property of an element; none if the element has none of it, or only a browser knows it.
pub(super) fn property(html: &Html, element: ElementRef<'_>, property: &ElementProperty) -> Option<Value> {
    match property {
        ElementProperty::Text => Some(Value::Text(fold_white_space(&element_text(element)))),
        ElementProperty::Attribute(name) => element.attr(&name.to_ascii_lowercase()).map(Value::text),
        ElementProperty::Value => form_value(element).map(Value::Text),
        ElementProperty::Enabled => Some(Value::Bool(is_enabled(element))),
        ElementProperty::Checked => is_checked(element).map(Value::Bool),
        ElementProperty::Role => role_of(element).map(Value::text),
        ElementProperty::Name => Some(Value::Text(fold_white_space(&accessible_name(html, element)))),
        _ => None,
    }
}

fn form_value(element: ElementRef<'_>) -> Option<String> {
    match element.value().name() {
        "input" | "button" | "option" | "progress" | "meter" => {
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

pub(super) fn find(html: &Html, wanted: impl Fn(&ElementRef<'_>) -> bool) -> Vec<ElementRef<'_>> {
    descendants(html.root_element()).filter(wanted).collect()
}

pub(super) fn descendants(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> + Clone {
    element.descendants().skip(1).filter_map(ElementRef::wrap)
}

fn find_by_text<'a>(html: &'a Html, text: &str) -> Vec<ElementRef<'a>> {
    let wanted = fold_white_space(text).to_lowercase();
    let has_text = |element: &ElementRef<'_>| {
        !NOT_SHOWN.contains(&element.value().name())
            && element.attr("hidden").is_none()
            && fold_white_space(&element_text(*element)).to_lowercase().contains(&wanted)
    };
    // Only inside an element that has the text can there be a smaller one that has it.
    let mut found = Vec::new();
    let mut open = vec![html.root_element()];
    while let Some(element) = open.pop() {
        let inside: Vec<_> = element.children().filter_map(ElementRef::wrap).filter(has_text).collect();
        if inside.is_empty() && element.value().name() != "html" {
            found.push(element);
        }
        open.extend(inside.into_iter().rev());
    }
    found
}

fn find_by_label<'a>(html: &'a Html, text: &str) -> Vec<ElementRef<'a>> {
    find(html, |element| {
        ["input", "textarea", "select", "button"].contains(&element.value().name())
            && labels_of(html, *element).iter().any(|label| is_same_text(label, text))
    })
}

/// Whether two texts are the same but for white space and case.
pub(super) fn is_same_text(left: &str, right: &str) -> bool {
    fold_white_space(left).to_lowercase() == fold_white_space(right).to_lowercase()
}

/// The text inside an element that is shown, white space as it stands. As in browsers, that of an element which is
/// not shown itself is all that is in it.
pub(super) fn element_text(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    // How many elements that are not shown are open: what is inside them is not shown either.
    let mut hidden = 0_usize;
    for edge in element.traverse() {
        let (node, is_open) = match edge {
            Edge::Open(node) => (node, true),
            Edge::Close(node) => (node, false),
        };
        match node.value() {
            Node::Text(part) if is_open && hidden == 0 => text.push_str(part),
            Node::Element(value) if node.id() != element.id() => {
                if NOT_SHOWN.contains(&value.name()) || value.attr("hidden").is_some() {
                    hidden = if is_open { hidden + 1 } else { hidden - 1 };
                } else if hidden == 0 && BLOCKS.contains(&value.name()) {
                    text.push(' ');
                }
            }
            _ => {}
        }
    }
    text
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
        assert_eq!(select_texts("xpath=//label[@for='a']"), ["label"]);
        assert!(select(&page(), &Locator::parse("xpath=count(//label)").unwrap()).is_none());
    }
}
