//! One layer after the other.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use url::Host;

use super::tell::{tell_assets, tell_connection, tell_home, tell_lookup, tell_page, tell_way};
use super::{Look, Walk};
use crate::diagnose::{Diagnosis, Meant, Page, StepFacts, diagnose_step, is_led_to_same_login};
use crate::evidence::{AssetSweep, Cause, Evidence, Exchange};
use crate::expect::Check;
use crate::run::http::{HttpClient, HttpSettings};
use crate::run::implicit::{check_addresses, check_assets, check_mark, implicit};
use crate::run::network::run_network;
use crate::run::outcome::Outcome;
use crate::run::page::run_assets;
use crate::spec::action::{AssetsCall, NetworkCall, RequestCall};

/// How long a look at one layer may take.
const LIMIT: Duration = Duration::from_secs(10);

const NAME: &str = "DNS: the name has an address";
const PROXY: &str = "the proxy passes requests on";
const ACCESS: &str = "no login stands before the site";
const HOME: &str = "the home page answers";
const NO_PAGE: &str = "an address that cannot exist shows no debug page";
const STATIC: &str = "everything that the home page names loads";
const FORMS: &str = "its forms are whole";
const PAGES: &str = "the pages that it leads to answer";
const SAMPLES: &str = "repeated requests get the same answer";
const WRITES: &str = "what a form sends is kept";

/// A walk never writes: what only a write shows stays unknown, and that is said.
const NOT_TRIED: &str = "not tried: diagnose sends no forms";

/// The layers that one request to the home page tells of.
const OF_HOME: [&str; 3] = [PROXY, ACCESS, HOME];

pub(super) fn deadline() -> Instant {
    Instant::now() + LIMIT
}

impl Walk {
    /// Looks at all layers, and at the databases whatever became of the site. Where one is broken, those above it are
    /// looked at if there is a way to them.
    pub(super) async fn walk_layers(&mut self) {
        self.walk_site().await;
        self.look_at_databases().await;
    }

    async fn walk_site(&mut self) {
        let started = Instant::now();
        let mut client = match self.context.http_client() {
            Ok(client) => client,
            Err(error) => {
                let look = Look { action: "get", outcome: Outcome::error(error), ..Look::default() };
                self.tell(HOME, started, look);
                return;
            }
        };
        let name = match self.tell_nameless() {
            Some(reason) => {
                self.skip(NAME, &reason);
                true
            }
            None => self.look_at_name(&client).await,
        };
        let is_reached = name && self.look_at_connection(&client).await;
        if is_reached && client.settings().base.scheme() == "https" {
            match self.look_at_tls(&client).await {
                Some(next) => client = next,
                None => return self.skip_pages("no TLS connection could be made"),
            }
        }
        if !is_reached {
            return self.skip_pages("the site cannot be reached");
        }
        self.look_at_pages(&client).await;
    }

    fn skip_pages(&mut self, reason: &str) {
        for name in [PROXY, ACCESS, HOME, NO_PAGE, STATIC, PAGES, FORMS, SAMPLES, WRITES] {
            self.skip(name, reason);
        }
        self.skip_release(reason);
    }

    /// Why DNS has nothing to do with the target's host; none where it has.
    fn tell_nameless(&self) -> Option<String> {
        match self.context.http_settings.base.host()? {
            Host::Domain(name) if name.contains('.') && !name.ends_with(".localhost") => None,
            Host::Domain(name) => Some(format!("{name} is a name of this machine or network")),
            address => Some(format!("{address} is an address")),
        }
    }

    /// Whether there is an address to go on with.
    async fn look_at_name(&mut self, client: &HttpClient) -> bool {
        let started = Instant::now();
        let mut outcome =
            run_network(client, &NetworkCall::Dns { host: None, server: None }, deadline()).await;
        let resolve = client.settings().resolve;
        // Before a switch, DNS may lead elsewhere, or nowhere yet.
        if resolve.is_some() {
            outcome.error = None;
        }
        let Some(Evidence::Lookup(lookup)) = &outcome.evidence else {
            let look = Look { action: "dns", outcome, ..Look::default() };
            return self.tell(NAME, started, look) || resolve.is_some();
        };
        let checks = check_addresses(lookup).filter(|_| resolve.is_none()).into_iter().collect();
        let note = tell_lookup(lookup, resolve);
        let look = Look { action: "dns", outcome, checks, note, diagnosis: None };
        self.tell(NAME, started, look) || resolve.is_some()
    }

