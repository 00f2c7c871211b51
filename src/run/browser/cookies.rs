//! One jar for HTTP and browser steps: cookies into and out of a visitor (WebDriver BiDi, section 7.10).

use serde_json::{Value, json};
use tokio::time::Instant;

use super::visitor::Visitor;
use super::worker::Worker;
use crate::run::cookie::ActorCookie;
use crate::verdict::StepError;

/// Brings what has changed in the jar since the last time into the browser.
pub(super) async fn bring_cookies(
    worker: &Worker,
    visitor: &mut Visitor,
    jar: &[ActorCookie],
    deadline: Instant,
) -> Result<(), StepError> {
    let partition = json!({ "type": "storageKey", "userContext": visitor.user_context });
    for gone in
        visitor.known_cookies.iter().filter(|known| !jar.iter().any(|cookie| is_same_place(cookie, known)))
    {
        let filter = json!({ "name": gone.name, "domain": bidi_domain(gone), "path": gone.path });
        let parameters = json!({ "filter": filter, "partition": partition });
        worker.bidi("storage.deleteCookies", parameters, deadline).await?;
    }
    for cookie in jar.iter().filter(|cookie| !visitor.known_cookies.contains(cookie)) {
        let parameters = json!({ "cookie": to_bidi(cookie), "partition": partition });
        worker.bidi("storage.setCookie", parameters, deadline).await?;
    }
    visitor.known_cookies = jar.to_vec();
    Ok(())
}

/// The cookies that a visitor has.
pub(super) async fn read_cookies(
    worker: &Worker,
    visitor: &mut Visitor,
    deadline: Instant,
) -> Result<Vec<ActorCookie>, StepError> {
    let partition = json!({ "type": "storageKey", "userContext": visitor.user_context });
    let answer = worker.bidi("storage.getCookies", json!({ "partition": partition }), deadline).await?;
    let cookies: Vec<ActorCookie> =
        answer["cookies"].as_array().into_iter().flatten().filter_map(from_bidi).collect();
    visitor.known_cookies.clone_from(&cookies);
    Ok(cookies)
}

fn is_same_place(one: &ActorCookie, other: &ActorCookie) -> bool {
    one.name == other.name && one.domain == other.domain && one.path == other.path
}

/// A leading point says that subdomains get it too.
fn bidi_domain(cookie: &ActorCookie) -> String {
    if cookie.host_only { cookie.domain.clone() } else { format!(".{}", cookie.domain) }
}

fn to_bidi(cookie: &ActorCookie) -> Value {
    let mut value = json!({
        "name": cookie.name,
        "value": { "type": "string", "value": cookie.value },
        "domain": bidi_domain(cookie),
        "path": cookie.path,
        "httpOnly": cookie.http_only,
        "secure": cookie.secure,
    });
    // Chromium says `none` of a cookie that says nothing, and refuses that of one that is not secure.
    let is_said = |same_site: &&String| cookie.secure || *same_site != "none";
    if let Some(same_site) = cookie.same_site.as_ref().filter(is_said) {
        value["sameSite"] = json!(same_site);
    }
    if let Some(expires) = cookie.expires {
        value["expiry"] = json!(expires);
    }
    value
}

fn from_bidi(cookie: &Value) -> Option<ActorCookie> {
    let domain = cookie["domain"].as_str()?;
    Some(ActorCookie {
        name: cookie["name"].as_str()?.to_owned(),
        value: cookie["value"]["value"].as_str()?.to_owned(),
        domain: domain.trim_start_matches('.').to_owned(),
        host_only: !domain.starts_with('.'),
        path: cookie["path"].as_str().unwrap_or("/").to_owned(),
        secure: cookie["secure"].as_bool().unwrap_or(false),
        http_only: cookie["httpOnly"].as_bool().unwrap_or(false),
        same_site: cookie["sameSite"].as_str().filter(|value| *value != "default").map(str::to_owned),
        expires: cookie["expiry"].as_i64(),
    })
}
