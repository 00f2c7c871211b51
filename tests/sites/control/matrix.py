"""Runs every site in health and in every fault, and compares the diagnosis with what is expected.

Exit code 0: all faults are found, at least 95 % exactly and the others by their layer; nothing is called certain that is not so;
and health passes. Otherwise 1.
"""

from __future__ import annotations

import argparse
import fnmatch
import itertools
import json
import os
import sys
import tempfile
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from control import folders
from control.commands import start
from control.copy import Copy
from control.fault import Fault
from control.registry import SITES
from control.runs import Runs, find_program
from control.site import Site

EXACT = 0.95
"""The part of the faults that must be named exactly."""
GOAL = 600
"""Seconds that all of it is to take."""
WORTH_A_COPY = 5
"""How many faults one more copy of a site must find for each that it has: it is looked at in health too."""


@dataclass(frozen=True)
class Row:
    """A line of the table; without a fault it is health."""

    site: str
    fault: Fault | None
    exit_code: int
    given: str
    certainty: str
    seconds: float
    trouble: str = ""
    """Why a copy could not be looked at."""
    output: str = ""
    """What smokegate said."""

    @property
    def name(self) -> str:
        return f"({self.trouble})" if self.trouble else self.fault.name if self.fault else "health"

    @property
    def is_found(self) -> bool:
        return not self.trouble and self.exit_code == (self.fault.exit_code if self.fault else 0)

    @property
    def is_exact(self) -> bool:
        return self.is_found and self.fault is not None and self.given == self.fault.expected

    @property
    def judgement(self) -> str:
        if not self.is_found:
            return "NOT FOUND" if self.fault else "NOT HEALTHY"
        if not self.fault or self.is_exact:
            return "right"
        if self.certainty == "certain":
            return "WRONG, CERTAIN"
        same_layer = self.given.partition(".")[0] == self.fault.expected.partition(".")[0]
        return "layer right" if same_layer else "WRONG"

    @property
    def is_right(self) -> bool:
        return self.judgement == "right"

    @property
    def is_allowed(self) -> bool:
        return self.judgement in {"right", "layer right"}


class Plan:
    """What is to be done at each site, and by how many copies."""

    def __init__(self, names: list[str], only: str) -> None:
        self.lock = threading.Lock()
        self.copies = dict.fromkeys(names, 0)
        self.faults = {
            name: deque(fault for fault in SITES[name].faults if fnmatch.fnmatch(fault.name, only)) for name in names
        }

    def take_site(self) -> Site | None:
        """The site that another copy is of most use to: one without any, else that with the most faults for each."""
        with self.lock:
            fresh = [name for name, copies in self.copies.items() if copies == 0]
            wanting = [name for name, faults in self.faults.items() if len(faults) >= WORTH_A_COPY * self.copies[name]]
            found = [name for name in fresh or wanting if fresh or self.faults[name]]
            if not found:
                return None
            name = max(found, key=lambda name: len(self.faults[name]) / (self.copies[name] + 1))
            self.copies[name] += 1
            return SITES[name]

    def take_fault(self, site: Site) -> Fault | None:
        with self.lock:
            faults = self.faults[site.name]
            return faults.popleft() if faults else None


