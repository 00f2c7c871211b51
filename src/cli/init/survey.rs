//! Looks at a live site: its home page and what that names, pages behind it, and what sites say to robots.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use crate::evidence::{Asset, Evidence, Exchange, Response};
use crate::expect::{Observer, Subject};
use crate::run::http::{HttpClient, HttpSettings};
use crate::run::page::{FormOutline, PageOutline, is_harmless_address, read_outline, run_assets};
use crate::spec::action::{AssetsCall, RequestCall};

use super::robots::Robots;

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many pages behind the home page are looked at.
const PAGES: usize = 8;

/// What was seen of a site.
#[derive(Clone, Debug)]
pub(super) struct Survey {
    /// Origin and path of the home page, after its redirects.
    pub(super) base: Url,
    /// How many redirects led to it.
    pub(super) redirects: usize,
    /// The home page.
    pub(super) home: SeenPage,
    /// Names of the cookies that it sets for itself.
    pub(super) cookies: Vec<String>,
    /// What it names; none where it is no HTML.
    pub(super) assets: Option<Vec<Asset>>,
    /// Pages behind it.
    pub(super) pages: Vec<SeenPage>,
    /// `robots.txt`, if there is one.
    pub(super) robots: Option<String>,
    /// `sitemap.xml`, if there is one.
    pub(super) sitemap: Option<String>,
    /// The answer for an address that does not exist.
    pub(super) missing: Option<SeenPage>,
}

/// A page as it answered.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SeenPage {
    /// Path and query, as it was asked for.
    pub(super) path: String,
    /// Path and query where redirects ended.
    pub(super) landed: String,
    pub(super) status: u16,
    pub(super) media_type: String,
    /// Milliseconds of the whole request.
    pub(super) total_ms: f64,
    /// None where it has none, or another one each time.
    pub(super) title: Option<String>,
    pub(super) outline: PageOutline,
}

/// Looks at a site; if it does not answer with a page, says why.
pub(super) async fn survey(settings: HttpSettings) -> Result<Survey, String> {
    let asked = settings.base.clone();
    let client = HttpClient::new(Arc::new(settings)).map_err(|error| error.message)?;
    let exchange = fetch(&client, asked.as_str()).await?;
    let response = exchange.response().ok_or("nothing came back")?;
    if response.status >= 400 {
        return Err(format!("its home page answers with status {}", response.status));
    }
    let base = Url::parse(exchange.url()).map_err(|error| error.to_string())?;
    let client = HttpClient::new(Arc::new(HttpSettings { base: base.clone(), ..client.settings().clone() }))
        .map_err(|error| error.message)?;
    let (mut home, cookies) = look_twice(&client, &base).await?;
    home.total_ms = home.total_ms.max(exchange.total_ms);
    let is_html = home.media_type == "text/html";
    let assets = if is_html { look_at_assets(&client, &base).await } else { None };
    let robots = fetch_text(&client, &base, "/robots.txt", "text/plain").await;
    let rules = Robots::read(robots.as_deref().unwrap_or(""));
    let sitemap = fetch_text(&client, &base, "/sitemap.xml", "xml").await;
    let candidates = choose_pages(&base, &home.outline, sitemap.as_deref(), &rules);
    let mut pages: Vec<SeenPage> = Vec::new();
    for url in candidates.into_iter().take(PAGES) {
        if let Ok((page, _)) = look_twice(&client, &url).await
            && page.status < 400
            && page.media_type == "text/html"
            && page.landed.starts_with('/')
            && pages.iter().all(|known| known.path != page.path)
        {
            pages.push(page);
        }
    }
    let missing = look_at_missing(&client, &base).await;
    Ok(Survey {
        base,
        redirects: exchange.redirects(),
        home,
        cookies,
        assets,
        pages,
        robots,
        sitemap,
        missing,
    })
}

/// Fetches an address that is not there. None where the site answers it like any other.
async fn look_at_missing(client: &HttpClient, base: &Url) -> Option<SeenPage> {
    let url = base.join("/smokegate-no-such-page").ok()?;
    let (page, _) = look_twice(client, &url).await.ok()?;
    (page.status == 404 || page.status == 410).then_some(page)
}

async fn fetch(client: &HttpClient, address: &str) -> Result<Exchange, String> {
    let outcome = client.run(&RequestCall::get(address), Instant::now() + PATIENCE).await;
    match (outcome.error, outcome.evidence) {
        (None, Some(Evidence::Exchange(exchange))) => Ok(exchange),
        (Some(error), _) => Err(error.message),
        _ => Err("nothing came back".to_owned()),
    }
}

