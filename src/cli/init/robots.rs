//! What a site says to robots (RFC 9309), and its sitemap (sitemaps.org), as far as a first look needs them.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

static LOCATION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"<loc>\s*([^<\s]+)\s*</loc>").ok());

/// Paths that robots are asked to leave alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Robots {
    disallowed: Vec<String>,
}

impl Robots {
    /// Reads the groups for all robots (`*`).
    pub(super) fn read(text: &str) -> Self {
        let mut disallowed = Vec::new();
        let (mut is_ours, mut in_agents) = (false, false);
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or("");
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            match key.as_str() {
                "user-agent" => {
                    is_ours = value == "*" || (in_agents && is_ours);
                    in_agents = true;
                }
                "disallow" if is_ours && !value.is_empty() => {
                    in_agents = false;
                    disallowed.push(value.to_owned());
                }
                _ => in_agents = false,
            }
        }
        Self { disallowed }
    }

    /// Whether a path may be fetched. A pattern with `*` is taken by what stands before it.
    pub(super) fn allows(&self, path: &str) -> bool {
        !self.disallowed.iter().any(|pattern| {
            let stem = pattern.split(['*', '$']).next().unwrap_or("");
            path.starts_with(stem)
        })
    }

    /// Whether everything is disallowed: often a leftover of a staging site.
    pub(super) fn forbids_everything(&self) -> bool {
        self.disallowed.iter().any(|pattern| pattern == "/")
    }
}

/// The pages of a sitemap.
pub(super) fn read_sitemap(text: &str) -> Vec<Url> {
    let Some(location) = LOCATION.as_ref().filter(|_| !text.contains("<sitemapindex")) else {
        return Vec::new();
    };
    location
        .captures_iter(text)
        .filter_map(|found| Url::parse(&found[1].replace("&amp;", "&")).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_for_all_robots_are_heard() {
        let robots = Robots::read(
            "User-agent: Bad\nDisallow: /\n\nUser-agent: Other\nUser-agent: *\nDisallow: /api/ # no\nDisallow:\nDisallow: /x*y\n",
        );
        assert!(
            robots.allows("/")
                && robots.allows("/about")
                && !robots.allows("/api/x")
                && !robots.allows("/xz")
        );
        assert!(!robots.forbids_everything());
        assert!(Robots::read("user-agent: *\ndisallow: /").forbids_everything());
        assert!(Robots::read("<html>").allows("/"));
    }

    #[test]
    fn pages_of_a_sitemap_are_found() {
        let text =
            "<urlset><url><loc> https://a.example/x?a=1&amp;b=2 </loc></url><url><loc>nonsense</loc></url>";
        let pages: Vec<String> = read_sitemap(text).iter().map(Url::to_string).collect();
        assert_eq!(pages, ["https://a.example/x?a=1&b=2"]);
    }
}
