//! Names into addresses, by the machine's own resolver, with typed errors.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use dns_lookup::{AddrInfoHints, LookupErrorKind, SockType, getaddrinfo};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::trace::Trace;
use crate::evidence::Cause;

/// Why a name gave no address.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct LookupFailure(pub(super) Cause);

/// Looks names up, one of them at a given address.
#[derive(Clone, Debug)]
pub(super) struct Resolver {
    /// A host, and the address that is reached for it.
    pub(super) fixed: Option<(String, IpAddr)>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let fixed = match &self.fixed {
            Some((host, address)) if host.eq_ignore_ascii_case(name.as_str()) => Some(vec![*address]),
            _ => localhost_addresses(name.as_str()),
        };
        let host = name.as_str().to_owned();
        Box::pin(async move {
            let trace = Trace::current();
            trace.start_lookup();
            let found = match fixed {
                Some(addresses) => addresses,
                None => look_up(host).await?,
            };
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

async fn look_up(host: String) -> Result<Vec<IpAddr>, LookupFailure> {
    let name = host.clone();
    let looked_up = tokio::task::spawn_blocking(move || look_up_blocking(&name)).await;
    looked_up.unwrap_or_else(|error| Err(LookupFailure(Cause::Lookup { host, detail: error.to_string() })))
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
