//! stub
#![allow(missing_docs, clippy::all, unused)]
use crate::{
    evidence::*,
    expect::*,
    run::{cookie::ActorCookie, outcome::Outcome},
    spec::action::*,
    verdict::StepError,
};
use std::net::IpAddr;
use tokio::time::Instant;
use url::Url;
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserKind {
    Chromium,
    Firefox,
}
pub struct BrowserSettings {
    pub kind: BrowserKind,
    pub webdriver: Option<Url>,
    pub viewport: (u32, u32),
    pub workers: usize,
    pub base: Url,
    pub resolve: Option<IpAddr>,
    pub user_agent_suffix: String,
    pub insecure: bool,
    pub headed: bool,
    pub headers: Vec<(String, String)>,
    pub basic_auth: Option<(String, String)>,
}
pub struct Browsers;
pub struct BrowserLease;
impl Browsers {
    pub fn new(s: BrowserSettings) -> Self {
        Self
    }
    pub fn start_ahead(&self) {}
    pub async fn lease(&self) -> Result<BrowserLease, StepError> {
        Ok(BrowserLease)
    }
    pub async fn shutdown(&self) {}
}
impl BrowserLease {
    pub async fn perform(
        &mut self,
        a: &str,
        c: &BrowserCall,
        w: &[ElementQuery],
        j: &[ActorCookie],
        d: Instant,
    ) -> Outcome {
        Outcome::default()
    }
    pub async fn look(
        &mut self,
        a: &str,
        w: &[ElementQuery],
        p: Option<&PageState>,
        d: Instant,
    ) -> Result<PageState, StepError> {
        Ok(Default::default())
    }
    pub async fn cookies(&mut self, a: &str) -> Result<Vec<ActorCookie>, StepError> {
        Ok(vec![])
    }
    pub async fn release(self) {}
}
pub fn run_guard(g: u32, f: &std::path::Path) {}
impl BrowserKind {
    pub fn name(self)->&'static str{"chromium"}
    pub fn driver_name(self)->&'static str{"chromedriver"}
}
pub mod find {
    pub struct Program{pub version:String,pub path:std::path::PathBuf}
    pub struct Fit; impl Fit{pub fn is_good(&self)->bool{false}}
    pub struct Found{pub browser:Option<Program>,pub driver:Option<Program>,pub fit:Fit}
    pub fn find_browser(k:super::BrowserKind,p:&std::ffi::OsStr)->Found{Found{browser:None,driver:None,fit:Fit}}
}
