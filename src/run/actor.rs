//! An actor: one cookie jar for HTTP and browser steps alike.

use url::Url;

use super::browser::{BrowserLease, OriginStorage};
use super::cookie::ActorCookie;
use super::http::HttpClient;
use super::implicit::Leniency;
use crate::evidence::Exchange;
use crate::verdict::StepError;

/// Who performs steps.
pub(super) struct Actor {
    /// Its name.
    pub name: String,
    /// Its HTTP client, with its cookies.
    pub http: HttpClient,
    /// The page that it fetched last over HTTP.
    pub last_page: Option<Exchange>,
    /// What its first page in the browser finds in its storage.
    pub storage: Option<OriginStorage>,
    /// What its last step in the browser lets pass.
    pub leniency: Leniency,
    /// Whether the browser may have cookies that the jar has not.
    is_browser_ahead: bool,
}

impl Actor {
    pub(super) fn new(name: &str, http: HttpClient) -> Self {
        Self {
            name: name.to_owned(),
            http,
            last_page: None,
            storage: None,
            leniency: Leniency::default(),
            is_browser_ahead: false,
        }
    }

    /// Notes that the actor was in the browser.
    pub(super) fn note_browser_step(&mut self) {
        self.is_browser_ahead = true;
    }

    /// Has these cookies from now on, and no others.
    pub(super) fn begin_with(&mut self, cookies: Vec<ActorCookie>) {
        self.http.jar().replace_all(cookies);
        self.is_browser_ahead = false;
    }

    /// Brings cookies that the browser got into the jar.
    pub(super) async fn take_browser_cookies(
        &mut self,
        lease: Option<&mut BrowserLease>,
    ) -> Result<(), StepError> {
        if let (true, Some(lease)) = (self.is_browser_ahead, lease) {
            self.http.jar().replace_all(lease.cookies(&self.name).await?);
            self.is_browser_ahead = false;
        }
        Ok(())
    }

    /// Names and values of the cookies that are sent to an address.
    pub(super) fn cookies_for(&self, url: &str) -> Vec<(String, String)> {
        Url::parse(url).map(|url| self.http.jar().matching(&url)).unwrap_or_default()
    }
}
