//! What an assertion or a capture of Hurl looks at, as subject of a spec: its query and its filters.

use super::file::{Filter, Operand, Query};
use super::text::Texts;
use super::words::{WordKind, refusal_of};

/// A subject, and how its value is to be compared.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is what one filter does, and several may stand together"
)]
pub(super) struct Looked {
    /// The subject as a path of keys.
    pub(super) subject: Vec<String>,
    /// A pattern whose first group is what is compared.
    pub(super) pattern: Option<String>,
    /// Whether the text in the group is encoded as in addresses.
    pub(super) is_encoded: bool,
    /// Whether the length is compared.
    pub(super) is_counted: bool,
    /// Whether a number may be its text too.
    pub(super) is_converted: bool,
    /// Whether bytes are compared.
    pub(super) is_bytes: bool,
    /// Bytes that are written as a text.
    pub(super) encoding: Option<&'static str>,
    /// Whether it is about the certificate, and so belongs in a step `tls`.
    pub(super) is_certificate: bool,
    /// Whether the expire date is still a date.
    pub(super) is_date: bool,
}

impl Looked {
    fn at(subject: &[&str]) -> Self {
        Self { subject: subject.iter().map(|&part| part.to_owned()).collect(), ..Self::default() }
    }

    /// The subject's first key.
    pub(super) fn family(&self) -> &str {
        self.subject.first().map_or("", String::as_str)
    }

    /// The subject as a capture writes it.
    pub(super) fn written(&self) -> String {
        let quoted =
            |part: &String| if part.contains('"') { format!("'{part}'") } else { format!("\"{part}\"") };
        match self.subject.as_slice() {
            [name, argument] if ["json", "xml"].contains(&name.as_str()) => {
                format!("{name}.{}", quoted(argument))
            }
            parts => parts.join("."),
        }
    }
}

/// Finds the subject of a query with its filters; if there is none, says why.
pub(super) fn look(query: &Query, texts: &mut Texts) -> Result<Looked, String> {
    if let Some(refusal) = refusal_of(WordKind::Query, &query.name) {
        return Err(refusal);
    }
    let mut looked = start(query, texts)?;
    for filter in &query.filters {
        looked = apply(filter, looked, texts)?;
    }
    if looked.is_date {
        return Err("the expire date is looked at with `daysAfterNow` only".to_owned());
    }
    if looked.family() == "redirects" && !looked.is_counted {
        return Err("of redirects only their `count` has a counterpart".to_owned());
    }
    // A number of redirects is no list any more.
    looked.is_counted &= looked.family() != "redirects";
    Ok(looked)
}

fn start(query: &Query, texts: &mut Texts) -> Result<Looked, String> {
    let argument = query.argument.as_ref().and_then(Operand::text).unwrap_or("").to_owned();
    Ok(match query.name.as_str() {
        "version" => Looked::at(&["http_version"]),
        "ip" => Looked::at(&["address"]),
        "duration" => Looked::at(&["time"]),
        "header" => Looked::at(&["header", &texts.text(&argument)]),
        "xpath" => Looked::at(&["xml", &texts.text(&argument)]),
        "jsonpath" => Looked::at(&["json", &texts.text(&argument)]),
        "bytes" => Looked { is_bytes: true, ..Looked::at(&["body"]) },
        "regex" => Looked { pattern: Some(checked(argument)?), ..Looked::at(&["body"]) },
        "cookie" => look_at_cookie(&argument, texts),
        "certificate" => look_at_certificate(&argument)?,
        name => Looked::at(&[name]),
    })
}

/// A pattern that has no template in it: a spec cannot tell its braces apart.
fn checked(pattern: String) -> Result<String, String> {
    if pattern.contains("{{") {
        Err("a template inside of a pattern has no counterpart".to_owned())
    } else {
        Ok(pattern)
    }
}

/// `name`, `name[Path]`: attributes of cookies are not kept in the jar, so the header is looked at.
fn look_at_cookie(argument: &str, texts: &mut Texts) -> Looked {
    let Some((name, attribute)) = argument.strip_suffix(']').and_then(|inner| inner.split_once('[')) else {
        return Looked::at(&["cookie", &texts.text(argument)]);
    };
    let name = regex::escape(name);
    let pattern = match attribute {
        "Value" => format!("^{name}=([^;]*)"),
        "Secure" | "HttpOnly" => format!("(?i)^{name}=.*;\\s*({attribute})\\s*(?:;|$)"),
        _ => format!("(?i)^{name}=.*;\\s*{attribute}=([^;]*)"),
    };
    Looked { pattern: Some(pattern), ..Looked::at(&["header", "set-cookie"]) }
}

