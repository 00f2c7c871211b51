"""Climbs the ladder of a deployment: nothing listens, default page, 502, debug page with a missing package, missing CSS,
schema behind, write lost, green. One `smokegate run` for each rung; what it sums up is compared with tests/golden/ladder.
`smokegate diagnose` on each rung that is seen without writing names the same code, in under three seconds; what it says on the others
is golden too. The sites are climbed side by side.

Exit code 0: all summaries are the golden ones and all codes are right. Otherwise 1. `UPDATE=1` writes the summaries.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from control import folders
from control.commands import start
from control.copy import Copy
from control.fault import Fault
from control.matrix import LIMIT, find_program
from control.registry import SITES
from control.site import Site

GOLDEN = folders.SITES.parent / "golden" / "ladder"
ROOT = folders.SITES.parent.parent
FAST = 3000
"""Milliseconds that `diagnose` may take; what takes longer beside other sites is measured again, alone."""
TRIES = 3


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


slots = Slots(1)


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
    Rung("the schema is behind", ("database.schema",), is_seen=False),
    Rung("what is written is lost", ("database.write_lost",), is_seen=False),
    Rung("green", ()),
]

UNSEEN = {"static.html_instead:api"}
"""What a walk without a spec takes for a healthy site."""

VOLATILE = [
    (re.compile(r"\b(smokegate\.test|127\.0\.0\.1|localhost):\d+"), r"\1:PORT"),
    (re.compile(r"\b\d+(?:\.\d+)?(?:ms|s)\b"), "TIME"),
    (re.compile(r"smokegate-no-such-page-\w+"), "smokegate-no-such-page-RUN"),
    (re.compile(r"\b(?=[a-z]*\d)[0-9a-hjkmnp-tv-z]{10}\b"), "RUN"),
    (re.compile(r"(/(?:lists|posts?|meetings|notes|accounts))/(?!new\b)[0-9a-zA-Z_-]+(?=[/ ]|$)", re.MULTILINE), r"\1/N"),
    (re.compile(r"\b(?:GET |POST |open )\S+: ConnectionRefused, \S+"), "REQUEST: ConnectionRefused, ADDRESS"),
    (re.compile(r"(?m)^(seen +)(?!TCP:)\S.*: ConnectionRefused, \S+"), r"\1REQUEST: ConnectionRefused, ADDRESS"),
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


def call(copy: Copy, arguments: list[str], report: Path, alone: bool = False) -> tuple[int, str, dict]:
    report.unlink(missing_ok=True)
    command = [str(find_program()), *arguments, "--report", f"json={report}"]
    environment = os.environ | copy.runner | {"COLUMNS": "110"}
    with slots.take(alone):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LIMIT, cwd=ROOT)
    document = json.loads(report.read_text()) if report.exists() else {}
    return done.returncode, done.stdout + done.stderr, document


ASKED = re.compile(r"asked afterwards: .*?\([^()]*TIME[^()]*\)")
"""What was asked after a failure: how much of it there is time for differs."""


def list_words(text: str) -> list[list[str]]:
    """What is compared, block by block: which line of what was seen comes first, and where lines break, differs."""
    blocks = text.split("```")
    return [sorted(ASKED.sub("", " ".join(block.split())).split()) for block in blocks]


def find_code(document: dict) -> str:
    return (document.get("diagnosis") or {}).get("code", "")


def find_fault(site: Site, rung: Rung) -> Fault | None:
    known = {fault.name: fault for fault in [*site.faults, *site.rungs]}
    return next((known[name] for name in rung.faults if name in known), None)


def climb(site: Site, scratch: Path) -> tuple[str, list[str]]:
    """Gives back the summaries, and what is wrong."""
    scratch = scratch / site.name
    scratch.mkdir()
    scratch.chmod(0o755)
    copy = Copy(site, scratch / "copy")
    summaries, problems = [], []
    try:
        start(copy)
        for rung in RUNGS:
            fault = find_fault(site, rung)
            if rung.faults and not fault:
                problems.append(f"{rung.title}: the site has none of {', '.join(rung.faults)}")
                continue
            copy.deploy(fault)
            summaries.append(f"## {rung.title}\n")
            if fault:
                summaries.append(f"Played: {fault.comment}.\n")
            begun = time.monotonic()
            given = run(copy, fault, scratch, summaries, problems, rung)
            took = time.monotonic() - begun
            walked = diagnose(copy, fault, scratch, summaries, problems, rung)
            print(f"{site.name:13} {rung.title:36} {given or '-':20} {took:4.1f} s  {walked}", flush=True)
    finally:
        copy.stop()
    return "\n".join(summaries), problems


def run(copy: Copy, fault: Fault | None, scratch: Path, summaries: list[str], problems: list[str], rung: Rung) -> str:
    """One run of the site's specs; gives back the code."""
    expected = fault.expected if fault else ""
    options = ["--jobs", "1", "--artifacts", str(scratch / "pictures")]
    command = ["run", f"specs/{copy.site.folder_name}", *options]
    code, output, document = call(copy, command, scratch / "run.json")
    given = find_code(document)
    if code != (1 if fault else 0) or given != expected:
        problems.append(f"{rung.title}: run gave {code}, {given or '-'}; expected {expected or '-'}\n{output}")
    summaries.append(f"```text\n{mask(sum_up(output))}\n```\n")
    return given


def diagnose(
    copy: Copy, fault: Fault | None, scratch: Path, summaries: list[str], problems: list[str], rung: Rung
) -> str:
    """A walk without a spec; gives back what it named and how long it took."""
    url = copy.runner[f"{copy.site.prefix}_URL"]
    certificates = str(folders.CERTIFICATES / "ca.pem")
    walk = ["diagnose", url, "--resolve", "127.0.0.1", "--ca", certificates]
    for number in range(TRIES):
        code, output, document = call(copy, walk, scratch / "walk.json", alone=number > 0)
        given, took = find_code(document), document.get("duration_ms", 0)
        if took <= FAST:
            break
    expected = fault.expected if fault else ""
    is_seen = rung.is_seen and not (fault and fault.name in UNSEEN)
    is_right = code == (1 if expected else 0) and given == expected
    if took > FAST or (is_seen and not is_right):
        problems.append(f"{rung.title}: diagnose gave {code}, {given or '-'} in {took:.0f} ms\n{output}")
    skipped = [line.split("ms  ", 1)[1] for line in output.splitlines() if " a write was not tried" in line]
    told = mask("\n".join([sum_up(output), *skipped]))
    summaries.append(f"`smokegate diagnose`:\n\n```text\n{told}\n```\n")
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
    global slots
    slots = Slots(arguments.jobs)
    problems = []
    with tempfile.TemporaryDirectory(prefix="smokegate-ladder-") as scratch:
        Path(scratch).chmod(0o755)
        with ThreadPoolExecutor(arguments.jobs) as pool:
            climbs = {name: pool.submit(climb, SITES[name], Path(scratch)) for name in arguments.sites or SITES}
        for name, climbed in climbs.items():
            text, wrong = climbed.result()
            problems += [f"{name}: {problem}" for problem in wrong + compare(name, text)]
    print("\n\n".join(problems) or "all summaries are the golden ones, all codes right")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
