//! Runs made of typed events, for tests: no network, no clock.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use super::{Format, TerminalOptions, build};
use crate::diagnose::Diagnosis;
use crate::event::{Event, EventKind, ScenarioHead, StepHead, StepOutcome, Tally, TargetInfo, VERSION};
use crate::evidence::{Body, Evidence, Exchange, Header, Headers, Hop, Request, Response, Timings};
use crate::expect::{Check, Terms};
use crate::source::Place;
use crate::verdict::{StepError, Verdict};

/// What a reporter wrote, readable while the reporter still has it.
#[derive(Clone, Default)]
pub(super) struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything that a reporter writes about these events.
pub(super) fn replay(format: Format, events: &[Event], options: TerminalOptions) -> String {
    let paper = Paper::default();
    let mut reporter = build(format, Box::new(paper.clone()), options);
    for event in events {
        reporter.on_event(event).unwrap();
    }
    reporter.finish().unwrap();
    paper.text()
}

/// Events of one run, as they are put together.
pub(super) struct Scene {
    events: Vec<Event>,
    elapsed_ms: f64,
    heads: Vec<ScenarioHead>,
    target: TargetInfo,
    counts: Tally,
}

/// A scenario of a scene.
pub(super) struct Act {
    pub(super) name: &'static str,
    pub(super) file: &'static str,
    pub(super) case: Option<&'static str>,
    pub(super) verdict: Verdict,
    pub(super) steps: Vec<StepOutcome>,
    pub(super) diagnosis: Option<Diagnosis>,
    pub(super) note: Option<&'static str>,
}

impl Act {
    pub(super) fn new(
        name: &'static str,
        file: &'static str,
        verdict: Verdict,
        steps: Vec<StepOutcome>,
    ) -> Self {
        Self { name, file, case: None, verdict, steps, diagnosis: None, note: None }
    }
}

impl Scene {
    pub(super) fn new(target: TargetInfo) -> Self {
        Self { events: Vec::new(), elapsed_ms: 0.0, heads: Vec::new(), target, counts: Tally::default() }
    }

    fn push(&mut self, after_ms: f64, kind: EventKind) {
        self.elapsed_ms += after_ms;
        let seconds = self.elapsed_ms / 1_000.0;
        let at = format!("2026-11-21T06:{:02.0}:{:06.3}Z", (seconds / 60.0).floor(), seconds % 60.0);
        self.events.push(Event { at, elapsed_ms: self.elapsed_ms, kind });
    }

    pub(super) fn notice(&mut self, message: &str) {
        self.push(1.0, EventKind::Notice { message: message.to_owned() });
    }

    pub(super) fn play(&mut self, mut act: Act) {
        let id = self.heads.len();
        for (index, outcome) in act.steps.iter_mut().enumerate() {
            outcome.step.index = index;
            outcome.step.place.file = act.file.to_owned();
            for place in outcome.checks.iter_mut().filter_map(|check| check.place.as_mut()) {
                place.file = act.file.to_owned();
            }
        }
        self.heads.push(ScenarioHead {
            id,
            name: act.name.to_owned(),
            file: act.file.to_owned(),
            case: act.case.map(str::to_owned),
            tags: vec!["critical".to_owned()],
        });
        if act.verdict != Verdict::Skipped {
            self.push(1.0, EventKind::ScenarioStarted { scenario: id });
        }
        let mut duration_ms = 0.0;
        for outcome in act.steps {
            duration_ms += outcome.duration_ms;
            self.push(0.0, EventKind::StepStarted { scenario: id, step: outcome.step.clone() });
            let after = outcome.duration_ms;
            self.push(after, EventKind::StepFinished { scenario: id, outcome: Box::new(outcome) });
        }
        self.counts.add(act.verdict);
        let note = act.note.map(str::to_owned);
        let (verdict, diagnosis) = (act.verdict, act.diagnosis);
        self.push(0.0, EventKind::ScenarioFinished { scenario: id, verdict, duration_ms, diagnosis, note });
    }

    /// The events up to here, the first one in front, without an end.
    pub(super) fn cut(self) -> Vec<Event> {
        let kind = EventKind::RunStarted {
            version: VERSION,
            smokegate: "0.1.0".to_owned(),
            run_id: "01KAJ5Z0".to_owned(),
            target: self.target,
            scenarios: self.heads,
        };
        let first = Event { at: "2026-11-21T06:00:00.000Z".to_owned(), elapsed_ms: 0.0, kind };
        std::iter::once(first).chain(self.events).collect()
    }

