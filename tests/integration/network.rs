//! `dns`, `tcp` and `tls` in specs, through the program.

use crate::support::{Document, NameServer, Output, folder_with, smokegate};

fn run(spec: &str, url: &str) -> (Output, Document) {
    let folder = folder_with(&[("specs/a.toml", spec)]);
    let output = smokegate(["run", "--url", url, "--report", "json=report.json"]).folder(&folder).run();
    let path = folder.path().join("report.json");
    assert!(path.exists(), "{}", output.stderr);
    (output, Document::read(&path))
}

#[test]
fn dns_is_asked_at_a_name_server_until_it_says_what_is_expected() {
    let server = NameServer::start();
    let at = server.address;
    let spec = format!(
        "[vars]\nserver = \"{at}\"\n\n\
         [[step]]\ndns = \"www.test\"\nserver = \"{{{{ server }}}}\"\nexpect.addresses = [\"192.0.2.7\"]\n\
         expect.cname = \"edge.test\"\nexpect.time.below = \"5s\"\ncapture.alias = \"cname\"\n\n\
         [[step]]\ndns = \"late.test\"\nserver = \"{at}\"\nwithin = \"10s\"\nexpect.addresses.contains = \"192.0.2.7\"\n\n\
         [[step]]\ndns = \"no.test\"\nserver = \"{at}\"\nexpect.addresses.empty = true\n\n\
         [[step]]\ndns = \"no.test\"\nserver = \"{at}\"\nallow = [\"addresses\"]\n\n\
         [[step]]\nname = \"{{{{ alias }}}}\"\ndns = \"\"\nexpect.addresses = [\"127.0.0.1\"]\n\n\
         [[step]]\nname = \"bad\"\ndns = \"no.test\"\nserver = \"{at}\"\n"
    );
    let (output, document) = run(&spec, "http://127.0.0.1:1");
    assert_eq!(output.code, 1, "{}{}", output.stdout, output.stderr);
    assert_eq!(document.failed_steps().len(), 1, "{}", output.stdout);
    assert!(document.step("dns late.test")["attempts"].as_u64().unwrap() > 1);
    assert_eq!(document.step("edge.test")["verdict"], "passed", "what was captured");
    let check = &document.step("bad")["checks"][0];
    assert_eq!(check["subject"], "addresses");
    assert_eq!(check["actual"], "no.test has no address: there is no DNS record for it");
}

#[test]
fn a_name_server_that_is_silent_is_ours_and_one_that_fails_is_the_sites() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let ask = |host: &str, server: std::net::SocketAddr| {
        let spec = format!("[[step]]\ndns = \"{host}\"\nserver = \"{server}\"\ntimeout = \"400ms\"\n");
        let (output, document) = run(&spec, "http://127.0.0.1:1");
        (output.code, document.0["diagnosis"]["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(ask("www.test", silent.local_addr().unwrap()), (3, "harness.offline".to_owned()));
    let server = NameServer::start();
    assert_eq!(ask("broken.test", server.address), (1, "dns.broken".to_owned()));
    assert_eq!(ask("no.test", server.address), (1, "dns.no_record".to_owned()));
}

/// No network leads to a multicast address over TCP: the system says so at once.
#[test]
fn where_no_network_leads_from_here_nothing_is_said_of_the_site() {
    let nowhere = "http://224.0.0.1";
    let (output, document) = run("[[step]]\nget = \"/\"\n", nowhere);
    assert_eq!(output.code, 3, "{}{}", output.stdout, output.stderr);
    assert_eq!(document.0["diagnosis"]["code"], "harness.offline");
    let output = smokegate(["diagnose", nowhere]).run();
    assert_eq!(output.code, 3, "{}{}", output.stdout, output.stderr);
    assert!(output.stdout.contains("harness.offline"), "{}", output.stdout);
}

#[test]
fn tcp_and_tls_tell_what_is_wrong_under_http() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let spec = format!(
        "[[step]]\ntcp = \"\"\nexpect.address = \"127.0.0.1\"\nexpect.time.below = \"5s\"\n\n\
         [[step]]\nname = \"optional\"\noptional = true\ntls = \"{address}\"\ntimeout = \"300ms\"\nexpect.days_left.at_least = 14\n\n\
         [[step]]\nname = \"closed\"\ntcp = \"{closed}\"\n"
    );
    let (output, document) = run(&spec, &format!("http://{address}"));
    assert_eq!(output.code, 1, "{}{}", output.stdout, output.stderr);
    assert_eq!(document.step("optional")["error"]["kind"], "timeout");
    assert_eq!(document.step("closed")["error"]["kind"], "io");
    assert!(output.stdout.contains(&format!("nothing listens on {closed}")), "{}", output.stdout);
}

#[test]
fn what_another_place_lacks_does_not_make_the_target_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = folder_with(&[
        ("specs/a.toml", "[[step]]\ntcp = \"127.0.0.1:1\"\n"),
        ("specs/b.toml", "[[step]]\ntcp = \"\"\n"),
    ]);
    let url = format!("http://{}", listener.local_addr().unwrap());
    let output = smokegate(["run", "--url", &url, "--jobs", "1"]).folder(&folder).run();
    assert_eq!(output.code, 1, "{}{}", output.stdout, output.stderr);
    assert!(output.stdout.contains("1 passed"), "{}", output.stdout);
}

#[test]
fn wrong_places_and_expectations_are_told_when_the_spec_is_loaded() {
    for (step, told) in [
        ("dns = \"https://a.test\"", "expected the name of a host"),
        ("dns = \"a.test\"\nserver = \"ns.test\"", "expected the address of a name server"),
        ("tcp = \"a.test\"", "expected host:port"),
        ("tls = \"a.test:0\"", "expected host or host:port"),
        ("tls = \"a.test\"\nserver = \"127.0.0.1\"", "`server` does not stand beside `tls`"),
        ("tcp = \"a.test:1\"\nexpect.days_left.above = 3", "days_left"),
        ("dns = \"a.test\"\nexpect.status = 200", "status"),
        ("tls = \"\"\nexpect.day_left.above = 3", "did you mean `days_left`?"),
        ("dsn = \"a.test\"", "did you mean `dns`?"),
    ] {
        let folder = folder_with(&[("specs/a.toml", &format!("[[step]]\n{step}\n"))]);
        let output = smokegate(["check"]).folder(&folder).run();
        assert_eq!(output.code, 2, "{step}\n{}", output.stdout);
        assert!(output.stderr.contains(told), "{step}\n{}", output.stderr);
    }
}
