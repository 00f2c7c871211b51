//! `submit`: what a visitor does with a form, without a browser.

use scraper::Html;
use tokio::time::Instant;
use url::Url;

use super::discover::referrer_policy;
use super::form_request::{FormRequest, build_form_request};
use crate::evidence::{Cause, Evidence, Exchange, Submission};
use crate::run::http::{HttpClient, page_encoding};
use crate::run::outcome::Outcome;
use crate::spec::action::{CallBody, RequestCall, SubmitCall};
use crate::verdict::StepError;

/// Finds a form in a page, fills it in and sends it as a browser would. The page is fetched where the call names
/// one, else it is `last_page`.
///
/// Gives [`Evidence::Submission`]; where the form could not be sent, the page as [`Evidence::Exchange`] with the
/// reason.
pub async fn run_submit(
    client: &HttpClient,
    call: &SubmitCall,
    last_page: Option<&Exchange>,
    deadline: Instant,
) -> Outcome {
    let fetched = match &call.page {
        Some(address) => {
            let outcome = client.run(&RequestCall::get(address), deadline).await;
            match outcome {
                Outcome { evidence: Some(Evidence::Exchange(page)), error: None } => Some(page),
                failed => return failed,
            }
        }
        None => None,
    };
    let Some(page) = fetched.as_ref().or(last_page) else {
        let detail = "no page was fetched before this step".to_owned();
        return Outcome::error(
            StepError::harness(Cause::Form { detail }).help("say which page has the form: page = \"/…\""),
        );
    };
    let request = match read_form(page, call) {
        Ok(request) => request,
        Err(cause) => {
            return Outcome {
                evidence: Some(Evidence::Exchange(page.clone())),
                error: Some(StepError::target(cause)),
            };
        }
    };
    let fields = request.form.fields.clone();
    let outcome = client.run(&request.into_call(), deadline).await;
    match outcome.evidence {
        Some(Evidence::Exchange(answer)) => Outcome {
            evidence: Some(Evidence::Submission(Submission { page: fetched, fields, answer })),
            error: outcome.error,
        },
        evidence => Outcome { evidence, error: outcome.error },
    }
}

/// A form that is ready to be sent, with where it comes from.
struct ReadyForm {
    form: FormRequest,
    headers: Vec<(String, String)>,
}

impl ReadyForm {
    fn into_call(self) -> RequestCall {
        let mut headers = self.headers;
        let body = match self.form.body {
            Some((content_type, text)) => {
                headers.push(("Content-Type".to_owned(), content_type));
                CallBody::Text(text)
            }
            None => CallBody::Empty,
        };
        RequestCall { method: self.form.method.to_owned(), headers, body, ..RequestCall::get(self.form.url) }
    }
}

fn read_form(page: &Exchange, call: &SubmitCall) -> Result<ReadyForm, Cause> {
    let missing = |detail: String| Cause::Form { detail };
    let Some(response) = page.response() else {
        return Err(missing("the page with the form did not answer".to_owned()));
    };
    if response.status >= 400 {
        return Err(missing(format!("the page with the form answered status {}", response.status)));
    }
    let Some(text) = &response.text else {
        return Err(missing(format!("the page with the form is no HTML but {}", response.media_type())));
    };
    let address = Url::parse(page.url()).map_err(|error| missing(format!("{}: {error}", page.url())))?;
    let html = Html::parse_document(text);
    let form = build_form_request(&html, &address, page_encoding(response), call)?;
    let policy = referrer_policy(response, &html);
    let mut headers = Vec::new();
    if let Some(referer) = policy.referer(&address, &form.url) {
        headers.push(("Referer".to_owned(), referer));
    }
    if form.method != "GET" {
        headers.push(("Origin".to_owned(), policy.origin(&address, &form.url)));
    }
    Ok(ReadyForm { form, headers })
}
