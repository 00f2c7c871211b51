//! Hosts that are somebody's own machine or network: a deployed page must not name them. Pure.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// Everybody.
    Public,
    /// A private network.
    Private,
    /// The visitor's own machine.
    Loopback,
}

/// The development host that an asset is named on, if its page is not itself at home there: a page on loopback may
/// name anything, a page in a private network anything but loopback.
pub fn find_development_host(page: &Url, asset: &Url) -> Option<String> {
    let (here, there) = (reach(page), reach(asset));
    (there > here && page.host() != asset.host()).then(|| asset.host_str().unwrap_or("").to_owned())
}

/// Whether an address is on this very machine, which browsers trust without TLS.
pub fn is_loopback(url: &Url) -> bool {
    reach(url) == Reach::Loopback
}

fn reach(url: &Url) -> Reach {
    match url.host() {
        Some(Host::Ipv4(address)) => reach_of_address(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => reach_of_address(IpAddr::V6(address)),
        Some(Host::Domain(name)) => reach_of_name(name.trim_end_matches('.')),
        None => Reach::Public,
    }
}

fn reach_of_address(address: IpAddr) -> Reach {
    let address = address.to_canonical();
    let is_private = match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    };
    let unspecified = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
    if address.is_loopback() || unspecified.contains(&address) {
        Reach::Loopback
    } else if is_private {
        Reach::Private
    } else {
        Reach::Public
    }
}

/// Names without a point, and the reserved ones (RFC 6761, RFC 6762), are known in their own network only.
fn reach_of_name(name: &str) -> Reach {
    let is_under = |suffix: &str| name == suffix || name.ends_with(&format!(".{suffix}"));
    if is_under("localhost") {
        Reach::Loopback
    } else if ["local", "test", "internal", "lan"].into_iter().any(is_under) || !name.contains('.') {
        Reach::Private
    } else {
        Reach::Public
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hosts_that_visitors_cannot_reach() {
        let public = "https://www.example.com/";
        let cases = [
            (public, "http://localhost:3000/a.js", Some("localhost")),
            (public, "http://127.1.2.3/a.js", Some("127.1.2.3")),
            (public, "http://[::1]/a.js", Some("[::1]")),
            (public, "http://0.0.0.0:8000/a.js", Some("0.0.0.0")),
            (public, "http://192.168.1.7/a.js", Some("192.168.1.7")),
            (public, "http://build.local/a.js", Some("build.local")),
            (public, "http://shop.test/a.js", Some("shop.test")),
            (public, "http://web:8000/a.js", Some("web")),
            (public, "https://cdn.example.net/a.js", None),
            (public, "https://8.8.8.8/a.js", None),
            (public, "https://latest.example.net/a.js", None),
            ("http://127.0.0.1:8000/", "http://localhost:3000/a.js", None),
            ("http://localhost:8000/", "http://192.168.1.7/a.js", None),
            ("http://10.0.0.5/", "http://10.0.0.6/a.js", None),
            ("http://10.0.0.5/", "http://localhost/a.js", Some("localhost")),
            ("http://shop.test/", "http://shop.test:8080/a.js", None),
        ];
        for (page, asset, host) in cases {
            let found = find_development_host(&Url::parse(page).unwrap(), &Url::parse(asset).unwrap());
            assert_eq!(found.as_deref(), host, "{asset} on {page}");
        }
    }
}
