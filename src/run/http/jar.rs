//! An actor's cookies (RFC 6265), shared between HTTP and browser steps.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cookie::time::OffsetDateTime;
use cookie::{Cookie as RawCookie, SameSite};
use cookie_store::{Cookie, CookieDomain, CookieExpiration, CookieStore};
use url::Url;

use crate::run::cookie::ActorCookie;

/// A cookie jar. Clones share their cookies.
#[derive(Clone, Debug, Default)]
pub struct Jar {
    store: Arc<Mutex<CookieStore>>,
}

impl Jar {
    /// All cookies that have not expired, by domain, path and name.
    pub fn list(&self) -> Vec<ActorCookie> {
        let mut cookies: Vec<ActorCookie> = self.lock().iter_unexpired().map(read_cookie).collect();
        cookies.sort_by(|left, right| {
            (&left.domain, &left.path, &left.name).cmp(&(&right.domain, &right.path, &right.name))
        });
        cookies
    }

    /// Puts these cookies in the place of all that there are. A cookie that no server could have set (its domain is
    /// not a host) is left out.
    pub fn replace_all(&self, cookies: Vec<ActorCookie>) {
        let mut store = self.lock();
        store.clear();
        for cookie in cookies {
            let scheme = if cookie.secure { "https" } else { "http" };
            let host = if cookie.domain.contains(':') && !cookie.domain.starts_with('[') {
                format!("[{}]", cookie.domain)
            } else {
                cookie.domain.trim_start_matches('.').to_owned()
            };
            if let Ok(url) = Url::parse(&format!("{scheme}://{host}/")) {
                // A refused cookie is one that the rules of RFC 6265 would not send either.
                let _ = store.insert_raw(&build_cookie(cookie), &url);
            }
        }
    }

    /// Names and values that are sent to an address: longer paths first (RFC 6265, section 5.4).
    pub fn matching(&self, url: &Url) -> Vec<(String, String)> {
        let store = self.lock();
        let mut cookies = store.matches(url);
        cookies.sort_by(|left, right| {
            right.path.len().cmp(&left.path.len()).then_with(|| left.name().cmp(right.name()))
        });
        cookies.into_iter().map(|cookie| (cookie.name().to_owned(), cookie.value().to_owned())).collect()
    }

    /// Stores a `Set-Cookie` header that an address sent; one that breaks the rules of RFC 6265 is ignored, as
    /// browsers do.
    pub fn store(&self, url: &Url, set_cookie: &str) {
        let _ = self.lock().parse(set_cookie, url);
    }

    fn lock(&self) -> MutexGuard<'_, CookieStore> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read_cookie(cookie: &Cookie<'static>) -> ActorCookie {
    let (domain, host_only) = match &cookie.domain {
        CookieDomain::HostOnly(host) => (host.clone(), true),
        CookieDomain::Suffix(domain) => (domain.clone(), false),
        CookieDomain::NotPresent | CookieDomain::Empty => (String::new(), true),
    };
    ActorCookie {
        name: cookie.name().to_owned(),
        value: cookie.value().to_owned(),
        domain,
        host_only,
        path: String::from(&cookie.path),
        secure: cookie.secure().unwrap_or(false),
        http_only: cookie.http_only().unwrap_or(false),
        same_site: cookie.same_site().map(|same_site| same_site.to_string().to_ascii_lowercase()),
        expires: match cookie.expires {
            CookieExpiration::AtUtc(at) => Some(at.unix_timestamp()),
            CookieExpiration::SessionEnd => None,
        },
    }
}

fn build_cookie(cookie: ActorCookie) -> RawCookie<'static> {
    let mut raw = RawCookie::new(cookie.name, cookie.value);
    if !cookie.host_only {
        raw.set_domain(cookie.domain);
    }
    raw.set_path(cookie.path);
    raw.set_secure(cookie.secure);
    raw.set_http_only(cookie.http_only);
    raw.set_same_site(match cookie.same_site.as_deref() {
        Some("strict") => Some(SameSite::Strict),
        Some("lax") => Some(SameSite::Lax),
        Some("none") => Some(SameSite::None),
        _ => None,
    });
    if let Some(at) = cookie.expires.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok()) {
        raw.set_expires(at);
    }
    raw
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn sends_what_fits_the_address_longer_paths_first() {
        let jar = Jar::default();
        let page = url("https://app.example.com/lists/1/");
        jar.store(&page, "b=2; Path=/");
        jar.store(&page, "a=1; Path=/lists");
        jar.store(&page, "wide=3; Domain=example.com; Path=/");
        jar.store(&page, "foreign=4; Domain=other.org");
        jar.store(&page, "safe=5; Secure; Path=/");
        let names = |address: &str| -> Vec<String> {
            jar.matching(&url(address)).into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(names("https://app.example.com/lists/2/"), ["a", "b", "safe", "wide"]);
        assert_eq!(names("http://app.example.com/"), ["b", "wide"]);
        assert_eq!(names("https://example.com/"), ["wide"]);
    }

    #[test]
    fn forgets_what_expires() {
        let jar = Jar::default();
        let page = url("http://127.0.0.1:8000/");
        jar.store(&page, "session=x; Max-Age=100");
        assert_eq!(jar.matching(&page).len(), 1);
        jar.store(&page, "session=; Max-Age=0");
        assert!(jar.matching(&page).is_empty());
        assert!(jar.list().is_empty());
    }

    #[test]
    fn what_is_listed_can_be_put_back() {
        let jar = Jar::default();
        let page = url("https://app.example.com/");
        jar.store(&page, "session=x; HttpOnly; SameSite=Lax; Path=/; Max-Age=1000; Secure");
        jar.store(&page, "wide=3; Domain=example.com; Path=/a");
        jar.store(&url("http://[::1]:8000/"), "six=6");
        let listed = jar.list();
        assert_eq!(listed.len(), 3);
        let other = Jar::default();
        other.store(&page, "old=1");
        other.replace_all(listed.clone());
        assert_eq!(other.list(), listed);
        assert_eq!(other.matching(&url("http://[::1]:8000/")), [("six".to_owned(), "6".to_owned())]);
    }
}
