//! `tcp`: a connection, to the address that HTTP would use.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant as Clock;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::milliseconds;
use crate::evidence::{Cause, Connection, Evidence, Phase, Timings};
use crate::run::http::{HttpSettings, Resolver};
use crate::run::outcome::Outcome;
use crate::spec::action::NetworkPlace;
use crate::verdict::StepError;

/// Connects, and closes the connection.
pub(super) async fn run_tcp(settings: Arc<HttpSettings>, place: NetworkPlace, deadline: Instant) -> Outcome {
    let mut dialing = Dialing::new(place, deadline);
    let error = dialing.connect(settings).await.err().map(StepError::reaching);
    Outcome { evidence: Some(dialing.finish()), error }
}

/// A connection on its way, and what is known of it so far.
pub(super) struct Dialing {
    pub(super) connection: Connection,
    pub(super) deadline: Instant,
    started: Clock,
    /// Milliseconds that are allowed.
    limit_ms: f64,
}

impl Dialing {
    pub(super) fn new(place: NetworkPlace, deadline: Instant) -> Self {
        let NetworkPlace { host, port } = place;
        let limit_ms = deadline.saturating_duration_since(Instant::now()).as_secs_f64() * 1000.0;
        let connection = Connection { host, port, address: None, timings: Timings::default(), tls: None };
        Self { connection, deadline, started: Clock::now(), limit_ms }
    }

    /// Looks the host up, and connects to the first of its addresses that answers.
    pub(super) async fn connect(&mut self, settings: Arc<HttpSettings>) -> Result<TcpStream, Cause> {
        let addresses = self.look_up(settings).await?;
        let started = Clock::now();
        let mut last = Cause::NoAddress { host: self.connection.host.clone() };
        for (tried, address) in addresses.iter().enumerate() {
            let address = SocketAddr::new(*address, self.connection.port);
            let left = self.deadline.saturating_duration_since(Instant::now());
            // An address that does not answer must leave time for the next one.
            let share = left / u32::try_from(addresses.len() - tried).unwrap_or(1);
            match timeout_at(Instant::now() + share, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    self.connection.timings.connect_ms = Some(milliseconds(started));
                    self.connection.address = Some(address.to_string());
                    return Ok(stream);
                }
                Ok(Err(error)) => {
                    let (error, place) = (format!("{:?}", error.kind()), address.to_string());
                    last = Cause::Io { error, phase: Phase::Connect, place };
                }
                Err(_) => last = self.timeout(Phase::Connect),
            }
        }
        Err(last)
    }

    async fn look_up(&mut self, settings: Arc<HttpSettings>) -> Result<Vec<IpAddr>, Cause> {
        if let Ok(address) = self.connection.host.parse() {
            return Ok(vec![address]);
        }
        let started = Clock::now();
        let resolver = Resolver::new(settings);
        let found = timeout_at(self.deadline, resolver.look_up(&self.connection.host)).await;
        let addresses = found.map_err(|_| self.timeout(Phase::Lookup))?.map_err(|failure| failure.0)?;
        self.connection.timings.dns_ms = Some(milliseconds(started));
        Ok(addresses)
    }

    pub(super) fn timeout(&self, phase: Phase) -> Cause {
        Cause::Timeout { phase, limit_ms: self.limit_ms }
    }

    /// What was seen.
    pub(super) fn finish(mut self) -> Evidence {
        self.connection.timings.total_ms = milliseconds(self.started);
        Evidence::Connection(self.connection)
    }
}
