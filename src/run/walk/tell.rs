//! What was seen at each layer, in a line.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::diagnose::Page;
use crate::evidence::{AssetSweep, Connection, Evidence, Exchange, Lookup, shorten_to};

/// The most characters of a title that are told.
const TITLE: usize = 60;

pub(super) fn tell_lookup(lookup: &Lookup, resolve: Option<IpAddr>) -> String {
    let said =
        if lookup.addresses.is_empty() { "no address".to_owned() } else { lookup.addresses.join(", ") };
    let aliases = match lookup.aliases.as_slice() {
        [] => String::new(),
        aliases => format!(" by way of {}", aliases.join(", ")),
    };
    let instead = resolve.map(|address| format!("; {address} is asked, by --resolve")).unwrap_or_default();
    format!("{said}{aliases}{instead}")
}

pub(super) fn tell_connection(evidence: Option<&Evidence>) -> String {
    let Some(Evidence::Connection(connection)) = evidence else {
        return String::new();
    };
    let Connection { address, tls, .. } = connection;
    let Some(session) = tls else { return address.clone().unwrap_or_default() };
    let protocol = session.protocol.clone().unwrap_or_default();
    let Some(certificate) = session.certificate() else { return protocol };
    let days = session.days_left.map(|days| format!(", {days} days left")).unwrap_or_default();
    format!("{protocol}, certificate for {} by {}{days}", certificate.names.join(", "), certificate.issuer)
        .trim_start_matches(", ")
        .to_owned()
}

/// What answers, and where it leads.
pub(super) fn tell_way(exchange: Option<&Exchange>) -> String {
    let Some((exchange, response)) = exchange.and_then(|exchange| Some((exchange, exchange.response()?)))
    else {
        return String::new();
    };
    let server = response.headers.get("server").map(|server| format!(", {server}")).unwrap_or_default();
    let led = match exchange.redirects() {
        0 => String::new(),
        _ => format!(", led to {}", exchange.url()),
    };
    format!("{}{server}{led}", response.version)
}

/// Status, title and size.
pub(super) fn tell_home(exchange: Option<&Exchange>) -> String {
    let size = exchange.and_then(Exchange::response).map(|response| response.body.size);
    let size = size.map(|size| format!(", {size} bytes")).unwrap_or_default();
    format!("{}{size}", tell_page(exchange))
}

/// Status, and title or first words.
pub(super) fn tell_page(exchange: Option<&Exchange>) -> String {
    let Some(page) = exchange.and_then(Page::of_exchange) else {
        return String::new();
    };
    let status = page.status.map(|status| status.to_string()).unwrap_or_default();
    let says = [page.title(), page.heading(), page.text()].into_iter().find(|text| !text.is_empty());
    match says {
        Some(says) => format!("{status}, {:?}", shorten_to(says, TITLE)),
        None => format!("{status}, without text"),
    }
}

/// How many files of which kind.
pub(super) fn tell_assets(sweep: &AssetSweep) -> String {
    let mut kinds: BTreeMap<_, usize> = BTreeMap::new();
    for asset in sweep.assets.iter().filter(|asset| !asset.third_party) {
        *kinds.entry(asset.kind).or_default() += 1;
    }
    let others = sweep.assets.iter().filter(|asset| asset.third_party).count();
    let mut told: Vec<String> =
        kinds.iter().map(|(kind, count)| format!("{count} {}", kind.name())).collect();
    if others > 0 {
        told.push(format!("{others} of other sites, not asked for"));
    }
    if told.is_empty() { "it names none".to_owned() } else { told.join(", ") }
}
