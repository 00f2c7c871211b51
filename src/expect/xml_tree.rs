//! XML and HTML as trees that `XPath` walks.
//!
//! An element without a prefix is found by its bare name, whatever default namespace the document declares; one
//! with a prefix by the prefix that the document itself declares.

use std::collections::{BTreeMap, HashMap};

use ego_tree::NodeId;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use scraper::{Html, Node};
use sxd_document::dom::{Document, Element};
use sxd_document::{Package, QName};

/// How deep elements may nest: browsers stop at 512 too.
const DEEPEST: usize = 512;

/// Namespaces by their prefixes.
type Namespaces = BTreeMap<String, String>;

/// Builds the tree of an XML document, with the namespaces that it declares anywhere. The error says why it is none.
pub(super) fn build_xml_tree(text: &str) -> Result<(Package, Namespaces), String> {
    let package = Package::new();
    let namespaces = XmlBuilder::new(package.as_document()).build(text.trim_start_matches('\u{feff}'))?;
    Ok((package, namespaces))
}

struct XmlBuilder<'d> {
    document: Document<'d>,
    open: Vec<Element<'d>>,
    scopes: Vec<Namespaces>,
    declared: Namespaces,
    has_root: bool,
    /// Adjacent texts are one text node, as `XPath` 1.0 (section 5.7) wants it.
    text: String,
}

impl<'d> XmlBuilder<'d> {
    fn new(document: Document<'d>) -> Self {
        let xml = ("xml".to_owned(), "http://www.w3.org/XML/1998/namespace".to_owned());
        let scopes = vec![Namespaces::from([xml])];
        Self {
            document,
            open: Vec::new(),
            scopes,
            declared: Namespaces::new(),
            has_root: false,
            text: String::new(),
        }
    }

    fn build(mut self, text: &str) -> Result<Namespaces, String> {
        let mut reader = Reader::from_str(text);
        loop {
            let event = reader.read_event();
            let position = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(text.len());
            let told = |reason: String| {
                let line = text.as_bytes()[..position].iter().filter(|byte| **byte == b'\n').count() + 1;
                format!("the body is not XML: line {line}: {reason}")
            };
            match event.map_err(|error| told(error.to_string()))? {
                Event::Eof => break,
                event => self.add(event).map_err(told)?,
            }
        }
        match (self.open.last(), self.has_root) {
            (Some(element), _) => {
                Err(format!("the body is not XML: <{}> is not closed", element.name().local_part()))
            }
            (None, false) => Err("the body is not XML: it has no element".to_owned()),
            (None, true) => Ok(self.declared),
        }
    }

    fn add(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Start(start) => self.open_element(&start)?,
            Event::Empty(start) => {
                self.open_element(&start)?;
                self.close_element();
            }
            Event::End(_) => self.close_element(),
            Event::Text(text) => {
                let text = text.xml_content().map_err(|error| error.to_string())?;
                self.add_text(&text)?;
            }
            Event::CData(data) => {
                let text = data.xml_content().map_err(|error| error.to_string())?;
                self.add_text(&text)?;
            }
            Event::GeneralRef(reference) => {
                let text = resolve(&reference)?;
                self.add_text(&text)?;
            }
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) | Event::Eof => {}
        }
        Ok(())
    }

    fn open_element(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        if self.open.len() >= DEEPEST {
            return Err(format!("elements nest deeper than {DEEPEST}"));
        }
        self.append_text();
        let mut scope = self.scopes.last().cloned().unwrap_or_default();
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let name = text_of(attribute.key.as_ref())?;
            let value = attribute.unescape_value().map_err(|error| error.to_string())?.into_owned();
            match name.strip_prefix("xmlns:") {
                Some(prefix) => {
                    self.declared.entry(prefix.to_owned()).or_insert_with(|| value.clone());
                    scope.insert(prefix.to_owned(), value);
                }
                None if name == "xmlns" => {}
                None => attributes.push((name, value)),
            }
        }
        let name = text_of(start.name().as_ref())?;
        let element = self.document.create_element(qualified(&name, &scope)?);
        for (name, value) in attributes {
            element.set_attribute_value(qualified(&name, &scope)?, &value);
        }
        match self.open.last() {
            Some(parent) => parent.append_child(element),
            None if self.has_root => return Err("there is a second element beside the first".to_owned()),
            None => self.document.root().append_child(element),
        }
        self.has_root = true;
        self.open.push(element);
        self.scopes.push(scope);
        Ok(())
    }

    fn close_element(&mut self) {
        self.append_text();
        self.open.pop();
        self.scopes.pop();
    }

    fn add_text(&mut self, text: &str) -> Result<(), String> {
        if self.open.is_empty() && !text.trim().is_empty() {
            return Err("there is text outside of all elements".to_owned());
        }
        self.text.push_str(text);
        Ok(())
    }

    fn append_text(&mut self) {
        if let (Some(parent), false) = (self.open.last(), self.text.is_empty()) {
            parent.append_child(self.document.create_text(&self.text));
        }
        self.text.clear();
    }
}

fn qualified<'n>(name: &'n str, scope: &'n Namespaces) -> Result<QName<'n>, String> {
    let Some((prefix, local)) = name.split_once(':') else {
        return Ok(QName::new(name));
    };
    match scope.get(prefix) {
        Some(uri) => Ok(QName::with_namespace_uri(Some(uri), local)),
        None => Err(format!("the prefix of <{name}> is not declared")),
    }
}

fn text_of(bytes: &[u8]) -> Result<String, String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| "a name is not UTF-8".to_owned())
}

fn resolve(reference: &BytesRef<'_>) -> Result<String, String> {
    if let Some(character) = reference.resolve_char_ref().map_err(|error| error.to_string())? {
        return Ok(character.to_string());
    }
    let name = text_of(reference)?;
    resolve_predefined_entity(&name)
        .map(str::to_owned)
        .ok_or_else(|| format!("the entity &{name}; is not declared"))
}

/// Builds the tree of a page, and says which element of the page each of its elements is.
#[expect(
    clippy::mutable_key_type,
    reason = "an element is told apart by where it lies, not by what is in it"
)]
pub(super) fn build_html_tree<'d>(package: &'d Package, html: &Html) -> HashMap<Element<'d>, NodeId> {
    let document = package.as_document();
    let mut places = HashMap::new();
    let mut last: HashMap<NodeId, (Element<'d>, usize)> = HashMap::new();
    for node in html.tree.root().descendants().skip(1) {
        let parent = node.parent().and_then(|parent| last.get(&parent.id()).copied());
        match (node.value(), parent) {
            (Node::Element(value), parent) => {
                let depth = parent.map_or(0, |(_, depth)| depth + 1);
                if depth > DEEPEST || (parent.is_none() && value.name() != "html") {
                    continue;
                }
                let element = document.create_element(value.name());
                for (name, text) in value.attrs() {
                    element.set_attribute_value(name, text);
                }
                match parent {
                    Some((parent, _)) => parent.append_child(element),
                    None => document.root().append_child(element),
                }
                last.insert(node.id(), (element, depth));
                places.insert(element, node.id());
            }
            (Node::Text(text), Some((parent, _))) => parent.append_child(document.create_text(text)),
            _ => {}
        }
    }
    places
}