/// A page as two visitors see it who come one after the other: what is not the same for both is left out. With it the
/// names of the cookies that both are given.
async fn look_twice(client: &HttpClient, url: &Url) -> Result<(SeenPage, Vec<String>), String> {
    let (first, cookies) = look(&client.for_another_actor(), url).await?;
    let (second, again) = look(&client.for_another_actor(), url).await?;
    let title = first.title.filter(|title| second.title.as_ref() == Some(title));
    let total_ms = first.total_ms.max(second.total_ms);
    let cookies = cookies.into_iter().filter(|name| again.contains(name)).collect();
    Ok((SeenPage { total_ms, title, ..second }, cookies))
}

async fn look(client: &HttpClient, url: &Url) -> Result<(SeenPage, Vec<String>), String> {
    let exchange = fetch(client, url.as_str()).await?;
    let response = exchange.response().ok_or("nothing came back")?.clone();
    let landed = Url::parse(exchange.url()).map_err(|error| error.to_string())?;
    let is_own = landed.origin() == url.origin();
    let cookies = client.jar().matching(&landed).into_iter().map(|(name, _)| name).collect();
    let total_ms = exchange.total_ms;
    let title = read_title(exchange, &response);
    let page = SeenPage {
        path: path_of(url),
        landed: if is_own { path_of(&landed) } else { landed.to_string() },
        status: response.status,
        media_type: response.media_type(),
        total_ms,
        title,
        outline: read_outline(response.text.as_deref().unwrap_or(""), &landed),
    };
    Ok((page, cookies))
}

/// The title as `expect.title` will see it.
fn read_title(exchange: Exchange, response: &Response) -> Option<String> {
    if response.media_type() != "text/html" {
        return None;
    }
    let evidence = Evidence::Exchange(exchange);
    let title = Observer::new(&evidence, &[]).observe(&Subject::Plain("title")).into_value()?.to_text();
    (!title.is_empty()).then_some(title)
}

async fn look_at_assets(client: &HttpClient, base: &Url) -> Option<Vec<Asset>> {
    let call =
        AssetsCall { url: base.to_string(), kinds: Vec::new(), exclude: Vec::new(), third_party: false };
    let outcome = run_assets(client, &call, Instant::now() + PATIENCE).await;
    match outcome.evidence {
        Some(Evidence::Assets(sweep)) if outcome.error.is_none() => Some(sweep.assets),
        _ => None,
    }
}

/// The text of a file of the site, if there is one of this kind.
async fn fetch_text(client: &HttpClient, base: &Url, path: &str, kind: &str) -> Option<String> {
    let url = base.join(path).ok()?;
    let exchange = fetch(client, url.as_str()).await.ok()?;
    let response = exchange.response()?;
    (response.status == 200 && response.media_type().contains(kind)).then(|| response.text.clone())?
}

/// Pages of the site that a visitor comes to by a link, and those of its sitemap.
fn choose_pages(base: &Url, home: &PageOutline, sitemap: Option<&str>, robots: &Robots) -> Vec<Url> {
    let listed = sitemap.map(super::robots::read_sitemap).unwrap_or_default();
    let mut chosen: Vec<Url> = Vec::new();
    for url in home.links.iter().cloned().chain(listed) {
        let lower = url.path().to_ascii_lowercase();
        let is_own = url.origin() == base.origin() && url.query().is_none() && url.path() != base.path();
        let is_page = lower.rsplit('/').next().is_some_and(|name| {
            !name.contains('.') || [".html", ".htm", ".php", ".aspx"].iter().any(|end| name.ends_with(end))
        });
        let is_harmless = is_harmless_address(&url) && robots.allows(url.path());
        if is_own && is_page && is_harmless && !chosen.contains(&url) {
            chosen.push(url);
        }
    }
    chosen
}

/// Path and query of an address.
pub(super) fn path_of(url: &Url) -> String {
    url[url::Position::BeforePath..url::Position::AfterQuery].to_owned()
}

impl Survey {
    /// All forms with the path of the page on which each was seen first.
    pub(super) fn forms(&self) -> Vec<(&str, &FormOutline)> {
        let mut forms: Vec<(&str, &FormOutline)> = Vec::new();
        for page in std::iter::once(&self.home).chain(&self.pages) {
            for form in &page.outline.forms {
                let is_known = forms
                    .iter()
                    .any(|(_, known)| known.action == form.action && known.selector == form.selector);
                if !is_known {
                    forms.push((&page.path, form));
                }
            }
        }
        forms
    }
}
