//! Why something could not be done, typed: what a diagnosis is built on.

use std::fmt;

use serde::{Deserialize, Serialize};

const MIB: u64 = 1024 * 1024;

/// The typed cause of a request, a step or an asset that did not come to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cause {
    /// The name has no address.
    NoAddress {
        /// The name.
        host: String,
    },
    /// The name could not be looked up at all.
    Lookup {
        /// The name.
        host: String,
        /// What the resolver said.
        detail: String,
    },
    /// The name servers answer that they cannot answer (`SERVFAIL`, RFC 1035, section 4.1.1).
    NameServer {
        /// The name.
        host: String,
    },
    /// The operating system's answer.
    Io {
        /// `std::io::ErrorKind` by name, such as `ConnectionRefused`.
        error: String,
        /// The phase in which it came.
        phase: Phase,
        /// `ip:port` or path, as far as known.
        place: String,
    },
    /// The proxy cannot be reached, or does not lead on.
    Proxy {
        /// Its `host:port`.
        proxy: String,
        /// What went wrong with it.
        detail: String,
    },
    /// The connection was closed before an answer, or in the middle of its head.
    Closed,
    /// What came is not HTTP, or breaks its rules.
    Protocol {
        /// What the parser said.
        detail: String,
    },
    /// The TLS handshake failed (RFC 8446).
    Tls {
        /// What about it.
        reason: TlsReason,
        /// What the TLS library said.
        detail: String,
    },
    /// The deadline came first.
    Timeout {
        /// The phase in which it came.
        phase: Phase,
        /// Milliseconds that were allowed.
        limit_ms: f64,
    },
    /// The body did not end well.
    Body {
        /// How it ended.
        end: super::BodyEnd,
        /// Bytes that came.
        size: u64,
        /// Bytes that were allowed.
        limit: u64,
    },
    /// More redirects than allowed, or one that was there before.
    RedirectLoop {
        /// How many were followed.
        followed: usize,
    },
    /// A redirect to somewhere that is not a web address.
    BadRedirect {
        /// The `Location` header.
        location: String,
    },
    /// The browser's own name for a failed navigation, such as `net::ERR_CONNECTION_REFUSED`.
    Navigation {
        /// Chromium's or Firefox's name for it.
        code: String,
    },
    /// A WebDriver error (W3C WebDriver, section 6.6).
    WebDriver {
        /// The error code, such as `no such window`.
        code: String,
        /// What the driver said.
        detail: String,
    },
    /// An element was not there, or not in the state that an action needs.
    Element {
        /// The locator as written.
        locator: String,
        /// What was in the way, such as ``covered by `<div id="cover">` ``.
        reason: String,
    },
    /// A step's script threw something, or gave back what cannot be told.
    Script {
        /// What was thrown, such as `TypeError: x is not a function`.
        detail: String,
    },
    /// No form, field or button in the page that fits.
    Form {
        /// What is missing.
        detail: String,
    },
    /// The database's answer.
    Sql {
        /// SQLSTATE (ISO 9075), where the database has them.
        state: Option<String>,
        /// The database's own error number or name.
        code: String,
        /// What it said.
        detail: String,
    },
    /// The step asks for what cannot be done as it is written: a database that nobody declared, a statement
    /// whose parameters do not fit.
    Spec {
        /// What is wrong.
        detail: String,
    },
    /// A file that the step needs cannot be read or written.
    File {
        /// The path.
        path: String,
        /// `std::io::ErrorKind` by name.
        error: String,
    },
    /// No browser on this machine.
    BrowserMissing,
    /// No driver on this machine.
    DriverMissing,
    /// Browser and driver do not fit.
    DriverMismatch,
    /// A browser's window is to be shown, and there is nothing to show it on.
    NoDisplay,
    /// The driver or the browser ended while it was needed.
    DriverDied,
    /// A driver that runs elsewhere cannot be used.
    Remote {
        /// Its address, without user and password.
        place: String,
        /// Why not.
        detail: String,
    },
    /// A template could not be filled in, or what it gave is not valid where it stands.
    Template {
        /// What the template engine said.
        detail: String,
    },
    /// A capture found nothing.
    Capture {
        /// The subject that has no value.
        subject: String,
    },
    /// The run was interrupted.
    Interrupted,
}

