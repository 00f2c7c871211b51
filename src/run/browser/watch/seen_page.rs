//! A page as it is judged, and what nobody has judged yet.

use tokio::time::Instant;

use crate::evidence::{PageSpeed, PageState, SeenCounts};
use crate::run::browser::act::navigation;
use crate::run::browser::act::probe::LookState;
use crate::run::browser::visitor::Visitor;
use crate::run::browser::worker::Worker;

/// How many characters of a page's text are reported.
const EXCERPT: usize = 2_000;

/// A page that was looked at, with what was seen of it meanwhile.
pub(in crate::run::browser) fn build_page(worker: &Worker, visitor: &Visitor, state: LookState) -> PageState {
    let seen = worker.watch.seen(&visitor.context);
    let document = seen.document.as_ref();
    let status = state.status.or_else(|| document.and_then(|document| document.status));
    let error = (state.is_error_page).then(|| navigation::error_page_cause(document, status, &state.url));
    PageState {
        status,
        excerpt: state.text.chars().take(EXCERPT).collect(),
        url: state.url,
        title: state.title,
        text: state.text,
        html: state.html,
        speed: Box::new(PageSpeed { browser: worker.settings.kind.name().to_owned(), ..state.speed }),
        error: error.flatten(),
        console: seen.console,
        resources: seen.resources,
        violations: seen.violations,
        before: seen.before,
        left_out: seen.left_out,
        elements: state.elements,
        viewport: state.viewport,
        result: visitor.result.clone(),
        dialogs: worker.encounters.dialogs(&visitor.user_context),
        download: visitor.download.clone(),
        comparison: visitor.comparison.clone(),
    }
}

/// What can be said of a page without asking it.
pub(in crate::run::browser) fn build_unasked(worker: &Worker, visitor: &Visitor) -> PageState {
    let seen = worker.watch.seen(&visitor.context);
    let document = seen.document;
    PageState {
        url: document.as_ref().map(|document| document.url.clone()).unwrap_or_default(),
        status: document.and_then(|document| document.status),
        console: seen.console,
        resources: seen.resources,
        violations: seen.violations,
        before: seen.before,
        left_out: seen.left_out,
        viewport: worker.settings.viewport,
        result: visitor.result.clone(),
        dialogs: worker.encounters.dialogs(&visitor.user_context),
        comparison: visitor.comparison.clone(),
        ..PageState::default()
    }
}

/// What a page did since its last step was judged; none if that is nothing.
pub(in crate::run::browser) async fn look_back(
    worker: &Worker,
    visitor: &Visitor,
    deadline: Instant,
) -> Option<PageState> {
    worker.flush(&visitor.context, deadline).await;
    worker.watch.begin_step(&visitor.context);
    // Every document is one that nobody has judged.
    let seen = build_unasked(worker, visitor);
    let page = PageState { status: None, before: SeenCounts::default(), ..seen };
    let is_quiet = page.console.is_empty() && page.resources.is_empty() && page.violations.is_empty();
    (!is_quiet).then_some(page)
}
