//! What a page, a stylesheet and a manifest name (HTML, sections 4.2.4 to 4.8). Pure.

use scraper::{ElementRef, Html};
use url::Url;

use super::forms::{ancestors, live_elements, parent_element};
use super::media_types::is_javascript;
use super::referrer::ReferrerPolicy;
use super::srcset::read_srcset;
use super::stylesheet::{CssReference, CssUse, read_style_attribute, read_stylesheet};
use crate::evidence::{AssetKind, Response};

/// One thing that is named somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NamedAsset {
    /// Absolute, without fragment.
    pub(super) url: Url,
    /// What it is used as.
    pub(super) kind: AssetKind,
    /// What named it.
    pub(super) named_by: String,
    /// The `integrity` attribute.
    pub(super) integrity: Option<String>,
}

/// The address against which a page's relative addresses are resolved: its first `<base href>`, else its own.
pub(super) fn base_address(html: &Html, page: &Url) -> Url {
    let base = live_elements(html.root_element())
        .filter(|element| element.value().name() == "base")
        .find_map(|element| element.attr("href"));
    base.and_then(|href| page.join(href.trim()).ok())
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .unwrap_or_else(|| page.clone())
}

/// The addresses of the stylesheets and scripts of its own that a page names, in document order.
pub(in crate::run) fn list_builds(text: &str, page: &Url) -> Vec<String> {
    let named = list_named_by_page(&Html::parse_document(text), page).into_iter();
    let own = named.filter(|asset| {
        matches!(asset.kind, AssetKind::Css | AssetKind::Js) && asset.url.origin() == page.origin()
    });
    own.map(|asset| asset.url.into()).collect()
}

/// The referrer policy of a page: its `<meta name=referrer>`, else its header.
pub(super) fn referrer_policy(response: &Response, html: &Html) -> ReferrerPolicy {
    let meta = live_elements(html.root_element())
        .filter(|element| has_word(*element, "name", "referrer") && element.value().name() == "meta")
        .filter_map(|element| element.attr("content"))
        .last();
    ReferrerPolicy::parse(meta.or_else(|| response.headers.get("referrer-policy")).unwrap_or(""))
}

/// Whether a page asks browsers to use https where it names http (CSP, `upgrade-insecure-requests`).
pub(super) fn upgrades_requests(response: &Response, html: &Html) -> bool {
    let in_meta = live_elements(html.root_element())
        .filter(|element| {
            element.value().name() == "meta" && has_word(*element, "http-equiv", "content-security-policy")
        })
        .filter_map(|element| element.attr("content"));
    response
        .headers
        .get_all("content-security-policy")
        .chain(in_meta)
        .flat_map(|policy| policy.split([';', ',']))
        .any(|directive| directive.trim().eq_ignore_ascii_case("upgrade-insecure-requests"))
}

/// Everything that a page names, in document order; an address may repeat.
pub(super) fn list_named_by_page(html: &Html, page: &Url) -> Vec<NamedAsset> {
    let mut finder =
        Finder { base: base_address(html, page), place: page.path().to_owned(), found: Vec::new() };
    for element in live_elements(html.root_element()) {
        if ancestors(element).all(|ancestor| ancestor.value().name() != "noscript") {
            finder.read_element(element);
        }
    }
    finder.found
}

/// Everything that a stylesheet names, in order.
pub(super) fn list_named_by_stylesheet(css: &str, address: &Url) -> Vec<NamedAsset> {
    let mut finder = Finder { base: address.clone(), place: address.path().to_owned(), found: Vec::new() };
    finder.add_css(read_stylesheet(css), None);
    finder.found
}

/// The icons of a web app manifest.
pub(super) fn list_named_by_manifest(manifest: &str, address: &Url) -> Vec<NamedAsset> {
    let mut finder = Finder { base: address.clone(), place: address.path().to_owned(), found: Vec::new() };
    let read: Option<serde_json::Value> = serde_json::from_str(manifest).ok();
    let icons = read.as_ref().and_then(|manifest| manifest.get("icons")?.as_array());
    for source in icons.into_iter().flatten().filter_map(|icon| icon.get("src")?.as_str()) {
        finder.add(source, AssetKind::Icon, "icons", None);
    }
    finder.found
}

struct Finder {
    base: Url,
    /// The path of what is read, for [`NamedAsset::named_by`].
    place: String,
    found: Vec<NamedAsset>,
}

impl Finder {
    fn read_element(&mut self, element: ElementRef<'_>) {
        match element.value().name() {
            "link" => self.read_link(element),
            "script" => self.read_script(element),
            "style" => self.add_css(read_stylesheet(&element.text().collect::<String>()), Some("<style>")),
            "img" => {
                self.add_attribute(element, "src", AssetKind::Image);
                self.add_srcset(element, "srcset");
            }
            "source" => self.read_source(element),
            "video" => {
                self.add_attribute(element, "src", AssetKind::Media);
                self.add_attribute(element, "poster", AssetKind::Image);
            }
            "audio" | "track" => self.add_attribute(element, "src", AssetKind::Media),
            "input" if has_word(element, "type", "image") => {
                self.add_attribute(element, "src", AssetKind::Image);
            }
            "object" => self.add_attribute(element, "data", AssetKind::Other),
            "embed" => self.add_attribute(element, "src", AssetKind::Other),
            "image" | "use" | "feImage" => self.read_svg_reference(element),
            _ => {}
        }
        if let Some(style) = element.attr("style") {
            let by = format!("<{} style>", element.value().name());
            self.add_css(read_style_attribute(style), Some(&by));
        }
    }

