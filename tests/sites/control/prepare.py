"""What `install` makes once: certificates, and databases with their schema. `python -m control.prepare` makes what is
missing or older than its sources."""

import hashlib
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from control import databases, folders, ports, tls
from control.copy import Copy
from control.registry import SITES
from control.site import Site


def hash_files(*roots: Path) -> str:
    digest = hashlib.sha256()
    for root in roots:
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            if "__pycache__" not in path.parts and "node_modules" not in path.parts:
                digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def is_fresh(folder: Path, stamp: str) -> bool:
    file = folder / "stamp"
    return file.is_file() and file.read_text() == stamp


def prepare_certificates() -> None:
    stamp = hashlib.sha256(Path(tls.__file__).read_bytes()).hexdigest()
    if not is_fresh(folders.CERTIFICATES, stamp):
        shutil.rmtree(folders.CERTIFICATES, ignore_errors=True)
        tls.make_certificates(folders.CERTIFICATES)
        (folders.CERTIFICATES / "stamp").write_text(stamp)


def prepare_servers() -> None:
    """Data of database servers with the logins and an empty database."""
    for kind in ("mariadb", "postgresql"):
        goal = folders.find_data("empty") / kind
        stamp = hashlib.sha256(Path(databases.__file__).read_bytes()).hexdigest()
        if is_fresh(goal.with_suffix(".made"), stamp):
            continue
        with tempfile.TemporaryDirectory(prefix="smokegate-sites-") as folder:
            Path(folder).chmod(0o755)
            server = databases.KINDS[kind](Path(folder) / kind, ports.claim([kind], Path(folder))[kind])
            server.create()
            keep(server.folder / "data", goal)
        write_stamp(goal.with_suffix(".made"), stamp)


def prepare_site(site: Site) -> None:
    """Its static files and its filled database."""
    goal = folders.find_data(site.name)
    stamp = hash_files(site.folder / "app", site.folder / "web")
    for file in (site.folder / "definition.py", Path(databases.__file__)):
        stamp += hashlib.sha256(file.read_bytes()).hexdigest()
    if is_fresh(goal.with_suffix(".made"), stamp):
        return
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="smokegate-sites-") as folder:
        copy = Copy(site, Path(folder) / site.name)
        copy.folder.mkdir()
        Path(folder).chmod(0o755)
        try:
            copy.create(folders.find_data("empty"))
            copy.put_release()
            shutil.rmtree(copy.release / "static", ignore_errors=True)
            copy.environment = site.environment(copy)
            site.build(copy)
            if (copy.release / "static").is_dir():
                keep(copy.release / "static", folders.CACHE / "static" / site.folder_name)
            site.fill_database(copy)
            shutil.rmtree(goal, ignore_errors=True)
            for kind in set(site.servers) - {"redis"}:
                copy.server(kind).end_cleanly(copy.held.pop(kind))
                keep(copy.folder / kind / "data", goal / kind)
            keep(copy.folder / "data", goal / "data")
        finally:
            copy.stop()
    write_stamp(goal.with_suffix(".made"), stamp)
    print(f"{site.name}: prepared in {time.monotonic() - begun:.1f} s")


def keep(source: Path, goal: Path) -> None:
    shutil.rmtree(goal, ignore_errors=True)
    shutil.copytree(source, goal)


def write_stamp(folder: Path, stamp: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stamp").write_text(stamp)


if __name__ == "__main__":
    # Servers that were started end, as by Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    prepare_certificates()
    prepare_servers()
    for site in SITES.values():
        prepare_site(site)
    sys.exit(0)
