//! What `links` saw.

use super::answer::{render_answer, render_request};
use super::evidence::{LISTED, origin_of, render_more, without_origin};
use super::layout::width_of;
use super::line::Tone;
use super::quantity::count;
use super::sheet::Sheet;
use crate::event::StepOutcome;
use crate::evidence::{Link, LinkFault, LinkSweep};

/// Adds the page, how many links were followed, and each that leads nowhere with what names it.
pub(super) fn render_links(sheet: &mut Sheet, outcome: &StepOutcome, sweep: &LinkSweep) {
    render_request(sheet, &sweep.page);
    if sweep.pages == 0 {
        if let Some(response) = sweep.page.response().filter(|_| outcome.error.is_none()) {
            render_answer(sheet, response);
        }
        return;
    }
    let rest = match sweep.left_out {
        0 => String::new(),
        left_out => format!(", not followed: {left_out}"),
    };
    let (broken, followed, pages) = (sweep.broken_count, sweep.followed, count(sweep.pages, "page"));
    let told = format!("broken: {broken}, followed: {followed}{rest}, on {pages}");
    sheet.labelled_line("links", Tone::Plain, &told);
    let origin = origin_of(sweep.page.url());
    for link in sweep.broken.iter().take(LISTED) {
        render_link(sheet, link, origin);
    }
    render_more(sheet, sweep.broken_count);
}

fn render_link(sheet: &mut Sheet, link: &Link, origin: &str) {
    let status = link.status.map_or_else(|| "---".to_owned(), |status| status.to_string());
    let line = sheet.label("").add(Tone::Bad, &status).plain("  ").plain(without_origin(&link.url, origin));
    let line = match &link.fault {
        LinkFault::Status { .. } => line,
        fault => line.plain("  ").add(Tone::Bad, &fault.to_string()),
    };
    let named_by = format!("  named by {}", link.named_by);
    if line.width() + width_of(&named_by) <= sheet.width {
        sheet.line(line.quiet(&named_by));
    } else {
        sheet.line(line);
        sheet.line(sheet.label("").plain("   ").quiet(&named_by));
    }
}
