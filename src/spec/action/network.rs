//! `dns`, `tcp`, `tls`: the layers under HTTP.

use std::net::{IpAddr, SocketAddr};

use url::Host;

use super::{Action, ActionDefinition, ActionKey};
use crate::expect::Family;
use crate::spec::key::{KeyKind, key};
use crate::spec::reader::{Keys, Reader};
use crate::spec::template::{Scope, Template, TemplateError};

/// The port of DNS.
const DNS_PORT: u16 = 53;

/// The action that asks DNS.
pub(super) const DNS: ActionDefinition = ActionDefinition {
    keys: &[ActionKey::harmless(
        "dns",
        KeyKind::Text,
        "asks DNS for the addresses of a host; \"\" is the target's",
    )],
    neighbours: &[key(
        "server",
        KeyKind::Text,
        "the name server to ask, IP or IP:port, such as the one that will be in charge (the machine's own)",
    )],
    yields: &[Family::Dns],
    build: build_dns,
};

/// The action that connects.
pub(super) const TCP: ActionDefinition = ActionDefinition {
    keys: &[ActionKey::harmless("tcp", KeyKind::Text, "connects to host:port; \"\" is the target's own")],
    neighbours: &[],
    yields: &[Family::Tcp],
    build: build_tcp,
};

/// The action that shakes hands.
pub(super) const TLS: ActionDefinition = ActionDefinition {
    keys: &[ActionKey::harmless(
        "tls",
        KeyKind::Text,
        "makes a TLS handshake with host[:port] and verifies the certificate; \"\" is the target's own",
    )],
    neighbours: &[],
    yields: &[Family::Tls],
    build: build_tls,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Dns,
    Tcp,
    Tls,
}

/// A look at a layer under HTTP, as written.
#[derive(Clone, Debug)]
pub struct NetworkAction {
    layer: Layer,
    place: Template,
    server: Option<Template>,
}

/// A look at a layer under HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkCall {
    /// Asks DNS for the addresses of a host.
    Dns {
        /// The host; none is the target's.
        host: Option<String>,
        /// The name server to ask; none means the machine's own.
        server: Option<SocketAddr>,
    },
    /// Connects.
    Tcp {
        /// Where to; none is the target's own host and port.
        place: Option<Place>,
    },
    /// Makes a TLS handshake.
    Tls {
        /// With whom; none is the target's own host, and its port where it speaks https.
        place: Option<Place>,
    },
}

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// A name or an address, an IPv6 address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

fn build_dns(reader: &mut Reader, keys: &Keys) -> Option<Action> {
    build(reader, keys, Layer::Dns, "dns")
}

fn build_tcp(reader: &mut Reader, keys: &Keys) -> Option<Action> {
    build(reader, keys, Layer::Tcp, "tcp")
}

fn build_tls(reader: &mut Reader, keys: &Keys) -> Option<Action> {
    build(reader, keys, Layer::Tls, "tls")
}

fn build(reader: &mut Reader, keys: &Keys, layer: Layer, key: &str) -> Option<Action> {
    let place = keys.template(key)?;
    let server = keys.template("server");
    if !place.is_dynamic()
        && let Err(message) = layer.read(place.source(), None)
    {
        reader.problem(place.span(), message);
    }
    if let Some(server) = server.as_ref().filter(|server| !server.is_dynamic())
        && let Err(message) = read_server(server.source())
    {
        reader.problem(server.span(), message);
    }
    Some(Action::Network(NetworkAction { layer, place, server }))
}

impl NetworkAction {
    /// What it does, as written.
    pub fn summary(&self) -> String {
        let key = match self.layer {
            Layer::Dns => "dns",
            Layer::Tcp => "tcp",
            Layer::Tls => "tls",
        };
        match self.place.source().trim() {
            "" => format!("{key} {{{{ target.host }}}}"),
            place => format!("{key} {place}"),
        }
    }

    /// Fills in the templates.
    pub fn render(&self, scope: &Scope) -> Result<NetworkCall, TemplateError> {
        let server = self.server.as_ref().map(|server| server.render(scope)).transpose()?;
        let refused = |message| TemplateError { message };
        let server = server.map(|server| read_server(&server)).transpose().map_err(refused)?;
        self.layer.read(&self.place.render(scope)?, server).map_err(refused)
    }
}

