"""Starts real programs, asks for the pages that they have for broken deployments, and stores them in tests/golden/pages.

What a program sends differs a little from time to time (dates, secrets, addresses): it is stored, not compared. The test
of the fingerprints reads what is stored. Programs that are not installed are named and left as they were.

Exit code 0: all that were asked for are stored; 1: some could not be.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
from pathlib import Path

from programs import databases, gates, java, node, php, python, ruby, web
from programs.desk import Desk, Missing

PROGRAMS = {
    name: program
    for family in (web, gates, python, databases, node, php, java, ruby)
    for name, program in family.PROGRAMS.items()
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests/sites/capture", description=__doc__)
    parser.add_argument("programs", nargs="*", metavar="PROGRAM", help=f"{', '.join(PROGRAMS)}; all where none is given")
    arguments = parser.parse_args()
    absent, broken, count = [], [], 0
    for name in arguments.programs or PROGRAMS:
        print(name, flush=True)
        with tempfile.TemporaryDirectory(prefix="smokegate-capture-") as folder:
            Path(folder).chmod(0o755)
            desk = Desk(Path(folder))
            try:
                PROGRAMS[name](desk)
            except Missing as error:
                absent.append(f"{name}: {error}")
            except Exception:
                broken.append(name)
                traceback.print_exc()
                log = Path(folder) / "log"
                print(log.read_text(errors="replace")[-2000:] if log.exists() else "", file=sys.stderr)
            count += len(desk.stored)
    print(f"\n{count} pages stored; not here: {'; '.join(absent) or 'nothing'}; broke: {', '.join(broken) or 'nothing'}")
    return 1 if absent or broken else 0


if __name__ == "__main__":
    sys.exit(main())
