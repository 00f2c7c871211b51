"""What a site is: its programs, its environment, what is prepared once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from control import folders

if TYPE_CHECKING:
    from control.copy import Copy
    from control.fault import Fault

SECRET = "only-for-tests-on-loopback-0123456789"


@dataclass(frozen=True)
class Program:
    """A program of the site: its name, which is also that of its port, and its command with `@place@` for places."""

    name: str
    command: list[str]
    health: str = "/healthz"
    folder: str = "app"
    environment: dict[str, str] = field(default_factory=dict)


@dataclass
class Site:
    """A site. `main_database` is the kind of its database: `sqlite`, or one of `servers`."""

    name: str
    folder_name: str
    main_database: str
    servers: tuple[str, ...] = ()
    programs: list[Program] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rungs: list[Fault] = field(default_factory=list)
    """States that the ladder alone plays: those of other sites that this one lacks."""

    @property
    def folder(self) -> Path:
        return folders.SITES / self.folder_name

    @property
    def host(self) -> str:
        return f"{self.folder_name}.smokegate.test"

    @property
    def prefix(self) -> str:
        """What the names of the variables for its specs begin with."""
        return self.folder_name.upper()

    def environment(self, copy: Copy) -> dict[str, str]:
        """What its programs find in their environment."""
        raise NotImplementedError

    def build(self, copy: Copy) -> None:
        """Makes the static files of a release, once: into `release/static`."""

    def fill_database(self, copy: Copy) -> None:
        """Makes tables and fixtures, once."""
        raise NotImplementedError

    def find_fault(self, name: str) -> Fault:
        for fault in [*self.faults, *self.rungs]:
            if fault.name == name:
                return fault
        raise KeyError(f"{self.name} has no fault {name}: `tests/sites/fault {self.name} list` shows them all")
