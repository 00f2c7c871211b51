"""Climbs the ladder of a deployment: nothing listens, default page, 502, debug page with a missing package, missing CSS,
schema behind, write lost, green. One `smokegate run` for each rung; what it sums up is compared with tests/golden/ladder.
`smokegate diagnose`, in the folder of the site's project file, names the same code on each rung that is seen without
writing, in under three seconds; what it says on the others is golden too. The sites are climbed side by side, each by `tests/sites/start`, `fault` and `stop`, as a person
does it: a start is quick, and nothing is left after a stop.

Exit code 0: all summaries are the golden ones and all codes are right. Otherwise 1. `UPDATE=1` writes the summaries.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import json
import os
import re
import shlex
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from control import folders
from control.fault import Fault
from control.processes import list_those_that_know
from control.registry import SITES
from control.runs import Interrupted, Runs, find_program
from control.site import Site

GOLDEN = folders.SITES.parent / "golden" / "ladder"
ROOT = folders.SITES.parent.parent
FAST = 3000
"""Milliseconds that `diagnose` may take; what takes longer beside other sites is measured again, alone."""
TRIES = 3
DYING = 5.0
"""Seconds in which what was killed is gone."""
START, LATE = 5.0, 30.0
"""Seconds that a start is to take on a machine that does nothing else, and those after which it is wrong anywhere."""


class Slots:
    """How many programs run side by side; one can have the machine for itself."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.free = threading.Semaphore(count)
        self.asking = threading.Lock()

    @contextlib.contextmanager
    def take(self, alone: bool) -> Iterator[None]:
        wanted = self.count if alone else 1
        with self.asking:
            for _ in range(wanted):
                self.free.acquire()
        try:
            yield
        finally:
            self.free.release(wanted)


@dataclass(frozen=True)
class Rung:
    """A state of the ladder: its title, the faults that make it (the first that the site has), and whether an outsider
    sees it without writing."""

    title: str
    faults: tuple[str, ...]
    is_seen: bool = True


MISSING_PACKAGE = ("home", "every_request", "list", "debug")

RUNGS = [
    Rung("nothing listens", ("network.refused",)),
    Rung("the web server's default page", ("proxy.default_page",)),
    Rung("502: the application does not run", ("proxy.bad_gateway",)),
    Rung("a debug page: a package is missing", tuple(f"dependency.missing:{where}" for where in MISSING_PACKAGE)),
    Rung("the stylesheets are missing", ("static.missing", "static.html_instead:api")),
    Rung("the schema is behind", ("database.schema:table", "database.schema")),
    Rung("what is written is lost", ("database.write_lost",), is_seen=False),
    Rung("green", ()),
]

VOLATILE = [
    (re.compile(r"\b(smokegate\.test|127\.0\.0\.1|localhost):\d+"), r"\1:PORT"),
    (re.compile(r"\b\d+(?:\.\d+)?(?:ms|s)\b"), "TIME"),
    (re.compile(r"smokegate-no-such-page-\w+"), "smokegate-no-such-page-RUN"),
    (re.compile(r"\b(?=[a-z]*\d)[0-9a-hjkmnp-tv-z]{10}\b"), "RUN"),
    (re.compile(r"(/(?:lists|posts?|meetings|notes|accounts))/(?!new\b)[0-9a-zA-Z_-]+(?=[/ ]|$)", re.MULTILINE), r"\1/N"),
    (re.compile(r"\b(?:GET |POST |open )\S+: connection refused at \S+"), "REQUEST: connection refused at ADDRESS"),
    (re.compile(r"(?m)^(seen +)\S.*: connection refused at \S+"), r"\1REQUEST: connection refused at ADDRESS"),
    (re.compile(r"(1 failed, \d+ skipped in .*\n.*:\n)specs/\S+"), r"\1SPEC"),
    (re.compile(r"(/assets/\w+)-[\w-]{8}\."), r"\1-HASH."),
]
"""What differs from run to run."""


def mask(text: str) -> str:
    for pattern, instead in VOLATILE:
        text = pattern.sub(instead, text)
    return text


