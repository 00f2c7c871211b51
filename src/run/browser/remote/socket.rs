//! The connection that WebDriver BiDi is spoken over: plain to a driver of our own, with TLS and credentials to a
//! remote one.

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use url::Url;

use super::Remote;

/// What bytes come and go through.
pub(in crate::run::browser) trait Stream:
    AsyncRead + AsyncWrite + Send + Unpin
{
}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection for messages.
pub(in crate::run::browser) type Socket = WebSocketStream<Box<dyn Stream>>;

/// Connects to the address that New Session gave. The error is for people.
pub(in crate::run::browser) async fn open_socket(
    address: &str,
    remote: Option<&Remote>,
) -> Result<Socket, String> {
    let url = match remote {
        Some(remote) => remote.socket_url(address),
        None => Url::parse(address).ok(),
    };
    let url = url.ok_or_else(|| format!("{address} is not an address"))?;
    let mut request = url.as_str().into_client_request().map_err(|error| error.to_string())?;
    if let Some(value) = remote.and_then(|remote| remote.authorization_for(&url)) {
        let mut value = HeaderValue::from_str(&value).map_err(|error| error.to_string())?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
    }
    let stream = open_stream(&url, remote).await?;
    // A page's events can be large, and a limit would end the connection.
    let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
    let opened = client_async_with_config(request, stream, Some(config)).await;
    opened.map(|(socket, _)| socket).map_err(|error| error.to_string())
}

async fn open_stream(url: &Url, remote: Option<&Remote>) -> Result<Box<dyn Stream>, String> {
    // The standard library knows no port of `ws`, and `url` does.
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Err(format!("{url} has no host"));
    };
    let host = host.trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, port)).await.map_err(|error| error.to_string())?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    let (Some(remote), "wss") = (remote, url.scheme()) else {
        return Ok(Box::new(stream));
    };
    let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
    let stream = TlsConnector::from(remote.tls()).connect(name, stream).await;
    Ok(Box::new(stream.map_err(|error| error.to_string())?))
}
