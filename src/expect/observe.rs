//! The value that a subject has in some evidence.

mod network;
mod page;

use std::cell::OnceCell;
use std::fmt;

use scraper::Html;

use super::element::ElementProperty;
use super::html;
use super::locator::Locator;
use super::subject::Subject;
use super::xpath::Tree;
use crate::evidence::{AssetKind, AssetSweep, Evidence, Exchange, Response, Rows, Value, shorten_to};

/// What a subject has in some evidence.
#[derive(Clone, Debug, PartialEq)]
pub enum Observed {
    /// One value.
    One(Value),
    /// Several, of which one may be enough: texts of elements, headers of one name.
    Several(Vec<Value>),
    /// What a query found, which may be nothing: judged as a list, and the only one of them as itself too.
    Found(Vec<Value>),
    /// None, and why.
    Missing(Missing),
}

/// Why a subject has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    reason: String,
    /// Whether this is an empty set of things (no element matches), of which a negative is true.
    empty_set: bool,
}

impl Observed {
    pub(super) fn missing(reason: impl Into<String>) -> Self {
        Self::Missing(Missing { reason: reason.into(), empty_set: false })
    }

    pub(super) fn nothing_matches(reason: impl Into<String>) -> Self {
        Self::Missing(Missing { reason: reason.into(), empty_set: true })
    }

    /// Several values, or what stands for none.
    pub(super) fn several_or(values: Vec<Value>, otherwise: impl FnOnce() -> Self) -> Self {
        if values.is_empty() { otherwise() } else { Self::Several(values) }
    }

    /// Whether there is no value.
    pub fn is_missing(&self) -> bool {
        match self {
            Self::Missing(_) => true,
            Self::Found(values) => values.is_empty(),
            Self::One(_) | Self::Several(_) => false,
        }
    }

    /// Whether there is no value because nothing matches, rather than because nothing could be looked at.
    pub fn is_empty_set(&self) -> bool {
        matches!(self, Self::Missing(missing) if missing.empty_set)
    }

    /// The value that a capture takes: the first of several; the only one that a query found, or all as a list.
    pub fn into_value(self) -> Option<Value> {
        match self {
            Self::One(value) => Some(value),
            Self::Found(values) if values.len() > 1 => Some(Value::List(values)),
            Self::Found(values) | Self::Several(values) => values.into_iter().next(),
            Self::Missing(_) => None,
        }
    }
}

/// What was seen, as messages show it.
impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(value) => write!(f, "{value}"),
            Self::Several(values) if values.len() == 1 => write!(f, "{}", values[0]),
            Self::Found(values) if values.is_empty() => f.write_str("nothing found"),
            Self::Several(values) | Self::Found(values) => write!(f, "{}", Value::List(values.clone())),
            Self::Missing(missing) => f.write_str(&missing.reason),
        }
    }
}

/// Looks up subjects in one piece of evidence; parses HTML and JSON at most once.
pub struct Observer<'a> {
    evidence: &'a Evidence,
    cookies: &'a [(String, String)],
    html: OnceCell<Html>,
    json: OnceCell<Result<serde_json::Value, String>>,
    xml: OnceCell<Result<Tree, String>>,
}

impl<'a> Observer<'a> {
    /// Looks into evidence, and into the actor's cookies for the subject's address.
    pub fn new(evidence: &'a Evidence, cookies: &'a [(String, String)]) -> Self {
        Self { evidence, cookies, html: OnceCell::new(), json: OnceCell::new(), xml: OnceCell::new() }
    }

    /// The value of a subject.
    pub fn observe(&self, subject: &Subject) -> Observed {
        match (subject, self.evidence) {
            (Subject::Cookie(name), _) => self.cookies.iter().find(|(known, _)| known == name).map_or_else(
                || Observed::missing("no such cookie"),
                |(_, value)| Observed::One(Value::text(value)),
            ),
            (Subject::Plain(name), Evidence::Assets(sweep)) if asset_count(name, sweep).is_some() => {
                asset_count(name, sweep).map_or_else(|| Observed::missing("unknown"), Observed::One)
            }
            (Subject::Plain("links"), Evidence::Links(sweep)) => {
                count(sweep.followed.saturating_sub(sweep.broken_addresses()))
            }
            (_, Evidence::Page(page)) => page::observe_page(subject, page),
            (_, Evidence::Rows(rows)) => observe_rows(subject, rows),
            (_, Evidence::Lookup(lookup)) => network::observe_lookup(subject, lookup),
            (_, Evidence::Connection(connection)) => network::observe_connection(subject, connection),
            (_, evidence) => match evidence.exchange() {
                Some(exchange) => self.observe_exchange(subject, exchange),
                None => Observed::missing("not observable here"),
            },
        }
    }

    fn observe_exchange(&self, subject: &Subject, exchange: &Exchange) -> Observed {
        let Some(response) = exchange.response() else {
            return Observed::missing("no answer");
        };
        match subject {
            Subject::Plain("title") => html::title(self.html(response))
                .map_or_else(|| Observed::missing("no <title>"), |title| Observed::One(Value::Text(title))),
            Subject::Plain("text") => Observed::One(Value::Text(html::visible_text(self.html(response)))),
            Subject::Plain("schema") => match self.json(response) {
                Ok(json) => Observed::One(Value::from_json(json)),
                Err(reason) => Observed::missing(reason.clone()),
            },
            Subject::Plain(name) => observe_plain(name, exchange, response),
            Subject::Header(name) => {
                Observed::several_or(response.headers.get_all(name).map(Value::text).collect(), || {
                    Observed::missing("no such header")
                })
            }
            Subject::Json(query) => match self.json(response) {
                Ok(json) => query.observe(json),
                Err(reason) => Observed::missing(reason.clone()),
            },
            Subject::Xml(query) => {
                match self.xml.get_or_init(|| Tree::of_response(response, || self.html(response))) {
                    Ok(tree) => query.observe(tree),
                    Err(reason) => Observed::missing(reason.clone()),
                }
            }
            Subject::Element(locator, property) => self.observe_element(locator, property, response),
            Subject::Cookie(_) | Subject::Row(_) | Subject::Column(_) => {
                Observed::missing("not observable here")
            }
        }
    }

