//! The layers under HTTP as they were seen.

use serde::{Deserialize, Serialize};

use super::{Cause, Certificate, Timings};

/// What DNS says about a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lookup {
    /// The name that was asked for.
    pub host: String,
    /// The name server that was asked, `ip:port`; none for the machine's own ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Its addresses, those of IPv4 first, each kind in order: DNS itself gives them in a changing one.
    pub addresses: Vec<String>,
    /// The names that it stands for (CNAME records), from the first to the last of the chain, without the dot at
    /// their end.
    pub aliases: Vec<String>,
    /// Why it has no address, though there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// Milliseconds.
    pub total_ms: f64,
}

/// A connection, with TLS or without.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Connection {
    /// The name or address that was asked for.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The address that answered, `ip:port`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// How long each phase took.
    pub timings: Timings,
    /// What the server showed in a TLS handshake, trusted or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsSession>,
}

/// What a server showed in a TLS handshake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsSession {
    /// `TLSv1.2`, `TLSv1.3`; none where the handshake did not come to its end.
    pub protocol: Option<String>,
    /// Its own certificate first, then those that it sent with it; its own alone where the handshake did not come to
    /// its end.
    pub certificates: Vec<Certificate>,
    /// Whole days until its own certificate ends, negative once it has.
    pub days_left: Option<i64>,
}

impl TlsSession {
    /// The server's own certificate.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificates.first()
    }
}
