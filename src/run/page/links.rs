//! `links`: the anchors of a page, and of the pages that it names, followed side by side.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use globset::GlobSet;
use scraper::Html;
use tokio::time::Instant;
use url::Url;

use super::anchors::{Anchor, list_anchors, list_places, needed_place};
use super::assets::build_globs;
use crate::diagnose::find_development_host;
use crate::evidence::{BodyEnd, Cause, Evidence, Exchange, Link, LinkFault, LinkSweep, Phase, Response};
use crate::run::http::HttpClient;
use crate::run::outcome::Outcome;
use crate::spec::action::{LinksCall, RequestCall};
use crate::verdict::StepError;

/// How many addresses are fetched at the same time.
const SIDE_BY_SIDE: usize = 8;

/// How many addresses are followed at most.
const MOST: usize = 2_000;

/// Bytes of an answer that are read: enough for pages; of a film the status is enough.
const PAGE_LIMIT: u64 = 4 * 1024 * 1024;

/// A request that had less time than this when the step's time was over is not held against the site.
const FAIR_SHARE: Duration = Duration::from_secs(3);

/// How often a page is looked at again that names what is gone.
const LOOKS: usize = 3;

/// "Too many requests" (RFC 6585, section 4): of another site it says that we ask too much, not that the page is gone.
const TOO_MANY_REQUESTS: u16 = 429;

/// Fetches a page and follows its anchors. Links to other origins than the target's and the page's own are counted, and
/// followed only where the call says so; their pages are never read for more.
///
/// Gives [`Evidence::Links`], without links where the page did not come or answered 400 or more.
pub async fn run_links(client: &HttpClient, call: &LinksCall, deadline: Instant) -> Outcome {
    let exclude = match build_globs(&call.exclude) {
        Ok(exclude) => exclude,
        Err(error) => return Outcome::error(error),
    };
    let started = Instant::now();
    let fetched = client.run(&RequestCall::get(&call.url), deadline).await;
    let Some(Evidence::Exchange(page)) = fetched.evidence else { return fetched };
    let read = if fetched.error.is_none() { read_page(&page) } else { None };
    let Some((url, read)) = read else {
        let sweep = LinkSweep {
            page,
            broken: Vec::new(),
            broken_count: 0,
            followed: 0,
            pages: 0,
            external: 0,
            left_out: 0,
        };
        return Outcome { evidence: Some(Evidence::Links(sweep)), error: fetched.error };
    };
    let mut crawl = Crawl::new(client, call, exclude, url.clone(), deadline);
    crawl.enter(&url, read);
    crawl.run().await;
    crawl.look_again().await;
    let sweep = crawl.finish(page);
    let is_cut_short = sweep.left_out > 0 && sweep.broken.is_empty() && Instant::now() >= deadline;
    let error = is_cut_short.then(|| tell_cut(&sweep, deadline.duration_since(started)));
    Outcome { evidence: Some(Evidence::Links(sweep)), error }
}

/// What was not followed was not looked at: that is no fault of the site.
fn tell_cut(sweep: &LinkSweep, limit: Duration) -> StepError {
    let limit_ms = limit.as_secs_f64() * 1000.0;
    let total = sweep.followed + sweep.left_out;
    let message = format!("only {} of {total} links were followed within {limit_ms:.0}ms", sweep.followed);
    StepError::harness(Cause::Timeout { phase: Phase::Answer, limit_ms })
        .message(message)
        .help("give the step more time with `timeout`, or leave some of them out with `exclude`")
}

/// What of a page matters here.
struct ReadPage {
    anchors: Vec<Anchor>,
    places: HashSet<String>,
}

/// Reads an answer that is a page; its address goes with it, without fragment.
fn read_page(exchange: &Exchange) -> Option<(Url, ReadPage)> {
    let response = exchange.response().filter(|response| response.status < 400)?;
    let media_type = response.media_type();
    let is_whole = response.body.end == BodyEnd::Complete;
    if !is_whole || !(media_type.is_empty() || media_type.contains("html")) {
        return None;
    }
    let mut url = Url::parse(exchange.url()).ok()?;
    url.set_fragment(None);
    let html = Html::parse_document(response.text.as_deref()?);
    let read = ReadPage { anchors: list_anchors(&html, &url), places: list_places(&html) };
    Some((url, read))
}

/// An address that links lead to.
struct Address {
    url: Url,
    /// How many steps it is away from the first page.
    distance: usize,
    /// The page on which it was found.
    page: Url,
    /// What names it: first the whole, then each fragment once.
    links: Vec<(Option<String>, String)>,
    state: State,
}

