//! The way to a server: the addresses of its name, and the time that a connection may take.

use std::net::IpAddr;

use tokio::time::{Instant, timeout_at};

use super::ServerAddress;
use crate::evidence::{Cause, Phase, round_milliseconds};
use crate::run::http::look_up;
use crate::verdict::StepError;

/// The addresses of a host. That it has none is ours: it is looked up from here, not from where the site runs.
pub(in super::super) async fn look_up_server(host: &str) -> Result<Vec<IpAddr>, StepError> {
    if let Ok(address) = host.parse() {
        return Ok(vec![address]);
    }
    look_up(host.to_owned()).await.map_err(|failure| {
        StepError::harness(failure.0).help(
            "the database's host is looked up from where smokegate runs: inside a compose network its name may be another",
        )
    })
}

/// Waits for a connection until the deadline, or for as long as the address allows. Errors are ours.
pub(in super::super) async fn connect_in_time<T>(
    address: &ServerAddress,
    deadline: Instant,
    connecting: impl Future<Output = Result<T, StepError>>,
) -> Result<T, StepError> {
    let started = Instant::now();
    let end = address.connect_timeout.map_or(deadline, |limit| deadline.min(started + limit));
    // On the heap: a connection being made is larger than all else that a step holds.
    timeout_at(end, Box::pin(connecting)).await.unwrap_or_else(|_elapsed| {
        let limit_ms = round_milliseconds(end - started);
        let place = address.write_place();
        Err(StepError::harness(Cause::Timeout { phase: Phase::Connect, limit_ms })
            .message(format!("no connection to the database at {place} within {limit_ms:.0}ms"))
            .help("a firewall may swallow it: may this machine reach the database?"))
    })
}
