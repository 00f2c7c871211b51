"""Private database servers: each copy of a site has its own, with a prepared folder of data."""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from control import processes

PASSWORD = "peacock-feathers"
"""The password of the application's login."""
READER_PASSWORD = "net-trout"
"""That of the login that may only read."""
DATABASE = "site"


class Server:
    """What the kinds of servers have in common."""

    kind = ""
    end_signal = signal.SIGKILL

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.log = folder / "log"

    def start(self) -> list[int]:
        """Starts it, waits until it answers, and tells its id."""
        self.give_away()
        held = processes.start_program(self.command(), self.folder, self.log, as_nobody=True)
        with self.ending_unless_done(held):
            processes.wait_until(lambda: processes.is_listening(self.port) and self.answers(), held, self.log)
        return held

    @contextlib.contextmanager
    def ending_unless_done(self, held: list[int]) -> Iterator[None]:
        """Ends a program where what is done with it breaks off: nobody else holds it yet."""
        try:
            yield
        except BaseException:
            processes.end_program(held, self.end_signal)
            raise

    def give_away(self) -> None:
        """Gives its folder to the user that it runs as."""
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", f"{processes.NOBODY}:{processes.NOBODY}", self.folder], check=True)

    def run_unprivileged(self, command: list[str]) -> None:
        self.give_away()
        held = processes.start_program(command, self.folder, self.log, as_nobody=True)
        with self.ending_unless_done(held):
            _, status = os.waitpid(held[0], 0)
        if status:
            raise processes.StartError(f"{command[0]}: {self.log.read_text(errors='replace')[-2000:]}")

    def command(self) -> list[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        return True

    def copy_data(self, prepared: Path) -> None:
        """Takes the data that was prepared."""
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(prepared, self.folder / "data")


class MariaDb(Server):
    """The site's login is `app`, that which may only read is `reader`."""

    kind = "mariadb"

    def create(self) -> None:
        """Makes new data: an empty database and the logins."""
        self.folder.mkdir(parents=True, exist_ok=True)
        options = ["--no-defaults", f"--datadir={self.folder}/data", "--auth-root-authentication-method=normal"]
        small = ["--skip-test-db", "--innodb-log-file-size=4M", "--innodb-flush-log-at-trx-commit=0"]
        self.run_unprivileged(["mariadb-install-db", *options, *small])
        held = self.start()
        with self.ending_unless_done(held):
            self.execute(
                f"""create database {DATABASE} character set utf8mb4;
                delete from mysql.global_priv where User = ''; flush privileges;
                create user app identified by '{PASSWORD}'; grant all on {DATABASE}.* to app;
                create user reader identified by '{READER_PASSWORD}'; grant select on {DATABASE}.* to reader;""",
                database="mysql",
            )
            self.end_cleanly(held)

    def end_cleanly(self, held: list[int]) -> None:
        self.execute("set global innodb_fast_shutdown = 0")
        processes.end_program(held, patience=30)

    def command(self) -> list[str]:
        return [
            "mariadbd",
            "--no-defaults",
            f"--datadir={self.folder}/data",
            f"--port={self.port}",
            f"--socket={self.folder}/socket",
            f"--pid-file={self.folder}/pid",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--innodb-log-file-size=4M",
            "--innodb-buffer-pool-size=16M",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-use-native-aio=0",
            "--performance-schema=off",
        ]

    def answers(self) -> bool:
        return self.run_client("mysql", "select 1").returncode == 0

    def execute(self, statement: str, database: str = DATABASE) -> str:
        """Runs statements as root, and tells what came back."""
        done = self.run_client(database, statement)
        if done.returncode:
            raise processes.StartError(f"{statement}: {done.stderr}")
        return done.stdout

    def run_client(self, database: str, statement: str) -> subprocess.CompletedProcess[str]:
        login = ["mariadb", "--no-defaults", "--user=root", f"--socket={self.folder}/socket", "-N", "-B"]
        return subprocess.run([*login, database, "--execute", statement], capture_output=True, text=True)

    def url(self, user: str = "app") -> str:
        password = PASSWORD if user == "app" else READER_PASSWORD
        return f"mysql://{user}:{password}@127.0.0.1:{self.port}/{DATABASE}"


class PostgreSql(Server):
    """The site's login is `app`, who owns the database; `chief` may do everything."""

    kind = "postgresql"
    end_signal = signal.SIGQUIT

    def create(self) -> None:
        """Makes new data: an empty database and the logins."""
        self.folder.mkdir(parents=True, exist_ok=True)
        options = ["-D", f"{self.folder}/data", "--no-sync", "-A", "scram-sha-256", "-U", "chief", "-E", "UTF8"]
        (self.folder / "password").write_text(PASSWORD)
        secret = ["--no-locale", f"--pwfile={self.folder}/password"]
        self.run_unprivileged([str(find_postgresql("initdb")), *options, *secret])
        held = self.start()
        with self.ending_unless_done(held):
            self.execute(f"create role app login password '{PASSWORD}'", "postgres")
            self.execute(f"create role reader login password '{READER_PASSWORD}'", "postgres")
            self.execute(f"create database {DATABASE} owner app", "postgres")
            self.execute("alter default privileges for role app grant select on tables to reader")
            self.end_cleanly(held)

    def end_cleanly(self, held: list[int]) -> None:
        processes.end_program(held, signal.SIGINT, patience=30)

    def command(self) -> list[str]:
        settings = ["listen_addresses=127.0.0.1", "fsync=off", "max_wal_size=64MB", "shared_buffers=16MB"]
        options = [part for setting in settings for part in ("-c", setting)]
        data = ["-D", f"{self.folder}/data", "-p", str(self.port), "-k", str(self.folder)]
        return [str(find_postgresql("postgres")), *data, *options]

    def answers(self) -> bool:
        return self.run_client("postgres", "select 1").returncode == 0

    def execute(self, statement: str, database: str = DATABASE) -> str:
        """Runs a statement as the superuser, and tells what came back."""
        done = self.run_client(database, statement)
        if done.returncode:
            raise processes.StartError(f"{statement}: {done.stderr}")
        return done.stdout

    def run_client(self, database: str, statement: str) -> subprocess.CompletedProcess[str]:
        login = ["-h", "127.0.0.1", "-U", "chief", "-p", str(self.port), "-d", database]
        command = [str(find_postgresql("psql")), "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", *login]
        environment = os.environ | {"PGPASSWORD": PASSWORD}
        return subprocess.run([*command, "-c", statement], env=environment, capture_output=True, text=True)

    def url(self, user: str = "app") -> str:
        password = PASSWORD if user == "app" else READER_PASSWORD
        return f"postgres://{user}:{password}@127.0.0.1:{self.port}/{DATABASE}"


class Redis(Server):
    """Without a file: what it holds is gone with it."""

    kind = "redis"

    def command(self) -> list[str]:
        return ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]

    def copy_data(self, prepared: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"


KINDS: dict[str, type[Server]] = {kind.kind: kind for kind in (MariaDb, PostgreSql, Redis)}


def find_postgresql(name: str) -> Path:
    """A program of PostgreSQL: Debian keeps the server's apart, by version."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if not found:
        raise processes.StartError(f"there is no {name} in /usr/lib/postgresql: run tests/sites/install")
    return found[-1]
