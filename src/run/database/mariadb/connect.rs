//! A new connection, and the transaction in which a statement runs.

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, DriverError, Error, IoError, Opts, OptsBuilder, SslOpts};
use rustls::RootCertStore;
use tokio::time::Instant;

use super::super::engine::Engine;
use super::super::server::{
    Place, ServerAddress, TlsMode, connect_in_time, connection_error, judge, look_up_server, read_roots,
};
use super::read_error;
use crate::evidence::{Cause, Phase};
use crate::verdict::StepError;

/// A connection that is logged in.
pub(super) struct Connected {
    /// The connection.
    pub(super) conn: Conn,
    /// Whether it is MariaDB, which can limit every statement and has no type for JSON.
    pub(super) is_mariadb: bool,
}

impl Connected {
    /// Begins a transaction and limits the statement in it to the time that is left.
    pub(super) async fn begin(&mut self, writable: bool, deadline: Instant) -> Result<(), Error> {
        let left =
            deadline.saturating_duration_since(Instant::now()).max(std::time::Duration::from_millis(1));
        let limit = if self.is_mariadb {
            format!("SET SESSION max_statement_time = {:.3}", left.as_secs_f64())
        } else {
            format!("SET SESSION max_execution_time = {}", left.as_millis())
        };
        let access = if writable { "READ WRITE" } else { "READ ONLY" };
        // What a procedure commits does not end the reading: the session's next transaction reads only too.
        self.conn
            .query_drop(format!("{limit}; SET SESSION TRANSACTION {access}; START TRANSACTION {access}"))
            .await
    }
}

/// Connects, logs in, and begins a transaction. Errors are ours, but for a server that has no connection left.
pub(super) async fn connect(
    address: &ServerAddress,
    writable: bool,
    deadline: Instant,
) -> Result<Connected, StepError> {
    let connected = async {
        let options = build_options(address).await?;
        let conn = open(address, options).await?;
        start_session(conn, writable, deadline).await.map_err(|error| login_error(address, &error))
    };
    connect_in_time(address, deadline, connected).await
}

async fn open(address: &ServerAddress, options: OptsBuilder) -> Result<Conn, StepError> {
    let ssl = build_tls(address)?;
    let with_tls = Opts::from(options.clone().ssl_opts(ssl.clone()));
    let opened = match Conn::new(with_tls).await {
        // As its own clients do, and for servers whose certificates are so old that rustls does not read them.
        Err(error) if address.tls == TlsMode::Prefer && is_tls_failure(&error) => {
            Conn::new(Opts::from(options)).await
        }
        opened => opened,
    };
    opened.map_err(|error| login_error(address, &error))
}

fn is_tls_failure(error: &Error) -> bool {
    match error {
        Error::Driver(DriverError::NoClientSslFlagFromServer) | Error::Io(IoError::Tls(_)) => true,
        Error::Io(IoError::Io(error)) => {
            error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>)
        }
        _ => false,
    }
}

async fn start_session(mut conn: Conn, writable: bool, deadline: Instant) -> Result<Connected, Error> {
    let version: Option<String> = conn.query_first("SELECT VERSION()").await?;
    let is_mariadb = version.is_some_and(|version| version.contains("MariaDB"));
    let mut connected = Connected { conn, is_mariadb };
    connected.begin(writable, deadline).await?;
    Ok(connected)
}

async fn build_options(address: &ServerAddress) -> Result<OptsBuilder, StepError> {
    let options = OptsBuilder::default()
        .user(Some(address.user.as_str()))
        .pass(address.password.as_deref())
        .db_name(address.database.as_deref())
        .prefer_socket(false)
        .stmt_cache_size(0)
        // An update that finds a row and leaves it as it was counts it, as in the other databases.
        .client_found_rows(true);
    Ok(match &address.place {
        Place::Network { host, port } => {
            let addresses = look_up_server(host).await?;
            options.ip_or_hostname(host.as_str()).tcp_port(*port).resolved_ips(Some(addresses))
        }
        Place::Socket(path) => options.socket(Some(path.display().to_string())),
    })
}

fn build_tls(address: &ServerAddress) -> Result<Option<SslOpts>, StepError> {
    if matches!(address.place, Place::Socket(_)) {
        return Ok(None);
    }
    Ok(match address.tls {
        TlsMode::Disable => None,
        TlsMode::Prefer | TlsMode::Require => Some(
            SslOpts::default()
                .with_danger_accept_invalid_certs(true)
                .with_danger_skip_domain_validation(true),
        ),
        TlsMode::Verify => {
            let mut store = RootCertStore::empty();
            let mut roots = read_roots(address.roots.as_deref())?;
            // The driver stops at the first certificate that it cannot read, and every machine has one.
            roots.retain(|root| store.add(root.clone()).is_ok());
            let roots = roots.into_iter().map(|root| root.to_vec().into());
            Some(SslOpts::default().with_disable_built_in_roots(true).with_root_certs(roots.collect()))
        }
    })
}

fn login_error(address: &ServerAddress, error: &Error) -> StepError {
    match error {
        Error::Server(error) => judge(read_error(error, true)),
        Error::Driver(DriverError::NoClientSslFlagFromServer) => {
            let detail = "the server offers no TLS".to_owned();
            StepError::harness(Cause::Tls { reason: crate::evidence::TlsReason::NotTls, detail }).help(
                "switch TLS on in the server, or leave sslmode out of the database's `url` where the way to it is safe",
            )
        }
        other => connection_error(Engine::MariaDb, other, Phase::Connect, &address.write_place()),
    }
}
