//! Values in XML and HTML bodies, and elements of HTML pages, by `XPath` 1.0.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use scraper::{ElementRef, Html};
use sxd_document::Package;
use sxd_xpath::nodeset::Node;
use sxd_xpath::{Context, Factory, XPath};

use super::html::fold_white_space;
use super::json::bracket_depth;
use super::observe::Observed;
use super::subject::SubjectError;
use super::xml_tree::{build_html_tree, build_xml_tree};
use crate::evidence::{Response, Value};

/// An expression longer than this is none that a person wrote.
const LONGEST: usize = 10_000;

/// How deep brackets may stand in brackets.
const DEEPEST: usize = 32;

/// An `XPath` 1.0 expression that was checked.
///
/// The compiled form of sxd-xpath cannot be shared between threads, so it is built again where it is evaluated,
/// which takes some microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XPathQuery {
    source: Arc<str>,
    /// The prefixes of namespaces that it uses.
    prefixes: Arc<[String]>,
}

/// A body as a tree that `XPath` walks.
pub(super) struct Tree {
    package: Package,
    namespaces: BTreeMap<String, String>,
}

impl Tree {
    /// The tree of a body: HTML by its media type, XML otherwise. The error says why it is none.
    pub(super) fn of_response<'h>(
        response: &Response,
        html: impl FnOnce() -> &'h Html,
    ) -> Result<Self, String> {
        if response.media_type() == "text/html" {
            let package = Package::new();
            build_html_tree(&package, html());
            return Ok(Self { package, namespaces: BTreeMap::new() });
        }
        let text = response.text.as_deref().unwrap_or("");
        let (package, namespaces) = build_xml_tree(text)?;
        Ok(Self { package, namespaces })
    }
}

impl XPathQuery {
    /// Checks an expression.
    pub fn parse(expression: &str) -> Result<Self, SubjectError> {
        compile(expression)
            .map(|_| Self { source: expression.into(), prefixes: find_prefixes(expression).into() })
            .map_err(|reason| SubjectError::new(format!("not an XPath 1.0 expression: {reason}")))
    }

    /// The expression as written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What is there: the texts of the nodes it finds, or the text, number or truth that it computes.
    pub(super) fn observe(&self, tree: &Tree) -> Observed {
        let mut context = Context::new();
        for (prefix, uri) in &tree.namespaces {
            context.set_namespace(prefix, uri);
        }
        // An unknown prefix would be a defect to the evaluator.
        if let Some(prefix) = self.prefixes.iter().find(|prefix| !tree.namespaces.contains_key(*prefix)) {
            return Observed::nothing_matches(format!("the document declares no namespace `{prefix}:`"));
        }
        let root = tree.package.as_document().root();
        let found = compile(&self.source).and_then(|path| {
            path.evaluate(&context, root).map_err(|error| explain_execution(&error.to_string()))
        });
        match found {
            Ok(sxd_xpath::Value::Nodeset(nodes)) => {
                let nodes = nodes.document_order();
                Observed::several_or(
                    nodes.iter().map(|node| Value::Text(fold_white_space(&node.string_value()))).collect(),
                    || Observed::nothing_matches("nothing matches"),
                )
            }
            Ok(sxd_xpath::Value::Boolean(flag)) => Observed::One(Value::Bool(flag)),
            Ok(sxd_xpath::Value::Number(number)) => Observed::One(number_value(number)),
            Ok(sxd_xpath::Value::String(text)) => Observed::One(Value::Text(text)),
            Err(reason) => Observed::missing(reason),
        }
    }

    /// The elements of a page that it finds; none if it does not find elements.
    #[expect(
        clippy::mutable_key_type,
        reason = "an element is told apart by where it lies, not by what is in it"
    )]
    pub(super) fn select<'h>(&self, html: &'h Html) -> Option<Vec<ElementRef<'h>>> {
        if !self.prefixes.is_empty() {
            return Some(Vec::new());
        }
        let package = Package::new();
        let places = build_html_tree(&package, html);
        let root = package.as_document().root();
        let Ok(sxd_xpath::Value::Nodeset(nodes)) =
            compile(&self.source).ok()?.evaluate(&Context::new(), root)
        else {
            return None;
        };
        let found = nodes.document_order().into_iter().map(|node| match node {
            Node::Element(element) => {
                places.get(&element).and_then(|id| html.tree.get(*id)).and_then(ElementRef::wrap)
            }
            _ => None,
        });
        found.collect()
    }
}

impl fmt::Display for XPathQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

fn compile(expression: &str) -> Result<XPath, String> {
    if expression.len() > LONGEST || bracket_depth(expression) > DEEPEST {
        return Err("too long, or too many brackets in brackets".to_owned());
    }
    match Factory::new().build(expression) {
        Ok(Some(path)) => Ok(path),
        Ok(None) => Err("it is empty".to_owned()),
        Err(error) => Err(explain_parsing(&error.to_string(), expression)),
    }
}

