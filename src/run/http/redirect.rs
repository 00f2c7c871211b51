//! Where an answer sends us, and as what (RFC 9110, section 15.4; WHATWG Fetch, HTTP-redirect fetch).

use reqwest::Method;
use url::Url;

use crate::evidence::Response;

/// What an answer says about where to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// It is the answer.
    Stay,
    /// Ask there.
    Go(Url),
    /// It names something that is not a web address: the `Location` header.
    Nowhere(String),
}

/// Reads where an answer to a request for `url` sends us. An address without a fragment inherits that of `url`.
pub(super) fn read_direction(url: &Url, response: &Response) -> Direction {
    if !matches!(response.status, 301 | 302 | 303 | 307 | 308) {
        return Direction::Stay;
    }
    let Some(location) = response.headers.get("location") else {
        return Direction::Stay;
    };
    match url.join(location) {
        Ok(mut next) if is_web_address(&next) => {
            if next.fragment().is_none() {
                next.set_fragment(url.fragment());
            }
            Direction::Go(next)
        }
        _ => Direction::Nowhere(location.to_owned()),
    }
}

/// Whether an address is one that we can ask.
pub(super) fn is_web_address(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

/// The method of the next request: none where it stays as it is, body included.
pub(super) fn rewrite_method(method: &Method, status: u16) -> Option<Method> {
    let is_rewritten = match status {
        301 | 302 => *method == Method::POST,
        303 => *method != Method::GET && *method != Method::HEAD,
        _ => false,
    };
    is_rewritten.then_some(Method::GET)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Body, Header, Headers};

    fn direction(url: &str, status: u16, location: &str) -> Direction {
        let headers = Headers(vec![Header { name: "location".to_owned(), value: location.to_owned() }]);
        let response =
            Response { status, version: String::new(), headers, body: Body::default(), text: None };
        read_direction(&Url::parse(url).unwrap(), &response)
    }

    #[test]
    fn goes_where_browsers_go() {
        let go = |url: &str| Direction::Go(Url::parse(url).unwrap());
        assert_eq!(direction("http://a/b/c", 302, "d?e"), go("http://a/b/d?e"));
        assert_eq!(direction("http://a/b#f", 301, "/"), go("http://a/#f"));
        assert_eq!(direction("http://a/b#f", 308, "//x/#g"), go("http://x/#g"));
        assert_eq!(direction("http://a/", 304, "/x"), Direction::Stay);
        assert_eq!(direction("http://a/", 300, "/x"), Direction::Stay);
        assert_eq!(direction("http://a/", 302, "mailto:a@b"), Direction::Nowhere("mailto:a@b".to_owned()));
        assert_eq!(direction("http://a/", 302, "http://"), Direction::Nowhere("http://".to_owned()));
    }

    #[test]
    fn methods_are_rewritten_as_the_standard_says() {
        for (method, status, next) in [
            ("POST", 301, Some("GET")),
            ("POST", 302, Some("GET")),
            ("PUT", 302, None),
            ("PUT", 303, Some("GET")),
            ("HEAD", 303, None),
            ("POST", 307, None),
            ("POST", 308, None),
        ] {
            let method: Method = method.parse().unwrap();
            assert_eq!(
                rewrite_method(&method, status).as_ref().map(Method::as_str),
                next,
                "{method} {status}"
            );
        }
    }
}
