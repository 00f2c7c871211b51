//! Real browsers: found, started and ended by us, driven over WebDriver, watched over WebDriver BiDi. The only use
//! of fantoccini.
//!
//! | file | what it does |
//! | --- | --- |
//! | `kind` | Chromium and Firefox: names, capabilities, arguments |
//! | `find` | which browsers and drivers are on this machine, and whether they fit |
//! | `driver` | a driver process behind its guard |
//! | `guard` | the process that ends a browser when we are gone, however we went |
//! | `home` | a browser with its session: behind our own driver, or at somebody else's |
//! | `bidi` | the WebDriver BiDi connection: commands and events |
//! | `watch` | what events tell: console, sub-resources, documents |
//! | `intercept` | headers and access for the target's origin alone |
//! | `worker` | one driver, one browser, one session |
//! | `pool` | the workers of a run; scenarios lease them |
//! | `access` | how a target is reached: certificates, proxy, addresses |
//! | `remote`, `remote_socket`, `remote_slots`, `remote_file` | drivers and Grids that run elsewhere |
//! | `visitor` | an actor's user context and tab |
//! | `lease` | what a scenario does with its browser |
//! | `navigation` | addresses, and what a browser calls the ways they fail |
//! | `interaction` | filling, clicking, hovering, pressing |
//! | `choice` | lists to choose from, boxes to check (`choice.js`) |
//! | `upload` | files for a field |
//! | `script` | JavaScript in the page |
//! | `screenshot` | pictures of a page |
//! | `looking` | a browser for looking around |
//! | `cookies` | one jar for HTTP and browser steps |
//! | `probe` | one look or one wait inside the page (`probe.js`) |
//! | `failure` | a driver's error into a typed cause |

mod access;
mod bidi;
mod choice;
mod cookies;
mod driver;
mod failure;
pub mod find;
mod guard;
mod home;
mod interaction;
mod intercept;
mod kind;
mod lease;
mod navigation;
mod pool;
mod probe;
mod remote;
mod remote_file;
mod remote_slots;
mod remote_socket;
mod screenshot;
mod script;
mod upload;
mod visitor;
mod watch;
mod looking;
mod worker;

use std::ffi::OsString;
use std::net::IpAddr;
use std::time::Duration;

use url::Url;

pub use access::Access;
pub use guard::run_guard;
pub use kind::BrowserKind;
pub use lease::BrowserLease;
pub use pool::Browsers;
pub use remote::RemoteSettings;
pub use looking::show_page;

/// How browsers are started, and what they visit.
#[derive(Clone, Debug)]
pub struct BrowserSettings {
    /// Which browser.
    pub kind: BrowserKind,
    /// Drivers that run already.
    pub remote: RemoteSettings,
    /// Where programs are looked for: the value of `PATH`.
    pub search_path: OsString,
    /// The inner viewport in CSS pixels.
    pub viewport: (u32, u32),
    /// How many browsers run side by side at most.
    pub workers: usize,
    /// The target's base address.
    pub base: Url,
    /// The address that the target's host is reached at, whatever DNS says.
    pub resolve: Option<IpAddr>,
    /// What stands at the end of the browser's own name.
    pub user_agent_suffix: String,
    /// Whether certificates are not verified.
    pub insecure: bool,
    /// Whether its window is shown.
    pub headed: bool,
    /// Whether there is something to show a window on.
    pub has_display: bool,
    /// How long to wait before each action, for who watches.
    pub slow_mo: Duration,
    /// How the target is reached, for the browser; set by the run.
    pub access: Access,
    /// Sent to the target's origin alone.
    pub headers: Vec<(String, String)>,
    /// Sent to the target's origin alone.
    pub basic_auth: Option<(String, String)>,
}
