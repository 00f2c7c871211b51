//! A cookie as HTTP and the browser both know it (RFC 6265).

/// One cookie of an actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActorCookie {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The domain without a leading point.
    pub domain: String,
    /// Whether it belongs to that very host, not to its subdomains.
    pub host_only: bool,
    /// The path.
    pub path: String,
    /// Sent over https only.
    pub secure: bool,
    /// Hidden from scripts.
    pub http_only: bool,
    /// `strict`, `lax`, `none`; none if not said.
    pub same_site: Option<String>,
    /// Seconds since 1970; none for a session cookie.
    pub expires: Option<i64>,
}
