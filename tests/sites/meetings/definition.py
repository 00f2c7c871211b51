"""The meetings: FastAPI, SQLAlchemy's asynchronous half and MariaDB."""

import subprocess

from control import databases, folders
from control.copy import Copy
from control.site import Program, Site
from meetings.faults import FAULTS, RUNGS

UVICORN = Program("app", ["@venv@/bin/uvicorn", "main:app", "--host=127.0.0.1", "--port=@app_port@"])


class Meetings(Site):
    """The service. Primary and replica are one server here, with two logins."""

    def environment(self, copy: Copy) -> dict[str, str]:
        server = copy.server("mariadb")
        assert isinstance(server, databases.MariaDb)
        hosts = f"{self.host},127.0.0.1"
        return {"PRIMARY_URL": server.url(), "REPLICA_URL": server.url("reader"), "ALLOWED_HOSTS": hosts}

    def fill_database(self, copy: Copy) -> None:
        command = [str(folders.PYTHON), "fill.py"]
        subprocess.run(command, cwd=copy.release / "app", env=copy.environment, check=True, capture_output=True)


MEETINGS = Meetings(
    "meetings", "meetings", "mariadb", servers=("mariadb",), programs=[UVICORN], faults=FAULTS, rungs=RUNGS
)
