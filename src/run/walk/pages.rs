//! The pages that the home page leads to: a few of its links, and addresses that its scripts name.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;
use url::Url;

use super::Look;
use super::layers::check_page;
use super::tell::tell_page;
use crate::diagnose::{Diagnosis, Meant, Memory, StepFacts, diagnose_step};
use crate::evidence::{AssetKind, AssetSweep, Evidence, Exchange};
use crate::run::http::HttpClient;
use crate::run::outcome::Outcome;
use crate::run::page::{is_harmless_address, read_outline};
use crate::spec::action::RequestCall;

/// How many links are followed, one of each kind: `/post/1` stands for `/post/2`.
const LINKS: usize = 5;
/// How many addresses of scripts are asked for.
const NAMED: usize = 4;
/// How many scripts are read, and the most bytes of each.
const SCRIPTS: usize = 3;
const SCRIPT_LIMIT: u64 = 2 * 1024 * 1024;
/// How long all of it may take.
const TIME: Duration = Duration::from_millis(1_500);

/// Asks for them side by side, as a stranger, and judges what none of them may be: a page of a broken deployment, or one
/// at which the server fails. What does not come in time is not held against the site: nobody asked for it. Gives back
/// what came, too.
pub(super) async fn look_at_linked_pages(
    client: &HttpClient,
    home: &Exchange,
    files: Option<&AssetSweep>,
    memory: &Memory,
) -> (Look, Vec<Exchange>) {
    let deadline = Instant::now() + TIME;
    let stranger = client.for_another_actor();
    let Ok(base) = Url::parse(home.url()) else {
        return (Look { action: "get", ..Look::default() }, Vec::new());
    };
    let text = home.response().and_then(|response| response.text.as_deref()).unwrap_or_default();
    let mut addresses = choose_links(&read_outline(text, &base).links, &base);
    let links = addresses.len();
    let scripts = read_scripts(&stranger, files, deadline).await;
    for url in choose_named(&scripts, &base) {
        if !addresses.contains(&url) {
            addresses.push(url);
        }
    }
    let answers = join_all(addresses.iter().map(|url| ask(&stranger, url, deadline))).await;
    let answers: Vec<Exchange> = answers.into_iter().flatten().collect();
    let mut look = Look {
        action: "get",
        note: tell_number(links, addresses.len() - links, &answers),
        ..Look::default()
    };
    if let Some((exchange, diagnosis)) = find_broken(&answers, memory) {
        look.checks = check_page(&exchange);
        look.note = format!("{}: {}", path_of(&exchange), tell_page(Some(&exchange)));
        look.diagnosis = diagnosis;
        look.outcome = Outcome { evidence: Some(Evidence::Exchange(exchange)), error: None };
    }
    (look, answers)
}

/// The worst of the answers: a cause before what any fault may look like.
fn find_broken(answers: &[Exchange], memory: &Memory) -> Option<(Exchange, Option<Diagnosis>)> {
    let broken = answers.iter().filter_map(|exchange| {
        let checks = check_page(exchange);
        if checks.is_empty() {
            return None;
        }
        let evidence = Evidence::Exchange(exchange.clone());
        let facts = StepFacts {
            name: "a page that it leads to",
            action: "get",
            actor: "visitor",
            checks: &checks,
            error: None,
            evidence: Some(&evidence),
            meant: Meant::default(),
        };
        Some((exchange.clone(), diagnose_step(&facts, memory)))
    });
    broken.min_by_key(|(_, diagnosis)| diagnosis.as_ref().is_none_or(Diagnosis::is_symptom))
}

/// One link of each kind, of this origin, in document order.
fn choose_links(links: &[Url], base: &Url) -> Vec<Url> {
    let mut kinds = BTreeSet::from([tell_kind(base)]);
    let own = links.iter().filter(|url| is_harmless(url, base) && kinds.insert(tell_kind(url)));
    own.take(LINKS).cloned().collect()
}

/// Addresses that scripts name, those of an API first.
fn choose_named(scripts: &[String], base: &Url) -> Vec<Url> {
    let paths: BTreeSet<&str> =
        scripts.iter().flat_map(|script| find_paths(script)).map(|path| path.trim_end_matches('/')).collect();
    let mut paths: Vec<&str> = paths.into_iter().filter(|path| !is_file(path)).collect();
    paths.sort_by_key(|path| !is_api(path));
    let urls = paths.into_iter().filter_map(|path| base.join(path).ok());
    urls.filter(|url| is_harmless(url, base)).take(NAMED).collect()
}

/// The paths in quotation marks, as far as they are written out: `"/api/notes"`, `'/users?page=1'`, `` `/notes/${id}` ``.
fn find_paths(script: &str) -> impl Iterator<Item = &str> {
    let is_part = |one: char| one.is_ascii_alphanumeric() || "_/.~-".contains(one);
    script.match_indices('/').filter_map(move |(start, _)| {
        script[..start].ends_with(['"', '\'', '`']).then_some(())?;
        let path = &script[start..];
        let path = &path[..path.find(|one| !is_part(one))?];
        let ends = script[start + path.len()..].starts_with(['"', '\'', '`', '?', '$']);
        let is_whole = ends && (4..=120).contains(&path.len()) && !path.starts_with("//");
        is_whole.then_some(path)
    })
}

