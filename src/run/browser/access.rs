//! How a target is reached, as a browser is told it: its certificates, its proxy, the addresses of its hosts.
//!
//! A browser of its own cannot be given a file of trusted certificates on the command line. So the certificate of
//! the target is verified by us, against `ca`, right before the browser starts; then Chromium is told to trust the
//! key of that very certificate, and nothing else. Firefox has no such setting: there certificates are not verified
//! at all in such a run, once ours has passed, and the run says so. Where ours fails the browser is told nothing,
//! and its own verdict stands. The limit of this: Chromium looks for the key anywhere in the chain that it is served, so
//! that who stands on the way and knows of it could still pass after our look; over HTTP the chain is verified each time.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;
use tokio::time::Instant;
use url::{Host, Url};

use super::{BrowserKind, BrowserSettings};
use crate::run::http::{HttpSettings, Proxies};
use crate::run::network::find_trusted_key;

/// How long our own handshake may take.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// What a browser is told of a target.
#[derive(Clone, Debug, Default)]
pub struct Access {
    http: Option<Arc<HttpSettings>>,
    /// SHA-256 of the target's public key, if we trust it and the browser would not.
    key: Arc<OnceCell<Option<String>>>,
}

impl Access {
    /// The way that HTTP steps go.
    pub fn new(http: Arc<HttpSettings>) -> Self {
        Self { http: Some(http), key: Arc::default() }
    }

    /// Whether a browser of this kind verifies no certificate because it cannot be given those in `ca`.
    pub fn is_unverified_in(&self, kind: BrowserKind) -> bool {
        kind == BrowserKind::Firefox && self.http.as_deref().is_some_and(needs_key)
    }

    async fn trusted_key(&self) -> Option<&str> {
        let http = self.http.as_ref().filter(|http| needs_key(http))?;
        let key = self.key.get_or_init(|| async {
            let deadline = Instant::now() + HANDSHAKE_LIMIT;
            let key = find_trusted_key(Arc::clone(http), deadline).await?;
            Some(STANDARD.encode(Sha256::digest(key)))
        });
        key.await.as_deref()
    }
}

fn needs_key(http: &HttpSettings) -> bool {
    !http.ca.is_empty() && !http.insecure && http.base.scheme() == "https"
}

/// What New Session asks for, the target's access included.
pub(super) async fn build_capabilities(
    settings: &BrowserSettings,
    program: Option<&Path>,
) -> Map<String, Value> {
    let mut capabilities = settings.kind.capabilities(settings, program);
    let Some(http) = &settings.access.http else { return capabilities };
    let key = settings.access.trusted_key().await;
    match settings.kind {
        BrowserKind::Chromium => {
            let arguments = &mut capabilities["goog:chromeOptions"]["args"];
            if let Some(arguments) = arguments.as_array_mut() {
                if let Some(key) = key {
                    arguments.push(json!(format!("--ignore-certificate-errors-spki-list={key}")));
                }
                if let Some(rules) = write_rules(http) {
                    // The last of several counts.
                    arguments.push(json!(format!("--host-resolver-rules={rules}")));
                }
            }
        }
        BrowserKind::Firefox if key.is_some() => {
            capabilities.insert("acceptInsecureCerts".to_owned(), json!(true));
        }
        BrowserKind::Firefox => {}
    }
    // What the environment here says of proxies says nothing of another machine.
    if settings.remote.urls.is_empty() || !http.proxies.is_ambient {
        capabilities.insert("proxy".to_owned(), build_proxy(&http.proxies, http));
    }
    capabilities
}

/// The rules of Chromium's `--host-resolver-rules`.
fn write_rules(http: &HttpSettings) -> Option<String> {
    let own = http.base.domain().zip(http.resolve);
    let others = http.addresses.iter().map(|(host, address)| (host.as_str(), *address));
    let rule = |(host, address): (&str, std::net::IpAddr)| match address {
        std::net::IpAddr::V4(address) => format!("MAP {host} {address}"),
        std::net::IpAddr::V6(address) => format!("MAP {host} [{address}]"),
    };
    let rules: Vec<String> = own.into_iter().chain(others).map(rule).collect();
    (!rules.is_empty()).then(|| rules.join(", "))
}

