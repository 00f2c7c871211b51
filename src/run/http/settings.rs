//! What is known of a target before the first request.

use std::net::IpAddr;
use std::path::PathBuf;

use url::Url;

use super::proxy::Proxies;
use crate::spec::project::ClientIdentity;

/// Bytes of a decoded body that are read unless a target says otherwise: 16 MiB.
pub const DEFAULT_BODY_LIMIT: u64 = 16 * 1024 * 1024;

/// How a target is reached, and what is sent to it with every request.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// The target's base address. Addresses of calls are resolved against it as a browser resolves a link: `/x` is
    /// absolute on its origin whatever its path, `x` is relative to its path. A user and password in it are used
    /// as `basic_auth` where that is none.
    pub base: Url,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// Sent to the origin of `base` alone.
    pub headers: Vec<(String, String)>,
    /// User and password (RFC 7617), sent to the origin of `base` alone.
    pub basic_auth: Option<(String, String)>,
    /// Reach this address for the host of `base`, whatever DNS says. `Host`, SNI and the certificate check keep the
    /// name. Without effect where the host of `base` is itself an address.
    pub resolve: Option<IpAddr>,
    /// Addresses that are reached for other hosts, whatever DNS says.
    pub addresses: Vec<(String, IpAddr)>,
    /// Which proxy leads where.
    pub proxies: Proxies,
    /// PEM files of certificates to trust beside the machine's own.
    pub ca: Vec<PathBuf>,
    /// The certificate that is shown to the host of `base`, and to no other.
    pub client_identity: Option<ClientIdentity>,
    /// Whether certificates are not verified.
    pub insecure: bool,
    /// Bytes of a decoded body that are read at most.
    pub body_limit: u64,
}

impl HttpSettings {
    /// Settings for a base address, everything else by default.
    pub fn new(base: Url, user_agent: impl Into<String>) -> Self {
        Self {
            base,
            user_agent: user_agent.into(),
            headers: Vec::new(),
            basic_auth: None,
            resolve: None,
            addresses: Vec::new(),
            proxies: Proxies::default(),
            ca: Vec::new(),
            client_identity: None,
            insecure: false,
            body_limit: DEFAULT_BODY_LIMIT,
        }
    }

    /// The address that is reached for a host whatever DNS says.
    pub fn fixed_address(&self, host: &str) -> Option<IpAddr> {
        let own = self.base.domain().filter(|own| own.eq_ignore_ascii_case(host)).and(self.resolve);
        let named = || self.addresses.iter().find(|(name, _)| name.eq_ignore_ascii_case(host));
        own.or_else(|| named().map(|(_, address)| *address))
    }
}
