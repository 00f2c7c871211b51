//! The subjects of what lies under HTTP: names and certificates, at servers of their own.

use super::actual::Actual;
use super::samples::Sample;
use super::site::Stage;
use super::{assert_complete, judge};
use crate::support::{NameServer, TlsSite};
use smokegate::expect::Family;

const DNS: &str = "dns = \"www.test\"\nserver = \"{{ server }}\"";
const TWO: &str = "dns = \"two.test\"\nserver = \"{{ server }}\"";
const NO_NAME: &str = "dns = \"no.test\"\nserver = \"{{ server }}\"";
const TLS: &str = "tls = \"{{ shop }}\"";

macro_rules! samples {
    ($($row:literal $what:literal $action:expr, $subject:literal => $actual:expr;)*) => {
        /// All samples.
        const SAMPLES: &[Sample] =
            &[$(Sample { row: $row, what: $what, action: $action, subject: $subject, actual: $actual },)*];
    };
}

samples! {
    "addresses" "two" TWO, "addresses" => Actual::List(&["\"192.0.2.7\"", "\"192.0.2.8\""]);
    "cname" "of an alias" DNS, "cname" => Actual::Text("edge.test");
    "cname" "none" NO_NAME, "cname" => Actual::Missing;
    "days_left" "a month" TLS, "days_left" => Actual::Integer(30);
    "names" "two" TLS, "names" => Actual::List(&["\"shop.test\"", "\"www.shop.test\""]);
    "issuer" "an authority" TLS, "issuer" => Actual::Text("CN=rcgen self signed cert");
    "protocol" "the newest" TLS, "protocol" => Actual::Text("TLSv1.3");
}

#[test]
fn every_row_of_what_lies_under_http_has_a_sample_for_each_of_its_predicates() {
    assert_complete(SAMPLES, |row| [[Family::Dns], [Family::Tls]].iter().any(|one| row.families == one));
}

#[test]
fn every_subject_of_names_and_certificates_holds_and_fails_by_every_predicate_that_it_allows() {
    let stage = Stage::start();
    let (names, shop) = (NameServer::start(), TlsSite::start_open(stage.folder()));
    let port = shop.port();
    stage.write(
        "smokegate.toml",
        &format!(
            "[defaults]\ntarget = \"shop\"\n[target.shop]\nurl = \"https://shop.test:{port}\"\nwrites = true\n\
             ca = \"ca.pem\"\naddresses = {{ \"shop.test\" = \"127.0.0.1\" }}\n"
        ),
    );
    let vars = format!("[vars]\nserver = \"{}\"\nshop = \"shop.test:{port}\"\n\n", names.address);
    judge(&stage, SAMPLES, &vars, "mismatches_network");
}
