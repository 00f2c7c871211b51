//! The release: whether the target says which one it serves, where its project file says that it does.

use tokio::time::Instant;

use super::layers::{check_page, deadline};
use super::{Look, Walk};
use crate::expect::Observer;
use crate::run::http::HttpClient;
use crate::run::implicit::implicit;
use crate::spec::action::RequestCall;

const RELEASE: &str = "it says which release it serves";

impl Walk {
    /// Asks where the target says it; which one it is, `run --revision` judges.
    pub(super) async fn look_at_release(&mut self, client: &HttpClient) {
        let Some(revision) = self.revision.clone() else { return };
        let started = Instant::now();
        let call = RequestCall::get(revision.get.as_str());
        let outcome = client.for_another_actor().run(&call, deadline()).await;
        let mut look = Look { action: "get", outcome, ..Look::default() };
        if let Some(evidence) = &look.outcome.evidence {
            look.checks = evidence.exchange().map(check_page).unwrap_or_default();
            let observed = Observer::new(evidence, &[]).observe(&revision.from);
            look.note = observed.to_string();
            if look.checks.is_empty() && observed.is_missing() {
                look.checks.push(implicit(&revision.from.to_string(), "a revision", observed.to_string()));
            }
        }
        self.tell(RELEASE, started, look);
    }

    /// The same where the site does not answer.
    pub(super) fn skip_release(&mut self, reason: &str) {
        if self.revision.is_some() {
            self.skip(RELEASE, reason);
        }
    }
}
