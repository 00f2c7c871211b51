//! Real browsers: found, started and ended by us, driven over WebDriver, watched over WebDriver BiDi. The only use
//! of fantoccini.
//!
//! | file | what it does |
//! | --- | --- |
//! | `kind` | Chromium and Firefox: names, capabilities, arguments |
//! | `access` | how a target is reached: certificates, proxy, addresses |
//! | `home` | a browser with its session: found, started and ended by us |
//! | `remote` | the same at drivers and Grids that run elsewhere |
//! | `bidi` | the WebDriver BiDi connection: commands and events |
//! | `watch` | what events tell: console, sub-resources, documents, dialogs |
//! | `worker` | one driver, one browser, one session |
//! | `pool` | the workers of a run; scenarios lease them |
//! | `pools` | the browsers of each kind that scenarios ask for |
//! | `visitor` | an actor's user context and tab |
//! | `lease` | what a scenario does with its browser |
//! | `errand` | one step: into its window and frame, its action, what follows from it |
//! | `act` | what is done in a page, and how it is looked at |
//! | `cookies` | one jar for HTTP and browser steps |
//! | `storage` | what pages keep in the browser |
//! | `failed_page` | what a page was like when a step went wrong |
//! | `looking` | a browser for looking around |
//! | `failure` | a driver's error into a typed cause |

mod access;
mod act;
mod bidi;
mod cookies;
mod errand;
mod failed_page;
mod failure;
mod home;
mod kind;
mod lease;
mod looking;
mod pool;
mod pools;
mod remote;
mod storage;
mod visitor;
mod watch;
mod worker;

use std::ffi::OsString;
use std::net::IpAddr;
use std::time::Duration;

use url::Url;

pub use access::Access;
pub use home::{find, run_guard};
pub use kind::BrowserKind;
pub use lease::{BrowserLease, Errand};
pub use looking::show_page;
pub use pool::Browsers;
pub use pools::BrowserPools;
pub use remote::RemoteSettings;
pub use storage::OriginStorage;

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

impl BrowserSettings {
    /// Whether requests to the target are given something.
    fn adds_headers(&self) -> bool {
        !self.headers.is_empty() || self.basic_auth.is_some()
    }
}
