//! A plan into events.
//!
//! [`run`] starts every scenario as a task of its own; they send what happens through one channel, and the
//! dispatcher alone orders, redacts, counts and hands on.

mod actor;
mod artifact;
mod attempt;
pub mod browser;
mod context;
pub mod cookie;
pub mod database;
mod dispatcher;
pub mod http;
mod implicit;
mod lookup;
mod network;
pub mod outcome;
pub mod page;
mod repetition;
mod scenario;
mod session;
mod step;
mod waiting;
mod walk;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;

use self::artifact::Artifacts;
use self::attempt::{run_scenario, stand_in_line};
use self::browser::{Access, BrowserKind, BrowserPools, BrowserSettings};
use self::context::Context;
use self::database::{DatabaseSettings, Databases};
use self::dispatcher::Dispatcher;
use self::http::{HttpSettings, Proxies};
use self::lookup::Lookups;
use self::session::Sessions;
use crate::event::{Event, EventKind, ScenarioHead, Tally, TargetInfo, VERSION};
use crate::evidence::{Redactor, Value};
use crate::plan::{Plan, PlannedScenario};
use crate::spec::action::SqlCall;
use crate::spec::project::Target;
use crate::spec::{Environment, Scope};
use crate::verdict::Verdict;

/// Waits until who watches has seen enough; gets the step's name and the page's address.
pub type Pause = Arc<dyn Fn(String, String) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// How a plan is carried out.
#[expect(clippy::struct_excessive_bools, reason = "answers that do not depend on each other")]
pub struct RunSettings {
    /// How many scenarios run side by side.
    pub jobs: usize,
    /// Whether more run side by side where remote browsers have room for them.
    pub may_widen: bool,
    /// How browsers are started.
    pub browser: BrowserSettings,
    /// Whether their kind holds for scenarios that ask for another, too.
    pub has_chosen_browser: bool,
    /// How many bytes of a body are read at most.
    pub body_limit: u64,
    /// Which proxy leads where.
    pub proxies: Proxies,
    /// The environment, for `env.NAME`.
    pub environment: Environment,
    /// Secrets by name: every one of them is kept out of all events.
    pub secrets: BTreeMap<String, String>,
    /// Where pictures go; made when there is one.
    pub artifacts: PathBuf,
    /// Whether pictures that differ from their baselines replace them.
    pub update_screens: bool,
    /// Whether a scenario that passed only on a retry fails the run.
    pub fail_on_flaky: bool,
    /// Waits where a step in a browser did not pass, for who watches; none to go on.
    pub pause: Option<Pause>,
    /// Ends the run early, cleanup included.
    pub cancel: CancellationToken,
    /// The exit code of an interrupted run.
    pub interrupt_code: Arc<OnceLock<u8>>,
    /// Unique and sortable.
    pub run_id: String,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunSummary {
    /// The verdict of the whole.
    pub verdict: Verdict,
    /// Scenarios by verdict.
    pub counts: Tally,
    /// The exit code of the specification's table.
    pub exit_code: u8,
}

/// A new run id: unique, sortable, ten characters of Crockford's base 32.
pub fn new_run_id() -> String {
    let id = ulid::Ulid::generate().to_string().to_lowercase();
    // The last characters of the time and the first of the randomness: sortable for a year, and short.
    id[3..13].to_owned()
}

/// How we call ourselves to the site.
pub fn user_agent(run_id: &str) -> String {
    format!("smokegate/{} (run {run_id})", env!("CARGO_PKG_VERSION"))
}

/// Carries out a plan. Every event goes to `sink`, redacted, in order.
pub async fn run(plan: Plan, settings: RunSettings, sink: &mut (dyn FnMut(&Event) + Send)) -> RunSummary {
    let scenarios = plan.scenarios.iter().map(build_head).collect();
    let planned = plan.scenarios.clone();
    carry_out(&plan, scenarios, settings, sink, |context| run_all(planned, context)).await
}

/// Walks the layers of a target, from its name to its forms and its databases; a plan's scenarios are not run, and of the
/// statements that specs make only the tables are looked for. Every event goes to `sink`, redacted, in order, as those of
/// a run with one scenario.
pub async fn walk(
    plan: &Plan,
    statements: Vec<SqlCall>,
    settings: RunSettings,
    sink: &mut (dyn FnMut(&Event) + Send),
) -> RunSummary {
    let head = vec![walk::build_head()];
    let revision = plan.target.revision.clone();
    carry_out(plan, head, settings, sink, |context| walk::run_walk(context, statements, revision)).await
}

/// Begins a run, does the work, and ends it.
async fn carry_out<W: Future<Output = ()>>(
    plan: &Plan,
    scenarios: Vec<ScenarioHead>,
    settings: RunSettings,
    sink: &mut (dyn FnMut(&Event) + Send),
    work: impl FnOnce(Arc<Context>) -> W,
) -> RunSummary {
    let redactor = Arc::new(learn_secrets(plan, &settings));
    let (events, mut receiver) = mpsc::unbounded_channel();
    let mut dispatcher = Dispatcher::new(Arc::clone(&redactor), sink);
    dispatcher.dispatch(run_started(plan, &settings, scenarios));
    let cancel = settings.cancel.clone();
    let interrupt_code = Arc::clone(&settings.interrupt_code);
    let fail_on_flaky = settings.fail_on_flaky;
    let context = Arc::new(build_context(plan, settings, redactor, events));
    tokio::join!(work(context), dispatcher.forward(&mut receiver));
    let counts = dispatcher.tally;
    let verdict = counts.verdict();
    let exit_code = if cancel.is_cancelled() {
        interrupt_code.get().copied().unwrap_or(130)
    } else {
        exit_code(counts, fail_on_flaky)
    };
    let duration_ms = dispatcher.elapsed_ms();
    let diagnosis = dispatcher.root_cause();
    dispatcher.dispatch(EventKind::RunFinished { verdict, exit_code, counts, duration_ms, diagnosis });
    RunSummary { verdict, counts, exit_code }
}

fn learn_secrets(plan: &Plan, settings: &RunSettings) -> Redactor {
    let redactor = Redactor::default();
    for (name, value) in &settings.secrets {
        redactor.learn(name, value);
    }
    if let Some((user, password)) = &plan.target.basic_auth {
        let is_secret = settings.secrets.iter().find(|(_, value)| *value == password);
        redactor.learn_basic_auth(is_secret.map_or("basic_auth", |(name, _)| name), user, password);
    }
    for (user, password) in settings.browser.remote.credentials() {
        redactor.learn_basic_auth("webdriver", &user, &password);
    }
    let base = &settings.browser.base;
    if let Some(password) = base.password() {
        let decode = |text| percent_encoding::percent_decode_str(text).decode_utf8_lossy();
        redactor.learn_basic_auth("basic_auth", &decode(base.username()), &decode(password));
    }
    redactor
}

/// Runs all scenarios side by side, then ends the browsers.
async fn run_all(scenarios: Vec<PlannedScenario>, context: Arc<Context>) {
    let scenarios = run_scenarios(scenarios, Arc::clone(&context));
    tokio::pin!(scenarios);
    tokio::select! {
        () = &mut scenarios => {}
        () = make_room(&context) => scenarios.await,
    }
    for message in context.browsers.shutdown().await {
        context.send(EventKind::Notice { message });
    }
}

/// Where browsers run elsewhere, as many scenarios run side by side as they have room for.
async fn make_room(context: &Context) {
    if context.browsers.is_empty() {
        return;
    }
    let surveyed = tokio::select! {
        () = context.cancel.cancelled() => return,
        surveyed = context.browsers.survey() => surveyed,
    };
    if context.browsers.verifies_nothing() {
        let message = "firefox cannot be given the certificates in `ca`: the target's own was verified before, and \
                       the browser verified none";
        context.send(EventKind::Notice { message: message.to_owned() });
    }
    let Some((slots, notices)) = surveyed else { return };
    if context.may_widen {
        context.jobs.add_permits(slots);
    }
    for message in notices {
        context.send(EventKind::Notice { message });
    }
}

async fn run_scenarios(scenarios: Vec<PlannedScenario>, context: Arc<Context>) {
    let mut tasks = JoinSet::new();
    let mut scenario_of = BTreeMap::new();
    for planned in scenarios {
        let id = planned.id;
        let place = stand_in_line(&context, &planned);
        let task = tasks.spawn(run_scenario(Arc::clone(&context), planned, place));
        scenario_of.insert(task.id(), id);
    }
    while let Some(ended) = tasks.join_next_with_id().await {
        let Err(error) = ended else { continue };
        let Some(scenario) = scenario_of.get(&error.id()).copied() else { continue };
        // A defect of ours must not look like a passed scenario, nor take the others with it.
        let note = Some(format!("smokegate itself failed, please report this as a bug: {error}"));
        context.verdicts[scenario].send_replace(Some(Verdict::Errored));
        context.send(EventKind::ScenarioFinished {
            scenario,
            verdict: Verdict::Errored,
            duration_ms: 0.0,
            diagnosis: None,
            note,
        });
    }
}

/// The exit code of a run that came to its end.
fn exit_code(counts: Tally, fail_on_flaky: bool) -> u8 {
    match counts.verdict() {
        Verdict::Failed => 1,
        Verdict::Passed | Verdict::Flaky if fail_on_flaky && counts.flaky > 0 => 1,
        Verdict::Errored => 3,
        Verdict::Passed | Verdict::Flaky | Verdict::Skipped => 0,
    }
}

fn build_head(planned: &PlannedScenario) -> ScenarioHead {
    ScenarioHead {
        id: planned.id,
        name: planned.scenario.name.clone(),
        file: planned.scenario.file.name.clone(),
        case: planned.case.as_ref().map(|case| case.name.clone()),
        tags: planned.scenario.tags.clone(),
    }
}

fn run_started(plan: &Plan, settings: &RunSettings, scenarios: Vec<ScenarioHead>) -> EventKind {
    EventKind::RunStarted {
        version: VERSION,
        smokegate: env!("CARGO_PKG_VERSION").to_owned(),
        run_id: settings.run_id.clone(),
        target: TargetInfo {
            name: plan.target.name.clone(),
            url: plan.target.url.clone().map(without_credentials).unwrap_or_default(),
            insecure: plan.target.insecure,
        },
        scenarios,
    }
}

fn without_credentials(mut url: Url) -> String {
    // Both fail for addresses without a host only, which have no credentials either.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

/// How a target is reached over HTTP, by its table in the project file.
pub fn build_http_settings(target: &Target, base: Url, run_id: &str, proxies: Proxies) -> HttpSettings {
    HttpSettings {
        headers: target.headers.clone(),
        basic_auth: target.basic_auth.clone(),
        resolve: target.resolve,
        addresses: target.addresses.clone(),
        proxies,
        ca: target.ca.clone(),
        client_identity: target.client_identity.clone(),
        insecure: target.insecure,
        ..HttpSettings::new(base, user_agent(run_id))
    }
}

fn build_context(
    plan: &Plan,
    settings: RunSettings,
    redactor: Arc<Redactor>,
    events: mpsc::UnboundedSender<EventKind>,
) -> Context {
    let target = &plan.target;
    let proxies = settings.proxies.clone();
    let base = settings.browser.base.clone();
    let http = HttpSettings {
        body_limit: settings.body_limit,
        redactor,
        ..build_http_settings(target, base, &settings.run_id, proxies)
    };
    let databases = target.databases.iter().map(|database| DatabaseSettings {
        name: database.name.clone(),
        url: database.url.clone(),
        writable: database.writable,
        folder: database.folder.clone(),
    });
    let http = Arc::new(http);
    let slow_mo = settings.browser.slow_mo;
    let browser = BrowserSettings { access: Access::new(Arc::clone(&http)), ..settings.browser.clone() };
    let kinds: Vec<BrowserKind> =
        plan.scenarios.iter().map(|planned| choose_kind(planned, &settings)).collect();
    let needed = plan.scenarios.iter().zip(&kinds).filter(|(planned, _)| planned.needs_browser());
    let browsers = BrowserPools::new(&browser, needed.map(|(_, kind)| *kind));
    Context {
        artifacts: Artifacts::new(
            settings.artifacts.clone(),
            Arc::clone(&http.redactor),
            settings.update_screens,
        ),
        http_settings: http,
        http: OnceLock::new(),
        databases: Databases::new(databases.collect()),
        scope: build_scope(target, &settings),
        browsers,
        kinds,
        events,
        cancel: settings.cancel,
        slow_mo,
        pause: settings.pause,
        may_widen: settings.may_widen,
        jobs: Arc::new(Semaphore::new(settings.jobs.max(1))),
        names: plan.scenarios.iter().map(|planned| planned.scenario.name.clone()).collect(),
        verdicts: plan.scenarios.iter().map(|_| watch::Sender::new(None)).collect(),
        unreachable: OnceLock::new(),
        lookups: Lookups::new(),
        revision: target.revision.as_ref().map(|revision| revision.from.to_string()),
        run_id: settings.run_id,
        sessions: Sessions::default(),
    }
}

/// The browser that a scenario asks for, unless one was chosen for all.
fn choose_kind(planned: &PlannedScenario, settings: &RunSettings) -> BrowserKind {
    let asked = planned.scenario.browser.as_deref().and_then(BrowserKind::parse);
    asked.filter(|_| !settings.has_chosen_browser).unwrap_or(settings.browser.kind)
}

fn build_scope(target: &Target, settings: &RunSettings) -> Scope {
    let mut scope = Scope::default();
    let now = dispatcher::now();
    scope.set("now", &Value::text(&now));
    scope.set_table("run", [("id", settings.run_id.as_str()), ("started", &now)]);
    let url = target.url.as_ref().map(Url::to_string).unwrap_or_default();
    let host = target.url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let name = target.name.as_deref().unwrap_or(host);
    scope.set_table("target", [("name", name), ("url", url.trim_end_matches('/')), ("host", host)]);
    scope.set_table("env", settings.environment.variables());
    scope.set_table("secret", settings.secrets.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    for (name, template) in &target.vars {
        if let Ok(value) = template.render(&scope) {
            scope.set(name, &value);
        }
    }
    scope
}
