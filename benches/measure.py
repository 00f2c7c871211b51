"""Times whole processes by turns and prints medians: what the measurements in this folder share."""

import contextlib
import ctypes
import os
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

PROXIES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}
ENVIRONMENT = {k: v for k, v in os.environ.items() if k.lower() not in PROXIES} | {"NO_COLOR": "1"}
# As smokegate looks for it (src/run/browser/kind.rs), so that all that is compared drives the same program.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
LIMIT = 300  # seconds for any one command
PATIENCE = 1  # seconds in which what a command started may end after it
PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


# Who ends a measurement ends what it started, too.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


class Failed(Exception):
    """A command that did not do what is to be measured."""


class Table:
    """Measures and prints, a block for each question."""

    def __init__(self, runs):
        self.runs = runs
        self.failures = 0
        cores = len(os.sched_getaffinity(0))
        print(f"medians of {runs} runs (least to most), {cores} cores, load {os.getloadavg()[0]:.1f}\n")

    def compare(self, title, commands, against=None, mark=""):
        """Wall times of commands that run by turns."""
        self._measure(title, commands, run_timed, show_seconds, against, mark)

    def compare_with_processor(self, title, commands, mark=""):
        """Wall and processor times of the same runs; the browsers that a command starts are counted with it."""
        pairs = self._collect(title, commands, run_accounted, mark)
        for kind, index in (("wall", 0), ("processor", 1)):
            figures = {name: [pair[index] for pair in values] for name, values in pairs.items()}
            self._print(figures, show_seconds, "smokegate", f"{kind:10}")
        print(flush=True)

    def memory(self, title, commands, against=None, mark=""):
        """The most memory that each command holds at once."""
        if not Path("/usr/bin/time").exists():
            print(f"{title}: needs /usr/bin/time (apt-get install time)\n")
            self.failures += 1
            return
        self._measure(title, commands, run_weighed, lambda size: f"{size / 1e6:.1f} MB", against, mark)

    def _measure(self, title, commands, run, show, against, mark):
        self._print(self._collect(title, commands, run, mark), show, against)
        print(flush=True)

    def _collect(self, title, commands, run, mark):
        """What `run` says of each command, `runs` times, by turns."""
        print(title + (f"   (smokegate: {mark})" if mark else ""))
        seen = {}
        for name, command in commands.items():
            try:
                run_checked(command)  # also warms caches
                seen[name] = []
            except Failed as failure:
                self._fail(name, failure)
        for _ in range(self.runs):
            for name in list(seen):
                try:
                    seen[name].append(run(commands[name]))
                except Failed as failure:
                    self._fail(name, failure)
                    del seen[name]
        return seen

    def _fail(self, name, failure):
        print(f"  {name:12} not measured: {failure}")
        self.failures += 1

    @staticmethod
    def _print(seen, show, against, before=""):
        medians = {name: statistics.median(values) for name, values in seen.items()}
        for name, values in seen.items():
            ratio = ""
            if against in medians and name != against:
                ratio = f"{medians[name] / medians[against]:.2f} x {against}"
            spread = f"({show(min(values))} to {show(max(values))})"
            print(f"  {before}{name:12} {show(medians[name]):>12}  {spread:28} {ratio}".rstrip())


def find(*names):
    """The first of these programs that is there."""
    found = next(filter(None, map(shutil.which, names)), None)
    return found or sys.exit(f"needs {names[0]} (apt-get install chromium chromium-driver default-jre-headless)")


@contextlib.contextmanager
def started(smokegate, command):
    """What a server prints; it is up as long as the block.

    `smokegate guard` ends it, with all that it started, once its own standard input ends: however the block was left,
    and when this process is killed, too. Ctrl-C on a terminal must not reach the guard itself.
    """
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    command = [smokegate, "guard", *command]
    with subprocess.Popen(command, env=ENVIRONMENT, start_new_session=True, **pipes) as guard:
        try:
            yield guard.stdout
        finally:
            guard.stdin.close()


def wait_until(printed, is_up):
    """The first line that `is_up`, or none; what is printed afterwards is read too, as a full pipe would stop the server."""
    found = next(filter(is_up, printed), None)
    threading.Thread(target=lambda: [None for _ in printed], daemon=True).start()
    return found


@contextlib.contextmanager
def site(smokegate):
    """The address of the built-in site, which is up as long as the block."""
    with started(smokegate, [smokegate, "demo", "--keep-running"]) as printed:
        up = wait_until(printed, lambda line: line.startswith("the site is up at "))
        if up is None:
            sys.exit("the built-in site did not start")
        yield re.search(r"http://[^\s,]+", up)[0]


def show_seconds(seconds):
    return f"{seconds * 1000:.1f} ms"


def run_checked(command):
    """Runs a command once and makes sure that it succeeds."""
    try:
        done = subprocess.run(
            command, env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failed(str(error)) from error
    if done.returncode != 0:
        last = "\n    ".join((done.stdout + done.stderr).strip().splitlines()[-8:])
        raise Failed(f"exit code {done.returncode}\n    {last}")


def run_quietly(command):
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=ENVIRONMENT, **quiet) as process:
        # Not by `wait(timeout)`, which looks at growing intervals and would round every time up to one of them.
        watchdog = threading.Timer(LIMIT, process.kill)
        watchdog.start()
        try:
            code = process.wait()
        finally:
            watchdog.cancel()
            process.terminate()  # nothing to end, unless the measurement was ended
    if code != 0:
        raise Failed(f"it succeeded at first, then ended with {code}")


def run_timed(command):
    begun = time.perf_counter()
    run_quietly(command)
    return time.perf_counter() - begun


def run_weighed(command):
    # Not by our own `wait4`: what a child counts as its peak includes Python's memory from before its exec.
    with tempfile.NamedTemporaryFile("r") as report:
        run_quietly(["/usr/bin/time", "--format=%M", f"--output={report.name}", *command])
        return int(report.read().split()[-1]) * 1024


def run_accounted(command):
    """Wall and processor seconds of a command and of everything that it started."""
    told = subprocess.run(
        [sys.executable, __file__, *command], env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if told.returncode != 0:
        raise Failed(told.stderr.strip() or f"ended with {told.returncode}")
    wall, processor = map(float, told.stdout.split())
    return wall, processor


def account(command):
    """Prints what `run_accounted` reads. What a command leaves behind becomes a child of ours and is counted too."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        wall = run_timed(command)
    except Failed as failure:
        sys.exit(str(failure))
    left = end_orphans()
    if left:
        print(f"{command[0]} left {left} processes behind", file=sys.stderr)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(wall, used.ru_utime + used.ru_stime)


def end_orphans():
    """Waits for what a command left behind, ends what does not end by itself; gives back how many that were."""
    deadline, ended = time.monotonic() + PATIENCE, 0
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG) != (0, 0):
                continue
        except ChildProcessError:
            return ended
        if time.monotonic() > deadline:
            for process in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
                os.kill(int(process), signal.SIGKILL)
                ended += 1
        time.sleep(0.01)


if __name__ == "__main__":
    account(sys.argv[1:])
