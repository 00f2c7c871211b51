//! The layers under HTTP, each by itself.
//!
//! | file | what it does |
//! | --- | --- |
//! | `dns` | `dns`: what DNS itself says, the machine's hosts file before it |
//! | `tcp` | `tcp`: a connection, to the address that HTTP would use |
//! | `tls` | `tls`: a handshake as HTTP makes it, and what the server showed |
//!
//! `resolve` and `addresses` of a target hold for `tcp` and `tls`; proxies do not.

mod dns;
mod tcp;
mod tls;

#[cfg(test)]
mod dns_tests;
#[cfg(test)]
mod tests;

pub(in crate::run) use dns::is_answered_by_failure;

use std::sync::Arc;

use tokio::time::Instant;

use super::http::{HttpClient, HttpSettings};
use super::outcome::Outcome;
use crate::spec::action::{NetworkCall, NetworkPlace};

/// Looks at a layer under HTTP. What goes wrong there is the target's, unless there is no way
/// out from here.
pub(super) async fn run_network(client: &HttpClient, call: &NetworkCall, deadline: Instant) -> Outcome {
    let settings = client.shared_settings();
    match call {
        NetworkCall::Dns { host, server } => {
            let own = own_host(&settings);
            dns::run_dns(host.as_ref().unwrap_or(&own), *server, deadline).await
        }
        NetworkCall::Tcp { place } => {
            let own = own_place(&settings, settings.base.port_or_known_default());
            tcp::run_tcp(settings, place.clone().unwrap_or(own), deadline).await
        }
        NetworkCall::Tls { place } => {
            let is_https = settings.base.scheme() == "https";
            let own = own_place(&settings, settings.base.port().filter(|_| is_https));
            tls::run_tls(settings, place.clone().unwrap_or(own), deadline).await
        }
    }
}

/// The public key of the target's certificate (DER, RFC 5280, section 4.1.2.7), if it is trusted as HTTP steps trust
/// it; none where the target cannot be reached or is not trusted.
pub(super) async fn find_trusted_key(settings: Arc<HttpSettings>, deadline: Instant) -> Option<Vec<u8>> {
    let place = own_place(&settings, settings.base.port());
    tls::find_trusted_key(settings, place, deadline).await
}

/// The target's host, an IPv6 address without brackets.
fn own_host(settings: &HttpSettings) -> String {
    settings.base.host_str().unwrap_or("").trim_matches(['[', ']']).to_owned()
}

fn own_place(settings: &HttpSettings, port: Option<u16>) -> NetworkPlace {
    NetworkPlace { host: own_host(settings), port: port.unwrap_or(443) }
}

fn milliseconds(since: std::time::Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
