//! The anchors of a page, and the places in it that a fragment can mean. Pure.

use std::collections::HashSet;

use scraper::{ElementRef, Html};
use url::Url;

use super::discover::base_address;
use super::forms::{ancestors, live_elements};
/// How many characters of an anchor's text name it.
const SHOWN: usize = 40;

/// A place where a page links to something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Anchor {
    /// Where it leads, with its fragment; what is written where that is no address.
    pub(super) target: Result<Url, String>,
    /// The page's path and the anchor with its text.
    pub(super) named_by: String,
}

/// The anchors of a page that lead to web addresses, in document order. `mailto:` and the like lead elsewhere.
pub(super) fn list_anchors(html: &Html, page: &Url) -> Vec<Anchor> {
    let base = base_address(html, page);
    live_elements(html.root_element())
        .filter(|element| matches!(element.value().name(), "a" | "area"))
        .filter(|element| ancestors(*element).all(|around| around.value().name() != "noscript"))
        .filter_map(|element| {
            let href = element.attr("href")?.trim();
            let target = base.join(href).map_err(|_| href.to_owned());
            let is_elsewhere =
                target.as_ref().is_ok_and(|target| !matches!(target.scheme(), "http" | "https"));
            let named_by = format!("{} {}", page.path(), describe(element));
            (!is_elsewhere).then_some(Anchor { target, named_by })
        })
        .collect()
}

/// An anchor as people know it: by its text, else by what its picture or label says.
fn describe(element: ElementRef<'_>) -> String {
    let name = element.value().name();
    let own = ["aria-label", "title", "alt"].into_iter().find_map(|name| element.attr(name));
    let picture = || element.descendent_elements().find_map(|inside| inside.attr("alt"));
    let text = element.text().collect::<String>();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = if text.is_empty() { own.or_else(picture).unwrap_or("").to_owned() } else { text };
    if text.is_empty() {
        return format!("<{name}>");
    }
    let shown: String = text.chars().take(SHOWN).collect();
    let ending = if shown.len() < text.len() { "…" } else { "" };
    format!("<{name}> \"{shown}{ending}\"")
}

/// The ids and anchor names of a page (HTML, section 7.4.6.4).
pub(super) fn list_places(html: &Html) -> HashSet<String> {
    let mut places = HashSet::new();
    for element in live_elements(html.root_element()) {
        let name = element.attr("name").filter(|_| element.value().name() == "a");
        places.extend(element.attr("id").into_iter().chain(name).map(str::to_owned));
    }
    places
}

/// The fragment of an address as far as a page must have a place for it: the top of a page, a text to be found and the
/// routes of a script (`#/` and `#!`) need none.
pub(super) fn needed_place(url: &Url) -> Option<String> {
    let fragment = url.fragment()?;
    let fragment = fragment.split(":~:").next().unwrap_or("");
    let decoded = percent_encoding::percent_decode_str(fragment).decode_utf8_lossy().into_owned();
    let is_free =
        decoded.is_empty() || decoded.eq_ignore_ascii_case("top") || decoded.starts_with(['/', '!']);
    (!is_free).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_named_by_what_people_see() {
        let page = Url::parse("https://a.test/docs/").unwrap();
        let html = Html::parse_document(
            "<base href=/base/><a href=one>One  page</a><a href='#x'><img alt=Logo></a><area href=/m alt=Map>\
             <a>nothing</a><a href=mailto:a@b.test>mail</a><a href='http://[bad'>bad</a><a href=''></a>\
             <template><a href=/t>t</a></template><a href=/long>0123456789012345678901234567890123456789!</a>",
        );
        let found = list_anchors(&html, &page);
        let shown: Vec<(&str, &str)> = found
            .iter()
            .map(|anchor| {
                let target = anchor.target.as_ref().map_or_else(String::as_str, Url::as_str);
                (target, anchor.named_by.as_str())
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("https://a.test/base/one", "/docs/ <a> \"One page\""),
                ("https://a.test/base/#x", "/docs/ <a> \"Logo\""),
                ("https://a.test/m", "/docs/ <area> \"Map\""),
                ("http://[bad", "/docs/ <a> \"bad\""),
                ("https://a.test/base/", "/docs/ <a>"),
                ("https://a.test/long", "/docs/ <a> \"0123456789012345678901234567890123456789…\""),
            ]
        );
    }

    #[test]
    fn fragments_mean_ids_and_names_but_for_those_that_need_no_place() {
        let html =
            Html::parse_document("<p id=a><a name=b></a><b name=c></b><template><i id=d></i></template>");
        let mut places: Vec<String> = list_places(&html).into_iter().collect();
        places.sort();
        assert_eq!(places, ["a", "b"]);
        let needed = |text: &str| needed_place(&Url::parse(&format!("http://a.test/{text}")).unwrap());
        assert_eq!(needed("#a%20b"), Some("a b".to_owned()));
        assert_eq!(needed("#a:~:text=word"), Some("a".to_owned()));
        for free in ["", "#", "#top", "#TOP", "#/route", "#!route", "#:~:text=word"] {
            assert_eq!(needed(free), None, "{free}");
        }
    }
}