/// The capability `proxy` (W3C WebDriver, section 7.1).
fn build_proxy(proxies: &Proxies, http: &HttpSettings) -> Value {
    let mut proxy = Map::new();
    for (name, url) in [("httpProxy", &proxies.http), ("sslProxy", &proxies.https)] {
        let Some(url) = url else { continue };
        match url.scheme() {
            "socks5" | "socks5h" => {
                proxy.insert("socksProxy".to_owned(), json!(write_authority(url, 1080)));
                proxy.insert("socksVersion".to_owned(), json!(5));
            }
            _ => {
                proxy.insert(name.to_owned(), json!(write_authority(url, 80)));
            }
        }
    }
    if proxy.is_empty() {
        return json!({ "proxyType": "direct" });
    }
    let mut direct = proxies.no_proxy.clone();
    if proxies.is_ambient {
        direct.extend(["localhost", "127.0.0.1", "[::1]"].map(str::to_owned));
        let fixed = http.base.domain().filter(|_| http.resolve.is_some());
        direct.extend(
            fixed.into_iter().chain(http.addresses.iter().map(|(host, _)| host.as_str())).map(str::to_owned),
        );
    }
    proxy.insert("proxyType".to_owned(), json!("manual"));
    if !direct.is_empty() {
        proxy.insert("noProxy".to_owned(), json!(direct));
    }
    Value::Object(proxy)
}

fn write_authority(url: &Url, default: u16) -> String {
    let host = url.host().as_ref().map(Host::to_string).unwrap_or_default();
    format!("{host}:{}", url.port_or_known_default().unwrap_or(default))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn http() -> HttpSettings {
        let mut http = HttpSettings::new(Url::parse("https://shop.test/").unwrap(), "");
        http.resolve = Some("2001:db8::1".parse().unwrap());
        http.addresses = vec![("cdn.test".to_owned(), "192.0.2.7".parse().unwrap())];
        http
    }

    #[test]
    fn every_host_with_an_address_has_a_rule() {
        assert_eq!(write_rules(&http()).unwrap(), "MAP shop.test [2001:db8::1], MAP cdn.test 192.0.2.7");
        let bare = HttpSettings::new(Url::parse("http://127.0.0.1/").unwrap(), "");
        assert_eq!(write_rules(&bare), None);
    }

    #[test]
    fn a_proxy_is_named_as_web_driver_names_it() {
        let url = |text: &str| Some(Url::parse(text).unwrap());
        let both = Proxies {
            http: url("http://proxy.test:3128"),
            https: url("http://proxy.test:3128"),
            no_proxy: vec![".intern".to_owned()],
            is_ambient: false,
        };
        assert_eq!(
            build_proxy(&both, &http()),
            json!({
                "httpProxy": "proxy.test:3128", "sslProxy": "proxy.test:3128",
                "proxyType": "manual", "noProxy": [".intern"],
            })
        );
        let socks = Proxies { http: url("socks5://[::1]"), ..Proxies::default() };
        assert_eq!(
            build_proxy(&socks, &http()),
            json!({ "socksProxy": "[::1]:1080", "socksVersion": 5, "proxyType": "manual" })
        );
        assert_eq!(build_proxy(&Proxies::default(), &http()), json!({ "proxyType": "direct" }));
        let ambient = Proxies { is_ambient: true, no_proxy: Vec::new(), ..both };
        let told = build_proxy(&ambient, &http());
        assert_eq!(told["noProxy"], json!(["localhost", "127.0.0.1", "[::1]", "shop.test", "cdn.test"]));
    }
}
