"""`start SITE`, `stop SITE`, `fault SITE CODE on|off`, `fault SITE list`: `tests/sites/start` and its neighbours call this."""

import argparse
import json
import shlex
import signal
import sys
from pathlib import Path

from control import folders
from control.copy import Copy
from control.processes import StartError
from control.registry import SITES


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/sites", description="Real sites on loopback, and ways to break them.")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("site", choices=list(SITES), metavar="SITE", help=", ".join(SITES))
    shared.add_argument("--state", type=Path, default=folders.find_state_folder(), help="the folder of running copies")
    shared.add_argument("--shell", action="store_true", help="print `export NAME=value` lines instead of JSON")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("start", parents=[shared])
    commands.add_parser("stop", parents=[shared])
    fault = commands.add_parser("fault", parents=[shared])
    fault.add_argument("code", metavar="CODE", help="a state, or `list`")
    fault.add_argument("switch", nargs="?", choices=["on", "off"])
    return parser.parse_args()


def start(copy: Copy) -> None:
    if not folders.find_data(copy.site.name).is_dir():
        raise StartError("nothing is prepared: run tests/sites/install first")
    if (copy.folder / "state.json").exists():
        raise StartError(f"a copy is there already: {copy.folder}; stop it, or name another folder by --state")
    copy.folder.mkdir(parents=True)
    try:
        copy.create(folders.find_data(copy.site.name))
        copy.run_name_server()
        copy.deploy(None)
    except BaseException:
        copy.stop()
        raise


def switch_fault(copy: Copy, arguments: argparse.Namespace) -> None:
    wanted = copy.site.find_fault(arguments.code)
    if arguments.switch == "on":
        copy.deploy(wanted)
    elif copy.fault in (None, wanted.name):
        copy.deploy(None)
    else:
        raise StartError(f"{wanted.name} is not on: it is {copy.fault}")


def list_faults(name: str) -> None:
    faults = [*SITES[name].faults, *SITES[name].rungs]
    width = max(len(fault.name) for fault in faults)
    for fault in faults:
        print(f"{fault.name:{width}}  {fault.expected:28}  {fault.comment}")


def show(copy: Copy, as_shell: bool) -> None:
    if as_shell:
        for name, value in copy.runner.items():
            print(f"export {name}={shlex.quote(value)}")
    else:
        print(json.dumps(copy.describe(), indent=2))


def main() -> int:
    # What was begun is taken back, as by Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    arguments = read_arguments()
    copy = Copy(SITES[arguments.site], arguments.state.absolute() / arguments.site)
    try:
        if arguments.command == "start":
            start(copy)
        elif arguments.command == "fault" and arguments.code == "list":
            list_faults(arguments.site)
            return 0
        elif not (copy.folder / "state.json").exists():
            raise StartError(f"{arguments.site} is not running: there is no {copy.folder}")
        elif arguments.command == "stop":
            copy.load().stop()
            return 0
        else:
            switch_fault(copy.load(), arguments)
    except (StartError, KeyError, ValueError) as error:
        print(f"tests/sites: {error.args[0]}", file=sys.stderr)
        return 1
    show(copy, arguments.shell)
    return 0


if __name__ == "__main__":
    sys.exit(main())
