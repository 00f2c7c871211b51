//! Reads how a target is reached: fixed addresses, proxy, certificates.

use std::net::IpAddr;
use std::path::PathBuf;

use super::read::Reading;
use super::{ClientIdentity, ProxyChoice, Target};
use crate::spec::node::NodeValue;
use crate::spec::reader::Keys;
use crate::spec::template::{Scope, Template};

/// What stands where an address should.
const EXPECTED_ADDRESS: &str = "expected an IP address, such as \"203.0.113.7\"";

impl Reading<'_> {
    /// Reads the address that is reached whatever DNS says.
    pub(super) fn read_resolve(&mut self, keys: &Keys, scope: &Scope) -> Option<IpAddr> {
        let template = keys.template("resolve")?;
        self.read_address(&template, scope)
    }

    /// Reads the addresses that are reached for other hosts.
    pub(super) fn read_addresses(&mut self, keys: &Keys, scope: &Scope) -> Vec<(String, IpAddr)> {
        let mut addresses = Vec::new();
        let entries = keys.table("addresses").map(|table| table.entries.clone()).unwrap_or_default();
        for entry in entries {
            let is_name = !entry.key.is_empty()
                && entry.key.parse::<IpAddr>().is_err()
                && matches!(url::Host::parse(&entry.key), Ok(url::Host::Domain(_)));
            if !is_name {
                let message =
                    "expected the name of a host, without scheme and port, such as \"cdn.example.com\"";
                self.reader.problem(entry.key_span, message);
            }
            let NodeValue::Text(text) = &entry.node.value else {
                self.reader.problem(entry.node.span, EXPECTED_ADDRESS);
                continue;
            };
            let template = Template::new(text, entry.node.span);
            addresses.extend(self.read_address(&template, scope).map(|address| (entry.key.clone(), address)));
        }
        addresses
    }

    fn read_address(&mut self, template: &Template, scope: &Scope) -> Option<IpAddr> {
        let text = self.render(template, scope);
        let address = text.parse().ok();
        if address.is_none() {
            self.reader.problem(template.span(), EXPECTED_ADDRESS);
        }
        address
    }

    /// Reads which proxy is used.
    pub(super) fn read_proxy(&mut self, keys: &Keys, scope: &Scope) -> ProxyChoice {
        let Some(template) = keys.template("proxy") else { return ProxyChoice::Environment };
        let text = self.render(&template, scope);
        if text.trim().is_empty() {
            return ProxyChoice::Direct;
        }
        ProxyChoice::parse(&text).map_or_else(
            || {
                let message = "expected the address of a proxy, such as \"http://proxy.example:3128\" or \"socks5://127.0.0.1:1080\"";
                self.reader.problem(template.span(), message);
                ProxyChoice::Direct
            },
            ProxyChoice::Through,
        )
    }

    /// Reads what goes past the proxy.
    pub(super) fn read_no_proxy(&mut self, keys: &Keys) -> Option<Vec<String>> {
        keys.entry("no_proxy")?;
        let mut no_proxy = Vec::new();
        for host in keys.texts("no_proxy") {
            let name = host.source().trim();
            let is_wrong = |c: char| c.is_whitespace() || c == ',' || c == '/' && !is_network(name);
            if name.is_empty() || name.contains(is_wrong) {
                let message = "expected a host, a .domain or a network, such as \"localhost\", \".example.com\" or \"10.0.0.0/8\"";
                self.reader.problem(host.span(), message);
            } else {
                no_proxy.push(name.to_owned());
            }
        }
        Some(no_proxy)
    }

    /// An HTTP proxy is told the name, and looks it up itself: `resolve` would silently do nothing.
    pub(super) fn check_proxy_and_resolve(&mut self, keys: &Keys, target: &Target) {
        let ProxyChoice::Through(proxy) = &target.proxy else { return };
        if proxy.scheme() == "socks5" {
            return;
        }
        for key in ["resolve", "addresses"] {
            if let Some(entry) = keys.entry(key) {
                let message = format!("`{key}` has no effect behind this proxy, which looks names up itself");
                let help =
                    "take one of them out, or use a socks5:// proxy, for which names are looked up here";
                self.reader.problem_with_help(entry.key_span, message, help);
            }
        }
    }

    /// Reads the files of certificates to trust.
    pub(super) fn read_ca(&mut self, keys: &Keys, scope: &Scope) -> Vec<PathBuf> {
        let files = keys.texts("ca");
        files.iter().filter_map(|file| self.read_pem_path(file, scope, "CERTIFICATE")).collect()
    }

    /// Reads the files of our own certificate.
    pub(super) fn read_client_identity(&mut self, keys: &Keys, scope: &Scope) -> Option<ClientIdentity> {
        let (certificate, key) = (keys.template("client_certificate"), keys.template("client_key"));
        match (certificate, key) {
            (Some(certificate), Some(key)) => {
                let certificate = self.read_pem_path(&certificate, scope, "CERTIFICATE");
                let key = self.read_pem_path(&key, scope, "PRIVATE KEY");
                Some(ClientIdentity { certificate: certificate?, key: key? })
            }
            (Some(template), None) => {
                let certificate = self.read_pem_path(&template, scope, "CERTIFICATE")?;
                if !is_pem_of(&certificate, "PRIVATE KEY") {
                    let message = "there is no key in this file, so `client_key` must stand beside it";
                    let help = "write it there: client_key = \"key.pem\"";
                    self.reader.problem_with_help(template.span(), message, help);
                }
                Some(ClientIdentity { key: certificate.clone(), certificate })
            }
            (None, Some(key)) => {
                let message = "`client_key` stands beside `client_certificate`, which is not here";
                self.reader.problem(key.span(), message);
                None
            }
            (None, None) => None,
        }
    }

    fn read_pem_path(&mut self, template: &Template, scope: &Scope, label: &str) -> Option<PathBuf> {
        let name = self.render(template, scope);
        let path = self.reader.file.folder().join(name);
        let problem = match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                format!("there is no file {}", path.display())
            }
            Err(error) => format!("{} cannot be read: {error}", path.display()),
            Ok(text) if text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") && label == "PRIVATE KEY" => {
                "this key is encrypted: expected one without a password".to_owned()
            }
            Ok(text) if !has_pem_label(&text, label) => {
                format!(
                    "there is no {} in this file: expected PEM (-----BEGIN {label}-----)",
                    label.to_lowercase()
                )
            }
            Ok(_) => return Some(path),
        };
        self.reader.problem(template.span(), problem);
        None
    }
}

fn is_pem_of(path: &std::path::Path, label: &str) -> bool {
    std::fs::read_to_string(path).is_ok_and(|text| has_pem_label(&text, label))
}

/// Whether a text has a block of this kind (RFC 7468): `EC PRIVATE KEY` is a private key too.
fn has_pem_label(text: &str, label: &str) -> bool {
    text.lines()
        .any(|line| line.starts_with("-----BEGIN ") && line.trim_end().ends_with(&format!("{label}-----")))
}

fn is_network(text: &str) -> bool {
    text.split_once('/').is_some_and(|(address, bits)| {
        let most = match address.parse() {
            Ok(IpAddr::V4(_)) => 32,
            Ok(IpAddr::V6(_)) => 128,
            Err(_) => return false,
        };
        bits.parse::<u8>().is_ok_and(|bits| bits <= most)
    })
}
