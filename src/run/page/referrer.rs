//! `Referer` and `Origin` as browsers send them (W3C Referrer Policy; WHATWG Fetch, section 3.2). Pure.

use url::Url;

/// A referrer policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ReferrerPolicy {
    NoReferrer,
    NoReferrerWhenDowngrade,
    SameOrigin,
    Origin,
    StrictOrigin,
    OriginWhenCrossOrigin,
    #[default]
    StrictOriginWhenCrossOrigin,
    UnsafeUrl,
}

impl ReferrerPolicy {
    /// The last known word of a `Referrer-Policy` header or `<meta name=referrer>`; the default where there is none.
    pub(super) fn parse(text: &str) -> Self {
        let read = |word: &str| {
            Some(match word.trim().to_ascii_lowercase().as_str() {
                "no-referrer" => Self::NoReferrer,
                "no-referrer-when-downgrade" => Self::NoReferrerWhenDowngrade,
                "same-origin" => Self::SameOrigin,
                "origin" => Self::Origin,
                "strict-origin" => Self::StrictOrigin,
                "origin-when-cross-origin" => Self::OriginWhenCrossOrigin,
                "strict-origin-when-cross-origin" => Self::StrictOriginWhenCrossOrigin,
                "unsafe-url" => Self::UnsafeUrl,
                _ => return None,
            })
        };
        text.split(',').filter_map(read).next_back().unwrap_or_default()
    }

    /// The `Referer` of a request from a page (or stylesheet) to an address.
    pub(super) fn referer(self, from: &Url, to: &Url) -> Option<String> {
        let is_same = from.origin() == to.origin();
        let is_downgrade = from.scheme() == "https" && to.scheme() != "https";
        let whole = || {
            let mut url = from.clone();
            url.set_fragment(None);
            Some(url.into())
        };
        let origin = || Some(format!("{}/", from.origin().ascii_serialization()));
        match self {
            Self::NoReferrer => None,
            Self::SameOrigin if !is_same => None,
            Self::NoReferrerWhenDowngrade | Self::StrictOrigin | Self::StrictOriginWhenCrossOrigin
                if is_downgrade =>
            {
                None
            }
            Self::Origin | Self::StrictOrigin => origin(),
            Self::OriginWhenCrossOrigin | Self::StrictOriginWhenCrossOrigin if !is_same => origin(),
            _ => whole(),
        }
    }

    /// The `Origin` of a request that is neither GET nor HEAD.
    pub(super) fn origin(self, from: &Url, to: &Url) -> String {
        let is_downgrade = from.scheme() == "https" && to.scheme() != "https";
        let is_hidden = match self {
            Self::NoReferrer => true,
            Self::NoReferrerWhenDowngrade | Self::StrictOrigin | Self::StrictOriginWhenCrossOrigin => {
                is_downgrade
            }
            Self::SameOrigin => from.origin() != to.origin(),
            Self::Origin | Self::OriginWhenCrossOrigin | Self::UnsafeUrl => false,
        };
        if is_hidden { "null".to_owned() } else { from.origin().ascii_serialization() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_where_from_as_browsers_do() {
        let page = Url::parse("https://a.example/x?y#z").unwrap();
        let cases = [
            ("", "https://a.example/", Some("https://a.example/x?y"), "https://a.example"),
            ("", "https://b.example/", Some("https://a.example/"), "https://a.example"),
            ("", "http://a.example/", None, "null"),
            ("no-referrer", "https://a.example/", None, "null"),
            ("same-origin", "https://b.example/", None, "null"),
            ("origin", "http://b.example/", Some("https://a.example/"), "https://a.example"),
            ("bogus, unsafe-url", "http://b.example/", Some("https://a.example/x?y"), "https://a.example"),
        ];
        for (policy, to, referer, origin) in cases {
            let (policy, to) = (ReferrerPolicy::parse(policy), Url::parse(to).unwrap());
            assert_eq!(policy.referer(&page, &to).as_deref(), referer, "{policy:?} {to}");
            assert_eq!(policy.origin(&page, &to), origin, "{policy:?} {to}");
        }
    }
}