/// A phase of a step in which time can run out or a connection can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Looking up the name.
    Lookup,
    /// TCP, TLS included where the client does not tell them apart.
    Connect,
    /// TLS.
    Tls,
    /// Waiting for the first byte of an answer.
    Answer,
    /// Reading the body.
    Body,
    /// A page that loads.
    Navigation,
    /// An element that must become ready.
    Element,
    /// A script in a page.
    Script,
    /// A database statement.
    Statement,
    /// A browser that starts.
    Start,
}

/// What is wrong in a TLS handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TlsReason {
    /// Past its `notAfter`.
    Expired,
    /// Before its `notBefore`.
    NotYetValid,
    /// Made out to another name.
    WrongName,
    /// Self-signed, or its issuer is not trusted.
    Untrusted,
    /// Revoked.
    Revoked,
    /// The server sent an alert.
    Alert,
    /// What answers does not speak TLS.
    NotTls,
    /// Anything else.
    Other,
}

impl Cause {
    /// A short stable name for reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoAddress { .. } => "no_address",
            Self::Lookup { .. } => "lookup",
            Self::NameServer { .. } => "name_server",
            Self::Io { .. } => "io",
            Self::Proxy { .. } => "proxy",
            Self::Closed => "closed",
            Self::Protocol { .. } => "protocol",
            Self::Tls { .. } => "tls",
            Self::Timeout { .. } => "timeout",
            Self::Body { .. } => "body",
            Self::RedirectLoop { .. } => "redirect_loop",
            Self::BadRedirect { .. } => "bad_redirect",
            Self::Navigation { .. } => "navigation",
            Self::WebDriver { .. } => "web_driver",
            Self::Element { .. } => "element",
            Self::Script { .. } => "script",
            Self::Form { .. } => "form",
            Self::Sql { .. } => "sql",
            Self::Spec { .. } => "spec",
            Self::File { .. } => "file",
            Self::BrowserMissing => "browser_missing",
            Self::DriverMissing => "driver_missing",
            Self::DriverMismatch => "driver_mismatch",
            Self::NoDisplay => "no_display",
            Self::DriverDied => "driver_died",
            Self::Remote { .. } => "remote",
            Self::Template { .. } => "template",
            Self::Capture { .. } => "capture",
            Self::Interrupted => "interrupted",
        }
    }

    /// Whether it says that there is no way from here at all: no name server answers, no network leads there, our own
    /// proxy does not lead on. Of the target that says nothing.
    pub fn is_no_way_out(&self) -> bool {
        match self {
            Self::Lookup { .. } | Self::Proxy { .. } => true,
            Self::Timeout { phase, .. } => *phase == Phase::Lookup,
            Self::Io { error, phase, .. } => {
                *phase == Phase::Lookup
                    || *phase == Phase::Connect
                        && matches!(error.as_str(), "NetworkUnreachable" | "NetworkDown")
            }
            Self::Navigation { code } => {
                matches!(code.as_str(), "net::ERR_INTERNET_DISCONNECTED" | "NS_ERROR_OFFLINE")
            }
            _ => false,
        }
    }

    /// Whether it says that the target cannot be reached at all: nothing that follows can go better.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::NoAddress { .. } | Self::Lookup { .. } | Self::NameServer { .. } | Self::Proxy { .. } => {
                true
            }
            Self::Io { phase, .. } | Self::Timeout { phase, .. } => {
                matches!(phase, Phase::Lookup | Phase::Connect)
            }
            _ => false,
        }
    }
}

