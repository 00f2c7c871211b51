//! A driver process behind its guard.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use url::Url;

use super::find::Paths;
use crate::evidence::{Cause, Phase};
use crate::run::browser::BrowserKind;
use crate::run::browser::failure;
use crate::verdict::StepError;

/// How long a driver may take to listen.
const START_LIMIT: Duration = Duration::from_secs(20);

/// How long ending may take.
const END_LIMIT: Duration = Duration::from_secs(5);

/// How many lines are told of what a driver said before it ended.
const LINES_TOLD: usize = 5;

/// A driver that we started. When it is dropped its guard ends it; [`Driver::end`] waits for that.
#[derive(Debug)]
pub(in crate::run::browser) struct Driver {
    /// Where it listens.
    pub(in crate::run::browser) url: Url,
    /// The browser that it is to start.
    pub(in crate::run::browser) browser: PathBuf,
    guard: Child,
    drain: JoinHandle<()>,
}

impl Driver {
    /// Starts a driver on a free port.
    pub(in crate::run::browser) async fn start(kind: BrowserKind, paths: Paths) -> Result<Self, StepError> {
        let Some(browser) = paths.browser else {
            return Err(failure::missing(Cause::BrowserMissing, kind));
        };
        let Some(program) = paths.driver else {
            return Err(failure::missing(Cause::DriverMissing, kind));
        };
        let start_error = |error: std::io::Error| {
            let detail = format!("{} cannot be started: {error}", program.display());
            StepError::harness(Cause::DriverDied).message(detail)
        };
        let ourselves = std::env::current_exe().map_err(start_error)?;
        // One pipe for both: why a program does not start is told on standard error, its port on standard output.
        let (output, input) = std::io::pipe().map_err(start_error)?;
        let output = pipe::Receiver::from_owned_fd(output.into()).map_err(start_error)?;
        let guard = Command::new(ourselves)
            .arg("guard")
            .arg(&program)
            .args(kind.driver_arguments())
            .stdin(Stdio::piped())
            .stdout(input.try_clone().map_err(start_error)?)
            .stderr(input)
            // Ctrl-C on a terminal goes to its whole foreground group: the guard must not be in it.
            .process_group(0)
            .spawn()
            .map_err(start_error)?;
        let mut lines = BufReader::new(output).lines();
        let port = match timeout(START_LIMIT, read_port(&mut lines)).await {
            Ok(Ok(port)) => port,
            Ok(Err(said)) => return Err(did_not_start(kind, &said)),
            Err(_) => {
                let limit_ms = START_LIMIT.as_secs_f64() * 1000.0;
                let cause = Cause::Timeout { phase: Phase::Start, limit_ms };
                return Err(
                    StepError::harness(cause).message(format!("{} does not start", program.display()))
                );
            }
        };
        let url = Url::parse(&format!("http://127.0.0.1:{port}/")).map_err(|_| did_not_start(kind, ""))?;
        // A full pipe would stop the driver.
        let drain = tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { url, browser, guard, drain })
    }

    /// Ends it, its browser and its folder, and waits for that.
    pub(in crate::run::browser) async fn end(mut self) {
        drop(self.guard.stdin.take());
        let _ = timeout(END_LIMIT, self.guard.wait()).await;
        self.drain.abort();
    }
}

fn did_not_start(kind: BrowserKind, said: &str) -> StepError {
    let said = if said.is_empty() { "nothing" } else { said };
    let message = format!("{} ended at once and said: {said}", kind.driver_name());
    StepError::harness(Cause::DriverDied).message(message)
}

/// Reads what a driver prints until it names its port; or all that it said before it ended.
async fn read_port(lines: &mut Lines<BufReader<pipe::Receiver>>) -> Result<u16, String> {
    let mut said = Vec::new();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(port) = port_in(&line) {
            return Ok(port);
        }
        said.push(line);
    }
    // What it says last is why it ended.
    Err(said.split_off(said.len().saturating_sub(LINES_TOLD)).join("; "))
}

fn port_in(line: &str) -> Option<u16> {
    // chromedriver: "was started successfully on port 1."; geckodriver: "Listening on 127.0.0.1:1".
    let number =
        line.split_once("successfully on port ").or_else(|| line.split_once("Listening on 127.0.0.1:"))?.1;
    number.trim_end_matches('.').trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::port_in;

    #[test]
    fn reads_the_port_from_what_either_driver_prints() {
        assert_eq!(port_in("ChromeDriver was started successfully on port 41207."), Some(41207));
        assert_eq!(port_in("1763 geckodriver\tINFO\tListening on 127.0.0.1:4444"), Some(4444));
        assert_eq!(port_in("Starting ChromeDriver 156 on port 0"), None);
    }
}