enum State {
    /// Not followed yet.
    Waiting,
    /// It led somewhere; a page has places.
    Good(Option<HashSet<String>>),
    Bad(Option<u16>, LinkFault),
    /// Not followed, as time was over.
    LeftOut,
    /// Gone, and its page does not name it any more: it was deleted meanwhile.
    Withdrawn,
}

struct Crawl<'a> {
    client: &'a HttpClient,
    call: &'a LinksCall,
    exclude: GlobSet,
    page: Url,
    deadline: Instant,
    addresses: Vec<Address>,
    known: HashMap<Url, usize>,
    waiting: VecDeque<usize>,
    external: HashSet<Url>,
    beyond: HashSet<Url>,
    /// Links that are wrong as they are written.
    wrong: Vec<Link>,
    pages: usize,
}

impl<'a> Crawl<'a> {
    fn new(
        client: &'a HttpClient,
        call: &'a LinksCall,
        exclude: GlobSet,
        page: Url,
        deadline: Instant,
    ) -> Self {
        Self {
            client,
            call,
            exclude,
            page,
            deadline,
            addresses: Vec::new(),
            known: HashMap::new(),
            waiting: VecDeque::new(),
            external: HashSet::new(),
            beyond: HashSet::new(),
            wrong: Vec::new(),
            pages: 0,
        }
    }

    /// Takes in the first page, which is known to be good.
    fn enter(&mut self, url: &Url, read: ReadPage) {
        let state = State::Good(Some(read.places));
        self.known.insert(url.clone(), 0);
        self.addresses.push(Address {
            url: url.clone(),
            distance: 0,
            page: url.clone(),
            links: Vec::new(),
            state,
        });
        self.pages = 1;
        self.add_all(read.anchors, 1, url);
    }

    async fn run(&mut self) {
        let mut under_way = FuturesUnordered::new();
        loop {
            while under_way.len() < SIDE_BY_SIDE
                && Instant::now() < self.deadline
                && let Some(index) = self.waiting.pop_front()
            {
                let request = RequestCall::get(self.addresses[index].url.as_str());
                let (client, deadline, limit) = (self.client, self.deadline, self.body_limit());
                under_way.push(async move {
                    let started = Instant::now();
                    let outcome = client.run_limited(&request, deadline, limit).await;
                    (index, started.elapsed(), outcome)
                });
            }
            let Some((index, took, outcome)) = under_way.next().await else { break };
            self.take(index, took, &outcome);
        }
    }

    fn body_limit(&self) -> u64 {
        self.client.settings().body_limit.min(PAGE_LIMIT)
    }

    fn add_all(&mut self, anchors: Vec<Anchor>, distance: usize, page: &Url) {
        for Anchor { target, named_by } in anchors {
            match target {
                Ok(url) => self.add(url, named_by, distance, page),
                Err(url) => {
                    self.wrong.push(Link { url, named_by, status: None, fault: LinkFault::NoAddress });
                }
            }
        }
    }

    fn add(&mut self, mut url: Url, named_by: String, distance: usize, page: &Url) {
        if self.exclude.is_match(url.as_str()) || self.exclude.is_match(url.path()) {
            return;
        }
        let place = needed_place(&url);
        let whole = url.to_string();
        url.set_fragment(None);
        if let Some(&index) = self.known.get(&url) {
            let links = &mut self.addresses[index].links;
            if !links.iter().any(|(known, _)| *known == place) {
                links.push((place, named_by));
            }
            return;
        }
        if let Some(host) = find_development_host(page, &url) {
            self.known_wrong(Link {
                url: whole,
                named_by,
                status: None,
                fault: LinkFault::DevAddress { host },
            });
        } else if self.is_external(&url) && !self.call.external {
            self.external.insert(url);
        } else if self.addresses.len() > MOST {
            self.beyond.insert(url);
        } else {
            let index = self.addresses.len();
            self.known.insert(url.clone(), index);
            self.waiting.push_back(index);
            let links = vec![(place, named_by)];
            let page = page.clone();
            self.addresses.push(Address { url, distance, page, links, state: State::Waiting });
        }
    }

    /// Notes a wrong link once for each address.
    fn known_wrong(&mut self, link: Link) {
        if !self.wrong.iter().any(|known| known.url == link.url) {
            self.wrong.push(link);
        }
    }

    fn is_external(&self, url: &Url) -> bool {
        let origin = url.origin();
        origin != *self.client.target_origin() && origin != self.page.origin()
    }