class Matrix:
    """The matrix as it is filled."""

    def __init__(self, arguments: argparse.Namespace, scratch: Path) -> None:
        self.arguments = arguments
        self.scratch = scratch
        self.plan = Plan(arguments.sites or list(SITES), arguments.only)
        self.runs = Runs()
        self.rows: list[Row] = []
        self.numbers = itertools.count(1)

    def fill(self) -> None:
        """Works with some copies side by side until nothing is left."""
        workers = [threading.Thread(target=self.work) for _ in range(self.arguments.jobs)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def work(self) -> None:
        while not self.runs.is_over.is_set() and (site := self.plan.take_site()):
            # Databases have sockets in it: their paths must be short.
            folder = self.scratch / str(next(self.numbers))
            folder.mkdir()
            folder.chmod(0o755)
            copy = Copy(site, folder / site.name)
            try:
                self.take_through(copy)
            except Exception as error:  # the other copies go on, the table says it
                if not self.runs.is_over.is_set():
                    print(f"{site.name}: a copy broke: {error}", file=sys.stderr)
                    self.tell(Row(site.name, None, -1, "", "", 0.0, f"a copy broke: {copy.fault}"))
            finally:
                copy.stop()

    def take_through(self, copy: Copy) -> None:
        """Takes a copy through health, faults as long as there are any, and health again."""
        start(copy)
        self.look(copy, None)
        while not self.runs.is_over.is_set() and (fault := self.plan.take_fault(copy.site)):
            copy.deploy(fault)
            self.look(copy, fault)
            if self.arguments.heal:
                copy.deploy(None)
                self.look(copy, None)
        if not self.runs.is_over.is_set():
            copy.deploy(None)
            self.look(copy, None)

    def look(self, copy: Copy, fault: Fault | None) -> None:
        """Runs the site's specs against a copy as it is."""
        scratch, keep = copy.folder.parent, self.arguments.keep
        report = scratch / "report.json"
        report.unlink(missing_ok=True)
        specs = folders.SITES.parent.parent / "specs" / copy.site.folder_name
        command = [find_program(), "run", specs, "--report", f"json={report}", "--artifacts", scratch / "pictures"]
        begun = time.monotonic()
        exit_code, output, errors = self.runs.run([*command, "-v"], os.environ | copy.runner)
        seconds = time.monotonic() - begun
        if self.runs.is_over.is_set():
            return
        diagnosis = (json.loads(report.read_text()).get("diagnosis") or {}) if report.exists() else {}
        code, certainty = diagnosis.get("code", ""), diagnosis.get("certainty", "")
        row = Row(copy.site.name, fault, exit_code, code, certainty, seconds, output=output + errors)
        self.tell(row)
        if keep:
            # Health is looked at again and again: what was not right is not written over.
            name = f"{row.site}--{row.name}" + ("" if row.is_found else f"--{time.time_ns() // 10**6}")
            (keep / f"{name}.txt").write_text(output + errors)
            if report.exists():
                (keep / f"{name}.json").write_text(report.read_text())

    def tell(self, row: Row) -> None:
        """Prints a row."""
        self.rows.append(row)
        if not self.arguments.quiet or not row.is_right:
            print(tell_row(row), flush=True)

    def tell_troubles(self) -> None:
        """Prints what is not right once more, with what smokegate said where it is not allowed."""
        print()
        for row in self.rows:
            if not row.is_right:
                print(tell_row(row))
            if not row.is_allowed and row.output:
                print(row.output)


def tell_row(row: Row) -> str:
    expected = row.fault.expected if row.fault else "-"
    certainty = {"certain": "certain", "probable": "prob."}.get(row.certainty, "-")
    return (
        f"{row.site:13} {row.name:34} exit {row.exit_code:<3} {row.given or '-':28} {certainty:7} "
        f"{expected:28} {row.judgement:14} {row.seconds:5.1f} s"
    )


def judge(rows: list[Row]) -> int:
    """Prints what was found, for each site and in all, and tells the exit code."""
    for name in dict.fromkeys(row.site for row in rows):
        print(f"{name:13} {count([row for row in rows if row.site == name])}")
    print(f"{'in all':13} {count(rows)}")
    broken, healthy = divide(rows)
    exact = sum(row.is_exact for row in broken)
    is_healthy = bool(healthy) and all(row.is_found for row in healthy)
    is_allowed = all(row.is_allowed for row in broken)
    return 0 if is_allowed and exact >= EXACT * len(broken) and is_healthy else 1


def divide(rows: list[Row]) -> tuple[list[Row], list[Row]]:
    """Those with a fault, and those of health."""
    return [row for row in rows if row.fault], [row for row in rows if not row.fault]


def count(rows: list[Row]) -> str:
    broken, healthy = divide(rows)
    found, exact = sum(row.is_found for row in broken), sum(row.is_exact for row in broken)
    part = exact / len(broken) if broken else 1.0
    return (
        f"{found:3} of {len(broken):3} faults found, {exact:3} named exactly ({part:6.1%}); "
        f"health {sum(row.is_found for row in healthy)} of {len(healthy)}"
    )


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/sites/matrix", description=__doc__)
    parser.add_argument("sites", nargs="*", metavar="SITE", help=f"{', '.join(SITES)}; all where none is given")
    parser.add_argument("--jobs", type=int, default=5 * (os.cpu_count() or 2) // 2, help="how many copies of sites run side by side")
    parser.add_argument("--quiet", action="store_true", help="print only rows that are not right")
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
    with tempfile.TemporaryDirectory(prefix="smokegate-matrix-") as scratch:
        Path(scratch).chmod(0o755)
        matrix = Matrix(arguments, Path(scratch))
        matrix.runs.heed_signals()
        begun = time.monotonic()
        matrix.fill()
        seconds = time.monotonic() - begun
    matrix.tell_troubles()
    if matrix.runs.is_over.is_set():
        return 130
    exit_code = judge(matrix.rows)
    late = f": TOO LONG, it is to take less than {GOAL} s" if seconds > GOAL else ""
    print(f"{len(matrix.rows)} states in {seconds:.0f} s{late}")
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
