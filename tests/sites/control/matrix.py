"""Runs every site in health and in every fault, and compares the diagnosis with what is expected.

Exit code 0: all faults are found, at least 95 % named exactly and the rest by their layer, and health passes. Otherwise 1.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from control import folders
from control.commands import start
from control.copy import Copy
from control.fault import Fault
from control.registry import SITES
from control.site import Site

EXACT = 0.95
"""The part of the faults that must be named exactly."""
LIMIT = 120
"""Seconds that a run may take."""

is_over = threading.Event()
"""Set when the matrix is asked to end: copies heal and stop."""


@dataclass(frozen=True)
class Row:
    """A line of the table; without a fault it is health."""

    site: str
    fault: str
    expected: str
    exit_code: int
    given: str
    seconds: float

    @property
    def is_found(self) -> bool:
        return self.exit_code == (1 if self.fault else 0)

    @property
    def is_exact(self) -> bool:
        return self.is_found and self.given == self.expected

    @property
    def judgement(self) -> str:
        if not self.is_found:
            return "NOT FOUND" if self.fault else "NOT HEALTHY"
        if self.is_exact:
            return "right"
        same_layer = self.given.partition(".")[0] == self.expected.partition(".")[0]
        return "layer right" if same_layer else "WRONG"


def find_program() -> Path:
    named = os.environ.get("SMOKEGATE")
    return Path(named) if named else folders.CACHE.parent / "debug" / "smokegate"


def run_specs(copy: Copy, fault: Fault | None, scratch: Path, keep: Path | None) -> Row:
    """Runs the site's specs against a copy as it is."""
    report = scratch / f"{copy.folder.parent.name}.json"
    report.unlink(missing_ok=True)
    specs = folders.SITES.parent.parent / "specs" / copy.site.folder_name
    command = [find_program(), "run", specs, "--report", f"json={report}", "--artifacts", scratch / "pictures", "-v"]
    environment = os.environ | copy.runner
    begun = time.monotonic()
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LIMIT)
        exit_code, output = done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired as error:
        exit_code, output = -1, f"not done after {LIMIT} s\n{error.stdout or ''}"
    seconds = time.monotonic() - begun
    diagnosis = (json.loads(report.read_text()).get("diagnosis") or {}) if report.exists() else {}
    row = Row(
        copy.site.name,
        fault.name if fault else "",
        fault.expected if fault else "",
        exit_code,
        diagnosis.get("code", ""),
        seconds,
    )
    if keep:
        # Health is looked at again and again: what was not right is not written over.
        name = f"{row.site}--{row.fault or 'health'}" + ("" if row.is_found else f"--{time.time_ns() // 10**6}")
        (keep / f"{name}.txt").write_text(output)
        if report.exists():
            (keep / f"{name}.json").write_text(report.read_text())
    return row


def work(site: Site, faults: queue.Queue[Fault], rows: list[Row], scratch: Path, arguments: argparse.Namespace) -> None:
    """Takes one copy of a site through health, faults from a queue, and health again."""
    copy = Copy(site, Path(tempfile.mkdtemp(prefix="copy-", dir=scratch)) / site.name)
    copy.folder.parent.chmod(0o755)
    try:
        start(copy)
        tell(rows, run_specs(copy, None, scratch, arguments.keep))
        while not is_over.is_set():
            try:
                fault = faults.get_nowait()
            except queue.Empty:
                break
            copy.deploy(fault)
            tell(rows, run_specs(copy, fault, scratch, arguments.keep))
            if arguments.heal:
                copy.deploy(None)
                tell(rows, run_specs(copy, None, scratch, arguments.keep))
        copy.deploy(None)
        tell(rows, run_specs(copy, None, scratch, arguments.keep))
    except Exception as error:  # the other copies go on, the table says it
        print(f"{site.name}: a copy broke: {error}", file=sys.stderr)
        tell(rows, Row(site.name, "(a copy broke)", "", -1, "", 0.0))
    finally:
        copy.stop()


def tell(rows: list[Row], row: Row) -> None:
    rows.append(row)
    print(
        f"{row.site:13} {row.fault or 'health':34} exit {row.exit_code:<3} {row.given or '-':28} {row.expected or '-':28} "
        f"{row.judgement:12} {row.seconds:5.1f} s",
        flush=True,
    )


def judge(rows: list[Row]) -> int:
    broken = [row for row in rows if row.fault]
    exact = sum(row.is_exact for row in broken)
    found = sum(row.is_found for row in broken)
    healthy = [row for row in rows if not row.fault]
    health = sum(row.is_found for row in healthy)
    part = exact / len(broken) if broken else 1.0
    print(
        f"\n{found} of {len(broken)} faults found, {exact} named exactly ({part:.1%}); health {health} of {len(healthy)}"
    )
    is_layer_right = all(row.judgement in {"right", "layer right"} for row in broken)
    return 0 if is_layer_right and part >= EXACT and health == len(healthy) else 1


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/sites/matrix", description=__doc__)
    parser.add_argument("sites", nargs="*", metavar="SITE", help=f"{', '.join(SITES)}; all where none is given")
    parser.add_argument("--jobs", type=int, default=2, help="how many copies of a site run side by side")
    parser.add_argument("--only", metavar="GLOB", default="*", help="only faults whose name matches")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="write each run's output and report to this folder")
    parser.add_argument("--heal", action="store_true", help="look at health after every fault, not only at the end")
    return parser.parse_args()


def main() -> int:
    arguments = read_arguments()
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    unknown = [name for name in arguments.sites if name not in SITES]
    if unknown:
        print(f"tests/sites/matrix: no such site: {', '.join(unknown)}; there are {', '.join(SITES)}", file=sys.stderr)
        return 2
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: is_over.set())
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="smokegate-matrix-") as scratch:
        Path(scratch).chmod(0o755)
        for name in arguments.sites or SITES:
            if is_over.is_set():
                return 130
            faults: queue.Queue[Fault] = queue.Queue()
            for fault in SITES[name].faults:
                if fnmatch.fnmatch(fault.name, arguments.only):
                    faults.put(fault)
            begin = (SITES[name], faults, rows, Path(scratch), arguments)
            workers = [threading.Thread(target=work, args=begin) for _ in range(arguments.jobs)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
    return judge(rows)


if __name__ == "__main__":
    sys.exit(main())
