//! What a page was like when a step went wrong: its picture, its document, its console.

use std::fmt::Write as _;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::act::screenshot::{View, capture};
use super::visitor::Visitor;
use super::watch::record::Seen;
use super::worker::Worker;
use crate::evidence::{Artifact, ArtifactKind};
use crate::run::artifact::ScenarioArtifacts;
use crate::verdict::StepError;

/// How long all of it may take: the step has had its time.
const LIMIT: Duration = Duration::from_secs(5);

/// The document as text. What stands in a password field's attribute is left out: a framework may write there what a
/// person types. It is taken out of a copy that runs nothing.
const READ_DOCUMENT: &str = r#"(() => {
  const type = document.doctype ? new XMLSerializer().serializeToString(document.doctype) + "\n" : "";
  const html = document.documentElement?.outerHTML ?? "";
  if (!document.querySelector("input[type=password i][value]")) return type + html;
  const copy = new DOMParser().parseFromString(html, "text/html");
  for (const field of copy.querySelectorAll("input[type=password i][value]")) field.setAttribute("value", "…");
  return type + copy.documentElement.outerHTML;
})()"#;

/// What could be kept, and why that is not all.
#[derive(Debug)]
pub struct Unseen {
    /// The files that were written all the same.
    pub kept: Vec<Artifact>,
    /// What is missing and why, for people.
    pub reason: String,
}

/// What the page says of its fields.
#[derive(Deserialize)]
struct Fields {
    altered: Vec<String>,
}

/// Which fields hold another text than was filled in, for people; none where all are as they should be, or nothing is
/// known.
pub(super) async fn find_altered(worker: &mut Worker) -> Option<String> {
    let fields: Fields = worker.probe(json!({ "op": "altered" }), Instant::now() + LIMIT).await.ok()?;
    (!fields.altered.is_empty()).then(|| fields.altered.join("; "))
}

/// Writes them down under one name.
pub(super) async fn keep_page(
    worker: &Worker,
    visitor: &Visitor,
    artifacts: &ScenarioArtifacts,
    name: &str,
) -> Result<Vec<Artifact>, Unseen> {
    let seen = worker.watch.peek(&visitor.context);
    if !visitor.has_page {
        return Ok(Vec::new());
    }
    let deadline = Instant::now() + LIMIT;
    let (picture, html) = tokio::join!(
        capture(worker, visitor, View::Window, deadline),
        read_document(worker, visitor, deadline)
    );
    let stem = artifacts.take_stem(name, &["png", "html", "console.txt"]);
    let missing = [("picture", picture.as_ref().err()), ("document", html.as_ref().err())];
    let missing = missing.into_iter().find_map(|(what, error)| Some((what, error?)));
    let missing = missing.map(|(what, error)| format!("no {what} of the page: {}", error.message));
    let mut kept = Vec::new();
    let mut write_all = async || {
        if let Ok(png) = &picture {
            kept.push(stem.write(ArtifactKind::Picture, "png", png).await?);
        }
        if let Ok(html) = &html {
            kept.push(stem.write_text(ArtifactKind::Html, "html", html).await?);
        }
        kept.push(stem.write_text(ArtifactKind::Console, "console.txt", &render_console(&seen)).await?);
        Ok::<(), StepError>(())
    };
    let written = write_all().await.err().map(|error| error.message);
    match written.or(missing) {
        Some(reason) => Err(Unseen { kept, reason }),
        None => Ok(kept),
    }
}

async fn read_document(worker: &Worker, visitor: &Visitor, deadline: Instant) -> Result<String, StepError> {
    let parameters = json!({
        "expression": READ_DOCUMENT,
        "target": { "context": visitor.context },
        "awaitPromise": false,
    });
    let answer = worker.bidi("script.evaluate", parameters, deadline).await?;
    Ok(answer["result"]["value"].as_str().unwrap_or_default().to_owned())
}

/// One line for each message, then one for each request that failed.
fn render_console(seen: &Seen) -> String {
    let mut text = String::new();
    for message in &seen.console {
        let level = if message.uncaught { "uncaught" } else { message.level.as_str() };
        let source = message.source.as_ref().map(|source| format!("  ({source})")).unwrap_or_default();
        let _ = writeln!(text, "{level:<8}  {}{source}", message.text);
    }
    for resource in seen.resources.iter().filter(|resource| resource.is_failed()) {
        let status = resource.status.map_or_else(|| "---".to_owned(), |status| status.to_string());
        let error = resource.error.as_deref().unwrap_or(&resource.media_type);
        let _ = writeln!(text, "request   {status} {} {}  {error}", resource.method, resource.url);
    }
    let left_out = seen.left_out;
    if !left_out.is_none() {
        let _ = writeln!(
            text,
            "left out because there were too many: {} messages, {} requests, {} refusals",
            left_out.messages, left_out.requests, left_out.violations
        );
    }
    if text.is_empty() { "the console said nothing, and no request failed\n".to_owned() } else { text }
}
