//! The addresses of a server's name.

use std::net::IpAddr;

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
