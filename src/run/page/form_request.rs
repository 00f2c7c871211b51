//! A filled-in form into a request (HTML, section 4.10.21.3, "form submission algorithm"). Pure.

use encoding_rs::Encoding;
use scraper::{ElementRef, Html};
use url::Url;

use super::discover::base_address;
use super::fields::{Entry, Fields, describe_buttons, is_disabled, is_submit_button};
use super::forms::{Form, find_form, missing};
use crate::evidence::Cause;
use crate::expect::{Locator, select};
use crate::run::http::{Part, encode_multipart};
use crate::spec::action::SubmitCall;

/// What a form sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FormRequest {
    /// `GET` or `POST`.
    pub(super) method: &'static str,
    /// Where to.
    pub(super) url: Url,
    /// Type and text of the body; none for `GET`.
    pub(super) body: Option<(String, String)>,
    /// The names and values that are sent, in tree order.
    pub(super) fields: Vec<(String, String)>,
}

/// Builds what a browser sends when a visitor fills in the form of a page and presses a button. `encoding` is the
/// page's.
pub(super) fn build_form_request(
    html: &Html,
    page: &Url,
    encoding: &'static Encoding,
    call: &SubmitCall,
) -> Result<FormRequest, Cause> {
    let form = find_form(html, &call.form)?;
    let button = find_button(html, &form, call.button.as_ref())?;
    let mut fields = Fields::read(&form);
    fields.fill(&call.fields)?;
    let encoding = form_encoding(form.element, encoding);
    let entries = fields.entries(button, encoding.name());
    let overridden = |name: &str, by_button: &str| {
        button.and_then(|button| button.attr(by_button)).or_else(|| form.element.attr(name)).unwrap_or("")
    };
    let method = overridden("method", "formmethod").to_ascii_lowercase();
    if method == "dialog" {
        return Err(missing("the form closes a dialog (method=\"dialog\") and sends nothing".to_owned()));
    }
    let mut url = resolve_action(html, page, overridden("action", "formaction"))?;
    let body = if method == "post" {
        Some(encode_body(&overridden("enctype", "formenctype").to_ascii_lowercase(), &entries, encoding))
    } else {
        url.set_query(Some(&encode_urlencoded(&entries, encoding)));
        None
    };
    Ok(FormRequest {
        method: if body.is_some() { "POST" } else { "GET" },
        url,
        body,
        fields: entries.into_iter().map(|entry| (entry.name, entry.value)).collect(),
    })
}

fn resolve_action(html: &Html, page: &Url, action: &str) -> Result<Url, Cause> {
    let action = action.trim();
    let mut url = if action.is_empty() {
        page.clone()
    } else {
        base_address(html, page)
            .join(action)
            .map_err(|_| missing(format!("the form's action {action:?} is not an address")))?
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(missing(format!("the form's action {action:?} is not a web address")));
    }
    url.set_fragment(None);
    Ok(url)
}

/// The button that is pressed: the named one, else the form's first that is not disabled, else none.
fn find_button<'a>(
    html: &'a Html,
    form: &Form<'a>,
    wanted: Option<&Locator>,
) -> Result<Option<ElementRef<'a>>, Cause> {
    let buttons: Vec<ElementRef<'a>> =
        form.controls.iter().copied().filter(|control| is_submit_button(*control)).collect();
    let Some(wanted) = wanted else {
        return Ok(buttons.into_iter().find(|button| !is_disabled(*button)));
    };
    let named = select(html, wanted).unwrap_or_default();
    let by_name = |button: &&ElementRef<'a>| button.attr("name") == Some(wanted.to_string().as_str());
    let mut found: Vec<&ElementRef<'a>> = buttons.iter().filter(|button| named.contains(button)).collect();
    if found.is_empty() {
        found = buttons.iter().filter(by_name).collect();
    }
    match found.as_slice() {
        [button] if is_disabled(**button) => Err(missing(format!("the button {wanted} is disabled"))),
        [button] => Ok(Some(**button)),
        [] => Err(missing(format!("no button matches {wanted}: {}", describe_buttons(&buttons)))),
        several => Err(missing(format!(
            "{wanted} matches {} buttons, and one is needed: {}",
            several.len(),
            describe_buttons(&buttons)
        ))),
    }
}

/// The first known label of `accept-charset`, else the page's encoding; UTF-8 where that one cannot be written.
fn form_encoding(form: ElementRef<'_>, page: &'static Encoding) -> &'static Encoding {
    let accepted = form.attr("accept-charset").unwrap_or("");
    let label = accepted.split_ascii_whitespace().find_map(|label| Encoding::for_label(label.as_bytes()));
    label.unwrap_or(page).output_encoding()
}

fn encode_body(enctype: &str, entries: &[Entry], encoding: &'static Encoding) -> (String, String) {
    match enctype {
        "multipart/form-data" => {
            let parts: Vec<Part> = entries
                .iter()
                .map(|entry| {
                    let name = with_crlf(&entry.name);
                    if entry.is_file {
                        Part::no_file(&name)
                    } else {
                        Part::value(&name, &with_crlf(&entry.value))
                    }
                })
                .collect();
            let (content_type, bytes) = encode_multipart(&parts);
            (content_type, String::from_utf8_lossy(&bytes).into_owned())
        }
        "text/plain" => {
            let lines = entries
                .iter()
                .map(|entry| format!("{}={}\r\n", with_crlf(&entry.name), with_crlf(&entry.value)));
            ("text/plain".to_owned(), lines.collect())
        }
        _ => ("application/x-www-form-urlencoded".to_owned(), encode_urlencoded(entries, encoding)),
    }
}

fn encode_urlencoded(entries: &[Entry], encoding: &'static Encoding) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .encoding_override(Some(&|text| encoding.encode(text).0))
        .extend_pairs(entries.iter().map(|entry| (with_crlf(&entry.name), with_crlf(&entry.value))))
        .finish()
}

/// Every line end becomes CRLF (HTML, "convert to a list of name-value pairs").
fn with_crlf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}
