"""What a fault is: a name, the diagnosis that is expected, and changes to what is deployed.

Most changes are edits of the release: of its files, its environment, its nginx configuration. They need no way back, as
every deployment begins with a fresh copy. Changes of a running database have an `undo`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from control import folders

if TYPE_CHECKING:
    from control.copy import Copy


@dataclass(frozen=True)
class Change:
    """Something that is done to a copy between putting its files there and starting its programs."""

    apply: Callable[[Copy], None]
    undo: Callable[[Copy], None] = lambda copy: None


@dataclass(frozen=True)
class Fault:
    """A state. Its name is the code that is expected, `:variant` behind it where there are several ways to it; `expected`
    says where an outsider sees something else. `exit_code`: 3 where the site is healthy and the fault is the
    runner's. `waits`: whether the application comes up and may be asked before."""

    name: str
    comment: str
    changes: tuple[Change, ...]
    expected: str
    exit_code: int
    waits: bool


def fault(
    name: str,
    comment: str,
    *changes: Change,
    expected: str = "",
    exit_code: int = 1,
    waits: bool = True,
) -> Fault:
    """Describes a fault."""
    return Fault(name, comment, changes, expected or name.partition(":")[0], exit_code, waits)


def find_files(copy: Copy, pattern: str) -> list[Path]:
    """The files of the release that match; there is at least one."""
    found = [path for path in copy.release.glob(pattern) if path.is_file()]
    if not found:
        raise ValueError(f"there is no {pattern}")
    return found


def edit(pattern: str, old: str, new: str) -> Change:
    """Replaces text in files of the release, wherever it stands; it must be there."""

    def apply(copy: Copy) -> None:
        for file in find_files(copy, pattern):
            text = file.read_text()
            if old not in text:
                raise ValueError(f"{pattern} has no {old!r}")
            file.write_text(text.replace(old, new))

    return Change(apply)


def append(pattern: str, text: str) -> Change:
    """Text at the end of files of the release."""

    def apply(copy: Copy) -> None:
        for path in find_files(copy, pattern):
            path.write_text(path.read_text() + text)

    return Change(apply)


def empty(pattern: str) -> Change:
    """Files of the release without content."""

    def apply(copy: Copy) -> None:
        for path in find_files(copy, pattern):
            path.write_text("")

    return Change(apply)


def write(path: str, text: str) -> Change:
    """Writes a file of the release; `@place@` stands for places."""

    def apply(copy: Copy) -> None:
        (copy.release / path).parent.mkdir(parents=True, exist_ok=True)
        (copy.release / path).write_text(copy.fill_in(text))

    return Change(apply)


def remove(pattern: str) -> Change:
    """Removes files of the release."""

    def apply(copy: Copy) -> None:
        for path in find_files(copy, pattern):
            path.unlink()

    return Change(apply)


def env(**variables: str | None) -> Change:
    """Sets variables of the application's environment; none takes one away."""

    def apply(copy: Copy) -> None:
        for name, value in variables.items():
            copy.environment.pop(name, None)
            if value is not None:
                copy.environment[name] = copy.fill_in(value)

    return Change(apply)


def stop(name: str) -> Change:
    """A program, or nginx, is not started."""
    return Change(lambda copy: copy.stopped.add(name))


def beside(name: str, *command: str) -> Change:
    """Another program runs beside those of the site, on the port of its name."""
    return Change(lambda copy: copy.beside.append((name, list(command))))


def run_instead(name: str, *command: str) -> Change:
    """A program of the site is started by another command."""

    def apply(copy: Copy) -> None:
        copy.programs = [
            replace(program, command=list(command)) if program.name == name else program for program in copy.programs
        ]

    return Change(apply)


def relay(mode: str, name: str = "relay") -> Change:
    """A server that answers wrongly, on the port of that name: its own, or one of a program that is stopped."""
    return beside(name, str(folders.PYTHON), "-m", "control.relay", mode, f"@{name}_port@")


def runner(**variables: str) -> Change:
    """What the specs find in their environment instead: URL, ADDRESS, REVISION, ..."""

    def apply(copy: Copy) -> None:
        for name, value in variables.items():
            copy.runner[f"{copy.site.prefix}_{name}"] = copy.fill_in(value)

    return Change(apply)


def over_https() -> Change:
    """The specs are run over https."""
    return runner(URL="https://@host@:@tls_port@")


def names(addresses: dict[str, list[str]]) -> Change:
    """What the name server knows; `@host@` stands for the site's name."""
    return Change(
        lambda copy: copy.write_names({copy.fill_in(name): value for name, value in addresses.items()}),
        lambda copy: copy.write_names({copy.site.host: ["127.0.0.1"]}),
    )


def sql(on: str, off: str) -> Change:
    """Statements on the site's database, by the one who may do everything, and those that take them back."""
    return Change(lambda copy: copy.execute(on), lambda copy: copy.execute(off))


def copy_data(name: str, new: str) -> Change:
    """Another file with the same data, beside the database of a site on SQLite."""
    return Change(lambda copy: shutil.copy(copy.folder / "data" / name, copy.folder / "data" / new) and None)


def hold_lock(statement: str) -> Change:
    """Somebody else holds a lock on the site's database."""

    def apply(copy: Copy) -> None:
        program = [str(folders.PYTHON), "-m", "control.hold", "@relay_port@"]
        copy.beside.append(("relay", [*program, copy.database_url(), statement]))

    return Change(apply)


def stop_server(kind: str) -> Change:
    """A database server is not there."""
    return Change(lambda copy: copy.end_server(kind), lambda copy: copy.start_server(kind))