    async fn look_at_connection(&mut self, client: &HttpClient) -> bool {
        let started = Instant::now();
        let outcome = run_network(client, &NetworkCall::Tcp { place: None }, deadline()).await;
        let note = tell_connection(outcome.evidence.as_ref());
        self.tell("TCP: something listens", started, Look { action: "tcp", outcome, note, ..Look::default() })
    }

    /// The client to go on with: past a certificate that is not good, one that does not verify any.
    async fn look_at_tls(&mut self, client: &HttpClient) -> Option<HttpClient> {
        let started = Instant::now();
        let outcome = run_network(client, &NetworkCall::Tls { place: None }, deadline()).await;
        let is_certificate =
            matches!(outcome.error.as_ref().map(|error| &error.cause), Some(Cause::Tls { .. }));
        let note = tell_connection(outcome.evidence.as_ref());
        let look = Look { action: "tls", outcome, note, ..Look::default() };
        if self.tell("TLS: the certificate is good", started, look) {
            return Some(client.clone());
        }
        let settings = HttpSettings { insecure: true, ..client.settings().clone() };
        HttpClient::new(Arc::new(settings)).ok().filter(|_| is_certificate)
    }

    async fn look_at_pages(&mut self, client: &HttpClient) {
        let home = self.look_at_home(client).await;
        let is_answered = home.as_ref().is_some_and(|home| home.response().is_some());
        if !is_answered {
            for name in [NO_PAGE, STATIC, PAGES, FORMS, SAMPLES, WRITES] {
                self.skip(name, "the home page does not answer");
            }
            self.skip_release("the home page does not answer");
            return;
        }
        self.look_at_no_page(client).await;
        self.look_at_release(client).await;
        match home.as_ref().filter(|home| is_page(home)) {
            Some(page) => {
                let files = self.look_at_assets(client).await;
                let started = Instant::now();
                let (look, linked) =
                    super::pages::look_at_linked_pages(client, page, files.as_ref(), &self.memory).await;
                self.tell(PAGES, started, look);
                let started = Instant::now();
                let seen = linked.iter().filter(|page| is_page(page));
                self.tell(FORMS, started, super::forms::look_at_forms([page].into_iter().chain(seen)));
            }
            None => {
                for name in [STATIC, PAGES, FORMS] {
                    self.skip(name, "the home page is not one of HTML");
                }
            }
        }
        let started = Instant::now();
        let look = super::samples::look_again(client, home.as_ref(), &self.memory, deadline()).await;
        self.tell(SAMPLES, started, look);
        self.skip(WRITES, NOT_TRIED);
    }

    /// One request, of which three layers tell.
    async fn look_at_home(&mut self, client: &HttpClient) -> Option<Exchange> {
        let started = Instant::now();
        let outcome = client.run(&RequestCall::get("/"), deadline()).await;
        let exchange = outcome.evidence.as_ref().and_then(Evidence::exchange).cloned();
        let checks = exchange.as_ref().map(check_page).unwrap_or_default();
        let mut diagnosis = self.diagnose_home(&outcome, &checks);
        let is_wall = diagnosis.as_ref().is_some_and(|found| found.layer == "access");
        if is_wall && !self.is_wall(client, exchange.as_ref()).await {
            diagnosis = None;
        }
        let layer = diagnosis.as_ref().map_or("", |diagnosis| diagnosis.layer.as_str());
        let is_good = outcome.error.is_none() && checks.is_empty() && diagnosis.is_none();
        let position = match layer {
            _ if is_good => OF_HOME.len(),
            "dns" | "network" | "tls" | "proxy" => 0,
            "content" if outcome.error.is_none() && checks.iter().any(|check| check.subject == "mark") => 0,
            "access" => 1,
            _ => 2,
        };
        let notes = [tell_way(exchange.as_ref()), String::new(), tell_home(exchange.as_ref())];
        let mut broken = Some((outcome, checks, diagnosis));
        for (index, (name, note)) in OF_HOME.into_iter().zip(notes).enumerate() {
            if index > position {
                self.skip(name, "what lies below it is broken");
                continue;
            }
            let mut look = Look { action: "get", note, ..Look::default() };
            if index == position
                && let Some((outcome, mut checks, diagnosis)) = broken.take()
            {
                if outcome.error.is_none() && checks.is_empty() {
                    checks.extend(
                        diagnosis.as_ref().map(|one| implicit("page", "the site's own", one.summary.clone())),
                    );
                }
                look = Look { outcome, checks, diagnosis, ..look };
            } else if index + 1 == OF_HOME.len()
                && let Some((outcome, ..)) = broken.take()
            {
                look.outcome = outcome;
            }
            self.tell(name, started, look);
        }
        exchange
    }

