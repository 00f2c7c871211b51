//! What a step saw, as far as it helps to understand why the step went wrong.

use super::answer::{render_answer, render_reading, render_request, render_timings};
use super::layout::width_of;
use super::line::{Line, Tone};
use super::links::render_links;
use super::network::{render_connection, render_lookup};
use super::quantity::{count, render_milliseconds};
use super::sheet::Sheet;
use super::step::Telling;
use crate::event::StepOutcome;
use crate::evidence::{
    Asset, AssetFault, AssetSweep, Body, ComparisonOutcome, Evidence, Exchange, PageState, Request, Rows,
    SubResource, Value,
};

/// How many assets, messages or failed requests are listed.
pub(super) const LISTED: usize = 12;
/// How many rows are shown.
const ROWS: usize = 3;

/// Adds what the step saw.
pub(super) fn render_evidence(sheet: &mut Sheet, outcome: &StepOutcome, telling: &Telling<'_>) {
    match &outcome.evidence {
        Some(Evidence::Exchange(exchange)) => render_exchange(sheet, outcome, exchange),
        Some(Evidence::Submission(submission)) => {
            if let Some(page) = &submission.page {
                render_request(sheet, page);
            }
            render_exchange(sheet, outcome, &submission.answer);
        }
        Some(Evidence::Assets(sweep)) => render_sweep(sheet, outcome, sweep),
        Some(Evidence::Links(sweep)) => render_links(sheet, outcome, sweep),
        Some(Evidence::Page(page)) => render_page(sheet, outcome, page, telling),
        Some(Evidence::Rows(rows)) => render_rows(sheet, rows),
        Some(Evidence::Lookup(lookup)) => render_lookup(sheet, lookup),
        Some(Evidence::Connection(connection)) => render_connection(sheet, connection),
        None => {}
    }
}

/// The request that a person would repeat to see the same; none where a command line cannot.
pub(super) fn request_to_repeat(evidence: &Evidence) -> Option<Request> {
    if let Evidence::Assets(sweep) = evidence
        && sweep.page.response().is_some_and(|response| response.status < 400)
        && let Some(bad) = sweep.assets.iter().find(|asset| !asset.faults.is_empty())
    {
        let own = sweep.page.last().filter(|_| !bad.third_party).map(|hop| hop.request.headers.clone());
        let headers = own.unwrap_or_default();
        return Some(Request {
            method: "GET".to_owned(),
            url: bad.url.clone(),
            headers,
            body: Body::default(),
        });
    }
    evidence.exchange().and_then(Exchange::last).map(|hop| hop.request.clone())
}

/// Whether one of these subjects went wrong.
fn is_about(outcome: &StepOutcome, subjects: &[&str]) -> bool {
    outcome.checks.iter().any(|check| !check.holds && subjects.contains(&check.subject.as_str()))
}

/// Whether only these subjects went wrong.
fn is_only_about(outcome: &StepOutcome, subjects: &[&str]) -> bool {
    let mut failed = outcome.checks.iter().filter(|check| !check.holds).peekable();
    failed.peek().is_some() && failed.all(|check| subjects.contains(&check.subject.as_str()))
}

fn render_exchange(sheet: &mut Sheet, outcome: &StepOutcome, exchange: &Exchange) {
    render_request(sheet, exchange);
    let is_slow =
        outcome.checks.iter().any(|check| !check.holds && ["time", "first_byte"].contains(&&*check.subject));
    if let Some(hop) = exchange.last()
        && (is_slow || hop.cause.is_some())
    {
        render_timings(sheet, &hop.timings);
    }
    // What the expectation was about is shown there; how fast something came is not told by what came.
    let is_shown = is_about(outcome, &["body", "text"]) || is_only_about(outcome, &["time", "first_byte"]);
    if let Some(response) = exchange.response().filter(|_| !is_shown) {
        render_answer(sheet, response);
    }
}

fn render_sweep(sheet: &mut Sheet, outcome: &StepOutcome, sweep: &AssetSweep) {
    render_request(sheet, &sweep.page);
    if sweep.assets.is_empty()
        && let Some(response) = sweep.page.response()
    {
        render_answer(sheet, response);
        return;
    }
    let bad: Vec<&Asset> = sweep.assets.iter().filter(|asset| !asset.faults.is_empty()).collect();
    if bad.is_empty() && outcome.error.is_some() {
        return;
    }
    let total = sweep.assets.len();
    let told = if bad.is_empty() {
        format!("all {total} load")
    } else {
        format!("{} of {total} do not load", bad.len())
    };
    sheet.labelled_line("assets", Tone::Plain, &told);
    let origin = origin_of(sweep.page.url());
    for asset in bad.iter().take(LISTED) {
        render_asset(sheet, asset, origin);
    }
    render_more(sheet, bad.len());
}

fn render_asset(sheet: &mut Sheet, asset: &Asset, origin: &str) {
    let status = asset.status.map_or_else(|| "---".to_owned(), |status| status.to_string());
    let faults: Vec<String> = asset
        .faults
        .iter()
        .filter(|fault| !matches!(fault, AssetFault::Status { .. }))
        .map(ToString::to_string)
        .collect();
    let line = sheet.label("").add(Tone::Bad, &status).plain("  ").plain(without_origin(&asset.url, origin));
    let line = if faults.is_empty() { line } else { line.plain("  ").add(Tone::Bad, &faults.join(", ")) };
    let named_by = format!("  named by {}", without_origin(&asset.named_by, origin));
    if line.width() + width_of(&named_by) <= sheet.width {
        sheet.line(line.quiet(&named_by));
    } else {
        sheet.line(line);
        sheet.line(sheet.label("").plain("   ").quiet(&named_by));
    }
}

