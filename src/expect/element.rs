//! What can be asked of an element.

use super::locator::Locator;
use super::subject::Subject;
use super::subject_definition::{Family, Unit};

/// A property of an element that an expectation can be about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ElementProperty {
    /// Its rendered text.
    Text,
    /// How many elements match.
    Count,
    /// An attribute.
    Attribute(String),
    /// The value of a form control.
    Value,
    /// Rendered and not hidden.
    Visible,
    /// Not disabled.
    Enabled,
    /// Checked or selected.
    Checked,
    /// Has the keyboard focus.
    Focused,
    /// A computed style property.
    Style(String),
    /// Left edge.
    X,
    /// Top edge.
    Y,
    /// Width.
    Width,
    /// Height.
    Height,
    /// Horizontal centre.
    CenterX,
    /// Vertical centre.
    CenterY,
    /// The part of it that the window shows.
    InViewport,
    /// Whether it has pixels in common with another element.
    Overlaps(String),
    /// Its role, as assistive technology is told it.
    Role,
    /// Its accessible name.
    Name,
}

/// One row of the table of element properties.
pub struct ElementPropertyDefinition {
    /// The key in a spec.
    pub name: &'static str,
    /// The placeholder of the key that follows, as in `attribute.NAME`.
    pub argument: Option<&'static str>,
    /// Where it can be observed.
    pub families: &'static [Family],
    /// What its value is measured in.
    pub unit: Unit,
    /// One line for people.
    pub doc: &'static str,
    build: fn(String) -> ElementProperty,
}

const HTML: &[Family] = &[Family::Html, Family::Browser];
const BROWSER: &[Family] = &[Family::Browser];

macro_rules! properties {
    ($($name:literal $(($argument:literal))? $families:ident $unit:ident $doc:literal $build:expr;)*) => {
        /// All element properties. The only source of what exists.
        pub const ELEMENT_PROPERTIES: &[ElementPropertyDefinition] = &[$(
            ElementPropertyDefinition {
                name: $name,
                argument: properties!(@argument $($argument)?),
                families: $families,
                unit: Unit::$unit,
                doc: $doc,
                build: $build,
            },
        )*];
    };
    (@argument $argument:literal) => { Some($argument) };
    (@argument) => { None };
}

properties! {
    "text" HTML Text "the element's text, white space folded" |_| ElementProperty::Text;
    "count" HTML Number "how many elements match" |_| ElementProperty::Count;
    "attribute" ("NAME") HTML Text "an attribute's value" ElementProperty::Attribute;
    "value" HTML Text "the value of a form control" |_| ElementProperty::Value;
    "visible" BROWSER Flag "rendered, not hidden, not without size" |_| ElementProperty::Visible;
    "enabled" HTML Flag "not disabled" |_| ElementProperty::Enabled;
    "checked" HTML Flag "checked or selected" |_| ElementProperty::Checked;
    "focused" BROWSER Flag "has the keyboard focus" |_| ElementProperty::Focused;
    "style" ("PROPERTY") BROWSER Text "a computed CSS property, as the browser writes it" ElementProperty::Style;
    "x" BROWSER Number "left edge in CSS pixels of the viewport" |_| ElementProperty::X;
    "y" BROWSER Number "top edge in CSS pixels of the viewport" |_| ElementProperty::Y;
    "width" BROWSER Number "width in CSS pixels" |_| ElementProperty::Width;
    "height" BROWSER Number "height in CSS pixels" |_| ElementProperty::Height;
    "center_x" BROWSER Number "horizontal centre in CSS pixels of the viewport" |_| ElementProperty::CenterX;
    "center_y" BROWSER Number "vertical centre in CSS pixels of the viewport" |_| ElementProperty::CenterY;
    "in_viewport" BROWSER Share "the part of it that the window shows, what its scrolling parents cut off left out; `true` is any part" |_| ElementProperty::InViewport;
    "overlaps" ("LOCATOR") BROWSER Flag "has pixels in common with another element that is visible" ElementProperty::Overlaps;
    "role" HTML Text "its role, as assistive technology is told it (HTML-AAM, WAI-ARIA)" |_| ElementProperty::Role;
    "name" HTML Text "the name that assistive technology calls it by, white space folded; empty where it has none (AccName)" |_| ElementProperty::Name;
}

impl ElementPropertyDefinition {
    /// The property, with what stands for its `argument`.
    pub fn build(&self, argument: String) -> ElementProperty {
        (self.build)(argument)
    }
}

impl ElementProperty {
    /// The row in the table of element properties.
    pub fn definition(&self) -> Option<&'static ElementPropertyDefinition> {
        let key = self.key();
        let name = key.split('.').next().unwrap_or("");
        ELEMENT_PROPERTIES.iter().find(|row| row.name == name)
    }

    /// What messages say where the elements have none of it.
    pub(super) fn none_of_it(&self) -> &'static str {
        match self {
            Self::Attribute(_) => "no such attribute",
            Self::Value => "no form control, so it has no value",
            Self::Checked => "nothing that can be checked",
            Self::Overlaps(_) => "nothing to overlap with: no other visible element matches",
            Self::Role => "no role",
            _ => "not known",
        }
    }

    /// The property as the last part of a subject's key.
    pub fn key(&self) -> String {
        match self {
            Self::Attribute(name) => format!("attribute.{name}"),
            Self::Style(name) => format!("style.{name}"),
            Self::Overlaps(other) => format!("overlaps.{other:?}"),
            other => ELEMENT_PROPERTIES
                .iter()
                .find(|definition| definition.argument.is_none() && definition.build(String::new()) == *other)
                .map_or_else(String::new, |definition| definition.name.to_owned()),
        }
    }
}

/// What must be read from a page so that some subjects can be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementQuery {
    /// The elements.
    pub locator: Locator,
    /// Attributes to read.
    pub attributes: Vec<String>,
    /// Computed style properties to read.
    pub styles: Vec<String>,
    /// Whether role and name are asked for.
    pub is_accessible_asked: bool,
    /// Other elements that they may overlap, as written.
    pub overlaps: Vec<Locator>,
}

impl ElementQuery {
    fn new(locator: Locator) -> Self {
        Self {
            locator,
            attributes: Vec::new(),
            styles: Vec::new(),
            is_accessible_asked: false,
            overlaps: Vec::new(),
        }
    }

    /// The queries for all elements among some subjects: one for each locator.
    pub fn for_subjects<'a>(subjects: impl IntoIterator<Item = &'a Subject>) -> Vec<Self> {
        let mut queries: Vec<Self> = Vec::new();
        for subject in subjects {
            let Subject::Element(locator, property) = subject else { continue };
            let position = queries.iter().position(|query| query.locator == *locator).unwrap_or_else(|| {
                queries.push(Self::new(locator.clone()));
                queries.len() - 1
            });
            match property {
                ElementProperty::Attribute(name) => queries[position].attributes.push(name.clone()),
                ElementProperty::Style(name) => queries[position].styles.push(name.clone()),
                ElementProperty::Role | ElementProperty::Name => queries[position].is_accessible_asked = true,
                ElementProperty::Overlaps(other) => {
                    queries[position].overlaps.extend(Locator::parse(other).ok());
                }
                _ => {}
            }
        }
        queries
    }
}
