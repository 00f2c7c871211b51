//! One request on the wire and what came of it.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use reqwest::header::HeaderMap;
use reqwest::tls::TlsInfo;
use reqwest::{Method, Version};
use tokio::time::timeout_at;
use url::{Host, Url};

use super::certificate::ShownCertificates;
use super::failure::read_cause;
use super::incoming::read_body;
use super::outgoing::{Outgoing, read_headers};
use super::proxy::write_address;
use super::settings::HttpSettings;
use super::trace::Trace;
use crate::evidence::{BodyEnd, Cause, Hop, Phase, Request, Response, Timings};

/// How often a request is sent again because the kept-alive connection that it was sent on had just been closed.
const STALE_CONNECTIONS: usize = 10;

/// What a hop is sent with.
pub(super) struct Wire<'a> {
    /// The client.
    pub(super) client: &'a reqwest::Client,
    /// The certificates that servers showed.
    pub(super) shown: &'a ShownCertificates,
    /// What the client was made with.
    pub(super) settings: &'a HttpSettings,
    /// Bytes of a body that are read at most.
    pub(super) limit: u64,
    /// When the step began.
    pub(super) started: tokio::time::Instant,
    /// When it must be over.
    pub(super) deadline: tokio::time::Instant,
}

impl Wire<'_> {
    /// Sends one request and reads its whole answer.
    pub(super) async fn run_hop(&self, outgoing: &Outgoing, headers: HeaderMap) -> Hop {
        let request = outgoing.to_evidence(&headers);
        let started = Instant::now();
        let (sent, trace) = self.send(outgoing, headers).await;
        let mut timings = Timings::default();
        trace.write_timings(&mut timings);
        let response = match sent {
            Ok(response) => response,
            Err(cause) => {
                timings.total_ms = milliseconds(started.elapsed());
                let certificate = trace.certificate().and_then(|leaf| self.shown.find(&leaf));
                let cause = Some(cause);
                return Hop { request, response: None, cause, timings, address: None, certificate };
            }
        };
        timings.first_byte_ms = Some(milliseconds(started.elapsed()));
        self.finish_hop(request, response, timings, started).await
    }

    async fn finish_hop(
        &self,
        request: Request,
        mut response: reqwest::Response,
        mut timings: Timings,
        started: Instant,
    ) -> Hop {
        let head = Instant::now();
        let headers = std::mem::take(response.headers_mut());
        // Behind a proxy it is the proxy's, and who answered is not known.
        let is_direct = self.settings.proxy_for(response.url()).is_none();
        let address = response.remote_addr().filter(|_| is_direct).map(|address| address.to_string());
        let tls = response.extensions().get::<TlsInfo>();
        let certificate = tls.and_then(TlsInfo::peer_certificate).and_then(|leaf| self.shown.find(leaf));
        let (body, text) = read_body(&mut response, &headers, self.limit, self.deadline).await;
        timings.body_ms = Some(milliseconds(head.elapsed()));
        timings.total_ms = milliseconds(started.elapsed());
        let cause = (body.end != BodyEnd::Complete).then_some(Cause::Body {
            end: body.end,
            size: body.size,
            limit: self.limit,
        });
        let response = Response {
            status: response.status().as_u16(),
            version: version_name(response.version()).to_owned(),
            headers: read_headers(&headers),
            body,
            text,
        };
        Hop { request, response: Some(response), cause, timings, address, certificate }
    }

    /// Sends until the head of an answer is there. A kept-alive connection may end at the very moment in which we
    /// use it; a request that is safe to repeat is then sent again (RFC 9112, section 9.3.1), as browsers do.
    async fn send(
        &self,
        outgoing: &Outgoing,
        headers: HeaderMap,
    ) -> (Result<reqwest::Response, Cause>, Trace) {
        let mut resent = 0;
        loop {
            let trace = Trace::default();
            let request = build_request(outgoing, headers.clone());
            let error = match timeout_at(self.deadline, trace.scope(self.client.execute(request))).await {
                Ok(Ok(response)) => return (Ok(response), trace),
                Ok(Err(error)) => error,
                Err(_) => {
                    let limit_ms = milliseconds(self.deadline.duration_since(self.started));
                    return (Err(Cause::Timeout { phase: trace.phase(), limit_ms }), trace);
                }
            };
            let cause = self.read_cause(&error, &outgoing.url, &trace);
            let is_stale = !trace.has_connection() && is_closed(&cause) && is_repeatable(&outgoing.method);
            if !is_stale || resent == STALE_CONNECTIONS {
                return (Err(cause), trace);
            }
            resent += 1;
        }
    }

    /// Why nothing came. What goes wrong before a connection stands behind a proxy is the proxy's.
    fn read_cause(&self, error: &reqwest::Error, url: &Url, trace: &Trace) -> Cause {
        let phase = trace.phase();
        let Some(proxy) = self.settings.proxy_for(url) else {
            return read_cause(error, phase, &place(url, trace.address()));
        };
        if !matches!(phase, Phase::Lookup | Phase::Connect) {
            return read_cause(error, phase, &place(url, None));
        }
        let proxy = write_address(&proxy);
        let detail = match read_cause(error, phase, &proxy) {
            Cause::Protocol { detail } => detail,
            cause => cause.to_string(),
        };
        Cause::Proxy { proxy, detail }
    }
}

fn build_request(outgoing: &Outgoing, headers: HeaderMap) -> reqwest::Request {
    let mut request = reqwest::Request::new(outgoing.method.clone(), outgoing.url.clone());
    *request.headers_mut() = headers;
    let body = outgoing.body();
    if !body.is_empty() {
        *request.body_mut() = Some(body.into());
    }
    request
}

fn is_closed(cause: &Cause) -> bool {
    match cause {
        Cause::Closed => true,
        Cause::Io { error, .. } => {
            ["ConnectionReset", "BrokenPipe", "UnexpectedEof", "ConnectionAborted"].contains(&error.as_str())
        }
        _ => false,
    }
}

/// Idempotent methods (RFC 9110, section 9.2.2).
fn is_repeatable(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS, Method::PUT, Method::DELETE].contains(method)
}

/// The `ip:port` that was talked to, as far as known.
fn place(url: &Url, address: Option<IpAddr>) -> String {
    let port = url.port_or_known_default().unwrap_or(0);
    let address = address.or_else(|| match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        _ => None,
    });
    match address {
        Some(address) => SocketAddr::new(address, port).to_string(),
        None => format!("{}:{port}", url.host_str().unwrap_or("")),
    }
}

fn version_name(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "HTTP/0.9",
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_3 => "HTTP/3",
        _ => "HTTP/1.1",
    }
}

pub(super) fn milliseconds(duration: std::time::Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
