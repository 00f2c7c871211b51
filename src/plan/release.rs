//! The check that nobody writes: that the target serves the release that is expected, on every worker.

use std::fmt::Write as _;
use std::sync::Arc;

use super::{PlannedScenario, STEP_TIMEOUT};
use crate::source::{Diagnostic, SourceFile};
use crate::spec::project::{Project, Revision};
use crate::spec::{Environment, load_sources};

/// The name under which messages speak of the check, as there is no file of it.
pub const RELEASE_CHECK: &str = "--revision";

/// How often the target is asked: workers take turns.
const TIMES: usize = 6;

/// Plans the check as one more scenario with this position; none where no revision is expected. Each request has a
/// connection of its own. The error tells what of the revision cannot be asked for.
pub fn plan_release_check(
    revision: &Revision,
    environment: &Environment,
    id: usize,
) -> Result<Option<PlannedScenario>, Vec<Diagnostic>> {
    let Some(expected) = &revision.expected else {
        return Ok(None);
    };
    let mut text = "name = \"The release is the expected one, on every worker\"\n".to_owned();
    for number in 1..=TIMES {
        // Strings of JSON are strings of TOML. Writing into a `String` cannot fail.
        let _ = write!(
            text,
            "\n[[step]]\nname = \"asked {number} of {TIMES} times\"\nget = {}\nheaders = {{ Connection = \"close\" }}\nexpect.{} = {}\n",
            quote(&revision.get),
            revision.from,
            quote(expected)
        );
    }
    let source = Arc::new(SourceFile::new(RELEASE_CHECK, RELEASE_CHECK, text));
    let loaded = load_sources(&[source], Project::default(), environment, Vec::new())?;
    Ok(loaded.scenarios.into_iter().next().map(|scenario| PlannedScenario {
        id,
        scenario: Arc::new(scenario),
        case: None,
        needs: Vec::new(),
        step_timeout: STEP_TIMEOUT,
        timeout: None,
        retries: 0,
    }))
}

/// A text as TOML writes it, without templates in it.
fn quote(text: &str) -> String {
    serde_json::Value::from(text.replace("{{", "{{ '{{' }}")).to_string()
}
