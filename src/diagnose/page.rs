//! What a page says it is, whether it came over HTTP or stands in a browser.

use std::cell::OnceCell;

use scraper::{Html, Selector};
use url::{Host, Url};

use crate::evidence::{Evidence, Exchange, Headers, PageState, Response};
use crate::expect::visible_text;

/// How much of a body is looked at, in bytes: the largest debug pages say what they are long before.
const LOOKED_AT: usize = 512 * 1024;
/// How long a page may be, in characters of visible text, to be its own headline.
const SHORT: usize = 3_000;
/// How much of an answer that is not HTML is its headline, in characters.
const PLAIN: usize = 20_000;
/// How much of the visible text is its beginning, in characters.
const OPENING: usize = 300;
/// Where pages say what they are about, and frameworks what was raised.
const HEADLINES: &str = "title, h1, h2, .exception_value, p.errormsg, .exception-message, #summary pre";

/// A page as it was seen.
pub struct Page<'a> {
    /// Its address.
    pub url: &'a str,
    /// Its status; none where a browser does not tell it.
    pub status: Option<u16>,
    /// Its headers; none of a browser's page.
    pub headers: Option<&'a Headers>,
    body: &'a str,
    is_html: bool,
    rendered: Option<&'a str>,
    html: OnceCell<Html>,
    title: OnceCell<String>,
    heading: OnceCell<String>,
    headline: OnceCell<String>,
    text: OnceCell<String>,
}

impl<'a> Page<'a> {
    /// The page that a step's expectations are about; none where it saw none.
    pub fn of(evidence: &'a Evidence) -> Option<Self> {
        match evidence {
            Evidence::Page(page) => Some(Self::of_browser(page)),
            other => other.exchange().and_then(Self::of_exchange),
        }
    }

    /// The last answer of an exchange.
    pub fn of_exchange(exchange: &'a Exchange) -> Option<Self> {
        Some(Self::of_response(exchange.url(), exchange.response()?))
    }

    /// An answer from this address.
    pub fn of_response(url: &'a str, response: &'a Response) -> Self {
        let body = cut(response.text.as_deref().unwrap_or(&response.body.excerpt));
        let media_type = response.media_type();
        let is_html = match media_type.as_str() {
            "text/html" | "application/xhtml+xml" => true,
            "" => body.trim_start().starts_with('<'),
            _ => false,
        };
        Self::new(url, Some(response.status), Some(&response.headers), body, is_html)
    }

    /// A page in a browser.
    pub(super) fn of_browser(page: &'a PageState) -> Self {
        let mut seen = Self::new(&page.url, page.status, None, cut(&page.html), true);
        seen.rendered = Some(cut(if page.text.is_empty() { &page.excerpt } else { &page.text }));
        seen.title = OnceCell::from(fold(&page.title));
        seen
    }

    fn new(
        url: &'a str,
        status: Option<u16>,
        headers: Option<&'a Headers>,
        body: &'a str,
        is_html: bool,
    ) -> Self {
        Self {
            url,
            status,
            headers,
            body,
            is_html,
            rendered: None,
            html: OnceCell::new(),
            title: OnceCell::new(),
            heading: OnceCell::new(),
            headline: OnceCell::new(),
            text: OnceCell::new(),
        }
    }

    /// Whether it is HTML.
    pub fn is_html(&self) -> bool {
        self.is_html
    }

    /// Whether its status says that something is wrong.
    pub fn is_error(&self) -> bool {
        self.status.is_some_and(|status| status >= 400)
    }

    /// The path of its address, `/` where it has none.
    pub fn path(&self) -> &str {
        path_of(self.url)
    }

    /// Its source, the first 512 KiB of it.
    pub fn body(&self) -> &str {
        self.body
    }

    /// Its media type, as far as known.
    pub fn media_type(&self) -> &str {
        let declared = self.headers.and_then(|headers| headers.get("content-type"));
        declared.unwrap_or(if self.is_html { "text/html" } else { "" })
    }

    /// Its title, white space folded; empty where it has none.
    pub fn title(&self) -> &str {
        self.title.get_or_init(|| self.texts_of("title").into_iter().next().unwrap_or_default())
    }

    /// Its first heading of the first order; empty where it has none.
    pub fn heading(&self) -> &str {
        self.heading.get_or_init(|| self.texts_of("h1").into_iter().next().unwrap_or_default())
    }

    /// What it says it is about, a line for each: title, headings, an exception; the whole where it is short.
    pub fn headline(&self) -> &str {
        self.headline.get_or_init(|| {
            if !self.is_html {
                return self.body.chars().take(PLAIN).collect();
            }
            let mut lines = self.texts_of(HEADLINES);
            if self.text().chars().count() <= SHORT {
                lines.push(self.text().to_owned());
            }
            lines.join("\n")
        })
    }

    /// The text that a reader sees, white space folded.
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| match self.rendered {
            Some(text) => fold(text),
            None if self.is_html => visible_text(self.html()),
            None => fold(self.body),
        })
    }

    /// Whether its title, or the beginning of its text, names the host from which it came: `www.shop.example` is called
    /// `shop.example`, too.
    pub fn names_itself(&self) -> bool {
        let Ok(url) = Url::parse(self.url) else { return false };
        let Some(Host::Domain(host)) = url.host() else { return false };
        let beginning: String = self.text().chars().take(OPENING).collect();
        let told = format!("{}\n{beginning}", self.title()).to_lowercase();
        let mut name = host;
        loop {
            if names_host(&told, name) {
                return true;
            }
            match name.split_once('.') {
                Some((_, rest)) if rest.contains('.') => name = rest,
                _ => return false,
            }
        }
    }

    /// Of a traceback as plain text its last line, which names the exception.
    pub fn last_word(&self) -> Option<&str> {
        let is_traceback = !self.is_html && self.body.trim_start().starts_with("Traceback (most recent");
        self.body.lines().rev().map(str::trim).find(|line| is_traceback && !line.is_empty())
    }

    /// Whether an element matches the CSS selector.
    pub fn has(&self, selector: &str) -> bool {
        self.is_html && Selector::parse(selector).is_ok_and(|one| self.html().select(&one).next().is_some())
    }

    fn html(&self) -> &Html {
        self.html.get_or_init(|| Html::parse_document(self.body))
    }

    fn texts_of(&self, selector: &str) -> Vec<String> {
        let Some(selector) = Selector::parse(selector).ok().filter(|_| self.is_html) else {
            return Vec::new();
        };
        self.html().select(&selector).map(|element| fold(&element.text().collect::<String>())).collect()
    }
}

/// The path of an absolute address, `/` where it has none.
pub(super) fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |start| &rest[start..]);
    path.split(['?', '#']).next().unwrap_or("/")
}

/// Whether a host stands in a text, and not as the end of another one.
fn names_host(text: &str, host: &str) -> bool {
    let is_part = |one: char| one.is_alphanumeric() || matches!(one, '.' | '-');
    text.match_indices(host).any(|(start, _)| {
        let (before, after) = (&text[..start], &text[start + host.len()..]);
        // A full stop may end the sentence.
        let goes_on = after.trim_start_matches('.').starts_with(is_part);
        !before.ends_with(is_part) && !goes_on
    })
}

fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LOOKED_AT)]
}
