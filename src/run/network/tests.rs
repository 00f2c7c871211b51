//! `tcp` and `tls` against real servers on loopback.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::Instant;
use url::Url;

use super::run_network;
use crate::evidence::{Cause, Connection, Evidence, Phase, TlsReason};
use crate::run::http::test_server::{Authority, TestServer, answer};
use crate::run::http::{HttpClient, HttpSettings};
use crate::spec::action::{NetworkCall, NetworkPlace};
use crate::spec::project::ClientIdentity;
use crate::verdict::{Origin, StepError};

fn settings(base: &str) -> HttpSettings {
    HttpSettings::new(Url::parse(base).unwrap(), "smokegate/test")
}

fn place(host: &str, port: u16) -> NetworkPlace {
    NetworkPlace { host: host.to_owned(), port }
}

async fn look(settings: HttpSettings, call: NetworkCall) -> (Connection, Option<StepError>) {
    let client = HttpClient::new(Arc::new(settings)).unwrap();
    let outcome = run_network(&client, &call, Instant::now() + Duration::from_secs(5)).await;
    match outcome.evidence {
        Some(Evidence::Connection(connection)) => (connection, outcome.error),
        other => panic!("{other:?}"),
    }
}

fn write_ca(folder: &tempfile::TempDir, authority: &Authority) -> Vec<PathBuf> {
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, authority.pem()).unwrap();
    vec![path]
}

#[tokio::test]
async fn a_connection_is_made_to_the_target_or_where_it_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let own = settings(&format!("http://{address}/"));
    let (connection, error) = look(own.clone(), NetworkCall::Tcp { place: None }).await;
    assert_eq!(error, None);
    assert_eq!(connection.address, Some(address.to_string()));
    assert!(connection.timings.connect_ms.is_some() && connection.timings.total_ms > 0.0);
    let named = HttpSettings { addresses: vec![("db.test".to_owned(), address.ip())], ..own.clone() };
    let (connection, error) =
        look(named, NetworkCall::Tcp { place: Some(place("db.test", address.port())) }).await;
    assert_eq!((connection.address, error), (Some(address.to_string()), None));

    drop(listener);
    let (_, error) = look(own.clone(), NetworkCall::Tcp { place: None }).await;
    let error = error.unwrap();
    assert_eq!(error.origin, Origin::Target);
    let refused = ("ConnectionRefused".to_owned(), address.to_string());
    assert_eq!(error.cause, Cause::Io { error: refused.0, phase: Phase::Connect, place: refused.1 });
    let (_, error) = look(own, NetworkCall::Tcp { place: Some(place("no.invalid", 80)) }).await;
    let cause = error.unwrap().cause;
    assert!(matches!(cause, Cause::NoAddress { .. } | Cause::Lookup { .. }), "{cause:?}");
}

#[tokio::test]
async fn a_handshake_tells_the_certificate_and_its_chain() {
    let folder = tempfile::tempdir().unwrap();
    let (authority, clients) = (Authority::new(), Authority::new());
    let identity = authority.sign(&["shop.test", "127.0.0.1"], 2020, 2090);
    let server = TestServer::start_mutual_tls(identity, &clients, |_| answer(200, "", "")).await;
    let port = server.address.port();
    let files = ClientIdentity { certificate: folder.path().join("c.pem"), key: folder.path().join("k.pem") };
    let (certificate, key) = clients.sign_client("tester");
    std::fs::write(&files.certificate, certificate).unwrap();
    std::fs::write(&files.key, key).unwrap();
    let own = HttpSettings {
        resolve: Some("127.0.0.1".parse().unwrap()),
        ca: write_ca(&folder, &authority),
        client_identity: Some(files),
        ..settings(&format!("https://shop.test:{port}/"))
    };
    let (connection, error) = look(own, NetworkCall::Tls { place: None }).await;
    assert_eq!(error, None, "{connection:?}");
    let session = connection.tls.unwrap();
    assert_eq!(session.protocol.as_deref(), Some("TLSv1.3"));
    assert_eq!(session.certificate().unwrap().names, ["shop.test", "127.0.0.1"]);
    assert!(session.certificate().unwrap().issuer.contains("Test Authority"));
    assert_eq!(session.certificates.len(), 2, "the chain is there");
    assert!(session.days_left.unwrap() > 20_000);
    assert!(connection.timings.tls_ms.is_some());
}

#[tokio::test]
async fn a_bad_certificate_is_a_typed_failure_and_still_evidence() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let ca = write_ca(&folder, &authority);
    for (names, to, reason) in
        [(["127.0.0.1"], 2021, TlsReason::Expired), (["other.test"], 2090, TlsReason::WrongName)]
    {
        let server = TestServer::start_tls(authority.sign(&names, 2020, to), |_| answer(200, "", "")).await;
        let port = server.address.port();
        let own = HttpSettings { ca: ca.clone(), ..settings("http://127.0.0.1/") };
        let call = NetworkCall::Tls { place: Some(place("127.0.0.1", port)) };
        let (connection, error) = look(own.clone(), call.clone()).await;
        let error = error.unwrap();
        assert!(matches!(error.cause, Cause::Tls { reason: found, .. } if found == reason), "{error:?}");
        assert_eq!(error.origin, Origin::Target);
        let session = connection.tls.unwrap();
        assert_eq!(session.certificate().unwrap().names, names);
        assert_eq!(session.days_left.unwrap() < 0, to == 2021);
        let (_, error) = look(HttpSettings { insecure: true, ..own }, call).await;
        assert_eq!(error, None);
    }
    let plain = TestServer::start(|_| answer(200, "", "")).await;
    let call = NetworkCall::Tls { place: Some(place("127.0.0.1", plain.address.port())) };
    let limit = Instant::now() + Duration::from_millis(500);
    let client = HttpClient::new(Arc::new(settings("http://127.0.0.1/"))).unwrap();
    let error = run_network(&client, &call, limit).await.error.unwrap();
    assert!(matches!(error.cause, Cause::Timeout { phase: Phase::Tls, .. } | Cause::Tls { .. }), "{error:?}");
}