/// One sentence part for a person: what happened.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAddress { host } => write!(f, "{host} has no address: there is no DNS record for it"),
            Self::Lookup { host, detail } => write!(f, "{host} could not be looked up: {detail}"),
            Self::NameServer { host } => {
                write!(f, "{host} could not be looked up: its name servers fail (SERVFAIL)")
            }
            Self::Io { error, place, phase } => write_io(f, error, place, *phase),
            Self::Proxy { proxy, detail } => write!(f, "the proxy {proxy} does not lead there: {detail}"),
            Self::Closed => f.write_str("the connection was closed without an answer"),
            Self::Protocol { detail } => write!(f, "what came back is not valid HTTP: {detail}"),
            Self::Tls { reason, detail } => write!(f, "{}: {detail}", reason.sentence()),
            Self::Timeout { phase, limit_ms } => {
                write!(f, "no {} within {}", phase.noun(), tell_limit(*limit_ms))
            }
            Self::Body { end, size, limit } => match end {
                super::BodyEnd::TooLarge => match limit / MIB {
                    mib if mib > 0 && limit % MIB == 0 => {
                        write!(f, "the body is larger than the limit of {mib} MiB")
                    }
                    _ => write!(f, "the body is larger than the limit of {limit} bytes"),
                },
                super::BodyEnd::TimedOut => write!(f, "the body did not end in time: {size} bytes came"),
                super::BodyEnd::Undecodable => {
                    f.write_str("the body does not decode by its content encoding")
                }
                super::BodyEnd::Truncated | super::BodyEnd::Complete => {
                    write!(f, "the body was cut short after {size} bytes")
                }
            },
            Self::RedirectLoop { followed } => write!(f, "gave up after {followed} redirects"),
            Self::BadRedirect { location } => {
                write!(f, "a redirect to {location:?}, which is no web address")
            }
            Self::Navigation { code } => write!(f, "the browser could not load the page: {code}"),
            Self::WebDriver { code, detail } => write!(f, "the browser driver answered {code:?}: {detail}"),
            Self::Element { locator, reason } => write!(f, "{locator}: {reason}"),
            Self::Script { detail } => write!(f, "the script failed: {detail}"),
            Self::Form { detail } | Self::Template { detail } | Self::Spec { detail } => f.write_str(detail),
            Self::Sql { state: Some(state), detail, .. } => {
                write!(f, "the database said: {detail} ({state})")
            }
            Self::Sql { state: None, detail, .. } => write!(f, "the database said: {detail}"),
            Self::File { path, error } => write!(f, "{path}: {error}"),
            Self::BrowserMissing => f.write_str("no browser was found on this machine"),
            Self::DriverMissing => f.write_str("no browser driver was found on this machine"),
            Self::DriverMismatch => f.write_str("the browser and its driver do not fit each other"),
            Self::NoDisplay => f.write_str("there is no display to show the browser's window on"),
            Self::DriverDied => f.write_str("the browser or its driver ended unexpectedly"),
            Self::Remote { place, detail } => write!(f, "the WebDriver at {place} cannot be used: {detail}"),
            Self::Capture { subject } => write!(f, "nothing to capture: {subject} has no value"),
            Self::Interrupted => f.write_str("the run was interrupted"),
        }
    }
}

/// A limit as a spec would have it.
fn tell_limit(limit_ms: f64) -> String {
    let seconds = limit_ms / 1000.0;
    if limit_ms >= 1000.0 && seconds.fract() < f64::EPSILON {
        format!("{seconds:.0}s")
    } else {
        format!("{limit_ms:.0}ms")
    }
}

fn write_io(f: &mut fmt::Formatter<'_>, error: &str, place: &str, phase: Phase) -> fmt::Result {
    match (error, phase) {
        ("ConnectionRefused", _) => write!(f, "nothing listens on {place}: the connection was refused"),
        ("ConnectionReset", _) => write!(f, "the connection to {place} was reset"),
        ("TimedOut", _) => write!(f, "{place} did not answer in time"),
        ("HostUnreachable" | "NetworkUnreachable", _) => write!(f, "there is no way to {place} from here"),
        (error, phase) => write!(f, "{error} at {place} while waiting for the {}", phase.noun()),
    }
}

impl Phase {
    /// What was waited for, as a noun.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Lookup => "answer from DNS",
            Self::Connect => "connection",
            Self::Tls => "TLS handshake",
            Self::Answer => "answer",
            Self::Body => "end of the body",
            Self::Navigation => "loaded page",
            Self::Element => "ready element",
            Self::Script => "end of the script",
            Self::Statement => "answer from the database",
            Self::Start => "browser start",
        }
    }
}

impl TlsReason {
    fn sentence(self) -> &'static str {
        match self {
            Self::Expired => "the certificate has expired",
            Self::NotYetValid => "the certificate is not valid yet",
            Self::WrongName => "the certificate is for another name",
            Self::Untrusted => "the certificate's issuer is not trusted",
            Self::Revoked => "the certificate was revoked",
            Self::Alert => "the server refused the TLS handshake",
            Self::NotTls => "what answers there does not speak TLS",
            Self::Other => "the TLS handshake failed",
        }
    }
}
