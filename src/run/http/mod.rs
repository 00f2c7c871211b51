//! HTTP as an actor speaks it: one request with every hop, its times, its address, its certificate, and a typed
//! cause where something did not come. The only use of reqwest.
//!
//! | file | what it does |
//! | --- | --- |
//! | `proxy` | which requests go through a proxy |
//! | `settings` | what is known of a target before the first request |
//! | `client` | a call into an exchange: the loop over hops |
//! | `outgoing` | a call into method, address, headers and body; who may see which credential |
//! | `redirect` | where an answer sends us, and as what |
//! | `hop` | one request on the wire |
//! | `incoming` | the answer's body: streamed, bounded, decoded |
//! | `decode`, `charset` | content encodings and charsets |
//! | `trace`, `resolver`, `tls` | what happened below HTTP, attributed to the request that caused it |
//! | `certificate` | what a server showed |
//! | `failure` | an error chain into a typed cause |
//! | `jar` | an actor's cookies |
//! | `multipart` | multipart bodies |

mod certificate;
mod charset;
mod client;
mod decode;
mod failure;
mod hop;
mod incoming;
mod jar;
mod multipart;
mod outgoing;
mod proxy;
mod redirect;
mod resolver;
mod settings;
mod tls;
mod trace;

#[cfg(test)]
mod client_tests;
#[cfg(test)]
mod proxy_tests;
#[cfg(test)]
pub(in crate::run) mod test_server;
#[cfg(test)]
mod tls_tests;

pub(in crate::run) use certificate::{ShownCertificates, read_certificate};
pub use charset::page_encoding;
pub use client::HttpClient;
pub(in crate::run) use failure::read_cause;
pub use jar::Jar;
pub use multipart::{Part, encode_multipart};
pub use proxy::{Proxies, read_proxies};
pub(in crate::run) use resolver::{Resolver, look_up};
pub use settings::{DEFAULT_BODY_LIMIT, HttpSettings};
pub(in crate::run) use tls::build_config;
pub(in crate::run) use trace::Trace;
