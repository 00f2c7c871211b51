//! A HAR file (HTTP Archive 1.2) into steps: what was recorded in a browser, seen again over HTTP.
//!
//! Pages and calls become requests, redirects are folded into the request that began them, and the files of a page
//! become one `assets` step: it finds them by itself, also those that the next release has.

use serde_json::Value as Json;
use url::Url;

use super::model::{ImportError, Imported, ImportedStep, Note, action_of_method, is_writing};
use super::request::{RawBody, RawPart, RawRequest, origin_of};
use super::secrets::Secrets;

/// Headers that belong to a cache, or that the actor's own cookie jar brings.
const LEFT_OUT: &[&str] = &["if-none-match", "if-modified-since"];

/// One recorded request with its answer.
struct Entry {
    request: RawRequest,
    kind: Kind,
    status: u64,
    redirect: Option<Url>,
    content_type: String,
    set_cookies: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Page,
    Call,
    Asset,
}

/// Imports a HAR file.
pub(super) fn import_har(text: &str) -> Result<Imported, ImportError> {
    let har: Json = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| ImportError::at(error.line(), format!("not JSON: {error}")))?;
    let Some(recorded) = har["log"]["entries"].as_array() else {
        return Err(ImportError::whole("not a HAR file: expected `log.entries`"));
    };
    let mut imported = Imported::default();
    let mut entries = Vec::new();
    for (index, entry) in recorded.iter().enumerate() {
        match read_entry(entry) {
            Ok(entry) => entries.push(entry),
            Err(message) => imported.notes.push(whole(format!("entry {}: {message}", index + 1))),
        }
    }
    let first = entries.iter().find(|entry| entry.kind == Kind::Page).or(entries.first());
    let Some(first) = first else {
        return Err(ImportError::whole(
            "nothing in it can be carried over: it has no request that was answered",
        ));
    };
    let origin = origin_of(&first.request.url);
    imported.spec.name =
        format!("What was recorded at {}", first.request.url.host_str().unwrap_or("the site"));
    imported.spec.comments = vec![
        "Imported from a HAR file: what a browser asked for, and the status that it got. Say what must hold beyond"
            .to_owned(),
        "that, for example: expect.title = \"...\", expect.text.contains = \"...\", expect.json.\"$.id\".exists = true"
            .to_owned(),
    ];
    let mut own = drop_foreign(entries, &origin, &mut imported.notes);
    let mut jar: Vec<String> = Vec::new();
    for entry in &mut own {
        drop_headers(&mut entry.request, &jar);
        jar.extend(entry.set_cookies.iter().cloned());
    }
    let mut secrets = Secrets::default();
    for entry in &own {
        entry.request.find_secrets(&mut secrets);
    }
    build_steps(own, &origin, &mut secrets, &mut imported);
    imported.origin = Some(origin);
    imported.secrets = secrets.names();
    Ok(imported)
}

fn whole(message: String) -> Note {
    Note { line: 0, message }
}

fn build_steps(entries: Vec<Entry>, origin: &str, secrets: &mut Secrets, imported: &mut Imported) {
    let mut assets = Vec::new();
    let mut entries = entries.into_iter().peekable();
    while let Some(entry) = entries.next() {
        if entry.kind == Kind::Asset {
            continue;
        }
        let mut last = (entry.status, entry.content_type.clone());
        let mut redirect = entry.redirect.clone();
        let mut landed = None;
        while let Some(to) = redirect.take()
            && let Some(next) = entries.next_if(|next| next.request.url == to)
        {
            last = (next.status, next.content_type.clone());
            redirect = next.redirect;
            landed = Some(next.request.url);
        }
        let Some(mut step) = entry.request.build_step(origin, secrets, &mut imported.notes) else { continue };
        let action = action_of_method(&entry.request.method).unwrap_or("get");
        imported.spec.writes |= is_writing(action);
        // Not modified: the browser had it, a new visitor gets it whole.
        let status = if last.0 == 304 { 200 } else { last.0 };
        note_tokens(&entry.request, &mut imported.notes);
        if (300..400).contains(&status) {
            step.set("redirects", false);
        }
        step.expect(&["status"], "equals", status);
        if let Some(landed) = landed {
            step.expect(&["url"], "ends_with", secrets.address(path_of(&landed)));
        }
        if !last.1.is_empty() && status != 204 && !(300..400).contains(&status) {
            step.expect(&["header", "content-type"], "starts_with", last.1.as_str());
        }
        imported.spec.steps.push(step);
        if entry.kind == Kind::Page && action == "get" && last.1 == "text/html" && status == 200 {
            let page = path_of(&entry.request.url).to_owned();
            if !assets.contains(&page) {
                let mut step = ImportedStep::new("assets", secrets.address(&page));
                step.set_name("everything that this page names loads");
                imported.spec.steps.push(step);
                assets.push(page);
            }
        }
    }
}

/// A form's token is new on each page: one that was recorded will be refused.
fn note_tokens(request: &RawRequest, notes: &mut Vec<Note>) {
    let RawBody::Text(text) = &request.body else { return };
    for (name, _) in url::form_urlencoded::parse(text.as_bytes()) {
        let lower = name.to_ascii_lowercase();
        if lower.contains("csrf") || lower.contains("xsrf") || lower.contains("authenticity") {
            notes.push(whole(format!(
                "the field {name} of {} is new on each page: `submit` takes it from there",
                path_of(&request.url)
            )));
        }
    }
}

/// Path and query of an address.
fn path_of(url: &Url) -> &str {
    &url[url::Position::BeforePath..url::Position::AfterQuery]
}

