//! The WebDriver BiDi connection: commands, their answers, and events (W3C WebDriver BiDi, sections 3 and 5).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::Message;

use super::remote::Remote;
use super::remote::socket::{Socket, open_socket};

/// Why a command has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BidiError {
    /// The remote end's error (W3C WebDriver BiDi, section 3.2).
    Remote {
        /// The error code, such as `no such frame`.
        code: String,
        /// What it said.
        message: String,
    },
    /// The connection is gone, and the browser with it.
    Closed,
    /// No answer came in time.
    TimedOut,
}

type Answer = Result<Value, BidiError>;

/// Takes the events, in order: their method and their parameters.
pub(super) type EventSink = Box<dyn FnMut(&str, &Value) + Send>;

/// The event that is made of an error that answers a command with something to do instead.
pub(super) const REFUSED: &str = "smokegate.refused";

/// What is sent where a command is answered with an error; who gets the events is told [`REFUSED`].
#[derive(Clone, Debug)]
pub(super) struct Instead {
    method: &'static str,
    parameters: Value,
    context: String,
}

impl Instead {
    /// A command to send instead, for a page.
    pub(super) fn new(method: &'static str, parameters: Value, context: &str) -> Self {
        Self { method, parameters, context: context.to_owned() }
    }
}

/// Sends commands whose results nobody waits for; an event sink can hold one.
#[derive(Clone, Debug)]
pub(super) struct Poster {
    next_id: Arc<AtomicU64>,
    outgoing: mpsc::UnboundedSender<String>,
    instead: Arc<Mutex<BTreeMap<u64, Instead>>>,
}

impl Poster {
    /// Sends a command; gives back its id.
    pub(super) fn post(&self, method: &str, parameters: &Value) -> Result<u64, BidiError> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        self.send(id, method, parameters)?;
        Ok(id)
    }

    /// Sends a command, and another one if it is answered with an error.
    pub(super) fn post_or(
        &self,
        method: &str,
        parameters: &Value,
        instead: Instead,
    ) -> Result<(), BidiError> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        // The answer may come before this returns.
        self.lock().insert(id, instead);
        self.send(id, method, parameters)
    }

    /// What is to be sent where this command is answered with an error.
    fn take_instead(&self, id: u64) -> Option<Instead> {
        self.lock().remove(&id)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Instead>> {
        self.instead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, id: u64, method: &str, parameters: &Value) -> Result<(), BidiError> {
        let message = json!({ "id": id, "method": method, "params": parameters });
        self.outgoing.send(message.to_string()).map_err(|_| BidiError::Closed)
    }
}

/// A connection to a browser.
#[derive(Debug)]
pub(super) struct Bidi {
    poster: Poster,
    waiting: Arc<Waiting>,
    reader: JoinHandle<()>,
    writer: JoinHandle<()>,
}

/// Commands without an answer yet; none once the connection is gone.
#[derive(Debug)]
struct Waiting(Mutex<Option<BTreeMap<u64, oneshot::Sender<Answer>>>>);

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, Option<BTreeMap<u64, oneshot::Sender<Answer>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, id: u64, answer: Answer) {
        let waiting = self.lock().as_mut().and_then(|waiting| waiting.remove(&id));
        if let Some(waiting) = waiting {
            // Who waited may have given up.
            let _ = waiting.send(answer);
        }
    }

    /// Everybody who waits is told at once.
    fn close(&self) {
        for (_, waiting) in self.lock().take().into_iter().flatten() {
            let _ = waiting.send(Err(BidiError::Closed));
        }
    }
}

impl Bidi {
    /// Connects to the address that New Session gave, by way of who gave it; the sink that `build_sink` makes gets every event.
    pub(super) async fn connect(
        address: &str,
        remote: Option<&Remote>,
        build_sink: impl FnOnce(Poster) -> EventSink,
        deadline: Instant,
    ) -> Result<Self, BidiError> {
        let socket = match timeout_at(deadline, open_socket(address, remote)).await {
            Ok(Ok(socket)) => socket,
            Ok(Err(message)) => return Err(BidiError::Remote { code: "no connection".to_owned(), message }),
            Err(_) => return Err(BidiError::TimedOut),
        };
        let (sending, receiving) = socket.split();
        let waiting = Arc::new(Waiting(Mutex::new(Some(BTreeMap::new()))));
        let (outgoing, queue) = mpsc::unbounded_channel();
        let poster = Poster { next_id: Arc::new(AtomicU64::new(1)), outgoing, instead: Arc::default() };
        let sink = build_sink(poster.clone());
        let writer = tokio::spawn(write_all(sending, queue));
        let reader = tokio::spawn(read_all(receiving, Arc::clone(&waiting), poster.clone(), sink));
        Ok(Self { poster, waiting, reader, writer })
    }

    /// Sends a command and waits for its result.
    pub(super) async fn command(&self, method: &str, parameters: Value, deadline: Instant) -> Answer {
        let receiver = self.send(method, &parameters)?;
        match timeout_at(deadline, receiver).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(BidiError::Closed),
            Err(_) => Err(BidiError::TimedOut),
        }
    }

    /// Whether the connection is gone, and the browser with it.
    pub(super) fn is_closed(&self) -> bool {
        self.waiting.lock().is_none()
    }

    /// The lock is held while sending, so that no answer comes before somebody waits for it.
    fn send(&self, method: &str, parameters: &Value) -> Result<oneshot::Receiver<Answer>, BidiError> {
        let mut waiting = self.waiting.lock();
        let waiting = waiting.as_mut().ok_or(BidiError::Closed)?;
        let (sender, receiver) = oneshot::channel();
        waiting.insert(self.poster.post(method, parameters)?, sender);
        Ok(receiver)
    }
}

impl Drop for Bidi {
    fn drop(&mut self) {
        self.reader.abort();
        self.writer.abort();
    }
}

async fn write_all(mut sending: SplitSink<Socket, Message>, mut queue: mpsc::UnboundedReceiver<String>) {
    while let Some(text) = queue.recv().await {
        if sending.send(Message::text(text)).await.is_err() {
            return;
        }
    }
}

async fn read_all(
    mut receiving: SplitStream<Socket>,
    waiting: Arc<Waiting>,
    poster: Poster,
    mut sink: EventSink,
) {
    while let Some(Ok(message)) = receiving.next().await {
        let Ok(text) = message.to_text() else { continue };
        let Ok(mut message) = serde_json::from_str::<Value>(text) else { continue };
        let kind = message["type"].as_str().unwrap_or("");
        match (kind, message["id"].as_u64()) {
            ("success", Some(id)) => {
                poster.take_instead(id);
                waiting.answer(id, Ok(message["result"].take()));
            }
            ("error", Some(id)) => {
                let read = |key: &str| message[key].as_str().unwrap_or("").to_owned();
                if let Some(instead) = poster.take_instead(id) {
                    // A request that is gone meanwhile has nothing to be told of.
                    if read("error") != "no such request" {
                        sink(REFUSED, &json!({ "context": instead.context, "message": read("message") }));
                    }
                    let _ = poster.post(instead.method, &instead.parameters);
                }
                waiting.answer(id, Err(BidiError::Remote { code: read("error"), message: read("message") }));
            }
            ("event", _) => {
                let parameters = message["params"].take();
                sink(message["method"].as_str().unwrap_or(""), &parameters);
            }
            _ => {}
        }
    }
    waiting.close();
}
