"""Climbs the ladder of a deployment: nothing listens, default page, 502, debug page with a missing package, missing CSS,
schema behind, write lost, green. One `smokegate run` for each rung; what it sums up is compared with tests/golden/ladder.
`smokegate diagnose` on each rung that is seen from outside names the same code, in under three seconds.

Exit code 0: all summaries are the golden ones and all codes are right. Otherwise 1. `UPDATE=1` writes the summaries.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from control import folders
from control.commands import start
from control.copy import Copy
from control.matrix import LIMIT, find_program
from control.registry import SITES
from control.site import Site

GOLDEN = folders.SITES.parent / "golden" / "ladder"
FAST = 3000
"""Milliseconds that `diagnose` may take."""


@dataclass(frozen=True)
class Rung:
    """A state of the ladder: its title, the faults that make it (the first that the site has), and whether an outsider
    sees it without writing."""

    title: str
    faults: tuple[str, ...]
    is_seen: bool = True


RUNGS = [
    Rung("nothing listens", ("network.refused",)),
    Rung("the web server's default page", ("proxy.default_page",)),
    Rung("502: the application does not run", ("proxy.bad_gateway",)),
    Rung("a debug page: a package is missing", ("dependency.missing:debug", "dependency.missing", "dependency.missing:boot")),
    Rung("the stylesheets are missing", ("static.missing", "static.missing:not_collected")),
    Rung("the schema is behind", ("database.schema", "database.schema:column"), is_seen=False),
    Rung("what is written is lost", ("database.write_lost",), is_seen=False),
    Rung("green", ()),
]

VOLATILE = [
    (re.compile(r"\b(smokegate\.test|127\.0\.0\.1|localhost):\d+"), r"\1:PORT"),
    (re.compile(r"\b\d+(?:\.\d+)?(?:ms|s)\b"), "TIME"),
    (re.compile(r"\b7[0-9a-z]{9}\b"), "RUN"),
    (re.compile(r"(?<!specs)(/lists|/posts?|/meetings|/notes|/accounts)/[0-9a-zA-Z]+\b"), r"\1/N"),
    (re.compile(r"^.*/specs/", re.MULTILINE), "specs/"),
    (re.compile(r" \S*/specs/"), " specs/"),
]
"""What differs from run to run."""


def mask(text: str) -> str:
    for pattern, instead in VOLATILE:
        text = pattern.sub(instead, text)
    # Where lines are wrapped depends on the length of what was masked.
    return re.sub(r"\n {10}(?=\S)", "\n          ", text)


def sum_up(output: str) -> str:
    """The end of what a run prints: cause, what was seen, what to do next, how many."""
    lines = output.rstrip().splitlines()
    begin = next((number for number, line in enumerate(lines) if line.startswith("cause ")), None)
    if begin is None:
        begin = max((number for number, line in enumerate(lines) if not line), default=0) + 1
    return "\n".join(lines[begin:])


def call(copy: Copy, arguments: list[str], report: Path) -> tuple[int, str, dict]:
    report.unlink(missing_ok=True)
    command = [str(find_program()), *arguments, "--report", f"json={report}"]
    environment = os.environ | copy.runner | {"COLUMNS": "110"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LIMIT)
    document = json.loads(report.read_text()) if report.exists() else {}
    return done.returncode, done.stdout + done.stderr, document


def find_code(document: dict) -> str:
    return (document.get("diagnosis") or {}).get("code", "")


def climb(site: Site, scratch: Path) -> tuple[str, list[str]]:
    """Gives back the summaries, and what is wrong."""
    copy = Copy(site, scratch / site.name)
    summaries, problems = [], []
    known = {fault.name: fault for fault in site.faults}
    try:
        start(copy)
        for rung in RUNGS:
            fault = next((known[name] for name in rung.faults if name in known), None)
            if rung.faults and not fault:
                summaries.append(f"## {rung.title}\n\n(not on this site)\n")
                continue
            copy.deploy(fault)
            expected = fault.expected if fault else ""
            specs = folders.SITES.parent.parent / "specs" / site.folder_name
            run = ["run", str(specs), "--jobs", "1", "--artifacts", str(scratch / "pictures")]
            code, output, document = call(copy, run, scratch / "run.json")
            given = find_code(document)
            if code != (1 if fault else 0) or given != expected:
                problems.append(f"{rung.title}: run gave {code}, {given or '-'}; expected {expected or '-'}\n{output}")
            summaries.append(f"## {rung.title}\n\n{mask(sum_up(output))}\n")
            seen = ""
            if rung.is_seen:
                seen = diagnose(copy, rung, expected, scratch, problems)
            print(f"{site.name:13} {rung.title:36} {given or '-':24} {seen}", flush=True)
    finally:
        copy.stop()
    return "\n".join(summaries), problems


def diagnose(copy: Copy, rung: Rung, expected: str, scratch: Path, problems: list[str]) -> str:
    url = copy.runner[f"{copy.site.prefix}_URL"]
    certificates = str(folders.CERTIFICATES / "ca.pem")
    walk = ["diagnose", url, "--resolve", "127.0.0.1", "--ca", certificates]
    code, output, document = call(copy, walk, scratch / "walk.json")
    given, took = find_code(document), document.get("duration_ms", 0)
    if code != (1 if expected else 0) or given != expected or took > FAST:
        problems.append(f"{rung.title}: diagnose gave {code}, {given or '-'} in {took:.0f} ms\n{output}")
    return f"diagnose: {given or '-'} in {took:.0f} ms"


def compare(name: str, text: str) -> list[str]:
    golden = GOLDEN / f"{name}.snap"
    if os.environ.get("UPDATE"):
        GOLDEN.mkdir(parents=True, exist_ok=True)
        golden.write_text(text)
        return []
    stored = golden.read_text() if golden.exists() else ""
    lines = difflib.unified_diff(stored.splitlines(), text.splitlines(), str(golden), "now", lineterm="")
    difference = "\n".join(lines)
    return [difference] if difference else []


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests/sites/ladder", description=__doc__)
    parser.add_argument("sites", nargs="*", metavar="SITE", help=f"{', '.join(SITES)}; all where none is given")
    arguments = parser.parse_args()
    problems = []
    with tempfile.TemporaryDirectory(prefix="smokegate-ladder-") as scratch:
        Path(scratch).chmod(0o755)
        for name in arguments.sites or SITES:
            text, wrong = climb(SITES[name], Path(scratch))
            problems += [f"{name}: {problem}" for problem in wrong + compare(name, text)]
    print("\n\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