/// Leaves out what went to other sites, and says so.
fn drop_foreign(entries: Vec<Entry>, origin: &str, notes: &mut Vec<Note>) -> Vec<Entry> {
    let mut foreign: Vec<(String, usize)> = Vec::new();
    let mut files = 0;
    let mut own = Vec::new();
    for entry in entries {
        let its = origin_of(&entry.request.url);
        if its == origin {
            files += usize::from(entry.kind == Kind::Asset);
            own.push(entry);
        } else if let Some((_, count)) = foreign.iter_mut().find(|(known, _)| *known == its) {
            *count += 1;
        } else {
            foreign.push((its, 1));
        }
    }
    for (origin, count) in foreign {
        notes.push(whole(format!("{count} to {origin} left out: another site")));
    }
    if files > 0 {
        notes.push(whole(format!("{files} for files of pages left out: `assets` finds them in the page")));
    }
    own
}

fn drop_headers(request: &mut RawRequest, jar: &[String]) {
    request.headers.retain(|(name, _)| !LEFT_OUT.iter().any(|left_out| left_out.eq_ignore_ascii_case(name)));
    for (name, value) in &mut request.headers {
        if name.eq_ignore_ascii_case("cookie") {
            // A cookie that an earlier step sets comes from the actor's jar, with the value of the day.
            let kept = value.split(';').map(str::trim).filter(|pair| {
                let name = pair.split('=').next().unwrap_or("");
                !pair.is_empty() && !jar.iter().any(|known| known == name)
            });
            *value = kept.collect::<Vec<_>>().join("; ");
        }
    }
    request.headers.retain(|(name, value)| !(name.eq_ignore_ascii_case("cookie") && value.is_empty()));
}

fn read_entry(entry: &Json) -> Result<Entry, String> {
    let request = &entry["request"];
    let method = request["method"].as_str().ok_or("it has no `request.method`")?;
    let address = request["url"].as_str().ok_or("it has no `request.url`")?;
    let url = Url::parse(address).map_err(|error| format!("{address:?} is not a valid URL: {error}"))?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err(format!("{}: is not fetched over HTTP", url.scheme()));
    }
    let response = &entry["response"];
    let status = response["status"].as_u64().unwrap_or(0);
    if status == 101 {
        return Err("a WebSocket has no counterpart".to_owned());
    }
    if status == 0 {
        return Err(format!("{method} {} was not answered", path_of(&url)));
    }
    let mime = response["content"]["mimeType"].as_str().unwrap_or("");
    let content_type = mime.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let redirect = response["redirectURL"].as_str().filter(|to| !to.is_empty());
    let raw = RawRequest {
        line: 0,
        method: method.to_owned(),
        headers: read_pairs(&request["headers"]),
        basic_auth: None,
        body: read_body(&request["postData"]),
        url,
    };
    let set_cookies = read_pairs(&response["headers"])
        .into_iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        // Some browsers write several into one, a line for each.
        .flat_map(|(_, value)| value.lines().filter_map(cookie_name).collect::<Vec<_>>())
        .collect();
    let kind = kind_of(entry["_resourceType"].as_str(), &content_type, &raw);
    let redirect = redirect.and_then(|to| raw.url.join(to).ok()).filter(|_| (300..400).contains(&status));
    Ok(Entry { kind, status, redirect, content_type, set_cookies, request: raw })
}

fn cookie_name(line: &str) -> Option<String> {
    line.split_once('=').map(|(name, _)| name.trim().to_owned())
}

/// What was asked for: browsers say so, else the answer's type does.
fn kind_of(resource: Option<&str>, content_type: &str, request: &RawRequest) -> Kind {
    match resource {
        Some("document") => return Kind::Page,
        Some("xhr" | "fetch" | "other" | "eventsource" | "preflight") => return Kind::Call,
        Some("stylesheet" | "script" | "image" | "font" | "media" | "manifest" | "texttrack") => {
            return Kind::Asset;
        }
        _ => {}
    }
    let is_file = ["image/", "font/", "audio/", "video/"].iter().any(|kind| content_type.starts_with(kind))
        || ["text/css", "text/javascript", "application/javascript", "application/x-javascript"]
            .contains(&content_type)
        || content_type.starts_with("application/font")
        || content_type == "application/manifest+json";
    if is_file && request.method.eq_ignore_ascii_case("get") {
        Kind::Asset
    } else if content_type == "text/html" {
        Kind::Page
    } else {
        Kind::Call
    }
}

fn read_pairs(list: &Json) -> Vec<(String, String)> {
    let pair = |item: &Json| Some((item["name"].as_str()?.to_owned(), item["value"].as_str()?.to_owned()));
    list.as_array().map(|items| items.iter().filter_map(pair).collect()).unwrap_or_default()
}

fn read_body(data: &Json) -> RawBody {
    let mime = data["mimeType"].as_str().unwrap_or("");
    let params = data["params"].as_array().filter(|params| !params.is_empty());
    if let Some(params) = params.filter(|_| mime.starts_with("multipart/form-data")) {
        return RawBody::Multipart(params.iter().map(read_part).collect());
    }
    if let Some(text) = data["text"].as_str().filter(|text| !text.is_empty()) {
        return RawBody::Text(text.to_owned());
    }
    let Some(params) = params else { return RawBody::Empty };
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for part in params.iter().map(read_part) {
        form.append_pair(&part.name, &part.value);
    }
    RawBody::Text(form.finish())
}

fn read_part(param: &Json) -> RawPart {
    let text = |key: &str| param[key].as_str().map(str::to_owned);
    RawPart {
        name: text("name").unwrap_or_default(),
        value: text("value").unwrap_or_default(),
        file: text("fileName").filter(|name| !name.is_empty()),
        content_type: text("contentType").filter(|name| !name.is_empty()),
    }
}
