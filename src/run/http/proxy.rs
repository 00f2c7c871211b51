//! Which requests go through a proxy: what the target says, else what the environment says, as curl reads it.

use std::net::IpAddr;

use reqwest::ClientBuilder;
use url::{Host, Url};

use super::settings::HttpSettings;
use crate::spec::Environment;
use crate::spec::project::ProxyChoice;

/// Which proxy leads where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For http addresses; the scheme of the proxy itself is `http`, `https`, `socks5` or `socks5h`.
    pub http: Option<Url>,
    /// For https addresses.
    pub https: Option<Url>,
    /// Hosts, `.domains`, addresses and networks that are reached without a proxy; `*` is all of them.
    pub no_proxy: Vec<String>,
    /// Whether they were found in the environment, which knows nothing of what is tested: this machine and hosts
    /// with a given address are then reached without them.
    pub is_ambient: bool,
}

/// Reads the proxies that hold for a target: its own, else `http_proxy` (lower case only, as a server could set
/// `HTTP_PROXY` by a header), `https_proxy`, `all_proxy` and `no_proxy`, in lower case before upper case. What is no
/// address of a proxy is told as an error.
pub fn read_proxies(
    choice: &ProxyChoice,
    no_proxy: Option<&[String]>,
    environment: &Environment,
) -> Result<Proxies, String> {
    let get = |names: &[&str]| {
        names.iter().find_map(|name| Some((*name).to_owned()).zip(environment.get(name).map(str::to_owned)))
    };
    let no_proxy = no_proxy.map_or_else(
        || {
            let listed = get(&["no_proxy", "NO_PROXY"]).map(|(_, value)| value).unwrap_or_default();
            listed.split([',', ' ']).filter(|name| !name.is_empty()).map(str::to_owned).collect()
        },
        <[String]>::to_vec,
    );
    let read = |names: &[&str]| match get(names).filter(|(_, value)| !value.trim().is_empty()) {
        Some((name, value)) => ProxyChoice::parse(&value)
            .map(Some)
            .ok_or_else(|| format!("{name} in the environment is not the URL of a proxy")),
        None => Ok(None),
    };
    match choice {
        ProxyChoice::Direct => Ok(Proxies::default()),
        ProxyChoice::Through(url) => {
            let (http, https) = (Some(url.clone()), Some(url.clone()));
            Ok(Proxies { http, https, no_proxy, is_ambient: false })
        }
        ProxyChoice::Environment => {
            let all = read(&["all_proxy", "ALL_PROXY"])?;
            let http = read(&["http_proxy"])?.or_else(|| all.clone());
            let https = read(&["https_proxy", "HTTPS_PROXY"])?.or(all);
            Ok(Proxies { http, https, no_proxy, is_ambient: true })
        }
    }
}

impl Proxies {
    /// The proxy for an address; none where it is reached directly.
    fn find(&self, url: &Url) -> Option<&Url> {
        let proxy = if url.scheme() == "https" { &self.https } else { &self.http };
        let proxy = proxy.as_ref()?;
        let is_direct = self.no_proxy.iter().any(|pattern| is_match(pattern, url))
            || self.is_ambient && is_this_machine(url);
        (!is_direct).then_some(proxy)
    }
}

impl HttpSettings {
    /// The proxy for an address; none where it is reached directly.
    pub fn proxy_for(&self, url: &Url) -> Option<Url> {
        let is_fixed = url.domain().is_some_and(|host| self.fixed_address(host).is_some());
        if self.proxies.is_ambient && is_fixed {
            return None;
        }
        self.proxies.find(url).cloned()
    }
}

/// Lets a client's requests go through the proxies.
pub(super) fn add_proxies(builder: ClientBuilder, settings: &std::sync::Arc<HttpSettings>) -> ClientBuilder {
    if settings.proxies.http.is_none() && settings.proxies.https.is_none() {
        return builder;
    }
    let settings = std::sync::Arc::clone(settings);
    builder.proxy(reqwest::Proxy::custom(move |url| settings.proxy_for(url)))
}

/// `host:port` of a proxy, for messages: its user and password stay out of them.
pub(super) fn write_address(proxy: &Url) -> String {
    let known = match proxy.scheme() {
        "socks5" | "socks5h" => Some(1080),
        _ => proxy.port_or_known_default(),
    };
    let port = proxy.port().or(known).unwrap_or(1080);
    format!("{}:{port}", proxy.host_str().unwrap_or(""))
}

