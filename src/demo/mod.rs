//! The site that ships inside: a small to-do site with its own database, and faults that can be switched on.
//!
//! It stands for the sites that smokegate judges: pages with a form and its CSRF token, lists at their own addresses,
//! stylesheets, a script, images and a font, a login, a JSON API. `smokegate demo` judges it by [`SPECS`].

mod answer;
mod api;
mod fault;
mod lists;
mod login;
mod sessions;
mod statics;
mod store;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use fault::Fault;

use self::sessions::Sessions;
use self::store::Store;

/// The specs that judge the site: path and text.
pub const SPECS: &[(&str, &str)] = &[
    ("specs/demo/api.toml", include_str!("../../specs/demo/api.toml")),
    ("specs/demo/assets.toml", include_str!("../../specs/demo/assets.toml")),
    ("specs/demo/first_list.toml", include_str!("../../specs/demo/first_list.toml")),
    ("specs/demo/forms.toml", include_str!("../../specs/demo/forms.toml")),
    ("specs/demo/login.toml", include_str!("../../specs/demo/login.toml")),
    ("specs/demo/pages.toml", include_str!("../../specs/demo/pages.toml")),
];

/// The site while it is up.
pub struct DemoSite {
    address: SocketAddr,
    store: Arc<Store>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// What all requests share.
struct Shared {
    store: Arc<Store>,
    sessions: Sessions,
    fault: Option<Fault>,
}

type State = axum::extract::State<Arc<Shared>>;

impl Shared {
    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }
}

impl DemoSite {
    /// Starts the site on a free loopback port, with an empty database in a temporary folder. It answers once this
    /// returns.
    pub async fn start(fault: Option<Fault>) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let store = Arc::new(Store::create(fault == Some(Fault::SchemaBehind)).map_err(std::io::Error::other)?);
        let shared = Arc::new(Shared { store: Arc::clone(&store), sessions: Sessions::default(), fault });
        let (stop, stopped) = oneshot::channel::<()>();
        let router = build_router(shared);
        let task = tokio::spawn(async move {
            tokio::select! {
                // Open connections end with the site: a browser would keep one for minutes.
                _ = stopped => {}
                _ = axum::serve(listener, router) => {}
            }
        });
        Ok(Self { address, store, stop, task })
    }

    /// The site's address, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The database's address.
    pub fn database_url(&self) -> String {
        format!("sqlite:{}", self.store.path().display())
    }

    /// Ends the site and deletes its database.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.task.await;
        self.store.delete();
    }
}

fn build_router(shared: Arc<Shared>) -> Router {
    let router = Router::new()
        .route("/", get(lists::home))
        .route("/lists/new", post(lists::create))
        .route("/lists/{id}/", get(lists::show).post(lists::add))
        .route("/login", get(login::form).post(login::log_in))
        .route("/logout", post(login::log_out))
        .route("/account", get(login::account))
        .route("/api/token", post(api::token))
        .route("/api/me", get(api::me))
        .route("/api/lists", get(api::lists).post(api::create))
        .route("/api/lists/{id}", get(api::show).delete(api::delete))
        .route("/version", get(api::version))
        .route("/healthz", get(|| async { "ok" }))
        .route("/robots.txt", get(|| async { "User-agent: *\nDisallow: /api/\n" }))
        .route("/static/{file}", get(statics::serve))
        .fallback(lists::not_found);
    router.layer(axum::middleware::from_fn_with_state(Arc::clone(&shared), fault::break_site)).with_state(shared)
}
