"""The notes: one page built by Vite, an API in Flask, PostgreSQL."""

import shutil
import subprocess

from control import folders
from control.copy import Copy
from control.site import Program, Site
from spa.faults import FAULTS, RUNGS

GUNICORN = Program(
    "app",
    [
        "@venv@/bin/gunicorn",
        "api:app",
        "--bind=127.0.0.1:@app_port@",
        "--graceful-timeout=1",
        "--no-control-socket",
        "--preload",
    ],
)


class Spa(Site):
    """The site. `install` has built its page."""

    def environment(self, copy: Copy) -> dict[str, str]:
        return {"DATABASE_URL": copy.database_url(), "WEB_CONCURRENCY": "2"}

    def build(self, copy: Copy) -> None:
        shutil.copytree(folders.CACHE / "spa" / "dist", copy.release / "static")

    def fill_database(self, copy: Copy) -> None:
        command = [str(folders.PYTHON), "fill.py"]
        subprocess.run(command, cwd=copy.release / "app", env=copy.environment, check=True, capture_output=True)


SPA = Spa("spa", "spa", "postgresql", servers=("postgresql",), programs=[GUNICORN], faults=FAULTS, rungs=RUNGS)
