//! `assets`: a page and everything that it names, fetched side by side and judged.

use std::collections::{HashMap, VecDeque};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use globset::{Glob, GlobSet, GlobSetBuilder};
use scraper::Html;
use tokio::time::Instant;
use url::Url;

use super::discover::{
    NamedAsset, list_named_by_manifest, list_named_by_page, list_named_by_stylesheet, referrer_policy,
    upgrades_requests,
};
use super::judge::{build_unfetched, judge_address, judge_fetched};
use super::referrer::ReferrerPolicy;
use crate::evidence::{Asset, AssetKind, AssetSweep, Cause, Evidence, Exchange, Response};
use crate::run::http::HttpClient;
use crate::run::outcome::Outcome;
use crate::spec::action::{AssetsCall, RequestCall};
use crate::verdict::StepError;

/// How many assets are fetched at the same time.
const SIDE_BY_SIDE: usize = 8;

/// How deep stylesheets may import each other.
const DEPTH: usize = 8;

/// Bytes of sound and film that are read: enough to know them.
const MEDIA_LIMIT: u64 = 64 * 1024;

/// Fetches a page and everything that it names, and judges each asset. Assets of other origins than the target's and
/// the page's own are listed, and fetched only where the call says so.
///
/// Gives [`Evidence::Assets`], without assets where the page did not come or answered 400 or more.
pub async fn run_assets(client: &HttpClient, call: &AssetsCall, deadline: Instant) -> Outcome {
    let exclude = match build_globs(&call.exclude) {
        Ok(exclude) => exclude,
        Err(error) => return Outcome::error(error),
    };
    let fetched = client.run(&RequestCall::get(&call.url), deadline).await;
    let Some(Evidence::Exchange(page)) = fetched.evidence else { return fetched };
    let named = if fetched.error.is_none() { read_page(&page) } else { None };
    let assets = match named {
        Some(page_named) => {
            let judged = Sweep::new(client, call, exclude, &page_named, deadline);
            judged.run(page_named.named).await
        }
        None => Vec::new(),
    };
    Outcome { evidence: Some(Evidence::Assets(AssetSweep { page, assets })), error: fetched.error }
}

pub(super) fn build_globs(patterns: &[String]) -> Result<GlobSet, StepError> {
    let invalid = |error: globset::Error| StepError::harness(Cause::Template { detail: error.to_string() });
    let mut globs = GlobSetBuilder::new();
    for pattern in patterns {
        globs.add(Glob::new(pattern).map_err(invalid)?);
    }
    globs.build().map_err(invalid)
}

/// A page that was read.
struct ReadPage {
    url: Url,
    policy: ReferrerPolicy,
    upgrades: bool,
    named: Vec<NamedAsset>,
}

fn read_page(page: &Exchange) -> Option<ReadPage> {
    let response = page.response().filter(|response| response.status < 400)?;
    let media_type = response.media_type();
    if !media_type.is_empty() && !media_type.contains("html") {
        return None;
    }
    let url = Url::parse(page.url()).ok()?;
    let html = Html::parse_document(response.text.as_deref()?);
    Some(ReadPage {
        policy: referrer_policy(response, &html),
        upgrades: upgrades_requests(response, &html),
        named: list_named_by_page(&html, &url),
        url,
    })
}

/// An asset on its way.
struct Item {
    named: NamedAsset,
    /// Its place in document order: its position in the page, then in the stylesheet that the page names, …
    place: Vec<usize>,
    integrity: Vec<String>,
    asset: Option<Asset>,
}

struct Sweep<'a> {
    client: &'a HttpClient,
    call: &'a AssetsCall,
    exclude: GlobSet,
    page: Url,
    policy: ReferrerPolicy,
    upgrades: bool,
    deadline: Instant,
    items: Vec<Item>,
    known: HashMap<Url, usize>,
    waiting: VecDeque<(usize, Url)>,
}

impl<'a> Sweep<'a> {
    fn new(
        client: &'a HttpClient,
        call: &'a AssetsCall,
        exclude: GlobSet,
        page: &ReadPage,
        deadline: Instant,
    ) -> Self {
        Self {
            client,
            call,
            exclude,
            page: page.url.clone(),
            policy: page.policy,
            upgrades: page.upgrades,
            deadline,
            items: Vec::new(),
            known: HashMap::new(),
            waiting: VecDeque::new(),
        }
    }

    async fn run(mut self, named: Vec<NamedAsset>) -> Vec<Asset> {
        let page = self.page.clone();
        self.add_all(named, &[], &page);
        let mut under_way = FuturesUnordered::new();
        loop {
            while under_way.len() < SIDE_BY_SIDE
                && let Some((index, referrer)) = self.waiting.pop_front()
            {
                let (request, limit) = self.build_request(index, &referrer);
                let (client, deadline) = (self.client, self.deadline);
                under_way.push(async move { (index, client.run_limited(&request, deadline, limit).await) });
            }
            let Some((index, outcome)) = under_way.next().await else { break };
            self.take(index, &outcome);
        }
        self.finish()
    }

