//! Which addresses may be asked for though nobody wrote them down. Pure.

use url::Url;

/// Words in addresses that may do something when they are asked for, though they should not: they are left alone.
const RISKY: [&str; 40] = [
    "logout",
    "log-out",
    "log_out",
    "logoff",
    "signout",
    "sign-out",
    "sign_out",
    "exit",
    "delete",
    "remove",
    "destroy",
    "drop",
    "clear",
    "purge",
    "flush",
    "reset",
    "revoke",
    "cancel",
    "disable",
    "stop",
    "shutdown",
    "restart",
    "unsubscribe",
    "subscribe",
    "confirm",
    "verify",
    "activate",
    "approve",
    "vote",
    "like",
    "pay",
    "checkout",
    "buy",
    "cart",
    "send",
    "trigger",
    "run",
    "cron",
    "export",
    "download",
];

/// Words of this length stand for nothing else inside of longer ones.
const LONG: usize = 6;

/// Whether asking for an address does nothing, as far as its words tell: those that may log out, delete, send or buy are
/// not asked for but by a spec.
pub fn is_harmless_address(url: &Url) -> bool {
    let told = format!("{}?{}", url.path(), url.query().unwrap_or_default()).to_ascii_lowercase();
    let words: Vec<&str> = told.split(|one: char| !one.is_ascii_alphanumeric()).collect();
    let is_risky =
        |risky: &&str| if risky.len() < LONG { words.contains(risky) } else { told.contains(*risky) };
    !RISKY.iter().any(is_risky)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_may_do_something_is_left_alone() {
        let is_harmless =
            |path: &str| is_harmless_address(&Url::parse("https://a.test/").unwrap().join(path).unwrap());
        for path in [
            "/logout",
            "/user/delete/7",
            "/post/1?do=delete",
            "/cart/add",
            "/Sign-Out",
            "/newsletter/unsubscribe",
        ] {
            assert!(!is_harmless(path), "{path}");
        }
        for path in ["/", "/post/1", "/write", "/likely", "/runners", "/about?page=2"] {
            assert!(is_harmless(path), "{path}");
        }
    }
}