impl Layer {
    /// Reads where to look; the error says what was expected.
    fn read(self, text: &str, server: Option<SocketAddr>) -> Result<NetworkCall, String> {
        let text = text.trim();
        let place = |default| {
            if text.is_empty() { Ok(None) } else { read_place(text, default).map(Some) }
        };
        Ok(match self {
            Self::Dns if text.is_empty() => NetworkCall::Dns { host: None, server },
            Self::Dns => NetworkCall::Dns { host: Some(read_host(text)?), server },
            Self::Tcp => NetworkCall::Tcp { place: place(None)? },
            Self::Tls => NetworkCall::Tls { place: place(Some(443))? },
        })
    }
}

fn read_host(text: &str) -> Result<String, String> {
    let expected = || format!("expected the name of a host, such as \"www.example.com\", not {text:?}");
    let bare = text.trim_matches(['[', ']']);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok(address.to_string());
    }
    // What `Host::parse` lets through is fit for an address in a browser, not always for DNS.
    let is_wrong = |c: char| c.is_whitespace() || matches!(c, '/' | ':' | '@' | '?' | '#' | '*');
    if text.contains(is_wrong) {
        return Err(expected());
    }
    match Host::parse(text) {
        Ok(Host::Domain(name)) if name.split('.').all(|label| label.len() < 64) => Ok(name),
        Ok(Host::Domain(_)) | Err(_) => Err(expected()),
        Ok(address) => Ok(address.to_string()),
    }
}

fn read_place(text: &str, default: Option<u16>) -> Result<Place, String> {
    let expected = || match default {
        Some(_) => format!("expected host or host:port, such as \"www.example.com:443\", not {text:?}"),
        None => format!("expected host:port, such as \"www.example.com:80\", not {text:?}"),
    };
    let is_bare_ipv6 = text.parse::<std::net::Ipv6Addr>().is_ok();
    let (host, port) = match text.rsplit_once(':').filter(|_| !is_bare_ipv6 && !text.ends_with(']')) {
        Some((host, port)) => (host, port.parse().ok().filter(|port| *port != 0)),
        None => (text, default),
    };
    let port = port.ok_or_else(expected)?;
    Ok(Place { host: read_host(host).map_err(|_| expected())?, port })
}

fn read_server(text: &str) -> Result<SocketAddr, String> {
    let text = text.trim();
    let bare = text.trim_matches(['[', ']']).parse().map(|ip| SocketAddr::new(ip, DNS_PORT));
    bare.or_else(|_| text.parse()).map_err(|_| {
        format!("expected the address of a name server, such as \"192.0.2.53\" or \"192.0.2.53:5353\", not {text:?}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(host: &str, port: u16) -> Place {
        Place { host: host.to_owned(), port }
    }

    #[test]
    fn reads_hosts_and_ports() {
        let tls = |text| Layer::Tls.read(text, None);
        assert_eq!(tls(""), Ok(NetworkCall::Tls { place: None }));
        assert_eq!(tls("a.example"), Ok(NetworkCall::Tls { place: Some(at("a.example", 443)) }));
        assert_eq!(tls("[::1]:8443"), Ok(NetworkCall::Tls { place: Some(at("::1", 8443)) }));
        assert_eq!(tls("::1"), Ok(NetworkCall::Tls { place: Some(at("::1", 443)) }));
        assert_eq!(tls("[::1]"), Ok(NetworkCall::Tls { place: Some(at("::1", 443)) }));
        let tcp = |text| Layer::Tcp.read(text, None);
        assert_eq!(tcp("127.0.0.1:22"), Ok(NetworkCall::Tcp { place: Some(at("127.0.0.1", 22)) }));
        for wrong in
            ["a.example", "a.example:", "a.example:0", "a.example:70000", "http://a.example:80/", ":80"]
        {
            assert!(tcp(wrong).is_err(), "{wrong}");
        }
        let dns = |text| Layer::Dns.read(text, None);
        assert_eq!(
            dns("Bücher.example"),
            Ok(NetworkCall::Dns { host: Some("xn--bcher-kva.example".to_owned()), server: None })
        );
        for wrong in ["https://a.example", "a.example:53", "a b", "a/b"] {
            assert!(dns(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn reads_name_servers() {
        assert_eq!(read_server("192.0.2.53").unwrap().to_string(), "192.0.2.53:53");
        assert_eq!(read_server("::1").unwrap().to_string(), "[::1]:53");
        assert_eq!(read_server("[::1]:5353").unwrap().to_string(), "[::1]:5353");
        assert!(read_server("ns.example").is_err());
    }
}
