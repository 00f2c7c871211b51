//! Names into addresses, by the machine's own resolver, with typed errors.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use dns_lookup::{AddrInfoHints, LookupErrorKind, SockType, getaddrinfo};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::time::Instant;

use super::settings::HttpSettings;
use super::trace::Trace;
use crate::evidence::Cause;
use crate::run::network::is_answered_by_failure;

/// How long the name servers may take to say why there was no answer.
const ASKING: Duration = Duration::from_secs(1);

/// Why a name gave no address.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub(in crate::run) struct LookupFailure(pub(in crate::run) Cause);

/// Looks names up; some of them have a given address.
#[derive(Clone, Debug)]
pub(in crate::run) struct Resolver {
    settings: Arc<HttpSettings>,
}

impl Resolver {
    /// Looks names up as these settings say.
    pub(in crate::run) fn new(settings: Arc<HttpSettings>) -> Self {
        Self { settings }
    }

    /// The addresses that are reached for a host: the given one, else those of the machine's own resolver, which
    /// reads the hosts file too.
    pub(in crate::run) async fn look_up(&self, host: &str) -> Result<Vec<IpAddr>, LookupFailure> {
        match self.known(host) {
            Some(addresses) => Ok(addresses),
            None => look_up(host.to_owned()).await,
        }
    }

    fn known(&self, host: &str) -> Option<Vec<IpAddr>> {
        self.settings.fixed_address(host).map(|address| vec![address]).or_else(|| localhost_addresses(host))
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let trace = Trace::current();
            trace.start_lookup();
            let found = resolver.look_up(name.as_str()).await?;
            let addresses: Vec<SocketAddr> =
                found.into_iter().map(|address| SocketAddr::new(address, 0)).collect();
            trace.end_lookup(&addresses);
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Names under `.localhost` are this machine (RFC 6761, section 6.3), whether or not its resolver knows.
fn localhost_addresses(host: &str) -> Option<Vec<IpAddr>> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host.ends_with(".localhost")
        .then(|| vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)])
}

/// The addresses that this machine's own resolver gives for a name.
pub(in crate::run) async fn look_up(host: String) -> Result<Vec<IpAddr>, LookupFailure> {
    let name = host.clone();
    let looked_up = tokio::task::spawn_blocking(move || look_up_blocking(&name)).await;
    let failed = |error: tokio::task::JoinError| {
        Err(LookupFailure(Cause::Lookup { host: host.clone(), detail: error.to_string() }))
    };
    match looked_up.unwrap_or_else(failed) {
        Err(LookupFailure(Cause::Lookup { .. }))
            if is_answered_by_failure(&host, Instant::now() + ASKING).await =>
        {
            Err(LookupFailure(Cause::NameServer { host }))
        }
        found => found,
    }
}

fn look_up_blocking(host: &str) -> Result<Vec<IpAddr>, LookupFailure> {
    let hints = AddrInfoHints { socktype: SockType::Stream.into(), ..AddrInfoHints::default() };
    let found = getaddrinfo(Some(host), None, Some(hints)).map_err(|error| {
        let host = host.to_owned();
        LookupFailure(match error.kind() {
            LookupErrorKind::NoName | LookupErrorKind::NoData => Cause::NoAddress { host },
            _ => Cause::Lookup { host, detail: std::io::Error::from(error).to_string() },
        })
    })?;
    let mut addresses = Vec::new();
    for entry in found.flatten() {
        if !addresses.contains(&entry.sockaddr.ip()) {
            addresses.push(entry.sockaddr.ip());
        }
    }
    if addresses.is_empty() {
        return Err(LookupFailure(Cause::NoAddress { host: host.to_owned() }));
    }
    Ok(addresses)
}