    fn diagnose_home(&self, outcome: &Outcome, checks: &[Check]) -> Option<Diagnosis> {
        let facts = StepFacts {
            name: HOME,
            action: "get",
            actor: "visitor",
            checks,
            error: outcome.error.as_ref(),
            evidence: outcome.evidence.as_ref(),
            meant: Meant::default(),
        };
        let found = diagnose_step(&facts, &self.memory)?;
        // A healthy page may well be one that a failure would be explained by.
        let is_wall = found.layer == "access" || found.code == "proxy.redirect_astray";
        (is_wall || outcome.error.is_some() || !checks.is_empty()).then_some(found)
    }

    /// Whether the login to which the home page leads stands before other addresses, too: then it is a wall, else it is
    /// the site's own first page.
    async fn is_wall(&self, client: &HttpClient, home: Option<&Exchange>) -> bool {
        let Some(home) = home.filter(|home| is_led_to_same_login(home, home)) else { return true };
        let other = self.ask_no_page(client).await;
        let other = other.evidence.as_ref().and_then(Evidence::exchange);
        other.is_none_or(|other| other.response().is_none() || is_led_to_same_login(home, other))
    }

    async fn ask_no_page(&self, client: &HttpClient) -> Outcome {
        let url = format!("/smokegate-no-such-page-{}", self.context.run_id);
        client.for_another_actor().run(&RequestCall::get(url), deadline()).await
    }

    async fn look_at_no_page(&mut self, client: &HttpClient) {
        let started = Instant::now();
        let outcome = self.ask_no_page(client).await;
        let exchange = outcome.evidence.as_ref().and_then(Evidence::exchange);
        let checks = exchange.map(check_page).unwrap_or_default();
        let note = tell_page(exchange);
        self.tell(NO_PAGE, started, Look { action: "get", outcome, checks, note, diagnosis: None });
    }

    async fn look_at_assets(&mut self, client: &HttpClient) -> Option<AssetSweep> {
        let started = Instant::now();
        let call =
            AssetsCall { url: "/".to_owned(), kinds: Vec::new(), exclude: Vec::new(), third_party: false };
        let outcome = run_assets(&client.for_another_actor(), &call, deadline()).await;
        let (checks, note) = match &outcome.evidence {
            Some(Evidence::Assets(sweep)) => (check_assets(sweep), tell_assets(sweep)),
            _ => Default::default(),
        };
        let sweep = match &outcome.evidence {
            Some(Evidence::Assets(sweep)) => Some(sweep.clone()),
            _ => None,
        };
        self.tell(STATIC, started, Look { action: "assets", outcome, checks, note, diagnosis: None });
        sweep
    }
}

/// Whether it is HTML and no error.
fn is_page(exchange: &Exchange) -> bool {
    let response = exchange.response().filter(|response| response.status < 400);
    response.is_some_and(|response| response.media_type().contains("html"))
}

/// What holds of any page: it bears no mark of a broken deployment, and the server does not fail.
pub(super) fn check_page(exchange: &Exchange) -> Vec<Check> {
    let mut checks: Vec<Check> =
        Page::of_exchange(exchange).and_then(|page| check_mark(&page, &[])).into_iter().collect();
    if let Some(response) = exchange.response().filter(|response| response.status >= 500) {
        checks.push(implicit("status", "below 500", response.status.to_string()));
    }
    checks
}
