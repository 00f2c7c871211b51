//! `smokegate diagnose`: walks the layers of a site without any spec, from its name to its pages, with harmless requests.

use std::sync::Arc;

use url::{Host, Url};

use crate::cli::args::DiagnoseArguments;
use crate::cli::env::Surroundings;
use crate::cli::execute::{ExecuteOptions, execute};
use crate::cli::options::{ChosenTarget, Refused, refuse, refuse_specs};
use crate::source::SourceFile;
use crate::spec::load_sources;
use crate::spec::project::{Project, Target, parse_base_url};

/// The layers that every site has. Steps end at the first that fails: what is above it cannot be judged.
const PAGES: &str = r#"
[[step]]
name = "the home page answers"
get = "/"

[[step]]
name = "everything that it names loads"
assets = "/"

[[step]]
name = "an address that cannot exist shows no debug page"
get = "/smokegate-no-such-page-{{ run.id }}"
allow = ["status"]
"#;

/// Runs the command; gives back the exit code.
pub(in crate::cli) async fn diagnose(arguments: &DiagnoseArguments, surroundings: &Surroundings) -> u8 {
    walk(arguments, surroundings).await.unwrap_or_else(|refused| refused.0)
}

async fn walk(arguments: &DiagnoseArguments, surroundings: &Surroundings) -> Result<u8, Refused> {
    let base = parse_base_url(&arguments.url).map_err(|reason| refuse(&reason))?;
    let source = Arc::new(SourceFile::new("layers.toml", "layers.toml", write_walk(&base)));
    let loaded = load_sources(&[source], Project::default(), &surroundings.environment, Vec::new())
        .map_err(|problems| refuse_specs(&problems, surroundings))?;
    let mut target = Target::bare(base.clone());
    target.resolve = arguments.resolve;
    let chosen = ChosenTarget { target, base, may_write: false };
    let options = ExecuteOptions {
        reports: arguments.report.clone(),
        verbose: true,
        is_built_in: true,
        ..ExecuteOptions::default()
    };
    execute(&loaded, chosen, &options, surroundings).await
}

/// The spec for an address: DNS where it has a name to look up, TLS where it speaks it.
fn write_walk(base: &Url) -> String {
    let mut text = "name = \"From the name to the pages\"\n".to_owned();
    let mut add = |name: &str, action: &str| {
        text += &["\n[[step]]\nname = \"", name, "\"\n", action, " = \"\"\n"].concat();
    };
    if matches!(base.host(), Some(Host::Domain(name)) if name.contains('.') && !name.ends_with(".localhost"))
    {
        add("DNS: the name has an address", "dns");
    }
    add("TCP: something listens", "tcp");
    if base.scheme() == "https" {
        add("TLS: the certificate is good", "tls");
    }
    text + PAGES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_layers_that_are_there_are_walked() {
        let walk = |url: &str| write_walk(&Url::parse(url).unwrap());
        assert!(walk("https://shop.example/").contains("dns = \"\""));
        assert!(walk("https://shop.example/").contains("tls = \"\""));
        for url in ["http://127.0.0.1:8000/", "http://localhost:8000/", "http://[::1]/"] {
            assert!(!walk(url).contains("dns") && !walk(url).contains("tls"), "{url}");
        }
    }
}