/// Whether an entry of `no_proxy` means the host of an address.
fn is_match(pattern: &str, url: &Url) -> bool {
    let pattern = pattern.trim();
    if pattern == "*" {
        return true;
    }
    let address = match url.host() {
        Some(Host::Domain(host)) => return is_domain_match(pattern, host, url),
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
        None => return false,
    };
    match pattern.split_once('/') {
        Some((network, bits)) => network
            .parse()
            .ok()
            .zip(bits.parse().ok())
            .is_some_and(|(network, bits)| is_in_network(address, network, bits)),
        None => pattern.trim_matches(['[', ']']).parse() == Ok(address),
    }
}

/// `example.com` and `.example.com` mean the domain and everything under it; a port may follow.
fn is_domain_match(pattern: &str, host: &str, url: &Url) -> bool {
    let (name, port) = match pattern.rsplit_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (pattern, None),
    };
    if port.is_some_and(|port| port.parse().ok() != url.port_or_known_default()) {
        return false;
    }
    let name = name.trim_start_matches('.').trim_end_matches('.').to_ascii_lowercase();
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    !name.is_empty() && (host == name || host.ends_with(&format!(".{name}")))
}

fn is_in_network(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let (address, network, width) = match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            (u128::from(address.to_bits()), u128::from(network.to_bits()), 32)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => (address.to_bits(), network.to_bits(), 128),
        _ => return false,
    };
    let Some(shift) = 32_u32.max(width).checked_sub(bits).filter(|_| bits <= width) else { return false };
    address.checked_shr(shift).unwrap_or(0) == network.checked_shr(shift).unwrap_or(0)
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(host)) => {
            let host = host.trim_end_matches('.').to_ascii_lowercase();
            host == "localhost" || host.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_direct(pattern: &str, url: &str) -> bool {
        is_match(pattern, &Url::parse(url).unwrap())
    }

    #[test]
    fn no_proxy_means_what_curl_means_by_it() {
        for (pattern, url) in [
            ("*", "http://a.example/"),
            ("example.com", "http://example.com/"),
            ("example.com", "http://www.Example.com/"),
            (".example.com", "http://example.com/"),
            ("example.com:8080", "http://example.com:8080/"),
            ("192.0.2.7", "http://192.0.2.7/"),
            ("192.0.2.0/24", "http://192.0.2.7/"),
            ("0.0.0.0/0", "http://192.0.2.7/"),
            ("2001:db8::/32", "http://[2001:db8::1]/"),
            ("[2001:db8::1]", "http://[2001:db8::1]/"),
        ] {
            assert!(is_direct(pattern, url), "{pattern} {url}");
        }
        for (pattern, url) in [
            ("ample.com", "http://example.com/"),
            ("example.com:8080", "http://example.com/"),
            ("192.0.2.0/24", "http://192.0.3.7/"),
            ("192.0.2.0/33", "http://192.0.2.7/"),
            ("2001:db8::/32", "http://192.0.2.7/"),
            ("", "http://example.com/"),
        ] {
            assert!(!is_direct(pattern, url), "{pattern} {url}");
        }
    }

    #[test]
    fn the_environment_is_read_as_curl_reads_it() {
        let environment = |pairs: &[(&str, &str)]| {
            Environment::new(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
        };
        let read =
            |pairs: &[(&str, &str)]| read_proxies(&ProxyChoice::Environment, None, &environment(pairs));
        let proxies =
            read(&[("HTTP_PROXY", "http://evil.test"), ("HTTPS_PROXY", "proxy.test:3128")]).unwrap();
        assert_eq!(proxies.http, None);
        assert_eq!(proxies.https.unwrap().as_str(), "http://proxy.test:3128/");
        let proxies = read(&[("all_proxy", "socks5h://p.test"), ("no_proxy", "a.test, b.test")]).unwrap();
        let found = |url: &str| proxies.find(&Url::parse(url).unwrap()).is_some();
        assert!(found("http://c.test/") && found("https://c.test/"));
        assert!(!found("http://a.test/") && !found("http://127.0.0.1/") && !found("http://localhost/"));
        assert!(read(&[("http_proxy", "ftp://p.test")]).is_err());
        let direct =
            read_proxies(&ProxyChoice::Direct, None, &environment(&[("all_proxy", "http://p.test")]));
        assert_eq!(direct, Ok(Proxies::default()));
    }
}
