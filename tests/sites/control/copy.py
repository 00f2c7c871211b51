"""A running copy of a site. What it needs to know from one command to the next is in `state.json` in its folder."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

from control import databases, folders, ports, processes
from control.fault import Fault
from control.site import SECRET, Program, Site

PORTS = ["http", "tls", "app", "other", "relay", "login", "names", "mariadb", "postgresql", "redis"]


class Copy:
    """A copy of a site in a folder of its own, on ports of its own."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site = site
        self.folder = folder
        self.release = folder / "release"
        self.ports: dict[str, int] = {}
        self.held: dict[str, list[int]] = {}
        self.fault: str | None = None
        self.forget_changes()

    def forget_changes(self) -> None:
        """What changes of a deployment may change."""
        self.environment: dict[str, str] = {}
        self.runner: dict[str, str] = {}
        self.stopped: set[str] = set()
        self.beside: list[tuple[str, list[str]]] = []
        self.programs = list(self.site.programs)

    # Its state, from one command to the next.

    def load(self) -> Copy:
        state = json.loads((self.folder / "state.json").read_text())
        self.ports, self.held, self.fault, self.runner = (state[key] for key in ("ports", "held", "fault", "runner"))
        return self

    def save(self) -> None:
        state = {"ports": self.ports, "held": self.held, "fault": self.fault, "runner": self.runner}
        (self.folder / "state.json").write_text(json.dumps(state, indent=2))

    # Places and addresses.

    def places(self) -> dict[str, str]:
        """What `@name@` stands for in configurations and commands."""
        return {
            **{f"{name}_port": str(port) for name, port in self.ports.items()},
            "host": self.site.host,
            "release": str(self.release),
            "app": str(self.release / "app"),
            "static": str(self.release / "static"),
            "data": str(self.folder / "data"),
            "log": str(self.folder / "log"),
            "nginx": str(self.folder / "nginx"),
            "certificates": str(folders.CERTIFICATES),
            "sites": str(folders.SITES),
            "venv": str(folders.VENV),
            "python": str(folders.PYTHON),
            "secret": SECRET,
        }

    def fill_in(self, text: str) -> str:
        """Puts places in for `@name@`; other text between two of these signs stays."""
        places = self.places()
        return re.sub(r"@(\w+)@", lambda found: places.get(found[1], found[0]), text)

    def server(self, kind: str) -> databases.Server:
        return databases.KINDS[kind](self.folder / kind, self.ports[kind])

    def database_url(self) -> str:
        if self.site.main_database == "sqlite":
            return f"sqlite:{self.folder}/data/site.sqlite3"
        return self.server(self.site.main_database).url()

    def execute(self, statement: str) -> None:
        """Runs statements on the site's database as the one who may do everything."""
        if self.site.main_database == "sqlite":
            with sqlite3.connect(self.folder / "data" / "site.sqlite3", timeout=5) as connection:
                connection.executescript(statement)
            connection.close()
        else:
            self.server(self.site.main_database).execute(statement)

    def describe(self) -> dict[str, object]:
        """What a person or a runner needs to know of it."""
        fault = self.site.find_fault(self.fault) if self.fault else None
        base = f"{self.site.host}:{self.ports['http']}"
        return {
            "site": self.site.name,
            "fault": self.fault,
            "expected": fault.expected if fault else None,
            "comment": fault.comment if fault else None,
            "url": self.runner[f"{self.site.prefix}_URL"],
            "resolve": "127.0.0.1",
            "http": f"http://{base}",
            "https": f"https://{self.site.host}:{self.ports['tls']}",
            "direct": f"http://127.0.0.1:{self.ports['app']}",
            "health": f"http://{base}/healthz",
            "database": self.database_url(),
            "folder": str(self.folder),
            "environment": self.runner,
        }

    def runner_environment(self) -> dict[str, str]:
        """What the specs find in their environment on a healthy site."""
        return {
            f"{self.site.prefix}_{name}": value
            for name, value in {
                "URL": f"http://{self.site.host}:{self.ports['http']}",
                "ADDRESS": "127.0.0.1",
                "CA": str(folders.CERTIFICATES / "ca.pem"),
                "DATABASE_URL": self.database_url(),
                "NAME_SERVER": f"127.0.0.1:{self.ports['names']}",
                "REVISION": read_revision(self.site),
            }.items()
        }

    # Its life.

    def create(self, prepared: Path) -> None:
        """Makes its folder with the prepared data, and starts its servers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ports = ports.claim(PORTS, self.folder)
        for name in ("log", "nginx"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        self.save()
        if (prepared / "data").is_dir():
            shutil.copytree(prepared / "data", self.folder / "data")
        else:
            (self.folder / "data").mkdir(exist_ok=True)
        for kind in self.site.servers:
            self.server(kind).copy_data(prepared / kind)
            self.start_server(kind)

    def start_server(self, kind: str) -> None:
        self.held[kind] = self.server(kind).start()
        self.save()

    def end_server(self, kind: str) -> None:
        processes.end_program(self.held.pop(kind), databases.KINDS[kind].end_signal)
        self.save()

    def deploy(self, fault: Fault | None) -> None:
        """Puts the release there anew, with a fault or without, and starts its programs."""
        self.end_programs()
        if self.fault:
            for change in reversed(self.site.find_fault(self.fault).changes):
                change.undo(self)
            self.fault = None
            self.save()
        self.forget_changes()
        self.put_release()
        self.runner = self.runner_environment()
        self.environment = self.site.environment(self)
        # Noted before it is done: what breaks off half-way is taken back by the next deployment.
        self.fault = fault.name if fault else None
        self.save()
        for change in fault.changes if fault else ():
            change.apply(self)
        for program in self.programs:
            if program.name not in self.stopped:
                self.run_program(program, waits=fault.waits if fault else True)
        for name, command in self.beside:
            self.run_beside(name, command)
        if "nginx" not in self.stopped:
            self.run_nginx()
        self.save()

    def put_release(self) -> None:
        shutil.rmtree(self.release, ignore_errors=True)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(self.site.folder / "app", self.release / "app", ignore=ignored)
        shutil.copy(self.site.folder / "nginx.conf", self.release / "nginx.conf")
        static = folders.CACHE / "static" / self.site.folder_name
        if static.is_dir():
            shutil.copytree(static, self.release / "static")
        (self.release / "app" / "REVISION").write_text(read_revision(self.site))

    def add_twin(self, environment: dict[str, str]) -> None:
        """Adds a second application, on the port `other`, in a folder of that name."""
        shutil.copytree(self.release / "app", self.release / "other")
        first = self.programs[0]
        command = [part.replace("@app_port@", "@other_port@") for part in first.command]
        filled = {name: self.fill_in(value) for name, value in environment.items()}
        self.programs.append(replace(first, name="other", folder="other", command=command, environment=filled))

    def run_program(self, program: Program, waits: bool) -> None:
        command = [self.fill_in(part) for part in program.command]
        log = self.folder / "log" / program.name
        environment = self.environment | program.environment
        held = processes.start_program(command, self.release / program.folder, log, environment)
        self.hold(program.name, held)
        port = self.ports[program.name]
        if waits:
            processes.wait_until(lambda: answers(port, program.health), held, log)
        else:
            # It comes up or it ends: nobody asks it anything.
            processes.wait_until(lambda: processes.is_listening(port) or not processes.is_running(held), held, log)

    def run_beside(self, name: str, command: list[str]) -> None:
        filled = [self.fill_in(part) for part in command]
        log = self.folder / "log" / name
        held = processes.start_program(filled, folders.SITES, log, self.environment)
        self.hold(name, held)
        port = self.ports[name]
        processes.wait_until(lambda: processes.is_listening(port), held, log)

    def run_nginx(self) -> None:
        own = self.folder / "nginx" / "nginx.conf"
        own.write_text(self.fill_in((folders.SITES / "control" / "nginx.conf").read_text()))
        site = self.release / "nginx.conf"
        site.write_text(self.fill_in(site.read_text()))
        log = self.folder / "log" / "nginx"
        command = ["nginx", "-q", "-p", str(self.folder / "nginx"), "-c", str(own), "-e", f"{log}-error.log"]
        held = processes.start_program(command, self.folder, log)
        self.hold("nginx", held)
        processes.wait_until(lambda: processes.is_listening(self.ports["http"]), held, log)

    def write_names(self, records: dict[str, list[str]]) -> None:
        (self.folder / "names.json").write_text(json.dumps(records))

    def run_name_server(self) -> None:
        self.write_names({self.site.host: ["127.0.0.1"]})
        command = [str(folders.PYTHON), "-m", "control.names", "@names_port@", str(self.folder / "names.json")]
        self.run_beside("names", command)

    def hold(self, name: str, held: list[int]) -> None:
        self.held[name] = held
        self.save()

    def end_programs(self) -> None:
        """Ends all but the servers of databases and names."""
        for name in [name for name in self.held if name not in (*self.site.servers, "names")]:
            processes.end_program(self.held.pop(name))
        self.save()

    def stop(self) -> None:
        """Ends everything and removes the folder."""
        for name, held in reversed(self.held.items()):
            kind = databases.KINDS.get(name)
            processes.end_program(held, *([kind.end_signal] if kind else []))
        shutil.rmtree(self.folder, ignore_errors=True)


def read_revision(site: Site) -> str:
    """The revision that a deployment of this site has: one for all, it is only compared."""
    return f"{site.folder_name}-2026.11"


def answers(port: int, path: str) -> bool:
    """Whether a program answers a request, with whatever status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
