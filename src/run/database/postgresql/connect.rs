//! A new connection, and the transaction in which a statement runs.

use std::time::Duration;

use tokio::time::Instant;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, Error, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_util::task::AbortOnDropHandle;

use super::super::engine::Engine;
use super::super::server::{
    Place, ServerAddress, TlsMode, build_config, connect_in_time, connection_error, judge, look_up_server,
    read_roots,
};
use super::read_error;
use crate::evidence::{Cause, Phase, TlsReason};
use crate::verdict::StepError;

/// A connection that is logged in, and the task that moves its bytes.
pub(super) struct Connected {
    /// What is asked.
    pub(super) client: Client,
    _task: AbortOnDropHandle<()>,
}

impl Connected {
    /// Begins a transaction and limits the statement in it to the time that is left. One that may write is what the
    /// database makes it: it may be a replica, or read only for this login.
    pub(super) async fn begin(&self, writable: bool, deadline: Instant) -> Result<(), Error> {
        let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let access = if writable { "" } else { " read only" };
        let limit = left.as_millis();
        self.client.batch_execute(&format!("begin{access}; set local statement_timeout = {limit}")).await
    }
}

/// Connects, logs in, and begins a transaction. Errors are ours, but for a server that has no connection left.
pub(super) async fn connect(
    address: &ServerAddress,
    writable: bool,
    deadline: Instant,
) -> Result<Connected, StepError> {
    let connected = async {
        let config = build_settings(address).await?;
        let connected = open(address, &config).await?;
        connected.begin(writable, deadline).await.map_err(|error| login_error(address, &error))?;
        Ok(connected)
    };
    connect_in_time(address, deadline, connected).await
}

async fn open(address: &ServerAddress, config: &Config) -> Result<Connected, StepError> {
    if config.get_ssl_mode() == SslMode::Disable {
        return open_plain(address, config).await;
    }
    let roots = match address.tls {
        TlsMode::Verify => Some(read_roots(address.roots.as_deref())?),
        _ => None,
    };
    let tls = build_config(roots).map_err(|error| {
        StepError::harness(Cause::Tls { reason: TlsReason::Other, detail: error.to_string() })
    })?;
    match config.connect(MakeRustlsConnect::new(tls)).await {
        Ok((client, connection)) => Ok(start(client, async { drop(connection.await) })),
        Err(error) if address.tls == TlsMode::Prefer && is_tls_failure(&error) => {
            open_plain(address, config.clone().ssl_mode(SslMode::Disable)).await
        }
        Err(error) => Err(login_error(address, &error)),
    }
}

async fn open_plain(address: &ServerAddress, config: &Config) -> Result<Connected, StepError> {
    let (client, connection) = config.connect(NoTls).await.map_err(|error| login_error(address, &error))?;
    Ok(start(client, async { drop(connection.await) }))
}

fn start(client: Client, connection: impl Future<Output = ()> + Send + 'static) -> Connected {
    Connected { client, _task: AbortOnDropHandle::new(tokio::spawn(connection)) }
}

fn is_tls_failure(error: &Error) -> bool {
    matches!(login_cause(error, ""), Cause::Tls { .. })
}

async fn build_settings(address: &ServerAddress) -> Result<Config, StepError> {
    let mut config = Config::new();
    config.user(&address.user).application_name("smokegate");
    if let Some(password) = &address.password {
        config.password(password);
    }
    if let Some(database) = &address.database {
        config.dbname(database);
    }
    config.ssl_mode(match address.tls {
        TlsMode::Disable => SslMode::Disable,
        TlsMode::Prefer => SslMode::Prefer,
        TlsMode::Require | TlsMode::Verify => SslMode::Require,
    });
    match &address.place {
        Place::Network { host, port } => {
            for ip in look_up_server(host).await? {
                config.host(host).hostaddr(ip).port(*port);
            }
        }
        Place::Socket(folder) => {
            config.host_path(folder).port(address.port).ssl_mode(SslMode::Disable);
        }
    }
    Ok(config)
}

fn login_cause(error: &Error, place: &str) -> Cause {
    crate::run::http::read_cause(error, Phase::Connect, place)
}

fn login_error(address: &ServerAddress, error: &Error) -> StepError {
    let place = address.write_place();
    if let Some(told) = error.as_db_error() {
        return judge(read_error(told, true));
    }
    let no_tls = address.tls != TlsMode::Prefer && error.to_string().contains("server does not support TLS");
    if no_tls {
        let detail = "the server offers no TLS".to_owned();
        return StepError::harness(Cause::Tls { reason: TlsReason::NotTls, detail }).help(
            "switch TLS on in the server, or leave sslmode out of the database's `url` where the way to it is safe",
        );
    }
    if error.to_string().starts_with("invalid configuration")
        || error.to_string().starts_with("authentication error")
    {
        let detail = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
        return StepError::harness(Cause::Sql {
            state: None,
            code: "driver".to_owned(),
            detail: detail.clone(),
        })
        .message(format!("the database cannot be logged into: {detail}"))
        .help("user and password stand in the database's `url`");
    }
    connection_error(Engine::PostgreSql, error, Phase::Connect, &place)
}
