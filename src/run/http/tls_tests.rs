//! Certificates, good and bad, against servers on loopback.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use url::Url;

use super::client_tests::{cause, client, exchange, get, response, settings};
use super::test_server::{Authority, TestServer, answer};
use super::{HttpClient, HttpSettings};
use crate::evidence::{Cause, TlsReason};
use crate::run::outcome::Outcome;
use crate::spec::project::ClientIdentity;
use crate::verdict::Origin;

fn tls_reason(outcome: &Outcome) -> TlsReason {
    match cause(outcome) {
        Cause::Tls { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

fn write_pem(folder: &tempfile::TempDir, pem: &str) -> PathBuf {
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, pem).unwrap();
    path
}

#[tokio::test]
async fn certificates_are_verified_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let ca = vec![write_pem(&folder, &authority.pem())];
    let good = TestServer::start_tls(authority.sign(&["shop.test", "127.0.0.1"], 2020, 2090), |asked| {
        answer(200, "", asked.header("host").unwrap_or(""))
    })
    .await;

    let untrusted = get(&client(good.url("/")), "/").await;
    assert_eq!(tls_reason(&untrusted), TlsReason::Untrusted);
    assert_eq!(exchange(&untrusted).hops[0].certificate.as_ref().unwrap().chain_length, 2);

    let trusting = HttpSettings { ca: ca.clone(), ..settings(good.url("/")) };
    let outcome = get(&HttpClient::new(Arc::new(trusting)).unwrap(), "/").await;
    assert_eq!(outcome.error, None, "{outcome:?}");
    let hop = exchange(&outcome).last().unwrap();
    assert!(hop.timings.tls_ms.is_some() && hop.timings.connect_ms.is_some());
    let certificate = hop.certificate.clone().unwrap();
    assert_eq!(certificate.names, ["shop.test", "127.0.0.1"]);
    assert_eq!(certificate.not_after, "2090-01-01T00:00:00Z");
    assert!(certificate.issuer.contains("Test Authority"));

    let insecure = HttpSettings { insecure: true, ..settings(good.url("/")) };
    assert_eq!(get(&HttpClient::new(Arc::new(insecure)).unwrap(), "/").await.error, None);

    let port = good.address.port();
    let base = Url::parse(&format!("https://shop.test:{port}/")).unwrap();
    let resolve: Option<IpAddr> = Some("127.0.0.1".parse().unwrap());
    let resolved = HttpSettings { resolve, ca, ..settings(base) };
    let outcome = get(&HttpClient::new(Arc::new(resolved)).unwrap(), "/").await;
    assert_eq!(response(&outcome).text, Some(format!("shop.test:{port}")), "Host and SNI keep the name");
    assert!(exchange(&outcome).hops[0].timings.dns_ms.is_some());
}

#[tokio::test]
async fn wrong_certificates_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let ca = vec![write_pem(&folder, &authority.pem())];
    for (names, from, to, reason) in [
        (["127.0.0.1"], 2020, 2021, TlsReason::Expired),
        (["127.0.0.1"], 2090, 2091, TlsReason::NotYetValid),
        (["other.test"], 2020, 2090, TlsReason::WrongName),
    ] {
        let server = TestServer::start_tls(authority.sign(&names, from, to), |_| answer(200, "", "")).await;
        let settings = HttpSettings { ca: ca.clone(), ..settings(server.url("/")) };
        let outcome = get(&HttpClient::new(Arc::new(settings)).unwrap(), "/").await;
        assert_eq!(tls_reason(&outcome), reason);
        assert!(exchange(&outcome).hops[0].certificate.is_some());
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_trusted_where_the_file_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let (identity, pem) = Authority::self_signed("127.0.0.1");
    let server = TestServer::start_tls(identity, |_| answer(200, "", "")).await;
    assert_eq!(tls_reason(&get(&client(server.url("/")), "/").await), TlsReason::Untrusted);
    let settings = HttpSettings { ca: vec![write_pem(&folder, &pem)], ..settings(server.url("/")) };
    assert_eq!(get(&HttpClient::new(Arc::new(settings.clone())).unwrap(), "/").await.error, None);
    let empty = HttpSettings { ca: vec![write_pem(&folder, "nothing")], ..settings };
    assert_eq!(HttpClient::new(Arc::new(empty)).unwrap_err().origin, Origin::Harness);
}

#[tokio::test]
async fn https_to_a_plain_server_is_told_as_such() {
    let server = TestServer::start(|_| answer(200, "", "")).await;
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = plain.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let outcome = get(&client(server.url("/")), &format!("https://127.0.0.1:{port}/")).await;
    assert_eq!(tls_reason(&outcome), TlsReason::NotTls);
    task.abort();
}

#[tokio::test]
async fn our_own_certificate_is_shown_to_the_target_and_to_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let (authority, clients) = (Authority::new(), Authority::new());
    let other_ca = folder.path().join("other.pem");
    std::fs::write(&other_ca, clients.pem()).unwrap();
    let identity = authority.sign(&["shop.test", "other.test"], 2020, 2090);
    let server = TestServer::start_mutual_tls(identity, &clients, |asked| {
        answer(200, "", asked.header("host").unwrap_or(""))
    })
    .await;
    let port = server.address.port();
    let loopback: IpAddr = "127.0.0.1".parse().unwrap();
    let without = HttpSettings {
        resolve: Some(loopback),
        addresses: vec![("other.test".to_owned(), loopback)],
        // The one that is needed is not the first.
        ca: vec![other_ca, write_pem(&folder, &authority.pem())],
        ..settings(Url::parse(&format!("https://Shop.test:{port}/")).unwrap())
    };
    assert_eq!(
        tls_reason(&get(&HttpClient::new(Arc::new(without.clone())).unwrap(), "/").await),
        TlsReason::Alert
    );

    let (certificate, key) = clients.sign_client("tester");
    let files = ClientIdentity { certificate: folder.path().join("c.pem"), key: folder.path().join("k.pem") };
    std::fs::write(&files.certificate, certificate).unwrap();
    std::fs::write(&files.key, key).unwrap();
    let with = HttpSettings { client_identity: Some(files.clone()), ..without };
    let client = HttpClient::new(Arc::new(with.clone())).unwrap();
    let outcome = get(&client, "/").await;
    assert_eq!(outcome.error, None, "{outcome:?}");
    assert_eq!(response(&outcome).text, Some(format!("shop.test:{port}")));
    let outcome = get(&client, &format!("https://other.test:{port}/")).await;
    assert_eq!(tls_reason(&outcome), TlsReason::Alert, "another host learns nothing of us");

    std::fs::write(&files.key, clients.sign_client("another").1).unwrap();
    let error = HttpClient::new(Arc::new(with)).unwrap_err();
    assert_eq!(error.origin, Origin::Harness);
    assert!(error.message.contains("the private key that belongs to"), "{error:?}");
}
