//! JavaScript in an actor's page.

use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::time::{Instant, sleep};

use super::frame;
use crate::evidence::{Cause, Phase, Value, round_milliseconds};
use crate::run::browser::bidi::BidiError;
use crate::run::browser::failure;
use crate::run::browser::visitor::Visitor;
use crate::run::browser::watch::Watch;
use crate::run::browser::worker::Worker;
use crate::spec::action::ScriptCall;
use crate::verdict::StepError;

/// How many bytes of JSON a script may return: all of it stands in the reports.
const RESULT_LIMIT: usize = 1024 * 1024;

/// How long the answer to a script may come after the page was left.
const LEFT_GRACE: Duration = Duration::from_millis(500);

/// How often one looks whether the page was left.
const LEFT_LOOK: Duration = Duration::from_millis(50);

/// How Firefox answers, now and then, instead of with the exception that it names.
const UNTOLD: &str = "unable to build exceptionDetails for exception:";

/// Runs a script as the body of an async function; gives back what it returned, null for nothing.
///
/// Over BiDi, because a classic script would hold back every other command, and because a page's content security
/// policy does not forbid it.
pub(in crate::run::browser) async fn run_script(
    worker: &mut Worker,
    visitor: &Visitor,
    script: &ScriptCall,
    deadline: Instant,
) -> Result<Value, StepError> {
    let started = Instant::now();
    let context = frame::find_context(worker, &visitor.context, deadline).await?;
    let parameters = json!({
        "functionDeclaration": wrap(&script.source),
        "arguments": [{ "type": "string", "value": Json::from(script.arguments.clone()).to_string() }],
        "target": { "context": context },
        "awaitPromise": true,
        "resultOwnership": "none",
    });
    let command = worker.bidi.command("script.callFunction", parameters, deadline);
    let answer = tokio::select! {
        biased;
        answer = command => answer,
        // Firefox never answers for a document that is gone.
        () = wait_until_left(&worker.watch, &visitor.context) => return Err(page_left()),
    };
    match answer {
        Ok(answer) if answer["type"] == "exception" => Err(tell_exception(&answer["exceptionDetails"])),
        Ok(answer) => read_result(&answer["result"]),
        Err(BidiError::TimedOut) => {
            let limit_ms = round_milliseconds(started.elapsed());
            let cause = Cause::Timeout { phase: Phase::Script, limit_ms };
            Err(StepError::target(cause)
                .message(format!("the script did not come to its end within {:.1} s", limit_ms / 1000.0)))
        }
        Err(BidiError::Remote { message, .. }) if message.contains("SyntaxError") => {
            Err(syntax_error(failure::first_line(&message)))
        }
        Err(BidiError::Remote { message, .. }) if message.contains(UNTOLD) => {
            let detail = message.split_once(UNTOLD).map_or("", |(_, thrown)| failure::first_line(thrown));
            Err(StepError::target(Cause::Script { detail: detail.trim().to_owned() }))
        }
        Err(BidiError::Remote { code, message }) if is_page_left(&code, &message) => Err(page_left()),
        Err(error) => Err(failure::bidi_error(&error)),
    }
}

async fn wait_until_left(watch: &Watch, context: &str) {
    let known = watch.documents(context);
    while watch.documents(context) == known {
        sleep(LEFT_LOOK).await;
    }
    sleep(LEFT_GRACE).await;
}

fn page_left() -> StepError {
    let detail = "the page was left before the script came to its end".to_owned();
    StepError::target(Cause::Script { detail })
        .help("a script that leaves the page waits for nothing afterwards: the next step looks")
}

/// What browsers say when the document of a script is replaced.
fn is_page_left(code: &str, message: &str) -> bool {
    matches!(code, "no such frame" | "no such realm")
        || ["navigated", "destroyed", "unloaded"].iter().any(|sign| message.contains(sign))
}

/// The arguments and the result go through JSON, so that both are what a spec can write.
fn wrap(source: &str) -> String {
    format!(
        "async function (given) {{\n\
         const body = async function (...args) {{\n{source}\n}};\n\
         const value = await body.apply(window, JSON.parse(given));\n\
         return JSON.stringify(value) ?? 'null';\n}}"
    )
}

fn read_result(result: &Json) -> Result<Value, StepError> {
    let text = result["value"].as_str().unwrap_or("null");
    if text.len() > RESULT_LIMIT {
        let detail = format!("what the script returned is larger than 1 MiB: {} bytes", text.len());
        return Err(StepError::target(Cause::Script { detail }));
    }
    let json: Json = serde_json::from_str(text).unwrap_or_default();
    Ok(Value::from_json(&json))
}

/// The first line says what was thrown, as the browser's console would.
fn tell_exception(details: &Json) -> StepError {
    let thrown = &details["exception"];
    let text = details["text"].as_str().unwrap_or_default();
    let told = failure::first_line(text).trim_start_matches("Uncaught ").trim_start_matches("(in promise) ");
    if told.starts_with("SyntaxError")
        && details["stackTrace"]["callFrames"].as_array().is_none_or(Vec::is_empty)
    {
        return syntax_error(told);
    }
    let value = thrown["value"].as_str().filter(|_| thrown["type"] == "string");
    let detail = value.map_or_else(|| told.to_owned(), str::to_owned);
    StepError::target(Cause::Script { detail })
}

/// A script that cannot be read is the spec's fault, not the page's.
fn syntax_error(message: &str) -> StepError {
    StepError::harness(Cause::Spec { detail: format!("the script is not valid JavaScript: {message}") })
}
