//! What went over the wire: the request with its hops, and the first lines of what came back.

use scraper::Html;

use super::super::secrecy::hide_password;
use super::comparison::render_lines;
use super::layout::wrap;
use super::line::{Line, Tone, make_harmless};
use super::quantity::{render_bytes, render_milliseconds};
use super::sheet::Sheet;
use crate::evidence::{Exchange, Hop, Response, Timings};
use crate::expect::visible_text;

/// How many lines of an answer are shown.
const LINES: usize = 6;
/// How many hops are shown.
const HOPS: usize = 6;

/// Adds a line for each hop: method, address, status, time.
pub(super) fn render_request(sheet: &mut Sheet, exchange: &Exchange) {
    let left_out = exchange.hops.len().saturating_sub(HOPS);
    for (index, hop) in exchange.hops.iter().enumerate() {
        // The first hop and the last ones say most.
        if index > 0 && index <= left_out {
            if index == 1 {
                let more = format!("{} {left_out} more redirects", sheet.symbols.ellipsis);
                sheet.labelled_line("", Tone::Quiet, &more);
            }
            continue;
        }
        let line = render_hop(sheet, hop, if index == 0 { "request" } else { "" });
        let address = hop.address.as_deref().filter(|_| index + 1 == exchange.hops.len());
        sheet.line(address.into_iter().fold(line, |line, address| line.quiet(&format!("  {address}"))));
    }
}

fn render_hop(sheet: &Sheet, hop: &Hop, label: &str) -> Line {
    let url = hide_password(&hop.request.url);
    let line = sheet.label(label).plain(&format!("{} {url} ", hop.request.method));
    let line = line.quiet(sheet.symbols.arrow).plain(" ");
    let line = match (&hop.response, &hop.cause) {
        (Some(response), _) => {
            let tone = if response.status >= 400 { Tone::Bad } else { Tone::Plain };
            line.add(tone, &response.status.to_string())
        }
        (None, Some(_)) => line.add(Tone::Bad, "no answer"),
        (None, None) => line.plain("no answer"),
    };
    line.quiet(&format!("  {}", render_milliseconds(hop.timings.total_ms)))
}

/// Adds how long each phase of a hop took.
pub(super) fn render_timings(sheet: &mut Sheet, timings: &Timings) {
    let phases = [
        ("dns", timings.dns_ms),
        ("connect", timings.connect_ms),
        ("tls", timings.tls_ms),
        ("first byte", timings.first_byte_ms),
        ("body", timings.body_ms),
    ];
    let told: Vec<String> = phases
        .iter()
        .filter_map(|(name, time)| Some(format!("{name} {}", render_milliseconds((*time)?))))
        .collect();
    if !told.is_empty() {
        sheet.labelled("times", Tone::Plain, &told.join(", "));
    }
}

/// Adds what kind of thing came back and its first lines; of a page, the text that a reader would see.
pub(super) fn render_answer(sheet: &mut Sheet, response: &Response) {
    let media_type = response.media_type();
    let kind = if media_type.is_empty() { "no content type" } else { media_type.as_str() };
    let body = &response.body;
    let size = if body.size == 0 { "empty".to_owned() } else { render_bytes(body.size) };
    sheet.labelled_line("answer", Tone::Quiet, &format!("{kind}, {size}"));
    let excerpt = body.excerpt.trim_start_matches('\u{feff}').trim_start();
    if is_html(&media_type, excerpt) {
        render_reading(sheet, "", &read_page(excerpt));
    } else if !excerpt.is_empty() {
        render_lines(sheet, "", Tone::Plain, excerpt, LINES);
    }
}

/// Adds the first lines of running text behind a label, wrapped.
pub(super) fn render_reading(sheet: &mut Sheet, label: &str, text: &str) {
    if text.is_empty() {
        return;
    }
    let lines = wrap(&make_harmless(text), sheet.room());
    let cut = lines.len() > LINES;
    for (index, line) in lines.iter().take(LINES).enumerate() {
        let ending =
            if cut && index + 1 == LINES { format!(" {}", sheet.symbols.ellipsis) } else { String::new() };
        let label = if index == 0 { label } else { "" };
        sheet.line(sheet.label(label).plain(line).quiet(&ending));
    }
}

fn is_html(media_type: &str, excerpt: &str) -> bool {
    let start: String = excerpt.chars().take(15).collect::<String>().to_ascii_lowercase();
    media_type.contains("html") || start.starts_with("<!doctype html") || start.starts_with("<html")
}

/// What a reader would see; the excerpt may end inside the head of the page, then its title must do.
fn read_page(excerpt: &str) -> String {
    let html = Html::parse_document(excerpt);
    let text = visible_text(&html);
    if !text.is_empty() {
        return text;
    }
    let mut elements = html.root_element().descendent_elements();
    let title = elements.find(|element| element.value().name() == "title");
    let words: String = title.map(|title| title.text().collect()).unwrap_or_default();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