    fn build_request(&self, index: usize, referrer: &Url) -> (RequestCall, u64) {
        let named = &self.items[index].named;
        let mut request = RequestCall::get(named.url.as_str());
        if let Some(referer) = self.policy.referer(referrer, &named.url) {
            request.headers.push(("Referer".to_owned(), referer));
        }
        let limit = self.client.settings().body_limit;
        if named.kind != AssetKind::Media {
            return (request, limit);
        }
        request.headers.push(("Range".to_owned(), format!("bytes=0-{}", MEDIA_LIMIT - 1)));
        (request, limit.min(MEDIA_LIMIT))
    }

    fn add_all(&mut self, named: Vec<NamedAsset>, place: &[usize], referrer: &Url) {
        for (position, named) in named.into_iter().enumerate() {
            let place: Vec<usize> = place.iter().copied().chain([position]).collect();
            self.add(named, place, referrer);
        }
    }

    /// Takes an asset in, once for each address; what names it first in document order is told.
    fn add(&mut self, mut named: NamedAsset, place: Vec<usize>, referrer: &Url) {
        if self.upgrades && named.url.scheme() == "http" {
            // It cannot fail: both schemes are special.
            let _ = named.url.set_scheme("https");
        }
        if self.is_left_out(&named) || place.len() > DEPTH {
            return;
        }
        let integrity = named.integrity.clone();
        if let Some(&index) = self.known.get(&named.url) {
            let item = &mut self.items[index];
            item.integrity.extend(integrity);
            if place < item.place {
                item.place = place;
                item.named.named_by.clone_from(&named.named_by);
                if let Some(asset) = &mut item.asset {
                    asset.named_by = named.named_by;
                }
            }
            return;
        }
        let index = self.items.len();
        self.known.insert(named.url.clone(), index);
        let third_party = self.is_third_party(&named.url);
        let faults = judge_address(&self.page, &named.url);
        let is_fetched = faults.is_empty() && (!third_party || self.call.third_party);
        let asset = (!is_fetched).then(|| build_unfetched(&named, third_party, faults));
        if is_fetched {
            self.waiting.push_back((index, referrer.clone()));
        }
        self.items.push(Item { named, place, integrity: integrity.into_iter().collect(), asset });
    }

    /// Judges an asset that came, and takes in what it names.
    fn take(&mut self, index: usize, outcome: &Outcome) {
        let third_party = self.is_third_party(&self.items[index].named.url);
        let item = &mut self.items[index];
        item.integrity.dedup();
        item.asset = Some(judge_fetched(&item.named, third_party, &item.integrity, outcome));
        let Some(Evidence::Exchange(exchange)) = &outcome.evidence else { return };
        let Some(address) = Url::parse(exchange.url()).ok() else { return };
        let (kind, place) = (item.named.kind, item.place.clone());
        if let Some(response) = exchange.response() {
            self.add_all(list_named_by(kind, response, &address), &place, &address);
        }
    }

    fn is_third_party(&self, url: &Url) -> bool {
        let origin = url.origin();
        origin != *self.client.target_origin() && origin != self.page.origin()
    }

    fn is_left_out(&self, named: &NamedAsset) -> bool {
        let kinds = &self.call.kinds;
        let leads_to = |wanted: &[AssetKind]| wanted.iter().any(|kind| kinds.contains(kind));
        let is_needed = kinds.is_empty()
            || kinds.contains(&named.kind)
            || match named.kind {
                AssetKind::Css => leads_to(&[AssetKind::Image, AssetKind::Font]),
                AssetKind::Manifest => leads_to(&[AssetKind::Icon]),
                _ => false,
            };
        !is_needed || self.exclude.is_match(named.url.as_str()) || self.exclude.is_match(named.url.path())
    }

    fn finish(mut self) -> Vec<Asset> {
        self.items.sort_by(|left, right| left.place.cmp(&right.place));
        let kinds = &self.call.kinds;
        self.items
            .into_iter()
            .filter_map(|item| item.asset)
            .filter(|asset| kinds.is_empty() || kinds.contains(&asset.kind))
            .collect()
    }
}

fn list_named_by(kind: AssetKind, response: &Response, address: &Url) -> Vec<NamedAsset> {
    match (kind, &response.text) {
        _ if response.status >= 400 => Vec::new(),
        (AssetKind::Css, Some(css)) if response.media_type() != "text/html" => {
            list_named_by_stylesheet(css, address)
        }
        (AssetKind::Manifest, Some(manifest)) => list_named_by_manifest(manifest, address),
        _ => Vec::new(),
    }
}
