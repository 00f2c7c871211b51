//! A call into an exchange: the loop over hops.

use std::sync::Arc;

use reqwest::Method;
use reqwest::header::{COOKIE, HeaderValue};
use tokio::time::Instant;
use url::{Origin, Url};

use super::certificate::ShownCertificates;
use super::hop::{Wire, milliseconds};
use super::jar::Jar;
use super::outgoing::{Outgoing, Target};
use super::proxy::add_proxies;
use super::redirect::{Direction, read_direction};
use super::resolver::Resolver;
use super::settings::HttpSettings;
use super::tls::build_config;
use super::trace::TraceLayer;
use crate::evidence::{BodyEnd, Cause, Evidence, Exchange, Hop};
use crate::run::outcome::Outcome;
use crate::spec::action::RequestCall;
use crate::verdict::StepError;

/// An actor's way to speak HTTP. Clones share cookies and connections.
#[derive(Clone, Debug)]
pub struct HttpClient {
    shared: Arc<Shared>,
    jar: Jar,
}

#[derive(Debug)]
struct Shared {
    settings: Arc<HttpSettings>,
    target: Target,
    wire: reqwest::Client,
    shown: Arc<ShownCertificates>,
}

impl HttpClient {
    /// A client with an empty jar. Errors are ours: a `ca` file that cannot be read, a header that cannot be sent.
    pub fn new(settings: Arc<HttpSettings>) -> Result<Self, StepError> {
        let target = Target::new(&settings)?;
        let shown = Arc::new(ShownCertificates::default());
        let tls = build_config(&settings, &shown)?;
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .no_proxy()
            .tls_backend_preconfigured(tls)
            .tls_info(true)
            .dns_resolver(Resolver::new(Arc::clone(&settings)))
            .connector_layer(TraceLayer);
        let wire = add_proxies(builder, &settings)
            .build()
            .map_err(|error| StepError::harness(Cause::Protocol { detail: error.to_string() }))?;
        let shared = Shared { settings, target, wire, shown };
        Ok(Self { shared: Arc::new(shared), jar: Jar::default() })
    }

    /// A client for another actor of the same target: it shares the connections, and has an empty jar of its own.
    #[must_use]
    pub fn for_another_actor(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), jar: Jar::default() }
    }

    /// The actor's cookies.
    pub fn jar(&self) -> &Jar {
        &self.jar
    }

    /// What this client was made with.
    pub fn settings(&self) -> &HttpSettings {
        &self.shared.settings
    }

    /// What this client was made with, to be shared.
    pub(in crate::run) fn shared_settings(&self) -> Arc<HttpSettings> {
        Arc::clone(&self.shared.settings)
    }

    /// The origin of the target (RFC 6454).
    pub fn target_origin(&self) -> &Origin {
        self.shared.target.origin()
    }

    /// Sends a request and follows its redirects. What was seen is given as [`Evidence::Exchange`] even where the
    /// request did not come to its end; what goes wrong on the way is the target's, unless there is no way out from here.
    pub async fn run(&self, call: &RequestCall, deadline: Instant) -> Outcome {
        self.run_limited(call, deadline, self.shared.settings.body_limit).await
    }

    /// As [`run`](Self::run), with another limit in bytes for decoded bodies.
    pub async fn run_limited(&self, call: &RequestCall, deadline: Instant, body_limit: u64) -> Outcome {
        let started = Instant::now();
        let mut outgoing = match Outgoing::build(call, &self.shared.target).await {
            Ok(outgoing) => outgoing,
            Err(error) => return Outcome::error(error),
        };
        let Shared { wire: client, shown, settings, .. } = &*self.shared;
        let wire = Wire { client, shown, settings, limit: body_limit, started, deadline };
        let mut path = Path { redirects: call.redirects, ..Path::default() };
        let end = loop {
            let headers = outgoing.build_headers(&self.shared.target, &self.jar);
            let cookies = headers.get(COOKIE).cloned();
            let hop = wire.run_hop(&outgoing, headers).await;
            self.store_cookies(&outgoing.url, &hop);
            match path.take(&outgoing, hop, cookies) {
                Turn::Next(url, status) => outgoing.redirect(url, status),
                Turn::End(cause) => break cause,
            }
        };
        let total_ms = milliseconds(started.elapsed());
        Outcome {
            evidence: Some(Evidence::Exchange(Exchange { hops: path.hops, total_ms })),
            error: end.map(StepError::reaching),
        }
    }

    fn store_cookies(&self, url: &Url, hop: &Hop) {
        if let Some(response) = &hop.response {
            for value in response.headers.get_all("set-cookie") {
                self.jar.store(url, value);
            }
        }
    }
}

/// The hops so far.
#[derive(Debug, Default)]
struct Path {
    redirects: usize,
    hops: Vec<Hop>,
    /// What was asked, to know a loop: an address may be asked again with other cookies.
    asked: Vec<(Method, Url, Option<HeaderValue>)>,
}

/// What follows a hop.
enum Turn {
    /// A redirect with this status to this address.
    Next(Url, u16),
    /// Nothing; why it is not a good end, if so.
    End(Option<Cause>),
}

impl Path {
    /// Takes the next hop and says what follows.
    fn take(&mut self, outgoing: &Outgoing, hop: Hop, cookies: Option<HeaderValue>) -> Turn {
        let cause = hop.cause.clone();
        let (direction, status) = match &hop.response {
            Some(response) if self.redirects > 0 => {
                (read_direction(&outgoing.url, response), response.status)
            }
            _ => (Direction::Stay, 0),
        };
        self.asked.push((outgoing.method.clone(), outgoing.url.clone(), cookies));
        self.hops.push(hop);
        let followed = self.hops.len() - 1;
        match direction {
            Direction::Stay => Turn::End(cause),
            _ if matches!(cause, Some(Cause::Body { end: BodyEnd::TimedOut, .. })) => Turn::End(cause),
            Direction::Nowhere(location) => Turn::End(Some(Cause::BadRedirect { location })),
            Direction::Go(_) if followed >= self.redirects || self.is_asked_twice() => {
                Turn::End(Some(Cause::RedirectLoop { followed }))
            }
            Direction::Go(url) => Turn::Next(url, status),
        }
    }

    fn is_asked_twice(&self) -> bool {
        self.asked.split_last().is_some_and(|(last, earlier)| earlier.contains(last))
    }
}