/// The names before a single colon, outside of quotation marks.
fn find_prefixes(expression: &str) -> Vec<String> {
    let mut prefixes = Vec::new();
    let mut quote = None;
    let mut word = String::new();
    let mut characters = expression.chars().peekable();
    while let Some(character) = characters.next() {
        let is_name = character.is_alphanumeric() || matches!(character, '_' | '-' | '.');
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, ':') if characters.next_if_eq(&':').is_some() => {}
            (None, ':') if !word.is_empty() => prefixes.push(std::mem::take(&mut word)),
            (None, _) if is_name => word.push(character),
            _ => {}
        }
        if !is_name || quote.is_some() {
            word.clear();
        }
    }
    prefixes.sort();
    prefixes.dedup();
    prefixes
}

fn explain_parsing(error: &str, expression: &str) -> String {
    if error.is_empty() { expression.to_owned() } else { format!("{expression}: {}", lower_first(error)) }
}

fn explain_execution(error: &str) -> String {
    format!("the XPath cannot be evaluated: {}", lower_first(error))
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

/// `XPath` knows floating point numbers only; a whole one is shown and compared as such.
#[expect(clippy::cast_possible_truncation, reason = "only where the number is whole and in range")]
fn number_value(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        Value::Integer(number as i64)
    } else {
        Value::Float(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_xml(xml: &str, path: &str) -> String {
        let (package, namespaces) = build_xml_tree(xml).unwrap();
        XPathQuery::parse(path).unwrap().observe(&Tree { package, namespaces }).to_string()
    }

    const SITEMAP: &str = "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' \
        xmlns:image='http://www.google.com/schemas/sitemap-image/1.1'><url><loc>https://a.example/</loc>\
        <image:image><image:loc>https://a.example/x.png</image:loc></image:image></url>\
        <url><loc>https://a.example/b?x=1&amp;y=&#50;</loc></url><!-- end --></urlset>";

    #[test]
    fn finds_texts_numbers_and_truths_in_xml() {
        assert_eq!(in_xml(SITEMAP, "//url/loc"), "[\"https://a.example/\", \"https://a.example/b?x=1&y=2\"]");
        assert_eq!(in_xml(SITEMAP, "/urlset/url[2]/loc"), "\"https://a.example/b?x=1&y=2\"");
        assert_eq!(in_xml(SITEMAP, "//image:image/image:loc"), "\"https://a.example/x.png\"");
        assert_eq!(in_xml(SITEMAP, "count(//url)"), "2");
        assert_eq!(in_xml(SITEMAP, "count(//url) > 1"), "true");
        assert_eq!(in_xml(SITEMAP, "string(//image:loc)"), "\"https://a.example/x.png\"");
        assert_eq!(in_xml("<a><b c='1'/><b c='2'>x<![CDATA[<y>]]></b></a>", "//b/@c"), "[\"1\", \"2\"]");
        assert_eq!(in_xml("<a><b c='2'>x<![CDATA[<y>]]></b></a>", "//b[@c = 2]"), "\"x<y>\"");
        assert_eq!(in_xml(SITEMAP, "//nothing"), "nothing matches");
        assert!(in_xml(SITEMAP, "//other:url").contains("other"), "{}", in_xml(SITEMAP, "//other:url"));
    }

    #[test]
    fn prefixes_are_found_outside_of_texts() {
        assert_eq!(find_prefixes("//a:b/@c:d[. = 'x:y' or x]/child::e | self::node()"), ["a", "c"]);
        assert!(find_prefixes("descendant-or-self::node()[contains(., \"k:v\")]").is_empty());
        let html = Html::parse_document("<p>a");
        assert!(XPathQuery::parse("//svg:path").unwrap().select(&html).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_xml_is_told() {
        for text in ["", "no xml", "<a><b></a>", "<a>", "<a>&unknown;</a>", "<a/><b/>"] {
            assert!(build_xml_tree(text).is_err(), "{text}");
        }
        let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
        assert!(build_xml_tree(&deep).is_err());
    }

    #[test]
    fn finds_elements_of_html() {
        let html = Html::parse_document("<ul><li id=a>one<li class=x>two</ul><p>three");
        let select = |path: &str| XPathQuery::parse(path).unwrap().select(&html);
        let ids: Vec<_> = select("//li[contains(., 'o')]").unwrap();
        assert_eq!(ids.len(), 2);
        assert_eq!(select("//li[1]").unwrap()[0].attr("id"), Some("a"));
        assert!(select("//li/@id").is_none());
        assert!(select("count(//li)").is_none());
        assert!(select("//table").unwrap().is_empty());
        let deep = Html::parse_document(&"<div>".repeat(2_000));
        let wide = Html::parse_document(&"<li>a<b>x</b>".repeat(20_000));
        assert_eq!(XPathQuery::parse("//li/b").unwrap().select(&wide).unwrap().len(), 20_000);
        assert!(!XPathQuery::parse("//div").unwrap().select(&deep).unwrap().is_empty());
    }

    #[test]
    fn refuses_what_is_no_xpath() {
        for path in ["", "//", "//a[", "a b", "//a[@b='c]", &"(".repeat(9_000), "nope("] {
            assert!(XPathQuery::parse(path).is_err(), "{path}");
        }
    }
}
