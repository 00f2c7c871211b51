"""The accounts: Flask, JSON Web Tokens and PostgreSQL."""

import subprocess

from accounts.faults import FAULTS, RUNGS
from control import folders
from control.copy import Copy
from control.site import SECRET, Program, Site

GUNICORN = Program(
    "app",
    [
        "@venv@/bin/gunicorn",
        "accounts:app",
        "--bind=127.0.0.1:@app_port@",
        "--graceful-timeout=1",
        "--no-control-socket",
        "--preload",
    ],
)


class Accounts(Site):
    """The API."""

    def environment(self, copy: Copy) -> dict[str, str]:
        return {"SECRET_KEY": SECRET, "DATABASE_URL": copy.database_url(), "WEB_CONCURRENCY": "2"}

    def fill_database(self, copy: Copy) -> None:
        command = [str(folders.PYTHON), "fill.py"]
        subprocess.run(command, cwd=copy.release / "app", env=copy.environment, check=True, capture_output=True)


ACCOUNTS = Accounts(
    "accounts", "accounts", "postgresql", servers=("postgresql",), programs=[GUNICORN], faults=FAULTS, rungs=RUNGS
)