    /// Judges what came, and takes in the links of a page that is near enough.
    fn take(&mut self, index: usize, took: Duration, outcome: &Outcome) {
        let exchange = outcome.evidence.as_ref().and_then(Evidence::exchange);
        let is_external = self.is_external(&self.addresses[index].url);
        let cause = outcome.error.as_ref().map(|error| &error.cause);
        if matches!(cause, Some(Cause::Timeout { .. })) && took < FAIR_SHARE {
            self.addresses[index].state = State::LeftOut;
            return;
        }
        let fault = judge(exchange.and_then(Exchange::response), cause, is_external);
        if let Some((status, fault)) = fault {
            self.addresses[index].state = State::Bad(status, fault);
            return;
        }
        let Some((url, read)) = exchange.and_then(read_page) else {
            self.addresses[index].state = State::Good(None);
            return;
        };
        self.addresses[index].state = State::Good(Some(read.places));
        let distance = self.addresses[index].distance;
        // A redirect may lead to a page that was read already, or to another site.
        let is_first = self.known.get(&url).is_none_or(|known| *known == index);
        if distance < self.call.depth && is_first && !self.is_external(&url) {
            self.known.entry(url.clone()).or_insert(index);
            self.pages += 1;
            self.add_all(read.anchors, distance + 1, &url);
        }
    }

    /// Looks again at pages that name what is gone: somebody may have deleted it between page and link.
    async fn look_again(&mut self) {
        let mut named = HashMap::new();
        for index in 0..self.addresses.len() {
            let address = &self.addresses[index];
            if !matches!(address.state, State::Bad(Some(404 | 410), _)) {
                continue;
            }
            let page = address.page.clone();
            if !named.contains_key(&page) {
                named.insert(page.clone(), self.list_named(&page).await);
            }
            let is_withdrawn =
                named[&page].as_ref().is_some_and(|targets| !targets.contains(&self.addresses[index].url));
            if is_withdrawn {
                self.addresses[index].state = State::Withdrawn;
            }
        }
    }

    /// What a page names in any of some looks: workers take turns. None where it does not come any more.
    async fn list_named(&self, page: &Url) -> Option<HashSet<Url>> {
        let mut targets = HashSet::new();
        for _ in 0..LOOKS {
            let fetched = self.client.run(&RequestCall::get(page.as_str()), self.deadline).await;
            let exchange = fetched.evidence.as_ref().and_then(Evidence::exchange);
            let (_, read) = exchange.filter(|_| fetched.error.is_none()).and_then(read_page)?;
            targets.extend(read.anchors.into_iter().filter_map(|anchor| {
                let mut url = anchor.target.ok()?;
                url.set_fragment(None);
                Some(url)
            }));
        }
        Some(targets)
    }

    fn finish(self, page: Exchange) -> LinkSweep {
        let mut broken = self.wrong;
        let (mut followed, mut left_out) = (0, self.beyond.len());
        for address in &self.addresses {
            match &address.state {
                State::Waiting | State::LeftOut => left_out += 1,
                State::Withdrawn => {}
                State::Good(places) => {
                    followed += usize::from(!address.links.is_empty());
                    broken.extend(places.iter().flat_map(|places| list_missing(address, places)));
                }
                State::Bad(status, fault) => {
                    followed += 1;
                    let named_by = address.links.first().map(|(_, named_by)| named_by.clone());
                    let (url, named_by) = (address.url.to_string(), named_by.unwrap_or_default());
                    broken.push(Link { url, named_by, status: *status, fault: fault.clone() });
                }
            }
        }
        LinkSweep {
            page,
            broken_count: broken.len(),
            broken,
            followed,
            pages: self.pages,
            external: self.external.len(),
            left_out,
        }
    }
}

/// The links to places that a page does not have.
fn list_missing<'a>(address: &'a Address, places: &'a HashSet<String>) -> impl Iterator<Item = Link> + 'a {
    let wanted = address.links.iter().filter_map(|(place, named_by)| Some((place.as_ref()?, named_by)));
    wanted.filter(|(place, _)| !places.contains(*place)).map(|(place, named_by)| {
        let mut url = address.url.clone();
        url.set_fragment(Some(place));
        let fault = LinkFault::NoFragment { fragment: place.clone() };
        Link { url: url.into(), named_by: named_by.clone(), status: Some(200), fault }
    })
}

/// What is wrong with an answer, with its status.
fn judge(
    response: Option<&Response>,
    cause: Option<&Cause>,
    is_external: bool,
) -> Option<(Option<u16>, LinkFault)> {
    let is_answer = match cause {
        None => true,
        // How large something is behind a link is not the link's fault.
        Some(Cause::Body { end, .. }) => *end == BodyEnd::TooLarge,
        Some(_) => false,
    };
    match (response, cause) {
        (Some(response), _) if is_answer => {
            let status = response.status;
            let is_excused = is_external && status == TOO_MANY_REQUESTS;
            (status >= 400 && !is_excused).then_some((Some(status), LinkFault::Status { status }))
        }
        (response, cause) => {
            let cause = cause.cloned().unwrap_or(Cause::Closed);
            Some((response.map(|response| response.status), LinkFault::Unreachable { cause }))
        }
    }
}
