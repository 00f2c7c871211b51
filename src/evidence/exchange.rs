//! HTTP as it was seen: every hop of a request, with its times, its address and its certificate.

use serde::{Deserialize, Serialize};

use super::{Body, Cause};

/// One request of a step, redirects followed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// The requests made, in order; the last one's answer is the step's answer. Never empty.
    pub hops: Vec<Hop>,
    /// Milliseconds from the start of the first hop to the end of the last body.
    pub total_ms: f64,
}

/// One request and what came back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hop {
    /// What was sent.
    pub request: Request,
    /// What came back; none if nothing did.
    pub response: Option<Response>,
    /// Why nothing came back, or why not all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// How long each phase took.
    pub timings: Timings,
    /// The address that answered, `ip:port`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The certificate that the server showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
}

/// A header's name in lower case, and its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Lower case.
    pub name: String,
    /// Bytes that are not UTF-8 are replaced.
    pub value: String,
}

/// Headers in the order seen; names may repeat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Headers(pub Vec<Header>);

impl Headers {
    /// The first header of that name, whatever its case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.as_str())
    }

    /// All headers of that name, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.as_str())
    }
}

/// What was sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Upper case.
    pub method: String,
    /// Absolute.
    pub url: String,
    /// Those that we set; the client adds `Host` and `Content-Length`.
    pub headers: Headers,
    /// What was sent as body.
    pub body: Body,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// `HTTP/1.1`, `HTTP/2`.
    pub version: String,
    /// All headers.
    pub headers: Headers,
    /// The decoded body.
    pub body: Body,
    /// The whole body as text by its charset; none for binary data. It does not leave the runner.
    #[serde(skip)]
    pub text: Option<String>,
}

impl Response {
    /// The media type without parameters, in lower case; empty if none was sent.
    pub fn media_type(&self) -> String {
        let value = self.headers.get("content-type").unwrap_or("");
        value.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
    }
}

/// How long the phases of one hop took, in milliseconds. A phase that did not happen (a kept-alive
/// connection, no TLS) is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    /// Looking up the name.
    pub dns_ms: Option<f64>,
    /// The TCP handshake.
    pub connect_ms: Option<f64>,
    /// The TLS handshake.
    pub tls_ms: Option<f64>,
    /// From the start of the hop to the first byte of the answer.
    pub first_byte_ms: Option<f64>,
    /// From the first byte to the end of the body.
    pub body_ms: Option<f64>,
    /// The whole hop.
    pub total_ms: f64,
}

/// A server's certificate (RFC 5280), as far as an operator asks about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The subject's distinguished name.
    pub subject: String,
    /// The issuer's distinguished name.
    pub issuer: String,
    /// DNS names and addresses of the subject alternative name extension.
    pub names: Vec<String>,
    /// RFC 3339.
    pub not_before: String,
    /// RFC 3339.
    pub not_after: String,
    /// How many certificates the server sent, its own included.
    pub chain_length: usize,
}

impl Exchange {
    /// The last hop.
    pub fn last(&self) -> Option<&Hop> {
        self.hops.last()
    }

    /// The answer of the last hop.
    pub fn response(&self) -> Option<&Response> {
        self.last().and_then(|hop| hop.response.as_ref())
    }

    /// The address of the last hop.
    pub fn url(&self) -> &str {
        self.last().map_or("", |hop| hop.request.url.as_str())
    }

    /// How many redirects were followed.
    pub fn redirects(&self) -> usize {
        self.hops.len().saturating_sub(1)
    }
}
