//! `dns`: what DNS itself says, the machine's hosts file before it.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant as Clock;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{RData, Record, RecordType};
use tokio::time::{Instant, timeout_at};

use super::milliseconds;
use crate::evidence::{Cause, Evidence, Lookup, Phase};
use crate::run::outcome::Outcome;
use crate::verdict::StepError;

/// Asks for the addresses and aliases of a host, the named server or the machine's own ones. Nothing is remembered
/// from one time to the next. A name without an address is no error: the evidence says so.
pub(super) async fn run_dns(host: &str, server: Option<SocketAddr>, deadline: Instant) -> Outcome {
    let limit_ms = deadline.saturating_duration_since(Instant::now()).as_secs_f64() * 1000.0;
    let started = Clock::now();
    let mut lookup = Lookup {
        host: host.to_owned(),
        server: server.map(|server| server.to_string()),
        addresses: Vec::new(),
        aliases: Vec::new(),
        cause: None,
        total_ms: 0.0,
    };
    let resolver = match build_resolver(server) {
        Ok(resolver) => resolver,
        // How this machine asks DNS cannot be read: that is no fault of the site.
        Err(error) => return Outcome::error(StepError::harness(read_error(&error, host, server))),
    };
    let asked = timeout_at(deadline, ask(&resolver, &mut lookup)).await;
    lookup.total_ms = milliseconds(started);
    let error = match asked {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(read_error(&error, host, server)),
        Err(_) => Some(Cause::Timeout { phase: Phase::Lookup, limit_ms }),
    };
    Outcome { evidence: Some(Evidence::Lookup(lookup)), error: error.map(StepError::reaching) }
}

fn build_resolver(server: Option<SocketAddr>) -> Result<TokioResolver, NetError> {
    let mut builder = match server {
        None => TokioResolver::builder_tokio()?,
        Some(server) => {
            let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                connection.port = server.port();
                connection
            });
            let server = NameServerConfig::new(server.ip(), true, connections.to_vec());
            let config = ResolverConfig::from_name_servers(vec![server]);
            let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
            // What is asked is that server, not this machine.
            builder.options_mut().use_hosts_file = ResolveHosts::Never;
            builder
        }
    };
    set_options(builder.options_mut());
    builder.build()
}

fn set_options(options: &mut ResolverOpts) {
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    options.cache_size = 0;
    options.preserve_intermediates = true;
}

async fn ask(resolver: &TokioResolver, lookup: &mut Lookup) -> Result<(), NetError> {
    // With the dot at its end a name is asked for as it stands, without this machine's search domains.
    let is_whole = lookup.host.contains('.') && lookup.host.parse::<IpAddr>().is_err();
    let name = format!("{}{}", lookup.host.trim_end_matches('.'), if is_whole { "." } else { "" });
    match resolver.lookup_ip(name.as_str()).await {
        Ok(found) => {
            let mut addresses: Vec<IpAddr> = found.iter().collect();
            addresses.sort_unstable();
            addresses.dedup();
            lookup.addresses = addresses.iter().map(ToString::to_string).collect();
            lookup.aliases = list_aliases(found.as_lookup().answers());
        }
        Err(error) if error.is_no_records_found() => {
            let alias = resolver.lookup(name.as_str(), RecordType::CNAME).await;
            lookup.aliases = alias.map(|found| list_aliases(found.answers())).unwrap_or_default();
            let last = lookup.aliases.last().unwrap_or(&lookup.host);
            lookup.cause = Some(Cause::NoAddress { host: last.clone() });
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

fn list_aliases(answers: &[Record]) -> Vec<String> {
    let mut aliases = Vec::new();
    for record in answers {
        if let RData::CNAME(alias) = &record.data {
            let name = alias.0.to_utf8().trim_end_matches('.').to_ascii_lowercase();
            if !aliases.contains(&name) {
                aliases.push(name);
            }
        }
    }
    aliases
}

/// Whether the name servers of this machine answer that they cannot answer for a host, which its own resolver does not
/// tell from silence.
pub(in crate::run) async fn is_answered_by_failure(host: &str, deadline: Instant) -> bool {
    let Ok(resolver) = build_resolver(None) else { return false };
    let name = format!("{}.", host.trim_end_matches('.'));
    let asked = timeout_at(deadline, resolver.lookup_ip(name.as_str())).await;
    asked.is_ok_and(|found| found.is_err_and(|error| is_server_failure(&error)))
}

fn is_server_failure(error: &NetError) -> bool {
    matches!(error, NetError::Dns(DnsError::ResponseCode(ResponseCode::ServFail)))
}

fn read_error(error: &NetError, host: &str, server: Option<SocketAddr>) -> Cause {
    let host = host.to_owned();
    match (error, server) {
        _ if is_server_failure(error) => Cause::NameServer { host },
        (NetError::Io(error), Some(server)) => {
            let (error, place) = (format!("{:?}", error.kind()), server.to_string());
            Cause::Io { error, phase: Phase::Lookup, place }
        }
        (NetError::Timeout, Some(server)) => {
            Cause::Lookup { host, detail: format!("the name server {server} did not answer") }
        }
        (NetError::Timeout, None) => {
            Cause::Lookup { host, detail: "no name server of this machine answered".to_owned() }
        }
        _ => Cause::Lookup { host, detail: error.to_string() },
    }
}
