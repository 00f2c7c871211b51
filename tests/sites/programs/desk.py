"""Where a program is started, asked, and what it sends is stored."""

from __future__ import annotations

import http.client
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from control import folders, ports, processes

PAGES = folders.SITES.parent / "golden" / "pages"
PATIENCE = 30.0
"""Seconds that a program may take until it listens, and until it answers."""
HOST = "site.smokegate.test"
"""The name by which programs are asked, unless a page is about another one."""
ROOT = folders.SITES.parent.parent


PICTURE = re.compile(rb"(data:[\w/+.-]+;base64,)[A-Za-z0-9+/=]{200,}")


class Missing(Exception):
    """A program that is not installed; the message says how to get it."""


class Desk:
    """A folder of its own for one program, and what was stored of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.version = ""
        self.stored: list[str] = []

    def need(self, program: str, package: str) -> str:
        """The path of a program; the Debian package that has it is named where it is missing."""
        found = shutil.which(program, path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        if not found:
            raise Missing(f"apt-get install {package}")
        return found

    def read_version(self, command: list[str], line: int = 0) -> None:
        """Notes the version that a program tells of itself."""
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder)
        self.version = (done.stdout + done.stderr).strip().splitlines()[line].strip()

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def find_port(self) -> int:
        """A port where nothing listens."""
        return ports.claim(["one"], self.folder)["one"]

    @contextmanager
    def run(
        self,
        command: list[str | Path],
        port: int,
        folder: Path | None = None,
        environment: dict[str, str] | None = None,
        as_nobody: bool = False,
    ) -> Iterator[int]:
        """Runs a program that listens on a port, and ends it."""
        log = self.folder / "log"
        if as_nobody:
            self.give_away()
        place = folder or self.folder
        held = processes.start_program([str(part) for part in command], place, log, environment, as_nobody)
        try:
            processes.wait_until(lambda: processes.is_listening(port), held, log, PATIENCE)
            yield port
        finally:
            processes.end_program(held, signal.SIGTERM)

    def give_away(self) -> None:
        """Lets the one in whose name a program runs write here."""
        for path in [self.folder, *self.folder.rglob("*")]:
            shutil.chown(path, processes.NOBODY, processes.NOBODY)

    def ask(
        self,
        port: int,
        path: str = "/",
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: str | None = None,
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, {"Host": HOST, "Accept": "text/html,*/*"} | (headers or {}))
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def keep(self, name: str, mark: str, how: str, port: int, path: str = "/", **request: object) -> None:
        """Asks for a page and stores it. `name` is `CODE--PROGRAM_CASE`; `mark` names the fingerprint that it bears, none
        that of a healthy page."""
        self.store(name, mark, how, *self.ask(port, path, **request))

    def keep_shown(self, name: str, mark: str, how: str, port: int) -> None:
        """The same with what a browser makes of the home page."""
        browser = self.need("chromium-headless-shell", "chromium-headless-shell")
        options = ["--headless", "--no-sandbox", f"--user-data-dir={self.folder / 'browser'}", "--virtual-time-budget=5000"]
        command = [browser, *options, "--dump-dom", f"http://127.0.0.1:{port}/"]
        shown = subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE).stdout
        self.store(name, mark, how, self.ask(port)[0], shown)

    def store(self, name: str, mark: str, how: str, answer: http.client.HTTPResponse, body: bytes) -> None:
        lines = [f"# program: {self.version}", f"# how: {how}"]
        if mark:
            lines.append(f"# mark: {mark}")
        lines.append(f"HTTP/1.1 {answer.status} {answer.reason}".rstrip())
        length = {"content-length", "transfer-encoding"}
        lines += [f"{key}: {value}" for key, value in answer.getheaders() if key.lower() not in length]
        hidden = self.hide_folders(body)
        lines.append(f"Content-Length: {len(hidden)}")
        head = self.hide_folders("\n".join(lines).encode())
        target = PAGES / ("broken" if mark else "healthy") / f"{name}.http"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(head + b"\n\n" + hidden)
        self.stored.append(target.stem)
        print(f"  {answer.status} {len(hidden):7} {target.stem}", flush=True)

    def keep_when(self, status: int, name: str, mark: str, how: str, port: int, path: str = "/") -> None:
        """The same, once it answers so: some programs need a moment."""
        deadline = time.monotonic() + PATIENCE
        while self.ask(port, path)[0].status != status and time.monotonic() < deadline:
            time.sleep(0.1)
        self.keep(name, mark, how, port, path)

    def hide_folders(self, text: bytes) -> bytes:
        """Our own folders are nobody's business: they become such as a server has. Pictures in a page are cut."""
        places = {self.folder: "/srv/site", folders.VENV: "/srv/venv", folders.CACHE: "/srv", ROOT: "/srv/repository"}
        for place, shown in places.items():
            text = text.replace(str(place).encode(), shown.encode())
        return PICTURE.sub(rb"\1AAAA", text)
