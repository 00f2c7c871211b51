"""Programs in the background. They are held by id and start time, so that an id that was given away again is left alone."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

NOBODY = 65534
"""Whom the databases run as where we are root: PostgreSQL refuses root."""


class StartError(Exception):
    """A program that does not come up; the message ends with its log."""


def start_program(
    command: list[str], folder: Path, log: Path, environment: dict[str, str] | None = None, as_nobody: bool = False
) -> list[int]:
    """Starts a program in a process group of its own, and tells its id and when it was started."""
    identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if as_nobody and os.geteuid() == 0 else {}
    own = {"PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", "HOME": str(folder), "LANG": "C.UTF-8"}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env=own | (environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **identity,
        )
    return [process.pid, read_start_time(process.pid) or 0]


def read_start_time(pid: int) -> int | None:
    """When a process was started, in clock ticks since boot; none where it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else int(fields[19])


def is_running(held: list[int]) -> bool:
    pid, started = held
    return read_start_time(pid) == started


def end_program(held: list[int], how: signal.Signals = signal.SIGTERM, patience: float = 3.0) -> None:
    """Ends a program and those that it started: politely first, then for certain. Where it has ended by itself those that
    it started may still be there: they stand in its group, and as long as they do nobody else is given its id."""
    pid = held[0]
    if read_start_time(pid) not in (None, held[1]):
        return
    if is_running(held):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
    deadline = time.monotonic() + patience
    while is_running(held) and time.monotonic() < deadline:
        time.sleep(0.01)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def wait_until(is_up: Callable[[], bool], held: list[int], log: Path, patience: float = 60.0) -> None:
    """Waits until a program is up; fails where it ends, or takes too long."""
    deadline = time.monotonic() + patience
    while not is_up():
        if not is_running(held) or time.monotonic() > deadline:
            why = "ended" if not is_running(held) else "does not come up"
            raise StartError(f"a program {why}: {log}\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.02)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def list_those_that_know(folder: Path) -> list[str]:
    """Processes with a folder in their command, their environment or as the place that they work in."""
    found, sought = [], os.fsencode(folder)
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes()
            told = [command, (process / "environ").read_bytes(), os.fsencode((process / "cwd").readlink())]
            if any(sought in text for text in told) and int(process.name) != os.getpid():
                found.append(f"{process.name} {command.replace(bytes(1), b' ').decode(errors='replace')}")
    return found