    pub(super) fn end(mut self, diagnosis: Option<Diagnosis>) -> Vec<Event> {
        let counts = self.counts;
        let exit_code = match counts.verdict() {
            Verdict::Failed => 1,
            Verdict::Errored => 3,
            Verdict::Passed | Verdict::Flaky | Verdict::Skipped => 0,
        };
        let duration_ms = self.elapsed_ms;
        let verdict = counts.verdict();
        self.push(0.0, EventKind::RunFinished { verdict, exit_code, counts, duration_ms, diagnosis });
        self.cut()
    }
}

pub(super) fn staging() -> TargetInfo {
    TargetInfo {
        name: Some("staging".to_owned()),
        url: "https://staging.example.com".to_owned(),
        insecure: false,
    }
}

/// A place that covers a whole line of text behind its blanks.
pub(super) fn place(line: usize, text: &str) -> Place {
    place_of(line, text, text.trim_start())
}

/// A place that covers a part of a line.
pub(super) fn place_of(line: usize, text: &str, part: &str) -> Place {
    let offset = text.find(part).unwrap();
    Place {
        file: "specs/todo.toml".to_owned(),
        line,
        column: text[..offset].chars().count() + 1,
        length: part.chars().count(),
        text: text.to_owned(),
    }
}

/// A step that went well: `get = "/"` at line 7.
pub(super) fn step(name: &str, action: &str, duration_ms: f64) -> StepOutcome {
    let text = format!("{action} = \"/\"");
    StepOutcome {
        step: StepHead {
            index: 0,
            name: name.to_owned(),
            action: action.to_owned(),
            actor: "visitor".to_owned(),
            place: place_of(7, &text, action),
            cleanup: false,
            optional: false,
        },
        verdict: Verdict::Passed,
        duration_ms,
        attempts: 1,
        checks: Vec::new(),
        error: None,
        evidence: None,
        captured: Vec::new(),
        artifacts: Vec::new(),
        note: None,
    }
}

pub(super) fn check(subject: &str, expected: &str, actual: &str, place: Place) -> Check {
    Check {
        subject: subject.to_owned(),
        holds: false,
        expected: expected.to_owned(),
        actual: actual.to_owned(),
        place: Some(place),
        history: None,
        terms: Terms::default(),
    }
}

impl StepOutcome {
    pub(super) fn failing(mut self, check: Check) -> Self {
        self.verdict = Verdict::Failed;
        self.checks.push(check);
        self
    }

    pub(super) fn erring(mut self, error: StepError) -> Self {
        self.verdict = error.verdict();
        self.error = Some(error);
        self
    }

    pub(super) fn seeing(mut self, evidence: Evidence) -> Self {
        self.evidence = Some(evidence);
        self
    }

    pub(super) fn by(mut self, actor: &str) -> Self {
        self.step.actor = actor.to_owned();
        self
    }

    pub(super) fn into_cleanup(mut self) -> Self {
        self.step.cleanup = true;
        self
    }
}

pub(super) fn headers(pairs: &[(&str, &str)]) -> Headers {
    let header =
        |(name, value): &(&str, &str)| Header { name: (*name).to_owned(), value: (*value).to_owned() };
    Headers(pairs.iter().map(header).collect())
}

pub(super) fn request(method: &str, url: &str, pairs: &[(&str, &str)], body: &str) -> Request {
    Request {
        method: method.to_owned(),
        url: url.to_owned(),
        headers: headers(pairs),
        body: if body.is_empty() { Body::default() } else { Body::of_text(body) },
    }
}

pub(super) fn hop(request: Request, status: u16, media_type: &str, body: &str, total_ms: f64) -> Hop {
    Hop {
        request,
        response: Some(Response {
            status,
            version: "HTTP/2".to_owned(),
            headers: headers(&[("content-type", media_type), ("set-cookie", "sessionid=verysecret; Path=/")]),
            body: Body::of_text(body),
            text: None,
        }),
        cause: None,
        timings: Timings {
            dns_ms: Some(2.0),
            connect_ms: Some(11.2),
            tls_ms: Some(24.0),
            first_byte_ms: Some(total_ms * 0.9),
            body_ms: Some(total_ms * 0.1),
            total_ms,
        },
        address: Some("203.0.113.7:443".to_owned()),
        certificate: None,
    }
}

pub(super) fn exchange(hops: Vec<Hop>) -> Exchange {
    let total_ms = hops.iter().map(|hop| hop.timings.total_ms).sum();
    Exchange { hops, total_ms }
}
