//! A name server on a loopback port.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use hickory_resolver::proto::op::{Message, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, CNAME};
use hickory_resolver::proto::rr::{RData, Record, RecordType};

/// A name server: `late.test` has an address from the fifth question on, `www.test` stands for
/// `edge.test`, `two.test` has two addresses, and for `broken.test` it fails.
pub(crate) struct NameServer {
    pub(crate) address: SocketAddr,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl NameServer {
    pub(crate) fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let is_over = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&is_over);
        let asked = AtomicUsize::new(0);
        let thread = std::thread::spawn(move || {
            let mut buffer = [0; 1500];
            while !ended.load(Ordering::SeqCst) {
                let Ok((size, from)) = socket.recv_from(&mut buffer) else { continue };
                let question = Message::from_vec(&buffer[..size]).unwrap();
                let count = asked.fetch_add(1, Ordering::SeqCst);
                let _ = socket.send_to(&answer(&question, count >= 5).to_vec().unwrap(), from);
            }
        });
        Self { address, is_over, thread: Some(thread) }
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        let _ = self.thread.take().unwrap().join();
    }
}

fn answer(question: &Message, is_late: bool) -> Message {
    let query = &question.queries[0];
    let mut answer = Message::response(question.metadata.id, OpCode::Query);
    answer.add_query(query.clone());
    let name = query.name().to_string().to_ascii_lowercase();
    let address = RData::A(A::new(192, 0, 2, 7));
    let is_a = query.query_type() == RecordType::A;
    match name.as_str() {
        "www.test." if is_a => {
            let edge: hickory_resolver::proto::rr::Name = "edge.test.".parse().unwrap();
            answer.add_answer(Record::from_rdata(
                query.name().clone(),
                60,
                RData::CNAME(CNAME(edge.clone())),
            ));
            answer.add_answer(Record::from_rdata(edge, 60, address));
        }
        "late.test." if is_late && is_a => {
            answer.add_answer(Record::from_rdata(query.name().clone(), 60, address));
        }
        "two.test." if is_a => {
            answer.add_answer(Record::from_rdata(query.name().clone(), 60, address));
            answer.add_answer(Record::from_rdata(query.name().clone(), 60, RData::A(A::new(192, 0, 2, 8))));
        }
        "www.test." | "two.test." => {}
        "broken.test." => answer.metadata.response_code = ResponseCode::ServFail,
        _ => answer.metadata.response_code = ResponseCode::NXDomain,
    }
    answer
}
