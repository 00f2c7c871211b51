//! The value of a subject of a browser page.

use super::{Observed, count};
use crate::evidence::{
    ComparisonOutcome, Download, ElementState, PageSpeed, PageState, PictureComparison, Value,
};
use crate::expect::element::ElementProperty;
use crate::expect::html;
use crate::expect::locator::Locator;
use crate::expect::subject::Subject;

pub(super) fn observe_page(subject: &Subject, page: &PageState) -> Observed {
    match subject {
        Subject::Plain("status") => page.status.map_or_else(
            || Observed::missing("not told by the browser"),
            |status| Observed::One(Value::Integer(status.into())),
        ),
        Subject::Plain("url") => Observed::One(Value::text(&page.url)),
        Subject::Plain("title") => Observed::One(Value::text(&page.title)),
        Subject::Plain("text") => Observed::One(Value::Text(html::fold_white_space(&page.text))),
        Subject::Plain("result") => match &page.result {
            Some(result) => Observed::One(result.clone()),
            None => Observed::missing("the script did not come to its end"),
        },
        Subject::Plain("dialog") => {
            let messages = page.dialogs.iter().map(|dialog| Value::text(&dialog.message)).collect();
            Observed::several_or(messages, || Observed::missing("no dialog opened"))
        }
        Subject::Plain(name) if name.starts_with("download.") => match &page.download {
            Some(download) => observe_download(name, download),
            None => Observed::missing("no download"),
        },
        Subject::Plain("console.errors") => {
            count(page.console.iter().filter(|message| message.level == "error" || message.uncaught).count())
        }
        Subject::Plain("requests.failed") => count(
            page.resources.iter().filter(|resource| resource.same_origin && resource.is_failed()).count(),
        ),
        Subject::Plain("differs") => observe_difference(page.comparison.as_ref()),
        Subject::Plain(name) => observe_speed(name, &page.speed),
        Subject::Element(locator, property) => observe_page_element(page, &locator.to_string(), property),
        _ => Observed::missing("not observable in a browser page"),
    }
}

fn observe_download(name: &str, download: &Download) -> Observed {
    let value = match name {
        "download.name" => Some(Value::text(&download.name)),
        "download.size" => download.size.map(|bytes| Value::Size { bytes }),
        "download.sha256" => download.sha256.as_ref().map(Value::text),
        _ => download.text.as_ref().map(Value::text),
    };
    value.map_or_else(|| Observed::missing(why_unread(download)), Observed::One)
}

fn why_unread(download: &Download) -> &'static str {
    match download.size {
        Some(_) => "it is no text, or one of more than 1 MiB",
        None => "not observable: the file is on the machine of the browser",
    }
}

fn observe_page_element(page: &PageState, locator: &str, property: &ElementProperty) -> Observed {
    let Some(matches) = page.elements.iter().find(|matches| matches.locator == locator) else {
        return Observed::missing("the page was not looked at");
    };
    if *property == ElementProperty::Count {
        return count(matches.count);
    }
    if matches.elements.is_empty() {
        return Observed::nothing_matches("no element matches");
    }
    let values = matches.elements.iter().filter_map(|element| element_value(element, property)).collect();
    Observed::several_or(values, || Observed::missing(property.none_of_it()))
}

fn element_value(element: &ElementState, property: &ElementProperty) -> Option<Value> {
    Some(match property {
        ElementProperty::Text => Value::Text(html::fold_white_space(&element.text)),
        ElementProperty::Count => return None,
        ElementProperty::Attribute(name) => Value::text(element.attributes.get(name)?),
        ElementProperty::Value => Value::text(element.value.as_ref()?),
        ElementProperty::Visible => Value::Bool(element.visible),
        ElementProperty::Enabled => Value::Bool(element.enabled),
        ElementProperty::Checked => Value::Bool(element.checked?),
        ElementProperty::Focused => Value::Bool(element.focused),
        ElementProperty::Style(name) => Value::text(element.style.get(name)?),
        ElementProperty::X => Value::Float(element.x),
        ElementProperty::Y => Value::Float(element.y),
        ElementProperty::Width => Value::Float(element.width),
        ElementProperty::Height => Value::Float(element.height),
        ElementProperty::CenterX => Value::Float(element.x + element.width / 2.0),
        ElementProperty::CenterY => Value::Float(element.y + element.height / 2.0),
        ElementProperty::InViewport => Value::Share { share: element.in_viewport },
        ElementProperty::Overlaps(other) => {
            let written = Locator::parse(other).ok()?.to_string();
            Value::Bool(*element.overlaps.get(&written)?)
        }
        ElementProperty::Role => Value::text(element.role.as_ref()?),
        ElementProperty::Name => Value::text(element.name.as_ref()?),
    })
}

/// What a browser measures of every document; what it cannot measure is never nothing.
fn observe_speed(name: &str, speed: &PageSpeed) -> Observed {
    if speed.unobservable.iter().any(|one| one == name) {
        return Observed::missing(format!("not observable in {}", speed.browser));
    }
    let time = |ms: Option<f64>, otherwise: &str| match ms {
        Some(ms) => Observed::One(Value::Duration { ms }),
        None => Observed::missing(otherwise),
    };
    match name {
        "first_byte" => time(speed.first_byte_ms, "not told by the browser"),
        "first_paint" => time(speed.first_paint_ms, "nothing is painted yet"),
        "largest_paint" => time(speed.largest_paint_ms, "nothing is painted yet"),
        "load" => time(speed.load_ms, "the page has not finished loading"),
        "layout_shift" => match speed.layout_shift {
            Some(shift) => Observed::One(Value::Float(shift)),
            None => Observed::missing("not told by the browser"),
        },
        _ => Observed::missing("not observable in a browser page"),
    }
}

fn observe_difference(comparison: Option<&PictureComparison>) -> Observed {
    let Some(PictureComparison { baseline, outcome }) = comparison else {
        return Observed::missing("no picture was taken");
    };
    if let Some(share) = outcome.share() {
        return Observed::One(Value::Share { share });
    }
    Observed::missing(match outcome {
        ComparisonOutcome::Missing => {
            format!("{outcome} {baseline}: `smokegate run --update-screens` writes it")
        }
        _ => outcome.to_string(),
    })
}