def sum_up(output: str) -> str:
    """The end of what a run prints: cause, what was seen, what to do next, how many."""
    lines = output.rstrip().splitlines()
    begin = next((number for number, line in enumerate(lines) if line.startswith("cause ")), None)
    if begin is None:
        begin = max((number for number, line in enumerate(lines) if not line), default=0) + 1
    return "\n".join(lines[begin:])


ASKED = re.compile(r"asked afterwards: .*?\([^()]*TIME[^()]*\)")
"""What was asked after a failure: how much of it there is time for differs."""


def list_words(text: str) -> list[list[str]]:
    """What is compared, block by block: all words in their order; where lines break differs with what is masked."""
    return [ASKED.sub("", " ".join(block.split())).split() for block in text.split("```")]


def find_code(document: dict) -> str:
    return (document.get("diagnosis") or {}).get("code", "")


def find_fault(site: Site, rung: Rung) -> Fault | None:
    known = {fault.name: fault for fault in [*site.faults, *site.rungs]}
    return next((known[name] for name in rung.faults if name in known), None)


class Broken(Exception):
    """A script that does not do what it is for."""


@dataclass
class Climb:
    """A site on its way up the ladder."""

    site: Site
    scratch: Path
    runs: Runs
    slots: Slots
    environment: dict[str, str] = field(default_factory=dict)
    summaries: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def state(self) -> Path:
        return self.scratch / "state"

    def climb(self) -> tuple[str, list[str]]:
        """Gives back the summaries, and what is wrong."""
        self.runs.go_on()
        self.scratch.mkdir()
        self.scratch.chmod(0o755)
        try:
            self.start()
            played = None
            for rung in RUNGS:
                fault = find_fault(self.site, rung)
                if rung.faults and not fault:
                    self.problems.append(f"{rung.title}: the site has none of {', '.join(rung.faults)}")
                elif fault:
                    self.control("fault", fault.name, "on")
                elif played:
                    self.control("fault", played.name, "off")
                played = fault
                self.look(rung, fault)
        except Broken as error:
            self.problems.append(str(error))
        finally:
            self.stop()
        return "\n".join(self.summaries), self.problems

    def control(self, script: str, *arguments: str) -> None:
        """Calls one of the scripts, and takes over the environment that it tells."""
        command = [folders.SITES / script, self.site.name, *arguments, "--state", self.state, "--shell"]
        code, output, errors = self.runs.run(command, dict(os.environ))
        self.runs.go_on()
        if code:
            raise Broken(f"{script} {' '.join(arguments)}: exit {code}\n{output}{errors}")
        exports = [shlex.split(line)[1].partition("=") for line in output.splitlines()]
        self.environment = {name: value for name, _, value in exports}

    def start(self) -> None:
        begun = time.monotonic()
        self.control("start")
        took = time.monotonic() - begun
        slow = f", slower than {START:.0f} s beside other sites" if took > START else ""
        print(f"{self.site.name:13} starts in {took:.1f} s{slow}", flush=True)
        if took > LATE:
            self.problems.append(f"it starts in {took:.1f} s")

    def stop(self) -> None:
        """Ends the site; nothing of it may be left. Not by `Runs`: this is done where all is to end, too."""
        ended = Runs()
        code, output, errors = ended.run([folders.SITES / "stop", self.site.name, "--state", self.state], dict(os.environ))
        left = [str(path) for path in self.state.iterdir()] if self.state.exists() else []
        deadline = time.monotonic() + DYING
        while (alive := list_those_that_know(self.state)) and time.monotonic() < deadline:
            time.sleep(0.05)
        left += alive
        if (code or left) and not self.runs.is_over.is_set():
            self.problems.append(f"stop: exit {code}; left: {', '.join(left) or 'nothing'}\n{output}{errors}")

    def look(self, rung: Rung, fault: Fault | None) -> None:
        """What a run and a walk say of the site as it is."""
        self.summaries.append(f"## {rung.title}\n")
        if fault:
            self.summaries.append(f"Played: {fault.comment}.\n")
        begun = time.monotonic()
        given = self.run(rung, fault)
        took = time.monotonic() - begun
        walked = self.diagnose(rung, fault)
        print(f"{self.site.name:13} {rung.title:36} {given or '-':20} {took:4.1f} s  {walked}", flush=True)

    def call(self, arguments: list[str], folder: Path = ROOT, alone: bool = False) -> tuple[int, str, dict]:
        """Runs smokegate; gives back its exit code, what it printed, and its report."""
        report = self.scratch / "report.json"
        report.unlink(missing_ok=True)
        command = [find_program(), *arguments, "--report", f"json={report}"]
        with self.slots.take(alone):
            code, output, errors = self.runs.run(command, os.environ | self.environment | {"COLUMNS": "110"}, folder)
        self.runs.go_on()
        document = json.loads(report.read_text()) if report.exists() else {}
        return code, output + errors, document

    def run(self, rung: Rung, fault: Fault | None) -> str:
        """One run of the site's specs; gives back the code."""
        expected = fault.expected if fault else ""
        options = ["--jobs", "1", "--artifacts", str(self.scratch / "pictures")]
        code, output, document = self.call(["run", f"specs/{self.site.folder_name}", *options])
        given = find_code(document)
        if code != (1 if fault else 0) or given != expected:
            self.problems.append(f"{rung.title}: run gave {code}, {given or '-'}; expected {expected or '-'}\n{output}")
        self.summaries.append(f"```text\n{mask(sum_up(output))}\n```\n")
        return given

    def diagnose(self, rung: Rung, fault: Fault | None) -> str:
        """A walk without a spec, with what the site's project file says; gives back what it named and how long it took."""
        project = ROOT / "specs" / self.site.folder_name
        for number in range(TRIES):
            code, output, document = self.call(["diagnose"], project, alone=number > 0)
            given, took = find_code(document), document.get("duration_ms", 0)
            if took <= FAST:
                break
        expected = fault.expected if fault else ""
        is_right = code == (1 if expected else 0) and given == expected
        if took > FAST or (rung.is_seen and not is_right):
            self.problems.append(f"{rung.title}: diagnose gave {code}, {given or '-'} in {took:.0f} ms\n{output}")
        skipped = [line.split("ms  ", 1)[1] for line in output.splitlines() if "not tried: diagnose sends no forms" in line]
        told = mask("\n".join([sum_up(output), *skipped]))
        self.summaries.append(f"`smokegate diagnose`:\n\n```text\n{told}\n```\n")
        return f"diagnose: {given or '-'} in {took:.0f} ms"


