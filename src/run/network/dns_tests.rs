//! `dns` against a real name server on loopback.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::proto::op::{Message, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::dns::run_dns;
use crate::evidence::{Cause, Evidence, Lookup};
use crate::verdict::{Origin, StepError};

struct NameServer {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl NameServer {
    async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let task = tokio::spawn(async move {
            let mut buffer = [0; 1500];
            loop {
                let (size, from) = socket.recv_from(&mut buffer).await.unwrap();
                if let Some(answer) = answer(&Message::from_vec(&buffer[..size]).unwrap()) {
                    socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
                }
            }
        });
        Self { address, task }
    }

    async fn ask(&self, host: &str) -> (Lookup, Option<StepError>) {
        ask(host, Some(self.address), Duration::from_secs(20)).await
    }
}

async fn ask(host: &str, server: Option<SocketAddr>, limit: Duration) -> (Lookup, Option<StepError>) {
    let outcome = run_dns(host, server, Instant::now() + limit).await;
    match outcome.evidence {
        Some(Evidence::Lookup(lookup)) => (lookup, outcome.error),
        other => panic!("{other:?}"),
    }
}

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

/// The zone: a site behind two aliases, an alias to nowhere, a refused name, one that is never answered.
fn answer(asked: &Message) -> Option<Message> {
    let query = asked.queries.first()?;
    let host = query.name().to_string().to_ascii_lowercase();
    let mut answer = Message::response(asked.metadata.id, OpCode::Query);
    answer.add_query(query.clone());
    let mut add = |owner: &str, data: RData| {
        answer.add_answer(Record::from_rdata(name(owner), 60, data));
    };
    match (host.as_str(), query.query_type()) {
        ("silent.test.", _) => return None,
        ("broken.test.", _) => answer.metadata.response_code = ResponseCode::ServFail,
        ("www.test.", kind @ (RecordType::A | RecordType::AAAA)) => {
            add("www.test.", RData::CNAME(CNAME(name("Edge.cdn.test."))));
            add("edge.cdn.test.", RData::CNAME(CNAME(name("pop.cdn.test."))));
            if kind == RecordType::A {
                for last in [20, 3] {
                    add("pop.cdn.test.", RData::A(A::new(192, 0, 2, last)));
                }
            } else {
                add("pop.cdn.test.", RData::AAAA(AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)));
            }
        }
        ("dangling.test.", RecordType::CNAME) => {
            add("dangling.test.", RData::CNAME(CNAME(name("gone.cloud.test."))));
        }
        ("dangling.test.", _) => {}
        _ => answer.metadata.response_code = ResponseCode::NXDomain,
    }
    Some(answer)
}

#[tokio::test]
async fn addresses_come_in_order_and_aliases_as_a_chain() {
    let server = NameServer::start().await;
    let (lookup, error) = server.ask("www.test").await;
    assert_eq!(error, None);
    assert_eq!(lookup.addresses, ["192.0.2.3", "192.0.2.20", "2001:db8::1"]);
    assert_eq!(lookup.aliases, ["edge.cdn.test", "pop.cdn.test"]);
    assert_eq!(lookup.server, Some(server.address.to_string()));
    assert!(lookup.total_ms > 0.0);
}

#[tokio::test]
async fn a_name_without_an_address_is_told_with_what_it_stands_for() {
    let server = NameServer::start().await;
    let (lookup, error) = server.ask("nothing.test").await;
    assert_eq!(error, None, "an answer is an answer");
    assert!(lookup.addresses.is_empty());
    assert_eq!(lookup.cause, Some(Cause::NoAddress { host: "nothing.test".to_owned() }));
    let (lookup, _) = server.ask("dangling.test").await;
    assert_eq!(lookup.aliases, ["gone.cloud.test"]);
    assert_eq!(lookup.cause, Some(Cause::NoAddress { host: "gone.cloud.test".to_owned() }));
}

#[tokio::test]
async fn a_name_server_that_fails_or_is_silent_is_told_by_type() {
    let server = NameServer::start().await;
    let (_, error) = server.ask("broken.test").await;
    let cause = error.unwrap().cause;
    assert_eq!(cause, Cause::NameServer { host: "broken.test".to_owned() });
    let (_, error) = ask("silent.test", Some(server.address), Duration::from_millis(300)).await;
    let error = error.unwrap();
    assert!(matches!(error.cause, Cause::Timeout { .. }), "{error:?}");
    assert_eq!(error.origin, Origin::Harness, "that is no word of the site");
}

#[tokio::test]
async fn the_hosts_file_and_plain_addresses_are_known() {
    let (lookup, error) = ask("localhost", None, Duration::from_secs(5)).await;
    assert_eq!(error, None);
    assert!(lookup.addresses.contains(&"127.0.0.1".to_owned()), "{lookup:?}");
    let (lookup, error) = ask("127.0.0.9", None, Duration::from_secs(5)).await;
    assert_eq!((lookup.addresses, error), (vec!["127.0.0.9".to_owned()], None));
}