fn look_at_certificate(field: &str) -> Result<Looked, String> {
    let looked = match field {
        "Issuer" => Looked::at(&["issuer"]),
        "Subject-Alt-Name" => Looked::at(&["names"]),
        "Expire-Date" => Looked { is_date: true, ..Looked::at(&["days_left"]) },
        _ => return Err(format!("the certificate's {field} has no counterpart")),
    };
    Ok(Looked { is_certificate: true, ..looked })
}

fn apply(filter: &Filter, looked: Looked, texts: &mut Texts) -> Result<Looked, String> {
    if let Some(refusal) = refusal_of(WordKind::Filter, &filter.name) {
        return Err(refusal);
    }
    let refused = || Err(format!("`{}` has no counterpart here", filter.name));
    if looked.is_counted || looked.encoding.is_some() {
        return refused();
    }
    let text = filter.arguments.first().and_then(Operand::text).unwrap_or("").to_owned();
    let family = looked.family().to_owned();
    Ok(match filter.name.as_str() {
        "count" => return count(looked),
        "first" | "last" | "nth" => return pick(filter, looked),
        "jsonpath" if family == "body" && looked.pattern.is_none() => {
            Looked::at(&["json", &texts.text(&text)])
        }
        "xpath" if family == "body" && looked.pattern.is_none() => Looked::at(&["xml", &texts.text(&text)]),
        "regex" if looked.pattern.is_none() && !looked.is_bytes => {
            Looked { pattern: Some(checked(text)?), ..looked }
        }
        "urlQueryParam" if looked.pattern.is_none() => {
            let name: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            let pattern = format!("[?&]{}=([^&#]*)", regex::escape(&name));
            Looked { pattern: Some(pattern), is_encoded: true, ..looked }
        }
        "daysAfterNow" if looked.is_date => Looked { is_date: false, ..looked },
        "toInt" | "toFloat" | "toString" => Looked { is_converted: true, ..looked },
        "toHex" if looked.is_bytes => Looked { encoding: Some("hex"), ..looked },
        "base64Encode" if looked.is_bytes => Looked { encoding: Some("base64"), ..looked },
        "utf8Decode" | "charsetDecode" | "decode" if looked.is_bytes => Looked { is_bytes: false, ..looked },
        _ => return refused(),
    })
}

fn count(mut looked: Looked) -> Result<Looked, String> {
    if looked.pattern.is_some() {
        return Err("`count` behind a pattern has no counterpart".to_owned());
    }
    if looked.is_bytes {
        return Ok(Looked::at(&["size"]));
    }
    match looked.family() {
        "xml" => looked.subject[1] = format!("count({})", looked.subject[1]),
        "redirects" | "json" | "names" | "body" => looked.is_counted = true,
        other => return Err(format!("`count` of {other} has no counterpart")),
    }
    Ok(looked)
}

/// An item of a list: the path says which.
fn pick(filter: &Filter, mut looked: Looked) -> Result<Looked, String> {
    let number = match (filter.name.as_str(), filter.arguments.first()) {
        ("first", _) => 0,
        ("last", _) => -1,
        (_, Some(Operand::Number(number))) => number.as_i64().unwrap_or(0),
        _ => return Err("`nth` needs a number".to_owned()),
    };
    match looked.family() {
        "json" => {
            let path = &looked.subject[1];
            // A path that finds several values is no list: what finds them is told apart by its place.
            let stem = path.strip_suffix("[*]").or_else(|| path.strip_suffix(".*")).unwrap_or(path);
            if stem.contains('*') || stem.contains("..") || stem.contains('?') {
                return Err(format!(
                    "`{}` of a path that finds several values has no counterpart",
                    filter.name
                ));
            }
            looked.subject[1] = format!("{stem}[{number}]");
        }
        "xml" => {
            let place = match number {
                -1 => "last()".to_owned(),
                number if number < 0 => format!("last(){}", number + 1),
                number => (number + 1).to_string(),
            };
            looked.subject[1] = format!("({})[{place}]", looked.subject[1]);
        }
        other => return Err(format!("`{}` of {other} has no counterpart", filter.name)),
    }
    Ok(looked)
}