fn is_api(path: &str) -> bool {
    path.split('/').any(|word| {
        matches!(word, "api" | "graphql" | "rest")
            || (word.starts_with('v') && word.len() > 1 && word[1..].chars().all(|one| one.is_ascii_digit()))
    })
}

fn is_file(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|last| last.contains('.'))
}

fn is_harmless(url: &Url, base: &Url) -> bool {
    url.origin() == base.origin() && is_harmless_address(url)
}

/// The path without its numbers and without query: what of an address tells one kind of page from another.
fn tell_kind(url: &Url) -> String {
    let is_number = |word: &str| word.chars().any(|one| one.is_ascii_digit());
    let words = url.path().trim_end_matches('/').split('/');
    words.map(|word| if is_number(word) { "0" } else { word }).collect::<Vec<_>>().join("/")
}

/// The scripts that the home page names, as text.
async fn read_scripts(client: &HttpClient, files: Option<&AssetSweep>, deadline: Instant) -> Vec<String> {
    let assets = files.into_iter().flat_map(|sweep| &sweep.assets);
    let own = assets.filter(|asset| asset.kind == AssetKind::Js && !asset.third_party && asset.loads());
    let asked = own.take(SCRIPTS).map(|script| async {
        let call = RequestCall::get(script.url.as_str());
        let outcome = client.run_limited(&call, deadline, SCRIPT_LIMIT).await;
        let exchange = outcome.evidence.as_ref().and_then(Evidence::exchange)?;
        exchange.response().and_then(|response| response.text.clone())
    });
    join_all(asked).await.into_iter().flatten().collect()
}

/// The answer, past one redirect within the site; none where nothing came.
async fn ask(client: &HttpClient, url: &Url, deadline: Instant) -> Option<Exchange> {
    let first = ask_once(client, url, deadline).await?;
    let status = first.response()?.status;
    let location = first.response()?.headers.get("location").and_then(|place| url.join(place).ok());
    match location.filter(|place| (300..400).contains(&status) && is_harmless(place, url)) {
        Some(place) => ask_once(client, &place, deadline).await,
        None => Some(first),
    }
}

async fn ask_once(client: &HttpClient, url: &Url, deadline: Instant) -> Option<Exchange> {
    let call = RequestCall { redirects: 0, ..RequestCall::get(url.as_str()) };
    let outcome = client.run(&call, deadline).await;
    let exchange = outcome.evidence.as_ref().and_then(Evidence::exchange)?;
    exchange.response().is_some().then(|| exchange.clone())
}

fn path_of(exchange: &Exchange) -> String {
    Url::parse(exchange.url()).map(|url| url.path().to_owned()).unwrap_or_default()
}

fn tell_number(links: usize, named: usize, answers: &[Exchange]) -> String {
    let told = match (links, named) {
        (0, 0) => return "no links that are safe to follow".to_owned(),
        (links, 0) => format!("{links} of its links"),
        (0, named) => format!("{named} addresses of its scripts"),
        (links, named) => format!("{links} of its links, {named} addresses of its scripts"),
    };
    let late = links + named - answers.len();
    if late == 0 { told } else { format!("{told}; {late} gave no answer in time") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(paths: &[&str]) -> Vec<Url> {
        let base = Url::parse("https://a.test/").unwrap();
        paths.iter().map(|path| base.join(path).unwrap()).collect()
    }

    fn tell(urls: &[Url]) -> Vec<&str> {
        urls.iter().map(Url::path).collect()
    }

    #[test]
    fn one_link_of_each_kind_is_followed_and_none_that_may_do_something() {
        let base = Url::parse("https://a.test/").unwrap();
        let links = urls(&[
            "/",
            "/post/1",
            "/post/2",
            "/logout",
            "/accounts/log-out/",
            "/userLogout",
            "/post/3?delete=1",
            "https://b.test/x",
            "/write",
            "/about/",
            "/c",
            "/d",
            "/e",
        ]);
        assert_eq!(tell(&choose_links(&links, &base)), ["/post/1", "/write", "/about/", "/c", "/d"]);
    }

    #[test]
    fn addresses_of_an_api_are_found_in_scripts() {
        let base = Url::parse("https://a.test/").unwrap();
        let script = "fetch(`/api/notes${t}`);go('/about');x=\"/assets/logo.svg\";s='/g';fetch('/v1/mysql/meetings/'\
            );fetch(\"/api/users?page=1\");r=/ab+c/;q='//cdn.test/x';p='/api/session/logout'";
        let found = choose_named(&[script.to_owned()], &base);
        assert_eq!(tell(&found), ["/api/notes", "/api/users", "/v1/mysql/meetings", "/about"]);
    }
}
