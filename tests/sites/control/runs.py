"""Programs that the matrix and the ladder run and wait for, and that end with them: by Ctrl-C, or when they are told to."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from pathlib import Path

from control import folders

LIMIT = 120
"""Seconds that a program may take."""
PATIENCE = 20
"""Seconds that it may clean up in when it is asked to end."""


def find_program() -> Path:
    """The smokegate that is tried."""
    named = os.environ.get("SMOKEGATE")
    return Path(named).resolve() if named else folders.CACHE.parent / "debug" / "smokegate"


class Interrupted(Exception):
    """All is to end."""


class Runs:
    """Programs that run, so that they can be ended."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.running: set[subprocess.Popen[str]] = set()
        self.is_over = threading.Event()

    def heed_signals(self) -> None:
        """Ends all when this program is asked to end."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.end_all)

    def end_all(self, *_: object) -> None:
        """Asks all programs to end, as by Ctrl-C; copies stop then."""
        self.is_over.set()
        for process in list(self.running):
            process.terminate()

    def go_on(self) -> None:
        """Fails where all is to end."""
        if self.is_over.is_set():
            raise Interrupted

    def run(self, command: list[Path | str], environment: dict[str, str], folder: Path | None = None) -> tuple[int, str, str]:
        """Runs a command, and tells its exit code and what it printed; -1 is one that was not done in time."""
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=folder,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        with self.lock:
            self.running.add(process)
        if self.is_over.is_set():
            process.terminate()
        try:
            return wait_for(process)
        finally:
            with self.lock:
                self.running.discard(process)


def wait_for(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Waits until it is done; it is asked to end after a while, and made to if it does not."""
    try:
        output, errors = process.communicate(timeout=LIMIT)
        return process.returncode, output, errors
    except subprocess.TimeoutExpired:
        process.terminate()
    try:
        output, errors = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        output, errors = process.communicate()
    return -1, output, f"{errors}\nnot done after {LIMIT} s\n"
