//! Each test of a browser runs in Chromium and in Firefox, side by side.

use std::cell::Cell;

thread_local! {
    static BROWSER: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Makes two tests of each of these functions, `chromium::NAME` and `firefox::NAME`.
macro_rules! both_browsers {
    ($($test:ident)*) => {
        mod chromium {
            $(#[test]
            fn $test() {
                crate::support::in_browser("chromium", super::$test);
            })*
        }

        mod firefox {
            $(#[test]
            fn $test() {
                crate::support::in_browser("firefox", super::$test);
            })*
        }
    };
}

pub(crate) use both_browsers;

/// Runs a test whose calls of the program use this browser.
pub(crate) fn in_browser(name: &'static str, test: fn()) {
    BROWSER.set(Some(name));
    test();
}

/// The browser of this test.
pub(crate) fn browser() -> &'static str {
    BROWSER.get().unwrap_or("chromium")
}

/// The options that choose it, for commands that have them.
pub(super) fn browser_options(command: Option<&str>) -> &'static [&'static str] {
    match (command, BROWSER.get()) {
        (Some("run" | "demo" | "open"), Some("firefox")) => &["--browser", "firefox"],
        _ => &[],
    }
}
