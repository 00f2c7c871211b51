//! Chromium and Firefox: their names, and how each is asked for.

use std::net::Ipv4Addr;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::BrowserSettings;

/// A browser that can be driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BrowserKind {
    /// Chromium or Chrome, through chromedriver.
    Chromium,
    /// Firefox, through geckodriver.
    Firefox,
}

/// Without these Chromium asks its maker's hosts at every start, and shows what no visitor would see.
const CHROMIUM_ARGUMENTS: &[&str] = &[
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-extensions-with-background-pages",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-features=Translate,MediaRouter,OptimizationHints,AutofillServerCommunication",
    "--disable-field-trial-config",
    "--disable-hang-monitor",
    "--disable-quic",
    "--disable-renderer-backgrounding",
    "--disable-search-engine-choice-screen",
    "--disable-sync",
    "--hide-scrollbars",
    "--metrics-recording-only",
    "--mute-audio",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-service-autorun",
    "--password-store=basic",
    "--use-mock-keychain",
];

/// Programs that are Chromium; the first can be used without a window only.
const CHROMIUM_PROGRAMS: &[&str] = &[
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "Chromium",
    "Google Chrome",
];

/// The script time-out in milliseconds: longer than any slice that we wait in a page.
const SCRIPT_TIMEOUT_MS: u64 = 10_000;

/// The same where a request that a page is left with can wait for the script to end, and the script for the request.
const SHORT_SCRIPT_TIMEOUT_MS: u64 = 2_000;

impl BrowserKind {
    /// The browser as reports and specs name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
        }
    }

    /// The browser that specs name so.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Chromium, Self::Firefox].into_iter().find(|kind| kind.name() == name)
    }

    /// The program that drives it.
    pub fn driver_name(self) -> &'static str {
        match self {
            Self::Chromium => "chromedriver",
            Self::Firefox => "geckodriver",
        }
    }

    /// The programs that it may be, the best first.
    ///
    /// Debian's headless shell is Chromium without its own windows, menus and services: it starts in half the time
    /// and takes a third of the processor's. It cannot be shown.
    pub(super) fn programs(self, headed: bool) -> &'static [&'static str] {
        match self {
            Self::Chromium if !headed => CHROMIUM_PROGRAMS,
            Self::Chromium => &CHROMIUM_PROGRAMS[1..],
            Self::Firefox => &["firefox-esr", "firefox"],
        }
    }

    /// The arguments of its driver: a free port, chosen by the driver.
    pub(super) fn driver_arguments(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => &["--port=0"],
            Self::Firefox => &["--port=0", "--websocket-port=0"],
        }
    }

    /// Whether its driver must not wait for pages. Chromium's lets no BiDi command through meanwhile, and a request
    /// that is stopped to be given headers goes on by one: a click that leads to another page would never end.
    pub(super) fn waits_itself(self, settings: &BrowserSettings) -> bool {
        self == Self::Chromium && settings.adds_headers()
    }

    /// How its user contexts get a page that is not in the background (`browsingContext.CreateType`).
    pub(super) fn create_type(self) -> &'static str {
        match self {
            Self::Chromium => "tab",
            Self::Firefox => "window",
        }
    }

    /// Whether a visitor can be admitted while another one's page is at work. A new window of Firefox, and one that is
    /// shown, takes the focus from it.
    pub(super) fn admits_beside(self, settings: &BrowserSettings) -> bool {
        self == Self::Chromium && !settings.headed
    }

    /// What New Session asks for (W3C WebDriver, section 7; WebDriver BiDi, section 4).
    pub(super) fn capabilities(
        self,
        settings: &BrowserSettings,
        program: Option<&Path>,
    ) -> Map<String, Value> {
        let mut capabilities = Map::new();
        capabilities.insert("webSocketUrl".to_owned(), json!(true));
        capabilities.insert("acceptInsecureCerts".to_owned(), json!(settings.insecure));
        // Dialogs are answered over BiDi.
        let ignored = json!({ "default": "ignore", "beforeUnload": "ignore" });
        capabilities.insert("unhandledPromptBehavior".to_owned(), ignored);
        let mut script_timeout = SCRIPT_TIMEOUT_MS;
        if self.waits_itself(settings) {
            capabilities.insert("pageLoadStrategy".to_owned(), json!("none"));
            script_timeout = SHORT_SCRIPT_TIMEOUT_MS;
        }
        capabilities.insert("timeouts".to_owned(), json!({ "script": script_timeout }));
        let (name, options) = match self {
            Self::Chromium => ("goog:chromeOptions", chromium_options(settings, program)),
            Self::Firefox => ("moz:firefoxOptions", firefox_options(settings, program)),
        };
        capabilities.insert(name.to_owned(), options);
        capabilities
    }
}

fn chromium_options(settings: &BrowserSettings, program: Option<&Path>) -> Value {
    let mut arguments: Vec<String> = CHROMIUM_ARGUMENTS.iter().map(|&one| one.to_owned()).collect();
    if !settings.headed {
        arguments.push("--headless=new".to_owned());
    }
    // Chromium's own sandbox refuses to run as root, which is what CI containers are.
    if rustix::process::geteuid().is_root() {
        arguments.push("--no-sandbox".to_owned());
    }
    if let (Some(address), Some(host)) = (settings.resolve, settings.base.host_str()) {
        arguments.push(format!("--host-resolver-rules=MAP {host} {address}"));
    }
    // Where Chromium keeps a log that its driver asks for, it is left behind in the folder of its program.
    let mut options = json!({ "args": arguments, "excludeSwitches": ["enable-logging"] });
    if let Some(program) = program {
        options["binary"] = json!(program);
    }
    options
}

fn firefox_options(settings: &BrowserSettings, program: Option<&Path>) -> Value {
    let mut preferences = json!({
        "ui.useOverlayScrollbars": 1,
        "browser.shell.checkDefaultBrowser": false,
        "datareporting.policy.dataSubmissionEnabled": false,
        "toolkit.telemetry.enabled": false,
        "app.update.enabled": false,
        "extensions.update.enabled": false,
        "network.captive-portal-service.enabled": false,
        "network.connectivity-service.enabled": false,
        // Pages and processes that nobody asks for: a tenth of the processor's work for a short run.
        "browser.startup.page": 0,
        "browser.startup.homepage": "about:blank",
        "browser.newtabpage.enabled": false,
        "browser.newtab.preload": false,
        "dom.ipc.processPrelaunch.enabled": false,
    });
    match (settings.resolve, settings.base.host_str()) {
        (Some(address), Some(host)) if address == Ipv4Addr::LOCALHOST => {
            preferences["network.dns.localDomains"] = json!(host);
        }
        // There is none for a single name: other hosts are looked for at this address, too.
        (Some(address), _) => preferences["network.dns.forceResolve"] = json!(address.to_string()),
        (None, _) => {}
    }
    let arguments: &[&str] = if settings.headed { &[] } else { &["-headless"] };
    let mut options = json!({ "args": arguments, "prefs": preferences });
    if let Some(program) = program {
        options["binary"] = json!(program);
    }
    options
}
