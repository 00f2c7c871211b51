//! The built-in site, up as long as a test needs it.

use smokegate::demo::{DemoSite, Fault};
use tokio::runtime::Runtime;

/// The built-in site.
pub(crate) struct Demo {
    site: Option<DemoSite>,
    runtime: Runtime,
}

impl Demo {
    /// Starts it, whole or with a fault.
    pub(crate) fn start(fault: Option<&str>) -> Self {
        let fault = fault.map(|name| Fault::parse(name).unwrap());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let site = runtime.block_on(DemoSite::start(fault)).unwrap();
        Self { site: Some(site), runtime }
    }

    fn site(&self) -> &DemoSite {
        self.site.as_ref().unwrap()
    }

    pub(crate) fn url(&self) -> String {
        self.site().url()
    }

    pub(crate) fn database_url(&self) -> String {
        self.site().database_url()
    }

    /// A project file that names it `demo`, with its database.
    pub(crate) fn project(&self) -> String {
        format!(
            "[defaults]\ntarget = \"demo\"\n\n[target.demo]\nurl = {:?}\nwrites = true\n\n\
             [target.demo.database.app]\nurl = {:?}\nwritable = true\n",
            self.url(),
            self.database_url()
        )
    }

    /// How many to-do items it has.
    pub(crate) fn items(&self) -> i64 {
        let path = self.database_url();
        let database = rusqlite::Connection::open(path.trim_start_matches("sqlite:")).unwrap();
        database.query_row("select count(*) from lists_item", [], |row| row.get(0)).unwrap()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        if let Some(site) = self.site.take() {
            self.runtime.block_on(site.stop());
        }
    }
}
