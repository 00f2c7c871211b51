//! What `dns`, `tcp` and `tls` saw.

use super::answer::render_timings;
use super::line::Tone;
use super::quantity::render_milliseconds;
use super::sheet::Sheet;
use crate::evidence::{Connection, Lookup};

/// Adds what DNS says about a name.
pub(super) fn render_lookup(sheet: &mut Sheet, lookup: &Lookup) {
    let asked = lookup.server.as_ref().map_or_else(String::new, |server| format!(" at {server}"));
    let time = render_milliseconds(lookup.total_ms);
    sheet.labelled_line("dns", Tone::Plain, &format!("{}{asked}  {time}", lookup.host));
    if !lookup.aliases.is_empty() {
        sheet.labelled("cname", Tone::Plain, &lookup.aliases.join(", "));
    }
    if !lookup.addresses.is_empty() {
        sheet.labelled("addresses", Tone::Plain, &lookup.addresses.join(", "));
    }
}

/// Adds where a connection led, and what was shown there.
pub(super) fn render_connection(sheet: &mut Sheet, connection: &Connection) {
    let line = sheet.label("connect").plain(&format!("{}:{}", connection.host, connection.port));
    let line = match &connection.address {
        Some(address) => line.quiet(&format!("  {address}")),
        None => line.add(Tone::Bad, "  no connection"),
    };
    sheet.line(line.quiet(&format!("  {}", render_milliseconds(connection.timings.total_ms))));
    render_timings(sheet, &connection.timings);
    let Some(session) = &connection.tls else { return };
    if let Some(certificate) = session.certificate() {
        sheet.labelled("names", Tone::Plain, &certificate.names.join(", "));
        sheet.labelled("issuer", Tone::Plain, &certificate.issuer);
        let days = session.days_left.map_or_else(String::new, |days| format!("  ({days} days left)"));
        let validity = format!("{} to {}{days}", certificate.not_before, certificate.not_after);
        sheet.labelled_line("valid", Tone::Plain, &validity);
    }
    if let Some(protocol) = &session.protocol {
        sheet.labelled_line("protocol", Tone::Quiet, protocol);
    }
}