    fn html(&self, response: &Response) -> &Html {
        self.html.get_or_init(|| Html::parse_document(response.text.as_deref().unwrap_or("")))
    }

    fn json(&self, response: &Response) -> &Result<serde_json::Value, String> {
        self.json.get_or_init(|| parse_json(response))
    }

    fn observe_element(
        &self,
        locator: &Locator,
        property: &ElementProperty,
        response: &Response,
    ) -> Observed {
        let html = self.html(response);
        let Some(elements) = html::select(html, locator) else {
            return Observed::missing(match locator.browser_only() {
                Some(name) => format!("only a browser can judge `:{name}`"),
                None => "the XPath does not find elements".to_owned(),
            });
        };
        if *property == ElementProperty::Count {
            return count(elements.len());
        }
        if elements.is_empty() {
            return Observed::nothing_matches("no element matches");
        }
        let values = elements.iter().filter_map(|element| html::property(html, *element, property)).collect();
        Observed::several_or(values, || Observed::missing(property.none_of_it()))
    }
}

/// The body as JSON; the error says what it is instead.
fn parse_json(response: &Response) -> Result<serde_json::Value, String> {
    if response.body.size == 0 {
        return Err("the body is empty, not JSON".to_owned());
    }
    serde_json::from_slice(&response.body.bytes).map_err(|error| {
        let media_type = response.media_type();
        let start = first_line(response);
        match media_type.as_str() {
            "" => format!("the body is not JSON: it begins with {start:?}"),
            "application/json" => format!("the body is not JSON: {error}: it begins with {start:?}"),
            _ => format!("the body is not JSON but {media_type}: it begins with {start:?}"),
        }
    })
}

fn first_line(response: &Response) -> String {
    shorten_to(response.body.excerpt.lines().next().unwrap_or(""), 80)
}

fn count(number: usize) -> Observed {
    Observed::One(Value::Integer(i64::try_from(number).unwrap_or(i64::MAX)))
}

fn observe_plain(name: &str, exchange: &Exchange, response: &Response) -> Observed {
    let last = exchange.last();
    Observed::One(match name {
        "status" => Value::Integer(response.status.into()),
        "url" => Value::text(exchange.url()),
        "redirects" => return count(exchange.redirects()),
        "time" => Value::Duration { ms: exchange.total_ms },
        "first_byte" => match last.and_then(|hop| hop.timings.first_byte_ms) {
            Some(ms) => Value::Duration { ms },
            None => return Observed::missing("not measured"),
        },
        "size" => Value::Size { bytes: response.body.size },
        "http_version" => Value::text(&response.version),
        "address" => match last.and_then(|hop| hop.address.as_deref()) {
            Some(address) => Value::text(without_port(address)),
            None => return Observed::missing("not known"),
        },
        "sha256" => Value::text(&response.body.sha256),
        "body" => match &response.text {
            Some(text) => Value::text(text),
            None => return Observed::missing(format!("{} bytes of binary data", response.body.size)),
        },
        _ => return Observed::missing("not observable here"),
    })
}

/// The address of `ip:port`.
fn without_port(address: &str) -> &str {
    address.rsplit_once(':').map_or(address, |(ip, _)| ip).trim_matches(['[', ']'])
}

fn asset_count(name: &str, sweep: &AssetSweep) -> Option<Value> {
    let loads = |kinds: &[AssetKind]| {
        sweep.assets.iter().filter(|asset| asset.loads() && kinds.contains(&asset.kind)).count()
    };
    let count = match name {
        "css" => loads(&[AssetKind::Css]),
        "js" => loads(&[AssetKind::Js]),
        "images" => loads(&[AssetKind::Image, AssetKind::Icon]),
        "fonts" => loads(&[AssetKind::Font]),
        "all" => loads(&AssetKind::ALL),
        "third_party" => sweep.assets.iter().filter(|asset| asset.third_party).count(),
        _ => return None,
    };
    i64::try_from(count).ok().map(Value::Integer)
}

fn observe_rows(subject: &Subject, rows: &Rows) -> Observed {
    match subject {
        Subject::Plain("rows") => count(rows.count),
        Subject::Plain("affected") => match rows.affected {
            Some(affected) => Observed::One(Value::Integer(i64::try_from(affected).unwrap_or(i64::MAX))),
            None => Observed::missing("the statement changes nothing"),
        },
        Subject::Row(name) => match (rows.position(name), rows.rows.first()) {
            (None, _) => Observed::missing(no_such_column(rows)),
            (Some(_), None) => Observed::missing("no rows"),
            (Some(position), Some(row)) => Observed::One(row[position].clone()),
        },
        Subject::Column(name) => match rows.position(name) {
            None => Observed::missing(no_such_column(rows)),
            Some(position) => {
                Observed::One(Value::List(rows.rows.iter().map(|row| row[position].clone()).collect()))
            }
        },
        _ => Observed::missing("not observable in a database"),
    }
}

fn no_such_column(rows: &Rows) -> String {
    let names: Vec<&str> = rows.columns.iter().map(|column| column.name.as_str()).collect();
    format!("no such column; there are: {}", names.join(", "))
}