fn render_page(sheet: &mut Sheet, outcome: &StepOutcome, page: &PageState, telling: &Telling<'_>) {
    let line = sheet.label("page").plain(&page.url);
    let line = match page.status {
        Some(status) if status >= 400 => line.add(Tone::Bad, &format!("  {status}")),
        Some(status) => line.quiet(&format!("  {status}")),
        None => line,
    };
    sheet.line(if page.title.is_empty() { line } else { line.quiet(&format!("  {:?}", page.title)) });
    if let Some(cause) = page.error.as_ref().filter(|_| outcome.error.is_none()) {
        sheet.labelled("", Tone::Bad, &cause.to_string());
    }
    if !is_only_about(outcome, &["console.errors", "requests.failed", "text"]) {
        render_reading(sheet, "shows", &page.excerpt.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    if let Some(result) = page.result.as_ref().filter(|_| !is_only_about(outcome, &["result"])) {
        render_reading(sheet, "result", &result.to_string());
    }
    if let Some(comparison) = &page.comparison
        && let ComparisonOutcome::Pixels { .. } = comparison.outcome
    {
        sheet.labelled("baseline", Tone::Plain, &format!("{}: {}", comparison.baseline, comparison.outcome));
    }
    let origin = origin_of(if page.url.is_empty() { telling.target } else { &page.url });
    let errors: Vec<_> =
        page.console.iter().filter(|message| message.uncaught || message.level == "error").collect();
    for (index, message) in errors.iter().take(LISTED).enumerate() {
        let first = message.text.lines().next().unwrap_or("").trim_end();
        let told = match &message.source {
            Some(source) => format!("{first}  ({})", without_origin(source, origin)),
            None => message.text.lines().map(str::trim).collect::<Vec<_>>().join("  "),
        };
        sheet.labelled(if index == 0 { "console" } else { "" }, Tone::Bad, &told);
    }
    render_more(sheet, errors.len());
    let failed: Vec<_> = page.resources.iter().filter(|resource| resource.is_failed()).collect();
    for (index, resource) in failed.iter().take(LISTED).enumerate() {
        let line = render_resource(sheet, resource, if index == 0 { "requests" } else { "" }, origin);
        sheet.line(line);
    }
    render_more(sheet, failed.len());
    let left_out = page.left_out;
    if !left_out.is_none() {
        let told = [
            (left_out.messages, "message"),
            (left_out.requests, "request"),
            (left_out.violations, "refusal"),
        ];
        let told = told.into_iter().filter(|(number, _)| *number > 0);
        let told: Vec<String> = told.map(|(number, what)| count(number, what)).collect();
        sheet.labelled("left out", Tone::Quiet, &format!("{}: there were too many", told.join(", ")));
    }
}

fn render_resource(sheet: &Sheet, resource: &SubResource, label: &str, origin: &str) -> Line {
    let status = resource.status.map_or_else(|| "---".to_owned(), |status| status.to_string());
    let line = sheet.label(label).add(Tone::Bad, &status);
    let address = without_origin(&resource.url, origin);
    let line = line.plain(&format!("  {} {address}", resource.method));
    let line = match &resource.error {
        Some(error) => line.plain("  ").add(Tone::Bad, error),
        None => line,
    };
    let destination = if resource.destination.is_empty() { "fetch" } else { &resource.destination };
    line.quiet(&format!("  {destination}"))
}

fn render_rows(sheet: &mut Sheet, rows: &Rows) {
    let database = if rows.database.is_empty() { "database" } else { &rows.database };
    let statement = rows.sql.split_whitespace().collect::<Vec<_>>().join(" ");
    sheet.labelled("sql", Tone::Plain, &statement);
    let time = render_milliseconds(rows.total_ms);
    let result = match rows.affected {
        Some(affected) => count(usize::try_from(affected).unwrap_or(usize::MAX), "row") + " changed",
        None if rows.count == 0 => "no rows".to_owned(),
        None => count(rows.count, "row"),
    };
    sheet.labelled_line("", Tone::Quiet, &format!("{result} from {database} in {time}"));
    for (index, row) in rows.rows.iter().take(ROWS).enumerate() {
        let cells = rows.columns.iter().zip(row).map(|(column, value)| render_cell(&column.name, value));
        let label = if index == 0 { "row" } else { "" };
        sheet.labelled(label, Tone::Plain, &cells.collect::<Vec<_>>().join(", "));
    }
    if rows.count > ROWS && !rows.rows.is_empty() {
        let more = format!("{} {} more", sheet.symbols.ellipsis, count(rows.count - ROWS, "row"));
        sheet.labelled_line("", Tone::Quiet, &more);
    }
}

fn render_cell(name: &str, value: &Value) -> String {
    let shown = value.to_string();
    let shown = if width_of(&shown) > 200 { super::shorten(&shown, 200, "…") } else { shown };
    format!("{name} = {shown}")
}

pub(super) fn render_more(sheet: &mut Sheet, total: usize) {
    if total > LISTED {
        let more = format!("{} {} more", sheet.symbols.ellipsis, total - LISTED);
        sheet.labelled_line("", Tone::Quiet, &more);
    }
}

/// Scheme and authority of an address.
pub(super) fn origin_of(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    &url[..end]
}

/// An address of the same origin as its path.
pub(super) fn without_origin<'a>(url: &'a str, origin: &str) -> &'a str {
    if origin.is_empty() {
        return url;
    }
    url.strip_prefix(origin).filter(|path| path.starts_with('/')).unwrap_or(url)
}