    fn read_link(&mut self, element: ElementRef<'_>) {
        let is = |word: &str| has_word(element, "rel", word);
        let purpose = element.attr("as").unwrap_or("").trim().to_ascii_lowercase();
        let kind = if is("stylesheet") && !is("alternate") && element.attr("disabled").is_none() {
            AssetKind::Css
        } else if ["icon", "apple-touch-icon", "apple-touch-icon-precomposed", "mask-icon"]
            .into_iter()
            .any(is)
        {
            AssetKind::Icon
        } else if is("manifest") {
            AssetKind::Manifest
        } else if is("modulepreload") {
            AssetKind::Js
        } else if is("preload") {
            match purpose.as_str() {
                "style" => AssetKind::Css,
                "script" | "worker" | "sharedworker" | "serviceworker" => AssetKind::Js,
                "image" => AssetKind::Image,
                "font" => AssetKind::Font,
                "audio" | "video" | "track" => AssetKind::Media,
                "" => return,
                _ => AssetKind::Other,
            }
        } else {
            return;
        };
        self.add_attribute(element, "href", kind);
        if kind == AssetKind::Image {
            self.add_srcset(element, "imagesrcset");
        }
    }

    /// A script whose type is neither JavaScript nor `module` is data, and its `src` is not fetched.
    fn read_script(&mut self, element: ElementRef<'_>) {
        let kind = element.attr("type").unwrap_or("").trim().to_ascii_lowercase();
        if kind.is_empty() || kind == "module" || is_javascript(&kind) {
            self.add_attribute(element, "src", AssetKind::Js);
        }
    }

    fn read_source(&mut self, element: ElementRef<'_>) {
        let parent = parent_element(element).map(|parent| parent.value().name().to_owned());
        match parent.as_deref() {
            Some("picture") => self.add_srcset(element, "srcset"),
            Some("audio" | "video") => self.add_attribute(element, "src", AssetKind::Media),
            _ => {}
        }
    }

    /// `href` or `xlink:href` of an SVG element, where it names another document.
    fn read_svg_reference(&mut self, element: ElementRef<'_>) {
        let href = element.value().attrs.iter().find(|(name, _)| &*name.local == "href");
        if let Some((_, address)) = href {
            let by = format!("<{} href>", element.value().name());
            self.add(address, AssetKind::Image, &by, None);
        }
    }

    fn add_attribute(&mut self, element: ElementRef<'_>, attribute: &str, kind: AssetKind) {
        if let Some(address) = element.attr(attribute) {
            let integrity = element.attr("integrity").filter(|value| !value.trim().is_empty());
            self.add(address, kind, &describe(element), integrity);
        }
    }

    fn add_srcset(&mut self, element: ElementRef<'_>, attribute: &str) {
        for address in read_srcset(element.attr(attribute).unwrap_or("")) {
            let by = format!("<{} {attribute}>", element.value().name());
            self.add(address, AssetKind::Image, &by, None);
        }
    }

    fn add_css(&mut self, references: Vec<CssReference>, within: Option<&str>) {
        for CssReference { address, used_as } in references {
            let (kind, rule) = match used_as {
                CssUse::Import => (AssetKind::Css, "@import"),
                CssUse::Font => (AssetKind::Font, "@font-face"),
                CssUse::Image => (AssetKind::Image, "url()"),
            };
            let by = within.map_or_else(|| rule.to_owned(), |within| format!("{within} {rule}"));
            self.add(&address, kind, &by, None);
        }
    }

    /// Adds an address that can be fetched; one within the document itself cannot.
    fn add(&mut self, address: &str, kind: AssetKind, by: &str, integrity: Option<&str>) {
        let address = address.trim();
        if address.is_empty() || address.starts_with('#') {
            return;
        }
        let Ok(mut url) = self.base.join(address) else { return };
        if !matches!(url.scheme(), "http" | "https") {
            return;
        }
        url.set_fragment(None);
        let named_by = format!("{} {by}", self.place);
        self.found.push(NamedAsset { url, kind, named_by, integrity: integrity.map(str::to_owned) });
    }
}

/// An element's start tag as people write of it.
fn describe(element: ElementRef<'_>) -> String {
    let name = element.value().name();
    match (name, element.attr("rel"), element.attr("as")) {
        ("link", Some(rel), Some(purpose)) => format!("<link rel=\"{rel}\" as=\"{purpose}\">"),
        ("link", Some(rel), None) => format!("<link rel=\"{rel}\">"),
        _ => format!("<{name}>"),
    }
}

/// Whether a space-separated attribute has a word, whatever its case.
fn has_word(element: ElementRef<'_>, attribute: &str, word: &str) -> bool {
    element
        .attr(attribute)
        .is_some_and(|value| value.split_ascii_whitespace().any(|known| known.eq_ignore_ascii_case(word)))
}
