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
//! | `record` | what was seen of one page, and what of it was judged |
//! | `seen_page` | a page as it is judged, and what nobody has judged yet |
//! | `read_event` | events into evidence, and what a page itself tells (`preload.js`) |
//! | `intercept` | headers and access for the target's origin alone |
//! | `worker` | one driver, one browser, one session |
//! | `pool` | the workers of a run; scenarios lease them |
//! | `pools` | the browsers of each kind that scenarios ask for |
//! | `encounter` | what events tell of windows, dialogs and downloads |
//! | `download` | files that a page gives |
//! | `frame` | into frames, and clicks in them |
//! | `window` | a visitor's windows |
//! | `access` | how a target is reached: certificates, proxy, addresses |
//! | `remote`, `remote_socket`, `remote_slots`, `remote_room`, `remote_file` | drivers and Grids that run elsewhere |
//! | `visitor` | an actor's user context and tab |
//! | `lease` | what a scenario does with its browser |
//! | `errand` | one step: into its window and frame, its action, what follows from it |
//! | `navigation` | addresses, and what a browser calls the ways they fail |
//! | `interaction` | filling, clicking, hovering, pressing |
//! | `suggestion` | lines to write instead, where not exactly one element matches (`suggest.js`) |
//! | `choice` | lists to choose from, boxes to check (`choice.js`) |
//! | `upload` | files for a field |
//! | `script` | JavaScript in the page |
//! | `screenshot` | pictures of a page, alone or beside their baselines (`picture.js`) |
//! | `pixels` | two pictures laid upon each other |
//! | `looking` | a browser for looking around |
//! | `failed_page` | what a page was like when a step went wrong |
//! | `cookies` | one jar for HTTP and browser steps |
//! | `storage` | what pages keep in the browser |
//! | `probe` | one look or one wait inside the page (`probe.js`, `look.js`, `accessible.js`) |
//! | `failure` | a driver's error into a typed cause |

mod access;
mod bidi;
mod choice;
mod cookies;
mod download;
mod driver;
mod encounter;
mod errand;
mod failed_page;
mod failure;
pub mod find;
mod frame;
mod guard;
mod home;
mod interaction;
mod intercept;
mod kind;
mod lease;
mod looking;
mod navigation;
mod pixels;
mod pool;
mod pools;
mod probe;
mod read_event;
mod record;
mod remote;
mod remote_file;
mod remote_room;
mod remote_slots;
mod remote_socket;
mod screenshot;
mod script;
mod seen_page;
mod storage;
mod suggestion;
mod upload;
mod visitor;
mod watch;
mod window;
mod worker;

use std::ffi::OsString;
use std::net::IpAddr;
use std::time::Duration;

use url::Url;

pub use access::Access;
pub use guard::run_guard;
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
