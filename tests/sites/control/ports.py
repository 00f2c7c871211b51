"""Ports that no other copy of this checkout is given, from the time that one is made until its folder is gone."""

import contextlib
import fcntl
import json
import random
import socket
from pathlib import Path

from control import folders

FIRST, LAST = 20000, 32000
"""Below those that the system gives to outgoing connections: a server comes back to its own."""
BLOCK = 16
"""Ports that a copy is given."""


def claim(names: list[str], owner: Path) -> dict[str, int]:
    """Free ports of these names, which are the owner's as long as its folder is there."""
    folders.CACHE.mkdir(parents=True, exist_ok=True)
    kept, fresh = folders.CACHE / "ports.json", folders.CACHE / "ports.json.new"
    with (folders.CACHE / "ports.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known: dict[str, str] = json.loads(kept.read_text()) if kept.exists() else {}
        claimed = {first: folder for first, folder in known.items() if Path(folder).is_dir()}
        blocks = [first for first in range(FIRST, LAST, BLOCK) if str(first) not in claimed]
        random.shuffle(blocks)
        first = next(first for first in blocks if are_free(range(first, first + len(names))))
        # Whole or not at all, also where we are killed now.
        fresh.write_text(json.dumps(claimed | {str(first): str(owner.resolve())}))
        fresh.replace(kept)
    return {name: first + offset for offset, name in enumerate(names)}


def are_free(ports: range) -> bool:
    """Whether nobody listens there now."""
    with contextlib.ExitStack() as stack:
        for port in ports:
            try:
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
