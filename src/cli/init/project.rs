//! The project file of a site that was looked at.

use url::{Host, Url};

use super::survey::{Survey, path_of};

/// Parts of host names that tell a site for trying things out.
const STAGING: &[&str] = &["staging", "stage", "preview", "test", "dev", "qa", "demo"];

/// Writes `smokegate.toml`.
pub(super) fn write_project(survey: &Survey) -> String {
    let name = target_name(&survey.base);
    let mut address = survey.base.clone();
    address.set_query(None);
    address.set_fragment(None);
    // A home page in a folder is asked for by its path; the target is the whole site.
    address.set_path("/");
    let address = address.as_str().trim_end_matches('/').to_owned();
    let escaped = toml_edit::Value::from(address.as_str());
    format!(
        "# Written by `smokegate init` after a look at {}.\n\
         # The specs beside it pass there now: run them with `smokegate run`, after each deployment.\n\
         \n\
         [defaults]\n\
         target = \"{name}\"\n\
         timeout = \"10s\"                # a step, its waiting included\n\
         \n\
         [target.{name}]\n\
         url = {escaped}\n\
         writes = false                 # true where specs may leave data behind: the forms need it\n\
         \n\
         # What to do next:\n\
         #   - Name another deployment beside it, and choose it with --target:\n\
         #       [target.{other}]\n\
         #       url = \"https://{other}.example.com\"\n\
         #       basic_auth = {{ user = \"team\", password = \"{{{{ secret.{secret}_PASSWORD }}}}\" }}\n\
         #   - Let specs look into the database: what a form says it saved is really there.\n\
         #       [target.{name}.database.app]\n\
         #       url = \"{{{{ secret.DATABASE_URL }}}}\"\n\
         #   - Say in specs/home.toml what a visitor must be able to see and to do.\n",
        one_line(&format!("{}{}", address, path_of(&survey.base))),
        other = if name == "staging" { "production" } else { "staging" },
        secret = if name == "staging" { "PRODUCTION" } else { "STAGING" },
    )
}

fn one_line(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}

/// What the target is called: by its host, so far as that tells.
pub(super) fn target_name(url: &Url) -> &'static str {
    let is_local = match url.host() {
        Some(Host::Domain(domain)) => domain == "localhost" || domain.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_private(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let is_part = |word: &str| {
        url.host_str()
            .unwrap_or("")
            .split(['.', '-'])
            .any(|part| part.trim_end_matches(char::is_numeric) == word)
    };
    if is_local {
        "local"
    } else if STAGING.iter().any(|word| is_part(word)) {
        "staging"
    } else {
        "production"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_tells_what_a_target_is_for() {
        let name = |url: &str| target_name(&Url::parse(url).unwrap());
        assert_eq!(name("http://127.0.0.1:8000/"), "local");
        assert_eq!(name("http://localhost/"), "local");
        assert_eq!(name("https://staging.example.com"), "staging");
        assert_eq!(name("https://shop-dev2.example.com"), "staging");
        assert_eq!(name("https://www.devices.example.com"), "production");
    }
}
