//! Subjects of `dns`, `tcp` and `tls`.

use super::{Observed, without_port};
use crate::evidence::{Connection, Lookup, TlsSession, Value};
use crate::expect::Subject;

pub(super) fn observe_lookup(subject: &Subject, lookup: &Lookup) -> Observed {
    match subject {
        Subject::Plain("addresses") => Observed::One(list(&lookup.addresses)),
        Subject::Plain("cname") => {
            Observed::several_or(lookup.aliases.iter().map(Value::text).collect(), || {
                Observed::nothing_matches("no CNAME record")
            })
        }
        Subject::Plain("time") => Observed::One(Value::Duration { ms: lookup.total_ms }),
        _ => Observed::missing("not observable in DNS"),
    }
}

pub(super) fn observe_connection(subject: &Subject, connection: &Connection) -> Observed {
    let Subject::Plain(name) = subject else { return Observed::missing("not observable in a connection") };
    match (*name, &connection.tls) {
        ("address", _) => connection.address.as_deref().map_or_else(
            || Observed::missing("no connection"),
            |address| Observed::One(Value::text(without_port(address))),
        ),
        ("time", _) => Observed::One(Value::Duration { ms: connection.timings.total_ms }),
        (name, Some(session)) => observe_session(name, session),
        (_, None) => Observed::missing("no TLS handshake"),
    }
}

fn observe_session(name: &str, session: &TlsSession) -> Observed {
    let certificate = session.certificate();
    let value = match name {
        "days_left" => session.days_left.map(Value::Integer),
        "names" => certificate.map(|certificate| list(&certificate.names)),
        "issuer" => certificate.map(|certificate| Value::text(&certificate.issuer)),
        "protocol" => session.protocol.as_ref().map(Value::text),
        _ => None,
    };
    value.map_or_else(|| Observed::missing("the server showed none"), Observed::One)
}

fn list(items: &[String]) -> Value {
    Value::List(items.iter().map(Value::text).collect())
}