def compare(name: str, text: str) -> list[str]:
    golden = GOLDEN / f"{name}.md"
    stored = golden.read_text() if golden.exists() else ""
    if list_words(stored) == list_words(text):
        return []
    if os.environ.get("UPDATE"):
        GOLDEN.mkdir(parents=True, exist_ok=True)
        golden.write_text(text)
        return []
    lines = difflib.unified_diff(stored.splitlines(), text.splitlines(), str(golden), "now", lineterm="")
    difference = "\n".join(lines)
    return [difference] if difference else []


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests/sites/ladder", description=__doc__)
    parser.add_argument("sites", nargs="*", metavar="SITE", help=f"{', '.join(SITES)}; all where none is given")
    parser.add_argument("--jobs", type=int, default=3, help="how many sites are climbed side by side")
    arguments = parser.parse_args()
    runs, slots = Runs(), Slots(arguments.jobs)
    runs.heed_signals()
    problems = []
    with tempfile.TemporaryDirectory(prefix="smokegate-ladder-") as scratch:
        Path(scratch).chmod(0o755)
        with ThreadPoolExecutor(arguments.jobs) as pool:
            climbs = {
                name: pool.submit(Climb(SITES[name], Path(scratch) / name, runs, slots).climb)
                for name in arguments.sites or SITES
            }
        for name, climbed in climbs.items():
            with contextlib.suppress(Interrupted):
                text, wrong = climbed.result()
                problems += [f"{name}: {problem}" for problem in wrong + compare(name, text)]
    if runs.is_over.is_set():
        return 130
    print("\n\n".join(problems) or "all summaries are the golden ones, all codes right")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
